//! Deliveries to what a client makes of them: each as the body of an answer of the origin, many at once.
//!
//! They are carried as the parser cases are (`http/parser/...`): behind a preamble, and with a sentinel after them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::Asked;
use crate::case::client::{ClientCase, PREAMBLE, SENTINEL};
use crate::corpus::{http, replay};
use crate::delivery::Delivery;
use crate::observation::client::{ClientRun, Report, RunEnd};
use crate::observation::{Features, Input, Observation, Parsed, Text, View};
use crate::origin::Origin;
use crate::runner::client;
use crate::runner::lag::Lag;
use crate::runner::loss::{IdleDeaths, Losses};
use crate::runner::patience::Patience;
use crate::runner::play::{self, Unplayed};
use crate::target::adapter::Adapter;
use crate::target::client::Client;
use crate::target::gauge::Gauge;
use crate::target::message::Greeting;

/// Streams at once. Nearly all of a stream's time is waiting.
const AT_ONCE: usize = 128;
/// Fewer in a browser, as in a run of cases, and on a machine on which things are late. Not as few as there: no delay is judged.
const FEWER_AT_ONCE: usize = 32;
/// With a larger lag, whoever has not come back may only be late.
const HARMLESS: Duration = Duration::from_millis(100);

/// One process of a client, and its successors.
pub struct OverHttp {
    stage: Arc<Stage>,
    conversation: Option<Client>,
}

/// What all processes of one target share.
struct Stage {
    adapter: Adapter,
    deadline: Duration,
    origin: Origin,
    greeting: Greeting,
    patience: Patience,
    lag: Lag,
}

impl OverHttp {
    /// Starts the client, and measures how long it waits before it comes back.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be asked.
    pub async fn open(adapter: &Adapter, deadline: Duration) -> Result<Self, String> {
        let (origin, conversation, lag) = client::meet(adapter, deadline).await?;
        let greeting = conversation.greeting().clone();
        let reconnects = greeting.features.reconnects;
        let patience = client::measure(&origin, &conversation, reconnects, deadline, &lag).await?;
        Ok(Self {
            stage: Arc::new(Stage {
                adapter: adapter.clone(),
                deadline,
                origin,
                greeting: Greeting {
                    features: as_parser(&greeting.features),
                    ..greeting
                },
                patience,
                lag,
            }),
            conversation: Some(conversation),
        })
    }

    /// Another for the same target, whose process starts with the first question.
    pub fn sibling(&self) -> Self {
        Self {
            stage: Arc::clone(&self.stage),
            conversation: None,
        }
    }

    /// What the target said of itself, its features read as those of a parser.
    pub fn greeting(&self) -> Greeting {
        self.stage.greeting.clone()
    }

    /// Whether HTTP and the interface of a client can carry this.
    pub fn can_ask(&self, delivery: &Delivery) -> bool {
        self.stage.carrier(delivery).is_some()
    }

    /// Whether the request after this stream would tell the last event ID.
    pub fn tells_last_event_id(&self, delivery: &Delivery) -> bool {
        let carrier = self.stage.carrier(delivery);
        carrier.is_some_and(|carrier| tells_last_event_id(&carrier))
    }

