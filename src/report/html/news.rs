//! A report, its baselines and perhaps an older report, to what is new.

use std::collections::HashMap;

use maud::{Markup, html};

use super::link;
use super::standing::Standing;
use super::table::{Peer, Standings};
use crate::outcome::{FailOn, Outcome};
use crate::report::terminal::plural;
use crate::report::{AskedCase, CaseResult, Report, TargetReport, escape};

/// What is new, and one sentence that counts it if there is anything.
pub struct News {
    /// "3 deviations that no known failure covers, 1 regression."
    pub summary: Option<String>,
    /// The section; empty if there is nothing to compare with.
    pub markup: Markup,
}

/// Something new about one target.
struct Line<'a, 'b> {
    peer: &'b Peer<'a>,
    results: Vec<&'a CaseResult>,
}

/// Finds what is new.
pub fn section(report: &Report, older: Option<&Report>, standings: &Standings<'_>) -> News {
    let with = |wanted: &dyn Fn(&Outcome) -> bool| {
        let peers = standings.peers.iter();
        let line = peers.map(|peer| Line {
            peer,
            results: select(peer.target, |result| wanted(&result.outcome)),
        });
        line.filter(|line| !line.results.is_empty())
            .collect::<Vec<_>>()
    };
    let uncovered = with(&|outcome| matches!(outcome, Outcome::Fail | Outcome::Warn));
    let passes = with(&|outcome| matches!(outcome, Outcome::UnexpectedPass { .. }));
    let is_new_error = |outcome: &Outcome| {
        matches!(outcome, Outcome::Error { .. }) && outcome.is_bad(FailOn::Fail)
    };
    let errors = with(&is_new_error);
    let changes = older.map(|older| Changes::between(older, standings));
    let has_baseline = !with(&|outcome| matches!(outcome, Outcome::KnownFailure { .. })).is_empty();
    let mut counted = vec![
        count(
            &uncovered,
            "deviation that no known failure covers",
            "deviations that no known failure covers",
        ),
        count(&passes, "unexpected pass", "unexpected passes"),
        count(
            &errors,
            "case that could not be asked",
            "cases that could not be asked",
        ),
    ];
    if let Some(changes) = &changes {
        counted.insert(0, count(&changes.regressed, "regression", "regressions"));
        counted.push(count(
            &changes.improved,
            "case conforms now",
            "cases conform now",
        ));
    }
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    let summary = (!counted.is_empty()).then(|| format!("{}.", counted.join(", ")));
    let markup = html! {
        @if summary.is_some() || has_baseline || older.is_some() {
            section.news #news aria-labelledby="news-title" {
                h3 #news-title tabindex="-1" { "What is new" }
                @match &summary {
                    Some(summary) => p { (summary) },
                    None if has_baseline => p { "Nothing: every deviation is a known failure." },
                    None => p { "Nothing." },
                }
                @if let (Some(changes), Some(older)) = (&changes, older) { (changes.markup(report, older)) }
                (list("Deviates, and no known failure covers it", Standing::Deviates, &uncovered))
                (list("Conforms although it is listed as a known failure", Standing::Conforms, &passes))
                (list("Could not be asked", Standing::NotShown, &errors))
            }
        }
    };
    News { summary, markup }
}

/// What became of the cases that an older report has too, and what it does not have.
struct Changes<'a, 'b> {
    regressed: Vec<Line<'a, 'b>>,
    improved: Vec<Line<'a, 'b>>,
    /// New cases, and cases that ask something else by now.
    new_cases: Vec<Line<'a, 'b>>,
    new_targets: Vec<&'b Peer<'a>>,
    versions: Vec<(&'b Peer<'a>, String)>,
    gone: Vec<String>,
}

impl<'a, 'b> Changes<'a, 'b> {
    fn between(older: &Report, standings: &'b Standings<'a>) -> Self {
        let mut changes = Self {
            regressed: Vec::new(),
            improved: Vec::new(),
            new_cases: Vec::new(),
            new_targets: Vec::new(),
            versions: Vec::new(),
            gone: Vec::new(),
        };
        let is_same = |a: &TargetReport, b: &TargetReport| a.name == b.name && a.role == b.role;
        for peer in &standings.peers {
            let earlier = older
                .targets
                .iter()
                .find(|target| is_same(target, peer.target));
            let Some(earlier) = earlier else {
                changes.new_targets.push(peer);
                continue;
            };
            if earlier.version != peer.target.version {
                changes.versions.push((peer, earlier.version.clone()));
            }
            changes.compare(earlier, peer);
        }
        let is_gone = |target: &&TargetReport| {
            let mut peers = standings.peers.iter();
            !peers.any(|peer| is_same(target, peer.target))
        };
        let gone = older.targets.iter().filter(is_gone);
        changes.gone = gone.map(|target| escape::prose(&target.name)).collect();
        changes
    }

