//! Client cases and an adapter: many scripts played at once to one process, whatever the process does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::again::Again;
use super::evidence::{Observed, Run};
use super::lag::Lag;
use super::patience::{Patience, SHORT_RETRY};
use super::play::{self, Unplayed};
use super::{SharedProgress, death, with};
use crate::case::client::{ClientAnswer, ClientCase, ConnectWith, PREAMBLE, SENTINEL};
use crate::case::{Answer, ExpectedEnd, Trace};
use crate::corpus::Corpus;
use crate::observation::Observation;
use crate::observation::client::{ClientRun, RunEnd};
use crate::origin::Origin;
use crate::script::{Ending, Response};
use crate::target::adapter::Adapter;
use crate::target::client::Client;
use crate::target::process::Silence;
use crate::target::session::{Job, Trouble, with_log};

/// Scripts played at once. Nearly all of a script's time is waiting.
const AT_ONCE: usize = 128;
/// Fewer in a browser: with as many at its start, a page on a busy machine reports more than a second late.
const AT_ONCE_IN_A_BROWSER: usize = 32;
/// As many of those are played at once that were under way when a process went down.
const FEW_AT_ONCE: usize = 8;
/// A target that waits longer of its own accord is not judged by its coming back.
const LONGEST_OWN_DELAY: Duration = Duration::from_secs(15);
/// A case is played so often at most if the target comes back before it has answered that it disconnects.
const MAX_PLAYS: usize = 3;
/// A process that goes down this often with nothing under way is given up.
const MAX_IDLE_DEATHS: usize = 3;

/// What all plays against one target share.
struct Stage<'a> {
    adapter: &'a Adapter,
    progress: &'a SharedProgress,
    corpus: Arc<Corpus>,
    origin: Origin,
    patience: Patience,
    lag: Lag,
    again: Again,
    reconnects: bool,
    deadline: Duration,
}

/// Plays every case.
pub async fn ask_everything(
    adapter: &Adapter,
    progress: &SharedProgress,
    deadline: Duration,
) -> Result<(), String> {
    let origin = match adapter.browser {
        Some(_) => Origin::start_for_browsers().await,
        None => Origin::start().await,
    };
    let origin = origin.map_err(|error| format!("the origin has no loopback port: {error}"))?;
    let open = || Client::open(adapter, deadline);
    let mut conversation = open().await?;
    let n_cases = with(progress, |progress| progress.greet(conversation.greeting()));
    let reconnects = conversation.greeting().features.reconnects;
    // A browser answers when its page has got to it, loaded or not.
    let lag = Lag::measure(adapter.browser.is_none());
    let patience = measure(&origin, &conversation, reconnects, deadline, &lag).await?;
    with(progress, |progress| {
        progress.note_origin(
            origin.boundaries(),
            patience.own_delay.is_none() && reconnects,
        )
    });
    let stage = Stage {
        adapter,
        progress,
        corpus: with(progress, |progress| progress.corpus()),
        origin,
        patience,
        lag,
        again: Again::default(),
        reconnects,
        deadline,
    };
    let mut jobs: VecDeque<Job> = (0..n_cases)
        .flat_map(|case| with(progress, |progress| progress.jobs_of(case)))
        .collect();
    let mut at_once = match &adapter.browser {
        Some(_) => AT_ONCE_IN_A_BROWSER,
        None => AT_ONCE,
    };
    let mut n_idle_deaths = 0;
    loop {
        let (suspects, go_on) = stage.play_all(&conversation, &mut jobs, at_once).await;
        if go_on && suspects.is_empty() && jobs.is_empty() {
            jobs = stage.again.second_round();
            at_once = FEW_AT_ONCE;
            if !jobs.is_empty() && conversation.over().is_none() {
                continue;
            }
        }
        if !go_on || (suspects.is_empty() && jobs.is_empty()) {
            conversation.close().await;
            return Ok(());
        }
        if suspects.is_empty() {
            n_idle_deaths += 1;
            if n_idle_deaths == MAX_IDLE_DEATHS {
                let why = conversation.over().map(|trouble| trouble.to_string());
                return Err(with_log(why.unwrap_or_default(), &conversation.log()));
            }
        }
        drop(conversation);
        let Some(fresh) = stage.play_suspects(suspects).await? else {
            return Ok(());
        };
        conversation = fresh;
    }
}

