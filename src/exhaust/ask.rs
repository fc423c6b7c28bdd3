//! The streams of a unit through a target, to where it parts from the reference.

use std::time::Duration;

use super::{Found, Plan, Subtree};
use crate::clause::Role;
use crate::corpus::replay;
use crate::delivery::Delivery;
use crate::observation::{Features, Input, Observation};
use crate::runner;
use crate::target::adapter::Adapter;
use crate::target::session::{Answer, Failure, Job, Session};
use crate::verdict::{Mismatch, Part, Verdict, parser};

/// After this many streams that ended or hung a process the target is given up: each costs several starts.
const MAX_LOST: usize = 16;

/// A conversation with a target about the streams of a plan.
pub struct Asker<'a> {
    adapter: &'a Adapter,
    deadline: Duration,
    session: Option<Session>,
    n_lost: usize,
}

impl<'a> Asker<'a> {
    /// Nothing is started before the first unit.
    pub fn new(adapter: &'a Adapter, deadline: Duration) -> Self {
        Self {
            adapter,
            deadline,
            session: None,
            n_lost: 0,
        }
    }

    /// Asks about every stream of a unit, each whole, bare and with the probe if there is one.
    ///
    /// # Errors
    ///
    /// One sentence: the target could not be asked.
    pub async fn unit(&mut self, plan: &Plan, unit: u64) -> Result<Found, String> {
        let mut found = Found::default();
        let mut session = self.session().await?;
        let features = session.greeting.features.clone();
        let mut streams = plan
            .subtrees(unit)
            .into_iter()
            .flat_map(|subtree| Paths::new(subtree, plan.alphabet().len()));
        let mut waiting: Vec<Delivery> = Vec::new();
        let (mut n_streams, mut n_left_out) = (0, 0);
        loop {
            let mut broken = None;
            let mut jobs = std::iter::from_fn(|| {
                while waiting.is_empty() {
                    let path = streams.next()?;
                    n_streams += 1;
                    let bare = Delivery::whole(plan.delivery(&path, false).bytes().into());
                    if features.input == Input::Text && std::str::from_utf8(bare.bytes()).is_err() {
                        n_left_out += 1;
                        continue;
                    }
                    if plan.probe {
                        let probed = plan.delivery(&path, true);
                        waiting.push(Delivery::whole(probed.bytes().into()));
                    }
                    waiting.push(bare);
                }
                let delivery = waiting.pop()?;
                Some(Job {
                    case: 0,
                    place: 0,
                    delivery,
                })
            });
            let mut record = |job: &Job, answer: Answer| match answer {
                Ok(answered) => {
                    let observation = Observation::Parsed(answered.parsed);
                    judge(&mut found, &job.delivery, &features, &observation);
                    true
                }
                Err(sentence) => {
                    broken = Some(sentence);
                    false
                }
            };
            let asked = session.ask_all(&mut jobs, &mut record).await;
            match (asked, broken) {
                (_, Some(sentence)) => return Err(sentence),
                (Ok(()), None) => break,
                (Err(failure), None) => {
                    self.ask_suspects(failure, &features, &mut found).await?;
                    session = self.session().await?;
                }
            }
        }
        self.session = Some(session);
        found.n_streams = n_streams;
        found.n_left_out = n_left_out;
        Ok(found)
    }

