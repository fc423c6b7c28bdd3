//! When a play is over: something came, something did not come in time, or the target said so.

use std::time::Instant;

use super::{LONGEST, Play, Unplayed};
use crate::observation::client::{Happened, Moment, RunEnd};
use crate::runner::patience::LATE;
use crate::script::Ending;

impl Play<'_> {
    /// When to look again if nothing happens.
    pub(super) fn wakes_at(&self) -> Instant {
        let waiting = self.waiting.ends_at().into_iter();
        waiting
            .chain(self.disconnect_at)
            .min()
            .unwrap_or_else(|| self.ends_at().0)
    }

    /// When the play is over if nothing happens, and what that means.
    pub(super) fn ends_at(&self) -> (Instant, RunEnd) {
        match self.quiet_from {
            Some(from) if !self.case.returns && !self.says_when_it_is_over() => {
                // After one failure more it may wait twice as long as before.
                let longer = self.longest_wait * 3;
                let quiet = self.patience.quiet(self.case).max(longer) + self.lag.allowance();
                // What it has to tell may come later than it would have come back.
                let longest = if self.has_told() {
                    quiet
                } else {
                    quiet.max(LATE)
                };
                (from + longest, RunEnd::Quiet)
            }
            _ if self.n_asked == 0 && !self.case.refusals.contains(&0) => {
                let deadline = self.patience.deadline + self.lag.allowance();
                (self.last_activity + deadline, RunEnd::Silent(deadline))
            }
            _ if !self.case.returns && self.says_when_it_is_over() && self.has_seen_all() => {
                // It had to say so, and has not.
                (self.last_activity + self.patience.deadline, RunEnd::Quiet)
            }
            _ => {
                let wait = self.patience.come_back(self.case) + self.lag.allowance();
                let ends_at = self.last_activity + wait;
                (ends_at.min(self.started + LONGEST), RunEnd::Silent(wait))
            }
        }
    }

    /// Whether as much was reported as some answer expects.
    fn has_told(&self) -> bool {
        let shows_all = self.conversation.greeting().features.event_source_api;
        self.case.answers.iter().any(|answer| {
            let n_reports = answer.reports.as_ref().map_or(0, Vec::len);
            self.counts.n_events >= answer.events.events.len()
                && (!shows_all || self.counts.n_reports() >= n_reports)
        })
    }

    pub(super) async fn time_passes(&mut self) -> Result<(), Unplayed> {
        let now = Instant::now();
        if self.disconnect_at.is_some_and(|at| at <= now) {
            return self.disconnect().await;
        }
        for over in self.waiting.time_passes(now) {
            self.goes_on(now, over);
        }
        let (ends_at, end) = self.ends_at();
        if self.waiting.is_empty() && self.disconnect_at.is_none() && ends_at <= now {
            self.end = Some(end);
        }
        Ok(())
    }

    /// Whether a request that came now says nothing: the target had not yet answered that it disconnects.
    pub(super) fn came_early(&self, at: Instant) -> bool {
        // What was on its way then may have been taken in late.
        let is_early = |answered: Instant| at <= answered + self.lag.recent();
        self.case.disconnect_after.is_some() && self.disconnected_at.is_none_or(is_early)
    }

    /// A target that does not reconnect says when its only connection is over, unless it is told to close it.
    pub(super) fn says_when_it_is_over(&self) -> bool {
        let reconnects = self.conversation.greeting().features.reconnects;
        !reconnects && !self.case.closes() && self.case.script.is_none()
    }

    /// The target has asked for every answer of the case.
    pub(super) fn has_seen_all(&self) -> bool {
        self.n_asked >= self.case.responses.len()
    }

    /// Whether a held connection is still open.
    pub(super) fn is_held(&self) -> bool {
        let held = self.moments.iter().filter_map(|moment| match moment.what {
            Happened::Over(request, Ending::Hold) => Some(request),
            _ => None,
        });
        let has_left = |request: usize| {
            let left = |moment: &Moment| moment.what == Happened::Left(request);
            self.moments.iter().any(left)
        };
        held.into_iter().any(|request| !has_left(request))
    }
}
