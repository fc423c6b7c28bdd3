//! A target to the streams on which its time grows faster than the input, judged by doubling.

use std::time::Instant;

use super::Campaign;
use crate::delivery::Delivery;
use crate::fuzz::case_file::Standing;
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::growth::{LENGTHS, LONG_ENOUGH, PATTERNS, Pattern, is_too_fast};
use crate::observation::Input;

/// The best of so many: what else the machine does makes a time longer, never shorter.
const N_TIMED: usize = 3;

impl Campaign<'_> {
    /// Looks for time that grows faster than the input.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn look_for_growth(&mut self) -> Result<(), String> {
        let reads_text = self.knowledge.features.input == Input::Text;
        for pattern in PATTERNS {
            let is_text = pattern.delivery(1).text_chunks().is_some();
            if self.adapter.is_plain || (reads_text && !is_text) {
                continue;
            }
            if self.plan.until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
            let first_look = self.all_seconds(pattern, 1).await?;
            if !is_too_fast(&first_look) {
                continue;
            }
            let seconds = self.all_seconds(pattern, N_TIMED).await?;
            let fingerprint = Fingerprint::of_growth("time", pattern.name);
            if is_too_fast(&seconds) && self.found.insert(fingerprint.clone()) {
                let delivery = pattern.delivery(LENGTHS[0]);
                let times: Vec<String> = LENGTHS
                    .iter()
                    .zip(&seconds)
                    .map(|(length, seconds)| format!("{} KiB in {seconds:.3} s", length >> 10))
                    .collect();
                let mut finding = self.finding(fingerprint, delivery, Vec::new(), Standing::Stable);
                finding.sentence = format!(
                    "Time grows faster than the input where a stream repeats itself: {}.",
                    times.join(", ")
                );
                self.tell(finding);
            }
        }
        Ok(())
    }

    /// The best times for the lengths from the shortest on, until an answer takes long enough, or there is none.
    async fn all_seconds(&mut self, pattern: Pattern, n_timed: usize) -> Result<Vec<f64>, String> {
        let mut all = Vec::new();
        for length in LENGTHS {
            let delivery = pattern.delivery(length);
            let mut best = f64::INFINITY;
            for _ in 0..n_timed {
                match self.seconds(&delivery).await? {
                    Some(seconds) => best = best.min(seconds),
                    None => return Ok(all),
                }
            }
            all.push(best);
            if best > LONG_ENOUGH {
                break;
            }
        }
        Ok(all)
    }

    /// How long an answer takes; none if there is no answer.
    async fn seconds(&mut self, delivery: &Delivery) -> Result<Option<f64>, String> {
        let started = Instant::now();
        let asked = self.asker.ask_all(std::slice::from_ref(delivery)).await?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(asked.last().is_some_and(Result::is_ok).then_some(seconds))
    }
}
