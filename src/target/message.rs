//! The adapter protocol on the wire (adapters/README.md): JSON lines to facts, and requests to JSON lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::feature::WireFeatures;
use super::value::{WireNumber, WireText};
use crate::clause::Role;
use crate::delivery::Delivery;
use crate::observation::{Features, Input, ObservedEvent, Parsed};

/// The version we speak. It stays 0 until clients and servers run on it.
pub const PROTOCOL_VERSION: u32 = 0;

/// A line from an adapter: an answer, or a notification.
#[derive(Debug, Deserialize)]
pub struct Message<'a> {
    /// The request it answers.
    pub id: Option<u64>,
    /// The answer.
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    /// A refusal.
    pub error: Option<Refusal>,
    /// A notification's name.
    pub method: Option<String>,
}

/// A JSON-RPC error.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub code: i64,
    /// For people.
    #[serde(default)]
    pub message: String,
}

/// What an adapter says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The implementation's own name.
    pub implementation: String,
    /// Its version, read from the installed package.
    pub version: String,
    /// Its language.
    pub language: String,
    /// What it can show.
    pub features: Features,
}

impl Greeting {
    /// Implementation and version in words, as far as they were told.
    pub fn about(&self) -> String {
        format!("{} {}", self.implementation, self.version)
            .trim()
            .to_owned()
    }
}

/// Reads one line.
///
/// # Errors
///
/// One sentence that names the field.
pub fn read(line: &[u8]) -> Result<Message<'_>, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let message: Message<'_> =
        serde_path_to_error::deserialize(&mut json).map_err(|error| named(&error, ""))?;
    json.end()
        .map_err(|error| format!("more than one JSON value in a line: {error}"))?;
    Ok(message)
}

/// Reads the answer to `initialize`.
///
/// # Errors
///
/// One sentence that names the field.
pub fn greeting(result: &RawValue, role: Role) -> Result<Greeting, String> {
    let wire: WireGreeting = decode(result, "")?;
    if wire.role != role {
        return Err(format!(
            "`role` is {:?} where {role:?} was asked for",
            wire.role
        ));
    }
    Ok(Greeting {
        implementation: wire.implementation,
        version: wire.version,
        language: wire.language,
        features: wire.features.unwrap_or_default().facts(),
    })
}

/// What a target made of a stream, and the JSON that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The facts.
    pub parsed: Parsed,
    /// The JSON that they were read from, or its start: a report shows it.
    pub raw: String,
}

/// How much of an answer's JSON is kept.
const MAX_RAW: usize = 4 << 10;

/// Reads the answer to `parse`.
///
/// # Errors
///
/// One sentence that names the field.
pub fn parsed(result: &RawValue) -> Result<Answered, String> {
    answered(result, "")
}

/// Reads the answer to `parseAll`, which must hold `n_streams` results.
///
/// # Errors
///
/// One sentence that names the field.
pub fn all_parsed(result: &RawValue, n_streams: usize) -> Result<Vec<Answered>, String> {
    let all: WireAll<'_> = decode(result, "")?;
    if all.results.len() != n_streams {
        return Err(format!(
            "`results` has {} entries for {n_streams} streams",
            all.results.len()
        ));
    }
    let results = all.results.into_iter().enumerate();
    results
        .map(|(index, result)| answered(result, &format!("results[{index}]")))
        .collect()
}

fn answered(result: &RawValue, place: &str) -> Result<Answered, String> {
    let parsed = decode::<WireParsed>(result, place)?.facts();
    let raw = result.get();
    let mut end = raw.len().min(MAX_RAW);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    let raw = raw[..end].to_owned();
    Ok(Answered { parsed, raw })
}

/// Reads one event of a program that knows no protocol: an object as in `events`.
///
/// # Errors
///
/// One sentence that names the field.
pub fn event(line: &[u8]) -> Result<ObservedEvent, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let event: WireEvent =
        serde_path_to_error::deserialize(&mut json).map_err(|error| named(&error, ""))?;
    json.end()
        .map_err(|error| format!("more than one JSON value in a line: {error}"))?;
    Ok(event.facts())
}

