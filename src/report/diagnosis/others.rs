//! A report on many implementations to sentences on how the others behave where one deviates.

use crate::clause::Role;
use crate::outcome::Outcome;
use crate::report::terminal::plural;
use crate::report::{CaseResult, Report, TargetReport};

/// The parsers of a report, seen from one of them.
#[derive(Clone, Debug)]
pub struct Others<'a> {
    report: &'a Report,
    /// What the report is called.
    name: String,
    /// The implementation that is not one of the others.
    own: &'a str,
}

/// How the others stand to a requirement, by their names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stands {
    conform: Vec<String>,
    same: Vec<String>,
    deviate: Vec<String>,
    not_shown: Vec<String>,
}

impl<'a> Others<'a> {
    /// All parsers of the report that were asked, but the implementation of this name.
    pub fn new(report: &'a Report, name: &str, own: &'a str) -> Self {
        Self {
            report,
            name: name.to_owned(),
            own,
        }
    }

    /// How they behave where this quirk, if one is known, breaks this clause: n of m, named. Each sentence is a line.
    pub fn sentences(&self, quirk: Option<&str>, clause: &str) -> Vec<String> {
        let mut stands = Stands::default();
        let is_other = |target: &&TargetReport| {
            target.role == Role::Parser
                && !target.is_tutorial
                && !target.results.is_empty()
                && target.implementation != self.own
        };
        let mut others: Vec<_> = self.report.targets.iter().filter(is_other).collect();
        others.sort_by_key(|target| {
            (
                target.implementation.to_lowercase(),
                target.language.clone(),
            )
        });
        for &target in &others {
            let name = format!("{} {}", target.implementation, target.version);
            stands
                .place(target, quirk, clause)
                .push(name.trim().to_owned());
        }
        if others.is_empty() {
            return Vec::new();
        }
        let is_asked = |target: &&TargetReport| {
            let mut results = target.results.iter();
            results.any(|result| result.case.clauses.iter().any(|id| id == clause))
        };
        if !others.iter().any(is_asked) {
            return vec![format!(
                "How other implementations behave here is not known: {} has no case about `{clause}`.",
                self.name
            )];
        }
        let mut sentences = vec![format!(
            "How {} behave where `{clause}` is asked for, in {} of ssespec {} ({}):",
            plural(others.len(), "other implementation"),
            self.name,
            self.report.version,
            self.report.platform
        )];
        for (one, many, names) in [
            ("conforms", "conform", &stands.conform),
            (
                "deviates in the same way",
                "deviate in the same way",
                &stands.same,
            ),
            (
                "deviates in another way",
                "deviate in another way",
                &stands.deviate,
            ),
            ("does not show it", "do not show it", &stands.not_shown),
        ] {
            if !names.is_empty() {
                let (n, all) = (names.len(), others.len());
                let how = if n == 1 { one } else { many };
                sentences.push(format!("- {n} of {all} {how}: {}.", names.join(", ")));
            }
        }
        sentences
    }
}

impl Stands {
    fn place(
        &mut self,
        target: &TargetReport,
        quirk: Option<&str>,
        clause: &str,
    ) -> &mut Vec<String> {
        let names = |result: &CaseResult| {
            let quirk = result
                .failing
                .as_ref()
                .and_then(|failing| failing.quirk.clone());
            quirk.map(|(names, _)| names).unwrap_or_default()
        };
        let is_same = |result: &CaseResult| {
            quirk.is_some_and(|quirk| names(result).split(" + ").any(|name| name == quirk))
        };
        let results = || target.results.iter();
        let is_about = |result: &&CaseResult| result.case.clauses[0] == clause;
        let mentions = |result: &&CaseResult| result.case.clauses.iter().any(|id| id == clause);
        if results().any(is_same) {
            &mut self.same
        } else if results()
            .filter(is_about)
            .any(|result| result.failing.is_some())
        {
            &mut self.deviate
        } else if results()
            .filter(mentions)
            .any(|result| result.outcome == Outcome::Pass)
        {
            &mut self.conform
        } else {
            &mut self.not_shown
        }
    }
}
