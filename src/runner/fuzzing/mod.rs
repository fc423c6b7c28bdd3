//! A target and a seed to findings: asks for many streams at once, looks into each divergence that is news.

mod asking;
mod doubling;
mod growing;
mod looking_into;
pub mod reporting;
pub mod server;
mod stream_of_answers;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::asker::{Asked, Asker};
use crate::clause::Role;
use crate::corpus::replay;
use crate::delivery::{Cutting, Delivery};
use crate::fuzz::case_file::Finding;
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::generate::Generator;
use crate::fuzz::knowledge::{Knowledge, Novelty};
use crate::observation::{Observation, Parsed};
use crate::quirk;
use crate::quirk::sample::{SHORT, Sample};
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use asking::Asking;
use stream_of_answers::{Batch, Interesting, StreamOfAnswers};

/// Streams to start from that are asked before the time is looked at.
const SEEDS_AT_ONCE: usize = 256;
/// Of so many conforming streams one is held against the known quirks.
const ONE_IN: usize = 8;

/// What to fuzz with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In which role the target is asked: a parser, or a client, which gets the streams over HTTP.
    pub role: Role,
    /// Of the random streams.
    pub seed: u64,
    /// Which part of the streams is ours, from 0, of how many.
    pub shard: (u64, u64),
    /// How many streams, over all shards; without a limit if none.
    pub runs: Option<u64>,
    /// When to stop.
    pub until: Option<Instant>,
    /// Processes of the target at once.
    pub jobs: usize,
    /// For each answer.
    pub deadline: Duration,
    /// Whether what is found is asked again in fresh processes.
    pub is_replayed: bool,
    /// Streams to start from.
    pub seeds: Vec<Arc<[u8]>>,
    /// What was found before, and is no news.
    pub known: BTreeSet<Fingerprint>,
}

impl Plan {
    /// Time is up.
    pub fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// A finding, as known as this plan says.
    fn news(&self, finding: Finding) -> News {
        let finding = Box::new(finding);
        if self.known.contains(&finding.fingerprint) {
            News::Known(finding)
        } else {
            News::Found(finding)
        }
    }
}

/// What a campaign has come to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Streams that were asked.
    pub n_streams: u64,
    /// Streams on which the target deviates.
    pub n_deviating: u64,
    /// Those on which known quirks do the same.
    pub n_explained: u64,
    /// Streams that could not be asked, and why the last could not.
    pub n_unread: u64,
    /// The last such reason.
    pub unread: Option<String>,
    /// What cannot be looked for here, in sentences.
    pub not_looked_for: Vec<String>,
    /// How often each quirk showed; in a server, each known fault.
    pub exercised: BTreeMap<Cow<'static, str>, u64>,
}

/// What a campaign tells while it goes on.
#[derive(Debug)]
pub enum News {
    /// What the target said of itself.
    Greeted(Box<Greeting>),
    /// A divergence that was not known.
    Found(Box<Finding>),
    /// A divergence that was known before, and is there still.
    Known(Box<Finding>),
    /// How far it is.
    Progress(Tally),
}

/// Makes the streams that were asked before another.
type Before<'a> = &'a (dyn Fn() -> Vec<Delivery> + Sync);

/// Whoever listens.
pub type Listener<'a> = &'a (dyn Fn(News) + Sync);

/// A search in one target.
pub struct Campaign<'a> {
    adapter: &'a Adapter,
    plan: &'a Plan,
    listener: Listener<'a>,
    asker: Asker,
    generator: Arc<Generator>,
    /// What is known of the target.
    pub knowledge: Knowledge,
    /// What it has come to.
    pub tally: Tally,
    found: BTreeSet<Fingerprint>,
}

impl<'a> Campaign<'a> {
    /// Starts the target.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be asked.
    pub async fn open(
        adapter: &'a Adapter,
        plan: &'a Plan,
        listener: Listener<'a>,
    ) -> Result<Self, String> {
        let asker = Asker::open(adapter, plan.role, plan.deadline).await?;
        let features = asker.greeting.features.clone();
        let generator = asking::generator(adapter, plan, &asker);
        Ok(Self {
            adapter,
            plan,
            listener,
            asker,
            generator: Arc::new(generator),
            knowledge: Knowledge::new(features),
            tally: Tally::default(),
            found: BTreeSet::new(),
        })
    }

