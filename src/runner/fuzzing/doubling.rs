//! Something that becomes twice as long, again and again, to whether the time or the memory of a target grows faster.

use std::time::{Duration, Instant};

use crate::fuzz::growth::{LARGE_ENOUGH, LENGTHS, LONG_ENOUGH, is_too_fast, is_too_large};
use crate::target::gauge::Gauge;

/// The best of so many: what else the machine does makes a time longer, never shorter.
const N_TIMED: usize = 3;
/// Memory that grows is looked at in so many fresh processes more, and must grow in each: a garbage collector decides by the way.
const N_FRESH: usize = 2;

/// Why nothing is looked for where a network lies between: what passes says more about the way than about the target.
pub const NO_GAUGE: &str = "time and memory that grow are not looked for: nothing here tells what a process takes, as /proc does on Linux";

/// What a target can be asked in any length.
pub trait Stretch {
    /// Asks for about so many bytes. Returns whether there was an answer.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    async fn ask(&mut self, length: usize) -> Result<bool, String>;

    /// What the target's processes take, where something tells.
    fn gauge(&self) -> Option<Gauge>;

    /// Ends the process; the next question starts another.
    async fn restart(&mut self);
}

/// Time or memory that grows faster than what is asked.
pub struct Growth {
    /// `time` or `memory`.
    pub what: &'static str,
    /// What each length takes.
    pub costs: Vec<String>,
}

impl Growth {
    /// In a sentence; `where_` says in what.
    pub fn sentence(&self, where_: &str) -> String {
        let what = match self.what {
            "time" => "Time",
            _ => "Memory",
        };
        format!(
            "{what} grows faster than the input {where_}: {}.",
            self.costs.join(", ")
        )
    }
}

/// What the lengths cost, from the shortest on.
#[derive(Default)]
struct Costs {
    seconds: Vec<f64>,
    /// How far the memory rose; empty where nothing tells.
    bytes: Vec<u64>,
}

/// Looks for time and for memory that grow too fast.
///
/// # Errors
///
/// One sentence: the target cannot be asked any more.
pub async fn growth(of: &mut impl Stretch) -> Result<Vec<Growth>, String> {
    let first_look = costs(of, 1).await?;
    let mut found = Vec::new();
    if is_too_large(&first_look.bytes) {
        found.extend(of_memory(of).await?);
    }
    if is_too_fast(&first_look.seconds) {
        found.extend(of_time(of).await?);
    }
    Ok(found)
}

async fn of_time(of: &mut impl Stretch) -> Result<Option<Growth>, String> {
    let seconds = costs(of, N_TIMED).await?.seconds;
    let times = LENGTHS
        .iter()
        .zip(&seconds)
        .map(|(length, seconds)| format!("{} KiB in {seconds:.3} s", length >> 10));
    Ok(is_too_fast(&seconds).then(|| Growth {
        what: "time",
        costs: times.collect(),
    }))
}

/// Looks again in fresh processes: what an earlier answer has left behind hides what a later one takes.
async fn of_memory(of: &mut impl Stretch) -> Result<Option<Growth>, String> {
    let mut last = Costs::default();
    for _ in 0..N_FRESH {
        of.restart().await;
        last = costs(of, 1).await?;
        if !is_too_large(&last.bytes) {
            return Ok(None);
        }
    }
    of.restart().await;
    let sizes = LENGTHS
        .iter()
        .zip(&last.bytes)
        .map(|(length, bytes)| format!("{} KiB take {} KiB", length >> 10, bytes >> 10));
    Ok(Some(Growth {
        what: "memory",
        costs: sizes.collect(),
    }))
}

/// What the lengths cost from the shortest on, until an answer costs enough, or there is none.
async fn costs(of: &mut impl Stretch, n_timed: usize) -> Result<Costs, String> {
    let mut all = Costs::default();
    // The first answer of a process costs what the next ones do not.
    of.ask(0).await?;
    'lengths: for length in LENGTHS {
        let (mut best, mut most) = (f64::INFINITY, Some(0));
        for _ in 0..n_timed {
            let Some((seconds, bytes)) = cost(of, length).await? else {
                break 'lengths;
            };
            best = best.min(seconds);
            most = most.zip(bytes).map(|(most, bytes)| most.max(bytes));
        }
        all.seconds.push(best);
        all.bytes.extend(most);
        if best > LONG_ENOUGH || most.is_some_and(|most| most > LARGE_ENOUGH) {
            break;
        }
    }
    if all.bytes.len() < all.seconds.len() {
        all.bytes.clear();
    }
    Ok(all)
}

/// How much processor time an answer takes, or how much time where nothing tells; and how far the memory rises over it where
/// something tells. None if there is no answer.
async fn cost(of: &mut impl Stretch, length: usize) -> Result<Option<(f64, Option<u64>)>, String> {
    let gauge = of.gauge();
    let memory = gauge.as_ref().and_then(Gauge::forget_peak);
    let busy = gauge.as_ref().and_then(Gauge::processor_time);
    let started = Instant::now();
    let is_answered = of.ask(length).await?;
    let passed = started.elapsed();
    let busy_since = |before: Duration| {
        let now = gauge.as_ref()?.processor_time()?;
        Some(now.saturating_sub(before))
    };
    let time = busy.and_then(busy_since).unwrap_or(passed);
    let peak = gauge.as_ref().and_then(Gauge::peak);
    let rise = memory
        .zip(peak)
        .map(|(before, peak)| peak.saturating_sub(before));
    Ok(is_answered.then_some((time.as_secs_f64(), rise)))
}
