//! The text of a case file to its raw shape: the one seam that knows YAML.
//!
//! Checks the shape only; what a case means is [`super::load`]'s business.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::Fault;
use super::client_file::{RawCloseOn, RawConnect, RawConnection, RawReport, RawRequest};
use super::server_file::{RawAsk, RawCheck, RawEmitted, RawServe};

/// A case file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The clauses of every case that names none.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// The cases.
    pub cases: Vec<RawCase>,
}

/// A case as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "cases/README.md explains each key")]
pub struct RawCase {
    pub name: String,
    #[serde(default)]
    pub why: String,
    pub clauses: Option<Vec<String>>,
    pub stream: Option<Pieces>,
    pub chunks: Option<Vec<Pieces>>,
    pub events: Option<Vec<RawEvent>>,
    #[serde(default)]
    pub end: RawEnd,
    pub one_of: Option<Vec<RawAnswer>>,
    pub disputes: Option<String>,
    pub connections: Option<Vec<RawConnection>>,
    pub connect: Option<RawConnect>,
    pub requests: Option<Vec<RawRequest>>,
    pub reports: Option<Vec<RawReport>>,
    pub returns: Option<bool>,
    #[serde(default)]
    pub may_give_up: bool,
    pub close_on: Option<RawCloseOn>,
    pub script: Option<Vec<String>>,
    pub facts: Option<Vec<String>>,
    pub emit: Option<Vec<RawEmitted>>,
    pub serve: Option<RawServe>,
    pub ask: Option<RawAsk>,
    pub checks: Option<Vec<RawCheck>>,
}

/// An event as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "cases/README.md explains each key")]
pub struct RawEvent {
    pub r#type: Option<Pieces>,
    pub data: Pieces,
    pub last_event_id: Option<Pieces>,
}

/// The end state as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "cases/README.md explains each key")]
pub struct RawEnd {
    pub last_event_id: Option<Pieces>,
    pub reconnection_time: Option<Milliseconds>,
}

/// One of several allowed answers as written; what it leaves out is the case's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "cases/README.md explains each key")]
pub struct RawAnswer {
    pub reason: String,
    pub events: Option<Vec<RawEvent>>,
    pub end: Option<RawEnd>,
    pub requests: Option<Vec<RawRequest>>,
    pub reports: Option<Vec<RawReport>>,
}

/// A string, or a list of `text`, `hex` and `repeat` pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces(pub Vec<u8>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    text: Option<String>,
    hex: Option<String>,
    repeat: Option<String>,
    times: Option<usize>,
}

/// No case may be larger than this: a slip in `times` must not eat the machine.
const MAX_BYTES: usize = 64 << 20;

impl<'de> Deserialize<'de> for Pieces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PiecesVisitor;
        impl<'de> Visitor<'de> for PiecesVisitor {
            type Value = Pieces;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a double-quoted string or a list of pieces (text, hex, repeat)")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Pieces, E> {
                Ok(Pieces(text.as_bytes().to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pieces, A::Error> {
                let mut bytes = Vec::new();
                while let Some(piece) = seq.next_element::<Piece>()? {
                    append(&mut bytes, &piece).map_err(de::Error::custom)?;
                }
                Ok(Pieces(bytes))
            }
        }
        deserializer.deserialize_any(PiecesVisitor)
    }
}

