//! Two reports to what differs between them, case by case. Baselines play no part: what counts is what the target did.

pub mod text;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{AskedCase, CaseResult, Report, TargetReport, Trouble};
use crate::clause::Level;
use crate::outcome::Outcome;

/// What differs between an old and a new report.
pub struct Difference<'a> {
    /// The older report.
    pub old: &'a Report,
    /// The newer report.
    pub new: &'a Report,
    /// Cases that only the new report selected.
    pub n_added_cases: usize,
    /// Cases that only the old report selected.
    pub n_removed_cases: usize,
    /// Cases in both whose stream, cuts or answers are no longer the same: the old result says nothing about the new.
    pub altered_cases: Vec<&'a str>,
    /// The targets of both reports, in the order of the new one.
    pub targets: Vec<TargetDifference<'a>>,
    /// Targets that only the old report has.
    pub only_old: Vec<&'a TargetReport>,
    /// Targets that only the new report has.
    pub only_new: Vec<&'a TargetReport>,
}

/// What differs in one target.
pub struct TargetDifference<'a> {
    /// As it was.
    pub old: &'a TargetReport,
    /// As it is.
    pub new: &'a TargetReport,
    /// Why the target can no longer be asked everything, if it could before.
    pub lost: Option<&'a str>,
    /// It conformed, and deviates now or could not be asked.
    pub regressions: Vec<Change<'a>>,
    /// It deviated or could not be asked, and conforms now.
    pub fixed: Vec<Change<'a>>,
    /// The outcome is another, and neither of these.
    pub other: Vec<Change<'a>>,
    /// The case asks something else now, whatever the outcomes are.
    pub altered: Vec<Change<'a>>,
    /// Cases with a result only in the new report.
    pub added: Vec<&'a CaseResult>,
    /// Cases with a result only in the old report.
    pub n_gone: usize,
    /// Some case that passes in both was not cut in as many ways.
    pub is_cut_differently: bool,
}

/// A case with a result in both reports.
pub struct Change<'a> {
    /// What it counted as.
    pub old: &'a Outcome,
    /// The new result.
    pub new: &'a CaseResult,
}

/// Compares two reports, of whatever corpora: cases by their ids, targets by name and role.
pub fn compare<'a>(old: &'a Report, new: &'a Report) -> Difference<'a> {
    let old_cases: HashMap<&str, &Arc<AskedCase>> = old
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect();
    let new_ids: HashSet<&str> = new.cases.iter().map(|case| case.id.as_str()).collect();
    let altered_cases: Vec<&str> = new
        .cases
        .iter()
        .filter(|case| {
            let before = old_cases.get(case.id.as_str());
            before.is_some_and(|before| !asks_the_same(before, case))
        })
        .map(|case| case.id.as_str())
        .collect();
    let altered_ids: HashSet<&str> = altered_cases.iter().copied().collect();
    let mut only_old: Vec<&TargetReport> = old.targets.iter().collect();
    let (mut targets, mut only_new) = (Vec::new(), Vec::new());
    for target in &new.targets {
        let is_same = |old: &&TargetReport| old.name == target.name && old.role == target.role;
        match only_old.iter().position(is_same) {
            Some(place) => {
                targets.push(compare_target(only_old.remove(place), target, &altered_ids))
            }
            None => only_new.push(target),
        }
    }
    Difference {
        old,
        new,
        n_added_cases: new_ids
            .iter()
            .filter(|id| !old_cases.contains_key(*id))
            .count(),
        n_removed_cases: old_cases.keys().filter(|id| !new_ids.contains(*id)).count(),
        altered_cases,
        targets,
        only_old,
        only_new,
    }
}

impl Difference<'_> {
    /// Whether any target got worse.
    pub fn has_regressions(&self) -> bool {
        self.targets.iter().any(TargetDifference::has_regressions)
    }
}

impl TargetDifference<'_> {
    /// Whether it got worse.
    pub fn has_regressions(&self) -> bool {
        !self.regressions.is_empty() || self.lost.is_some()
    }
}

fn asks_the_same(old: &AskedCase, new: &AskedCase) -> bool {
    old.stream == new.stream && old.cuts == new.cuts && old.answers == new.answers
}

fn compare_target<'a>(
    old: &'a TargetReport,
    new: &'a TargetReport,
    altered_ids: &HashSet<&str>,
) -> TargetDifference<'a> {
    let mut before: HashMap<&str, &CaseResult> = old
        .results
        .iter()
        .map(|result| (result.case.id.as_str(), result))
        .collect();
    let lost = match (&old.trouble, &new.trouble) {
        (None, Some(Trouble::Error(reason))) => Some(reason.as_str()),
        _ => None,
    };
    let mut difference = TargetDifference {
        old,
        new,
        lost,
        regressions: Vec::new(),
        fixed: Vec::new(),
        other: Vec::new(),
        altered: Vec::new(),
        added: Vec::new(),
        n_gone: 0,
        is_cut_differently: false,
    };
    for result in &new.results {
        let id = result.case.id.as_str();
        let Some(old) = before.remove(id) else {
            difference.added.push(result);
            continue;
        };
        let change = Change {
            old: &old.outcome,
            new: result,
        };
        let passes = |result: &CaseResult| result.outcome == Outcome::Pass;
        if altered_ids.contains(id) {
            difference.altered.push(change);
            continue;
        }
        if passes(old) && passes(result) && old.n_deliveries != result.n_deliveries {
            difference.is_cut_differently = true;
        }
        match (Standing::of(&old.outcome), Standing::of(&result.outcome)) {
            (Standing::Conforms, Standing::Deviates | Standing::Error) => {
                difference.regressions.push(change)
            }
            (Standing::Deviates | Standing::Error, Standing::Conforms) => {
                difference.fixed.push(change)
            }
            _ if kind(&old.outcome) != kind(&result.outcome) => difference.other.push(change),
            _ => (),
        }
    }
    difference.n_gone = before.len();
    difference
}

/// What an outcome says of the target, whatever its baseline says.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Conforms,
    Deviates,
    /// It differs where the standard leaves room, which is no fault.
    Recorded,
    NotShown,
    Error,
}

impl Standing {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Pass | Outcome::UnexpectedPass { .. } => Self::Conforms,
            Outcome::Recorded
            | Outcome::KnownFailure {
                level: Level::May | Level::Open,
                ..
            } => Self::Recorded,
            Outcome::Fail | Outcome::Warn | Outcome::KnownFailure { .. } => Self::Deviates,
            Outcome::Skip { .. } => Self::NotShown,
            Outcome::Error { .. } => Self::Error,
        }
    }
}

/// An outcome's name.
pub fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Warn => "warn",
        Outcome::Recorded => "recorded",
        Outcome::KnownFailure { .. } => "known failure",
        Outcome::UnexpectedPass { .. } => "unexpected pass",
        Outcome::Skip { .. } => "skip",
        Outcome::Error { .. } => "error",
    }
}
