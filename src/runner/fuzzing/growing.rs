//! A parser or a client to the streams on which its time or its memory grows faster than the input.

use super::Campaign;
use super::doubling::{Growth, NO_GAUGE, Stretch, growth};
use crate::fuzz::case_file::Standing;
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::growth::{LENGTHS, PATTERNS, Pattern};
use crate::observation::{Input, Observation};
use crate::runner::asker::Asker;
use crate::target::gauge::Gauge;

/// A stream that can be made longer, and whom to ask.
struct Stretched<'a> {
    pattern: Pattern,
    asker: &'a mut Asker,
}

impl Stretch for Stretched<'_> {
    async fn ask(&mut self, length: usize) -> Result<bool, String> {
        let asked = self.asker.ask_long(&self.pattern.delivery(length)).await?;
        Ok(match asked {
            // Of a client, that nothing more came out is all that is known, and it takes seconds to know it.
            Ok(Observation::Parsed(parsed)) if self.asker.is_over_http() => parsed.error.is_none(),
            asked => asked.is_ok(),
        })
    }

    fn gauge(&self) -> Option<Gauge> {
        self.asker.gauge()
    }

    async fn restart(&mut self) {
        self.asker.restart().await;
    }
}

impl Campaign<'_> {
    /// Looks for time and memory that grow faster than the input.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn look_for_growth(&mut self) -> Result<(), String> {
        if self.adapter.is_plain {
            self.leave_out(
                "time and memory that grow are not looked for: the program takes one stream each",
            );
            return Ok(());
        }
        // A process that an earlier stream has killed is started again with this one.
        _ = self.asker.ask_long(&PATTERNS[0].delivery(0)).await?;
        if self.asker.gauge().is_none() {
            if self.asker.is_over_http() {
                self.leave_out(NO_GAUGE);
                return Ok(());
            }
            self.leave_out("memory that grows is not looked for: nothing here tells the peak of a process, as /proc does on Linux");
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
            let mut stretched = Stretched {
                pattern,
                asker: &mut self.asker,
            };
            for growth in growth(&mut stretched).await? {
                self.tell_growth(pattern, &growth);
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, sentence: &str) {
        self.tally.not_looked_for.push(sentence.to_owned());
    }

    fn tell_growth(&mut self, pattern: Pattern, growth: &Growth) {
        let fingerprint = Fingerprint::of_growth(growth.what, pattern.name);
        if !self.found.insert(fingerprint.clone()) {
            return;
        }
        let delivery = pattern.delivery(LENGTHS[0]);
        let mut finding = self.finding(fingerprint, delivery, Vec::new(), Standing::Stable);
        pattern.clause.clone_into(&mut finding.clause);
        finding.sentence = growth.sentence("where a stream repeats itself");
        self.tell(finding);
    }
}
