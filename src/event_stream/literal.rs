//! The standard's algorithm step by step, one byte at a time: slow and obviously right, to check the fast parser by.
//!
//! Written to be read beside the standard's text and to share no code with the rest of this room.
//! It is `Clone`, so that all streams with a common prefix can be walked from one state.

use super::OwnedEvent;

/// A literal interpreter of one event stream.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    // "UTF-8 decode" (Encoding Standard): peeks at three bytes for a byte order mark, then runs the decoder.
    first_bytes: Vec<u8>,
    start_is_behind: bool,
    code_point: u32,
    bytes_seen: u8,
    bytes_needed: u8,
    lower_boundary: u8,
    upper_boundary: u8,
    // "Interpreting an event stream": the line being collected, and whether a CR has just ended one.
    line: String,
    after_carriage_return: bool,
    // The buffers of the stream.
    data: String,
    event_type: String,
    last_event_id_buffer: String,
    /// The event source's last event ID string.
    pub last_event_id: String,
    /// The event source's reconnection time in milliseconds, if a field has set one.
    pub reconnection_time: Option<u64>,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Literal {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            first_bytes,
            line,
            data,
            event_type,
            last_event_id_buffer,
            last_event_id,
            start_is_behind,
            code_point,
            bytes_seen,
            bytes_needed,
            lower_boundary,
            upper_boundary,
            after_carriage_return,
            reconnection_time,
        } = source;
        copy(&mut self.first_bytes, first_bytes);
        copy(&mut self.line, line);
        copy(&mut self.data, data);
        copy(&mut self.event_type, event_type);
        copy(&mut self.last_event_id_buffer, last_event_id_buffer);
        copy(&mut self.last_event_id, last_event_id);
        self.start_is_behind = *start_is_behind;
        self.code_point = *code_point;
        self.bytes_seen = *bytes_seen;
        self.bytes_needed = *bytes_needed;
        self.lower_boundary = *lower_boundary;
        self.upper_boundary = *upper_boundary;
        self.after_carriage_return = *after_carriage_return;
        self.reconnection_time = *reconnection_time;
    }
}

/// Copies a buffer into one that is there. Mostly both are empty, and then not even a copy of nothing is called for.
fn copy<T: Clone + AsRef<[u8]>>(to: &mut T, from: &T) {
    if !(to.as_ref().is_empty() && from.as_ref().is_empty()) {
        to.clone_from(from);
    }
}

impl Default for Literal {
    fn default() -> Self {
        Self::new("")
    }
}

impl Literal {
    /// At the start of a stream of an event source with this last event ID string.
    pub fn new(last_event_id: &str) -> Self {
        Self {
            first_bytes: Vec::new(),
            start_is_behind: false,
            code_point: 0,
            bytes_seen: 0,
            bytes_needed: 0,
            lower_boundary: 0x80,
            upper_boundary: 0xBF,
            line: String::new(),
            after_carriage_return: false,
            data: String::new(),
            event_type: String::new(),
            last_event_id_buffer: last_event_id.to_owned(),
            last_event_id: last_event_id.to_owned(),
            reconnection_time: None,
        }
    }

    /// Interprets a whole stream, its end included: nothing that is pending at the end has any effect.
    pub fn events(mut self, stream: &[u8]) -> (Vec<OwnedEvent>, Self) {
        let mut events = Vec::new();
        for &byte in stream {
            self.push(byte, &mut events);
        }
        (events, self)
    }

    /// Takes the next byte; appends the event it completes, if any.
    pub fn push(&mut self, byte: u8, events: &mut Vec<OwnedEvent>) {
        if self.start_is_behind {
            self.decode(byte, events);
            return;
        }
        self.first_bytes.push(byte);
        match self.first_bytes.as_slice() {
            [0xEF] | [0xEF, 0xBB] => (),
            [0xEF, 0xBB, 0xBF] => self.start_is_behind = true,
            _ => {
                self.start_is_behind = true;
                for byte in std::mem::take(&mut self.first_bytes) {
                    self.decode(byte, events);
                }
            }
        }
    }

