//! One client case played to one target: the script at the origin, the reports of the adapter, and when it is over.

use std::time::{Duration, Instant};

use tokio::time::{sleep_until, timeout_at};

use super::at_hand::at_hand;
use super::lag::Lag;
use super::patience::{Patience, START};
use super::waiting::{Counts, Over, Waiting};
use crate::case::client::{ClientCase, CloseOn, SENTINEL};
use crate::observation::client::{
    ClientRun, Happened, Moment, ObservedRequest, Report, RunEnd, is_sentinel,
};
use crate::origin::{Fact, Origin, Playing, Told};
use crate::script::Gate;
use crate::target::client::Client;
use crate::target::client_message::Connect;
use crate::target::conversation::{Reported, Unanswered};
use crate::target::session::Trouble;

mod ending;

/// A play that goes on for longer, whatever the target keeps doing, is over.
const LONGEST: Duration = Duration::from_secs(60);
/// How long the harness waits for the error that a lost connection makes before it disconnects all the same.
const UNTIL_ERROR: Duration = Duration::from_millis(300);
/// A play without a sign of life for so long, and for as much longer as things are late, costs nothing.
const IDLE: Duration = Duration::from_secs(1);
/// How long the end of a connection may take to be seen after the target has said that it disconnected.
const UNTIL_LEFT: Duration = Duration::from_secs(1);

/// Why there is no run to judge.
#[derive(Debug)]
pub enum Unplayed {
    /// The adapter's process is of no more use.
    Over(Trouble),
    /// We could not ask.
    Error(String),
}

/// Plays a case.
///
/// # Errors
///
/// There is nothing to judge.
pub async fn play(
    origin: &Origin,
    conversation: &Client,
    case: &ClientCase,
    patience: Patience,
    lag: &Lag,
) -> Result<ClientRun, Unplayed> {
    let script = case.script();
    // The gates of what is held back open once the target was told what to listen for.
    let script = match conversation.hears_types_late() {
        true => script.held_back(Gate::Opens(0)),
        false => script,
    };
    let playing = if script.needs_own_port() {
        let playing = origin.play_alone(script);
        playing
            .map_err(|error| Unplayed::Error(format!("the origin has no port for it: {error}")))?
    } else {
        origin.play(script)
    };
    let handle = playing.url.trim_end_matches('/');
    let connection = format!("c{}", &handle[handle.rfind('/').map_or(0, |at| at + 1)..]);
    let features = &conversation.greeting().features;
    let initial_time = case.connect.initial_reconnection_time;
    let params = Connect {
        connection: connection.clone(),
        url: playing.url.clone(),
        listen: case.types(),
        close_on: case.close_on.map(CloseOn::name),
        script: case.script.clone(),
        headers: case.connect.headers.iter().cloned().collect(),
        with_credentials: case.connect.with_credentials.then_some(true),
        method: case.connect.method.clone(),
        body: case.connect.body.clone(),
        last_event_id: case.connect.last_event_id.clone(),
        initial_reconnection_time: initial_time
            .or(features.initial_reconnection_time.then_some(START)),
        certificate: playing.certificate.clone(),
        http2: case.connect.transport.is_http2().then_some(true),
    };
    let started = Instant::now();
    let reports = conversation
        .connect(&params)
        .await
        .map_err(|unanswered| unplayed("connect", unanswered))?;
    lag.note(started.elapsed());
    let mut play = Play {
        case,
        conversation,
        connection,
        patience,
        lag,
        started,
        last_activity: Instant::now(),
        moments: Vec::new(),
        waiting: Waiting::default(),
        unheard: None,
        disconnect_at: None,
        quiet_from: None,
        is_disconnected: false,
        disconnected_at: None,
        is_over_for_good: false,
        n_asked: 0,
        over_at: None,
        longest_wait: Duration::ZERO,
        counts: Counts::default(),
        end: None,
    };
    let end = play.go_on(playing, reports).await;
    let fault = conversation.fault(&play.connection);
    conversation.forget(&play.connection);
    let end = end?;
    if play.n_asked == 0 && end != RunEnd::GaveUp && case.script.is_none() {
        let strays = origin.strays();
        let stray = strays.last();
        let elsewhere = stray.map(|stray| format!("; somebody asked for another path: {stray}"));
        let unheard = play
            .unheard
            .map(|why| format!("; a connection came to nothing: {why}"));
        let elsewhere = unheard.or(elsewhere).unwrap_or_default();
        return Err(Unplayed::Error(format!(
            "it was told to connect, and did not within {:.0} s{elsewhere}",
            patience.deadline.as_secs_f64()
        )));
    }
    if let Some(sentence) = fault.filter(|_| end != RunEnd::Sentinel) {
        return Err(Unplayed::Error(sentence));
    }
    // What the origin did and what the adapter said come on two ways.
    play.moments.sort_by_key(|moment| moment.at);
    Ok(ClientRun {
        moments: play.moments,
        end,
    })
}

