//! What a server did while a case was played to it: what was on the wire and what its application was told.

use std::time::Duration;

use super::Text;

/// One played case: what each client got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerRun {
    /// In the order in which they asked.
    pub sides: Vec<Side>,
    /// What happened, in order, each moment cut to a bearable length.
    pub moments: Vec<Moment>,
}

/// What one client got, and what the application was told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The head of the answer; none if there was none.
    pub head: Option<Head>,
    /// The body, its transfer coding and compression undone.
    pub body: Vec<u8>,
    /// How the body ended.
    pub end: BodyEnd,
    /// The application was told of the request, with this last event ID.
    pub request: Option<Option<Text>>,
    /// Events that the implementation refused to its caller: place, message.
    pub rejected: Vec<(usize, Text)>,
    /// When each event was asked for, and when it was seen; only with `pace: asked`.
    pub emissions: Vec<Emission>,
    /// The head had come before the first event was asked for; none if nobody waited for that.
    pub head_came_first: Option<bool>,
    /// How many comments came after the last event.
    pub n_heartbeats: usize,
    /// How many of them were waited for.
    pub n_heartbeats_due: usize,
    /// Nothing had come of the answer until the stream was stopped; then it came.
    pub came_late: bool,
    /// How long after the client had left the application was told; none if it was not.
    pub noticed: Option<Duration>,
    /// How long that was waited for.
    pub waited: Duration,
}

/// An event that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// Its place.
    pub index: usize,
    /// It was on the wire before the next one was asked for.
    pub was_seen: bool,
}

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The minor version of HTTP/1.
    pub minor_version: u8,
    /// Names and values as bytes, in their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// How a body ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BodyEnd {
    /// It had not ended when we stopped looking.
    #[default]
    Open,
    /// As its framing has it: last chunk, or length.
    Complete,
    /// With its connection, which is all that its framing has.
    Closed,
    /// The connection ended before the framing allowed it; how.
    Cut(String),
    /// What came is no HTTP, or too much of it; one sentence.
    Fault(String),
    /// We left.
    Left,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the case began.
    pub at: Duration,
    /// Place of the client that it concerns.
    pub client: usize,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The client asked: the head of its request.
    Asked(Vec<u8>),
    /// The head of the answer.
    Head(Head),
    /// A part of the body, or its start, and how long it was.
    Body(Vec<u8>, usize),
    /// The body ended.
    Ended(BodyEnd),
    /// The application was told of the request.
    Told(Option<Text>),
    /// The application was asked for an event.
    Emit(usize),
    /// It was not on the wire when we gave up waiting.
    NotSeen(usize),
    /// The implementation refused an event.
    Rejected(usize, Text),
    /// The application was told that the client left.
    Disconnected,
    /// The client left.
    Left,
}

/// What an application can be told to emit, and what else an implementation offers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// An event's type.
    pub event_type: bool,
    /// An event's id.
    pub id: bool,
    /// A reconnection time.
    pub retry: bool,
    /// A reconnection time as a text.
    pub retry_text: bool,
    /// A comment.
    pub comment: bool,
    /// An event without data.
    pub without_data: bool,
    /// Heartbeats.
    pub heartbeat: Option<Heartbeat>,
    /// A time after which the implementation ends the stream.
    pub timeout: bool,
    /// The application is told when a client has left.
    pub disconnects: bool,
    /// The application sets headers of its answer.
    pub headers: bool,
    /// The application answers with a status, and opens no stream.
    pub status: bool,
    /// It answers no more requests at once than so many.
    pub at_once: Option<usize>,
}

/// How often an implementation sends heartbeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// As often as the application says.
    Set,
    /// As often as it wants itself, in milliseconds.
    Own(u64),
}

impl Head {
    /// The values of a header.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
    }
}
