//! Expected against observed, to a verdict. Pure: knows no baseline, no target, no format.

pub mod client;
pub mod danger;
pub mod parser;
pub mod server;
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
    /// Requests with a method and a body of the application's own.
    Post,
    /// A last event ID to begin with.
    InitialLastEventId,
    /// A reconnection time to begin with.
    InitialReconnectionTime,
    /// TLS with a certificate that it is given.
    Tls,
    /// HTTP/2 over TLS.
    Http2,
    /// HTTP/2 by prior knowledge.
    Http2Cleartext,
    /// How it decodes coded bodies: it does not ask for them.
    ContentCoding,
    /// How it stays away: it came back before it had answered that it disconnects.
    StayingAway,
    /// A way to emit this.
    Emitting(&'static str),
    /// A heartbeat that the application sets.
    Heartbeat,
    /// A time after which the stream ends.
    Timeout,
    /// That a client has left.
    Disconnects,
    /// Headers that the application sets on its answer.
    AnswerHeaders,
    /// An answer with a status, in place of a stream.
    Status,
    /// Two requests at once.
    AtOnce,
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
            Self::Post => "the target takes no method and no body",
            Self::InitialLastEventId => "the target takes no last event ID to begin with",
            Self::InitialReconnectionTime => "the target takes no reconnection time to begin with",
            Self::Tls => "the target takes no certificate to trust",
            Self::Http2 => "the target does not speak HTTP/2 over TLS",
            Self::Http2Cleartext => "the target does not speak HTTP/2 without TLS",
            Self::ContentCoding => "the target does not accept gzip",
            Self::StayingAway => "the target came back before it could be told to disconnect",
            Self::Emitting(what) => return write!(f, "its interface has no way to emit {what}"),
            Self::Heartbeat => "its interface sets no heartbeat",
            Self::Timeout => "its interface sets no time after which a stream ends",
            Self::Disconnects => "its interface does not tell when a client has left",
            Self::AnswerHeaders => "its application cannot set headers of the answer",
            Self::Status => "its application cannot answer with a status of its own",
            Self::AtOnce => "it answers one request at a time",
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
    /// What a server's application emitted is not what is on the wire.
    Emitted {
        /// What became of it.
        class: Class,
        /// The place of the event that it is about, from 0.
        index: Option<usize>,
        /// What is wrong, in a sentence without its end.
        sentence: String,
    },
    /// The delivery kills the process.
    Crashes(String),
    /// The delivery gets no answer.
    Hangs(String),
}

impl Mismatch {
    /// Something stands on the wire that nobody asked for: said first, whatever else is wrong.
    pub fn is_injection(&self) -> bool {
        matches!(
            self,
            Self::Emitted {
                class: Class::Injected,
                ..
            }
        )
    }

    /// How binding the requirement is that is not met: the case's level, except for lateness.
    pub fn level(&self, case: Level) -> Level {
        match self {
            Self::Late { .. } => case.min(Level::Should),
            Self::Emitted { class, .. } => class.level(),
            _ => case,
        }
    }
}

/// What became of something that an application emitted; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A field or event that nobody asked for is on the wire.
    Injected,
    /// A value that the format can carry did not arrive as emitted.
    Altered,
    /// Nothing of it came, and the stream broke off.
    StreamCut,
    /// Nothing of it came, and the stream ended as if it were complete.
    EndedAsComplete,
    /// Nothing of it came, and nobody was told.
    Dropped,
    /// The format could carry it, and the implementation refused it to its caller.
    Refused,
    /// A value that the format cannot carry was changed into a harmless one.
    Sanitised,
    /// The implementation adds something of its own.
    Added,
}

impl Class {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Injected => "injected",
            Self::Altered => "altered",
            Self::StreamCut => "refused, stream cut",
            Self::EndedAsComplete => "refused, ended as if complete",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
            Self::Sanitised => "sanitised",
            Self::Added => "added",
        }
    }

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        use Class::*;
        let all = [
            Injected,
            Altered,
            StreamCut,
            EndedAsComplete,
            Dropped,
            Refused,
            Sanitised,
            Added,
        ];
        all.into_iter().find(|class| class.name() == name)
    }

    fn level(self) -> Level {
        match self {
            Self::Injected | Self::Altered => Level::Must,
            _ => Level::Should,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_found_by_its_name() {
        for class in [Class::Injected, Class::StreamCut, Class::Added] {
            assert_eq!(Class::named(class.name()), Some(class));
        }
        assert_eq!(Class::named("forged"), None);
    }
}
