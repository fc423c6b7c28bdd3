//! One server case played to one target: what its application is told to emit, what its clients get, when it is over.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::client::Client;
use super::http::{self, Fact, Request};
use super::reader::Reader;
use super::telling::serve;
use super::waiting::{EMIT_ON, HEAD_HELD_BACK, HELD_BACK, HELD_BACK_AGAIN};
use crate::case::server::{Check, Emitted, Pace, Reading, ServerCase};
use crate::observation::server::{
    BodyEnd, Emission, Happened, Head, Heartbeat, Moment, ServerRun, Side,
};
use crate::runner::at_hand::at_hand;
use crate::runner::play::Unplayed;
use crate::target::conversation::{Conversation, Reported, Unanswered};
use crate::target::server_message::ServerReport;
use crate::target::session::Trouble;

/// A server that never stops does not fill a report.
const MAX_MOMENTS: usize = 300;
/// A reader looks at the start of long bytes only.
const MAX_SHOWN: usize = 512;

/// Plays a case on a stream of this handle.
///
/// # Errors
///
/// There is nothing to judge.
pub async fn play(
    conversation: &Conversation<ServerReport>,
    case: &ServerCase,
    handle: String,
    deadline: Duration,
) -> Result<ServerRun, Unplayed> {
    let emitted = case.emitted();
    let offers = &conversation.greeting.features.offers;
    let (url, reports) = conversation
        .serve(&serve(case, &emitted, &handle, offers))
        .await
        .map_err(|unanswered| unplayed("serve", unanswered))?;
    let n_bytes: usize = emitted.iter().flat_map(Emitted::texts).map(str::len).sum();
    let request = Request {
        url,
        is_head: case.is_head,
        headers: case.headers.clone(),
        is_slow: case.reading == Reading::Slow,
        // A field name before each line, and room for what nobody asked for.
        max_body: 8 * n_bytes + 256 * emitted.len() + (1 << 20),
        deadline,
    };
    let mut play = Play {
        case,
        n_emitted: emitted.len(),
        heartbeat: match offers.heartbeat {
            Some(Heartbeat::Own(interval)) => Some(interval),
            _ => None,
        },
        conversation,
        handle,
        request,
        started: Instant::now(),
        clients: Vec::new(),
        moments: Vec::new(),
    };
    let played = play.go_on(reports).await;
    conversation.forget(&play.handle);
    played?;
    Ok(ServerRun {
        moments: std::mem::take(&mut play.moments),
        sides: play
            .clients
            .iter_mut()
            .map(|client| std::mem::take(&mut client.side))
            .collect(),
    })
}

/// A case being played.
pub(super) struct Play<'a> {
    pub(super) case: &'a ServerCase,
    pub(super) n_emitted: usize,
    /// The interval of heartbeats that the application cannot set, in milliseconds.
    pub(super) heartbeat: Option<u64>,
    conversation: &'a Conversation<ServerReport>,
    handle: String,
    pub(super) request: Request,
    started: Instant,
    pub(super) clients: Vec<Client>,
    moments: Vec<Moment>,
}

