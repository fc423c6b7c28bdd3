//! A target to the streams on which its time or its memory grows faster than the input, judged by doubling.

use std::time::Instant;

use super::Campaign;
use crate::delivery::Delivery;
use crate::fuzz::case_file::Standing;
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::growth::{
    LARGE_ENOUGH, LENGTHS, LONG_ENOUGH, PATTERNS, Pattern, is_too_fast, is_too_large,
};
use crate::observation::Input;

/// The best of so many: what else the machine does makes a time longer, never shorter.
const N_TIMED: usize = 3;
/// Memory that grows is looked at in so many fresh processes more, and must grow in each: a garbage collector decides by the way.
const N_FRESH: usize = 2;

/// What the streams of a pattern cost, from the shortest on.
#[derive(Default)]
struct Costs {
    seconds: Vec<f64>,
    /// How far the memory rose; empty where nothing tells.
    bytes: Vec<u64>,
}

impl Campaign<'_> {
    /// Looks for time and memory that grow faster than the input.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn look_for_growth(&mut self) -> Result<(), String> {
        if self.adapter.is_plain {
            let sentence =
                "time and memory that grow are not looked for: the program takes one stream each";
            self.tally.not_looked_for.push(sentence.to_owned());
            return Ok(());
        }
        if self.asker.memory().is_none() {
            let sentence = "memory that grows is not looked for: nothing here tells the peak of a process, as /proc does on Linux";
            self.tally.not_looked_for.push(sentence.to_owned());
        }
        let reads_text = self.knowledge.features.input == Input::Text;
        for pattern in PATTERNS {
            let is_text = pattern.delivery(1).text_chunks().is_some();
            if reads_text && !is_text {
                continue;
            }
            if self.plan.is_over() {
                break;
            }
            let first_look = self.costs(pattern, 1).await?;
            if is_too_large(&first_look.bytes) {
                self.look_at_memory(pattern).await?;
            }
            if is_too_fast(&first_look.seconds) {
                self.look_at_time(pattern).await?;
            }
        }
        Ok(())
    }

    async fn look_at_time(&mut self, pattern: Pattern) -> Result<(), String> {
        let seconds = self.costs(pattern, N_TIMED).await?.seconds;
        if !is_too_fast(&seconds) {
            return Ok(());
        }
        let times = LENGTHS
            .iter()
            .zip(&seconds)
            .map(|(length, seconds)| format!("{} KiB in {seconds:.3} s", length >> 10));
        self.tell_growth("time", pattern, times.collect()).await
    }

    /// Looks again in fresh processes: what an earlier stream has left behind hides what a later one takes.
    async fn look_at_memory(&mut self, pattern: Pattern) -> Result<(), String> {
        let mut last = Costs::default();
        for _ in 0..N_FRESH {
            self.asker.restart().await;
            last = self.costs(pattern, 1).await?;
            if !is_too_large(&last.bytes) {
                return Ok(());
            }
        }
        self.asker.restart().await;
        let sizes = LENGTHS
            .iter()
            .zip(&last.bytes)
            .map(|(length, bytes)| format!("{} KiB take {} KiB", length >> 10, bytes >> 10));
        self.tell_growth("memory", pattern, sizes.collect()).await
    }

    async fn tell_growth(
        &mut self,
        what: &str,
        pattern: Pattern,
        costs: Vec<String>,
    ) -> Result<(), String> {
        let fingerprint = Fingerprint::of_growth(what, pattern.name);
        if !self.found.insert(fingerprint.clone()) {
            return Ok(());
        }
        let delivery = pattern.delivery(LENGTHS[0]);
        let mut finding = self.finding(fingerprint, delivery, Vec::new(), Standing::Stable);
        pattern.clause.clone_into(&mut finding.clause);
        let what = if what == "time" { "Time" } else { "Memory" };
        finding.sentence = format!(
            "{what} grows faster than the input where a stream repeats itself: {}.",
            costs.join(", ")
        );
        self.tell(finding);
        Ok(())
    }

    /// What the lengths cost from the shortest on, until an answer costs enough, or there is none.
    async fn costs(&mut self, pattern: Pattern, n_timed: usize) -> Result<Costs, String> {
        let mut all = Costs::default();
        // The first answer of a process costs what the next ones do not.
        let warm_up = pattern.delivery(0);
        self.asker.ask_all(std::slice::from_ref(&warm_up)).await?;
        'lengths: for length in LENGTHS {
            let delivery = pattern.delivery(length);
            let (mut best, mut most) = (f64::INFINITY, Some(0));
            for _ in 0..n_timed {
                let Some((seconds, bytes)) = self.cost(&delivery).await? else {
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

    /// How long an answer takes, and how far the memory rises over it where something tells; none if there is no answer.
    async fn cost(&mut self, delivery: &Delivery) -> Result<Option<(f64, Option<u64>)>, String> {
        let gauge = self.asker.memory();
        let before = gauge.as_ref().and_then(|gauge| gauge.forget_peak());
        let started = Instant::now();
        let asked = self.asker.ask_all(std::slice::from_ref(delivery)).await?;
        let seconds = started.elapsed().as_secs_f64();
        let peak = gauge.as_ref().and_then(|gauge| gauge.peak());
        let rise = before
            .zip(peak)
            .map(|(before, peak)| peak.saturating_sub(before));
        let is_answered = asked.last().is_some_and(Result::is_ok);
        Ok(is_answered.then_some((seconds, rise)))
    }
}
