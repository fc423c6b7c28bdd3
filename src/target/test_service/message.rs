//! The JSON of the LaunchDarkly test services: what each side says, to facts and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::observation::client::Report;
use crate::observation::{Features, ObservedEvent, Text, View};
use crate::target::message::named;
use crate::target::value::WireText;

/// What a test service says of itself; whatever else it says is not looked at.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Status {
    /// Its name.
    pub name: Option<String>,
    /// What it can do.
    pub capabilities: Option<Vec<String>>,
}

/// What a test service is asked to open.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Create {
    /// For its log.
    #[serde(default)]
    pub tag: String,
    /// What callbacks are posted below.
    pub callback_url: String,
    /// Where to connect.
    pub stream_url: String,
    /// The first reconnection time. `null` stands where there is none, as in the other harness.
    #[serde(default)]
    pub initial_delay_ms: Option<u64>,
    /// After how long without bytes a connection counts as lost.
    #[serde(default)]
    pub read_timeout_ms: Option<u64>,
    /// The last event ID that the first request carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_id: Option<String>,
    /// The method of the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The body of the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Headers that the requests carry besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What a test service is asked to do with an open stream.
#[derive(Debug, Deserialize, Serialize)]
pub struct Command {
    /// `listen` or `restart`.
    pub command: String,
    /// What to listen for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<Listen>,
}

/// What to listen for.
#[derive(Debug, Deserialize, Serialize)]
pub struct Listen {
    /// An event type.
    pub r#type: String,
}

impl Status {
    /// Says what an adapter can do that this protocol has a word for.
    pub fn of(name: String, features: &Features) -> Self {
        let capabilities = [
            // Every client of the standard has to remove a byte order mark.
            ("bom", true),
            ("comments", features.comments),
            ("event-type-listeners", features.event_source_api),
            ("headers", features.headers),
            ("last-event-id", features.initial_last_event_id),
            ("post", features.post),
        ];
        let able = capabilities.iter().filter(|(_, is_able)| *is_able);
        Self {
            name: Some(name),
            capabilities: Some(able.map(|(name, _)| (*name).to_owned()).collect()),
        }
    }

    /// What can be seen through a test service. What no capability tells is what the protocol itself says.
    pub fn features(&self) -> Features {
        let is_able = |name: &str| {
            let capabilities = self.capabilities.iter().flatten();
            capabilities
                .into_iter()
                .any(|capability| capability == name)
        };
        Features {
            // The `id` of an event is the last event ID when it was dispatched.
            last_event_id: View::Stream,
            // Coming back is what most of that protocol's tests are about; none of them is optional.
            reconnects: true,
            // Opens have no message, and an error does not say whether it is the last.
            event_source_api: false,
            // Closing is a request of its own.
            closes_in_handlers: false,
            comments: is_able("comments"),
            headers: is_able("headers"),
            post: is_able("post"),
            initial_last_event_id: is_able("last-event-id"),
            // Every test service is given one.
            initial_reconnection_time: true,
            ..Features::default()
        }
    }

    /// It must be told which event types to listen for.
    pub fn listens(&self) -> bool {
        let mut capabilities = self.capabilities.iter().flatten();
        capabilities.any(|capability| capability == "event-type-listeners")
    }
}

/// A message as JSON.
pub fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("strings, numbers and lists always serialise")
}

/// Reads a message.
///
/// # Errors
///
/// One sentence that names the field.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let message = serde_path_to_error::deserialize(&mut json).map_err(|error| named(&error, ""))?;
    json.end()
        .map_err(|error| format!("more than one JSON value: {error}"))?;
    Ok(message)
}

/// Reads a callback.
///
/// # Errors
///
/// One sentence on what is no callback.
pub fn report(body: &[u8]) -> Result<Report, String> {
    let wire: WireCallback<'_> = read(body)?;
    match wire.kind.as_str() {
        "event" => {
            let event = wire
                .event
                .ok_or_else(|| "its kind is `event`, and it has no `event`".to_owned())?;
            Ok(Report::Event(ObservedEvent {
                // An empty type is one that was not written.
                event_type: text(event.r#type)?.filter(|name| !name.0.is_empty()),
                data: text(event.data)?,
                last_event_id: text(event.id)?,
                ..ObservedEvent::default()
            }))
        }
        "comment" => Ok(Report::Comment(
            text(wire.comment)?.unwrap_or_else(|| Text::from("")),
        )),
        // The text stands under either name: the protocol's documents say one and its harness reads the other.
        "error" => Ok(Report::Error {
            fatal: false,
            message: text(wire.error.or(wire.comment))?.unwrap_or_else(|| Text::from("")),
        }),
        other => Err(format!(
            "`kind` is {other:?}, which is none of event, comment and error"
        )),
    }
}

/// The callback for a report, if there is one.
pub fn callback(report: &Report) -> Option<String> {
    let said = |text: &Text| raw(&text.0);
    let callback = match report {
        Report::Event(event) => {
            let or_empty = |text: &Option<Text>| text.as_ref().map_or_else(|| raw(b""), said);
            serde_json::to_string(&WireCallback {
                kind: "event".to_owned(),
                event: Some(WireEvent {
                    r#type: Some(&or_empty(&event.event_type)),
                    data: Some(&or_empty(&event.data)),
                    id: Some(&or_empty(&event.last_event_id)),
                }),
                ..WireCallback::default()
            })
        }
        Report::Comment(comment) => serde_json::to_string(&WireCallback {
            kind: "comment".to_owned(),
            comment: Some(&said(comment)),
            ..WireCallback::default()
        }),
        Report::Error { message, .. } => serde_json::to_string(&WireCallback {
            kind: "error".to_owned(),
            error: Some(&said(message)),
            ..WireCallback::default()
        }),
        Report::End => serde_json::to_string(&WireCallback {
            kind: "error".to_owned(),
            error: Some(&raw(
                b"the stream is over, and the client does not come back by itself",
            )),
            ..WireCallback::default()
        }),
        Report::Open => return None,
    };
    Some(callback.expect("raw JSON always serialises"))
}

#[derive(Default, Deserialize, Serialize)]
struct WireCallback<'a> {
    kind: String,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    event: Option<WireEvent<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    comment: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize, Serialize)]
