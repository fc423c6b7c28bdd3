//! Client cases and an adapter: many scripts played at once to one process, whatever the process does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::again::Again;
use super::evidence::{Observed, Run};
use super::lag::Lag;
use super::patience::{Patience, SHORT_RETRY};
use super::play::{self, Unplayed};
use super::{SharedProgress, stage, with};
use crate::case::client::{ClientAnswer, ClientCase, PREAMBLE, SENTINEL};
use crate::corpus::Corpus;
use crate::observation::Observation;
use crate::observation::client::{ClientRun, RunEnd};
use crate::origin::Origin;
use crate::script::{Ending, Response};
use crate::target::adapter::Adapter;
use crate::target::client::Client;
use crate::target::session::{Job, Trouble, with_log};

/// Scripts played at once. Nearly all of a script's time is waiting.
const AT_ONCE: usize = 128;
/// More with a target that waits for seconds before it comes back, whatever the stream told it.
const AT_ONCE_IF_SLOW: usize = 384;
/// What is slow.
const SLOW: Duration = Duration::from_secs(3);
/// Fewer in a browser: with as many at its start, a page on a busy machine reports more than a second late.
const AT_ONCE_IN_A_BROWSER: usize = 32;
/// A target that waits longer of its own accord is not judged by its coming back.
const LONGEST_OWN_DELAY: Duration = Duration::from_secs(15);
/// A case is played so often at most if the target comes back before it has answered that it disconnects.
const MAX_PLAYS: usize = 3;

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
    let (origin, conversation, lag) = meet(adapter, deadline).await?;
    let n_cases = with(progress, |progress| progress.greet(conversation.greeting()));
    let reconnects = conversation.greeting().features.reconnects;
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
    let is_slow = stage.patience.own_delay.is_some_and(|own| own > SLOW);
    let baseline = with(progress, |progress| Arc::clone(&progress.baseline));
    let takes_long = |job: &Job| {
        let case = &stage.corpus.cases[job.case];
        // What is known to deviate is what may be waited for in vain, and that takes longest; with a slow target it is
        // what returns more than once.
        let returns_often = case.client().is_some_and(|case| !case.carries_parser_case);
        baseline.entry(&case.id).is_some() || is_slow && returns_often
    };
    let (long, short): (Vec<Job>, Vec<Job>) = (0..n_cases)
        .flat_map(|case| with(progress, |progress| progress.jobs_of(case)))
        .partition(takes_long);
    let jobs: VecDeque<Job> = long.into_iter().chain(short).collect();
    let at_once = match &adapter.browser {
        Some(_) => AT_ONCE_IN_A_BROWSER,
        None if is_slow => AT_ONCE_IF_SLOW,
        None => AT_ONCE,
    };
    stage::play_everything(&stage, conversation, jobs, at_once).await
}

impl stage::Process for Client {
    fn over(&self) -> Option<Trouble> {
        Client::over(self)
    }

    fn log(&self) -> Vec<String> {
        Client::log(self)
    }

    async fn close(self) {
        Client::close(self).await;
    }
}

impl stage::Stage for Stage<'_> {
    type Process = Client;
    type Run = ClientRun;

    fn progress(&self) -> &SharedProgress {
        self.progress
    }

    async fn open(&self) -> Result<Client, String> {
        Client::open(self.adapter, self.deadline).await
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

    async fn play_in_company(
        &self,
        conversation: &Client,
        job: &Job,
    ) -> Result<Option<ClientRun>, Unplayed> {
        let started = Instant::now();
        let played = self.play(conversation, job).await;
        let lag = self.lag.since(started);
        match played {
            Ok(run) => {
                let case = self.corpus.cases[job.case].client();
                Ok(self.again.counts(job, case, run, lag))
            }
            Err(Unplayed::Error(_)) if self.again.puts_off(job, lag) => Ok(None),
            Err(unplayed) => Err(unplayed),
        }
    }

    fn observed(run: ClientRun) -> Observed {
        Observed {
            observation: Observation::Parsed(run.parsed(PREAMBLE, SENTINEL)),
            raw: String::new(),
            run: Some(Run::Client(run)),
        }
    }

    fn at_once(&self, wanted: usize) -> usize {
        self.lag.at_once(wanted)
    }

    fn again(&self) -> VecDeque<Job> {
        self.again.second_round()
    }
}

/// Starts the server that a target connects to, the target, and the measuring of how late things are.
pub(super) async fn meet(
    adapter: &Adapter,
    deadline: Duration,
) -> Result<(Origin, Client, Lag), String> {
    let is_browser = adapter.browser.is_some();
    let origin = match is_browser {
        true => Origin::start_for_browsers().await,
        false => Origin::start().await,
    };
    let origin = origin.map_err(|error| format!("the origin has no loopback port: {error}"))?;
    let client = Client::open(adapter, deadline).await?;
    // A browser answers when its page has got to it, loaded or not.
    Ok((origin, client, Lag::measure(!is_browser)))
}

/// Measures how long the target waits before it comes back: of its own accord, and when it was told a short time.
pub(super) async fn measure(
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
        let patience = Patience {
            own_delay: Some(Duration::ZERO),
            ..longest
        };
        // The first connection of a process takes longest: better alone than with all others.
        let first = coming_back("data: a\n\n");
        // Nothing rests on what comes of it: where it goes wrong, so do the cases, and they say what.
        _ = play::play(origin, conversation, &first, patience, lag).await;
        return Ok(patience);
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
    let response = Response::stream([stream.as_bytes().to_vec()], Ending::Close);
    ClientCase::new(vec![response], vec![ClientAnswer::default()])
}
