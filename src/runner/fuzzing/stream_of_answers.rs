//! Numbers of questions to the answers that deviate, in order, from some processes at once.
//!
//! What a question is, a stream or an emission, is whoever asks it to know.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Plan;

/// The numbers of our shard's questions in one batch.
pub type Numbers = std::iter::StepBy<std::ops::Range<u64>>;

/// One process's share of the work.
pub trait Work: Send + 'static {
    /// What became of a question.
    type Answer: Send;

    /// How many questions a process is given before its answers are looked at; the same for all that share the work.
    fn batch(&self) -> u64;

    /// Asks the questions with these numbers.
    ///
    /// The error is one sentence: the target cannot be asked any more.
    fn ask(
        &mut self,
        numbers: Numbers,
    ) -> impl Future<Output = Result<Batch<Self::Answer>, String>> + Send;

    /// Ends the process.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What a process answered to some questions.
pub struct Batch<A> {
    /// The numbers of the questions, in the order in which they were asked.
    pub numbers: Numbers,
    /// How many they are.
    pub n_streams: u64,
    /// The answers that deviate, in order.
    pub interesting: Vec<Interesting<A>>,
    /// Why some could not be asked.
    pub unread: Vec<String>,
}

impl<A> Batch<A> {
    /// Keeps of the answers to these questions, in order, those that deviate.
    pub fn of<Q>(
        numbers: Numbers,
        questions: &[Q],
        answers: Vec<Result<A, String>>,
        deviates: impl Fn(&Q, &A) -> bool,
    ) -> Self {
        let mut batch = Self {
            numbers: numbers.clone(),
            n_streams: questions.len() as u64,
            interesting: Vec::new(),
            unread: Vec::new(),
        };
        for ((number, question), answer) in numbers.zip(questions).zip(answers) {
            match answer {
                Ok(answer) if deviates(question, &answer) => {
                    batch.interesting.push(Interesting { number, answer });
                }
                Ok(_) => (),
                Err(sentence) => batch.unread.push(sentence),
            }
        }
        batch
    }
}

/// An answer that deviates.
pub struct Interesting<A> {
    /// The question's number.
    pub number: u64,
    /// What the target did.
    pub answer: A,
}

/// A batch and its place, or why it could not be asked.
type Numbered<A> = (u64, Result<Batch<A>, String>);

/// Some processes that share the work; dropping it ends them.
pub struct StreamOfAnswers<A> {
    batches: mpsc::Receiver<Numbered<A>>,
    early: BTreeMap<u64, Result<Batch<A>, String>>,
    next: u64,
    until: Option<Instant>,
    tasks: Vec<JoinHandle<()>>,
}

impl<A: Send + 'static> StreamOfAnswers<A> {
    /// Starts as many processes as the plan says.
    pub fn start<W: Work<Answer = A>>(work: impl Fn() -> W, plan: &Plan) -> Self {
        let jobs = plan.jobs.max(1);
        let (send, batches) = mpsc::channel(2 * jobs);
        let shared = Arc::new(AtomicU64::new(0));
        let tasks = (0..jobs).map(|_| {
            let worker = Worker {
                work: work(),
                shard: plan.shard,
                runs: plan.runs,
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
    pub async fn next(&mut self) -> Option<Result<Batch<A>, String>> {
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

impl<A> Drop for StreamOfAnswers<A> {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Worker<W: Work> {
    work: W,
    shard: (u64, u64),
    runs: Option<u64>,
    /// The place of the next batch.
    next: Arc<AtomicU64>,
    send: mpsc::Sender<Numbered<W::Answer>>,
}

impl<W: Work> Worker<W> {
    async fn work(mut self) {
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(numbers) = self.numbers(place) else {
                break;
            };
            let batch = self.work.ask(numbers).await;
            let is_over = batch.is_err();
            if self.send.send((place, batch)).await.is_err() || is_over {
                break;
            }
        }
        self.work.close().await;
    }

    /// The numbers of our shard's questions in one batch.
    fn numbers(&self, place: u64) -> Option<Numbers> {
        let (shard, n_shards) = self.shard;
        let length = self.work.batch() * n_shards;
        let start = place.checked_mul(length)?;
        let end = self
            .runs
            .map_or(start + length, |runs| runs.min(start + length));
        let step = usize::try_from(n_shards).ok()?;
        (start + shard < end).then(|| (start + shard..end).step_by(step))
    }
}