    /// The UTF-8 decoder's handler (Encoding Standard, section 8.1.1).
    fn decode(&mut self, byte: u8, events: &mut Vec<OwnedEvent>) {
        if self.bytes_needed == 0 {
            match byte {
                0x00..=0x7F => self.character(char::from(byte), events),
                0xC2..=0xDF => {
                    self.bytes_needed = 1;
                    self.code_point = u32::from(byte & 0x1F);
                }
                0xE0..=0xEF => {
                    if byte == 0xE0 {
                        self.lower_boundary = 0xA0;
                    }
                    if byte == 0xED {
                        self.upper_boundary = 0x9F;
                    }
                    self.bytes_needed = 2;
                    self.code_point = u32::from(byte & 0xF);
                }
                0xF0..=0xF4 => {
                    if byte == 0xF0 {
                        self.lower_boundary = 0x90;
                    }
                    if byte == 0xF4 {
                        self.upper_boundary = 0x8F;
                    }
                    self.bytes_needed = 3;
                    self.code_point = u32::from(byte & 0x7);
                }
                _ => self.character('\u{FFFD}', events),
            }
            return;
        }
        if byte < self.lower_boundary || byte > self.upper_boundary {
            self.code_point = 0;
            self.bytes_needed = 0;
            self.bytes_seen = 0;
            self.lower_boundary = 0x80;
            self.upper_boundary = 0xBF;
            self.character('\u{FFFD}', events);
            // The byte is put back and decoded anew.
            self.decode(byte, events);
            return;
        }
        self.lower_boundary = 0x80;
        self.upper_boundary = 0xBF;
        self.code_point = (self.code_point << 6) | u32::from(byte & 0x3F);
        self.bytes_seen += 1;
        if self.bytes_seen != self.bytes_needed {
            return;
        }
        let code_point = self.code_point;
        self.code_point = 0;
        self.bytes_needed = 0;
        self.bytes_seen = 0;
        // The boundaries have ruled out surrogates and everything above U+10FFFF.
        self.character(char::from_u32(code_point).unwrap_or('\u{FFFD}'), events);
    }

    /// Collects lines: ended by CR LF, by LF not preceded by CR, or by CR not followed by LF.
    fn character(&mut self, character: char, events: &mut Vec<OwnedEvent>) {
        let after_carriage_return =
            std::mem::replace(&mut self.after_carriage_return, character == '\r');
        match character {
            '\n' if after_carriage_return => (),
            '\n' | '\r' => {
                let mut line = std::mem::take(&mut self.line);
                self.line(&line, events);
                line.clear();
                self.line = line;
            }
            _ => self.line.push(character),
        }
    }

    /// "Lines must be processed, in the order they are received, as follows".
    fn line(&mut self, line: &str, events: &mut Vec<OwnedEvent>) {
        if line.is_empty() {
            self.dispatch(events);
        } else if line.starts_with(':') {
            // Ignored.
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.strip_prefix('\u{20}').unwrap_or(value);
            self.process_field(name, value);
        } else {
            self.process_field(line, "");
        }
    }

    fn process_field(&mut self, name: &str, value: &str) {
        match name {
            "event" => self.event_type = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\u{0A}');
            }
            "id" if !value.contains('\u{0}') => self.last_event_id_buffer = value.to_owned(),
            // Reading 5: the empty value has no integer to read. Reading 6: too large a number saturates.
            "retry" if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) => {
                self.reconnection_time = Some(value.parse().unwrap_or(u64::MAX));
            }
            _ => {} // The field is ignored.
        }
    }

    fn dispatch(&mut self, events: &mut Vec<OwnedEvent>) {
        // Step 1.
        self.last_event_id = self.last_event_id_buffer.clone();
        // Step 2.
        if self.data.is_empty() {
            self.event_type.clear();
            return;
        }
        // Step 3.
        if self.data.ends_with('\u{0A}') {
            self.data.pop();
        }
        // Steps 4 to 6.
        let event_type = if self.event_type.is_empty() {
            "message".to_owned()
        } else {
            self.event_type.clone()
        };
        // Steps 7 and 8.
        events.push(OwnedEvent {
            event_type,
            data: std::mem::take(&mut self.data),
            last_event_id: self.last_event_id.clone(),
        });
        self.event_type.clear();
    }
}
