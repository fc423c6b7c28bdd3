//! One request's answer, as it comes, to what was seen of it.

use std::time::Duration;

use super::arrival::{Arrival, Evidence, Pattern, Read};
use super::finding::{Finding, Findings};
use super::head::{self, Asked, Head};
use super::stream::Stream;
use super::verdict::{count, time};
use crate::event_stream::Event;

/// How much of a body that is no stream is kept to be shown.
pub const PREVIEW: usize = 2_048;
/// More ids are not kept.
const MAX_IDS: usize = 10_000;
const SILENCE: Duration = Duration::from_secs(15);
const LONG_SILENCE: Duration = Duration::from_secs(60);

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server ended it as the protocol wants.
    Complete,
    /// It broke; the sentence says how.
    Broken(String),
    /// We stopped reading, for this reason. What was under way then is no finding.
    Stopped(&'static str),
}

/// An answer under way.
#[derive(Debug)]
pub struct Exchange {
    asked: Asked,
    head: Option<Head>,
    kind: Kind,
    stream: Stream,
    arrival: Arrival,
    is_timed: bool,
    findings: Findings,
    preview: Vec<u8>,
    n_bytes: u64,
    n_wire_bytes: u64,
    ids: Vec<String>,
}

/// When and how some bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    /// Since the request was sent.
    pub at: Duration,
    /// Which read it was.
    pub number: u64,
    /// How many bytes these were before they were decoded.
    pub n_wire_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The first bytes decide.
    Undecided,
    Stream,
    Other,
}

/// What was seen of one answer.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The head, where there was one.
    pub head: Option<Head>,
    /// The codings that were offered.
    pub offered: Vec<String>,
    /// How it ended.
    pub end: End,
    /// The body is a stream of events, whatever its head calls it.
    pub is_stream: bool,
    /// The start of a body that is none.
    pub preview: Vec<u8>,
    /// How many events.
    pub n_events: usize,
    /// How many lines.
    pub n_lines: u64,
    /// The stream's bytes, decoded.
    pub n_bytes: u64,
    /// The same as they came.
    pub n_wire_bytes: u64,
    /// The times mean something: they are not those of a file.
    pub is_timed: bool,
    /// When it came.
    pub arrival: Arrival,
    /// How the events came.
    pub pattern: Pattern,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// The last event ID string at the end.
    pub last_event_id: String,
    /// The reconnection time, if the stream has set one.
    pub reconnection_time: Option<Duration>,
    /// The ids of the events, as far as they are kept.
    pub ids: Vec<String>,
}

impl Exchange {
    /// Before anything came.
    pub fn new(asked: Asked, is_timed: bool, last_event_id: &str) -> Self {
        Self {
            asked,
            head: None,
            kind: Kind::Stream,
            stream: Stream::new(last_event_id),
            arrival: Arrival::default(),
            is_timed,
            findings: Findings::default(),
            preview: Vec::new(),
            n_bytes: 0,
            n_wire_bytes: 0,
            ids: Vec::new(),
        }
    }

    /// Takes the head.
    pub fn head(&mut self, head: Head, at: Duration) {
        head::judge(&head, &self.asked, &mut self.findings);
        self.arrival.note_head(at);
        self.kind = match (head.announces_a_stream(), head.status) {
            (true, _) => Kind::Stream,
            (false, 200) => Kind::Undecided,
            (false, _) => Kind::Other,
        };
        self.head = Some(head);
    }

    /// Nothing here can decode the body, so it is not read as a stream.
    pub fn cannot_decode(&mut self) {
        self.kind = Kind::Other;
    }

    /// The stream is read up to this event and no further.
    pub fn stop_after(&mut self, n_events: usize) {
        self.stream.max_events = n_events;
    }

