//! Deliveries to what a target made of them, in order, whatever becomes of its processes on the way.
//!
//! A parser gets them in its protocol, a client over HTTP; whoever asks need not know which.

mod over_http;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{ask_alone, plain};
use crate::clause::Role;
use crate::delivery::Delivery;
use crate::observation::{Input, Observation};
use crate::target::adapter::Adapter;
use crate::target::gauge::Gauge;
use crate::target::message::Greeting;
use crate::target::session::{Answer, Failure, Job, Session};
use over_http::OverHttp;

/// After so many answers in a row that cannot be read the target is given up.
const MAX_UNREAD_IN_A_ROW: usize = 8;
/// Processes at once of a program that takes one stream each.
const PLAIN_AT_ONCE: usize = 4;

/// What became of a delivery: facts, or a sentence on why there are none.
pub type Asked = Result<Observation, String>;

/// One process of a target, and its successors.
pub struct Asker {
    adapter: Adapter,
    deadline: Duration,
    /// What the target said of itself.
    pub greeting: Greeting,
    session: Option<Session>,
    /// A client is asked this way.
    over_http: Option<OverHttp>,
    n_unread_in_a_row: usize,
}

impl Asker {
    /// Starts a process in the role of a parser or a client.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be asked.
    pub async fn open(adapter: &Adapter, role: Role, deadline: Duration) -> Result<Self, String> {
        let (greeting, session, over_http) = if role == Role::Client {
            let over_http = OverHttp::open(adapter, deadline).await?;
            (over_http.greeting(), None, Some(over_http))
        } else if adapter.is_plain {
            (plain::greeting(adapter, deadline).await?, None, None)
        } else {
            let session = Session::open(&adapter.command, Role::Parser, deadline).await?;
            (session.greeting.clone(), Some(session), None)
        };
        Ok(Self {
            adapter: adapter.clone(),
            deadline,
            greeting,
            session,
            over_http,
            n_unread_in_a_row: 0,
        })
    }

    /// Another for the same target, whose process starts with the first question.
    pub fn sibling(&self) -> Self {
        Self {
            adapter: self.adapter.clone(),
            deadline: self.deadline,
            greeting: self.greeting.clone(),
            session: None,
            over_http: self.over_http.as_ref().map(OverHttp::sibling),
            n_unread_in_a_row: 0,
        }
    }

    /// The target is a client, which gets the streams over HTTP.
    pub fn is_over_http(&self) -> bool {
        self.over_http.is_some()
    }

    /// Whether the target can be asked this.
    pub fn can_ask(&self, delivery: &Delivery) -> bool {
        match &self.over_http {
            Some(over_http) => over_http.can_ask(delivery),
            None => {
                self.greeting.features.input == Input::Bytes || delivery.text_chunks().is_some()
            }
        }
    }

    /// Whether a target that tells its last event ID at the end of a stream would tell it here.
    pub fn tells_last_event_id(&self, delivery: &Delivery) -> bool {
        let tells = |over_http: &OverHttp| over_http.tells_last_event_id(delivery);
        self.over_http.as_ref().is_none_or(tells)
    }

