//! A target's results to the list of its quirks: what nobody expects first, each cause once, with an example.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::comparison::{self, Row};
use super::diagnosis;
use super::standing::{Standing, size};
use super::table::{Peer, Standings};
use super::{link, payload, rich};
use crate::clause::Level;
use crate::outcome::Outcome;
use crate::report::terminal::plural;
use crate::report::{CaseResult, Counts, Report, Trouble, escape};

/// A stream that is longer shows its beginning.
pub(super) const STREAM_WIDTH: usize = 300;

/// How much is said of each cause.
#[derive(Clone, Copy, PartialEq)]
pub enum Detail {
    /// A link to an example.
    Link,
    /// The example itself, and links to all cases.
    Example,
}

/// Why results stand together, in the order in which a reader wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Fail,
    Warn,
    UnexpectedPass,
    Error,
    Bug,
    ByDesign,
    Room,
    Skip,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Fail,
        Self::Warn,
        Self::UnexpectedPass,
        Self::Error,
        Self::Bug,
        Self::ByDesign,
        Self::Room,
        Self::Skip,
    ];

    fn of(outcome: &Outcome) -> Option<Self> {
        Some(match (outcome, Standing::of(outcome)) {
            (Outcome::Fail, _) => Self::Fail,
            (Outcome::Warn, _) => Self::Warn,
            (Outcome::UnexpectedPass { .. }, _) => Self::UnexpectedPass,
            (Outcome::Error { .. }, _) => Self::Error,
            (Outcome::Skip { .. }, _) => Self::Skip,
            (Outcome::Pass, _) => return None,
            (_, Standing::Room) => Self::Room,
            (_, Standing::ByDesign) => Self::ByDesign,
            _ => Self::Bug,
        })
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Fail => "Deviates, and no known failure covers it",
            Self::Warn => "Deviates from a “should”, and no known failure covers it",
            Self::UnexpectedPass => "Conforms although it is listed as a known failure",
            Self::Error => "Could not be asked",
            Self::Bug => "Known failures",
            Self::ByDesign => "Known failures, by design",
            Self::Room => "Differs where the standard leaves room",
            Self::Skip => "Not shown",
        }
    }

    fn standing(self) -> Standing {
        match self {
            Self::Fail | Self::Warn | Self::Bug => Standing::Deviates,
            Self::UnexpectedPass => Standing::Conforms,
            Self::ByDesign => Standing::ByDesign,
            Self::Room => Standing::Room,
            Self::Error | Self::Skip => Standing::NotShown,
        }
    }
}

/// Results with one cause, as far as we know.
struct Group<'a> {
    title: &'a str,
    sentence: Option<&'a str>,
    issue: Option<&'a str>,
    /// The smallest example first.
    results: Vec<&'a CaseResult>,
}

/// The list of every target, one after the other.
pub fn page(report: &Report, standings: &Standings<'_>) -> Markup {
    html! {
        section.page #implementations aria-labelledby="implementations-title" {
            h2 #implementations-title tabindex="-1" { "Implementations" }
            p.lead { "What each one does that the standard does not, each cause once." }
            @for role in standings.roles() {
                @for is_tutorial in [false, true] {
                    @for (_, peer) in standings.ranked(role, is_tutorial) {
                        (section(report, peer, Detail::Link))
                    }
                }
            }
        }
    }
}

/// One target.
pub fn section(report: &Report, peer: &Peer<'_>, detail: Detail) -> Markup {
    let target = peer.target;
    html! {
        article.target id=(link::id(&link::target(peer))) {
            h3 tabindex="-1" {
                a href=(link::target(peer)) {
                    @match detail {
                        Detail::Link => (escape::prose(&target.name)),
                        Detail::Example => "What it does",
                    }
                }
            }
            p.about {
                @if !target.implementation.is_empty() && target.implementation != target.name {
                    (escape::prose(&target.implementation)) " · "
                }
                (payload::about(target))
                @if let Some(url) = link::external(&target.homepage) {
                    " · " a href=(url) rel="noreferrer" { "home page" }
                }
                @if target.is_tutorial { " · a tutorial’s recipe: its faults are no library’s" }
            }
            p.about { (counts(&Counts::of(target))) }
            (trouble(target.trouble.as_ref()))
            (diagnosis::section(report, peer))
            @for kind in Kind::ALL {
                @let groups = groups(report, peer, kind);
                @if !groups.is_empty() {
                    h4 { (kind.heading()) }
                    ul.groups {
                        @for group in &groups { (self::group(peer, kind, group, detail)) }
                    }
                }
            }
            @if !target.stale.is_empty() {
                h4 { "Entries that cover nothing that still deviates" }
                ul.groups { @for glob in &target.stale { li { code { (escape::prose(glob)) } } } }
            }
        }
    }
}

/// Why not everything could be asked.
pub fn trouble(trouble: Option<&Trouble>) -> Markup {
    html! {
        @match trouble {
            Some(Trouble::Skipped(reason)) => p.trouble { "Skipped: " (rich(reason)) },
            Some(Trouble::Error(reason)) => p.trouble {
                "Error: "
                @for line in reason.lines() { (rich(line)) br; }
            },
            None => {},
        }
    }
}

