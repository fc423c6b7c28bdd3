//! A report to one HTML file that needs nothing else: bars, matrix and requirements as markup, cases as a payload for its script.
//!
//! Everything that a target sent is hostile: it is made visible, then escaped by the templates, and the content security policy
//! lets no script and no style run but our own.

mod comparison;
mod diagnosis;
pub mod found;
pub(super) mod frame;
mod implementation;
mod link;
mod matrix;
mod news;
mod overview;
mod payload;
mod requirements;
mod standing;
mod table;

use std::io;

use maud::{Markup, html};

use super::{Report, escape, terminal};
use frame::Frame;
use table::Standings;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Writes the report. Against an older one it says what changed.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, report: &Report, older: Option<&Report>) -> io::Result<()> {
    let standings = Standings::of(report);
    let payload = payload::compressed(report, &standings)?;
    let frame = Frame {
        title: &title(&standings),
        style: STYLE,
        script: Some(SCRIPT),
    };
    let document = frame.around(&body(report, older, &standings, &payload));
    out.write_all(document.into_string().as_bytes())
}

fn body(
    report: &Report,
    older: Option<&Report>,
    standings: &Standings<'_>,
    payload: &str,
) -> Markup {
    html! {
        a.skip href="#content" { "Skip to the content" }
        (overview::patterns())
        (header(report, standings))
        main #content tabindex="-1" {
            noscript { p.notice { "Pages of cases and filters need JavaScript; everything else is here." } }
            (overview::page(report, older, standings))
            @if has_pages(standings) {
                (matrix::page(standings))
                (implementation::page(report, standings))
            }
            (requirements::page(report, standings))
            section.page.case #case hidden aria-labelledby="case-title" {}
        }
        footer {
            p { "Written by ssespec " (escape::prose(&report.version)) ". The standard’s text is at "
                a href="https://html.spec.whatwg.org/multipage/server-sent-events.html" rel="noreferrer" { "html.spec.whatwg.org" }
                "; the requirements are in our words." }
        }
        (filters(standings))
        script #payload type="application/octet-stream" { (payload) }
    }
}

/// With one target, the first page holds all that there is to say.
fn has_pages(standings: &Standings<'_>) -> bool {
    standings.peers.len() > 1
}

fn title(standings: &Standings<'_>) -> String {
    match standings.peers.as_slice() {
        [peer] => format!(
            "{} and Server-Sent Events",
            escape::prose(&peer.target.name)
        ),
        _ => "Server-Sent Events: who conforms".to_owned(),
    }
}

fn header(report: &Report, standings: &Standings<'_>) -> Markup {
    html! {
        header {
            h1 { (title(standings)) }
            p.about {
                (terminal::plural(report.cases.len(), "case")) ", "
                (terminal::plural(standings.peers.len(), "target")) " · ssespec " (escape::prose(&report.version))
                " · corpus " (escape::prose(&report.corpus_hash)) " · seed " (report.seed)
                " · " (escape::prose(&report.platform))
            }
            nav aria-label="Pages" {
                a href="#overview" { "Overview" }
                @if has_pages(standings) {
                    a href="#matrix" { "Matrix" }
                    a href="#implementations" { "Implementations" }
                }
                a href="#requirements" { "Requirements" }
            }
        }
    }
}

/// The script moves it to the page that is shown.
fn filters(standings: &Standings<'_>) -> Markup {
    let roles = standings.roles();
    html! {
        form #filters hidden aria-label="Filters" {
            @if roles.len() > 1 {
                label { "Role "
                    select name="role" {
                        option value="" { "any" }
                        @for role in &roles { option { (role.name()) } }
                    }
                }
            }
            label { "Outcome "
                select name="outcome" {
                    option value="" { "any" }
                    @for standing in standings.words() {
                        option value=(standing.letter()) { (standing.word()) }
                    }
                }
            }
            @if has_pages(standings) {
                label { input type="checkbox" name="disputed"; " only disagreements" }
                label { input type="checkbox" name="odd"; " odd one out" }
            }
            output aria-live="polite" {}
        }
    }
}

/// Prose of ours or of a case file: what stands between backticks is code.
pub(super) fn rich(text: &str) -> Markup {
    let visible = escape::prose(text);
    if visible.matches('`').count() % 2 == 1 {
        return html! { (visible) };
    }
    html! {
        @for (index, part) in visible.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
