//! Answers that wait in the middle for what a target has to do first.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::patience::LATE;
use crate::script::Gate;

/// How long a port refuses connections if the target cannot say that it has tried.
const REFUSAL: Duration = Duration::from_millis(500);
/// The same for a target that reports errors: nothing comes back sooner than it is told of.
const UNTIL_ERROR: Duration = Duration::from_secs(10);

/// How often a target has reported what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Opens.
    pub n_opens: usize,
    /// Events.
    pub n_events: usize,
    /// Errors.
    pub n_errors: usize,
}

impl Counts {
    /// All of them.
    pub fn n_reports(self) -> usize {
        self.n_opens + self.n_events + self.n_errors
    }
}

/// What waits.
#[derive(Default)]
pub struct Waiting {
    gates: Vec<(Gate, oneshot::Sender<()>, Instant)>,
    refusal: Option<Refusal>,
}

/// A port that refuses connections until the target has tried in vain.
struct Refusal {
    go: oneshot::Sender<()>,
    ends_at: Instant,
    n_errors: usize,
}

/// What an answer, or a port, waits for no longer.
pub enum Over {
    /// In vain.
    InVain(Gate),
    /// The port takes connections again.
    Refusal,
}

impl Waiting {
    /// An answer waits.
    pub fn wait(&mut self, gate: Gate, go: oneshot::Sender<()>, since: Instant) {
        self.gates.push((gate, go, since));
    }

    /// A port refuses connections until as many errors have been reported in all, by a target that reports them; `lag`
    /// longer for one that does not.
    pub fn refuse(
        &mut self,
        go: oneshot::Sender<()>,
        since: Instant,
        n_errors: usize,
        are_reported: bool,
        lag: Duration,
    ) {
        let longest = if are_reported {
            UNTIL_ERROR
        } else {
            REFUSAL + lag
        };
        self.refusal = Some(Refusal {
            go,
            ends_at: since + longest,
            n_errors,
        });
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.gates.is_empty() && self.refusal.is_none()
    }

    /// When the first of them has waited for long enough.
    pub fn ends_at(&self) -> Option<Instant> {
        let gates = self.gates.iter().map(|(_, _, since)| *since + LATE);
        let refusal = self.refusal.as_ref().map(|refusal| refusal.ends_at);
        gates.chain(refusal).min()
    }

    /// Lets go on what has what it waited for.
    pub fn reached(&mut self, counts: Counts) -> Option<Over> {
        let is_reached = |gate: &Gate| match gate {
            Gate::Opens(n) => counts.n_opens >= *n,
            Gate::Events(n) | Gate::Heard(n) => counts.n_events >= *n,
            Gate::Disconnect => true,
        };
        for (_, go, _) in self.gates.extract_if(.., |(gate, _, _)| is_reached(gate)) {
            _ = go.send(());
        }
        let has_tried = |refusal: &mut Refusal| counts.n_errors >= refusal.n_errors;
        let refusal = self.refusal.take_if(has_tried)?;
        _ = refusal.go.send(());
        Some(Over::Refusal)
    }

    /// Lets go on what has waited for long enough.
    pub fn time_passes(&mut self, now: Instant) -> Vec<Over> {
        let is_late = |since: Instant| since + LATE <= now;
        let mut over = Vec::new();
        for (gate, go, _) in self.gates.extract_if(.., |(_, _, since)| is_late(*since)) {
            _ = go.send(());
            over.push(Over::InVain(gate));
        }
        let is_late = |refusal: &mut Refusal| refusal.ends_at <= now;
        if let Some(refusal) = self.refusal.take_if(is_late) {
            _ = refusal.go.send(());
            over.push(Over::Refusal);
        }
        over
    }
}
