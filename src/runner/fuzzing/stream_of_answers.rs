//! Numbers of streams to the answers that deviate, in order, from some processes at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::asker::Asker;
use super::{BATCH, Plan};
use crate::corpus::replay;
use crate::fuzz::generate::Generator;
use crate::observation::Observation;
use crate::verdict::{Verdict, parser};

/// What a process answered to some streams.
pub struct Batch {
    /// The numbers of the streams, in the order in which they were asked.
    pub numbers: std::iter::StepBy<std::ops::Range<u64>>,
    /// How many they are.
    pub n_streams: u64,
    /// The answers that deviate, in order.
    pub interesting: Vec<Interesting>,
    /// Why some could not be asked.
    pub unread: Vec<String>,
}

/// An answer that deviates.
pub struct Interesting {
    /// The stream's number.
    pub number: u64,
    /// What the target did.
    pub answer: Observation,
}

/// Some processes that share the work; dropping it ends them.
pub struct StreamOfAnswers {
    batches: mpsc::Receiver<(u64, Result<Batch, String>)>,
    early: BTreeMap<u64, Result<Batch, String>>,
    next: u64,
    until: Option<Instant>,
    tasks: Vec<JoinHandle<()>>,
}

impl StreamOfAnswers {
    /// Starts the processes.
    pub fn start(asker: &Asker, plan: &Plan, generator: &Generator) -> Self {
        let jobs = plan.jobs.max(1);
        let (send, batches) = mpsc::channel(2 * jobs);
        let shared = Arc::new(AtomicU64::new(0));
        let tasks = (0..jobs).map(|_| {
            let worker = Worker {
                asker: asker.sibling(),
                plan: plan.clone(),
                generator: generator.clone(),
                next: Arc::clone(&shared),
                send: send.clone(),
            };
            tokio::spawn(worker.work())
        });
        Self {
            tasks: tasks.collect(),
            batches,
            early: BTreeMap::new(),
            next: 0,
            until: plan.until,
        }
    }

    /// The next batch in order; none once the plan is done or time is up.
    pub async fn next(&mut self) -> Option<Result<Batch, String>> {
        loop {
            if self.until.is_some_and(|until| Instant::now() >= until) {
                return None;
            }
            if let Some(batch) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(batch);
            }
            let received = match self.until {
                Some(until) => tokio::time::timeout_at(until.into(), self.batches.recv())
                    .await
                    .ok()?,
                None => self.batches.recv().await,
            };
            let (place, batch) = received?;
            self.early.insert(place, batch);
        }
    }
}

impl Drop for StreamOfAnswers {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Worker {
    asker: Asker,
    plan: Plan,
    generator: Generator,
    /// The place of the next batch.
    next: Arc<AtomicU64>,
    send: mpsc::Sender<(u64, Result<Batch, String>)>,
}

impl Worker {
    async fn work(mut self) {
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(numbers) = self.numbers(place) else {
                break;
            };
            let batch = self.ask(numbers).await;
            let is_over = batch.is_err();
            if self.send.send((place, batch)).await.is_err() || is_over {
                break;
            }
        }
        self.asker.close().await;
    }

    /// The numbers of our shard's streams in one batch.
    fn numbers(&self, place: u64) -> Option<std::iter::StepBy<std::ops::Range<u64>>> {
        let (shard, n_shards) = self.plan.shard;
        let length = BATCH as u64 * n_shards;
        let start = place.checked_mul(length)?;
        let end = self
            .plan
            .runs
            .map_or(start + length, |runs| runs.min(start + length));
        let step = usize::try_from(n_shards).ok()?;
        (start + shard < end).then(|| (start + shard..end).step_by(step))
    }

    async fn ask(
        &mut self,
        numbers: std::iter::StepBy<std::ops::Range<u64>>,
    ) -> Result<Batch, String> {
        let deliveries: Vec<_> = numbers
            .clone()
            .map(|number| self.generator.delivery(number))
            .collect();
        let asked = self.asker.ask_all(&deliveries).await?;
        let features = &self.asker.greeting.features;
        let (mut interesting, mut unread) = (Vec::new(), Vec::new());
        for ((number, delivery), answer) in numbers.clone().zip(&deliveries).zip(asked) {
            match answer {
                Err(sentence) => unread.push(sentence),
                Ok(answer) => {
                    let case = replay::case(delivery.bytes().into());
                    let verdict = parser::judge(&case, delivery, features, &answer);
                    if matches!(verdict, Verdict::Deviates(_)) {
                        interesting.push(Interesting { number, answer });
                    }
                }
            }
        }
        Ok(Batch {
            n_streams: deliveries.len() as u64,
            numbers,
            interesting,
            unread,
        })
    }
}
