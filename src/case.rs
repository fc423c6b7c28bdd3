//! A case as a value: one id, one reason, one input, one expectation, the clauses it checks.

pub mod client;
pub mod server;

use std::sync::Arc;

use crate::clause::{Level, Role};
use crate::delivery::{self, Delivery};
use client::ClientCase;
use server::ServerCase;

/// One question to a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// A path such as `parser/fields/id/contains-nul`.
    pub id: String,
    /// Why the expectation is right.
    pub why: String,
    /// The clauses it checks. The first gives its level.
    pub clauses: Vec<String>,
    /// How binding the first clause is.
    pub level: Level,
    /// Why the case contradicts our reference, if it does so on purpose.
    pub disputes: Option<String>,
    /// The input and the expectation, by role.
    pub kind: Kind,
}

/// The input and the expectation of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Bytes in, events out.
    Parser(ParserCase),
    /// A script of connections, and what comes of it.
    Client(Box<ClientCase>),
    /// What an application emits, and what must arrive.
    Server(Box<ServerCase>),
}

impl Case {
    /// Whom the case asks.
    pub fn role(&self) -> Role {
        match self.kind {
            Kind::Parser(_) => Role::Parser,
            Kind::Client(_) => Role::Client,
            Kind::Server(_) => Role::Server,
        }
    }

    /// The case, if it asks a parser.
    pub fn parser(&self) -> Option<&ParserCase> {
        match &self.kind {
            Kind::Parser(case) => Some(case),
            Kind::Client(_) | Kind::Server(_) => None,
        }
    }

    /// The case, if it asks a client.
    pub fn client(&self) -> Option<&ClientCase> {
        match &self.kind {
            Kind::Client(case) => Some(case),
            Kind::Parser(_) | Kind::Server(_) => None,
        }
    }

    /// The case, if it asks a server.
    pub fn server(&self) -> Option<&ServerCase> {
        match &self.kind {
            Kind::Server(case) => Some(case),
            Kind::Parser(_) | Kind::Client(_) => None,
        }
    }

    /// The deliveries in which it is tried.
    pub fn deliveries(&self, all: bool, seed: u64) -> Vec<Delivery> {
        match &self.kind {
            Kind::Parser(case) if all => case.deliveries(seed),
            Kind::Parser(case) => vec![Delivery::whole(Arc::clone(&case.stream))],
            // A script is played once; how it is cut stands in it.
            Kind::Client(case) => vec![Delivery::whole(case.stream().into())],
            // The stream is the server's own.
            Kind::Server(_) => vec![Delivery::whole(Vec::new().into())],
        }
    }
}

/// A stream and the events it must give.
#[derive(Clone, Debug, PartialEq)]
pub struct ParserCase {
    /// The bytes.
    pub stream: Arc<[u8]>,
    /// The cuts of the case's own `chunks`.
    pub written_cuts: Option<Vec<usize>>,
    /// What conforms; more than one only where the standard leaves room.
    pub answers: Vec<Answer>,
    /// What the reference saw: gives the other views of the same stream.
    pub trace: Trace,
}

impl ParserCase {
    /// The sweep of deliveries.
    pub fn deliveries(&self, seed: u64) -> Vec<Delivery> {
        delivery::sweep(&self.stream, self.written_cuts.as_deref(), seed)
    }
}

/// One allowed answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why it is allowed, where there are several.
    pub reason: Option<String>,
    /// All events, in order.
    pub events: Vec<ExpectedEvent>,
    /// The state at the end, as far as the case asks for it.
    pub end: ExpectedEnd,
}

/// An event as the standard has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedEvent {
    /// "message" by default.
    pub event_type: String,
    /// The data.
    pub data: String,
    /// The last event ID string at dispatch.
    pub last_event_id: String,
    /// The case's text names the last event ID, so a target that does not show it cannot be judged by this case.
    pub names_last_event_id: bool,
}

/// The state at the end of the stream; `None` is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedEnd {
    /// The last event ID string.
    pub last_event_id: Option<String>,
    /// The reconnection time in milliseconds, in decimal digits.
    pub reconnection_time: Option<String>,
}

/// What the reference makes of a stream, with what the events alone do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// For each event, in order.
    pub events: Vec<TracedEvent>,
    /// A block without an event has an `id`, or the stream ends in one that has, so events alone cannot show what became
    /// of the last event ID at the end.
    pub id_outside_events: bool,
    /// A `retry` field took effect outside a block that gave an event.
    pub retry_outside_events: bool,
}

/// What stands behind an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedEvent {
    /// The block's own valid `id`, the last one if it has several.
    pub own_id: Option<String>,
    /// The block's own valid `retry`, in milliseconds.
    pub own_retry: Option<u64>,
    /// How many bytes had been read when the event was dispatched.
    pub complete_at: usize,
}
