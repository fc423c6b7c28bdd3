//! Findings of searches to one HTML file that needs nothing else, not even a script.

use std::io;

use maud::{Markup, html};

use super::comparison::{self, Row};
use super::frame::Frame;
use super::implementation::{self, STREAM_WIDTH};
use super::{STYLE, link, rich};
use crate::report::escape;
use crate::report::found::{Finding, Findings, Searched, shown, terminal};
use crate::report::terminal::plural;

const TITLE: &str = "Server-Sent Events: findings";

/// Writes the file.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, findings: &Findings) -> io::Result<()> {
    let frame = Frame {
        title: TITLE,
        style: STYLE,
        script: None,
    };
    out.write_all(frame.around(&body(findings)).into_string().as_bytes())
}

fn body(findings: &Findings) -> Markup {
    html! {
        a.skip href="#content" { "Skip to the content" }
        header {
            h1 { (TITLE) }
            p.about { (terminal::total(findings)) " · ssespec " (escape::prose(&findings.version)) }
        }
        main #content tabindex="-1" {
            @for target in &findings.targets { (section(findings, target)) }
        }
        footer { p { "Written by ssespec " (escape::prose(&findings.version)) "." } }
    }
}

fn section(findings: &Findings, target: &Searched) -> Markup {
    html! {
        article.target {
            h2 { (escape::prose(&target.name)) }
            p.about {
                (escape::prose(&target.about()))
                @if let Some(url) = link::external(&target.homepage) {
                    " · " a href=(url) rel="noreferrer" { "home page" }
                }
            }
            @for sentence in terminal::sentences(target) { p.about { (sentence) } }
            @for search in &target.searches {
                @if let Some(trouble) = &search.trouble { p.trouble { (rich(trouble)) } }
            }
            @for finding in &target.findings { (entry(findings, target, finding)) }
            @if target.findings.is_empty() { p { "Nothing was found." } }
        }
    }
}

fn entry(findings: &Findings, target: &Searched, finding: &Finding) -> Markup {
    let clause = findings.clauses.find(&finding.clause);
    let before = shown::before(finding, STREAM_WIDTH);
    html! {
        article.finding {
            h3 { code { (escape::prose(&finding.heading())) } }
            @if let Some(warning) = finding.warning() { p.trouble { strong { (warning) } } }
            p { (rich(&finding.sentence)) }
            @for (name, sentence) in &finding.alternatives {
                p.about { "It could as well be " code { (escape::prose(name)) } ": " (rich(sentence)) " What the implementation shows does not tell which." }
            }
            p.about {
                "Clause "
                @match clause {
                    Some(clause) => {
                        a href=(clause.url()) rel="noreferrer" { code { (escape::prose(&clause.id)) } }
                        " " (implementation::level(clause.level)) " " (rich(&clause.requirement))
                    },
                    None => code { (escape::prose(&finding.clause)) },
                }
            }
            dl.example {
                @for emitted in &finding.emitted {
                    dt { "emitted" }
                    dd { code { (escape::shortened(emitted, STREAM_WIDTH)) } }
                }
                dt { @if finding.emitted.is_empty() { "stream" } @else { "wire" } }
                dd { code { (escape::stream(&finding.delivery, STREAM_WIDTH)) } }
                @if !before.is_empty() {
                    dt { "after" }
                    dd {
                        (plural(before.len(), "other stream")) " in the same process"
                        @for asked in &before { br; code { (asked) } }
                    }
                }
                (compared(finding))
                dt { "seen by" }
                dd { (escape::prose(&finding.seen_by.join(", "))) }
                @if let Some(command) = shown::rerun(target, finding) {
                    dt { "again" }
                    dd { code { (command) } }
                }
            }
        }
    }
}

/// The rows in which both sides differ, and what rows do not show.
fn compared(finding: &Finding) -> Markup {
    let Some(failing) = &finding.failing else {
        return html! {};
    };
    let comparison = comparison::compare(&finding.expected, failing);
    html! {
        @for Row { label, expected, observed, differs } in &comparison.rows {
            @if *differs {
                dt { "expected" }
                dd { code { (expected.join(" ")) } " " span.about { (label) } }
                dt { "observed" }
                dd { code { (observed.join(" ")) } }
            }
        }
        @for note in &comparison.notes {
            dt { "note" }
            dd { (note) }
        }
    }
}
