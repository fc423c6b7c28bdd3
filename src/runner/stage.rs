//! Cases that are played, many at once, to one process, whatever the process does.
//!
//! What a play is (a client that is served, a server that is asked) is the stage's matter; what becomes of it when the
//! process goes down is the same for all.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

use super::evidence::Observed;
use super::loss::{IdleDeaths, Losses};
use super::play::Unplayed;
use super::{SharedProgress, with};
use crate::target::session::{Job, Trouble};

/// As many of those are played at once that were under way when a process went down.
pub const FEW_AT_ONCE: usize = 8;
/// As many are played at once of those that are played again, because too much went on the first time.
const AGAIN_AT_ONCE: usize = 32;
/// How often to look whether more may be under way.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// An adapter's process that plays many cases at once.
pub trait Process {
    /// Why it is of no more use, once it is.
    fn over(&self) -> Option<Trouble>;
    /// What it wrote to standard error.
    fn log(&self) -> Vec<String>;
    /// Ends it as the protocol says.
    async fn close(self);
}

/// What all plays against one target share.
pub trait Stage {
    /// What plays the cases.
    type Process: Process;
    /// What a play left.
    type Run;

    /// Where verdicts go.
    fn progress(&self) -> &SharedProgress;

    /// Starts a fresh process.
    async fn open(&self) -> Result<Self::Process, String>;

    /// Plays a case.
    async fn play(&self, process: &Self::Process, job: &Job) -> Result<Self::Run, Unplayed>;

    /// Plays a case beside others. Nothing, if that says too little and the case is played again later.
    async fn play_in_company(
        &self,
        process: &Self::Process,
        job: &Job,
    ) -> Result<Option<Self::Run>, Unplayed> {
        self.play(process, job).await.map(Some)
    }

    /// What a play showed.
    fn observed(run: Self::Run) -> Observed;

    /// How many may be under way just now, of so many that are wanted.
    fn at_once(&self, wanted: usize) -> usize {
        wanted
    }

    /// What has to be played again when everything has been played once; asked again, it is nothing.
    fn again(&self) -> VecDeque<Job> {
        VecDeque::new()
    }
}

/// Plays every job.
///
/// # Errors
///
/// One sentence: the target is given up.
pub async fn play_everything<S: Stage>(
    stage: &S,
    mut process: S::Process,
    mut jobs: VecDeque<Job>,
    mut at_once: usize,
) -> Result<(), String> {
    let mut idle_deaths = IdleDeaths::default();
    loop {
        let (suspects, go_on) = play_all(stage, &process, &mut jobs, at_once).await;
        if go_on && suspects.is_empty() && jobs.is_empty() {
            jobs = stage.again();
            at_once = at_once.min(AGAIN_AT_ONCE);
            if !jobs.is_empty() && process.over().is_none() {
                continue;
            }
        }
        if !go_on || (suspects.is_empty() && jobs.is_empty()) {
            process.close().await;
            return Ok(());
        }
        if suspects.is_empty() {
            idle_deaths.note(&process)?;
        }
        drop(process);
        let Some(fresh) = play_suspects(stage, suspects).await? else {
            return Ok(());
        };
        process = fresh;
    }
}

/// Plays what was under way when a process went down, a few at once; whoever is under way when that fails too is played
/// alone. Returns a process that is of use, unless the run is to end.
async fn play_suspects<S: Stage>(
    stage: &S,
    suspects: Vec<Job>,
) -> Result<Option<S::Process>, String> {
    let mut n_lost = suspects.len();
    let mut jobs = VecDeque::from(suspects);
    loop {
        let lost_before = self::lost_before(n_lost);
        let process = stage.open().await.map_err(lost_before)?;
        let (mut lost, go_on) = play_all(stage, &process, &mut jobs, FEW_AT_ONCE).await;
        if !go_on {
            return Ok(None);
        }
        if lost.is_empty() && jobs.is_empty() {
            return Ok(Some(process));
        }
        drop(process);
        if lost.is_empty() {
            lost.extend(jobs.pop_front());
        }
        n_lost = lost.len();
        let lost_before = self::lost_before(n_lost);
        for job in lost {
            let observed = play_alone(stage, &job).await.map_err(lost_before)?;
            if !with(stage.progress(), |progress| progress.record(&job, observed)) {
                return Ok(None);
            }
        }
    }
}

/// Puts in front of a sentence what it follows from.
fn lost_before(n_lost: usize) -> impl Fn(String) -> String + Copy {
    move |sentence| {
        let cases = if n_lost == 1 {
            "case was"
        } else {
            "cases were"
        };
        format!("it was lost while {n_lost} {cases} under way, and then {sentence}")
    }
}

/// Plays jobs, many at once, until all are played or the process is of no more use. Returns those that were under way
/// then, and whether to go on.
async fn play_all<S: Stage>(
    stage: &S,
    process: &S::Process,
    jobs: &mut VecDeque<Job>,
    at_once: usize,
) -> (Vec<Job>, bool) {
    let mut plays = FuturesUnordered::new();
    let mut suspects = Vec::new();
    loop {
        while process.over().is_none()
            && plays.len() < stage.at_once(at_once)
            && let Some(job) = jobs.pop_front()
        {
            plays.push(async {
                let played = stage.play_in_company(process, &job).await;
                (job, played)
            });
        }
        let Ok(played) = timeout(LOOK_AGAIN, plays.next()).await else {
            continue;
        };
        let Some((job, played)) = played else {
            return (suspects, true);
        };
        let observed = match played {
            Ok(Some(run)) => Ok(S::observed(run)),
            Ok(None) => continue,
            Err(Unplayed::Error(sentence)) => Err(sentence),
            Err(Unplayed::Over(_)) => {
                suspects.push(job);
                continue;
            }
        };
        if !with(stage.progress(), |progress| progress.record(&job, observed)) {
            return (Vec::new(), false);
        }
    }
}

/// Plays a case alone, up to twice, each time in a fresh process.
async fn play_alone<S: Stage>(stage: &S, job: &Job) -> Result<Result<Observed, String>, String> {
    let mut losses = Losses::default();
    for _ in 0..2 {
        let process = stage.open().await?;
        match stage.play(&process, job).await {
            Ok(run) => {
                process.close().await;
                return Ok(Ok(S::observed(run)));
            }
            Err(Unplayed::Over(trouble)) => {
                if let Err(sentence) = losses.note(trouble, process.log()) {
                    return Ok(Err(sentence));
                }
            }
            Err(Unplayed::Error(sentence)) => return Ok(Err(sentence)),
        }
    }
    Ok(losses.observed())
}