struct Play<'a> {
    case: &'a ClientCase,
    conversation: &'a Client,
    connection: String,
    patience: Patience,
    lag: &'a Lag,
    started: Instant,
    last_activity: Instant,
    moments: Vec<Moment>,
    waiting: Waiting,
    /// Why a connection came to nothing before there was a request.
    unheard: Option<String>,
    /// When to disconnect at the latest.
    disconnect_at: Option<Instant>,
    /// Since when the target has to stay away.
    quiet_from: Option<Instant>,
    is_disconnected: bool,
    /// When it answered that it has disconnected.
    disconnected_at: Option<Instant>,
    /// A target that does not reconnect has said that its only connection is over.
    is_over_for_good: bool,
    n_asked: usize,
    /// When the last answer was over, and the longest wait before a request that followed one.
    over_at: Option<Instant>,
    longest_wait: Duration,
    counts: Counts,
    end: Option<RunEnd>,
}

impl Play<'_> {
    async fn go_on(
        &mut self,
        mut playing: Playing,
        mut reports: tokio::sync::mpsc::UnboundedReceiver<Reported>,
    ) -> Result<RunEnd, Unplayed> {
        let lag = self.lag;
        let mut idle = None;
        let mut idle_from = Instant::now() + IDLE;
        let end = loop {
            self.open_gates();
            if let Some(end) = self.end {
                break end;
            }
            if self.is_over_for_good && self.has_seen_all() {
                break RunEnd::Quiet;
            }
            if self.started.elapsed() > LONGEST {
                break self.ends_at().1;
            }
            let wake = self.wakes_at();
            tokio::select! {
                Some(told) = playing.facts.recv() => self.note(told).await?,
                reported = reports.recv() => match reported {
                    Some(reported) => self.hear(reported).await?,
                    None => return Err(self.over()),
                },
                () = sleep_until(wake.into()) => self.time_passes().await?,
                () = sleep_until(idle_from.into()), if idle.is_none() => {
                    idle = Some(lag.idle());
                    continue;
                }
            }
            idle = None;
            idle_from = Instant::now() + IDLE + lag.allowance();
        };
        self.disconnect().await?;
        // What the target said before it answered counts; what follows is for nobody.
        while let Some(reported) = at_hand(&mut reports) {
            self.hear(reported).await?;
        }
        while let Some(told) = at_hand(&mut playing.facts) {
            self.note(told).await?;
        }
        let until = Instant::now() + UNTIL_LEFT + self.lag.allowance();
        while self.case.closes() && self.is_held() {
            // A browser's answer and the end of its connection come on two ways.
            let fact = timeout_at(until.into(), playing.facts.recv()).await;
            let Ok(Some(told)) = fact else { break };
            self.note(told).await?;
        }
        if self.case.closes() && self.is_held() {
            self.happened(Instant::now(), Happened::KeptOpen);
        }
        Ok(end)
    }

    /// Takes in what happened at the origin.
    async fn note(&mut self, told: Told) -> Result<(), Unplayed> {
        let Told { at, request, fact } = told;
        self.last_activity = at;
        let is_last = request + 1 == self.case.responses.len();
        let what = match fact {
            Fact::Asked(asked) => {
                self.n_asked += 1;
                if let Some(over) = self.over_at.take() {
                    let wait = at.saturating_duration_since(over);
                    self.longest_wait = self.longest_wait.max(wait);
                }
                if !self.case.returns && self.n_asked > self.case.responses.len() {
                    // It had to stay away: that is all there is to learn.
                    self.end = Some(if self.came_early(at) {
                        RunEnd::Early
                    } else {
                        RunEnd::Quiet
                    });
                }
                Happened::Asked(ObservedRequest {
                    method: asked.method,
                    path: asked.target,
                    headers: asked.headers,
                    body: asked.body,
                })
            }
            Fact::Head(status, head) => Happened::Head(request, status, head),
            Fact::Chunk(bytes) => Happened::Sent(request, bytes),
            Fact::BoundaryUnknown => Happened::BoundaryUnknown(request),
            Fact::Gate(Gate::Disconnect, go) => {
                self.disconnect().await?;
                _ = go.send(());
                return Ok(());
            }
            Fact::Gate(gate, go) => {
                self.waiting.wait(gate, go, at);
                return Ok(());
            }
            Fact::Refuses(go) => {
                // The end of the connection before is an error too, unless it was a redirect.
                let before = self.case.responses.get(request);
                let is_redirect = before.is_some_and(|response| response.location.is_some());
                let n_errors = 1 + usize::from(self.n_asked > 0 && !is_redirect);
                let n_errors = self.counts.n_errors + n_errors;
                let are_reported = self.conversation.greeting().features.event_source_api;
                let lag = self.lag.allowance();
                self.waiting.refuse(go, at, n_errors, are_reported, lag);
                Happened::Refuses
            }
            Fact::Unheard(why) => {
                self.unheard = Some(why.clone());
                Happened::Unheard(why)
            }
            Fact::Over(ending) => {
                self.over_at = Some(at);
                if self.case.disconnect_after == Some(request) {
                    self.disconnect_at = Some(at + UNTIL_ERROR);
                }
                if is_last {
                    self.quiet_from = Some(at);
                }
                Happened::Over(request, ending)
            }
            Fact::Left => {
                if is_last {
                    self.quiet_from.get_or_insert(at);
                }
                Happened::Left(request)
            }
        };
        self.happened(at, what);
        Ok(())
    }

    /// Takes in what the target reported.
    async fn hear(&mut self, (at, report): Reported) -> Result<(), Unplayed> {
        // One error after another is no progress.
        if !matches!(report, Report::Error { .. }) {
            self.last_activity = at;
        }
        match &report {
            Report::Open => self.counts.n_opens += 1,
            Report::Event(event) => {
                self.counts.n_events += 1;
                if is_sentinel(event, SENTINEL) {
                    self.end = self.end.or(Some(RunEnd::Sentinel));
                }
            }
            Report::Error { fatal: true, .. } if self.case.returns => {
                self.end = self.end.or(Some(RunEnd::GaveUp));
            }
            Report::End if self.case.script.is_some() => self.end = Some(RunEnd::Sentinel),
            Report::End if self.case.returns => self.end = self.end.or(Some(RunEnd::GaveUp)),
            Report::End | Report::Error { fatal: true, .. } => {
                self.is_over_for_good = self.says_when_it_is_over();
            }
            _ => (),
        }
        let is_error = matches!(report, Report::Error { .. });
        self.counts.n_errors += usize::from(is_error);
        self.happened(at, Happened::Reported(report));
        if is_error && self.disconnect_at.is_some() {
            self.disconnect().await?;
        }
        Ok(())
    }

    fn open_gates(&mut self) {
        if let Some(over) = self.waiting.reached(self.counts) {
            self.goes_on(Instant::now(), over);
        }
    }

    fn goes_on(&mut self, now: Instant, over: Over) {
        // What follows for the target follows from now on.
        self.last_activity = now;
        self.happened(
            now,
            match over {
                Over::InVain(gate) => Happened::WaitedInVain(gate),
                Over::Refusal => Happened::Listens,
            },
        );
    }

    async fn disconnect(&mut self) -> Result<(), Unplayed> {
        self.disconnect_at = None;
        if std::mem::replace(&mut self.is_disconnected, true) {
            return Ok(());
        }
        let now = self
            .conversation
            .disconnect(&self.connection)
            .await
            .map_err(|unanswered| unplayed("disconnect", unanswered))?;
        self.last_activity = now;
        self.disconnected_at = Some(now);
        self.quiet_from = self.quiet_from.map(|_| now);
        self.happened(now, Happened::Disconnected);
        Ok(())
    }

    fn happened(&mut self, at: Instant, what: Happened) {
        let at = at.saturating_duration_since(self.started);
        self.moments.push(Moment { at, what });
    }

    fn over(&self) -> Unplayed {
        let fault = self.conversation.fault(&self.connection);
        match (self.conversation.over(), fault) {
            (Some(trouble), _) => Unplayed::Over(trouble),
            (None, Some(sentence)) => Unplayed::Error(sentence),
            (None, None) => Unplayed::Over(Trouble::Protocol("it stopped reporting".to_owned())),
        }
    }
}

fn unplayed(request: &str, unanswered: Unanswered) -> Unplayed {
    match unanswered {
        Unanswered::Over(trouble) => Unplayed::Over(trouble),
        Unanswered::Refused(why) => Unplayed::Error(format!("its answer to `{request}`: {why}")),
    }
}
