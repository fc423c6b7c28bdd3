//! The serialized shape of what is wrong with what a target did, less what stands beside it in the report.

use serde::{Deserialize, Serialize};

use super::observed::{Text, number, read_number, read_text, text};
use crate::case;
use crate::observation;
use crate::verdict;

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
