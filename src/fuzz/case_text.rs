//! Streams, answers, emissions and texts as a case file has them: quoted, every byte visible.

use std::fmt::Write as _;

use crate::case::server::{Emitted, Retry};
use crate::case::{Answer, ParserCase};
use crate::delivery::{Cutting, Delivery};

/// What the standard makes of the stream.
pub fn write_answer(text: &mut String, case: &ParserCase) {
    let Answer { events, end, .. } = &case.answers[0];
    if events.is_empty() {
        text.push_str("    events: []\n");
    } else {
        text.push_str("    events:\n");
    }
    for event in events {
        text.push_str("      - { ");
        if event.event_type != "message" {
            _ = write!(text, "type: {}, ", quoted(&event.event_type));
        }
        _ = write!(text, "data: {}", quoted(&event.data));
        if !event.last_event_id.is_empty() {
            _ = write!(text, ", last_event_id: {}", quoted(&event.last_event_id));
        }
        text.push_str(" }\n");
    }
    let mut state = Vec::new();
    if let Some(id) = &end.last_event_id {
        state.push(format!("last_event_id: {}", quoted(id)));
    }
    if let Some(time) = &end.reconnection_time {
        state.push(format!("reconnection_time: {time}"));
    }
    if !state.is_empty() {
        _ = writeln!(text, "    end: {{ {} }}", state.join(", "));
    }
}

/// What the application of a server emits.
pub fn write_emitted(text: &mut String, emissions: &[Emitted]) {
    text.push_str("    emit:\n");
    for event in emitted(emissions) {
        _ = writeln!(text, "      - {event}");
    }
}

/// Each event as a case file has it.
pub fn emitted(events: &[Emitted]) -> Vec<String> {
    let emitted = |event: &Emitted| {
        let retry = event.retry.as_ref().map(|retry| match retry {
            Retry::Number(number) => number.to_string(),
            Retry::Text(text) => quoted(text),
        });
        let text = |text: &Option<String>| text.as_deref().map(quoted);
        let fields = [
            ("data", text(&event.data)),
            ("type", text(&event.event_type)),
            ("id", text(&event.id)),
            ("retry", retry),
            ("comment", text(&event.comment)),
        ];
        let fields = fields.into_iter();
        let fields: Vec<String> = fields
            .filter_map(|(name, value)| Some(format!("{name}: {}", value?)))
            .collect();
        format!("{{ {} }}", fields.join(", "))
    };
    events.iter().map(emitted).collect()
}

/// Bytes as a YAML value: a string, or a list of pieces where they are not UTF-8.
pub fn pieces(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return quoted(text);
    }
    let mut pieces = Vec::new();
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            pieces.push(format!("{{ text: {} }}", quoted(chunk.valid())));
        }
        if !chunk.invalid().is_empty() {
            pieces.push(format!("{{ hex: \"{}\" }}", hex(chunk.invalid())));
        }
    }
    format!("[{}]", pieces.join(", "))
}

/// Text in double quotes as YAML reads it, every byte visible.
pub fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' => quoted.push(c),
            c if u32::from(c) <= 0xFF => _ = write!(quoted, "\\x{:02x}", u32::from(c)),
            c if u32::from(c) <= 0xFFFF => _ = write!(quoted, "\\u{:04X}", u32::from(c)),
            c => _ = write!(quoted, "\\U{:08X}", u32::from(c)),
        }
    }
    quoted.push('"');
    quoted
}

/// Text without line ends and other controls.
pub fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The chunks of a delivery, each in hexadecimal digits.
pub fn hex_chunks(delivery: &Delivery) -> String {
    let chunks: Vec<String> = delivery.chunks().map(hex).collect();
    chunks.join("|")
}

/// The reverse of [`hex_chunks`].
///
/// # Errors
///
/// The end of a sentence that begins with the file.
pub fn read_hex_chunks(text: &str) -> Result<Delivery, String> {
    let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
    for chunk in text.split('|') {
        cuts.push(bytes.len());
        for pair in chunk.as_bytes().chunks(2) {
            let byte = std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok());
            bytes.push(byte.ok_or("has a line `# before:` that is not hexadecimal digits")?);
        }
    }
    cuts.remove(0);
    Ok(Delivery::new(Cutting::AsWritten, bytes.into(), cuts))
}
