//! Server cases and an adapter: many streams at once from one process, whatever the process does.

mod body;
mod client;
mod http;
mod play;
mod reader;
mod telling;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::evidence::{Observed, Run};
use super::play::Unplayed;
use super::{SharedProgress, stage, with};
use crate::case::server::{Check, ServerCase};
use crate::corpus::Corpus;
use crate::observation::server::ServerRun;
use crate::observation::{Observation, Parsed};
use crate::target::adapter::Adapter;
use crate::target::conversation::Conversation;
use crate::target::server_message::ServerReport;
use crate::target::session::{Job, Trouble, with_log};
use crate::verdict;

/// Streams at once, unless the adapter can do fewer.
const AT_ONCE: usize = 16;

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
    let conversation = Conversation::open_server(adapter, deadline).await?;
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
            .is_some_and(|case| case.leaves() || case.checks(Check::Heartbeat))
    };
    jobs.make_contiguous().sort_by_key(|job| !waits(job));
    stage::play_everything(&stage, conversation, jobs, at_once).await
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

impl stage::Process for Conversation<ServerReport> {
    fn over(&self) -> Option<Trouble> {
        Conversation::over(self)
    }

    fn log(&self) -> Vec<String> {
        Conversation::log(self)
    }

    async fn close(self) {
        Conversation::close(self).await;
    }
}

impl stage::Stage for Stage<'_> {
    type Process = Conversation<ServerReport>;
    type Run = ServerRun;

    fn progress(&self) -> &SharedProgress {
        self.progress
    }

    async fn open(&self) -> Result<Self::Process, String> {
        Conversation::open_server(self.adapter, self.deadline).await
    }

    async fn play(&self, conversation: &Self::Process, job: &Job) -> Result<ServerRun, Unplayed> {
        let Some(case) = self.corpus.cases[job.case].server() else {
            return Err(Unplayed::Error("it asks no server".to_owned()));
        };
        let handle = format!("s{}", self.n_streams.fetch_add(1, Ordering::Relaxed));
        play::play(conversation, case, handle, self.deadline).await
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
}
