//! Emissions to what a server made of them, in order, whatever becomes of its processes on the way.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use crate::case::server::{Check, Emitted, ServerCase};
use crate::observation::Observation;
use crate::observation::server::{BodyEnd, ServerRun};
use crate::runner::loss::{IdleDeaths, Losses};
use crate::runner::rehearse;
use crate::target::adapter::Adapter;
use crate::target::conversation::Conversation;
use crate::target::gauge::Gauge;
use crate::target::message::Greeting;
use crate::target::server_message::ServerReport;
use crate::target::session::Trouble;
use crate::verdict::{Class, Mismatch, Verdict, server};

/// Streams at once, unless the adapter can do fewer.
const AT_ONCE: usize = 16;
/// After so many answers in a row that cannot be read the target is given up.
const MAX_UNREAD_IN_A_ROW: usize = 8;

/// How long the end of a process may take to be known.
const UNTIL_KNOWN: Duration = Duration::from_millis(200);

/// What became of an emission: facts, or a sentence on why there are none.
pub type Asked = Result<Answer, String>;

/// What a server did.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What was on the wire, and what the application was told.
    Ran(ServerRun),
    /// It died or hung.
    Lost(Observation),
}

/// What is wrong with an answer; what it is about, if that is one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What became of what was emitted.
    pub class: &'static str,
    /// The place of the event.
    pub index: Option<usize>,
    /// In a sentence without its end.
    pub sentence: String,
}

/// One process of a server, and its successors.
pub struct Asker {
    adapter: Adapter,
    deadline: Duration,
    /// What the target said of itself.
    pub greeting: Greeting,
    conversation: Option<Conversation<ServerReport>>,
    n_unread_in_a_row: usize,
}

impl Asker {
    /// Starts a process.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be asked.
    pub async fn open(adapter: &Adapter, deadline: Duration) -> Result<Self, String> {
        let conversation = Conversation::open_server(adapter, deadline).await?;
        Ok(Self {
            adapter: adapter.clone(),
            deadline,
            greeting: conversation.greeting.clone(),
            conversation: Some(conversation),
            n_unread_in_a_row: 0,
        })
    }

    /// Another for the same target, whose process starts with the first question.
    pub fn sibling(&self) -> Self {
        Self {
            adapter: self.adapter.clone(),
            greeting: self.greeting.clone(),
            conversation: None,
            ..*self
        }
    }

