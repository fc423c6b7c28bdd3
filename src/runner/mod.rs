//! Cases and an adapter, to a report on the target: asks everything, whatever the target does.

mod again;
pub mod asker;
mod at_hand;
mod client;
pub mod diagnosing;
pub mod evidence;
pub mod fuzzing;
mod lag;
mod loss;
mod patience;
mod plain;
mod play;
pub mod progress;
pub mod rehearsal;
mod server;
mod server_transcript;
mod stage;
mod transcript;
mod waiting;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::case::server::ServerCase;
use crate::clause::Role;
use crate::delivery::Delivery;
use crate::observation::server::ServerRun;
use crate::observation::{Input, Observation};
use crate::report::Trouble;
use crate::target::adapter::Adapter;
use crate::target::conversation::Conversation;
use crate::target::message::Greeting;
use crate::target::server_message::ServerReport;
use crate::target::session::{Answer, Failure, Job, Session};
use evidence::Observed;
use loss::Losses;
use progress::Progress;

/// After this many requests in a row whose answers broke the protocol even when asked alone, the target is given up.
const MAX_BROKEN_IN_A_ROW: usize = 3;

/// A progress that an interruption can read.
pub type SharedProgress = Arc<Mutex<Progress>>;

/// Asks a target everything. What is learnt is in `progress` at every moment.
pub async fn ask(adapter: &Adapter, progress: &SharedProgress, deadline: Duration) {
    let asked = match with(progress, |progress| progress.role()) {
        Role::Client => client::ask_everything(adapter, progress, deadline).await,
        Role::Server => server::ask_everything(adapter, progress, deadline).await,
        _ if adapter.is_plain => plain::ask_everything(adapter, progress, deadline).await,
        _ => ask_everything(adapter, progress, deadline).await,
    };
    if let Err(sentence) = asked {
        with(progress, |progress| {
            progress.trouble = Some(Trouble::Error(sentence))
        });
    }
}

/// Asks a target one delivery, in a process of its own.
///
/// # Errors
///
/// One sentence: it could not be asked.
pub async fn ask_one(
    adapter: &Adapter,
    delivery: &Delivery,
    deadline: Duration,
) -> Result<(Greeting, Observation), String> {
    if adapter.is_plain {
        let greeting = plain::greeting(adapter, deadline).await?;
        let observed = plain::ask(adapter, delivery, deadline).await?;
        return Ok((greeting, observed.observation));
    }
    let session = Session::open(&adapter.command, Role::Parser, deadline).await?;
    let greeting = session.greeting.clone();
    session.close().await;
    if greeting.features.input == Input::Text && std::str::from_utf8(delivery.bytes()).is_err() {
        return Err("it reads text, and the stream is not UTF-8".to_owned());
    }
    let observed = ask_alone(adapter, deadline, delivery).await?;
    Ok((greeting, observed.observation))
}

async fn ask_everything(
    adapter: &Adapter,
    progress: &SharedProgress,
    deadline: Duration,
) -> Result<(), String> {
    let open = || Session::open(&adapter.command, Role::Parser, deadline);
    let mut session = open().await?;
    let n_cases = with(progress, |progress| progress.greet(&session.greeting));
    // A job that was drawn but not asked before a process died comes first again.
    let mut drawn: Vec<Job> = Vec::new();
    let mut next_case = 0;
    loop {
        let mut go_on = true;
        let asked = {
            let mut jobs = std::iter::from_fn(|| {
                loop {
                    while drawn.is_empty() && next_case < n_cases {
                        drawn = with(progress, |progress| progress.jobs_of(next_case));
                        drawn.reverse();
                        next_case += 1;
                    }
                    let job = drawn.pop()?;
                    if with(progress, |progress| progress.wants(&job)) {
                        return Some(job);
                    }
                }
            });
            let mut record = |job: &Job, answer: Answer| {
                go_on = with(progress, |progress| {
                    progress.n_broken_in_a_row = 0;
                    progress.record(job, answer.map(Observed::from))
                });
                go_on
            };
            session.ask_all(&mut jobs, &mut record).await
        };
        match asked {
            Ok(()) => {
                session.close().await;
                return Ok(());
            }
            Err(Failure {
                trouble,
                suspects,
                culprits,
            }) => {
                drop(session);
                with(progress, |progress| {
                    progress.retract(&culprits, &trouble.to_string())
                });
                if !ask_suspects(adapter, progress, deadline, suspects).await? {
                    return Ok(());
                }
                session = open().await?;
            }
        }
    }
}

/// Asks the requests that were under way when a process failed, one at a time; whoever fails again is asked alone.
async fn ask_suspects(
    adapter: &Adapter,
    progress: &SharedProgress,
    deadline: Duration,
    suspects: Vec<Job>,
) -> Result<bool, String> {
    let mut session: Option<Session> = None;
    for job in suspects {
        if !with(progress, |progress| progress.wants(&job)) {
            continue;
        }
        let mut asking = match session.take() {
            Some(session) => session,
            None => Session::open(&adapter.command, Role::Parser, deadline).await?,
        };
        let observed = match asking.ask(&job.delivery).await {
            Ok(answer) => {
                session = Some(asking);
                answer.map(Observed::from)
            }
            Err(_) => {
                drop(asking);
                ask_alone(adapter, deadline, &job.delivery).await
            }
        };
        let go_on = with(progress, |progress| {
            progress.n_broken_in_a_row = if observed.is_err() {
                progress.n_broken_in_a_row + 1
            } else {
                0
            };
            let sentence = observed.as_ref().err().cloned();
            let go_on = progress.record(&job, observed);
            match sentence {
                Some(sentence) if progress.n_broken_in_a_row >= MAX_BROKEN_IN_A_ROW => Err(
                    format!("given up after {MAX_BROKEN_IN_A_ROW} requests in a row: {sentence}"),
                ),
                _ => Ok(go_on),
            }
        })?;
        if !go_on {
            return Ok(false);
        }
    }
    if let Some(session) = session {
        session.close().await;
    }
    Ok(true)
}

/// Asks a delivery alone, up to twice, each time in a fresh process that has just answered an empty stream.
async fn ask_alone(
    adapter: &Adapter,
    deadline: Duration,
    delivery: &Delivery,
) -> Result<Observed, String> {
    let empty = Delivery::whole(Vec::new().into());
    let mut losses = Losses::default();
    for _ in 0..2 {
        let mut session = Session::open(&adapter.command, Role::Parser, deadline).await?;
        session.ask(&empty).await.map_err(|trouble| {
            format!("asked for an empty stream in a fresh process: {trouble}")
        })??;
        match session.ask(delivery).await {
            Ok(answer) => {
                session.close().await;
                return answer.map(Observed::from);
            }
            Err(trouble) => losses.note(trouble, session.log())?,
        }
    }
    losses.observed()
}

/// Plays a case to a server that is under way, for whoever checks an adapter.
///
/// # Errors
///
/// One sentence: there is nothing to judge.
pub async fn rehearse(
    conversation: &Conversation<ServerReport>,
    case: &ServerCase,
    deadline: Duration,
) -> Result<ServerRun, String> {
    server::rehearse(conversation, case, deadline).await
}

fn with<T>(progress: &SharedProgress, act: impl FnOnce(&mut Progress) -> T) -> T {
    // A panic while the lock is held leaves facts behind, not half-truths: every change is one assignment.
    act(&mut progress
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner))
}