fn append(bytes: &mut Vec<u8>, piece: &Piece) -> Result<(), String> {
    match piece {
        Piece {
            text: Some(text),
            hex: None,
            repeat: None,
            times: None,
        } => bytes.extend_from_slice(text.as_bytes()),
        Piece {
            text: None,
            hex: Some(hex),
            repeat: None,
            times: None,
        } => {
            let digits: Vec<u8> = hex.bytes().filter(|b| *b != b' ').collect();
            for pair in digits.chunks(2) {
                let pair = std::str::from_utf8(pair)
                    .ok()
                    // The reader of integers would take a sign too.
                    .filter(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()));
                let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
                bytes.push(byte.ok_or_else(|| {
                    format!("`hex: \"{hex}\"` is not pairs of hexadecimal digits")
                })?);
            }
        }
        Piece {
            text: None,
            hex: None,
            repeat: Some(unit),
            times: Some(times),
        } => {
            let n_bytes = unit.len().saturating_mul(*times);
            if n_bytes.saturating_add(bytes.len()) > MAX_BYTES {
                return Err(format!("`repeat` makes more than {MAX_BYTES} bytes"));
            }
            bytes.extend_from_slice(unit.repeat(*times).as_bytes());
        }
        _ => {
            return Err(
                "a piece is one of { text: .. }, { hex: .. } or { repeat: .., times: .. }"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

/// A whole number of milliseconds, or its decimal digits where it exceeds 64 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milliseconds(pub String);

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MillisecondsVisitor;
        impl Visitor<'_> for MillisecondsVisitor {
            type Value = Milliseconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of milliseconds")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Milliseconds, E> {
                Ok(Milliseconds(number.to_string()))
            }

            fn visit_str<E: de::Error>(self, digits: &str) -> Result<Milliseconds, E> {
                // What a double saturates at; no other text is a time.
                if digits == "Infinity" {
                    return Ok(Milliseconds(digits.to_owned()));
                }
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(E::invalid_value(de::Unexpected::Str(digits), &self));
                }
                let digits = digits.trim_start_matches('0');
                Ok(Milliseconds(if digits.is_empty() {
                    "0".to_owned()
                } else {
                    digits.to_owned()
                }))
            }
        }
        deserializer.deserialize_any(MillisecondsVisitor)
    }
}

/// Reads one case file.
///
/// # Errors
///
/// What is wrong, where, and which known key an unknown one resembles.
pub fn parse(name: &str, text: &str) -> Result<CaseFile, Fault> {
    serde_yaml::from_str(text).map_err(|error| fault(name, &error))
}

/// Turns a YAML reader's error into ours: position in front, the nearest known key for an unknown one.
pub fn fault(file: &str, error: &serde_yaml::Error) -> Fault {
    let (line, column) = error
        .location()
        .map_or((1, 1), |at| (at.line(), at.column()));
    let text = error.to_string();
    // The reader repeats the position at the end of its message.
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    let message = match unknown_key(text) {
        Some((key, known)) => {
            let nearest = known
                .iter()
                .map(|k| (strsim::damerau_levenshtein(k, key), *k))
                .min();
            match nearest.filter(|(distance, _)| *distance <= 2.max(key.len() / 3)) {
                Some((_, nearest)) => format!("unknown key `{key}` (did you mean `{nearest}`?)"),
                None => format!("unknown key `{key}`; known here: {}", known.join(", ")),
            }
        }
        None => text.replace("missing field", "missing key"),
    };
    Fault {
        file: file.to_owned(),
        line,
        column,
        message,
    }
}

/// Takes "unknown field `x`, expected one of `a`, `b`" apart.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((key, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fault(text: &str, expected: &str) {
        let fault = parse("x.yaml", text).expect_err("the file is bad");
        assert_eq!(fault.to_string(), expected);
    }

    #[test]
    fn an_unknown_key_is_refused_with_a_suggestion() {
        check_fault(
            "cases:\n  - name: a\n    stream: \"\"\n    evnts: []\n",
            "x.yaml:4:5: unknown key `evnts` (did you mean `events`?)",
        );
    }

    #[test]
    fn an_unquoted_number_is_no_text() {
        check_fault(
            "cases:\n  - name: a\n    stream: 7\n",
            "x.yaml:3:13: cases[0].stream: invalid type: integer `7`, expected a double-quoted string or a list of pieces (text, hex, repeat)",
        );
    }

    #[test]
    fn a_sign_is_no_hexadecimal_digit() {
        check_fault(
            "cases:\n  - name: a\n    stream: [{ hex: \"+5\" }]\n",
            "x.yaml:3:13: cases[0].stream: `hex: \"+5\"` is not pairs of hexadecimal digits",
        );
    }

    #[test]
    fn pieces_together_are_no_larger_than_a_case_may_be() {
        let half = "{ repeat: \"ab\", times: 20000000 }";
        check_fault(
            &format!("cases:\n  - name: a\n    stream: [{half}, {half}]\n"),
            "x.yaml:3:13: cases[0].stream: `repeat` makes more than 67108864 bytes",
        );
    }

    #[test]
    fn pieces_are_joined() {
        let file = parse(
            "x.yaml",
            "cases:\n  - name: a\n    stream: [{ text: \"a\" }, { hex: \"e2 82\" }, { repeat: \"bc\", times: 2 }]\n",
        );
        let stream = file.expect("a good file").cases.remove(0).stream;
        assert_eq!(stream, Some(Pieces(b"a\xE2\x82bcbc".to_vec())));
    }
}
