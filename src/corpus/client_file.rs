//! The keys of a client case as written; what they mean is [`super::client`]'s business.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::file::Pieces;

/// A connection as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConnection {
    #[serde(default)]
    pub interim: Vec<u16>,
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Vec<Pieces>,
    #[serde(default)]
    pub without: Vec<String>,
    pub location: Option<String>,
    #[serde(default)]
    pub other_origin: bool,
    pub coding: Option<RawCoding>,
    pub framing: Option<RawFraming>,
    #[serde(default)]
    pub chunks: Vec<RawStep>,
    pub then: RawEnding,
    #[serde(default)]
    pub no_head: bool,
    #[serde(default)]
    pub disconnect: bool,
}

/// How the end of the body is told.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawFraming {
    Chunked,
    Length,
    UntilClose,
    #[serde(rename = "http-1.0")]
    Http10,
}

/// How the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawEnding {
    Close,
    Reset,
    Truncate,
    Hold,
    Refuse,
}

/// How the body is coded.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawCoding {
    Gzip,
    GzipUnfinished,
}

/// What the target is told beside the URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConnect {
    pub over: Option<RawTransport>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub with_credentials: bool,
    pub method: Option<String>,
    pub body: Option<Pieces>,
    pub last_event_id: Option<String>,
    pub initial_reconnection_time: Option<u64>,
}

/// How the bytes travel.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawTransport {
    Tls,
    Http2,
    #[serde(rename = "http2-cleartext")]
    Http2Cleartext,
}

/// A chunk, or something that is done between two chunks.
#[derive(Debug)]
pub enum RawStep {
    Chunk(Pieces),
    Pause(u64),
    AwaitOpens(usize),
    AwaitEvents(usize),
    Disconnect,
}

/// A request as it must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRequest {
    pub method: Option<String>,
    pub path: Option<String>,
    pub body: Option<Pieces>,
    #[serde(default)]
    pub headers: BTreeMap<String, Pieces>,
    #[serde(default)]
    pub without: Vec<String>,
    pub after: Option<u64>,
}

/// Something that the application hears.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawReport {
    Open,
    Event,
    Error,
    Fatal,
}

/// The handler in which the target closes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawCloseOn {
    Open,
    Event,
    Error,
}

impl<'de> Deserialize<'de> for RawStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StepVisitor;
        impl<'de> Visitor<'de> for StepVisitor {
            type Value = RawStep;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a double-quoted string, a list of pieces, or one of { pause: ms }, { await_opens: n }, { await_events: n }, { disconnect: true }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawStep, E> {
                Ok(RawStep::Chunk(Pieces(text.as_bytes().to_vec())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RawStep, A::Error> {
                Pieces::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(RawStep::Chunk)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawStep, A::Error> {
                let between = RawBetween::deserialize(de::value::MapAccessDeserializer::new(map))?;
                match between {
                    RawBetween {
                        pause: Some(time),
                        await_opens: None,
                        await_events: None,
                        disconnect: false,
                    } => Ok(RawStep::Pause(time)),
                    RawBetween {
                        pause: None,
                        await_opens: Some(n),
                        await_events: None,
                        disconnect: false,
                    } => Ok(RawStep::AwaitOpens(n)),
                    RawBetween {
                        pause: None,
                        await_opens: None,
                        await_events: Some(n),
                        disconnect: false,
                    } => Ok(RawStep::AwaitEvents(n)),
                    RawBetween {
                        pause: None,
                        await_opens: None,
                        await_events: None,
                        disconnect: true,
                    } => Ok(RawStep::Disconnect),
                    _ => Err(de::Error::custom(
                        "between two chunks stands one of { pause: ms }, { await_opens: n }, { await_events: n } or { disconnect: true }",
                    )),
                }
            }
        }
        deserializer.deserialize_any(StepVisitor)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBetween {
    pause: Option<u64>,
    await_opens: Option<usize>,
    await_events: Option<usize>,
    #[serde(default)]
    disconnect: bool,
}