struct WireEvent<'a> {
    #[serde(borrow)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// A text as it was said, ill-formed ones included.
fn text(raw: Option<&RawValue>) -> Result<Option<Text>, String> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    let text: WireText = crate::target::message::decode(raw, "")?;
    Ok(Some(text.0))
}

/// A JSON string; a lone surrogate, which comes as the three bytes that UTF-8 forbids, is written as its escape.
fn raw(bytes: &[u8]) -> Box<RawValue> {
    let mut json = String::from("\"");
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(valid) => valid,
            Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(),
        };
        let quoted = serde_json::to_string(valid).expect("a string always serialises");
        json.push_str(&quoted[1..quoted.len() - 1]);
        rest = &rest[valid.len()..];
        rest = match rest {
            [] => rest,
            [0xED, high @ 0xA0..=0xBF, low @ 0x80..=0xBF, after @ ..] => {
                let unit = 0xD000 | u32::from(high & 0x3F) << 6 | u32::from(low & 0x3F);
                json.push_str(&format!("\\u{unit:04x}"));
                after
            }
            [_, after @ ..] => {
                json.push('\u{FFFD}');
                after
            }
        };
    }
    json.push('"');
    RawValue::from_string(json).expect("a quoted string is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_type: &str, data: &[u8]) -> Report {
        Report::Event(ObservedEvent {
            event_type: Some(Text::from(event_type)),
            data: Some(Text(data.to_vec())),
            last_event_id: Some(Text::from("7")),
            ..ObservedEvent::default()
        })
    }

    #[test]
    fn a_callback_says_what_was_reported() {
        let said = callback(&event("add", b"a\n\"b\"")).expect("an event is called back");
        assert_eq!(
            said,
            r#"{"kind":"event","event":{"type":"add","data":"a\n\"b\"","id":"7"}}"#
        );
        assert_eq!(report(said.as_bytes()), Ok(event("add", b"a\n\"b\"")));
        assert_eq!(callback(&Report::Open), None);
    }

    #[test]
    fn a_lone_surrogate_survives_both_ways() {
        let said = callback(&event("add", b"a\xED\xA0\x80b")).expect("an event is called back");
        assert!(said.contains(r#""a\ud800b""#), "{said}");
        assert_eq!(report(said.as_bytes()), Ok(event("add", b"a\xED\xA0\x80b")));
    }

    #[test]
    fn an_empty_type_is_one_that_was_not_written() {
        let body = br#"{"kind":"event","event":{"type":"","data":"a","id":null,"retry":5}}"#;
        let expected = ObservedEvent {
            data: Some(Text::from("a")),
            ..ObservedEvent::default()
        };
        assert_eq!(report(body), Ok(Report::Event(expected)));
    }

    #[test]
    fn the_text_of_an_error_stands_under_either_name() {
        for body in [
            r#"{"kind":"error","error":"lost"}"#,
            r#"{"kind":"error","comment":"lost"}"#,
        ] {
            let message = Text::from("lost");
            let expected = Report::Error {
                fatal: false,
                message,
            };
            assert_eq!(report(body.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_callback_is_named() {
        for (body, sentence) in [
            (
                r#"{"kind":"event"}"#,
                "its kind is `event`, and it has no `event`",
            ),
            (
                r#"{"kind":"opened"}"#,
                "`kind` is \"opened\", which is none of event, comment and error",
            ),
            (r#"{"event":{}}"#, "missing field `kind`"),
            (
                r#"{"kind":"event","event":{"type":"a","data":7,"id":""}}"#,
                "expected a string or {\"base64\": \"..\"}",
            ),
        ] {
            assert_eq!(report(body.as_bytes()), Err(sentence.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_creation_names_both_times_even_where_there_is_none() {
        let create = Create {
            tag: "c1".to_owned(),
            callback_url: "http://127.0.0.1:1/c1".to_owned(),
            stream_url: "http://127.0.0.1:2/1/".to_owned(),
            ..Create::default()
        };
        assert_eq!(
            json(&create),
            r#"{"tag":"c1","callbackUrl":"http://127.0.0.1:1/c1","streamUrl":"http://127.0.0.1:2/1/","initialDelayMs":null,"readTimeoutMs":null}"#
        );
    }
}
