//! What an implementation did with one delivery: facts only, in the words of the adapter protocol.

use serde::Serialize;

/// Filled while the implementation runs.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    pub events: Vec<Event>,
    /// The comments after the last event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<String>,
    /// The last event ID string at the end of the stream, where the implementation shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_id: Option<String>,
    /// The reconnection time at the end of the stream in milliseconds, where the implementation shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnection_time: Option<u128>,
    /// An error or a panic of the implementation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One event as the implementation gave it; what it did not give is absent.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnection_time: Option<u128>,
    /// The comments since the event before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<String>,
    /// The chunk after which the event came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk: Option<usize>,
}
