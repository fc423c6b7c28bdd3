//! The serialized shape of what a target did. Texts that are not UTF-8 travel as base64.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::observation;

/// See [`observation::Text`]: a string if it is well-formed.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    Wellformed(String),
    Bytes { base64: String },
}

/// See [`observation::Observation`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Observation {
    Parsed(Parsed),
    Crashed(Death),
    Hung(Death),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parsed {
    events: Vec<Event>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_event_id: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconnection_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_event_id: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconnection_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chunk: Option<usize>,
}

#[derive(Serialize, Deserialize)]
pub struct Death {
    how: String,
    log: Vec<String>,
}

impl From<&observation::Text> for Text {
    fn from(text: &observation::Text) -> Self {
        match text.as_str() {
            Some(text) => Self::Wellformed(text.to_owned()),
            None => Self::Bytes {
                base64: BASE64_STANDARD.encode(&text.0),
            },
        }
    }
}

impl Text {
    pub fn into_report(self) -> Result<observation::Text, String> {
        match self {
            Self::Wellformed(text) => Ok(observation::Text::from(text)),
            Self::Bytes { base64 } => BASE64_STANDARD
                .decode(&base64)
                .map(observation::Text)
                .map_err(|error| format!("a text is no base64: {error}")),
        }
    }
}

pub fn text(text: &Option<observation::Text>) -> Option<Text> {
    text.as_ref().map(Text::from)
}

pub fn number(number: &Option<observation::Number>) -> Option<String> {
    number.as_ref().map(ToString::to_string)
}

pub fn read_text(text: Option<Text>) -> Result<Option<observation::Text>, String> {
    text.map(Text::into_report).transpose()
}

pub fn read_number(number: Option<String>) -> Option<observation::Number> {
    number.as_deref().map(observation::Number::new)
}

impl From<&observation::Observation> for Observation {
    fn from(observation: &observation::Observation) -> Self {
        let death = |death: &observation::Death| Death {
            how: death.how.clone(),
            log: death.log.clone(),
        };
        match observation {
            observation::Observation::Parsed(parsed) => Self::Parsed(Parsed {
                events: parsed.events.iter().map(Event::from).collect(),
                last_event_id: text(&parsed.last_event_id),
                reconnection_time: number(&parsed.reconnection_time),
                error: text(&parsed.error),
            }),
            observation::Observation::Crashed(of) => Self::Crashed(death(of)),
            observation::Observation::Hung(of) => Self::Hung(death(of)),
        }
    }
}

impl Observation {
    /// The observation, or what is wrong in it.
    pub fn into_report(self) -> Result<observation::Observation, String> {
        let death = |death: Death| observation::Death {
            how: death.how,
            log: death.log,
        };
        Ok(match self {
            Self::Parsed(parsed) => observation::Observation::Parsed(observation::Parsed {
                events: parsed
                    .events
                    .into_iter()
                    .map(Event::into_report)
                    .collect::<Result<_, _>>()?,
                last_event_id: read_text(parsed.last_event_id)?,
                reconnection_time: read_number(parsed.reconnection_time),
                error: read_text(parsed.error)?,
            }),
            Self::Crashed(of) => observation::Observation::Crashed(death(of)),
            Self::Hung(of) => observation::Observation::Hung(death(of)),
        })
    }
}

impl From<&observation::ObservedEvent> for Event {
    fn from(event: &observation::ObservedEvent) -> Self {
        Self {
            r#type: text(&event.event_type),
            data: text(&event.data),
            last_event_id: text(&event.last_event_id),
            reconnection_time: number(&event.reconnection_time),
            chunk: event.chunk,
        }
    }
}

impl Event {
    fn into_report(self) -> Result<observation::ObservedEvent, String> {
        Ok(observation::ObservedEvent {
            event_type: read_text(self.r#type)?,
            data: read_text(self.data)?,
            last_event_id: read_text(self.last_event_id)?,
            reconnection_time: read_number(self.reconnection_time),
            chunk: self.chunk,
        })
    }
}
