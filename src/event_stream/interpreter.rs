//! Lines to fields to events: the state that the standard calls buffers, and what each line does to it.

use std::time::Duration;

use super::data::DataBuffer;
use super::{Event, copy, decode};

/// What a line is, before it has any effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Dispatches the event.
    Blank,
    /// Starts with a colon and is ignored; holds what follows the colon (clauses `kind.comment*`).
    Comment(&'a [u8]),
    /// A field's name, and its value without the one leading space (clauses `kind.*`).
    Field {
        /// Everything before the first colon, or the whole line.
        name: &'a [u8],
        /// Everything after it and after one U+0020; empty if there is no colon.
        value: &'a [u8],
    },
}

impl<'a> Line<'a> {
    /// Tells what a line without its end is.
    #[inline]
    pub fn of(line: &'a [u8]) -> Self {
        if line.is_empty() {
            return Self::Blank;
        }
        let colon = if line.starts_with(b"data:") {
            // Most lines, so they are spared the search.
            Some(4)
        } else {
            line.iter().position(|&byte| byte == b':')
        };
        match colon {
            Some(0) => Self::Comment(&line[1..]),
            Some(colon) => {
                let value = &line[colon + 1..];
                Self::Field {
                    name: &line[..colon],
                    value: value.strip_prefix(b" ").unwrap_or(value),
                }
            }
            None => Self::Field {
                name: line,
                value: b"",
            },
        }
    }
}

/// What a line led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No event.
    Continue,
    /// An event, to be fetched with [`Interpreter::dispatched`].
    Dispatch,
    /// The block has just gone over the limit.
    Oversized,
}

/// The buffers of one event stream, and what the event source keeps over its connections.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Interpreter {
    data: DataBuffer,
    event_type: String,
    /// The last event ID buffer; survives dispatch.
    last_event_id_buffer: String,
    /// The last event ID string of the event source: the buffer as of the last blank line.
    last_event_id: String,
    /// The buffer may differ from the string.
    id_pending: bool,
    reconnection_time: Option<Duration>,
    /// `data` and `event_type` hold an event that was dispatched; they are emptied by the next line.
    dispatched: bool,
    /// The current block went over the limit and gives no event.
    oversized: bool,
    limit: Option<usize>,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Interpreter {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            data,
            event_type,
            last_event_id_buffer,
            last_event_id,
            id_pending,
            reconnection_time,
            dispatched,
            oversized,
            limit,
        } = source;
        self.data.clone_from(data);
        copy(&mut self.event_type, event_type);
        copy(&mut self.last_event_id_buffer, last_event_id_buffer);
        copy(&mut self.last_event_id, last_event_id);
        self.id_pending = *id_pending;
        self.reconnection_time = *reconnection_time;
        self.dispatched = *dispatched;
        self.oversized = *oversized;
        self.limit = *limit;
    }
}

impl Interpreter {
    /// An interpreter that discards events of more than `bytes` bytes of data and type together.
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            limit: Some(bytes),
            ..Self::default()
        }
    }

    /// Interprets one line, given without its end.
    // Not left to the compiler, which with one codegen unit makes it a call for each line.
    #[inline(always)]
    pub fn interpret(&mut self, line: &[u8]) -> Step {
        if self.dispatched {
            self.clear_block();
        }
        match Line::of(line) {
            Line::Blank => self.dispatch(),
            Line::Comment(_) => Step::Continue,
            Line::Field { name, value } => self.process_field(name, value),
        }
    }

    /// Interprets one line that has a buffer of its own, and may keep that buffer and leave another.
    pub fn interpret_buffer(&mut self, line: &mut Vec<u8>) -> Step {
        if self.dispatched {
            self.clear_block();
        }
        match Line::of(line) {
            Line::Field {
                name: b"data",
                value,
            } if !self.oversized && self.data.is_empty() => {
                let start = line.len() - value.len();
                self.data.push_first(line, start);
                self.check_limit()
            }
            _ => self.interpret(line),
        }
    }

    /// The event of the last [`Step::Dispatch`].
    #[inline]
    pub fn dispatched(&mut self) -> Event<'_> {
        Event {
            event_type: if self.event_type.is_empty() {
                "message"
            } else {
                &self.event_type
            },
            data: self.data.decoded(),
            last_event_id: &self.last_event_id,
        }
    }

    /// Gives up the current block's event, which is said once.
    pub fn discard_block(&mut self) -> Step {
        if self.dispatched {
            self.clear_block();
        }
        self.data.clear();
        self.event_type.clear();
        if std::mem::replace(&mut self.oversized, true) {
            Step::Continue
        } else {
            Step::Oversized
        }
    }

    /// Discards the pending event and an id that no blank line has committed (clauses `eof.discard`, `id.uncommitted-eof`).
    pub fn end_of_stream(&mut self) {
        self.clear_block();
        self.last_event_id_buffer.clone_from(&self.last_event_id);
    }

    /// Sets the last event ID string, and with it the buffer of the next stream.
    pub fn set_last_event_id(&mut self, last_event_id: &str) {
        last_event_id.clone_into(&mut self.last_event_id);
        last_event_id.clone_into(&mut self.last_event_id_buffer);
    }

    /// The last event ID string.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The reconnection time, if a valid `retry` field has set one.
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    #[inline]
    fn process_field(&mut self, name: &[u8], value: &[u8]) -> Step {
        match name {
            b"event" if !self.oversized => {
                self.event_type.clear();
                self.event_type.push_str(&decode::utf8(value));
            }
            b"data" if !self.oversized => self.data.push(value),
            // A NUL makes the whole field void (clause `id.nul-ignored`).
            b"id" if !value.contains(&0) => {
                self.last_event_id_buffer.clear();
                self.last_event_id_buffer.push_str(&decode::utf8(value));
                self.id_pending = true;
            }
            b"retry" => {
                self.reconnection_time = reconnection_time(value).or(self.reconnection_time)
            }
            _ => (),
        }
        self.check_limit()
    }

    fn check_limit(&mut self) -> Step {
        match self.limit {
            Some(limit) if self.event_type.len() + self.data.n_bytes() > limit => {
                self.discard_block()
            }
            _ => Step::Continue,
        }
    }

    fn dispatch(&mut self) -> Step {
        // Also where the block has no data (clause `id.commit-nodata`).
        if std::mem::take(&mut self.id_pending) {
            self.last_event_id.clone_from(&self.last_event_id_buffer);
        }
        if self.data.is_empty() {
            self.clear_block();
            return Step::Continue;
        }
        self.dispatched = true;
        Step::Dispatch
    }

    fn clear_block(&mut self) {
        self.data.clear();
        self.event_type.clear();
        self.dispatched = false;
        self.oversized = false;
    }
}

/// ASCII digits to a time in milliseconds; anything else, and the empty value, to nothing (clauses `retry.*`).
pub fn reconnection_time(value: &[u8]) -> Option<Duration> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let milliseconds = value.iter().fold(0u64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    });
    Some(Duration::from_millis(milliseconds))
}
