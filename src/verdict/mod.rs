//! Expected against observed, to a verdict. Pure: knows no baseline, no target, no format.

pub mod client;
pub mod parser;
pub mod sweep;

use std::fmt;

use crate::clause::Level;
use crate::observation::{Number, ObservedEvent, Text};

/// Does an observation conform?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does, as far as the case asks.
    Conforms,
    /// It does not, in these ways; never empty.
    Deviates(Vec<Mismatch>),
    /// What the target shows does conform, but it does not show what the case is about.
    NotShown(NotShown),
}

/// What a target does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotShown {
    /// The last event ID.
    LastEventId,
    /// The reconnection time.
    ReconnectionTime,
    /// How bytes are decoded: the target reads text.
    Decoder,
    /// What it does after a lost connection.
    Reconnection,
    /// Opens and errors.
    Handlers,
    /// What becomes of a connection that is closed inside a handler.
    ClosingInHandlers,
    /// What a script finds in a page.
    Script,
    /// Headers of the application's own.
    Headers,
    /// Cookies and what else goes with credentials.
    Credentials,
    /// TLS with a certificate that it is given.
    Tls,
    /// HTTP/2 over TLS.
    Http2,
    /// HTTP/2 by prior knowledge.
    Http2Cleartext,
    /// How it decodes coded bodies: it does not ask for them.
    ContentCoding,
}

impl fmt::Display for NotShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LastEventId => "the target does not show the last event ID",
            Self::ReconnectionTime => "the target does not show the reconnection time",
            Self::Decoder => "the target reads text, so it does not show decoding",
            Self::Reconnection => "the target does not reconnect by itself",
            Self::Handlers => "the target does not show opens and errors",
            Self::ClosingInHandlers => "the target cannot be told to close inside a handler",
            Self::Script => "the target is no page that could run the case's script",
            Self::Headers => "the target takes no headers of the application",
            Self::Credentials => "the target keeps no credentials",
            Self::Tls => "the target takes no certificate to trust",
            Self::Http2 => "the target does not speak HTTP/2 over TLS",
            Self::Http2Cleartext => "the target does not speak HTTP/2 without TLS",
            Self::ContentCoding => "the target does not accept gzip",
        })
    }
}

/// One difference between what conforms and what was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// An event differs.
    Event {
        /// Its place, from 0.
        index: usize,
        /// Which parts differ; never empty.
        parts: Vec<Part>,
    },
    /// An event is missing.
    Missing {
        /// Its place, from 0.
        index: usize,
    },
    /// An event nobody asked for.
    Unexpected {
        /// Its place, from 0.
        index: usize,
        /// What came.
        event: ObservedEvent,
    },
    /// An event came out later than the chunk that completed it (clause `line.liveness`).
    Late {
        /// Its place, from 0.
        index: usize,
        /// The chunk that completed it.
        complete: usize,
        /// The chunk after which it came out.
        chunk: usize,
    },
    /// The last event ID string at the end differs.
    EndLastEventId {
        /// What conforms.
        expected: String,
        /// What was shown.
        observed: Option<Text>,
    },
    /// The reconnection time at the end differs.
    EndReconnectionTime {
        /// What conforms, in milliseconds.
        expected: String,
        /// What was shown.
        observed: Option<Number>,
    },
    /// The implementation raised an error: no stream is an error.
    Error(Text),
    /// A client's requests, delays or reports differ.
    Exchange {
        /// The place of the request that it is about, from 0.
        request: Option<usize>,
        /// What is wrong, as the end of "the target ..".
        sentence: String,
    },
    /// The delivery kills the process.
    Crashes(String),
    /// The delivery gets no answer.
    Hangs(String),
}

impl Mismatch {
    /// How binding the requirement is that is not met: the case's level, except for lateness.
    pub fn level(&self, case: Level) -> Level {
        match self {
            Self::Late { .. } => case.min(Level::Should),
            _ => case,
        }
    }
}

/// A part of an event that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The type.
    EventType {
        /// What conforms.
        expected: String,
        /// What was shown.
        observed: Option<Text>,
    },
    /// The data.
    Data {
        /// What conforms.
        expected: String,
        /// What was shown.
        observed: Option<Text>,
    },
    /// The last event ID, or the block's own where the target shows only that.
    LastEventId {
        /// What conforms.
        expected: Option<String>,
        /// What was shown.
        observed: Option<Text>,
    },
    /// The block's own reconnection time.
    ReconnectionTime {
        /// What conforms, in milliseconds.
        expected: Option<u64>,
        /// What was shown.
        observed: Option<Number>,
    },
}