impl Stage<'_> {
    /// Plays what was under way when a process went down, a few at once; whoever is under way when that fails too is
    /// played alone.
    async fn play_suspects(&self, suspects: Vec<Job>) -> Result<Option<Client>, String> {
        let mut n_lost = suspects.len();
        let mut jobs = VecDeque::from(suspects);
        loop {
            let lost_before = |sentence: String| {
                format!("it was lost while {n_lost} cases were under way, and then {sentence}")
            };
            let conversation = Client::open(self.adapter, self.deadline)
                .await
                .map_err(lost_before)?;
            let (mut lost, go_on) = self.play_all(&conversation, &mut jobs, FEW_AT_ONCE).await;
            if !go_on {
                return Ok(None);
            }
            if lost.is_empty() && jobs.is_empty() {
                return Ok(Some(conversation));
            }
            drop(conversation);
            if lost.is_empty() {
                lost.extend(jobs.pop_front());
            }
            n_lost = lost.len();
            for job in lost {
                let observed = self.play_alone(&job).await.map_err(|sentence| {
                    format!("it was lost while {n_lost} cases were under way, and then {sentence}")
                })?;
                if !with(self.progress, |progress| progress.record(&job, observed)) {
                    return Ok(None);
                }
            }
        }
    }

    /// Plays jobs, many at once, until all are played or the process is of no more use. Returns those that were under way
    /// then, and whether to go on.
    async fn play_all(
        &self,
        conversation: &Client,
        jobs: &mut VecDeque<Job>,
        at_once: usize,
    ) -> (Vec<Job>, bool) {
        let mut plays = FuturesUnordered::new();
        let mut suspects = Vec::new();
        loop {
            while conversation.over().is_none()
                && plays.len() < self.lag.at_once(at_once)
                && let Some(job) = jobs.pop_front()
            {
                plays.push(async {
                    let started = Instant::now();
                    let played = self.play(conversation, &job).await;
                    (job, played, self.lag.since(started))
                });
            }
            let Some((job, played, lag)) = plays.next().await else {
                break;
            };
            let observed = match played {
                Ok(run) => {
                    let case = self.corpus.cases[job.case].client();
                    match self.again.counts(&job, case, run, lag) {
                        Some(run) => Ok(observed(run)),
                        None => continue,
                    }
                }
                Err(Unplayed::Error(sentence)) => Err(sentence),
                Err(Unplayed::Over(_)) => {
                    suspects.push(job);
                    continue;
                }
            };
            if !with(self.progress, |progress| progress.record(&job, observed)) {
                return (Vec::new(), false);
            }
        }
        (suspects, true)
    }

    async fn play(&self, conversation: &Client, job: &Job) -> Result<ClientRun, Unplayed> {
        let Some(case) = self.corpus.cases[job.case].client() else {
            return Err(Unplayed::Error("it asks no client".to_owned()));
        };
        let case = case.for_target(self.reconnects);
        let play = || play::play(&self.origin, conversation, &case, self.patience, &self.lag);
        for _ in 1..MAX_PLAYS {
            let run = play().await?;
            if run.end != RunEnd::Early {
                return Ok(run);
            }
        }
        play().await
    }

    /// Plays a case alone, up to twice, each time in a fresh process.
    ///
    /// Twice dead or silent is the implementation's doing. Anything else is ours or the adapter's: an error.
    async fn play_alone(&self, job: &Job) -> Result<Result<Observed, String>, String> {
        let mut last = None;
        for _ in 0..2 {
            let conversation = Client::open(self.adapter, self.deadline).await?;
            match self.play(&conversation, job).await {
                Ok(run) => {
                    conversation.close().await;
                    return Ok(Ok(observed(run)));
                }
                Err(Unplayed::Over(Trouble::Silence(
                    silence @ (Silence::Died(_) | Silence::Hung { .. }),
                ))) => last = Some((silence, conversation.log())),
                Err(Unplayed::Over(trouble)) => {
                    return Ok(Err(with_log(trouble.to_string(), &conversation.log())));
                }
                Err(Unplayed::Error(sentence)) => return Ok(Err(sentence)),
            }
        }
        let lost = last.map(|(silence, log)| death(silence, log));
        Ok(lost.ok_or_else(|| "no answer".to_owned()))
    }
}

fn observed(run: ClientRun) -> Observed {
    Observed {
        observation: Observation::Parsed(run.parsed(PREAMBLE, SENTINEL)),
        raw: String::new(),
        run: Some(Run::Client(run)),
    }
}

/// Measures how long the target waits before it comes back: of its own accord, and when it was told a short time.
async fn measure(
    origin: &Origin,
    conversation: &Client,
    reconnects: bool,
    deadline: Duration,
    lag: &Lag,
) -> Result<Patience, String> {
    let longest = Patience {
        own_delay: Some(
            LONGEST_OWN_DELAY
                .saturating_sub(Duration::from_secs(5))
                .div_f64(1.5),
        ),
        short_delay: Duration::ZERO,
        deadline,
    };
    if !reconnects {
        return Ok(Patience {
            own_delay: Some(Duration::ZERO),
            ..longest
        });
    }
    let short = format!("retry: {}\ndata: a\n\n", SHORT_RETRY.as_millis());
    let delay = async |stream: &str| {
        let case = coming_back(stream);
        match play::play(origin, conversation, &case, longest, lag).await {
            Ok(run) => {
                let second = run.requests().nth(1).map(|(at, _)| at);
                Ok(second
                    .zip(run.over(0))
                    .map(|(at, over)| at.saturating_sub(over)))
            }
            Err(Unplayed::Error(sentence)) => Err(sentence),
            Err(Unplayed::Over(trouble)) => Err(with_log(trouble.to_string(), &conversation.log())),
        }
    };
    let (own, short) = tokio::join!(delay("data: a\n\n"), delay(&short));
    let (own_delay, short_delay) = (own?, short?);
    if let Some(sentence) = conversation.mute() {
        return Err(sentence);
    }
    Ok(Patience {
        own_delay,
        short_delay: short_delay.unwrap_or_default(),
        deadline,
    })
}

/// A connection that ends, after which the target comes back.
fn coming_back(stream: &str) -> ClientCase {
    ClientCase {
        connect: ConnectWith::default(),
        refusals: Vec::new(),
        may_give_up: false,
        responses: vec![Response::stream(
            [stream.as_bytes().to_vec()],
            Ending::Close,
        )],
        close_on: None,
        disconnect_after: None,
        returns: true,
        answers: vec![ClientAnswer {
            requests: Vec::new(),
            reports: None,
            events: Answer {
                reason: None,
                events: Vec::new(),
                end: ExpectedEnd::default(),
            },
        }],
        trace: Trace::default(),
        reconnection_time: None,
        script: None,
        carries_parser_case: false,
    }
}