    /// The target's process, for whoever wants to ask more.
    pub fn asker(&mut self) -> &mut Asker {
        &mut self.asker
    }

    /// What the target said of itself.
    pub fn greeting(&self) -> &Greeting {
        &self.asker.greeting
    }

    /// Asks the streams to start from, and learns what they show.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn start(&mut self) -> Result<(), String> {
        let (mut deliveries, mut asked) = (self.seed_deliveries(), Vec::new());
        let mut some = deliveries.chunks(SEEDS_AT_ONCE);
        while !self.plan.is_over()
            && let Some(some) = some.next()
        {
            asked.extend(self.asker.ask_all(some).await?);
        }
        deliveries.truncate(asked.len());
        let mut samples = Vec::new();
        let mut died = Vec::new();
        for (place, (delivery, answer)) in deliveries.iter().cloned().zip(asked).enumerate() {
            self.tally.n_streams += 1;
            match answer {
                Ok(Observation::Parsed(parsed)) => {
                    let sample = self.sample(delivery, &parsed);
                    self.tally.n_deviating += u64::from(sample.deviates());
                    samples.push((place, sample, parsed));
                }
                Ok(death) => died.push((delivery, death)),
                Err(sentence) => self.unread(sentence),
            }
        }
        samples.sort_by_key(|(_, sample, _)| sample.size());
        let deviating: Vec<_> = samples
            .iter()
            .filter(|(_, sample, _)| sample.deviates())
            .cloned()
            .collect();
        self.knowledge
            .learn_all(samples.into_iter().map(|(_, sample, _)| sample).collect());
        for quirk in self.knowledge.quirks().to_vec() {
            self.report_quirk(quirk).await?;
        }
        for (delivery, death) in died {
            self.tally.n_deviating += 1;
            self.look_into_death(delivery, &death).await?;
        }
        for (place, sample, parsed) in deviating {
            let before = || deliveries[..place].to_vec();
            self.consider(sample, parsed, &before).await?;
        }
        self.progress();
        Ok(())
    }

    /// Asks random streams until the plan says to stop.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn go_on(&mut self) -> Result<(), String> {
        let mut answers = StreamOfAnswers::start(|| self.asking(&self.generator), self.plan);
        while let Some(batch) = answers.next().await {
            let batch = batch?;
            self.tally.n_streams += batch.n_streams;
            self.doubt(&batch);
            let unread = batch.unread.into_iter();
            unread.for_each(|sentence| self.unread(sentence));
            for Interesting { number, answer } in batch.interesting {
                self.tally.n_deviating += 1;
                let delivery = self.generator.delivery(number);
                match answer {
                    Observation::Parsed(parsed) => {
                        let sample = self.sample(delivery, &parsed);
                        let generator = Arc::clone(&self.generator);
                        let numbers = batch.numbers.clone();
                        let before = move || {
                            let earlier = numbers.clone().take_while(|&n| n < number);
                            earlier.map(|n| generator.delivery(n)).collect()
                        };
                        self.consider(sample, parsed, &before).await?;
                    }
                    death => self.look_into_death(delivery, &death).await?,
                }
            }
            self.progress();
        }
        Ok(())
    }

    /// Asks streams that nothing was learnt from, and counts what the known quirks explain of them.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn validate(&self, plan: &Plan) -> Result<Tally, String> {
        let generator = asking::generator(self.adapter, plan, &self.asker);
        let mut answers = StreamOfAnswers::start(|| self.asking(&generator), plan);
        let mut tally = Tally::default();
        while let Some(batch) = answers.next().await {
            let batch = batch?;
            tally.n_streams += batch.n_streams;
            for Interesting { number, answer } in batch.interesting {
                tally.n_deviating += 1;
                if let Observation::Parsed(parsed) = answer {
                    let sample = self.sample(generator.delivery(number), &parsed);
                    tally.n_explained += u64::from(self.knowledge.explains(&sample));
                }
            }
        }
        Ok(tally)
    }

    /// Asks some streams and learns what they show.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_and_learn(&mut self, deliveries: &[Delivery]) -> Result<Vec<Sample>, String> {
        let asked = self.asker.ask_all(deliveries).await?;
        let mut samples = Vec::new();
        for (delivery, answer) in deliveries.iter().zip(&asked) {
            if let Some(parsed) = parsed(answer) {
                samples.push(self.sample(delivery.clone(), parsed));
            }
        }
        self.knowledge.learn_all(samples.clone());
        Ok(samples)
    }

    /// Ends the target's process.
    pub async fn close(self) -> (Knowledge, Tally) {
        self.asker.close().await;
        (self.knowledge, self.tally)
    }

    fn seed_deliveries(&self) -> Vec<Delivery> {
        let whole_only = self.adapter.is_plain;
        let mut deliveries: Vec<Delivery> = Vec::new();
        let mut add = |delivery: Delivery| {
            if self.asker.can_ask(&delivery) && delivery.bytes().len() <= SHORT {
                deliveries.push(delivery);
            }
        };
        for quirk in quirk::all() {
            let delivery = quirk.delivery();
            add(Delivery::whole(delivery.bytes().into()));
            if !delivery.cuts().is_empty() && !whole_only {
                add(delivery);
            }
        }
        for seed in &self.plan.seeds {
            add(Delivery::whole(Arc::clone(seed)));
            // Over HTTP each byte waits until the client has read the one before.
            if seed.len() <= 64 && !whole_only && !self.asker.is_over_http() {
                let cuts = (1..seed.len()).collect();
                add(Delivery::new(Cutting::ByteByByte, Arc::clone(seed), cuts));
            }
        }
        deliveries
    }

    /// A delivery and what the target made of it.
    pub fn sample(&self, delivery: Delivery, parsed: &Parsed) -> Sample {
        let case = replay::case(delivery.bytes().into());
        Sample::new(case, delivery, &[], &self.knowledge.features, parsed)
    }

    /// Looks into a divergence if it is news. `before` makes the streams that were asked before in the same process.
    async fn consider(
        &mut self,
        sample: Sample,
        parsed: Parsed,
        before: Before<'_>,
    ) -> Result<(), String> {
        if self.plan.is_over() {
            return Ok(());
        }
        match self.knowledge.consider(&sample) {
            Novelty::Explained(quirks) => {
                self.tally.n_explained += 1;
                for quirk in quirks {
                    let name = Cow::Borrowed(quirk.name);
                    *self.tally.exercised.entry(name).or_default() += 1;
                }
                Ok(())
            }
            Novelty::Tiresome => Ok(()),
            Novelty::New(kind) => self.look_into(sample, parsed, kind, before).await,
        }
    }

    /// Holds the known quirks to some of the streams on which the target conforms.
    fn doubt(&mut self, batch: &Batch<Observation>) {
        let tells_last_event_id = self
            .knowledge
            .evidence()
            .iter()
            .any(Sample::tells_last_event_id);
        for number in batch.numbers.clone().step_by(ONE_IN) {
            let deviates = |interesting: &Interesting<Observation>| interesting.number == number;
            if !batch.unread.is_empty() || batch.interesting.iter().any(deviates) {
                continue;
            }
            let delivery = self.generator.delivery(number);
            let case = replay::case(delivery.bytes().into());
            let tells_last_event_id =
                tells_last_event_id && self.asker.tells_last_event_id(&delivery);
            self.knowledge
                .doubt(Sample::conforming(case, delivery, tells_last_event_id));
        }
    }

    fn asking(&self, generator: &Generator) -> Asking {
        Asking {
            asker: self.asker.sibling(),
            generator: generator.clone(),
        }
    }

    fn unread(&mut self, sentence: String) {
        self.tally.n_unread += 1;
        self.tally.unread = Some(sentence);
    }

    fn progress(&self) {
        (self.listener)(News::Progress(self.tally.clone()));
    }
}

fn parsed(asked: &Asked) -> Option<&Parsed> {
    match asked {
        Ok(Observation::Parsed(parsed)) => Some(parsed),
        _ => None,
    }
}
