//! Cases to a program that knows no protocol: a fresh process for each stream, some at once.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::evidence::Observed;
use super::loss::death;
use super::{SharedProgress, with};
use crate::delivery::Delivery;
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use crate::target::plain::{self, Ran};
use crate::target::process::Silence;

/// Processes at once: most of a process's life is its start, which wants a core.
const AT_ONCE: usize = 4;

/// Asks every case, whole.
pub async fn ask_everything(
    adapter: &Adapter,
    progress: &SharedProgress,
    deadline: Duration,
) -> Result<(), String> {
    let greeting = greeting(adapter, deadline).await?;
    let n_cases = with(progress, |progress| progress.greet(&greeting));
    let jobs = (0..n_cases).flat_map(|case| with(progress, |progress| progress.jobs_of(case)));
    let mut answers = stream::iter(jobs)
        .map(|job| async {
            let observed = ask(adapter, &job.delivery, deadline).await;
            (job, observed)
        })
        .buffered(AT_ONCE);
    while let Some((job, observed)) = answers.next().await {
        if !with(progress, |progress| progress.record(&job, observed)) {
            break;
        }
    }
    Ok(())
}

/// What such a program would have said of itself.
pub(super) async fn greeting(adapter: &Adapter, deadline: Duration) -> Result<Greeting, String> {
    Ok(Greeting {
        implementation: adapter.name.clone(),
        version: String::new(),
        language: String::new(),
        features: plain::features(&adapter.command, deadline).await?,
    })
}

/// Asks one stream; a program that is lost over it is asked once more, in case it was not its fault.
pub(super) async fn ask(
    adapter: &Adapter,
    delivery: &Delivery,
    deadline: Duration,
) -> Result<Observed, String> {
    let mut lost = None;
    for _ in 0..2 {
        match plain::run(&adapter.command, delivery, deadline).await? {
            Ran::Ended(answered) => return Ok(answered.into()),
            Ran::Lost(silence, log) => lost = Some((silence, log)),
        }
    }
    let Some((silence, log)) = lost else {
        return Err("no answer".to_owned());
    };
    match silence {
        Silence::Flooded => Err(silence.to_string()),
        silence => Ok(death(silence, log)),
    }
}
