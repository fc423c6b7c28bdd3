//! What a client did while a script was played to it: requests, reports and what was sent, as they happened.

use std::time::Duration;

use super::{ObservedEvent, Parsed, Text};
use crate::script::{Ending, Gate};

/// One played script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRun {
    /// Everything that happened, in order.
    pub moments: Vec<Moment>,
    /// How the play came to its end.
    pub end: RunEnd,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the target was told to connect.
    pub at: Duration,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A request came.
    Asked(ObservedRequest),
    /// The head of an answer went out: place of the request, status, all of it.
    Head(usize, u16, Vec<u8>),
    /// A chunk of an answer went out: place of the request, bytes.
    Sent(usize, Vec<u8>),
    /// An answer is over: place of the request, how.
    Over(usize, Ending),
    /// Whether the client read the last chunk by itself is not known: place of the request.
    BoundaryUnknown(usize),
    /// The port refuses connections.
    Refuses,
    /// The port takes connections again.
    Listens,
    /// A connection came to nothing before there was a request, for this reason.
    Unheard(String),
    /// The client closed a connection: place of the request.
    Left(usize),
    /// An answer waited for this in vain, and went on.
    WaitedInVain(Gate),
    /// The target said that it has disconnected.
    Disconnected,
    /// The target kept a connection open although it had disconnected.
    KeptOpen,
    /// The target reported something.
    Reported(Report),
}

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedRequest {
    /// The method.
    pub method: String,
    /// The path below the case's own.
    pub path: String,
    /// Names and values as bytes.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a target told the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A connection was announced.
    Open,
    /// An event.
    Event(ObservedEvent),
    /// A comment.
    Comment(Text),
    /// An error.
    Error {
        /// It will not come back.
        fatal: bool,
        /// In its own words.
        message: Text,
    },
    /// The stream is over, and it does not come back by design.
    End,
}

/// How a play came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The sentinel came out.
    Sentinel,
    /// It had to stay away, and the quiet window is over.
    Quiet,
    /// It said that it will not come back.
    GaveUp,
    /// Nothing more came within this time.
    Silent(Duration),
    /// It came back before it had answered that it disconnects, so how it keeps away then was not seen.
    Early,
}

impl ClientRun {
    /// The requests, and when they came.
    pub fn requests(&self) -> impl Iterator<Item = (Duration, &ObservedRequest)> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            Happened::Asked(request) => Some((moment.at, request)),
            _ => None,
        })
    }

    /// The reports.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            Happened::Reported(report) => Some(report),
            _ => None,
        })
    }

    /// How long it took.
    pub fn time(&self) -> Duration {
        self.moments
            .last()
            .map_or(Duration::ZERO, |moment| moment.at)
    }

    /// When an answer was over.
    pub fn over(&self, request: usize) -> Option<Duration> {
        let is_over =
            |moment: &&Moment| matches!(moment.what, Happened::Over(of, _) if of == request);
        self.moments.iter().find(is_over).map(|moment| moment.at)
    }

    /// The events behind the first one whose data holds the preamble, if there is one, and up to one whose data is the
    /// sentinel; these two are left out.
    pub fn parsed(&self, preamble: &str, sentinel: &str) -> Parsed {
        let events: Vec<&ObservedEvent> = self
            .reports()
            .filter_map(|report| match report {
                Report::Event(event) => Some(event),
                _ => None,
            })
            .collect();
        let begun = events.iter().position(|event| holds(event, preamble));
        Parsed {
            events: events[begun.map_or(0, |at| at + 1)..]
                .iter()
                .copied()
                .take_while(|event| !is_sentinel(event, sentinel))
                .cloned()
                .collect(),
            ..Parsed::default()
        }
    }
}

impl ObservedRequest {
    /// The values of a header.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
    }
}

/// Whether a text stands somewhere in the data of an event.
fn holds(event: &ObservedEvent, text: &str) -> bool {
    let holds = |data: &Text| {
        data.0
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    event.data.as_ref().is_some_and(holds)
}

/// Whether an event is the one with this data.
pub fn is_sentinel(event: &ObservedEvent, sentinel: &str) -> bool {
    event
        .data
        .as_ref()
        .is_some_and(|data| data.0 == sentinel.as_bytes())
}
