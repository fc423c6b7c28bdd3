//! A verdict weighed against level and baseline, to an outcome. Leniency lives here and nowhere else.

use crate::baseline::{Baseline, Entry, Kind};
use crate::clause::Level;
use crate::verdict::sweep::Sweep;

/// What a case counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Conforms.
    Pass,
    /// Deviates from a "must".
    Fail,
    /// Deviates from a "should".
    Warn,
    /// Deviates where the standard leaves room.
    Recorded,
    /// Deviates as the baseline says.
    KnownFailure {
        /// The baseline's reason.
        reason: String,
        /// Accident or policy.
        kind: Kind,
        /// The upstream issue.
        issue: Option<String>,
        /// The level of the deviation, which the baseline does not change.
        level: Level,
    },
    /// Conforms although the baseline names it.
    UnexpectedPass {
        /// The baseline's reason.
        reason: String,
    },
    /// Not judged, and why.
    Skip {
        /// One sentence.
        reason: String,
    },
    /// We could not ask, and why.
    Error {
        /// One sentence.
        reason: String,
        /// The baseline's reason, where an entry covers the case: then the error is no news.
        known: Option<String>,
    },
}

/// Weighs the verdict on a case that was asked in all its deliveries (`complete`) or in some.
pub fn settle(sweep: &Sweep, entry: Option<&Entry>, complete: bool) -> Outcome {
    if let Some(failing) = sweep.failing() {
        return match (entry, failing.level) {
            (Some(entry), level) => Outcome::KnownFailure {
                reason: entry.reason.clone(),
                kind: entry.kind,
                issue: entry.issue.clone(),
                level,
            },
            (None, Level::Must) => Outcome::Fail,
            (None, Level::Should) => Outcome::Warn,
            (None, Level::May | Level::Open) => Outcome::Recorded,
        };
    }
    if let Some(what) = sweep.not_shown() {
        return Outcome::Skip {
            reason: what.to_string(),
        };
    }
    match entry {
        // A family is stale only when nothing in it fails any more, which `stale` sees.
        Some(entry) if complete && entry.glob.is_id() && !entry.flaky => Outcome::UnexpectedPass {
            reason: entry.reason.clone(),
        },
        _ => Outcome::Pass,
    }
}

/// Weighs that a case could not be asked, for this reason.
pub fn unasked(reason: String, entry: Option<&Entry>) -> Outcome {
    Outcome::Error {
        reason,
        known: entry.map(|entry| entry.reason.clone()),
    }
}

/// The globs of the baseline that cover judged cases, none of which deviates any more.
/// Of what comes and goes no single run can tell.
pub fn stale<'a>(baseline: &'a Baseline, outcomes: &[(&str, &Outcome)]) -> Vec<&'a Entry> {
    let is_stale = |entry: &&Entry| {
        let judged: Vec<_> = outcomes
            .iter()
            .filter(|(id, outcome)| {
                entry.glob.matches(id)
                    && !matches!(outcome, Outcome::Skip { .. } | Outcome::Error { .. })
            })
            .collect();
        !entry.glob.is_id()
            && !entry.flaky
            && !judged.is_empty()
            && judged
                .iter()
                .all(|(_, outcome)| matches!(outcome, Outcome::Pass))
    };
    baseline.entries.iter().filter(is_stale).collect()
}

/// From which level on a deviation makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// From "must" on.
    #[default]
    Fail,
    /// From "should" on.
    Warn,
}

