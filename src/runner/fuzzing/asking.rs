//! Numbers of streams to what a parser, or a client, made of them.

use super::Plan;
use super::stream_of_answers::{Batch, Numbers, Work};
use crate::corpus::replay;
use crate::delivery::Delivery;
use crate::fuzz::generate::Generator;
use crate::observation::Observation;
use crate::runner::asker::Asker;
use crate::target::adapter::Adapter;
use crate::verdict::{Verdict, parser};

/// Streams that a process is given before its answers are looked at.
const BATCH: u64 = 1024;
/// A client takes longer for each.
const BATCH_OVER_HTTP: u64 = 512;

/// One process's share of the streams.
pub struct Asking {
    /// Whom to ask.
    pub asker: Asker,
    /// What to ask.
    pub generator: Generator,
}

impl Work for Asking {
    type Answer = Observation;

    fn batch(&self) -> u64 {
        if self.asker.is_over_http() {
            BATCH_OVER_HTTP
        } else {
            BATCH
        }
    }

    async fn ask(&mut self, numbers: Numbers) -> Result<Batch<Observation>, String> {
        let deliveries: Vec<_> = numbers
            .clone()
            .map(|number| self.generator.delivery(number))
            .collect();
        let asked = self.asker.ask_all(&deliveries).await?;
        let features = &self.asker.greeting.features;
        let deviates = |delivery: &Delivery, answer: &Observation| {
            let case = replay::case(delivery.bytes().into());
            let verdict = parser::judge(&case, delivery, features, answer);
            matches!(verdict, Verdict::Deviates(_))
        };
        Ok(Batch::of(numbers, &deliveries, asked, deviates))
    }

    async fn close(self) {
        self.asker.close().await;
    }
}

/// The streams of a plan, as this target can be asked them.
pub fn generator(adapter: &Adapter, plan: &Plan, asker: &Asker) -> Generator {
    let (input, seeds) = (asker.greeting.features.input, plan.seeds.clone());
    let generator = Generator::new(plan.seed, input, adapter.is_plain, seeds);
    if asker.is_over_http() {
        generator.over_http()
    } else {
        generator
    }
}
