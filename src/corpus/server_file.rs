//! The keys of a server case as written; what they mean is [`super::server`]'s business.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::file::Pieces;

/// An event as the application emits it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEmitted {
    pub data: Option<Pieces>,
    pub r#type: Option<Pieces>,
    pub id: Option<Pieces>,
    pub retry: Option<RawRetry>,
    pub comment: Option<Pieces>,
    /// So many of them, one after another.
    pub times: Option<usize>,
}

/// A time: a number of milliseconds, or a text where the interface takes one.
#[derive(Debug)]
pub enum RawRetry {
    Number(i64),
    Text(String),
}

/// What the application does.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawServe {
    pub pace: Option<RawPace>,
    pub then: Option<RawThen>,
    pub heartbeat: Option<u64>,
    pub timeout: Option<u64>,
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Vec<Pieces>,
}

/// How the harness asks and reads.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAsk {
    pub method: Option<RawMethod>,
    #[serde(default)]
    pub headers: Vec<Pieces>,
    pub clients: Option<usize>,
    pub reads: Option<RawReads>,
    pub leaves: Option<RawLeaves>,
}

/// When the application emits.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawPace {
    Free,
    Asked,
}

/// What it does after the last event.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawThen {
    Close,
    Hold,
    Fail,
}

/// The request's method.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawMethod {
    Get,
    Head,
}

/// How a client reads.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawReads {
    AtOnce,
    Slow,
}

/// How a client goes away.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawLeaves {
    Active,
    Idle,
}

/// What is looked at besides the events.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawCheck {
    Status,
    ContentType,
    Charset,
    CacheControl,
    Framing,
    Grammar,
    NothingAdded,
    NoBody,
    HeadersFirst,
    Flush,
    LastEventId,
    Notices,
    Heartbeat,
    Broken,
    Ends,
    Headers,
    Refusal,
}

impl<'de> Deserialize<'de> for RawRetry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RetryVisitor;
        impl Visitor<'_> for RetryVisitor {
            type Value = RawRetry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a double-quoted string")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<RawRetry, E> {
                let number = i64::try_from(number);
                number.map(RawRetry::Number).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<RawRetry, E> {
                Ok(RawRetry::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawRetry, E> {
                Ok(RawRetry::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(RetryVisitor)
    }
}