    fn compare(&mut self, earlier: &TargetReport, peer: &'b Peer<'a>) {
        let by_id: HashMap<&str, &CaseResult> = earlier
            .results
            .iter()
            .map(|result| (result.case.id.as_str(), result))
            .collect();
        let earlier = |result: &CaseResult| {
            let earlier = by_id.get(result.case.id.as_str());
            earlier.filter(|earlier| asks_the_same(&earlier.case, &result.case))
        };
        let moved = |from_conforming: bool| {
            select(peer.target, |result| {
                earlier(result).is_some_and(|earlier| {
                    let conformed = Standing::of(&earlier.outcome);
                    let conforms = Standing::of(&result.outcome);
                    let both_known =
                        conformed != Standing::NotShown && conforms != Standing::NotShown;
                    both_known
                        && (conformed == Standing::Conforms) == from_conforming
                        && (conforms == Standing::Conforms) != from_conforming
                })
            })
        };
        let new = select(peer.target, |result| earlier(result).is_none());
        for (lines, results) in [
            (&mut self.regressed, moved(true)),
            (&mut self.improved, moved(false)),
            (&mut self.new_cases, new),
        ] {
            if !results.is_empty() {
                lines.push(Line { peer, results });
            }
        }
    }

    fn markup(&self, report: &Report, older: &Report) -> Markup {
        let is_new = |case: &&std::sync::Arc<AskedCase>| {
            let mut cases = older.cases.iter();
            !cases.any(|old| old.id == case.id && asks_the_same(old, case))
        };
        let n_new = report.cases.iter().filter(is_new).count();
        html! {
            p.about {
                "Compared with a report of ssespec " (escape::prose(&older.version))
                ", corpus " code { (escape::prose(&older.corpus_hash)) } "."
            }
            (list("Conformed then, deviates now", Standing::Deviates, &self.regressed))
            (list("Deviated then, conforms now", Standing::Conforms, &self.improved))
            @if n_new > 0 {
                h4 { (plural(n_new, "new case")) ", counted apart" }
                ul.groups {
                    @for Line { peer, results } in &self.new_cases {
                        li { (name(peer)) ": " (tally(results)) }
                    }
                }
            }
            @if !(self.new_targets.is_empty() && self.versions.is_empty() && self.gone.is_empty()) {
                h4 { "Other targets, other versions" }
                ul.groups {
                    @for (peer, version) in &self.versions {
                        li { (name(peer)) ": " (escape::prose(version)) " then, " (escape::prose(&peer.target.version)) " now" }
                    }
                    @if !self.new_targets.is_empty() {
                        li {
                            "not in the older report: "
                            @for (index, peer) in self.new_targets.iter().enumerate() {
                                @if index > 0 { ", " }
                                (name(peer))
                            }
                        }
                    }
                    @if !self.gone.is_empty() { li { "only in the older report: " (self.gone.join(", ")) } }
                }
            }
        }
    }
}

/// "11 conform, 1 deviate".
fn tally(results: &[&CaseResult]) -> String {
    let n = |wanted: &[Standing]| {
        let standings = results.iter().map(|result| Standing::of(&result.outcome));
        standings
            .filter(|standing| wanted.contains(standing))
            .count()
    };
    let words = [
        (n(&[Standing::Conforms]), "conform"),
        (
            n(&[Standing::Deviates, Standing::ByDesign, Standing::Room]),
            "deviate",
        ),
        (n(&[Standing::NotShown]), "not shown"),
    ];
    let some = words.iter().filter(|(n, _)| *n > 0);
    let some: Vec<String> = some.map(|(n, word)| format!("{n} {word}")).collect();
    some.join(", ")
}

/// Whether two cases of the same id can be compared.
fn asks_the_same(a: &AskedCase, b: &AskedCase) -> bool {
    a.stream == b.stream && a.cuts == b.cuts && a.answers == b.answers
}

fn select(target: &TargetReport, is_wanted: impl Fn(&CaseResult) -> bool) -> Vec<&CaseResult> {
    target
        .results
        .iter()
        .filter(|result| is_wanted(result))
        .collect()
}

fn count(lines: &[Line<'_, '_>], one: &str, many: &str) -> Option<String> {
    match lines.iter().map(|line| line.results.len()).sum() {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{} {many}", escape::count(n))),
    }
}

fn name(peer: &Peer<'_>) -> Markup {
    html! { a href=(link::target(peer)) { (escape::prose(&peer.target.name)) } }
}

/// Each target with its cases, which stay folded where they are many.
fn list(heading: &str, standing: Standing, lines: &[Line<'_, '_>]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h4 { (heading) }
            ul.groups {
                @for Line { peer, results } in lines {
                    li {
                        span class={ "mark " (standing.letter()) } {}
                        (name(peer)) ": "
                        details {
                            summary { (plural(results.len(), "case")) }
                            ul.plain {
                                @for result in results {
                                    li { a href=(link::result(result, peer)) { (escape::prose(&result.case.id)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
