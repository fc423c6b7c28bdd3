//! A server case: what the application emits, how the harness asks for it, and what is looked at besides the events.

use super::{Answer, ExpectedEnd, ExpectedEvent};

/// The data of the event that is emitted last, so that the end of a stream is seen. No case emits it itself.
pub const SENTINEL: &str = "ssespec: this is the end of the case";
/// Reports show no more of a long text.
const SHOWN: usize = 2 << 10;
/// Reports show no more events.
pub const N_SHOWN: usize = 200;

/// What an application emits through an implementation, and how it is asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCase {
    /// What the application emits, in order, without the sentinel.
    pub events: Vec<Emitted>,
    /// When it emits.
    pub pace: Pace,
    /// What it does after the last event.
    pub then: Then,
    /// The implementation sends heartbeats this often, in milliseconds.
    pub heartbeat: Option<u64>,
    /// The implementation ends the stream after this time, in milliseconds.
    pub timeout: Option<u64>,
    /// The application answers with this status, and opens no stream.
    pub status: Option<u16>,
    /// Headers that the application sets on its answer.
    pub answer_headers: Vec<(String, String)>,
    /// The request is a HEAD.
    pub is_head: bool,
    /// Further headers of the request.
    pub headers: Vec<(String, Vec<u8>)>,
    /// How many clients ask at once.
    pub n_clients: usize,
    /// How they read.
    pub reading: Reading,
    /// What is looked at besides the events.
    pub checks: Vec<Check>,
}

/// One event as an application emits it; what is `None` it does not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of the format")]
pub struct Emitted {
    pub data: Option<String>,
    pub event_type: Option<String>,
    pub id: Option<String>,
    pub retry: Option<Retry>,
    pub comment: Option<String>,
}

/// A reconnection time as an application gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retry {
    /// A number of milliseconds.
    Number(i64),
    /// A text, where the interface takes one.
    Text(String),
}

/// When the application emits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Everything at once.
    #[default]
    Free,
    /// The next event only after the harness has seen the last one on the wire.
    Asked,
}

/// What the application does after the last event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// It ends the stream.
    #[default]
    Close,
    /// It leaves the stream open.
    Hold,
    /// It raises an error.
    Fail,
}

/// How a client reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Whatever comes, at once.
    #[default]
    AtOnce,
    /// Nothing for a second, with a small buffer, then everything.
    Slow,
    /// It goes away after the first event, and the application emits on.
    LeavesActive,
    /// It goes away after the first event, and the application emits nothing more.
    LeavesIdle,
}

/// What is looked at besides the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The status is 200.
    Status,
    /// The type is `text/event-stream`.
    ContentType,
    /// The charset, if there is one, is UTF-8.
    Charset,
    /// Nobody on the way may store the stream.
    CacheControl,
    /// The end of the body is told by one means alone.
    Framing,
    /// The body ends with a blank line and is well-formed UTF-8.
    Grammar,
    /// Nothing is on the wire that the application did not emit.
    NothingAdded,
    /// A HEAD gets no body.
    NoBody,
    /// The head comes before the first event.
    HeadersFirst,
    /// Each event is on the wire before the next is emitted.
    Flush,
    /// The application is shown the Last-Event-ID of the request.
    LastEventId,
    /// The application is told that the client has left.
    Notices,
    /// Heartbeats come while the application is silent.
    Heartbeat,
    /// A client can tell the end from that of a complete stream.
    Broken,
    /// The connection ends after the application has ended the stream.
    Ends,
    /// The answer has the headers that the application has set.
    Headers,
    /// The answer has the status that the application has chosen, and is no stream.
    Refusal,
}

impl ServerCase {
    /// Everything is emitted at once to one client, and then the stream ends.
    pub fn new(events: Vec<Emitted>, checks: Vec<Check>) -> Self {
        Self {
            events,
            pace: Pace::Free,
            then: Then::Close,
            heartbeat: None,
            timeout: None,
            status: None,
            answer_headers: Vec::new(),
            is_head: false,
            headers: Vec::new(),
            n_clients: 1,
            reading: Reading::AtOnce,
            checks,
        }
    }

