//! A conversation with one adapter process: deliveries in, facts out, many requests under way at once.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::gauge::Gauge;
use super::message::{self, Answered, Greeting, Message};
use super::process::{CommandLine, Process, Silence};
use crate::clause::Role;
use crate::delivery::Delivery;

/// Requests under way at once. Enough to hide the pipe's latency; few enough to ask again when a process dies.
const WINDOW: usize = 64;
/// Bytes of deliveries under way at once, unless one alone is larger.
const WINDOW_BYTES: usize = 1 << 20;
/// Deliveries in one `parseAll`.
const BATCH: usize = 32;
/// A process may take this many deadlines to start: interpreters load, machines are busy.
const START_FACTOR: u32 = 4;

/// One delivery of one case.
#[derive(Clone, Debug)]
pub struct Job {
    /// The case's place in the corpus.
    pub case: usize,
    /// The delivery's place in the case's sweep.
    pub place: usize,
    /// What to send.
    pub delivery: Delivery,
}

/// An answer to one job: facts, or a sentence on why the answer could not be read.
pub type Answer = Result<Answered, String>;

/// Why a conversation ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer came.
    Silence(Silence),
    /// What came breaks the protocol so that no further answer can be trusted.
    Protocol(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(silence) => silence.fmt(f),
            Self::Protocol(sentence) => write!(f, "it broke the adapter protocol: {sentence}"),
        }
    }
}

/// The early end of a conversation.
#[derive(Debug)]
pub struct Failure {
    /// Why it ended.
    pub trouble: Trouble,
    /// The jobs that were under way, in the order in which they were asked.
    pub suspects: Vec<Job>,
    /// The cases whose requests were answered twice: neither answer can be trusted.
    pub culprits: Vec<usize>,
}

/// A conversation.
pub struct Session {
    process: Process,
    /// What the adapter said of itself.
    pub greeting: Greeting,
    next_id: u64,
    deadline: Duration,
}

impl Session {
    /// Starts the process and waits for its greeting.
    ///
    /// # Errors
    ///
    /// One sentence, with the end of the process's log.
    pub async fn open(
        command: &CommandLine,
        role: Role,
        deadline: Duration,
    ) -> Result<Self, String> {
        let mut process = Process::start(command)?;
        process.send(message::initialize(1, role)).await;
        let greeting = match process.receive(deadline * START_FACTOR).await {
            Err(silence) => Err(format!("no answer to `initialize`: {silence}")),
            Ok(line) => read_greeting(line, role)
                .map_err(|sentence| format!("its answer to `initialize`: {sentence}")),
        };
        match greeting {
            Ok(greeting) => Ok(Self {
                process,
                greeting,
                next_id: 2,
                deadline,
            }),
            Err(sentence) => Err(with_log(sentence, &process.log())),
        }
    }

    /// Asks one delivery and waits for its answer.
    ///
    /// # Errors
    ///
    /// The conversation is over.
    pub async fn ask(&mut self, delivery: &Delivery) -> Result<Answer, Trouble> {
        let id = self.id();
        self.process
            .send(message::parse(id, delivery, self.greeting.features.input))
            .await;
        let line = self
            .process
            .receive(self.deadline)
            .await
            .map_err(Trouble::Silence)?;
        let (answered, message) = read_message(line)?;
        if answered != id {
            return Err(unasked(answered, self.next_id));
        }
        Ok(answer(&message, 1).map(|mut answered| answered.remove(0)))
    }