    /// Asks all of these in one process as long as it lives; who kills it is asked alone.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_all(&mut self, deliveries: &[Delivery]) -> Result<Vec<Asked>, String> {
        let carriers = deliveries.iter().map(|d| self.stage.carrier(d)).collect();
        self.ask_carriers(carriers).await
    }

    /// Asks a delivery on one connection that stays open.
    ///
    /// # Errors
    ///
    /// One sentence: the target cannot be asked any more.
    pub async fn ask_held(&mut self, delivery: &Delivery) -> Result<Asked, String> {
        let carrier = http::held(delivery.bytes(), delivery.chunks());
        let mut asked = self.ask_carriers(vec![Some(carrier)]).await?;
        asked.pop().ok_or_else(|| "no answer".to_owned())
    }

    /// What the process takes, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        self.conversation.as_ref().and_then(Client::gauge)
    }

    /// Ends the process; the next question starts another.
    pub async fn restart(&mut self) {
        if let Some(conversation) = self.conversation.take() {
            conversation.close().await;
        }
    }

    async fn ask_carriers(
        &mut self,
        carriers: Vec<Option<ClientCase>>,
    ) -> Result<Vec<Asked>, String> {
        let stage = Arc::clone(&self.stage);
        let uncarried = || Err("HTTP, or the interface of a client, does not carry it".to_owned());
        let mut asked: Vec<Option<Asked>> = carriers
            .iter()
            .map(|carrier| carrier.is_none().then(uncarried))
            .collect();
        let mut idle_deaths = IdleDeaths::default();
        loop {
            let waiting = carriers.iter().enumerate().filter_map(|(place, carrier)| {
                let carrier = carrier.as_ref().filter(|_| asked[place].is_none())?;
                Some((place, carrier))
            });
            let waiting: VecDeque<_> = waiting.collect();
            if waiting.is_empty() {
                return Ok(asked.into_iter().flatten().collect());
            }
            let conversation = match self.conversation.take() {
                Some(conversation) => conversation,
                None => Client::open(&stage.adapter, stage.deadline).await?,
            };
            let suspects = stage.play_all(&conversation, waiting, &mut asked).await;
            if conversation.over().is_none() {
                self.conversation = Some(conversation);
                continue;
            }
            if suspects.is_empty() {
                idle_deaths.note(&conversation)?;
            }
            drop(conversation);
            if let [(place, carrier)] = suspects.as_slice() {
                // Nothing else was under way.
                asked[*place] = Some(stage.ask_alone(carrier).await?);
                continue;
            }
            for (place, carrier) in suspects {
                asked[place] = Some(self.ask_suspect(carrier).await?);
            }
        }
    }

    /// Ends the process.
    pub async fn close(self) {
        if let Some(conversation) = self.conversation {
            conversation.close().await;
        }
    }

    /// Asks what was under way when a process went down, by itself; if it goes down again, alone in a fresh one.
    async fn ask_suspect(&mut self, carrier: &ClientCase) -> Result<Asked, String> {
        let stage = Arc::clone(&self.stage);
        let conversation = match self.conversation.take() {
            Some(conversation) => conversation,
            None => Client::open(&stage.adapter, stage.deadline).await?,
        };
        match stage.play(&conversation, carrier).await {
            Ok(parsed) => {
                self.conversation = Some(conversation);
                Ok(Ok(Observation::Parsed(parsed)))
            }
            Err(Unplayed::Error(sentence)) => {
                self.conversation = Some(conversation);
                Ok(Err(sentence))
            }
            Err(Unplayed::Over(_)) => {
                drop(conversation);
                stage.ask_alone(carrier).await
            }
        }
    }
}

impl Stage {
    /// What the origin plays for this delivery.
    fn carrier(&self, delivery: &Delivery) -> Option<ClientCase> {
        let mut case = replay::case(delivery.bytes().into());
        case.written_cuts = Some(delivery.cuts().to_vec());
        let carrier = http::carry(&case)?;
        let reconnects = self.greeting.features.reconnects;
        Some(carrier.for_target(reconnects).into_owned())
    }