    /// Asks all of these in one process as long as it lives; who kills it is asked alone.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_all(&mut self, deliveries: &[Delivery]) -> Result<Vec<Asked>, String> {
        if let Some(over_http) = &mut self.over_http {
            let asked = over_http.ask_all(deliveries).await?;
            for (delivery, answer) in deliveries.iter().zip(&asked) {
                if self.can_ask(delivery) {
                    self.give_up_or_go_on(answer)?;
                }
            }
            return Ok(asked);
        }
        if self.adapter.is_plain {
            return Ok(self.ask_plain(deliveries).await);
        }
        let reads_text = self.greeting.features.input == Input::Text;
        let mut asked: Vec<Option<Asked>> = deliveries
            .iter()
            .map(|delivery| {
                (reads_text && delivery.text_chunks().is_none())
                    .then(|| Err("it reads text, and the stream is not UTF-8".to_owned()))
            })
            .collect();
        let n_unread_before = self.n_unread_in_a_row;
        while asked.iter().any(Option::is_none) {
            let session = match &mut self.session {
                Some(session) => session,
                None => self.session.insert(
                    Session::open(&self.adapter.command, Role::Parser, self.deadline).await?,
                ),
            };
            let to_ask: Vec<Job> = (0..deliveries.len())
                .filter(|&place| asked[place].is_none())
                .map(|place| job(place, &deliveries[place]))
                .collect();
            let mut record = |job: &Job, answer: Answer| {
                asked[job.case] = Some(answer.map(|answered| Observation::Parsed(answered.parsed)));
                true
            };
            let outcome = session.ask_all(&mut to_ask.into_iter(), &mut record).await;
            if let Err(Failure {
                trouble,
                suspects,
                culprits,
            }) = outcome
            {
                self.session = None;
                for place in culprits {
                    asked[place] = Some(Err(trouble.to_string()));
                }
                for job in suspects {
                    let answer = self.ask_suspect(&job.delivery).await?;
                    self.give_up_or_go_on(&answer)?;
                    asked[job.case] = Some(answer);
                }
            }
        }
        let asked: Vec<Asked> = asked.into_iter().flatten().collect();
        // In their own order each counts once.
        self.n_unread_in_a_row = n_unread_before;
        for answer in &asked {
            self.give_up_or_go_on(answer)?;
        }
        Ok(asked)
    }

    /// Asks a delivery that may be long, alone; a client gets it on one connection that stays open, so that nothing is waited for but
    /// the stream itself.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_long(&mut self, delivery: &Delivery) -> Result<Asked, String> {
        let mut asked = match &mut self.over_http {
            Some(over_http) => vec![over_http.ask_held(delivery).await?],
            None => self.ask_all(std::slice::from_ref(delivery)).await?,
        };
        asked.pop().ok_or_else(|| "no answer".to_owned())
    }

    /// Asks a delivery in a fresh process, after others if there are any.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be started.
    pub async fn ask_fresh(
        &self,
        before: &[Delivery],
        delivery: &Delivery,
    ) -> Result<Asked, String> {
        let mut asker = self.sibling();
        let all: Vec<Delivery> = before.iter().chain([delivery]).cloned().collect();
        let mut asked = asker.ask_all(&all).await?;
        asker.close().await;
        asked.pop().ok_or_else(|| "no answer".to_owned())
    }

    /// What the process takes, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        match &self.over_http {
            Some(over_http) => over_http.gauge(),
            None => self.session.as_ref().and_then(Session::gauge),
        }
    }

    /// Ends the process; the next question starts another.
    pub async fn restart(&mut self) {
        if let Some(session) = self.session.take() {
            session.close().await;
        }
        if let Some(over_http) = &mut self.over_http {
            over_http.restart().await;
        }
    }

    /// Ends the process.
    pub async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
        if let Some(over_http) = self.over_http {
            over_http.close().await;
        }
    }

    async fn ask_suspect(&mut self, delivery: &Delivery) -> Result<Asked, String> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session::open(&self.adapter.command, Role::Parser, self.deadline).await?,
        };
        if let Ok(answer) = session.ask(delivery).await {
            self.session = Some(session);
            return Ok(answer.map(|answered| Observation::Parsed(answered.parsed)));
        }
        drop(session);
        let observed = ask_alone(&self.adapter, self.deadline, delivery).await;
        Ok(observed.map(|observed| observed.observation))
    }

    async fn ask_plain(&self, deliveries: &[Delivery]) -> Vec<Asked> {
        let (adapter, deadline) = (&self.adapter, self.deadline);
        stream::iter(deliveries.to_vec())
            .map(|delivery| async move {
                let observed = plain::ask(adapter, &delivery, deadline).await;
                observed.map(|observed| observed.observation)
            })
            .buffered(PLAIN_AT_ONCE)
            .collect()
            .await
    }

    fn give_up_or_go_on(&mut self, answer: &Asked) -> Result<(), String> {
        let Err(sentence) = answer else {
            self.n_unread_in_a_row = 0;
            return Ok(());
        };
        self.n_unread_in_a_row += 1;
        if self.n_unread_in_a_row < MAX_UNREAD_IN_A_ROW {
            return Ok(());
        }
        Err(format!(
            "given up after {MAX_UNREAD_IN_A_ROW} requests in a row: {sentence}"
        ))
    }
}

fn job(place: usize, delivery: &Delivery) -> Job {
    Job {
        case: place,
        place: 0,
        delivery: delivery.clone(),
    }
}
