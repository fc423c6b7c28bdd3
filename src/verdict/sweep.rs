//! The verdicts on a case's deliveries, to the one verdict on the case: the worst.

use super::{Mismatch, NotShown, Verdict};
use crate::clause::Level;
use crate::delivery::Delivery;
use crate::observation::Observation;

/// The verdict on a case over its deliveries.
#[derive(Clone, Debug)]
pub struct Sweep {
    level: Level,
    n_judged: usize,
    n_deviating: usize,
    not_shown: Option<NotShown>,
    worst: Option<Failing>,
}

/// The first of the worst deviations of a case, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// How the stream was cut.
    pub delivery: Delivery,
    /// What the target did.
    pub observation: Observation,
    /// What is wrong with that.
    pub mismatches: Vec<Mismatch>,
    /// How binding the most binding of the requirements is that are not met.
    pub level: Level,
}

impl Sweep {
    /// Before anything is known of a case of this level.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            n_judged: 0,
            n_deviating: 0,
            not_shown: None,
            worst: None,
        }
    }

    /// Adds the verdict on one delivery. Deliveries come in their order.
    pub fn add(&mut self, delivery: &Delivery, observation: &Observation, verdict: Verdict) {
        self.n_judged += 1;
        match verdict {
            Verdict::Conforms => (),
            Verdict::NotShown(what) => self.not_shown = Some(what),
            Verdict::Deviates(mismatches) => {
                self.n_deviating += 1;
                let level = mismatches
                    .iter()
                    .map(|mismatch| mismatch.level(self.level))
                    .max()
                    .unwrap_or(self.level);
                if self.worst.as_ref().is_none_or(|worst| level > worst.level) {
                    self.worst = Some(Failing {
                        delivery: delivery.clone(),
                        observation: observation.clone(),
                        mismatches,
                        level,
                    });
                }
            }
        }
    }

    /// The first of the worst deviations.
    pub fn failing(&self) -> Option<&Failing> {
        self.worst.as_ref()
    }

    /// What was not shown in any delivery.
    pub fn not_shown(&self) -> Option<NotShown> {
        self.not_shown
    }

    /// How many deliveries were judged.
    pub fn n_judged(&self) -> usize {
        self.n_judged
    }

    /// How many of them deviate.
    pub fn n_deviating(&self) -> usize {
        self.n_deviating
    }

    /// It deviates only in some deliveries of the same bytes.
    pub fn is_chunk_sensitive(&self) -> bool {
        self.n_deviating > 0 && self.n_deviating < self.n_judged
    }
}
