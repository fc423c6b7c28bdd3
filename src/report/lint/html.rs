//! What lint saw to one HTML file that needs nothing else: the arrival chart first, then findings, headers and times.

use std::io;

use maud::{Markup, html};

use super::{Session, cause, chart, facts, losses, preview};
use crate::lint::exchange::Seen;
use crate::lint::finding::Finding;
use crate::lint::verdict::CANNOT_TELL;
use crate::report::escape;
use crate::report::html::frame::Frame;
use crate::report::html::rich;

const STYLE: &str = include_str!("lint.css");

/// The whole session.
///
/// # Errors
///
/// None.
pub fn document(session: &Session) -> io::Result<Vec<u8>> {
    let verdict = escape::prose(&session.verdict);
    let frame = Frame {
        title: &format!("Event stream: {verdict}"),
        style: STYLE,
        script: None,
    };
    let document = frame.around(&page(session, &verdict));
    Ok(document.into_string().into_bytes())
}

fn page(session: &Session, verdict: &str) -> Markup {
    html! {
        header {
            p.source { code { (escape::prose(&session.source)) } }
            h1 { (verdict) }
            @if session.is_cause_unknown() { p.note { (CANNOT_TELL) } }
        }
        main {
            (arrival(session))
            (body(session))
            (findings(&session.findings))
            h2 { "Next" }
            pre { code { (escape::prose(&session.next)) } }
            h2 { "Figures" }
            (figures(session))
            @if let Some(head) = &session.seen.head {
                h2 { "Headers" }
                table.headers {
                    @for (name, value) in &head.headers {
                        tr { th scope="row" { (escape::prose(name)) } td { code { (escape::prose(value)) } } }
                    }
                }
            }
        }
        footer { "Written by ssespec " (env!("CARGO_PKG_VERSION")) "." }
    }
}

fn arrival(session: &Session) -> Markup {
    let seen = &session.seen;
    if !seen.is_timed || seen.n_events == 0 {
        return html! {};
    }
    let mut answers: Vec<(&str, &Seen)> = Vec::new();
    match &session.against {
        Some((_, origin)) => answers.extend([("here", seen), ("there", origin)]),
        None => answers.push(("events so far", seen)),
    }
    html! {
        h2 { "Arrival" }
        (chart::chart(&answers))
        @if let Some((name, _)) = &session.against {
            p.note { "here: " code { (escape::prose(&session.source)) } ", there: " code { (escape::prose(name)) } }
        }
    }
}

fn body(session: &Session) -> Markup {
    if session.seen.is_stream {
        return html! {};
    }
    html! {
        h2 { "What came instead" }
        pre { code { @for line in preview(session, 20, 200) { (line) "\n" } } }
    }
}

fn findings(findings: &[Finding]) -> Markup {
    html! {
        h2 { "Findings" }
        @if findings.is_empty() { p { "None." } }
        @for finding in findings {
            section.finding {
                h3 {
                    span class=(format!("mark {}", finding.severity().word())) { (finding.severity().word()) }
                    " " code { (finding.rule.id) }
                }
                @let cause = cause(finding);
                @if !cause.is_empty() { p { code { (cause) } } }
                p { (rich(finding.rule.what)) " " (rich(finding.rule.advice)) }
                @let losses = losses(finding, usize::MAX);
                @if !losses.is_empty() { p.note { "Seen in our own runs of " (losses) "." } }
                @if let Some(clause) = finding.rule.clause { p.note { "Clause " code { (clause) } } }
            }
        }
    }
}

fn figures(session: &Session) -> Markup {
    let mut columns = vec![("here", facts(&session.seen))];
    columns.extend(
        session
            .against
            .iter()
            .map(|(_, origin)| ("there", facts(origin))),
    );
    columns.extend(session.again.iter().map(|again| ("again", facts(again))));
    html! {
        table.figures {
            @for (name, facts) in &columns {
                @for (word, fact) in facts {
                    tr {
                        th scope="row" { @if columns.len() > 1 { (name) ": " } (word) }
                        td { (fact) }
                    }
                }
            }
        }
    }
}
