//! The serialized shape of what a target did and of what is wrong with it. Texts that are not UTF-8 travel as base64.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::case;
use crate::observation;
use crate::verdict;

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

/// See [`verdict::Mismatch`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Mismatch {
    Event {
        index: usize,
        parts: Vec<Part>,
    },
    Missing {
        index: usize,
    },
    Unexpected {
        index: usize,
    },
    Late {
        index: usize,
        complete: usize,
        chunk: usize,
    },
    EndLastEventId {
        expected: String,
        observed: Option<Text>,
    },
    EndReconnectionTime {
        expected: String,
        observed: Option<String>,
    },
    Exchange {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<usize>,
        sentence: String,
    },
    Emitted {
        class: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<usize>,
        sentence: String,
    },
    Error(Text),
    Crashes(String),
    Hangs(String),
}

/// See [`verdict::Part`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    Type {
        expected: String,
        observed: Option<Text>,
    },
    /// Data is long: what stands in the case and in the observation is not repeated here.
    Data {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected: Option<String>,
    },
    LastEventId {
        expected: Option<String>,
        observed: Option<Text>,
    },
    ReconnectionTime {
        expected: Option<String>,
        observed: Option<String>,
    },
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
    fn into_report(self) -> Result<observation::Text, String> {
        match self {
            Self::Wellformed(text) => Ok(observation::Text::from(text)),
            Self::Bytes { base64 } => BASE64_STANDARD
                .decode(&base64)
                .map(observation::Text)
                .map_err(|error| format!("a text is no base64: {error}")),
        }
    }
}

fn text(text: &Option<observation::Text>) -> Option<Text> {
    text.as_ref().map(Text::from)
}

fn number(number: &Option<observation::Number>) -> Option<String> {
    number.as_ref().map(ToString::to_string)
}

fn read_text(text: Option<Text>) -> Result<Option<observation::Text>, String> {
    text.map(Text::into_report).transpose()
}

fn read_number(number: Option<String>) -> Option<observation::Number> {
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

/// What a mismatch stands beside in the report, and so need not repeat.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// What the case expects.
    pub answer: &'a case::Answer,
    /// What the target did.
    pub observation: &'a observation::Observation,
}

impl<'a> Beside<'a> {
    fn expected(&self, index: usize) -> Option<&'a case::ExpectedEvent> {
        self.answer.events.get(index)
    }

    fn observed(&self, index: usize) -> Option<&'a observation::ObservedEvent> {
        match self.observation {
            observation::Observation::Parsed(parsed) => parsed.events.get(index),
            _ => None,
        }
    }
}

impl Mismatch {
    /// The shape of a mismatch that stands beside this.
    pub fn of(mismatch: &verdict::Mismatch, beside: &Beside<'_>) -> Self {
        use verdict::Mismatch as Is;
        match mismatch {
            Is::Event { index, parts } => Self::Event {
                index: *index,
                parts: parts
                    .iter()
                    .map(|part| Part::of(part, beside.expected(*index)))
                    .collect(),
            },
            Is::Missing { index } => Self::Missing { index: *index },
            Is::Unexpected { index, .. } => Self::Unexpected { index: *index },
            Is::Late {
                index,
                complete,
                chunk,
            } => Self::Late {
                index: *index,
                complete: *complete,
                chunk: *chunk,
            },
            Is::EndLastEventId { expected, observed } => Self::EndLastEventId {
                expected: expected.clone(),
                observed: text(observed),
            },
            Is::EndReconnectionTime { expected, observed } => Self::EndReconnectionTime {
                expected: expected.clone(),
                observed: number(observed),
            },
            Is::Exchange { request, sentence } => Self::Exchange {
                request: *request,
                sentence: sentence.clone(),
            },
            Is::Emitted {
                class,
                index,
                sentence,
            } => Self::Emitted {
                class: class.name().to_owned(),
                event: *index,
                sentence: sentence.clone(),
            },
            Is::Error(error) => Self::Error(error.into()),
            Is::Crashes(how) => Self::Crashes(how.clone()),
            Is::Hangs(how) => Self::Hangs(how.clone()),
        }
    }

    /// The mismatch, or what is wrong in it.
    pub fn into_report(self, beside: &Beside<'_>) -> Result<verdict::Mismatch, String> {
        use verdict::Mismatch as Is;
        Ok(match self {
            Self::Event { index, parts } => Is::Event {
                index,
                parts: parts
                    .into_iter()
                    .map(|part| part.into_report(index, beside))
                    .collect::<Result<_, _>>()?,
            },
            Self::Missing { index } => Is::Missing { index },
            Self::Unexpected { index } => Is::Unexpected {
                index,
                event: beside
                    .observed(index)
                    .cloned()
                    .ok_or_else(|| format!("there is no event {index} to be unexpected"))?,
            },
            Self::Late {
                index,
                complete,
                chunk,
            } => Is::Late {
                index,
                complete,
                chunk,
            },
            Self::EndLastEventId { expected, observed } => Is::EndLastEventId {
                expected,
                observed: read_text(observed)?,
            },
            Self::EndReconnectionTime { expected, observed } => Is::EndReconnectionTime {
                expected,
                observed: read_number(observed),
            },
            Self::Exchange { request, sentence } => Is::Exchange { request, sentence },
            Self::Emitted {
                class,
                event,
                sentence,
            } => Is::Emitted {
                class: verdict::Class::named(&class)
                    .ok_or_else(|| format!("{class:?} is no class of what was emitted"))?,
                index: event,
                sentence,
            },
            Self::Error(error) => Is::Error(error.into_report()?),
            Self::Crashes(how) => Is::Crashes(how),
            Self::Hangs(how) => Is::Hangs(how),
        })
    }
}

impl Part {
    fn of(part: &verdict::Part, event: Option<&case::ExpectedEvent>) -> Self {
        use verdict::Part as Is;
        match part {
            Is::EventType { expected, observed } => Self::Type {
                expected: expected.clone(),
                observed: text(observed),
            },
            Is::Data { expected, .. } => Self::Data {
                expected: event
                    .is_none_or(|event| event.data != *expected)
                    .then(|| expected.clone()),
            },
            Is::LastEventId { expected, observed } => Self::LastEventId {
                expected: expected.clone(),
                observed: text(observed),
            },
            Is::ReconnectionTime { expected, observed } => Self::ReconnectionTime {
                expected: expected.map(|time| time.to_string()),
                observed: number(observed),
            },
        }
    }

    fn into_report(self, index: usize, beside: &Beside<'_>) -> Result<verdict::Part, String> {
        use verdict::Part as Is;
        Ok(match self {
            Self::Type { expected, observed } => Is::EventType {
                expected,
                observed: read_text(observed)?,
            },
            Self::Data { expected } => Is::Data {
                expected: expected
                    .or_else(|| beside.expected(index).map(|event| event.data.clone()))
                    .ok_or_else(|| format!("there is no expected event {index}"))?,
                observed: beside.observed(index).and_then(|event| event.data.clone()),
            },
            Self::LastEventId { expected, observed } => Is::LastEventId {
                expected,
                observed: read_text(observed)?,
            },
            Self::ReconnectionTime { expected, observed } => Is::ReconnectionTime {
                expected: match expected {
                    Some(digits) => Some(
                        digits
                            .parse()
                            .map_err(|_| format!("{digits:?} is no reconnection time"))?,
                    ),
                    None => None,
                },
                observed: read_number(observed),
            },
        })
    }
}