fn counts(counts: &Counts) -> String {
    let words = [
        (counts.pass, "pass"),
        (counts.fail, "fail"),
        (counts.warn, "warn"),
        (counts.known, "known failures"),
        (counts.unexpected_pass, "unexpected passes"),
        (counts.recorded, "recorded"),
        (counts.error, "errors"),
        (counts.skip, "not shown"),
        (counts.not_asked, "not asked"),
    ];
    let some = words.iter().filter(|(n, _)| *n > 0);
    let words: Vec<String> = some
        .map(|(n, word)| format!("{} {word}", escape::count(*n)))
        .collect();
    match words.len() {
        0 => "no case was asked".to_owned(),
        _ => format!("Cases: {}", words.join(", ")),
    }
}

fn groups<'a>(report: &'a Report, peer: &Peer<'a>, kind: Kind) -> Vec<Group<'a>> {
    let mut by_title: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for result in &peer.target.results {
        if Kind::of(&result.outcome) == Some(kind) {
            let group = caused(report, result);
            let known = by_title.entry(group.title).or_insert(group);
            known.results.push(result);
        }
    }
    let mut groups: Vec<Group<'_>> = by_title.into_values().collect();
    for group in &mut groups {
        group.results.sort_by_key(|result| size(result));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.results.len()));
    groups
}

/// The group of a result, still without results.
fn caused<'a>(report: &'a Report, result: &'a CaseResult) -> Group<'a> {
    let (title, sentence, issue) = match &result.outcome {
        Outcome::KnownFailure { reason, issue, .. } => match quirk_first(reason) {
            Some((quirk, sentence)) => (quirk, Some(sentence), issue.as_deref()),
            None => (reason.as_str(), None, issue.as_deref()),
        },
        Outcome::UnexpectedPass { reason }
        | Outcome::Skip { reason }
        | Outcome::Error { reason, .. } => (reason.as_str(), None, None),
        _ => match result.quirk() {
            Some((name, sentence)) => (name.as_str(), Some(sentence.as_str()), None),
            None => {
                let id = result.case.clauses[0].as_str();
                let clause = report.clauses.find(id);
                (id, clause.map(|clause| clause.requirement.as_str()), None)
            }
        },
    };
    Group {
        title,
        sentence,
        issue,
        results: Vec::new(),
    }
}

/// A reason that an update wrote: "bom-not-stripped: A leading byte order mark stays."
fn quirk_first(reason: &str) -> Option<(&str, &str)> {
    let (name, sentence) = reason.split_once(": ")?;
    let is_quirk = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (name.contains('-') && name.chars().all(is_quirk)).then_some((name, sentence))
}

fn group(peer: &Peer<'_>, kind: Kind, group: &Group<'_>, detail: Detail) -> Markup {
    let example = group.results[0];
    html! {
        li {
            p {
                span class={ "mark " (kind.standing().letter()) } {}
                @match group.sentence {
                    Some(sentence) => { code { (escape::prose(group.title)) } ": " (rich(sentence)) },
                    None => (rich(group.title)),
                }
            }
            p.about {
                (plural(group.results.len(), "case")) " · for example "
                a href=(link::result(example, peer)) { (escape::prose(&example.case.id)) }
                @if let Some(issue) = group.issue {
                    " · "
                    @match link::external(issue) {
                        Some(url) => a href=(url) rel="noreferrer" { "upstream issue" },
                        None => (escape::prose(issue)),
                    }
                }
            }
            @if detail == Detail::Example {
                (self::example(example))
                @if group.results.len() > 1 {
                    details {
                        summary { "all " (plural(group.results.len(), "case")) }
                        ul.plain {
                            @for result in &group.results {
                                li { a href=(link::result(result, peer)) { (escape::prose(&result.case.id)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The stream, and the first row in which the two sides differ.
pub fn example(result: &CaseResult) -> Markup {
    let Some(failing) = &result.failing else {
        return html! {};
    };
    let comparison = comparison::compare(result.case.expected(), &failing.failing);
    let row = comparison.rows.iter().find(|row| row.differs);
    html! {
        dl.example {
            dt { "stream" }
            dd { code { (escape::stream(&failing.failing.delivery, STREAM_WIDTH)) } }
            @if let Some(Row { label, expected, observed, .. }) = row {
                dt { "expected" }
                dd { code { (expected.join(" ")) } " " span.about { (label) } }
                dt { "observed" }
                dd { code { (observed.join(" ")) } }
            }
            @if let Some(note) = comparison.notes.first() {
                dt { "note" }
                dd { (note) }
            }
            @if result.is_chunk_sensitive() {
                dt { "cuts" }
                dd { "deviates in " (result.n_deviating) " of " (result.n_deliveries) " deliveries of the same bytes" }
            }
        }
    }
}

/// A level as a word in a box.
pub fn level(level: Level) -> Markup {
    html! { span.level { (crate::report::terminal::level(level)) } }
}
