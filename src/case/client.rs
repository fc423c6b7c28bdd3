//! A client case: a script for the origin, what the harness asks of the target, and what must come of it.

use std::borrow::Cow;

use super::{Answer, ExpectedEvent, Trace};
use crate::script::{Ending, Gate, Response, Script, Step, Transport};

/// The data of the event that ends a case. No case has it in a stream of its own.
pub const SENTINEL: &str = "ssespec: this is the end of the case";
/// In the data of the event before which a parser case over HTTP has not begun. No case has it in a stream of its own.
pub const PREAMBLE: &str = "ssespec: the case begins behind this";

/// A script of connections and what a target must make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCase {
    /// What the target is told beside the URL.
    pub connect: ConnectWith,
    /// The answers to the target's requests, without the sentinel.
    pub responses: Vec<Response>,
    /// Before the requests with these numbers, from 0, the port refuses connections for a time.
    pub refusals: Vec<usize>,
    /// The target closes inside this handler.
    pub close_on: Option<CloseOn>,
    /// The harness disconnects once this answer is over.
    pub disconnect_after: Option<usize>,
    /// After the last answer the target must ask again (or read on, if it is held); else it must stay away.
    pub returns: bool,
    /// It need not return if it says or shows that it has given up: trying again may be futile.
    pub may_give_up: bool,
    /// What conforms; more than one only where the standard leaves room.
    pub answers: Vec<ClientAnswer>,
    /// What the reference saw over all connections.
    pub trace: Trace,
    /// The reconnection time after the last answer, in milliseconds; `None` is the target's own.
    pub reconnection_time: Option<u64>,
    /// What a page runs instead of one connection, as the body of a function; its facts are the expected events' data.
    pub script: Option<String>,
    /// It carries a parser case: its first connection does nothing but set a short reconnection time.
    pub carries_parser_case: bool,
}

/// What a target is told beside the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectWith {
    /// How the bytes travel.
    pub transport: Transport,
    /// Headers of the application's own.
    pub headers: Vec<(String, String)>,
    /// With credentials.
    pub with_credentials: bool,
    /// The method of the requests, where it is not GET.
    pub method: Option<String>,
    /// The body of the requests.
    pub body: Option<String>,
    /// The last event ID string to begin with.
    pub last_event_id: Option<String>,
    /// The reconnection time to begin with, in milliseconds.
    pub initial_reconnection_time: Option<u64>,
}

/// The handler in which a target closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the handlers of the standard's interface")]
pub enum CloseOn {
    Open,
    Event,
    Error,
}

impl CloseOn {
    /// What the handler is called where an adapter is asked.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Event => "event",
            Self::Error => "error",
        }
    }
}

/// One allowed answer of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientAnswer {
    /// What must be true of the requests, in their order; later ones are not looked at.
    pub requests: Vec<ExpectedRequest>,
    /// What the application must hear, in order, up to the sentinel; `None` is not compared.
    pub reports: Option<Vec<ExpectedReport>>,
    /// All events over all connections.
    pub events: Answer,
}

/// What must be true of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedRequest {
    /// Its method.
    pub method: Option<String>,
    /// Its path below the case's own.
    pub path: Option<String>,
    /// Its body, byte for byte.
    pub body: Option<Vec<u8>>,
    /// Headers that it has exactly once, with these bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Headers that it does not have.
    pub without: Vec<String>,
    /// It comes no sooner after the end of the answer before, in milliseconds.
    pub after: Option<u64>,
}

/// Something that an application hears of a client with the standard's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the events of the standard's interface")]
pub enum ExpectedReport {
    Open,
    Event,
    /// The target will come back.
    Error,
    /// The target will not come back.
    Fatal,
}