impl Outcome {
    /// Whether this outcome makes a run end with exit code 1.
    pub fn is_bad(&self, fail_on: FailOn) -> bool {
        match self {
            Self::Fail | Self::UnexpectedPass { .. } => true,
            Self::Warn => fail_on == FailOn::Warn,
            Self::Error { known, .. } => known.is_none(),
            Self::Pass | Self::Recorded | Self::KnownFailure { .. } | Self::Skip { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::IdGlob;
    use crate::delivery::Delivery;
    use crate::observation::{Observation, Parsed};
    use crate::verdict::{Mismatch, NotShown, Verdict};

    fn sweep(level: Level, verdicts: Vec<Verdict>) -> Sweep {
        let mut sweep = Sweep::new(level);
        let delivery = Delivery::whole(b"".as_slice().into());
        for verdict in verdicts {
            sweep.add(&delivery, &Observation::Parsed(Parsed::default()), verdict);
        }
        sweep
    }

    fn deviates() -> Verdict {
        Verdict::Deviates(vec![Mismatch::Missing { index: 0 }])
    }

    fn entry(glob: &str) -> Entry {
        Entry {
            glob: IdGlob::new(glob).expect("a glob"),
            kind: crate::baseline::Kind::Bug,
            reason: "r".to_owned(),
            issue: None,
            chunk_sensitive: false,
            flaky: false,
        }
    }

    #[test]
    fn the_level_of_the_clause_decides_between_fail_and_warn() {
        assert_eq!(
            settle(&sweep(Level::Must, vec![deviates()]), None, true),
            Outcome::Fail
        );
        assert_eq!(
            settle(&sweep(Level::Should, vec![deviates()]), None, true),
            Outcome::Warn
        );
        assert_eq!(
            settle(&sweep(Level::Open, vec![deviates()]), None, true),
            Outcome::Recorded
        );
    }

    #[test]
    fn lateness_is_a_warning_whatever_the_case() {
        let late = Verdict::Deviates(vec![Mismatch::Late {
            index: 0,
            complete: 0,
            chunk: 1,
        }]);
        assert_eq!(
            settle(&sweep(Level::Must, vec![late.clone()]), None, true),
            Outcome::Warn
        );
        assert_eq!(
            settle(&sweep(Level::Must, vec![late, deviates()]), None, true),
            Outcome::Fail
        );
    }

    #[test]
    fn a_known_failure_that_passes_is_an_unexpected_pass() {
        let passes = sweep(Level::Must, vec![Verdict::Conforms]);
        let outcome = settle(&passes, Some(&entry("a/b")), true);
        assert_eq!(
            outcome,
            Outcome::UnexpectedPass {
                reason: "r".to_owned()
            }
        );
        assert_eq!(
            settle(&passes, Some(&entry("a/b")), false),
            Outcome::Pass,
            "not fully run"
        );
        assert_eq!(
            settle(&passes, Some(&entry("a/*")), true),
            Outcome::Pass,
            "one of a family"
        );
    }

    #[test]
    fn what_comes_and_goes_may_pass_and_is_known_when_it_fails() {
        let flaky = |glob: &str| Entry {
            flaky: true,
            ..entry(glob)
        };
        let passes = sweep(Level::Must, vec![Verdict::Conforms]);
        assert_eq!(settle(&passes, Some(&flaky("a/b")), true), Outcome::Pass);
        let fails = settle(
            &sweep(Level::Must, vec![deviates()]),
            Some(&flaky("a/b")),
            true,
        );
        assert!(matches!(fails, Outcome::KnownFailure { .. }), "{fails:?}");
        let baseline = Baseline {
            entries: vec![flaky("a/*")],
        };
        assert!(stale(&baseline, &[("a/b", &Outcome::Pass)]).is_empty());
    }

    #[test]
    fn a_family_is_stale_when_nothing_in_it_fails() {
        let baseline = Baseline {
            entries: vec![entry("a/*")],
        };
        let known = Outcome::KnownFailure {
            reason: "r".to_owned(),
            kind: Kind::Bug,
            issue: None,
            level: Level::Must,
        };
        let skip = Outcome::Skip {
            reason: "s".to_owned(),
        };
        assert_eq!(
            stale(&baseline, &[("a/b", &Outcome::Pass), ("a/c", &skip)]).len(),
            1
        );
        assert!(stale(&baseline, &[("a/b", &Outcome::Pass), ("a/c", &known)]).is_empty());
        assert!(
            stale(&baseline, &[("a/c", &skip)]).is_empty(),
            "nothing was judged"
        );
    }

    #[test]
    fn an_error_is_bad_unless_the_baseline_covers_its_case() {
        let error = |entry| unasked("no answer".to_owned(), entry);
        assert!(error(None).is_bad(FailOn::Fail));
        assert!(!error(Some(&entry("a/b"))).is_bad(FailOn::Warn));
    }

    #[test]
    fn what_the_target_does_not_show_is_a_skip_with_its_reason() {
        let hidden = sweep(Level::Must, vec![Verdict::NotShown(NotShown::LastEventId)]);
        let reason = "the target does not show the last event ID".to_owned();
        assert_eq!(settle(&hidden, None, true), Outcome::Skip { reason });
    }
}