    /// Asks all of these in one process as long as it lives; who kills it is asked alone.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_all(&mut self, emissions: &[Vec<Emitted>]) -> Result<Vec<Asked>, String> {
        let at_once = self.greeting.features.offers.at_once.unwrap_or(AT_ONCE);
        let mut asked: Vec<Option<Asked>> = emissions.iter().map(|_| None).collect();
        let mut idle_deaths = IdleDeaths::default();
        while asked.iter().any(Option::is_none) {
            let conversation = self.conversation().await?;
            let deadline = self.deadline;
            let waiting: Vec<usize> = (0..asked.len()).filter(|&at| asked[at].is_none()).collect();
            let drawn = waiting
                .into_iter()
                .take_while(|_| conversation.over().is_none());
            let mut plays = stream::iter(drawn)
                .map(|at| {
                    let (conversation, case) = (&conversation, case(&emissions[at]));
                    async move { (at, rehearse(conversation, &case, deadline).await) }
                })
                .buffer_unordered(at_once.clamp(1, AT_ONCE));
            let mut suspects = Vec::new();
            while let Some((at, played)) = plays.next().await {
                match played {
                    Ok(run) => asked[at] = Some(Ok(Answer::Ran(run))),
                    Err(_) if over(&conversation).await.is_some() => suspects.push(at),
                    Err(sentence) => asked[at] = Some(Err(sentence)),
                }
            }
            drop(plays);
            if conversation.over().is_none() {
                self.conversation = Some(conversation);
                continue;
            }
            if suspects.is_empty() {
                idle_deaths.note(&conversation)?;
            }
            drop(conversation);
            suspects.sort_unstable();
            for at in suspects {
                asked[at] = Some(self.ask_alone(&emissions[at]).await?);
            }
        }
        let asked: Vec<Asked> = asked.into_iter().flatten().collect();
        for answer in &asked {
            self.give_up_or_go_on(answer)?;
        }
        Ok(asked)
    }

    /// Asks an emission in a fresh process, after others.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be started.
    pub async fn ask_fresh(
        &self,
        before: &[Vec<Emitted>],
        events: &[Emitted],
    ) -> Result<Asked, String> {
        let mut asker = self.sibling();
        asker.ask_all(before).await?;
        let mut asked = asker.ask_all(&[events.to_vec()]).await?;
        asker.close().await;
        asked.pop().ok_or_else(|| "no answer".to_owned())
    }

    /// What the process takes, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        self.conversation.as_ref().and_then(Conversation::gauge)
    }

    /// Ends the process; the next question starts another.
    pub async fn restart(&mut self) {
        if let Some(conversation) = self.conversation.take() {
            conversation.close().await;
        }
    }

    /// Ends the process.
    pub async fn close(self) {
        if let Some(conversation) = self.conversation {
            conversation.close().await;
        }
    }

    async fn conversation(&mut self) -> Result<Conversation<ServerReport>, String> {
        match self.conversation.take() {
            Some(conversation) => Ok(conversation),
            None => Conversation::open_server(&self.adapter, self.deadline).await,
        }
    }

    /// Asks what was under way when a process went down, up to twice, each time in a fresh process.
    async fn ask_alone(&mut self, events: &[Emitted]) -> Result<Asked, String> {
        let case = case(events);
        let mut losses = Losses::default();
        for _ in 0..2 {
            let conversation = self.conversation().await?;
            match rehearse(&conversation, &case, self.deadline).await {
                Ok(run) => {
                    self.conversation = Some(conversation);
                    return Ok(Ok(Answer::Ran(run)));
                }
                Err(sentence) => match over(&conversation).await {
                    Some(trouble) => {
                        if losses.note(trouble, conversation.log()).is_err() {
                            return Ok(Err(sentence));
                        }
                    }
                    None => {
                        self.conversation = Some(conversation);
                        return Ok(Err(sentence));
                    }
                },
            }
        }
        let lost = losses.observed();
        Ok(lost.map(|observed| Answer::Lost(observed.observation)))
    }

    fn give_up_or_go_on(&mut self, answer: &Asked) -> Result<(), String> {
        self.n_unread_in_a_row = match answer {
            Ok(_) => 0,
            Err(_) => self.n_unread_in_a_row + 1,
        };
        match answer {
            Err(sentence) if self.n_unread_in_a_row >= MAX_UNREAD_IN_A_ROW => Err(format!(
                "given up after {MAX_UNREAD_IN_A_ROW} requests in a row: {sentence}"
            )),
            _ => Ok(()),
        }
    }
}

/// Why a conversation is over, if it is: a connection is refused before the end of the process is known.
async fn over(conversation: &Conversation<ServerReport>) -> Option<Trouble> {
    if conversation.over().is_none() {
        tokio::time::sleep(UNTIL_KNOWN).await;
    }
    conversation.over()
}

/// The case of an emission: everything at once, and then the stream ends.
pub fn case(events: &[Emitted]) -> ServerCase {
    ServerCase::new(events.to_vec(), vec![Check::Grammar])
}

/// What is wrong, by the verdict on server cases.
pub fn faults(events: &[Emitted], run: &ServerRun) -> Vec<Fault> {
    let Verdict::Deviates(mismatches) = server::judge(&case(events), run) else {
        return Vec::new();
    };
    let fault = |mismatch: Mismatch| match mismatch {
        Mismatch::Emitted {
            class,
            index,
            sentence,
        } => Fault {
            class: class.name(),
            // The last one is the event that ends every case.
            index: index.filter(|&index| index < events.len()),
            sentence,
        },
        Mismatch::Exchange { sentence, .. } => Fault {
            class: exchange(run),
            index: None,
            sentence,
        },
        _ => Fault {
            class: Class::Altered.name(),
            index: None,
            sentence: String::new(),
        },
    };
    let mut faults: Vec<Fault> = mismatches.into_iter().map(fault).collect();
    // What else became of an event that is an injection follows from that.
    let is_injected = |fault: &Fault| fault.class == Class::Injected.name();
    let injected: Vec<Option<usize>> = faults
        .iter()
        .filter(|fault| is_injected(fault))
        .map(|fault| fault.index)
        .collect();
    let is_follow_up = |fault: &Fault| {
        injected.contains(&None) || fault.index.is_none() || injected.contains(&fault.index)
    };
    if !injected.is_empty() {
        faults.retain(|fault| is_injected(fault) || !is_follow_up(fault));
    }
    faults
}

/// What is wrong with the answer as a whole.
fn exchange(run: &ServerRun) -> &'static str {
    let Some(side) = run.sides.first() else {
        return "no answer";
    };
    match (&side.head, &side.end) {
        (Some(head), _) if head.status != 200 => "another status",
        (_, BodyEnd::Fault(_)) => "broken HTTP",
        (None, _) => "no answer",
        _ => "broken grammar",
    }
}