/// The line that opens a conversation.
pub fn initialize(id: u64, role: Role) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Params {
        protocol_version: u32,
        role: &'static str,
    }
    let role = match role {
        Role::Parser => "parser",
        Role::Client | Role::Browser => "client",
        Role::Server => "server",
    };
    request(
        id,
        "initialize",
        &Params {
            protocol_version: PROTOCOL_VERSION,
            role,
        },
    )
}

/// The line that asks for one delivery.
pub fn parse(id: u64, delivery: &Delivery, input: Input) -> Vec<u8> {
    request(id, "parse", &ParseParams::of(delivery, input))
}

/// What [`parse`] sends for a delivery, without its envelope: a report shows it.
pub fn parse_params(delivery: &Delivery, input: Input) -> String {
    serde_json::to_string(&ParseParams::of(delivery, input))
        .expect("strings and lists always serialise")
}

/// The line that asks for several deliveries.
pub fn parse_all(id: u64, deliveries: &[&Delivery], input: Input) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params<'a> {
        streams: Vec<ParseParams<'a>>,
    }
    let streams = deliveries
        .iter()
        .map(|delivery| ParseParams::of(delivery, input))
        .collect();
    request(id, "parseAll", &Params { streams })
}

/// The line that ends a conversation.
pub fn shutdown(id: u64) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params {}
    request(id, "shutdown", &Params {})
}

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: u64,
    method: &'static str,
    params: &'a P,
}

pub(super) fn request(id: u64, method: &'static str, params: &impl Serialize) -> Vec<u8> {
    let request = Request {
        jsonrpc: "2.0",
        id,
        method,
        params,
    };
    let mut line = serde_json::to_vec(&request).expect("strings and lists always serialise");
    line.push(b'\n');
    line
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ParseParams<'a> {
    Chunks(Vec<String>),
    Text(Vec<&'a str>),
}

impl<'a> ParseParams<'a> {
    fn of(delivery: &'a Delivery, input: Input) -> Self {
        match input {
            Input::Bytes => Self::Chunks(
                delivery
                    .chunks()
                    .map(|chunk| BASE64.encode(chunk))
                    .collect(),
            ),
            // A case that is no text is ruled out before it is asked.
            Input::Text => Self::Text(delivery.text_chunks().unwrap_or_default()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireGreeting {
    implementation: String,
    version: String,
    language: String,
    role: Role,
    features: Option<WireFeatures>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAll<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireParsed {
    events: Vec<WireEvent>,
    #[serde(default, rename = "comments")]
    _comments: Option<Vec<WireText>>,
    last_event_id: Option<WireText>,
    reconnection_time: Option<WireNumber>,
    error: Option<WireText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireEvent {
    r#type: Option<WireText>,
    data: Option<WireText>,
    last_event_id: Option<WireText>,
    reconnection_time: Option<WireNumber>,
    #[serde(default, rename = "comments")]
    _comments: Option<Vec<WireText>>,
    chunk: Option<usize>,
}

impl WireEvent {
    fn facts(self) -> ObservedEvent {
        ObservedEvent {
            event_type: self.r#type.map(|text| text.0),
            data: self.data.map(|text| text.0),
            last_event_id: self.last_event_id.map(|text| text.0),
            reconnection_time: self.reconnection_time.map(|number| number.0),
            chunk: self.chunk,
        }
    }
}

impl WireParsed {
    fn facts(self) -> Parsed {
        Parsed {
            events: self.events.into_iter().map(WireEvent::facts).collect(),
            last_event_id: self.last_event_id.map(|text| text.0),
            reconnection_time: self.reconnection_time.map(|number| number.0),
            error: self.error.map(|text| text.0),
        }
    }
}

/// Reads a part of an answer that stands at `place` in it.
pub(super) fn decode<'a, T: Deserialize<'a>>(
    result: &'a RawValue,
    place: &str,
) -> Result<T, String> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(result.get()))
        .map_err(|error| named(&error, place))
}

/// "`events[0].data`: expected ..", without the reader's own position.
pub(super) fn named(error: &serde_path_to_error::Error<serde_json::Error>, place: &str) -> String {
    let text = error.inner().to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    match (place, error.path().to_string().as_str()) {
        ("", ".") => text.to_owned(),
        ("", path) => format!("`{path}`: {text}"),
        (place, ".") => format!("`{place}`: {text}"),
        (place, path) => format!("`{place}.{path}`: {text}"),
    }
}

#[cfg(test)]
mod tests;
