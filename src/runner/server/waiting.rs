//! How long a played case waits for what: each limit in one place, and when a case is over.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::client::Client;
use super::http::Fact;
use super::play::Play;
use crate::case::server::{Check, Pace, Reading, Then};
use crate::runner::play::Unplayed;

/// An event that is not on the wire after this time is held back.
pub const HELD_BACK: Duration = Duration::from_secs(3);
/// Once an event was held back, the others are waited for so long.
pub const HELD_BACK_AGAIN: Duration = Duration::from_millis(50);
/// A head that has not come after this time is held back until the first event.
pub const HEAD_HELD_BACK: Duration = Duration::from_secs(2);
/// A stream whose last event was seen ends within this time, or does not.
const ENDS: Duration = Duration::from_secs(3);
/// A stream on which nothing comes for so long brings nothing more.
const SILENT: Duration = Duration::from_secs(5);
/// The application emits this often to a client that has left.
pub const EMIT_ON: Duration = Duration::from_millis(100);
/// Longer than the 15 s after which implementations write a heartbeat, and so learn that nobody is there.
const NOTICES_IDLE: Duration = Duration::from_secs(18);
/// Who writes on learns it sooner.
const NOTICES_ACTIVE: Duration = Duration::from_secs(5);
/// As many heartbeats show that they go on.
const HEARTBEATS: usize = 2;
/// What was held back until its stream was stopped comes within this time.
const COMES_LATE: Duration = Duration::from_secs(1);

impl Play<'_> {
    /// Whether there is nothing more to learn from a client.
    pub(super) fn is_done(&self, client: &Client, now: Instant) -> bool {
        if let Some(left_at) = client.left_at {
            return client.side.noticed.is_some() || now >= left_at + self.notices_within();
        }
        if client.is_over {
            return true;
        }
        if self.case.checks(Check::Heartbeat)
            && client.side.n_heartbeats >= client.side.n_heartbeats_due
        {
            return true;
        }
        let goes_on = self.case.checks(Check::Heartbeat) || self.case.timeout.is_some();
        if self.case.then == Then::Hold && !goes_on && self.has_all(client) {
            return true;
        }
        now >= self.gives_up_at(client)
    }

    /// When a client brings nothing more, if nothing comes until then.
    fn gives_up_at(&self, client: &Client) -> Instant {
        let millis = |time: Option<u64>| Duration::from_millis(time.unwrap_or_default());
        let goes_on = self.case.timeout.is_some() || self.case.checks(Check::Heartbeat);
        if let (Some(has_all_at), false) = (client.has_all_at, goes_on) {
            // Heartbeats that go on do not put this off.
            return has_all_at + ENDS;
        }
        let patience = if client.handle.is_none() && client.side.head.is_none() {
            self.request.deadline
        } else if self.case.checks(Check::Heartbeat) {
            let n_due = u32::try_from(client.side.n_heartbeats_due).unwrap_or(u32::MAX);
            SILENT + n_due * millis(self.heartbeat.or(self.case.heartbeat))
        } else {
            SILENT + millis(self.case.timeout)
        };
        client.last_activity + patience
    }

    /// Time in which we could not look is nobody's.
    pub(super) fn forgive(&mut self, late: Duration) {
        for client in &mut self.clients {
            client.last_activity += late;
            client.has_all_at = client.has_all_at.map(|then| then + late);
            client.awaited = client
                .awaited
                .map(|(index, n, since)| (index, n, since + late));
        }
    }

    /// How many heartbeats are waited for: one, where the implementation takes its own time.
    pub(super) fn n_heartbeats_due(&self) -> usize {
        match self.heartbeat {
            Some(_) => 1,
            None => HEARTBEATS,
        }
    }

    fn has_all(&self, client: &Client) -> bool {
        client.reader.has_sentinel || client.reader.n_events >= self.n_emitted
    }

    fn notices_within(&self) -> Duration {
        if self.case.reading == Reading::LeavesIdle {
            NOTICES_IDLE
        } else {
            NOTICES_ACTIVE
        }
    }

    /// Whatever held an answer back may let it go when the stream ends, which tells it from an answer that never comes.
    pub(super) async fn take_what_comes_late(
        &mut self,
        facts: &mut mpsc::UnboundedReceiver<(usize, Fact)>,
    ) -> Result<(), Unplayed> {
        let until = Instant::now() + COMES_LATE;
        let is_awaited = |client: &Client| client.side.head.is_none() && !client.is_over;
        while self.clients.iter().any(is_awaited) {
            let Ok(Some((client, fact))) = timeout_at(until.into(), facts.recv()).await else {
                break;
            };
            self.clients[client].side.came_late |= matches!(fact, Fact::Head(_));
            self.note(client, fact)?;
        }
        Ok(())
    }

    /// When to look again if nothing happens.
    pub(super) fn wakes_at(&self, now: Instant) -> Instant {
        /// Often enough for every limit above, and rare enough to cost nothing.
        const TICK: Duration = Duration::from_millis(25);
        let is_waiting = self.case.pace == Pace::Asked || self.clients.len() < self.case.n_clients;
        if is_waiting {
            return now + TICK;
        }
        let gives_up = self.clients.iter().filter(|client| !client.is_over);
        let gives_up = gives_up.map(|client| self.gives_up_at(client)).min();
        gives_up.unwrap_or(now + TICK)
    }
}
