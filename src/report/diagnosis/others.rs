//! A report on many implementations to how the others behave where one deviates.

use crate::clause::Role;
use crate::outcome::Outcome;
use crate::report::{CaseResult, Report, TargetReport};

/// The parsers of a report, seen from one of them.
#[derive(Clone, Debug)]
pub struct Others<'a> {
    /// The report.
    pub report: &'a Report,
    /// What it is called.
    pub name: &'a str,
    /// The implementation that is not one of the others.
    own: &'a str,
}

/// How the others behave in one point.
pub struct Behaviour {
    /// How many there are.
    pub n_others: usize,
    /// Who behaves how, by implementation and version; nothing where no case asks for it.
    pub groups: Vec<(Manner, Vec<String>)>,
}

/// How one of them behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It conforms.
    Conforms,
    /// It deviates, and the same quirk does as it does.
    Same,
    /// It deviates, and the quirk does not do as it does.
    Another,
    /// It was not asked, or does not show it.
    NotShown,
}

impl Manner {
    const ALL: [Self; 4] = [Self::Conforms, Self::Same, Self::Another, Self::NotShown];

    /// What one of them does, or what several do.
    pub fn words(self, n: usize) -> &'static str {
        match (self, n) {
            (Self::Conforms, 1) => "conforms",
            (Self::Conforms, _) => "conform",
            (Self::Same, 1) => "deviates in the same way",
            (Self::Same, _) => "deviate in the same way",
            (Self::Another, 1) => "deviates in another way",
            (Self::Another, _) => "deviate in another way",
            (Self::NotShown, 1) => "does not show it",
            (Self::NotShown, _) => "do not show it",
        }
    }

    fn of(target: &TargetReport, quirk: &str, clause: &str) -> Self {
        let results = || target.results.iter();
        let is_same = |result: &CaseResult| result.quirk_names().any(|name| name == quirk);
        let is_about = |result: &CaseResult| result.case.clauses[0] == clause;
        let conforms = |result: &CaseResult| {
            matches!(
                result.outcome,
                Outcome::Pass | Outcome::UnexpectedPass { .. }
            )
        };
        if results().any(is_same) {
            Self::Same
        } else if results().any(|result| is_about(result) && result.failing.is_some()) {
            Self::Another
        } else if results().any(|result| mentions(result, clause) && conforms(result)) {
            Self::Conforms
        } else {
            Self::NotShown
        }
    }
}

impl<'a> Others<'a> {
    /// All parsers of the report that were asked, but the implementation of this name.
    pub fn new(report: &'a Report, name: &'a str, own: &'a str) -> Self {
        Self { report, name, own }
    }

    /// How they behave where this quirk breaks this clause; nothing where there are no others.
    pub fn behaviour(&self, quirk: &str, clause: &str) -> Option<Behaviour> {
        let is_other = |target: &&TargetReport| {
            target.role == Role::Parser
                && !target.is_tutorial
                && !target.results.is_empty()
                && target.implementation != self.own
        };
        let mut others: Vec<_> = self.report.targets.iter().filter(is_other).collect();
        if others.is_empty() {
            return None;
        }
        others.sort_by_cached_key(|target| {
            (
                target.implementation.to_lowercase(),
                target.language.clone(),
            )
        });
        let mut all_results = others.iter().flat_map(|target| &target.results);
        let is_asked = all_results.any(|result| mentions(result, clause));
        let group = |manner: Manner| {
            let its = others.iter();
            let its = its.filter(|target| Manner::of(target, quirk, clause) == manner);
            let names = its.map(|target| format!("{} {}", target.implementation, target.version));
            let names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
            (is_asked && !names.is_empty()).then_some((manner, names))
        };
        Some(Behaviour {
            n_others: others.len(),
            groups: Manner::ALL.into_iter().filter_map(group).collect(),
        })
    }
}

fn mentions(result: &CaseResult, clause: &str) -> bool {
    result.case.clauses.iter().any(|id| id == clause)
}