    /// Takes what one read gave, all of it or a part, and hands on each event that it completes.
    pub fn read(&mut self, came: Came, bytes: &[u8], mut on_event: impl FnMut(Event<'_>)) {
        let Came {
            at,
            number,
            n_wire_bytes,
        } = came;
        self.n_wire_bytes += n_wire_bytes as u64;
        self.n_bytes += bytes.len() as u64;
        if self.kind == Kind::Undecided && !bytes.is_empty() {
            self.kind = if looks_like_a_stream(bytes) {
                Kind::Stream
            } else {
                Kind::Other
            };
        }
        if self.kind != Kind::Stream {
            let room = PREVIEW - self.preview.len();
            self.preview
                .extend_from_slice(&bytes[..room.min(bytes.len())]);
        }
        let n_before = self.stream.n_events;
        if self.kind == Kind::Stream {
            let Self { stream, ids, .. } = self;
            stream.feed(bytes, |event| {
                if !event.last_event_id.is_empty()
                    && ids.len() < MAX_IDS
                    && ids.last().is_none_or(|id| id != event.last_event_id)
                {
                    ids.push(event.last_event_id.to_owned());
                }
                on_event(event);
            });
        }
        self.arrival.note(Read {
            number,
            at,
            n_bytes: bytes.len(),
            n_events: self.stream.n_events - n_before,
            cuts_an_event: self.stream.is_within_a_block(),
        });
    }

    /// How many events came so far.
    pub fn n_events(&self) -> usize {
        self.stream.n_events
    }

    /// The times mean something.
    pub fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// The body is no stream.
    pub fn is_other(&self) -> bool {
        self.kind == Kind::Other
    }

    /// Nothing that is still to come would be shown.
    pub fn has_enough(&self) -> bool {
        self.is_other() && self.preview.len() == PREVIEW
    }

    /// Ends the answer.
    pub fn end(mut self, at: Duration, end: End) -> Seen {
        let by_server = !matches!(end, End::Stopped(_));
        self.arrival.note_end(at, by_server);
        let is_stream = match (self.kind, &self.head) {
            (Kind::Stream, _) => true,
            (Kind::Other, _) => false,
            (Kind::Undecided, head) => head.is_none(),
        };
        if is_stream && by_server {
            self.stream.end();
        }
        if is_stream && end == End::Complete && self.stream.n_events == 0 {
            self.stream.findings.note("stream.no-event", String::new());
        }
        if let End::Broken(sentence) = &end {
            let detail = format!("after {}: {sentence}", time(at));
            self.findings.note("http.body-broken", detail);
        }
        let pattern = if self.is_timed && is_stream {
            self.delivery();
            self.arrival.pattern()
        } else {
            Pattern::Unknown
        };
        let mut findings = self.findings.sorted();
        findings.extend(self.stream.findings.clone().sorted());
        super::finding::sort(&mut findings);
        Seen {
            head: self.head,
            offered: self.asked.offered,
            end,
            is_stream,
            preview: self.preview,
            n_events: self.stream.n_events,
            n_lines: self.stream.n_lines,
            n_bytes: self.n_bytes,
            n_wire_bytes: self.n_wire_bytes,
            is_timed: self.is_timed,
            pattern,
            findings,
            last_event_id: self.stream.last_event_id().to_owned(),
            reconnection_time: self.stream.reconnection_time(),
            ids: self.ids,
            arrival: self.arrival,
        }
    }

    /// What the times show.
    fn delivery(&mut self) {
        let silence = self.arrival.longest_silence;
        let detail = || format!("{} without a byte", time(silence));
        if silence >= LONG_SILENCE {
            self.findings.note("stream.long-silence", detail());
        } else if silence >= SILENCE {
            self.findings.note("stream.silence", detail());
        }
        let Pattern::Bursts { n, evidence } = self.arrival.pattern() else {
            return;
        };
        let first = self.arrival.first_event.unwrap_or_default();
        let bursts = format!(
            "{n} bursts of about {}, the first event after {}",
            count(self.stream.n_events / n.max(1), "event"),
            time(first)
        );
        match evidence {
            None => self.findings.note("delivery.bursts", bursts),
            Some(Evidence::EqualBytes { n_bytes, n_cut }) => self.findings.note(
                "delivery.buffer",
                format!(
                    "{bursts}; each but the last has {n_bytes} bytes or nearly so, and {n_cut} of {} end in the middle of an event",
                    n - 1
                ),
            ),
            Some(Evidence::EqualTime { period }) => self.findings.note(
                "delivery.timer",
                format!("{bursts}; one every {}", time(period)),
            ),
            Some(Evidence::AllAtEnd) => self.findings.note(
                "delivery.all-at-end",
                format!(
                    "nothing for {}, then all {}",
                    time(first),
                    count(self.stream.n_events, "event")
                ),
            ),
        }
    }
}

/// The first line is a comment or a field, so this is a stream with a wrong name.
fn looks_like_a_stream(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line = bytes.trim_ascii_start();
    let names: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
    line.starts_with(b":")
        || names.iter().any(|name| {
            line.strip_prefix(*name)
                .is_some_and(|rest| matches!(rest.first(), None | Some(b':' | b'\n' | b'\r')))
        })
}