impl ClientCase {
    /// Answers after which a target returns, and nothing out of the ordinary.
    pub fn new(responses: Vec<Response>, answers: Vec<ClientAnswer>) -> Self {
        Self {
            connect: ConnectWith::default(),
            responses,
            refusals: Vec::new(),
            close_on: None,
            disconnect_after: None,
            returns: true,
            may_give_up: false,
            answers,
            trace: Trace::default(),
            reconnection_time: None,
            script: None,
            carries_parser_case: false,
        }
    }

    /// What the origin plays: the answers, and the sentinel on the last one that is held or on the next request.
    pub fn script(&self) -> Script {
        let sentinel = format!("data: {SENTINEL}\n\n").into_bytes();
        let mut responses = self.responses.clone();
        if self.returns
            && self.script.is_none()
            && self.is_held()
            && let Some(last) = responses.last_mut()
        {
            last.steps.push(Step::Write(sentinel.clone()));
        }
        Script {
            responses,
            afterwards: Response::stream([sentinel], Ending::Hold),
            refusals: self.refusals.clone(),
            transport: self.connect.transport,
        }
    }

    /// The target closes in the middle: by itself, or when the harness says so.
    pub fn closes(&self) -> bool {
        let mut steps = self.responses.iter().flat_map(|response| &response.steps);
        self.close_on.is_some()
            || self.disconnect_after.is_some()
            || steps.any(|step| *step == Step::Gate(Gate::Disconnect))
    }

    /// The case for a target that reconnects, or does not by design: that one is asked a parser case on one connection.
    pub fn for_target(&self, reconnects: bool) -> Cow<'_, Self> {
        if reconnects || !self.carries_parser_case {
            return Cow::Borrowed(self);
        }
        let mut case = self.clone();
        case.responses.remove(0);
        for answer in &mut case.answers {
            answer.requests.clear();
        }
        Cow::Owned(case)
    }

    /// A target that does not reconnect by design cannot be asked.
    pub fn needs_reconnect(&self) -> bool {
        let is_redirect = |response: &&Response| response.location.is_some();
        let n_streams = self.responses.iter().filter(|r| !is_redirect(r)).count();
        n_streams > 1
            || !self.refusals.is_empty()
            || self.n_requests_looked_at() > self.responses.len()
    }

    /// Up to which request the expectations look.
    pub fn n_requests_looked_at(&self) -> usize {
        let looked_at = self.answers.iter().map(|answer| answer.requests.len());
        looked_at.max().unwrap_or(0)
    }

    /// The requests that a target makes which returns whenever it must.
    pub fn n_requests(&self) -> usize {
        self.responses.len() + usize::from(self.returns && !self.is_held())
    }

    /// The last answer is held open, so that what follows comes on the same connection.
    pub fn is_held(&self) -> bool {
        let last = self.responses.last();
        last.is_some_and(|last| last.then == Ending::Hold)
    }

    /// The bytes of all bodies, one after another.
    pub fn stream(&self) -> Vec<u8> {
        let bodies = self.responses.iter().map(Response::body);
        bodies.collect::<Vec<_>>().concat()
    }

    /// The types of events that the streams could give, under any reading of them.
    pub fn types(&self) -> Vec<String> {
        let expected = self.answers.iter().flat_map(|answer| &answer.events.events);
        let mut types: Vec<String> = expected
            .map(|event: &ExpectedEvent| event.event_type.clone())
            .collect();
        // Whatever stands in a line, so that a target which reads it wrongly can show that.
        for line in self.stream().split(|byte| matches!(byte, b'\n' | b'\r')) {
            let line = String::from_utf8_lossy(line);
            if let Some((name, value)) = line.split_once(':')
                && name.trim().ends_with("event")
            {
                types.push(value.to_owned());
                types.push(value.trim().to_owned());
            }
        }
        // Decoys, so that the list betrays nothing.
        types.extend(["message", "add", "ping"].map(str::to_owned));
        types.retain(|name| !matches!(name.as_str(), "" | "open" | "error"));
        types.sort();
        types.dedup();
        types
    }
}