    /// Everything that the application is told to emit: the events, and the sentinel where the stream ends by itself.
    pub fn emitted(&self) -> Vec<Emitted> {
        let mut emitted = self.events.clone();
        if self.has_sentinel() {
            emitted.push(Emitted {
                data: Some(SENTINEL.to_owned()),
                ..Emitted::default()
            });
        }
        emitted
    }

    fn has_sentinel(&self) -> bool {
        self.then != Then::Fail
            && self.status.is_none()
            && !self.leaves()
            && self.timeout.is_none()
            && !self.checks.contains(&Check::Heartbeat)
    }

    /// The client goes away in the middle.
    pub fn leaves(&self) -> bool {
        matches!(self.reading, Reading::LeavesActive | Reading::LeavesIdle)
    }

    /// Whether this is looked at.
    pub fn checks(&self, check: Check) -> bool {
        self.checks.contains(&check)
    }

    /// The events as a reader of a report expects them, the first of them; long texts are cut.
    pub fn shown(&self) -> Answer {
        let mut last_event_id = String::new();
        let events = self.events.iter().filter_map(|event| {
            if let Some(id) = event.id.as_deref().filter(|id| is_id(id)) {
                id.clone_into(&mut last_event_id);
            }
            let data = event.data.as_deref()?;
            let event_type = event.event_type.as_deref().filter(|name| !name.is_empty());
            Some(ExpectedEvent {
                event_type: event_type.unwrap_or("message").to_owned(),
                data: shortened(&normalised(data)),
                last_event_id: last_event_id.clone(),
                names_last_event_id: event.id.is_some(),
            })
        });
        Answer {
            reason: None,
            events: events.take(N_SHOWN).collect(),
            end: ExpectedEnd::default(),
        }
    }
}

impl Emitted {
    /// All texts that the application gives.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let retry = match &self.retry {
            Some(Retry::Text(text)) => Some(text),
            _ => None,
        };
        [&self.data, &self.event_type, &self.id, &self.comment]
            .into_iter()
            .flatten()
            .chain(retry)
            .map(String::as_str)
    }

    /// The format can carry all of it as it is: no line end in type, id or comment, no NUL in the id, digits as time.
    pub fn is_carried(&self) -> bool {
        self.is_carried_but_for_comments() && self.comment.as_deref().is_none_or(is_line)
    }

    /// A comment with line ends can still arrive, as several.
    pub fn is_carried_but_for_comments(&self) -> bool {
        self.event_type.as_deref().is_none_or(is_line)
            && self.id.as_deref().is_none_or(is_id)
            && self
                .retry
                .as_ref()
                .is_none_or(|retry| retry.digits().is_some())
    }

    /// A client hears of it.
    pub fn is_heard(&self) -> bool {
        self.data.is_some() || self.id.is_some() || self.retry.is_some()
    }
}

impl Retry {
    /// As it is written by who writes it as it is.
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// The digits that the format carries, if it can.
    pub fn digits(&self) -> Option<String> {
        let text = self.text();
        let is_time = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_time.then_some(text)
    }
}

/// Data as it must arrive: the format has LF as its only line end.
pub fn normalised(data: &str) -> String {
    data.replace("\r\n", "\n").replace('\r', "\n")
}

/// Without a line end, so that it can stand in a line.
pub fn is_line(text: &str) -> bool {
    !text.contains(['\r', '\n'])
}

/// An id that clients do not ignore.
pub fn is_id(text: &str) -> bool {
    is_line(text) && !text.contains('\0')
}

/// The start of a long text.
pub fn shortened(text: &str) -> String {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    match text.len() - end {
        0 => text.to_owned(),
        left_out => format!("{}… ({left_out} bytes more)", &text[..end]),
    }
}
