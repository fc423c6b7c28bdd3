//! Outcomes to something a person or a program reads. A report knows no target and runs nothing.

pub mod badge;
pub mod command;
pub mod comparison;
pub mod diagnosis;
pub mod diff;
pub mod escape;
pub mod example;
pub mod found;
pub mod group;
pub mod html;
pub mod json;
pub mod junit;
pub mod lint;
pub mod markdown;
pub mod merge;
pub mod terminal;

use std::sync::Arc;

use crate::case::Answer;
use crate::clause::{Clauses, Level, Role};
use crate::outcome::Outcome;
use crate::verdict::sweep::Failing;

/// A whole run: what every format is made from.
#[derive(Clone, Debug)]
pub struct Report {
    /// Our version.
    pub version: String,
    /// Tells one state of the corpus from another.
    pub corpus_hash: String,
    /// The seed of the random cuts.
    pub seed: u64,
    /// Operating system and architecture.
    pub platform: String,
    /// The standard's requirements.
    pub clauses: Clauses,
    /// The cases that were selected, in the order of the corpus.
    pub cases: Vec<Arc<AskedCase>>,
    /// The targets, in the order in which they were named.
    pub targets: Vec<TargetReport>,
}

/// What a case asked: all that a reader of its results may want to know.
#[derive(Clone, Debug)]
pub struct AskedCase {
    /// The case's id.
    pub id: String,
    /// Whom it asks.
    pub role: Role,
    /// Why the expectation is right.
    pub why: String,
    /// The clauses it checks; never empty. The first gives its level.
    pub clauses: Vec<String>,
    /// How binding the first clause is.
    pub level: Level,
    /// The bytes of the stream.
    pub stream: Arc<[u8]>,
    /// Where the case itself cuts the stream.
    pub cuts: Option<Vec<usize>>,
    /// What conforms; more than one answer only where the standard leaves room.
    pub answers: Vec<Answer>,
}

/// What a run learnt about one target.
#[derive(Clone, Debug)]
pub struct TargetReport {
    /// The adapter's name.
    pub name: String,
    /// The implementation's own name, as the adapter told it; empty if it never did.
    pub implementation: String,
    /// Its version, read from the installed package.
    pub version: String,
    /// Its language.
    pub language: String,
    /// The words of the command line that name it.
    pub asked_as: String,
    /// Where the implementation lives.
    pub homepage: String,
    /// Written by us after the recipe that tutorials show: its faults are no library's.
    pub is_tutorial: bool,
    /// The adapter's own files, so that a reader can see how the implementation was driven.
    pub sources: Vec<Source>,
    /// The role in which it was asked.
    pub role: Role,
    /// The platform's decoder stands in front of it.
    pub platform_decodes: bool,
    /// Why nothing, or not everything, could be asked. Everything below is still true.
    pub trouble: Option<Trouble>,
    /// The quirks that do the same as the target in some of the cases on which it deviates.
    pub quirks: Vec<TargetQuirk>,
    /// One result a case, in the order of the corpus; only cases that were asked or skipped.
    pub results: Vec<CaseResult>,
    /// Cases that were selected and never asked.
    pub n_not_asked: usize,
    /// Baseline globs that cover nothing that still deviates.
    pub stale: Vec<String>,
    /// How many known failures have no examined reason.
    pub n_not_examined: usize,
    /// Wall-clock seconds of set-up and build.
    pub setup_seconds: f64,
    /// Wall-clock seconds of asking.
    pub seconds: f64,
    /// How many deliveries were asked.
    pub n_deliveries: usize,
}

/// A quirk of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetQuirk {
    /// Its name.
    pub name: String,
    /// What an implementation with it does.
    pub sentence: String,
    /// The clause that it breaks.
    pub clause: String,
}

/// A file of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// From the adapter's folder.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Why a target could not be asked everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A tool it requires is not installed: a skip, with the reason.
    Skipped(String),
    /// It could not be set up, built, started, or it broke the protocol.
    Error(String),
}

