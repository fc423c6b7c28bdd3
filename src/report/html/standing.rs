//! An outcome to where its target stands: the word and the letter that every page uses for it.

use crate::baseline::Kind;
use crate::clause::Level;
use crate::outcome::Outcome;
use crate::report::CaseResult;

/// Where a target stands on a requirement or a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Shown to conform.
    Conforms,
    /// Deviates, and its authors want it so.
    ByDesign,
    /// Deviates.
    Deviates,
    /// Differs where the standard leaves room.
    Room,
    /// Nothing is known.
    NotShown,
}

impl Standing {
    /// All of them, in the order in which a reader meets them.
    pub const ALL: [Self; 5] = [
        Self::Conforms,
        Self::ByDesign,
        Self::Deviates,
        Self::Room,
        Self::NotShown,
    ];

    /// Where a target stands on one case.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Pass | Outcome::UnexpectedPass { .. } => Self::Conforms,
            Outcome::Recorded
            | Outcome::KnownFailure {
                level: Level::May | Level::Open,
                ..
            } => Self::Room,
            Outcome::KnownFailure {
                kind: Kind::ByDesign,
                ..
            } => Self::ByDesign,
            Outcome::Fail | Outcome::Warn | Outcome::KnownFailure { .. } => Self::Deviates,
            Outcome::Skip { .. } | Outcome::Error { .. } => Self::NotShown,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ByDesign => "deviates by design",
            Self::Deviates => "deviates",
            Self::Room => "room left",
            Self::NotShown => "not shown",
        }
    }

    /// Its letter in class names, in filters and in the payload.
    pub fn letter(self) -> char {
        match self {
            Self::Conforms => 'c',
            Self::ByDesign => 'b',
            Self::Deviates => 'd',
            Self::Room => 'r',
            Self::NotShown => 'n',
        }
    }

    /// It is not what the standard says.
    pub fn is_deviation(self) -> bool {
        matches!(self, Self::ByDesign | Self::Deviates | Self::Room)
    }
}

/// Why nothing is known of a case.
pub fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Skip { reason } | Outcome::Error { reason, .. } => Some(reason),
        _ => None,
    }
}

/// Shorter streams make better examples.
pub fn size(result: &CaseResult) -> (usize, usize, &str) {
    let delivery = result
        .failing
        .as_ref()
        .map(|failing| &failing.failing.delivery);
    let n_cuts = delivery.map_or(0, |delivery| delivery.cuts().len());
    (result.case.stream.len(), n_cuts, &result.case.id)
}
