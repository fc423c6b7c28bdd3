//! Bytes and text as a case file has them: quoted, every byte visible.

use std::fmt::Write as _;

use crate::delivery::{Cutting, Delivery};

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
