//! Server cases and an adapter: many streams at once from one process, whatever the process does.

mod body;
mod http;
mod play;
mod reader;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::evidence::{Observed, Run};
use super::play::Unplayed;
use super::{SharedProgress, death, with};
use crate::case::server::ServerCase;
use crate::corpus::Corpus;
use crate::observation::server::ServerRun;
use crate::observation::{Observation, Parsed};
use crate::target::adapter::Adapter;
use crate::target::conversation::Conversation;
use crate::target::process::Silence;
use crate::target::server_message::ServerReport;
use crate::target::session::{Job, Trouble, with_log};
use crate::verdict;

/// Streams at once, unless the adapter can do fewer.
const AT_ONCE: usize = 16;
/// A process that goes down this often with nothing under way is given up.
const MAX_IDLE_DEATHS: usize = 3;

/// What all plays against one target share.
struct Stage<'a> {
    adapter: &'a Adapter,
    progress: &'a SharedProgress,
    corpus: Arc<Corpus>,
    n_streams: AtomicU64,
    deadline: Duration,
}

/// Plays every case.
pub async fn ask_everything(
    adapter: &Adapter,
    progress: &SharedProgress,
    deadline: Duration,
) -> Result<(), String> {
    let open = || Conversation::open_server(adapter, deadline);
    let mut conversation = open().await?;
    let n_cases = with(progress, |progress| progress.greet(&conversation.greeting));
    let at_once = conversation.greeting.features.offers.at_once;
    let at_once = at_once.unwrap_or(AT_ONCE).clamp(1, AT_ONCE);
    let stage = Stage {
        adapter,
        progress,
        corpus: with(progress, |progress| progress.corpus()),
        n_streams: AtomicU64::new(1),
        deadline,
    };
    let mut jobs: VecDeque<Job> = (0..n_cases)
        .flat_map(|case| with(progress, |progress| progress.jobs_of(case)))
        .collect();
    // What waits longest begins first, so that it does not stand alone at the end.
    let waits = |job: &Job| {
        stage.corpus.cases[job.case]
            .server()
            .is_some_and(|case| case.leaves())
    };
    jobs.make_contiguous().sort_by_key(|job| !waits(job));
    let mut n_idle_deaths = 0;
    loop {
        let (suspects, go_on) = stage.play_all(&conversation, &mut jobs, at_once).await;
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
        for job in suspects {
            let observed = stage.play_alone(&job).await?;
            if !with(progress, |progress| progress.record(&job, observed)) {
                return Ok(());
            }
        }
        conversation = open().await?;
    }
}

/// Plays a case by itself.
///
/// # Errors
///
/// One sentence: there is nothing to judge.
pub async fn rehearse(
    conversation: &Conversation<ServerReport>,
    case: &ServerCase,
    deadline: Duration,
) -> Result<ServerRun, String> {
    // Handles that no stream of a run has.
    static N_REHEARSED: AtomicU64 = AtomicU64::new(1);
    let handle = format!("r{}", N_REHEARSED.fetch_add(1, Ordering::Relaxed));
    match play::play(conversation, case, handle, deadline).await {
        Ok(run) => Ok(run),
        Err(Unplayed::Error(sentence)) => Err(sentence),
        Err(Unplayed::Over(trouble)) => Err(with_log(trouble.to_string(), &conversation.log())),
    }
}

impl Stage<'_> {
    /// Plays jobs, many at once, until all are played or the process is of no more use. Returns those that were under way
    /// then, and whether to go on.
    async fn play_all(
        &self,
        conversation: &Conversation<ServerReport>,
        jobs: &mut VecDeque<Job>,
        at_once: usize,
    ) -> (Vec<Job>, bool) {
        let drawn = std::iter::from_fn(|| {
            let is_over = conversation.over().is_some();
            (!is_over).then(|| jobs.pop_front()).flatten()
        });
        let mut plays = stream::iter(drawn)
            .map(|job| async {
                let played = self.play(conversation, &job).await;
                (job, played)
            })
            .buffer_unordered(at_once);
        let mut suspects = Vec::new();
        while let Some((job, played)) = plays.next().await {
            let observed = match played {
                Ok(run) => Ok(observed(run)),
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

    async fn play(
        &self,
        conversation: &Conversation<ServerReport>,
        job: &Job,
    ) -> Result<ServerRun, Unplayed> {
        let Some(case) = self.corpus.cases[job.case].server() else {
            return Err(Unplayed::Error("it asks no server".to_owned()));
        };
        let handle = format!("s{}", self.n_streams.fetch_add(1, Ordering::Relaxed));
        play::play(conversation, case, handle, self.deadline).await
    }

    /// Plays a case alone, up to twice, each time in a fresh process.
    ///
    /// Twice dead or silent is the implementation's doing. Anything else is ours or the adapter's: an error.
    async fn play_alone(&self, job: &Job) -> Result<Result<Observed, String>, String> {
        let mut last = None;
        for _ in 0..2 {
            let conversation = Conversation::open_server(self.adapter, self.deadline).await?;
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

fn observed(run: ServerRun) -> Observed {
    let events = run
        .sides
        .first()
        .map(|side| verdict::server::heard(&side.body));
    Observed {
        observation: Observation::Parsed(Parsed {
            events: events.unwrap_or_default(),
            ..Parsed::default()
        }),
        raw: String::new(),
        run: Some(Run::Server(run)),
    }
}
