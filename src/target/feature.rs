//! What an adapter says it shows and offers (adapters/README.md, "Features"), to facts.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::value::WireView;
use crate::observation::server::{Heartbeat, Offers};
use crate::observation::{EventTypeView, Features, Input, View};

/// The features as written; what is absent is not offered.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WireFeatures {
    input: Option<WireInput>,
    event_type: Option<WireEventType>,
    last_event_id: Option<WireView>,
    reconnection_time: Option<WireView>,
    #[serde(default)]
    comments: bool,
    #[serde(default)]
    progress: bool,
    #[serde(default)]
    batch: bool,
    #[serde(default)]
    reconnects: bool,
    #[serde(default)]
    post: bool,
    #[serde(default)]
    initial_last_event_id: bool,
    #[serde(default)]
    initial_reconnection_time: bool,
    #[serde(default)]
    headers: bool,
    #[serde(default)]
    event_source_api: bool,
    #[serde(default)]
    scripts: bool,
    #[serde(default)]
    with_credentials: bool,
    #[serde(default)]
    tls: bool,
    #[serde(default)]
    http2: bool,
    #[serde(default)]
    http2_cleartext: bool,
    #[serde(default)]
    fields: Vec<WireField>,
    #[serde(default)]
    retry_text: bool,
    #[serde(default)]
    without_data: bool,
    #[serde(default)]
    heartbeat: WireHeartbeat,
    #[serde(default)]
    timeout: bool,
    #[serde(default)]
    disconnects: bool,
    #[serde(default)]
    status: bool,
    at_once: Option<usize>,
}

/// What an application can emit.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum WireField {
    Data,
    Type,
    Id,
    Retry,
    Comment,
}

impl WireFeatures {
    /// What they say.
    pub fn facts(self) -> Features {
        Features {
            offers: self.offers(),
            input: match self.input {
                Some(WireInput::Text) => Input::Text,
                _ => Input::Bytes,
            },
            event_type: match self.event_type {
                Some(WireEventType::Raw) => EventTypeView::Raw,
                _ => EventTypeView::Default,
            },
            last_event_id: self.last_event_id.map_or(View::None, |view| view.0),
            reconnection_time: self.reconnection_time.map_or(View::None, |view| view.0),
            progress: self.progress,
            batch: self.batch,
            reconnects: self.reconnects,
            event_source_api: self.event_source_api,
            // `connect` has `closeOn` for every client.
            closes_in_handlers: true,
            comments: self.comments,
            headers: self.headers,
            post: self.post,
            initial_last_event_id: self.initial_last_event_id,
            initial_reconnection_time: self.initial_reconnection_time,
            scripts: self.scripts,
            with_credentials: self.with_credentials,
            tls: self.tls,
            http2: self.http2,
            http2_cleartext: self.http2_cleartext,
        }
    }

    fn offers(&self) -> Offers {
        let has = |field| self.fields.contains(&field);
        Offers {
            event_type: has(WireField::Type),
            id: has(WireField::Id),
            retry: has(WireField::Retry),
            retry_text: self.retry_text,
            comment: has(WireField::Comment),
            without_data: self.without_data,
            heartbeat: self.heartbeat.0,
            timeout: self.timeout,
            disconnects: self.disconnects,
            headers: self.headers,
            status: self.status,
            at_once: self.at_once,
        }
    }
}

/// Whether the application sets an interval, or the implementation has one of its own.
#[derive(Default)]
struct WireHeartbeat(Option<Heartbeat>);

impl<'de> Deserialize<'de> for WireHeartbeat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_bool(), value.as_u64()) {
            (Some(is_set), _) => Ok(Self(is_set.then_some(Heartbeat::Set))),
            (None, Some(interval)) => Ok(Self(Some(Heartbeat::Own(interval)))),
            (None, None) => Err(D::Error::custom(
                "`heartbeat` is true, false, or a number of milliseconds",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireInput {
    Bytes,
    Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireEventType {
    Default,
    Raw,
}
