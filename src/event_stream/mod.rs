//! Bytes of an event stream to events, as the WHATWG HTML Standard says, section "Server-sent events"
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>).
//!
//! ```
//! use ssespec::event_stream::{Item, Parser};
//!
//! let mut parser = Parser::new();
//! for mut chunk in [&b"id: 7\nda"[..], b"ta: hello\n\n"] {
//!     while let Some(item) = parser.next(&mut chunk) {
//!         let Item::Event(event) = item else { continue };
//!         assert_eq!((event.event_type, event.data, event.last_event_id), ("message", "hello", "7"));
//!     }
//! }
//! ```
//!
//! Nothing in this room does I/O, and nothing can fail: the standard gives every byte sequence a meaning.

pub mod data;
pub mod decode;
pub mod interpreter;
pub mod lines;
pub mod literal;
pub mod writer;

use std::time::Duration;

use decode::ByteOrderMark;
use interpreter::{Interpreter, Step};
use lines::{Lent, Lines};

/// An event as it is dispatched (clauses `dispatch.*`), borrowed from the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The event's type: "message" unless the stream named another.
    pub event_type: &'a str,
    /// The data buffer without the LF that the last data field appended.
    pub data: &'a str,
    /// The last event ID string at the time of dispatch; empty if there is none.
    pub last_event_id: &'a str,
}

impl Event<'_> {
    /// Copies the event out of the parser.
    pub fn into_owned(self) -> OwnedEvent {
        OwnedEvent {
            event_type: self.event_type.to_owned(),
            data: self.data.to_owned(),
            last_event_id: self.last_event_id.to_owned(),
        }
    }
}

/// An [`Event`] that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnedEvent {
    /// See [`Event::event_type`].
    pub event_type: String,
    /// See [`Event::data`].
    pub data: String,
    /// See [`Event::last_event_id`].
    pub last_event_id: String,
}

/// What comes out of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An event was dispatched.
    Event(Event<'a>),
    /// The current block went over the limit of [`Parser::with_limit`] and gives no event; said once for each such block.
    Oversized,
}

/// The reference parser: incremental, exact to the standard, linear in the length of the stream.
///
/// Without a limit its memory is bounded by the largest event and the longest line.
/// Equal parsers make the same of whatever comes next.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Parser {
    byte_order_mark: ByteOrderMark,
    lines: Lines,
    interpreter: Interpreter,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Parser {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            byte_order_mark,
            lines,
            interpreter,
        } = source;
        self.byte_order_mark.clone_from(byte_order_mark);
        self.lines.clone_from(lines);
        self.interpreter.clone_from(interpreter);
    }
}

/// Copies a buffer into one that is there. Mostly both are empty, and then not even a copy of nothing is called for.
fn copy<T: Clone + AsRef<[u8]>>(to: &mut T, from: &T) {
    if !(to.as_ref().is_empty() && from.as_ref().is_empty()) {
        to.clone_from(from);
    }
}

