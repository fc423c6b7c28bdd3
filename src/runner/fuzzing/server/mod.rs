//! A server and a seed to findings: random emissions, judged as server cases are; each fault that is news is looked into.

pub mod asker;
mod growing;
mod looking_into;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::stream_of_answers::{Batch, Interesting, Numbers, StreamOfAnswers, Work};
use super::{Listener, News, Plan, Tally};
use crate::case::server::Emitted;
use crate::fuzz::emission::generate::Emissions;
use crate::fuzz::emission::traits::{self, Trait};
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::patience::Patience;
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use asker::{Answer, Asker, Fault, faults};

/// Emissions that a process is given before its answers are looked at.
const BATCH: u64 = 128;
/// Emissions to start from that are asked before the time is looked at.
const SEEDS_AT_ONCE: usize = 128;

/// Makes the emissions that were asked before another.
type Before<'a> = &'a (dyn Fn() -> Vec<Vec<Emitted>> + Sync);

/// A search in one server.
pub struct ServerCampaign<'a> {
    adapter: &'a Adapter,
    plan: &'a Plan,
    listener: Listener<'a>,
    asker: Asker,
    emissions: Arc<Emissions>,
    /// What is known: the class, and what it is named after.
    known: Vec<(&'static str, BTreeSet<Trait>, Fingerprint)>,
    patience: BTreeMap<&'static str, Patience>,
    found: BTreeSet<Fingerprint>,
    /// What it has come to.
    pub tally: Tally,
}

impl<'a> ServerCampaign<'a> {
    /// Starts the target; `seeds` are emissions to start from.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be asked.
    pub async fn open(
        adapter: &'a Adapter,
        plan: &'a Plan,
        seeds: Vec<Vec<Emitted>>,
        listener: Listener<'a>,
    ) -> Result<Self, String> {
        let asker = Asker::open(adapter, plan.deadline).await?;
        let offers = asker.greeting.features.offers.clone();
        Ok(Self {
            adapter,
            plan,
            listener,
            asker,
            emissions: Arc::new(Emissions::new(plan.seed, offers, seeds)),
            known: Vec::new(),
            patience: BTreeMap::new(),
            found: BTreeSet::new(),
            tally: Tally::default(),
        })
    }

    /// What the target said of itself.
    pub fn greeting(&self) -> &Greeting {
        &self.asker.greeting
    }

    /// Asks the emissions to start from.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn start(&mut self) -> Result<(), String> {
        let emissions = Arc::clone(&self.emissions);
        for seeds in emissions.seeds().chunks(SEEDS_AT_ONCE) {
            if self.plan.is_over() {
                break;
            }
            let asked = self.asker.ask_all(seeds).await?;
            for (place, answer) in asked.into_iter().enumerate() {
                self.tally.n_streams += 1;
                let before = || seeds[..place].to_vec();
                match answer {
                    Ok(answer) => self.consider(&seeds[place], answer, &before).await?,
                    Err(sentence) => self.unread(sentence),
                }
            }
            self.progress();
        }
        Ok(())
    }

    /// Asks random emissions until the plan says to stop.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn go_on(&mut self) -> Result<(), String> {
        let work = || Asking {
            asker: self.asker.sibling(),
            emissions: Arc::clone(&self.emissions),
        };
        let mut answers = StreamOfAnswers::start(work, self.plan);
        while let Some(batch) = answers.next().await {
            let batch = batch?;
            self.tally.n_streams += batch.n_streams;
            for sentence in batch.unread {
                self.unread(sentence);
            }
            for Interesting { number, answer } in batch.interesting {
                let emissions = Arc::clone(&self.emissions);
                let numbers = batch.numbers.clone();
                let before = || {
                    let earlier = numbers.clone().take_while(|&n| n < number);
                    earlier.map(|n| emissions.events(n)).collect()
                };
                let events = emissions.events(number);
                self.consider(&events, answer, &before).await?;
            }
            self.progress();
        }
        Ok(())
    }

    /// Ends the target's process.
    pub async fn close(self) {
        self.asker.close().await;
    }

    /// Takes in an answer; looks into what is news in it.
    async fn consider(
        &mut self,
        events: &[Emitted],
        answer: Answer,
        before: Before<'_>,
    ) -> Result<(), String> {
        let run = match answer {
            Answer::Ran(run) => run,
            Answer::Lost(death) => {
                self.tally.n_deviating += 1;
                return self.look_into_death(events.to_vec(), &death).await;
            }
        };
        let faults = faults(events, &run);
        if faults.is_empty() {
            return Ok(());
        }
        self.tally.n_deviating += 1;
        let mut is_explained = true;
        let mut looked_into = BTreeSet::new();
        for fault in &faults {
            if let Some(fingerprint) = self.explanation(events, fault) {
                let name = Cow::Owned(fingerprint.to_string());
                *self.tally.exercised.entry(name).or_default() += 1;
                continue;
            }
            is_explained = false;
            if self.plan.is_over() || !looked_into.insert(fault.class) {
                continue;
            }
            if self.patience.entry(fault.class).or_default().skips() {
                continue;
            }
            let is_news = self.look_into(events, fault.class, before).await?;
            let patience = self.patience.entry(fault.class).or_default();
            if is_news {
                patience.regain();
            } else {
                patience.lose();
            }
        }
        self.tally.n_explained += u64::from(is_explained);
        Ok(())
    }

    /// What is known that would show here in the same way.
    fn explanation(&self, events: &[Emitted], fault: &Fault) -> Option<&Fingerprint> {
        let emitted: BTreeSet<Trait> = match fault.index {
            Some(index) => traits::of(&events[index]),
            None => events.iter().flat_map(traits::of).collect(),
        };
        let known = self
            .known
            .iter()
            .find(|(class, named, _)| *class == fault.class && traits::is_in(named, &emitted));
        known.map(|(_, _, fingerprint)| fingerprint)
    }

    fn unread(&mut self, sentence: String) {
        self.tally.n_unread += 1;
        self.tally.unread = Some(sentence);
    }

    fn progress(&self) {
        (self.listener)(News::Progress(self.tally.clone()));
    }
}

/// One process's share of the work.
struct Asking {
    asker: Asker,
    emissions: Arc<Emissions>,
}

impl Work for Asking {
    type Answer = Answer;

    fn batch(&self) -> u64 {
        BATCH
    }

    async fn ask(&mut self, numbers: Numbers) -> Result<Batch<Answer>, String> {
        let emissions: Vec<_> = numbers
            .clone()
            .map(|number| self.emissions.events(number))
            .collect();
        let asked = self.asker.ask_all(&emissions).await?;
        let deviates = |events: &Vec<Emitted>, answer: &Answer| match answer {
            Answer::Ran(run) => !faults(events, run).is_empty(),
            Answer::Lost(_) => true,
        };
        Ok(Batch::of(numbers, &emissions, asked, deviates))
    }

    async fn close(self) {
        self.asker.close().await;
    }
}
