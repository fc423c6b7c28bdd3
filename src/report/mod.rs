//! Outcomes to something a person or a program reads. A report knows no target and runs nothing.

pub mod escape;
pub mod json;
pub mod terminal;

use crate::clause::{Level, Role};
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
    /// How many cases were selected.
    pub n_selected: usize,
    /// The targets, in the order in which they were named.
    pub targets: Vec<TargetReport>,
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
    /// The role in which it was asked.
    pub role: Role,
    /// The platform's decoder stands in front of it.
    pub platform_decodes: bool,
    /// Why nothing, or not everything, could be asked. Everything below is still true.
    pub trouble: Option<Trouble>,
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
    /// The case's id.
    pub id: String,
    /// Why the expectation is right.
    pub why: String,
    /// The first of the case's clauses.
    pub clause: String,
    /// Where the standard says so.
    pub url: String,
    /// How binding the clause is.
    pub level: Level,
    /// What the case counts as.
    pub outcome: Outcome,
    /// How many deliveries were judged.
    pub n_deliveries: usize,
    /// How many of them deviate.
    pub n_deviating: usize,
    /// The first of the worst deviations, with what was expected.
    pub failing: Option<FailingResult>,
}

/// A deviation in full.
#[derive(Clone, Debug)]
pub struct FailingResult {
    /// What the target did, in which delivery, and what is wrong with it.
    pub failing: Failing,
    /// The events that conform.
    pub expected: Vec<crate::case::ExpectedEvent>,
    /// The end state that conforms, as far as the case asks for it.
    pub expected_end: crate::case::ExpectedEnd,
    /// The quirk that does the same, if one does: its name and sentence.
    pub quirk: Option<(String, String)>,
}

impl CaseResult {
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
        let mut counts = Self {
            not_asked: target.n_not_asked,
            ..Self::default()
        };
        for result in &target.results {
            *match result.outcome {
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
            not_asked: self.not_asked + other.not_asked,
        }
    }
}