impl Parser {
    /// A parser at the start of an event source's first stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// A parser that discards every line, and every event, of more than `bytes` bytes.
    ///
    /// The rest of such a block is parsed as usual (its `id` and `retry` count), but it gives [`Item::Oversized`]
    /// instead of an event. Bytes of data count as they came: what is ill-formed grows when U+FFFD takes its place.
    /// The standard names no limit (clause `line.long`).
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            lines: Lines::with_limit(bytes),
            interpreter: Interpreter::with_limit(bytes),
            ..Self::default()
        }
    }

    /// Sets the last event ID string that the event source brings along from an earlier connection
    /// (clause `reconnect.id-kept`).
    pub fn set_last_event_id(&mut self, last_event_id: &str) {
        self.interpreter.set_last_event_id(last_event_id);
    }

    /// Reads on from the front of `chunk` up to the next event and takes what it read off `chunk`.
    ///
    /// `None` means that the chunk is used up. A blank line made by a bare CR dispatches at once (clause `line.liveness`).
    #[inline]
    pub fn next<'a>(&'a mut self, chunk: &mut &[u8]) -> Option<Item<'a>> {
        match self.read(chunk) {
            Step::Continue => None,
            Step::Dispatch => Some(Item::Event(self.interpreter.dispatched())),
            Step::Oversized => Some(Item::Oversized),
        }
    }

    /// Reads lines until one leads to an item, or until the chunk is used up.
    fn read(&mut self, chunk: &mut &[u8]) -> Step {
        let held_back = self.byte_order_mark.strip(chunk);
        if !held_back.is_empty() {
            // At most two bytes, and no line end among them.
            self.lines.hold(held_back);
        }
        while let Some(line) = self.lines.lend_line(chunk) {
            let step = match line {
                Lent::Chunk(line) => self.interpreter.interpret(line),
                Lent::Buffer(line) => self.interpreter.interpret_buffer(line),
                Lent::Oversized => self.interpreter.discard_block(),
            };
            if step != Step::Continue {
                return step;
            }
        }
        Step::Continue
    }

    /// Reads the whole chunk and returns its events, owned. Oversized blocks are left out.
    ///
    /// [`next`](Self::next) lends them instead, which takes less than half the time where they are short.
    pub fn feed(&mut self, mut chunk: &[u8]) -> Vec<OwnedEvent> {
        let mut events = Vec::new();
        while let Some(item) = self.next(&mut chunk) {
            if let Item::Event(event) = item {
                events.push(event.into_owned());
            }
        }
        events
    }

    /// Ends the stream: what is pending is discarded (clauses `eof.discard`, `line.unterminated-eof`).
    ///
    /// The parser is then ready for the event source's next connection: the last event ID string and the reconnection
    /// time stay (clauses `eof.next-connection`, `reconnect.id-kept`, `retry.connection`).
    pub fn end_of_stream(&mut self) {
        self.byte_order_mark = ByteOrderMark::default();
        self.lines.end_of_stream();
        self.interpreter.end_of_stream();
    }

    /// The last event ID string: what a reconnect would send, committed by a blank line (clause `id.commit-nodata`).
    pub fn last_event_id(&self) -> &str {
        self.interpreter.last_event_id()
    }

    /// The reconnection time, if a valid `retry` field has set one; saturates at 2^64 - 1 ms (clauses `retry.*`).
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.interpreter.reconnection_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunks: &[&str], expected: &[(&str, &str, &str)]) {
        let mut parser = Parser::new();
        let events: Vec<OwnedEvent> = chunks
            .iter()
            .flat_map(|chunk| parser.feed(chunk.as_bytes()))
            .collect();
        let events: Vec<_> = events
            .iter()
            .map(|e| {
                (
                    e.event_type.as_str(),
                    e.data.as_str(),
                    e.last_event_id.as_str(),
                )
            })
            .collect();
        assert_eq!(events, expected);
    }

    #[test]
    fn crlf_split_between_chunks_is_one_line_end() {
        check(&["data: a\r", "\n\r\n"], &[("message", "a", "")]);
        check(
            &["data: a\r", "", "\ndata: b\n\n"],
            &[("message", "a\nb", "")],
        );
    }

    #[test]
    fn a_blank_line_made_by_a_bare_cr_dispatches_at_once() {
        check(&["data: a\r\r"], &[("message", "a", "")]);
        check(
            &["data: a\n\r", "\ndata: b\n\n"],
            &[("message", "a", ""), ("message", "b", "")],
        );
    }

    #[test]
    fn id_without_data_still_sets_the_last_event_id() {
        let mut parser = Parser::new();
        assert!(parser.feed(b"id: 1\n").is_empty());
        assert_eq!(parser.last_event_id(), "");
        assert!(parser.feed(b"\n").is_empty());
        assert_eq!(parser.last_event_id(), "1");
    }

    #[test]
    fn a_byte_order_mark_is_removed_once_however_it_is_cut() {
        for cut in 0..=3 {
            let (a, b) = b"\xEF\xBB\xBFdata: a\n\n".split_at(cut);
            let mut parser = Parser::new();
            let mut events = parser.feed(a);
            events.extend(parser.feed(b));
            assert_eq!(events.len(), 1, "cut at {cut}");
        }
        check(&["\u{FEFF}\u{FEFF}data: a\n\n"], &[]);
    }

    #[test]
    fn two_bytes_of_a_byte_order_mark_are_not_one() {
        let mut parser = Parser::new();
        assert!(parser.feed(b"\xEF\xBB").is_empty());
        assert!(parser.feed(b"\ndata: a\n\n").len() == 1);
        assert!(Parser::new().feed(b"\xEF\xBBdata: a\n\n").is_empty());
    }

    #[test]
    fn the_end_of_a_stream_keeps_only_the_state_of_the_event_source() {
        let mut parser = Parser::new();
        parser.feed(b"id: 1\nretry: 5\ndata: a\n\nevent: x\ndata: lost\nid: 2\nda\xE2");
        parser.end_of_stream();
        assert_eq!(parser.last_event_id(), "1");
        assert_eq!(parser.reconnection_time(), Some(Duration::from_millis(5)));
        let events = parser.feed(b"\xEF\xBB\xBFdata: b\n\n");
        let expected = OwnedEvent {
            event_type: "message".to_owned(),
            data: "b".to_owned(),
            last_event_id: "1".to_owned(),
        };
        assert_eq!(events, [expected]);
    }

    #[test]
    fn an_oversized_block_is_reported_once_and_parsing_goes_on() {
        let stream = b"data: 12345678901234567890\ndata: 1234567890123\nid: 4\n\ndata: ok\n\n";
        for size in 1..stream.len() {
            let mut parser = Parser::with_limit(16);
            let mut seen = Vec::new();
            for mut chunk in stream.chunks(size) {
                while let Some(item) = parser.next(&mut chunk) {
                    seen.push(match item {
                        Item::Event(event) => format!("{} {}", event.data, event.last_event_id),
                        Item::Oversized => "oversized".to_owned(),
                    });
                }
            }
            assert_eq!(seen, ["oversized", "ok 4"], "chunks of {size}");
        }
    }

    #[test]
    fn data_counts_towards_the_limit_as_it_came() {
        for (stream, expected) in [
            (&b"data: 6789abcde\xFF\n\n"[..], Some("6789abcde\u{FFFD}")),
            (b"data: 6789abcdef\xFF\n\n", None),
        ] {
            let mut parser = Parser::with_limit(16);
            let mut chunk = stream;
            let expected = expected.map_or(Item::Oversized, |data| {
                Item::Event(Event {
                    event_type: "message",
                    data,
                    last_event_id: "",
                })
            });
            assert_eq!(parser.next(&mut chunk), Some(expected));
        }
    }

    #[test]
    fn a_long_line_may_come_in_many_chunks_between_short_ones() {
        let long = "x".repeat(300);
        let stream = format!("data: a\n\ndata: {long}\n\ndata: b\ndata: {long}\nevent: c\n\n");
        let expected = [
            ("message", "a".to_owned()),
            ("message", long.clone()),
            ("c", format!("b\n{long}")),
        ];
        for size in 1..stream.len() {
            let mut parser = Parser::new();
            let chunks = stream.as_bytes().chunks(size);
            let events: Vec<_> = chunks.flat_map(|chunk| parser.feed(chunk)).collect();
            let events = events
                .iter()
                .map(|e| (e.event_type.as_str(), e.data.clone()));
            assert_eq!(events.collect::<Vec<_>>(), expected, "chunks of {size}");
        }
    }

    #[test]
    fn many_short_data_lines_can_make_an_oversized_event() {
        let mut parser = Parser::with_limit(16);
        let mut chunk = &b"data: 12345678\ndata: 12345678\n\ndata: b\n\n"[..];
        assert_eq!(parser.next(&mut chunk), Some(Item::Oversized));
        let event = Event {
            event_type: "message",
            data: "b",
            last_event_id: "",
        };
        assert_eq!(parser.next(&mut chunk), Some(Item::Event(event)));
        assert_eq!(parser.next(&mut chunk), None);
    }
}