/// What a run learnt about one case and one target.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// What was asked.
    pub case: Arc<AskedCase>,
    /// What the case counts as.
    pub outcome: Outcome,
    /// How many deliveries were judged.
    pub n_deliveries: usize,
    /// How many of them deviate.
    pub n_deviating: usize,
    /// The first of the worst deviations.
    pub failing: Option<FailingResult>,
}

/// A deviation in full.
#[derive(Clone, Debug)]
pub struct FailingResult {
    /// What the target did, in which delivery, and what is wrong with it.
    pub failing: Failing,
    /// What was said on the wire: our request and the target's answer, each cut to a bearable length.
    pub exchange: Vec<Line>,
    /// The quirk that does the same, if one does: its name and sentence.
    pub quirk: Option<(String, String)>,
}

/// A line of an exchange with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who sent it.
    pub from: Speaker,
    /// As it was sent, or its start.
    pub text: String,
}

/// Who sent a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the two ends of the wire")]
pub enum Speaker {
    Harness,
    Target,
}

impl AskedCase {
    /// The answer that a deviation is shown beside: the first, where the standard leaves room for several.
    pub fn expected(&self) -> &Answer {
        &self.answers[0]
    }
}

impl Report {
    /// Where the standard says what a case asks.
    pub fn url(&self, case: &AskedCase) -> String {
        let clause = self.clauses.find(&case.clauses[0]);
        clause.map(crate::clause::Clause::url).unwrap_or_default()
    }
}

impl TargetReport {
    /// How many cases were selected for it.
    pub fn n_cases(&self) -> usize {
        // A report that is read back may claim anything.
        self.results.len().saturating_add(self.n_not_asked)
    }
}

impl CaseResult {
    /// The quirk that does the same as the target, or several joined by ` + `: name and sentence.
    pub fn quirk(&self) -> Option<&(String, String)> {
        self.failing.as_ref()?.quirk.as_ref()
    }

    /// The quirks that together do the same as the target.
    pub fn quirk_names(&self) -> impl Iterator<Item = &str> {
        let joined = self.quirk().map(|(names, _)| names.split(" + "));
        joined.into_iter().flatten()
    }

    /// It deviates only in some deliveries of the same bytes.
    pub fn is_chunk_sensitive(&self) -> bool {
        self.n_deviating > 0 && self.n_deviating < self.n_deliveries
    }
}

/// Outcomes, counted. The unit is the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the outcomes")]
pub struct Counts {
    pub pass: usize,
    pub fail: usize,
    pub warn: usize,
    pub recorded: usize,
    pub known: usize,
    pub unexpected_pass: usize,
    pub skip: usize,
    pub error: usize,
    pub not_asked: usize,
}

impl Counts {
    /// Counts the results of one target.
    pub fn of(target: &TargetReport) -> Self {
        Self {
            not_asked: target.n_not_asked,
            ..Self::of_outcomes(target.results.iter().map(|result| &result.outcome))
        }
    }

    /// Counts outcomes.
    pub fn of_outcomes<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            *match outcome {
                Outcome::Pass => &mut counts.pass,
                Outcome::Fail => &mut counts.fail,
                Outcome::Warn => &mut counts.warn,
                Outcome::Recorded => &mut counts.recorded,
                Outcome::KnownFailure { .. } => &mut counts.known,
                Outcome::UnexpectedPass { .. } => &mut counts.unexpected_pass,
                Outcome::Skip { .. } => &mut counts.skip,
                Outcome::Error { .. } => &mut counts.error,
            } += 1;
        }
        counts
    }

    /// Adds up two targets' counts.
    pub fn plus(self, other: Self) -> Self {
        Self {
            pass: self.pass + other.pass,
            fail: self.fail + other.fail,
            warn: self.warn + other.warn,
            recorded: self.recorded + other.recorded,
            known: self.known + other.known,
            unexpected_pass: self.unexpected_pass + other.unexpected_pass,
            skip: self.skip + other.skip,
            error: self.error + other.error,
            not_asked: self.not_asked.saturating_add(other.not_asked),
        }
    }
}