    /// Asks every job, many under way at once. `record` may stop it by returning false.
    ///
    /// # Errors
    ///
    /// The conversation is over; what was under way is in the failure.
    pub async fn ask_all(
        &mut self,
        jobs: &mut (dyn Iterator<Item = Job> + Send),
        record: &mut (dyn FnMut(&Job, Answer) -> bool + Send),
    ) -> Result<(), Failure> {
        let mut jobs = jobs.peekable();
        let mut under_way: BTreeMap<u64, Vec<Job>> = BTreeMap::new();
        let mut answered: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let (mut n_jobs, mut n_bytes) = (0, 0);
        // The jobs of a batch that failed as a whole are asked again one by one.
        let mut again: Vec<Job> = Vec::new();
        let batch = if self.greeting.features.batch {
            BATCH
        } else {
            1
        };
        loop {
            while n_jobs == 0 || (n_jobs < WINDOW.max(2 * batch) && n_bytes < WINDOW_BYTES) {
                let mut group: Vec<Job> = again.pop().into_iter().collect();
                if group.is_empty() {
                    let mut group_bytes = 0;
                    while group.len() < batch && group_bytes < WINDOW_BYTES / 4 {
                        let Some(job) = jobs.next() else { break };
                        group_bytes += cost(&job);
                        group.push(job);
                    }
                }
                if group.is_empty() {
                    break;
                }
                n_jobs += group.len();
                n_bytes += group.iter().map(cost).sum::<usize>();
                let id = self.id();
                let input = self.greeting.features.input;
                let line = match group.as_slice() {
                    [job] => message::parse(id, &job.delivery, input),
                    group => message::parse_all(
                        id,
                        &group.iter().map(|job| &job.delivery).collect::<Vec<_>>(),
                        input,
                    ),
                };
                self.process.send(line).await;
                under_way.insert(id, group);
            }
            if under_way.is_empty() {
                return Ok(());
            }
            let over = |trouble, under_way: BTreeMap<u64, Vec<Job>>| Failure {
                trouble,
                suspects: under_way.into_values().flatten().collect(),
                culprits: Vec::new(),
            };
            let line = match self.process.receive(self.deadline).await {
                Ok(line) => line,
                Err(silence) => return Err(over(Trouble::Silence(silence), under_way)),
            };
            let (id, message) = match read_message(line) {
                Ok(read) => read,
                Err(trouble) => return Err(over(trouble, under_way)),
            };
            let Some(n_streams) = under_way.get(&id).map(Vec::len) else {
                let culprits = answered.remove(&id).unwrap_or_default();
                return Err(Failure {
                    culprits,
                    ..over(unasked(id, self.next_id), under_way)
                });
            };
            let answer = answer(&message, n_streams);
            let group = under_way.remove(&id).unwrap_or_default();
            answered.insert(id, group.iter().map(|job| job.case).collect());
            n_jobs -= group.len();
            n_bytes -= group.iter().map(cost).sum::<usize>();
            match answer {
                Ok(answered) => {
                    for (job, answered) in group.iter().zip(answered) {
                        if !record(job, Ok(answered)) {
                            return Ok(());
                        }
                    }
                }
                Err(sentence) => match group.as_slice() {
                    [job] => {
                        if !record(job, Err(sentence)) {
                            return Ok(());
                        }
                    }
                    _ => again.extend(group.into_iter().rev()),
                },
            }
        }
    }

    /// The last lines of the process's log.
    pub fn log(&self) -> Vec<String> {
        self.process.log()
    }

    /// What the process and those it has started take, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        self.process.leader().and_then(Gauge::of_group)
    }

    /// The process, what it said of itself, and the id of the next request.
    pub(super) fn into_parts(self) -> (Process, Greeting, u64) {
        (self.process, self.greeting, self.next_id)
    }

    /// Ends the conversation and the process group.
    pub async fn close(mut self) {
        let id = self.id();
        self.process.shut_down(message::shutdown(id)).await;
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }
}

/// A sentence with the end of a log.
pub fn with_log(sentence: String, log: &[String]) -> String {
    if log.is_empty() {
        return sentence;
    }
    let tail = log[log.len().saturating_sub(6)..].join("\n    ");
    format!("{sentence}; its log ends with:\n    {tail}")
}

/// What a job weighs in the window: its bytes, and something for each chunk.
fn cost(job: &Job) -> usize {
    job.delivery.bytes().len() + 8 * job.delivery.cuts().len()
}

pub(super) fn read_greeting(line: &[u8], role: Role) -> Result<Greeting, String> {
    let message = message::read(line).map_err(|error| not_a_message(line, &error))?;
    if let Some(refusal) = message.error {
        return Err(format!(
            "it refused: {} (code {})",
            refusal.message, refusal.code
        ));
    }
    let result = message
        .result
        .ok_or_else(|| "it has no `result`".to_owned())?;
    message::greeting(result, role)
}

fn read_message(line: &[u8]) -> Result<(u64, Message<'_>), Trouble> {
    let message =
        message::read(line).map_err(|error| Trouble::Protocol(not_a_message(line, &error)))?;
    match (message.id, &message.method) {
        (Some(id), None) => Ok((id, message)),
        (_, Some(method)) => Err(Trouble::Protocol(format!(
            "`{method}` is nothing that a parser sends"
        ))),
        (None, None) => Err(Trouble::Protocol("an answer has no `id`".to_owned())),
    }
}

/// The answer to a request for `n_streams` streams. An error concerns this request alone.
fn answer(message: &Message<'_>, n_streams: usize) -> Result<Vec<Answered>, String> {
    let answer = match (message.result, &message.error) {
        (_, Some(refusal)) => Err(format!(
            "the adapter refused: {} (code {})",
            refusal.message, refusal.code
        )),
        (None, None) => Err("the answer has neither `result` nor `error`".to_owned()),
        (Some(result), None) if n_streams == 1 => {
            message::parsed(result).map(|answered| vec![answered])
        }
        (Some(result), None) => message::all_parsed(result, n_streams),
    };
    answer.map_err(|sentence| format!("the adapter's answer breaks the protocol: {sentence}"))
}

fn unasked(id: u64, next_id: u64) -> Trouble {
    let why = if id < next_id {
        "is answered a second time"
    } else {
        "was never asked"
    };
    Trouble::Protocol(format!("request {id} {why}"))
}

pub(super) fn not_a_message(line: &[u8], error: &str) -> String {
    let start: String = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
    format!("a line on standard output is no message ({error}): {start:?}")
}
