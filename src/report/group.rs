//! Results to groups with one cause, as far as we know: the quirk that does the same, or else the clause.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{CaseResult, FailingResult, TargetReport};
use crate::clause::Level;
use crate::outcome::Outcome;
use crate::verdict::Mismatch;

/// Deviations with one cause, as far as we know.
pub struct Group<'a> {
    /// The quirk or the clause, by its name.
    pub title: String,
    /// The quirk's sentence, where a quirk explains it.
    pub sentence: Option<&'a str>,
    /// The smallest example first; never empty.
    pub results: Vec<&'a CaseResult>,
    /// How binding the most binding of them is.
    pub level: Level,
}

/// The deviations that no baseline covers, the most binding and largest groups first.
pub fn deviations(target: &TargetReport) -> Vec<Group<'_>> {
    let mut by_title: BTreeMap<String, Vec<&CaseResult>> = BTreeMap::new();
    for result in &target.results {
        if level_of(&result.outcome).is_some() {
            by_title.entry(title(result)).or_default().push(result);
        }
    }
    let mut groups: Vec<Group<'_>> = by_title
        .into_iter()
        .map(|(title, mut results)| {
            results.sort_by_key(|result| {
                (
                    Reverse(level_of(&result.outcome)),
                    size(result),
                    result.case.id.as_str(),
                )
            });
            let level = level_of(&results[0].outcome).unwrap_or(Level::Open);
            Group {
                title,
                sentence: results[0].quirk().map(|(_, sentence)| sentence.as_str()),
                results,
                level,
            }
        })
        .collect();
    groups.sort_by_key(|group| {
        (
            !is_injection(group.results[0]),
            Reverse(group.level),
            Reverse(group.results.len()),
        )
    });
    groups
}

/// What a deviation is named after: `injection, clause ID`, `quirk NAME` or `clause ID`.
pub fn title(result: &CaseResult) -> String {
    match result.quirk() {
        Some((name, _)) => format!("quirk {name}"),
        None if is_injection(result) => format!("injection, clause {}", result.case.clauses[0]),
        None => format!("clause {}", result.case.clauses[0]),
    }
}

/// Results that share an outcome and its reason.
pub struct Reason<'a> {
    /// The reason.
    pub reason: &'a str,
    /// The results, in the order of the corpus; never empty.
    pub results: Vec<&'a CaseResult>,
}

/// The results whose outcome has a reason, the reasons with the most cases first.
pub fn by_reason<'a>(
    target: &'a TargetReport,
    reason_of: impl Fn(&'a Outcome) -> Option<&'a String>,
) -> Vec<Reason<'a>> {
    let mut by_reason: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in &target.results {
        if let Some(reason) = reason_of(&result.outcome) {
            by_reason.entry(reason).or_default().push(result);
        }
    }
    let mut reasons: Vec<_> = by_reason
        .into_iter()
        .map(|(reason, results)| Reason { reason, results })
        .collect();
    reasons.sort_by_key(|reason| Reverse(reason.results.len()));
    reasons
}

/// Something stands on the wire that nobody asked for.
fn is_injection(result: &CaseResult) -> bool {
    let failing = result.failing.as_ref();
    failing.is_some_and(|failing| {
        let mut mismatches = failing.failing.mismatches.iter();
        mismatches.any(Mismatch::is_injection)
    })
}

/// How binding a deviation is that no baseline covers.
fn level_of(outcome: &Outcome) -> Option<Level> {
    match outcome {
        Outcome::Fail => Some(Level::Must),
        Outcome::Warn => Some(Level::Should),
        Outcome::Recorded => Some(Level::Open),
        _ => None,
    }
}

fn size(result: &CaseResult) -> (usize, usize) {
    match &result.failing {
        Some(FailingResult { failing, .. }) => (
            failing.delivery.bytes().len(),
            failing.delivery.cuts().len(),
        ),
        None => (usize::MAX, 0),
    }
}