impl Play<'_> {
    async fn go_on(
        &mut self,
        mut reports: mpsc::UnboundedReceiver<Reported<ServerReport>>,
    ) -> Result<(), Unplayed> {
        let (sender, mut facts) = mpsc::unbounded_channel();
        loop {
            // What has come is taken in before anybody loses patience: judging other cases may have kept us from looking.
            while let Some((client, fact)) = at_hand(&mut facts) {
                self.note(client, fact)?;
            }
            while let Some(report) = at_hand(&mut reports) {
                self.hear(report);
            }
            let now = Instant::now();
            if self.may_start_another(now) {
                self.start_another(now, &sender);
            }
            for client in 0..self.clients.len() {
                self.act(client).await?;
            }
            let now = Instant::now();
            if self.clients.len() == self.case.n_clients
                && self.clients.iter().all(|client| self.is_done(client, now))
            {
                break;
            }
            let wakes_at = self.wakes_at(now);
            tokio::select! {
                Some((client, fact)) = facts.recv() => self.note(client, fact)?,
                report = reports.recv() => match report {
                    Some(report) => self.hear(report),
                    None => return Err(self.over()),
                },
                () = sleep_until(wakes_at.into()) => (),
            }
            self.forgive(wakes_at.elapsed());
        }
        for client in &mut self.clients {
            if let Some(left_at) = client.left_at {
                client.side.waited = left_at.elapsed();
            }
        }
        let stopped = self.conversation.stop(&self.handle).await;
        stopped.map_err(|unanswered| unplayed("stop", unanswered))?;
        self.take_what_comes_late(&mut facts).await?;
        // A short stream is read before the adapter's own way has brought what it reports of it.
        while let Some(report) = at_hand(&mut reports) {
            if !matches!(report.1, ServerReport::Disconnected { .. }) {
                self.hear(report);
            }
        }
        let was_told = self.clients.iter().any(|client| client.handle.is_some());
        if self.case.pace == Pace::Asked && !was_told {
            return Err(Unplayed::Error(
                "a request was sent to its `url`, and its adapter told of none".to_owned(),
            ));
        }
        Ok(())
    }

    /// The clients ask one after another, so that each report of a request is about the last one.
    fn may_start_another(&self, now: Instant) -> bool {
        let is_settled = |client: &Client| {
            client.handle.is_some() || client.is_over || now > client.asked_at + HELD_BACK
        };
        self.clients.len() < self.case.n_clients && self.clients.last().is_none_or(is_settled)
    }

    fn start_another(&mut self, now: Instant, facts: &mpsc::UnboundedSender<(usize, Fact)>) {
        let asking = http::ask(self.request.clone(), self.clients.len(), facts.clone());
        self.clients.push(Client {
            side: Side {
                n_heartbeats_due: self.n_heartbeats_due(),
                ..Side::default()
            },
            handle: None,
            reading: tokio::spawn(asking),
            reader: Reader::default(),
            asked_at: now,
            told_at: None,
            last_activity: now,
            has_all_at: None,
            next: 0,
            awaited: None,
            is_over: false,
            left_at: None,
        });
    }

    /// Asks for the next event of a client, or leaves, if it is time to.
    async fn act(&mut self, place: usize) -> Result<(), Unplayed> {
        if self.case.pace == Pace::Free {
            return Ok(());
        }
        let now = Instant::now();
        let client = &mut self.clients[place];
        let (Some(handle), Some(told_at)) = (client.handle.clone(), client.told_at) else {
            return Ok(());
        };
        if client.is_over && client.left_at.is_none() {
            return Ok(());
        }
        if self.case.checks(Check::HeadersFirst) && client.side.head_came_first.is_none() {
            let has_come = client.side.head.is_some();
            if !has_come && now < told_at + HEAD_HELD_BACK {
                return Ok(());
            }
            client.side.head_came_first = Some(has_come);
        }
        if let Some((index, n_before, since)) = client.awaited {
            let was_held_back = client
                .side
                .emissions
                .iter()
                .any(|emission| !emission.was_seen);
            let patience = match (client.left_at, was_held_back) {
                (Some(_), _) => EMIT_ON,
                (None, true) => HELD_BACK_AGAIN,
                (None, false) => HELD_BACK,
            };
            let was_seen = client.reader.n_events > n_before;
            let was_rejected = client
                .side
                .rejected
                .iter()
                .any(|(place, _)| *place == index);
            if !was_seen && !was_rejected && now < since + patience {
                return Ok(());
            }
            client.awaited = None;
            if client.left_at.is_none() && !was_rejected {
                client.side.emissions.push(Emission { index, was_seen });
                if !was_seen {
                    self.happened(now, place, Happened::NotSeen(index));
                }
            }
        }
        let client = &mut self.clients[place];
        if self.case.leaves() && client.next > 0 && client.left_at.is_none() {
            client.reading.abort();
            client.left_at = Some(now);
            client.is_over = true;
            client.side.end = BodyEnd::Left;
            self.happened(now, place, Happened::Left);
        }
        let client = &mut self.clients[place];
        let is_idle = self.case.reading == Reading::LeavesIdle && client.left_at.is_some();
        if client.next == self.n_emitted || is_idle || client.side.noticed.is_some() {
            return Ok(());
        }
        let index = client.next;
        client.next += 1;
        client.awaited = Some((index, client.reader.n_events, now));
        self.happened(now, place, Happened::Emit(index));
        let emitted = self.conversation.emit(&self.handle, &handle, index).await;
        emitted.map_err(|unanswered| unplayed("emit", unanswered))?;
        // What was asked for only now cannot have come before: an adapter may take its time to answer.
        let now = Instant::now();
        let client = &mut self.clients[place];
        client.last_activity = now;
        client.awaited = client
            .awaited
            .map(|(index, n_before, _)| (index, n_before, now));
        Ok(())
    }

    /// Takes in what a client learnt.
    pub(super) fn note(&mut self, place: usize, fact: Fact) -> Result<(), Unplayed> {
        let now = Instant::now();
        let client = &mut self.clients[place];
        client.last_activity = now;
        let what = match fact {
            Fact::Asked(head) => Happened::Asked(head),
            Fact::Head(head) => {
                client.side.head = Some(head.clone());
                Happened::Head(shown(head))
            }
            Fact::Body(bytes) => {
                if client.left_at.is_some() {
                    return Ok(());
                }
                client.reader.read(&bytes);
                client.side.body.extend_from_slice(&bytes);
                client.side.n_heartbeats = client.reader.n_lines_after(self.n_emitted);
                if client.reader.has_sentinel || client.reader.n_events >= self.n_emitted {
                    client.has_all_at.get_or_insert(now);
                }
                let n_bytes = bytes.len();
                Happened::Body(bytes[..n_bytes.min(MAX_SHOWN)].to_vec(), n_bytes)
            }
            Fact::Unread(sentence) => return Err(Unplayed::Error(sentence)),
            Fact::Over(end) => {
                let was_asked = self.moments.iter().any(|moment| {
                    moment.client == place && matches!(moment.what, Happened::Asked(_))
                });
                if let (BodyEnd::Fault(sentence), false) = (&end, was_asked) {
                    // Nobody was there to be asked.
                    return Err(Unplayed::Error(sentence.clone()));
                }
                if client.left_at.is_none() {
                    client.side.end = end.clone();
                    client.is_over = true;
                }
                Happened::Ended(end)
            }
        };
        self.happened(now, place, what);
        Ok(())
    }

    /// Takes in what the adapter reported.
    fn hear(&mut self, (at, report): Reported<ServerReport>) {
        let place_of = |clients: &[Client], handle: &str| {
            let is_it = |client: &Client| client.handle.as_deref() == Some(handle);
            clients.iter().position(is_it)
        };
        let (place, what) = match report {
            ServerReport::Request {
                client: handle,
                last_event_id,
            } => {
                // Each client asks once, the last one last.
                let place = self
                    .clients
                    .iter()
                    .rposition(|client| client.handle.is_none());
                let Some(place) = place else { return };
                let client = &mut self.clients[place];
                client.handle = Some(handle);
                client.told_at = Some(at);
                client.side.request = Some(last_event_id.clone());
                (place, Happened::Told(last_event_id))
            }
            ServerReport::Rejected {
                client: handle,
                index,
                message,
            } => {
                let Some(place) = place_of(&self.clients, &handle) else {
                    return;
                };
                let rejected = &mut self.clients[place].side.rejected;
                rejected.push((index, message.clone()));
                (place, Happened::Rejected(index, message))
            }
            ServerReport::Disconnected { client: handle } => {
                let Some(place) = place_of(&self.clients, &handle) else {
                    return;
                };
                let client = &mut self.clients[place];
                if let Some(left_at) = client.left_at {
                    let since = at.saturating_duration_since(left_at);
                    client.side.noticed.get_or_insert(since);
                }
                (place, Happened::Disconnected)
            }
        };
        self.clients[place].last_activity = at;
        self.happened(at, place, what);
    }

    fn happened(&mut self, at: Instant, client: usize, what: Happened) {
        if self.moments.len() < MAX_MOMENTS {
            let at = at.saturating_duration_since(self.started);
            self.moments.push(Moment { at, client, what });
        }
    }

    fn over(&self) -> Unplayed {
        let over = self.conversation.over();
        Unplayed::Over(over.unwrap_or_else(|| Trouble::Protocol("it stopped reporting".to_owned())))
    }
}

/// A head whose long values are cut.
fn shown(mut head: Head) -> Head {
    for (_, value) in &mut head.headers {
        value.truncate(MAX_SHOWN);
    }
    head
}

fn unplayed(request: &str, unanswered: Unanswered) -> Unplayed {
    match unanswered {
        Unanswered::Over(trouble) => Unplayed::Over(trouble),
        Unanswered::Refused(why) => Unplayed::Error(format!("its answer to `{request}`: {why}")),
    }
}