    /// Plays these, many at once, until all are played or the process is of no more use. Returns those that were under way
    /// then.
    async fn play_all<'a>(
        &self,
        conversation: &Client,
        mut waiting: VecDeque<(usize, &'a ClientCase)>,
        asked: &mut [Option<Asked>],
    ) -> Vec<(usize, &'a ClientCase)> {
        let at_once = match &self.adapter.browser {
            Some(_) => FEWER_AT_ONCE,
            None => AT_ONCE,
        };
        let few = at_once.min(FEWER_AT_ONCE);
        let mut plays = FuturesUnordered::new();
        let mut suspects = Vec::new();
        loop {
            while conversation.over().is_none()
                && plays.len() < self.lag.at_once(at_once).max(few)
                && let Some((place, carrier)) = waiting.pop_front()
            {
                plays.push(async move {
                    let played = self.play(conversation, carrier).await;
                    (place, carrier, played)
                });
            }
            let Some((place, carrier, played)) = plays.next().await else {
                suspects.sort_by_key(|(place, _)| *place);
                return suspects;
            };
            match played {
                Ok(parsed) => asked[place] = Some(Ok(Observation::Parsed(parsed))),
                Err(Unplayed::Error(sentence)) => asked[place] = Some(Err(sentence)),
                Err(Unplayed::Over(_)) => suspects.push((place, carrier)),
            }
        }
    }

    async fn play(&self, conversation: &Client, carrier: &ClientCase) -> Result<Parsed, Unplayed> {
        let play = || {
            play::play(
                &self.origin,
                conversation,
                carrier,
                self.patience,
                &self.lag,
            )
        };
        let started = Instant::now();
        let mut run = play().await?;
        if matches!(run.end, RunEnd::Silent(_)) && self.lag.since(started) > HARMLESS {
            run = play().await?;
        }
        Ok(self.parsed(carrier, &run))
    }

    /// Plays one alone, up to twice, each time in a fresh process.
    async fn ask_alone(&self, carrier: &ClientCase) -> Result<Asked, String> {
        let mut losses = Losses::default();
        for _ in 0..2 {
            let conversation = Client::open(&self.adapter, self.deadline).await?;
            match self.play(&conversation, carrier).await {
                Ok(parsed) => {
                    conversation.close().await;
                    return Ok(Ok(Observation::Parsed(parsed)));
                }
                Err(Unplayed::Over(trouble)) => {
                    if let Err(sentence) = losses.note(trouble, conversation.log()) {
                        return Ok(Err(sentence));
                    }
                }
                Err(Unplayed::Error(sentence)) => return Ok(Err(sentence)),
            }
        }
        Ok(losses.observed().map(|observed| observed.observation))
    }

    /// What the client's parser made of the stream, as far as its events and its next request show.
    fn parsed(&self, carrier: &ClientCase, run: &ClientRun) -> Parsed {
        let ends_by_design = !self.greeting.features.reconnects
            && !carrier.is_held()
            && run.reports().any(|report| *report == Report::End);
        let error = match run.end {
            RunEnd::Sentinel | RunEnd::Quiet | RunEnd::Early => None,
            RunEnd::GaveUp if ends_by_design => None,
            RunEnd::GaveUp => Some(last_error(run)),
            RunEnd::Silent(_) => Some(Text::from("what followed the stream did not come out")),
        };
        let next = run.requests().nth(carrier.responses.len());
        let last_event_id = next.filter(|_| tells_last_event_id(carrier));
        Parsed {
            last_event_id: last_event_id.map(|(_, request)| {
                let value = request.values("last-event-id").next();
                Text(value.unwrap_or_default().to_vec())
            }),
            error,
            ..run.parsed(PREAMBLE, SENTINEL)
        }
    }
}

/// What a client shows of its parser. How long it waits is a time, and no number that it tells.
fn as_parser(features: &Features) -> Features {
    Features {
        input: Input::Bytes,
        reconnection_time: View::None,
        progress: false,
        ..features.clone()
    }
}

/// Whether the request after the stream is looked at for the last event ID.
fn tells_last_event_id(carrier: &ClientCase) -> bool {
    let mut answers = carrier.answers.iter();
    answers.any(|answer| {
        let request = answer.requests.get(carrier.responses.len());
        request.is_some_and(|request| !request.headers.is_empty() || !request.without.is_empty())
    })
}

fn last_error(run: &ClientRun) -> Text {
    let errors = run.reports().filter_map(|report| match report {
        Report::Error { message, .. } => Some(message.clone()),
        _ => None,
    });
    errors.last().unwrap_or_else(|| Text::from("it gave up"))
}
