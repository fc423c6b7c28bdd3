//! A target to the streams on which its time grows faster than the input, judged by doubling.

use std::time::Instant;

use super::Campaign;
use crate::delivery::Delivery;
use crate::fuzz::case_file::Standing;
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::growth::{LENGTHS, PATTERNS, is_suspicious, is_too_fast};
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
            let [_, second, _, last] = LENGTHS;
            let first_look = (
                self.seconds(&pattern.delivery(second)).await?,
                self.seconds(&pattern.delivery(last)).await?,
            );
            let (Some(second), Some(last)) = first_look else {
                continue;
            };
            if !is_suspicious(second, last) {
                continue;
            }
            let mut all = Vec::new();
            for length in LENGTHS {
                let delivery = pattern.delivery(length);
                let mut best = f64::INFINITY;
                for _ in 0..N_TIMED {
                    best = best.min(self.seconds(&delivery).await?.unwrap_or(best));
                }
                all.push(best);
            }
            let fingerprint = Fingerprint::of_growth("time", pattern.name);
            if is_too_fast(&all) && self.found.insert(fingerprint.clone()) {
                let delivery = pattern.delivery(LENGTHS[0]);
                let times: Vec<String> = LENGTHS
                    .iter()
                    .zip(&all)
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

    /// How long an answer takes; none if there is no answer.
    async fn seconds(&mut self, delivery: &Delivery) -> Result<Option<f64>, String> {
        let started = Instant::now();
        let asked = self.asker.ask_all(std::slice::from_ref(delivery)).await?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(asked.last().is_some_and(Result::is_ok).then_some(seconds))
    }
}
