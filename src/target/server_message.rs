//! The adapter protocol in the server role: what is asked, and notifications to facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conversation::Incoming;
use super::message::{decode, request};
use super::value::{Handle, WireText};
use crate::observation::Text;

/// What a server is asked to do.
#[derive(Clone, Debug, Serialize)]
pub struct Serve {
    /// The harness's handle.
    pub stream: String,
    /// What the application emits.
    pub events: Vec<NewEvent>,
    /// `free` or `asked`.
    pub pace: &'static str,
    /// `close`, `hold` or `fail`.
    pub end: &'static str,
    /// The interval of the implementation's own heartbeats, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<u64>,
    /// After how many milliseconds the implementation ends the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The application answers with this status, and opens no stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers that the application sets on its answer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// An event as the application emits it; what is absent it does not set.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields of the format")]
pub struct NewEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<NewRetry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A reconnection time: a number of milliseconds, or a text.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "their names say it")]
pub enum NewRetry {
    Number(i64),
    Text(String),
}

/// What an adapter reports of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerReport {
    /// A client asked.
    Request {
        /// The adapter's handle.
        client: String,
        /// As the implementation shows it.
        last_event_id: Option<Text>,
    },
    /// The implementation refused an event to its caller.
    Rejected {
        /// The adapter's handle.
        client: String,
        /// The event's place.
        index: usize,
        /// In its own words.
        message: Text,
    },
    /// The implementation told the application that a client left.
    Disconnected {
        /// The adapter's handle.
        client: String,
    },
}

/// The line that asks for a stream.
pub fn serve(id: u64, params: &Serve) -> Vec<u8> {
    request(id, "serve", params)
}

/// The line that asks for one event.
pub fn emit(id: u64, stream: &str, client: &str, index: usize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params<'a> {
        stream: &'a str,
        client: &'a str,
        index: usize,
    }
    let params = Params {
        stream,
        client,
        index,
    };
    request(id, "emit", &params)
}

/// The line that ends a stream.
pub fn stop(id: u64, stream: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Params<'a> {
        stream: &'a str,
    }
    request(id, "stop", &Params { stream })
}

/// The address in an answer to `serve`.
///
/// # Errors
///
/// One sentence that names the field.
pub fn url(result: &str) -> Result<String, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer {
        url: String,
    }
    let raw: &serde_json::value::RawValue =
        serde_json::from_str(result).map_err(|error| error.to_string())?;
    decode::<Answer>(raw, "result").map(|answer| answer.url)
}

/// Reads one line.
///
/// # Errors
///
/// One sentence that names the field.
pub fn read(line: &[u8]) -> Result<Incoming<ServerReport>, String> {
    super::client_message::incoming(line, report)
}

fn report(
    method: &str,
    params: &serde_json::value::RawValue,
) -> Result<(String, ServerReport), String> {
    Ok(match method {
        "request" => {
            let wire: WireRequest = decode(params, "params")?;
            let report = ServerReport::Request {
                client: wire.client.0,
                last_event_id: wire.last_event_id.map(|text| text.0),
            };
            (wire.stream.0, report)
        }
        "rejected" => {
            let wire: WireRejected = decode(params, "params")?;
            let report = ServerReport::Rejected {
                client: wire.client.0,
                index: wire.index,
                message: wire.message.0,
            };
            (wire.stream.0, report)
        }
        "disconnected" => {
            let wire: WireDisconnected = decode(params, "params")?;
            let client = wire.client.0;
            (wire.stream.0, ServerReport::Disconnected { client })
        }
        other => return Err(format!("`{other}` is nothing that a server sends")),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireRequest {
    stream: Handle,
    client: Handle,
    last_event_id: Option<WireText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRejected {
    stream: Handle,
    client: Handle,
    index: usize,
    message: WireText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDisconnected {
    stream: Handle,
    client: Handle,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_are_facts() {
        let line = br#"{"jsonrpc":"2.0","method":"request","params":{"stream":"s1","client":4,"lastEventId":"7"}}"#;
        let report = ServerReport::Request {
            client: "4".to_owned(),
            last_event_id: Some(Text::from("7")),
        };
        assert_eq!(read(line), Ok(Incoming::Report("s1".to_owned(), report)));
    }

    #[test]
    fn what_breaks_the_protocol_is_named() {
        for (line, sentence) in [
            (
                r#"{"jsonrpc":"2.0","method":"rejected","params":{"stream":"s1","client":"k1","message":"m"}}"#,
                "`params`: missing field `index`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"open","params":{"connection":"c1"}}"#,
                "`open` is nothing that a server sends",
            ),
        ] {
            assert_eq!(read(line.as_bytes()), Err(sentence.to_owned()));
        }
        assert_eq!(
            url(r#"{"address":"x"}"#),
            Err("`result.address`: unknown field `address`, expected `url`".to_owned())
        );
    }
}
