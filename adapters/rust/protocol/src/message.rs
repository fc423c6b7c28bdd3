//! JSON-RPC 2.0 as the adapter protocol uses it: the shapes on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Delivery, Observation};

const PROTOCOL_VERSION: u64 = 0;

#[derive(Deserialize)]
pub struct Request<'a> {
    pub id: Option<Value>,
    pub method: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

impl Request<'_> {
    pub fn params<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Refusal> {
        let params = self.params.map_or("null", RawValue::get);
        serde_json::from_str(params).map_err(|error| Refusal::invalid_params(&error))
    }
}

/// What the harness wants to speak, and with whom.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialize {
    protocol_version: u64,
    role: String,
}

impl Initialize {
    /// Refuses a version or a role that is not on offer.
    pub fn check(&self, role: &str) -> Result<(), Refusal> {
        if self.protocol_version == PROTOCOL_VERSION && self.role == role {
            return Ok(());
        }
        Err(Refusal {
            code: -32602,
            message: format!("only a {role}, only version {PROTOCOL_VERSION}"),
        })
    }
}

#[derive(Deserialize)]
pub struct ParseAll {
    pub streams: Vec<Delivery>,
}

/// Either a result or an error; the id is null where the request has none that we could read.
#[derive(Serialize)]
pub struct Answer {
    jsonrpc: &'static str,
    id: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Reply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

impl Answer {
    pub fn reply(id: Option<Value>, reply: Reply) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            result: Some(reply),
            error: None,
        }
    }

    pub fn refuse(id: Option<Value>, refusal: Refusal) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            result: None,
            error: Some(refusal),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum Reply {
    Initialized(Initialized<AllFeatures>),
    Parsed(Observation),
    AllParsed { results: Vec<Observation> },
    ShutDown {},
}

/// Who answers, and what can be seen of it.
#[derive(Serialize)]
pub struct Initialized<F> {
    implementation: &'static str,
    version: &'static str,
    language: &'static str,
    role: &'static str,
    features: F,
}

impl<F> Initialized<F> {
    pub fn new(
        implementation: &'static str,
        version: &'static str,
        role: &'static str,
        features: F,
    ) -> Self {
        Self {
            implementation,
            version,
            language: "Rust",
            role,
            features,
        }
    }
}

/// What the implementation shows; the same for all deliveries.
#[derive(Clone, Copy)]
pub struct Features {
    pub event_type: EventType,
    pub last_event_id: Shown,
    pub reconnection_time: Shown,
    pub comments: bool,
    pub progress: bool,
}

/// Whether an absent event type comes out as "message" or as it was written.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    Default,
    Raw,
}

/// Whether a value is shown as the state of the stream, as the field of the block, or not at all.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    Stream,
    Block,
    None,
}

/// The features of the implementation with those that every adapter here has.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllFeatures {
    input: &'static str,
    event_type: EventType,
    last_event_id: Shown,
    reconnection_time: Shown,
    comments: bool,
    progress: bool,
    batch: bool,
}

impl From<Features> for AllFeatures {
    fn from(features: Features) -> Self {
        let Features {
            event_type,
            last_event_id,
            reconnection_time,
            comments,
            progress,
        } = features;
        Self {
            input: "bytes",
            event_type,
            last_event_id,
            reconnection_time,
            comments,
            progress,
            batch: true,
        }
    }
}

/// Why a request has no result, in the codes of JSON-RPC.
#[derive(Serialize)]
pub struct Refusal {
    code: i32,
    message: String,
}

impl Refusal {
    pub fn not_a_request(error: &serde_json::Error) -> Self {
        let code = if error.is_data() { -32600 } else { -32700 };
        Self {
            code,
            message: error.to_string(),
        }
    }

    pub fn unknown_method(method: &str) -> Self {
        Self {
            code: -32601,
            message: format!("unknown method `{method}`"),
        }
    }

    pub fn invalid_params(error: &serde_json::Error) -> Self {
        Self {
            code: -32602,
            message: error.to_string(),
        }
    }
}
