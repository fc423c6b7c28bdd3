//! The adapter protocol in the client role: what is asked, and notifications to facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conversation::Incoming;
use super::message::{decode, named, request};
use super::value::{Handle, WireNumber, WireText};
use crate::observation::ObservedEvent;
use crate::observation::client::Report;

/// What a client is asked to do.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connect {
    /// The harness's handle.
    pub connection: String,
    /// Where to connect.
    pub url: String,
    /// Every event type to listen for.
    pub listen: Vec<String>,
    /// Close inside this handler: `open`, `event` or `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_on: Option<&'static str>,
    /// The reconnection time to begin with, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_reconnection_time: Option<u64>,
    /// The last event ID string to begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_id: Option<String>,
    /// Headers of the application's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The method of the requests, with the feature `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The body of the requests, with the feature `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body of a function that a page runs instead of connecting by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// With credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_credentials: Option<bool>,
    /// The certificate to trust, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Speak HTTP/2: over TLS, or by prior knowledge, as the URL says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http2: Option<bool>,
}

/// The line that asks for a connection.
pub fn connect(id: u64, params: &Connect) -> Vec<u8> {
    request(id, "connect", params)
}

/// The line that asks to listen for one more event type.
pub fn listen(id: u64, connection: &str, event_type: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params<'a> {
        connection: &'a str,
        r#type: &'a str,
    }
    let params = Params {
        connection,
        r#type: event_type,
    };
    request(id, "listen", &params)
}

/// The line that asks for its end.
pub fn disconnect(id: u64, connection: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params<'a> {
        connection: &'a str,
    }
    request(id, "disconnect", &Params { connection })
}

/// Reads one line.
///
/// # Errors
///
/// One sentence that names the field.
pub fn read(line: &[u8]) -> Result<Incoming<Report>, String> {
    incoming(line, report)
}

/// A notification's name and parameters to the handle that it concerns, and what it reports.
pub(super) type ReadReport<R> =
    fn(&str, &serde_json::value::RawValue) -> Result<(String, R), String>;

/// Reads one line whose notifications are read by `report`.
pub(super) fn incoming<R>(line: &[u8], report: ReadReport<R>) -> Result<Incoming<R>, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let wire: WireMessage<'_> =
        serde_path_to_error::deserialize(&mut json).map_err(|error| named(&error, ""))?;
    json.end()
        .map_err(|error| format!("more than one JSON value in a line: {error}"))?;
    match (wire.id, wire.method.as_deref()) {
        (Some(id), None) => Ok(Incoming::Answer(
            id,
            match (wire.error, wire.result) {
                (Some(refusal), _) => Err(format!(
                    "the adapter refused: {} (code {})",
                    refusal.message, refusal.code
                )),
                (None, None) => Err("the answer has neither `result` nor `error`".to_owned()),
                (None, Some(result)) => Ok(result.get().to_owned()),
            },
        )),
        (_, Some(method)) => {
            let params = wire
                .params
                .ok_or_else(|| format!("`{method}` has no `params`"))?;
            let (connection, report) = report(method, params)?;
            Ok(Incoming::Report(connection, report))
        }
        (None, None) => Err("an answer has no `id`".to_owned()),
    }
}

fn report(method: &str, params: &serde_json::value::RawValue) -> Result<(String, Report), String> {
    Ok(match method {
        "open" | "end" => {
            let wire: WireBare = decode(params, "params")?;
            let report = if method == "open" {
                Report::Open
            } else {
                Report::End
            };
            (wire.connection.0, report)
        }
        "event" => {
            let wire: WireEvent = decode(params, "params")?;
            let event = ObservedEvent {
                event_type: wire.r#type.map(|text| text.0),
                data: wire.data.map(|text| text.0),
                last_event_id: wire.last_event_id.map(|text| text.0),
                reconnection_time: wire.reconnection_time.map(|number| number.0),
                chunk: None,
            };
            (wire.connection.0, Report::Event(event))
        }
        "comment" => {
            let wire: WireComment = decode(params, "params")?;
            (wire.connection.0, Report::Comment(wire.comment.0))
        }
        "error" => {
            let wire: WireError = decode(params, "params")?;
            let report = Report::Error {
                fatal: wire.fatal,
                message: wire.message.0,
            };
            (wire.connection.0, report)
        }
        other => return Err(format!("`{other}` is nothing that a client sends")),
    })
}

#[derive(Deserialize)]
struct WireMessage<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    result: Option<&'a serde_json::value::RawValue>,
    error: Option<super::message::Refusal>,
    method: Option<String>,
    #[serde(borrow)]
    params: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBare {
    connection: Handle,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireEvent {
    connection: Handle,
    r#type: Option<WireText>,
    data: Option<WireText>,
    last_event_id: Option<WireText>,
    reconnection_time: Option<WireNumber>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireComment {
    connection: Handle,
    comment: WireText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireError {
    connection: Handle,
    fatal: bool,
    message: WireText,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Text;

    #[test]
    fn notifications_are_facts() {
        let line = br#"{"jsonrpc":"2.0","method":"event","params":{"connection":"c1","type":"add","data":"a","lastEventId":"8"}}"#;
        let event = ObservedEvent {
            event_type: Some(Text::from("add")),
            data: Some(Text::from("a")),
            last_event_id: Some(Text::from("8")),
            ..ObservedEvent::default()
        };
        assert_eq!(
            read(line),
            Ok(Incoming::Report("c1".to_owned(), Report::Event(event)))
        );
        let line = br#"{"jsonrpc":"2.0","method":"open","params":{"connection":2}}"#;
        assert_eq!(
            read(line),
            Ok(Incoming::Report("2".to_owned(), Report::Open))
        );
    }

    #[test]
    fn what_breaks_the_protocol_is_named() {
        for (line, sentence) in [
            (
                r#"{"jsonrpc":"2.0","method":"error","params":{"connection":"c1","message":"m"}}"#,
                "`params`: missing field `fatal`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"opened","params":{"connection":"c1"}}"#,
                "`opened` is nothing that a client sends",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"end"}"#,
                "`end` has no `params`",
            ),
            (r#"{"jsonrpc":"2.0"}"#, "an answer has no `id`"),
        ] {
            assert_eq!(read(line.as_bytes()), Err(sentence.to_owned()));
        }
    }
}
