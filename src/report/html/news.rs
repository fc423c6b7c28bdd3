//! A report, its baselines and perhaps an older report, to what is new.

use maud::{Markup, html};

use super::link;
use super::standing::Standing;
use super::table::{Peer, Standings};
use crate::outcome::{FailOn, Outcome};
use crate::report::diff::{self, Change, Difference};
use crate::report::terminal::plural;
use crate::report::{CaseResult, Report, TargetReport, escape};

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
pub fn section<'a>(
    report: &'a Report,
    older: Option<&'a Report>,
    standings: &Standings<'a>,
) -> News {
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
    let changes = older.map(|older| Changes::between(older, report, standings));
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
        let n_lost = changes.lost.len();
        counted.insert(
            0,
            (n_lost > 0).then(|| {
                format!(
                    "{} can no longer be asked everything",
                    plural(n_lost, "target")
                )
            }),
        );
        counted.push(count(
            &changes.fixed,
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
                @if let Some(changes) = &changes { (changes.markup()) }
                (list("Deviates, and no known failure covers it", Standing::Deviates, &uncovered))
                (list("Conforms although it is listed as a known failure", Standing::Conforms, &passes))
                (list("Could not be asked", Standing::NotShown, &errors))
            }
        }
    };
    News { summary, markup }
}

/// What an older report says otherwise, by the rules of `report diff`.
struct Changes<'a, 'b> {
    difference: Difference<'a>,
    regressed: Vec<Line<'a, 'b>>,
    fixed: Vec<Line<'a, 'b>>,
    /// New cases, and cases that ask something else by now.
    new_cases: Vec<Line<'a, 'b>>,
    /// Targets that can no longer be asked everything.
    lost: Vec<&'b Peer<'a>>,
    new_targets: Vec<&'b Peer<'a>>,
    versions: Vec<(&'b Peer<'a>, &'a str)>,
}

impl<'a, 'b> Changes<'a, 'b> {
    fn between(older: &'a Report, newer: &'a Report, standings: &'b Standings<'a>) -> Self {
        let mut changes = Self {
            difference: diff::compare(older, newer),
            regressed: Vec::new(),
            fixed: Vec::new(),
            new_cases: Vec::new(),
            lost: Vec::new(),
            new_targets: Vec::new(),
            versions: Vec::new(),
        };
        for peer in &standings.peers {
            let mut targets = changes.difference.targets.iter();
            let target = targets.find(|target| std::ptr::eq(target.new, peer.target));
            let Some(target) = target else {
                changes.new_targets.push(peer);
                continue;
            };
            if target.old.version != target.new.version {
                changes.versions.push((peer, &target.old.version));
            }
            if target.lost.is_some() {
                changes.lost.push(peer);
            }
            let results =
                |changes: &[Change<'a>]| changes.iter().map(|change| change.new).collect();
            let mut new_cases = target.added.clone();
            new_cases.extend(target.altered.iter().map(|change| change.new));
            for (lines, results) in [
                (&mut changes.regressed, results(&target.regressions)),
                (&mut changes.fixed, results(&target.fixed)),
                (&mut changes.new_cases, new_cases),
            ] {
                if !results.is_empty() {
                    lines.push(Line { peer, results });
                }
            }
        }
        changes
    }

    fn markup(&self) -> Markup {
        let older = self.difference.old;
        let n_new = self.difference.n_added_cases + self.difference.altered_cases.len();
        let gone = self.difference.only_old.iter();
        let gone: Vec<String> = gone.map(|target| escape::prose(&target.name)).collect();
        html! {
            p.about {
                "Compared with a report of ssespec " (escape::prose(&older.version))
                ", corpus " code { (escape::prose(&older.corpus_hash)) } "."
            }
            @if !self.lost.is_empty() {
                h4 { "Could be asked then, and not everything now" }
                ul.groups { @for peer in &self.lost { li { (name(peer)) } } }
            }
            (list("Conformed then; deviates now, or could not be asked", Standing::Deviates, &self.regressed))
            (list("Deviated then, or could not be asked; conforms now", Standing::Conforms, &self.fixed))
            @if n_new > 0 {
                h4 { (plural(n_new, "new case")) ", counted apart" }
                ul.groups {
                    @for Line { peer, results } in &self.new_cases {
                        li { (name(peer)) ": " (tally(results)) }
                    }
                }
            }
            @if !(self.new_targets.is_empty() && self.versions.is_empty() && gone.is_empty()) {
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
                    @if !gone.is_empty() { li { "only in the older report: " (gone.join(", ")) } }
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

fn select(target: &TargetReport, is_wanted: impl Fn(&CaseResult) -> bool) -> Vec<&CaseResult> {
    target
        .results
        .iter()
        .filter(|result| is_wanted(result))
        .collect()
}

fn count(lines: &[Line<'_, '_>], one: &str, many: &str) -> Option<String> {
    match lines.iter().map(|line| line.results.len()).sum::<usize>() {
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
