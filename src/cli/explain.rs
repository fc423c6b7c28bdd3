//! An event stream to what each of its lines meant, and which clause says so. Pure.

use crate::event_stream::OwnedEvent;
use crate::event_stream::decode::{self, ByteOrderMark};
use crate::event_stream::interpreter::{self, Interpreter, Step};
use crate::event_stream::lines::{self, Lines};
use crate::report::escape;

/// How much of an unterminated line is kept to be shown.
const PARTIAL_SHOWN: usize = 200;
/// The widest text inside a sentence.
const WIDTH: usize = 60;
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// A line and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// From 1.
    pub number: usize,
    /// The line without its end.
    pub line: Vec<u8>,
    /// What it meant, escaped.
    pub meaning: String,
    /// The clause that says so.
    pub clause: &'static str,
    /// The event that it dispatched.
    pub event: Option<OwnedEvent>,
}

/// Follows a stream, chunk by chunk.
#[derive(Debug, Default)]
pub struct Explainer {
    byte_order_mark: ByteOrderMark,
    lines: Lines,
    interpreter: Interpreter,
    block: Block,
    n_lines: usize,
    /// The first three bytes: they tell whether a byte order mark was removed.
    start: Vec<u8>,
    last_byte: Option<u8>,
    /// The start of a line whose end has not come, and its full length.
    partial: Vec<u8>,
    n_partial: usize,
}

/// What the current block has set so far.
#[derive(Debug, Default)]
struct Block {
    n_data: usize,
    event_type: Vec<u8>,
    id: Option<Vec<u8>>,
}

impl Explainer {
    /// At the start of a stream of an event source that has this last event ID string.
    pub fn new(last_event_id: &str) -> Self {
        let mut explainer = Self::default();
        explainer.interpreter.set_last_event_id(last_event_id);
        explainer
    }

    /// Explains the lines that end in this chunk.
    pub fn feed(&mut self, mut chunk: &[u8]) -> Vec<Explained> {
        let n_more = (3 - self.start.len()).min(chunk.len());
        self.start.extend_from_slice(&chunk[..n_more]);
        let whole = chunk;
        let held_back = self.byte_order_mark.strip(&mut chunk);
        if !held_back.is_empty() {
            self.lines.hold(held_back);
            self.note_partial(held_back);
        }
        let mut explained = Vec::new();
        loop {
            let before = chunk;
            match self.lines.next_line(&mut chunk) {
                None => {
                    let after_cr = self.last_byte == Some(b'\r') && before.len() == whole.len();
                    let rest = if after_cr {
                        before.strip_prefix(b"\n").unwrap_or(before)
                    } else {
                        before
                    };
                    self.note_partial(rest);
                    break;
                }
                // Without a limit no line is oversized.
                Some(lines::Line::Oversized) => (),
                Some(lines::Line::Whole(line)) => {
                    self.n_lines += 1;
                    let (mut meaning, clause) = self.block.meaning(line);
                    if self.n_lines == 1 && self.start == b"\xEF\xBB\xBF" {
                        meaning.insert_str(0, "byte order mark removed; ");
                    }
                    let step = self.interpreter.interpret(line);
                    explained.push(Explained {
                        number: self.n_lines,
                        line: line.to_vec(),
                        meaning,
                        clause,
                        event: (step == Step::Dispatch)
                            .then(|| self.interpreter.dispatched().into_owned()),
                    });
                    self.partial.clear();
                    self.n_partial = 0;
                }
            }
        }
        self.last_byte = whole.last().copied().or(self.last_byte);
        explained
    }

    /// Ends the stream: what is discarded and why, then the state that stays.
    pub fn end_of_stream(mut self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.n_partial > 0 {
            let line = escape::quoted(&self.partial, WIDTH);
            let number = self.n_lines + 1;
            sentences.push(format!(
                "discarded: line {number} has no end: {line} (line.unterminated-eof)"
            ));
        }
        match self.block.n_data {
            0 if !self.block.event_type.is_empty() => {
                let event_type = escape::quoted(&self.block.event_type, WIDTH);
                sentences.push(format!(
                    "discarded: event type {event_type}, no blank line came (eof.discard)"
                ));
            }
            0 => (),
            n => {
                let lines = if n == 1 {
                    "1 data line".to_owned()
                } else {
                    format!("{n} data lines")
                };
                sentences.push(format!(
                    "discarded: an event of {lines}, no blank line came (eof.discard)"
                ));
            }
        }
        if let Some(id) = &self.block.id {
            let id = escape::quoted(id, WIDTH);
            sentences.push(format!(
                "discarded: id {id}, no blank line came (id.uncommitted-eof)"
            ));
        }
        self.interpreter.end_of_stream();
        let id = escape::quoted(self.interpreter.last_event_id().as_bytes(), WIDTH);
        let time = match self.interpreter.reconnection_time() {
            Some(time) => format!("{} ms", time.as_millis()),
            None => "not set".to_owned(),
        };
        sentences.push(format!(
            "at the end: last event ID {id}, reconnection time {time}"
        ));
        sentences
    }

    fn note_partial(&mut self, bytes: &[u8]) {
        self.n_partial += bytes.len();
        let room = PARTIAL_SHOWN - self.partial.len();
        self.partial
            .extend_from_slice(&bytes[..room.min(bytes.len())]);
    }
}