    /// Ends the conversation.
    pub async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }

    async fn session(&mut self) -> Result<Session, String> {
        match self.session.take() {
            Some(session) => Ok(session),
            None => Session::open(&self.adapter.command, Role::Parser, self.deadline).await,
        }
    }

    /// Asks what was under way when a process was lost, one at a time; whoever fails again is asked alone.
    async fn ask_suspects(
        &mut self,
        failure: Failure,
        features: &Features,
        found: &mut Found,
    ) -> Result<(), String> {
        if !failure.culprits.is_empty() {
            return Err(failure.trouble.to_string());
        }
        for job in failure.suspects {
            let mut session = self.session().await?;
            let observation = match session.ask(&job.delivery).await {
                Ok(answer) => {
                    self.session = Some(session);
                    Observation::Parsed(answer?.parsed)
                }
                Err(_) => {
                    drop(session);
                    self.n_lost += 1;
                    let asked = runner::ask_one(self.adapter, &job.delivery, self.deadline);
                    asked.await?.1
                }
            };
            judge(found, &job.delivery, features, &observation);
            if self.n_lost >= MAX_LOST {
                return Err(format!(
                    "given up after {MAX_LOST} streams over which its process was lost, the last being \"{}\"",
                    job.delivery.bytes().escape_ascii()
                ));
            }
        }
        Ok(())
    }
}

fn judge(found: &mut Found, delivery: &Delivery, features: &Features, observation: &Observation) {
    let case = replay::case(delivery.bytes().into());
    if let Verdict::Deviates(mismatches) = parser::judge(&case, delivery, features, observation) {
        found.note(kind(&mismatches), delivery.clone());
    }
}

/// What the first difference is about, without its place and its values.
fn kind(mismatches: &[Mismatch]) -> String {
    let kind = match mismatches.first() {
        Some(Mismatch::Event { parts, .. }) => match parts.first() {
            Some(Part::EventType { .. }) => "the type of an event",
            Some(Part::Data { observed: None, .. }) => "the data of an event, which has none",
            Some(Part::Data { .. }) => "the data of an event",
            Some(Part::LastEventId { .. }) => "the last event ID of an event",
            Some(Part::ReconnectionTime { .. }) | None => "the reconnection time of an event",
        },
        Some(Mismatch::Missing { .. }) => "an event is missing",
        Some(Mismatch::Unexpected { .. }) => "an event that nobody asked for",
        Some(Mismatch::Late { .. }) => "an event that comes late",
        Some(Mismatch::EndLastEventId { .. }) => "the last event ID at the end",
        Some(Mismatch::EndReconnectionTime { .. }) => "the reconnection time at the end",
        Some(Mismatch::Emitted { .. }) => "what it sent",
        Some(Mismatch::Exchange { .. }) => "what it asked for",
        Some(Mismatch::Error(_)) => "an error",
        Some(Mismatch::Crashes(how)) => return format!("a crash: {how}"),
        Some(Mismatch::Hangs(_)) | None => "no answer",
    };
    kind.to_owned()
}

/// The paths of a subtree, each before those that continue it.
struct Paths {
    subtree: Subtree,
    n_tokens: usize,
    next: Option<Vec<usize>>,
}

impl Paths {
    fn new(subtree: Subtree, n_tokens: usize) -> Self {
        Self {
            next: Some(subtree.prefix.clone()),
            subtree,
            n_tokens,
        }
    }
}

impl Iterator for Paths {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let path = self.next.take()?;
        let mut next = path.clone();
        if next.len() < self.subtree.depth {
            next.push(0);
        } else {
            loop {
                if next.len() == self.subtree.prefix.len() {
                    return Some(path);
                }
                let last = next.pop()?;
                if last + 1 < self.n_tokens {
                    next.push(last + 1);
                    break;
                }
            }
        }
        self.next = Some(next);
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_all_units_are_all_streams_once() {
        let alphabet = vec![b"a".to_vec(), b"\n".to_vec(), b":".to_vec()];
        let plan = Plan::new(alphabet, 11, true).expect("a small plan");
        let units: Vec<u64> = plan.units().collect();
        assert!(units.len() > 1, "one unit alone would show little");
        let subtrees = units.into_iter().flat_map(|unit| plan.subtrees(unit));
        let mut paths: Vec<Vec<usize>> = subtrees
            .flat_map(|subtree| Paths::new(subtree, plan.alphabet().len()))
            .collect();
        assert_eq!(paths.len() as u64, plan.n_streams());
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len() as u64, plan.n_streams());
    }
}
