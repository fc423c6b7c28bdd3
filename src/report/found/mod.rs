//! What searches found: the deviations of targets, each once with all who saw it, to every format.

pub mod junit;
pub mod markdown;
pub mod merge;
pub(super) mod shown;
pub mod terminal;

use crate::case::Answer;
use crate::clause::{Clauses, Level, Role};
use crate::delivery::Delivery;
use crate::report::escape::count;
use crate::verdict::danger;
use crate::verdict::sweep::Failing;

/// The findings of `ssespec fuzz` or `ssespec diagnose`: what every format is made from.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Our version.
    pub version: String,
    /// The standard's requirements.
    pub clauses: Clauses,
    /// The targets, in the order in which they were named.
    pub targets: Vec<Searched>,
}

/// A target in which was searched.
#[derive(Clone, Debug)]
pub struct Searched {
    /// The adapter's name.
    pub name: String,
    /// The implementation's own name; empty if it never told.
    pub implementation: String,
    /// Its version, read from the installed package.
    pub version: String,
    /// Its language.
    pub language: String,
    /// The words of the command line that name it.
    pub asked_as: String,
    /// Where the implementation lives.
    pub homepage: String,
    /// The role in which it was asked.
    pub role: Role,
    /// Every search in it.
    pub searches: Vec<Search>,
    /// What was found, each once, in the order in which it was found.
    pub findings: Vec<Finding>,
}

/// One search in one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The machine, and the shard if there are several.
    pub by: String,
    /// Its operating system and architecture.
    pub platform: String,
    /// Of the random streams.
    pub seed: u64,
    /// Streams that were asked.
    pub n_streams: u64,
    /// Those on which the target deviates.
    pub n_deviating: u64,
    /// Those of them on which the quirks that are found do the same.
    pub n_explained: u64,
    /// Streams that could not be asked.
    pub n_unread: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Why it ended before it was done; what was found before is whole.
    pub trouble: Option<String>,
    /// What could not be looked for here, in sentences.
    pub not_looked_for: Vec<String>,
}

/// A deviation that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Tells it from others of the same target, on every machine.
    pub fingerprint: String,
    /// What the implementation does.
    pub sentence: String,
    /// The clause it is filed under.
    pub clause: String,
    /// Quirks that the target does not let tell apart from it: name and sentence.
    pub alternatives: Vec<(String, String)>,
    /// What replays came to.
    pub standing: Standing,
    /// It was known before.
    pub is_known: bool,
    /// What the application of a server was told to emit, an event a line; nothing in other roles.
    pub emitted: Vec<String>,
    /// The minimised stream; of a server, what came over the wire.
    pub delivery: Delivery,
    /// What must be asked before in the same process; mostly nothing.
    pub history: Vec<Delivery>,
    /// What the application of a server must emit before in the same process, an emission a line; mostly nothing.
    pub emitted_before: Vec<String>,
    /// What the standard makes of the stream.
    pub expected: Answer,
    /// What the target did with it; nothing where one stream shows nothing, as with times that grow.
    pub failing: Option<Failing>,
    /// Who saw it, each once.
    pub seen_by: Vec<String>,
}

/// What replays in fresh processes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It came every time.
    Stable,
    /// It comes only after other streams.
    NeedsHistory,
    /// It comes and goes.
    Flaky,
}

impl Standing {
    /// A word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::NeedsHistory => "needs history",
            Self::Flaky => "flaky",
        }
    }
}

impl Findings {
    /// How many are new.
    pub fn n_new(&self) -> usize {
        let all = self.targets.iter().flat_map(|target| &target.findings);
        all.filter(|finding| !finding.is_known).count()
    }

    /// How binding the clause of a finding is.
    pub fn level(&self, finding: &Finding) -> Level {
        let clause = self.clauses.find(&finding.clause);
        clause.map_or(Level::Must, |clause| clause.level)
    }
}

impl Searched {
    /// Implementation and version in words.
    pub fn about(&self) -> String {
        let words = [&self.implementation, &self.version, &self.language];
        let words = words.into_iter().filter(|word| !word.is_empty());
        words.cloned().collect::<Vec<_>>().join(" ")
    }

    /// How much of what it does wrong its quirks explain, over all searches, in a sentence.
    pub fn share(&self) -> String {
        let sum = |part: fn(&Search) -> u64| {
            let parts = self.searches.iter().map(part);
            parts.fold(0, u64::saturating_add)
        };
        share(
            sum(|search| search.n_streams),
            sum(|search| search.n_deviating),
            sum(|search| search.n_explained),
        )
    }
}

impl Finding {
    /// What a reader must see first, where it may harm somebody.
    pub fn warning(&self) -> Option<&'static str> {
        danger::warning(&self.fingerprint, &self.clause)
    }

    /// Few bytes and few cuts first.
    fn size(&self) -> (usize, usize) {
        (self.delivery.bytes().len(), self.delivery.cuts().len())
    }

    /// Fingerprint and, where it is not plain, standing and newness.
    pub(super) fn heading(&self) -> String {
        let mut words = Vec::new();
        if self.is_known {
            words.push("known");
        }
        if self.standing != Standing::Stable {
            words.push(self.standing.words());
        }
        match words.is_empty() {
            true => self.fingerprint.clone(),
            false => format!("{} ({})", self.fingerprint, words.join(", ")),
        }
    }
}

/// How much of what a target does wrong is explained, in a sentence.
pub fn share(n_tried: u64, n_deviating: u64, n_explained: u64) -> String {
    if n_tried == 0 {
        return "no stream was tried".to_owned();
    }
    if n_deviating == 0 {
        return format!("no deviation in {} streams", count(n_tried));
    }
    format!(
        "explains {} of {} streams on which the target deviates ({} %; {} tried)",
        count(n_explained),
        count(n_deviating),
        percent(n_explained, n_deviating),
        count(n_tried)
    )
}

/// Rounded down, so that 100 means all.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}