impl Block {
    /// What a line means here; the block then holds what the line has set.
    fn meaning(&mut self, line: &[u8]) -> (String, &'static str) {
        match interpreter::Line::of(line) {
            interpreter::Line::Blank => self.blank(),
            interpreter::Line::Comment(_) => ("comment: ignored".to_owned(), "kind.comment"),
            interpreter::Line::Field { name, value } => {
                let (mut meaning, clause) = self.field(line, name, value);
                if value.starts_with(b" ") && FIELDS.contains(&name) {
                    meaning.push_str(" (only one leading space is removed)");
                }
                (meaning, clause)
            }
        }
    }

    fn blank(&mut self) -> (String, &'static str) {
        let block = std::mem::take(self);
        let event_type = match block.event_type.as_slice() {
            b"" => "message".to_owned(),
            event_type => escape::quoted(event_type, WIDTH),
        };
        if block.n_data > 0 {
            let event_type = event_type.trim_matches('"');
            return (format!("blank: dispatches {event_type}"), "dispatch.order");
        }
        let mut meaning = "blank: nothing to dispatch (no data)".to_owned();
        let mut clause = "kind.blank-multiple";
        if !block.event_type.is_empty() {
            meaning.push_str(&format!(", event type {event_type} discarded"));
            clause = "event.nodata";
        }
        if block.id.is_some() {
            meaning.push_str(", id committed");
            clause = "id.commit-nodata";
        }
        (meaning, clause)
    }

    fn field(&mut self, line: &[u8], name: &[u8], value: &[u8]) -> (String, &'static str) {
        let quoted = || escape::quoted(value, WIDTH);
        match name {
            b"data" => {
                self.n_data += 1;
                match self.n_data {
                    _ if value.is_empty() => (
                        "field data: an empty line appended".to_owned(),
                        "data.empty-value",
                    ),
                    1 => ("field data: appended".to_owned(), "data.single"),
                    _ => (
                        "field data: appended after a line feed".to_owned(),
                        "data.multi",
                    ),
                }
            }
            b"event" => {
                let was_set = !self.event_type.is_empty();
                self.event_type = value.to_vec();
                match (value.is_empty(), was_set) {
                    (true, _) => (
                        "field event: type empty, which means message".to_owned(),
                        "event.empty",
                    ),
                    (false, true) => (
                        format!("field event: type now {}", quoted()),
                        "event.last-wins",
                    ),
                    (false, false) => (format!("field event: type {}", quoted()), "event.set"),
                }
            }
            b"id" if value.contains(&0) => ("id ignored: holds NUL".to_owned(), "id.nul-ignored"),
            b"id" => {
                self.id = Some(value.to_vec());
                if value.is_empty() {
                    (
                        "field id: the next blank line resets the last event ID".to_owned(),
                        "id.empty-resets",
                    )
                } else {
                    (
                        format!("field id: the next blank line commits {}", quoted()),
                        "id.set",
                    )
                }
            }
            b"retry" => retry(value),
            _ => unknown(line, name),
        }
    }
}

fn retry(value: &[u8]) -> (String, &'static str) {
    if let Some(time) = interpreter::reconnection_time(value) {
        return (
            format!("field retry: reconnection time {} ms", time.as_millis()),
            "retry.set",
        );
    }
    let clause = match value {
        b"" => return ("retry ignored: empty".to_owned(), "retry.empty"),
        _ if value.contains(&0) => "retry.nul",
        _ if !value.is_ascii() => "retry.non-ascii",
        [b'+' | b'-', ..] => "retry.sign",
        _ if value.contains(&b'.') => "retry.decimal",
        _ if value.iter().any(u8::is_ascii_whitespace) => "retry.space",
        _ => "retry.trailing",
    };
    ("retry ignored: not only digits".to_owned(), clause)
}

fn unknown(line: &[u8], name: &[u8]) -> (String, &'static str) {
    if line.iter().all(u8::is_ascii_whitespace) {
        let meaning = "a line of white space: not blank, an unknown field, ignored";
        return (meaning.to_owned(), "line.whitespace-not-blank");
    }
    let text = decode::utf8(name);
    let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let like = |candidate: &&&[u8]| candidate.eq_ignore_ascii_case(bare.as_bytes());
    let (hint, clause) = match FIELDS
        .iter()
        .find(like)
        .map(|field| String::from_utf8_lossy(field))
    {
        Some(field) if text.starts_with('\u{feff}') => (
            format!(
                " (a byte order mark is removed only at the start of the stream; did you mean {field}?)"
            ),
            "decode.bom.not-mid-stream",
        ),
        Some(field) if text != bare => (
            format!(" (spaces belong to the field name; did you mean {field}?)"),
            "kind.name-exact",
        ),
        Some(field) => (
            format!(" (field names are case-sensitive; did you mean {field}?)"),
            "kind.name-case",
        ),
        None if name.len() == line.len() => (
            " (no colon, so the whole line is the name)".to_owned(),
            "kind.no-colon",
        ),
        None => (String::new(), "kind.unknown"),
    };
    (
        format!(
            "unknown field {}: ignored{hint}",
            escape::quoted(name, WIDTH)
        ),
        clause,
    )
}

#[cfg(test)]
mod tests;
