//! A server to the emissions with which its time or its memory grows faster than what is emitted.

use super::ServerCampaign;
use super::asker::Asker;
use crate::fuzz::case_file::{Finding, Standing};
use crate::fuzz::emission::long::{self, Long};
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::growth::LENGTHS;
use crate::runner::fuzzing::doubling::{Growth, NO_GAUGE, Stretch, growth};
use crate::target::gauge::Gauge;

/// An emission that can be made longer, and whom to ask.
struct Stretched<'a> {
    long: Long,
    asker: &'a mut Asker,
}

impl Stretch for Stretched<'_> {
    async fn ask(&mut self, length: usize) -> Result<bool, String> {
        let asked = self.asker.ask_all(&[self.long.events(length)]).await?;
        Ok(asked.iter().all(Result::is_ok))
    }

    fn gauge(&self) -> Option<Gauge> {
        self.asker.gauge()
    }

    async fn restart(&mut self) {
        self.asker.restart().await;
    }
}

impl ServerCampaign<'_> {
    /// Looks for time and memory that grow faster than what is emitted.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn look_for_growth(&mut self) -> Result<(), String> {
        if self.asker.gauge().is_none() {
            self.tally.not_looked_for.push(NO_GAUGE.to_owned());
            return Ok(());
        }
        let offers = self.asker.greeting.features.offers.clone();
        for long in long::offered(&offers) {
            if self.plan.is_over() {
                break;
            }
            let mut stretched = Stretched {
                long,
                asker: &mut self.asker,
            };
            for growth in growth(&mut stretched).await? {
                self.tell_growth(long, &growth);
            }
        }
        Ok(())
    }

    fn tell_growth(&mut self, long: Long, growth: &Growth) {
        let fingerprint = Fingerprint::of_growth(growth.what, long.name);
        if !self.found.insert(fingerprint.clone()) {
            return;
        }
        let events = long.events(LENGTHS[0]);
        self.tell(Finding {
            sentence: growth.sentence("where an emission repeats itself"),
            clause: long.clause.to_owned(),
            ..self.finding(fingerprint, events, Standing::Stable)
        });
    }
}
