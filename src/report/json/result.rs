//! The serialized shape of one case's result, down to the bytes of the delivery that deviates.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use super::observed::{Mismatch, Observation};
use crate::case;
use crate::clause;
use crate::delivery::{self, Cutting};
use crate::outcome;
use crate::report;
use crate::verdict::sweep;

/// See [`report::CaseResult`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseResult {
    id: String,
    why: String,
    clause: String,
    url: String,
    level: Level,
    outcome: Outcome,
    /// Why, for every outcome that carries a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How binding a known failure's deviation is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_failure_level: Option<Level>,
    deliveries: usize,
    deviating: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Failing>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Open,
    May,
    Should,
    Must,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    Pass,
    Fail,
    Warn,
    Recorded,
    KnownFailure,
    UnexpectedPass,
    Skip,
    Error,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    delivery: Delivery,
    level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quirk: Option<Quirk>,
    expected: Vec<ExpectedEvent>,
    expected_end: ExpectedEnd,
    observed: Observation,
    mismatches: Vec<Mismatch>,
}

#[derive(Serialize, Deserialize)]
struct Delivery {
    cutting: String,
    base64: String,
    cuts: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Quirk {
    name: String,
    sentence: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedEvent {
    r#type: String,
    data: String,
    last_event_id: String,
    names_last_event_id: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedEnd {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_event_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconnection_time: Option<String>,
}

impl From<&report::CaseResult> for CaseResult {
    fn from(result: &report::CaseResult) -> Self {
        let (outcome, reason, known_failure_level) = match &result.outcome {
            outcome::Outcome::Pass => (Outcome::Pass, None, None),
            outcome::Outcome::Fail => (Outcome::Fail, None, None),
            outcome::Outcome::Warn => (Outcome::Warn, None, None),
            outcome::Outcome::Recorded => (Outcome::Recorded, None, None),
            outcome::Outcome::KnownFailure { reason, level } => {
                (Outcome::KnownFailure, Some(reason), Some(*level))
            }
            outcome::Outcome::UnexpectedPass { reason } => {
                (Outcome::UnexpectedPass, Some(reason), None)
            }
            outcome::Outcome::Skip { reason } => (Outcome::Skip, Some(reason), None),
            outcome::Outcome::Error { reason } => (Outcome::Error, Some(reason), None),
        };
        Self {
            id: result.id.clone(),
            why: result.why.clone(),
            clause: result.clause.clone(),
            url: result.url.clone(),
            level: result.level.into(),
            outcome,
            reason: reason.cloned(),
            known_failure_level: known_failure_level.map(Level::from),
            deliveries: result.n_deliveries,
            deviating: result.n_deviating,
            failing: result.failing.as_ref().map(Failing::from),
        }
    }
}

impl CaseResult {
    /// The result, or what contradicts itself in it.
    pub fn into_report(self) -> Result<report::CaseResult, String> {
        let wrong =
            |what: &str| format!("the report is wrong at the result of `{}`: {what}", self.id);
        let reason = || {
            self.reason
                .clone()
                .ok_or_else(|| wrong("its outcome has no reason"))
        };
        let outcome = match self.outcome {
            Outcome::Pass => outcome::Outcome::Pass,
            Outcome::Fail => outcome::Outcome::Fail,
            Outcome::Warn => outcome::Outcome::Warn,
            Outcome::Recorded => outcome::Outcome::Recorded,
            Outcome::KnownFailure => outcome::Outcome::KnownFailure {
                reason: reason()?,
                level: self.known_failure_level.unwrap_or(self.level).into(),
            },
            Outcome::UnexpectedPass => outcome::Outcome::UnexpectedPass { reason: reason()? },
            Outcome::Skip => outcome::Outcome::Skip { reason: reason()? },
            Outcome::Error => outcome::Outcome::Error { reason: reason()? },
        };
        let failing = match self.failing {
            Some(failing) => Some(failing.into_report().map_err(|what| {
                format!("the report is wrong at the result of `{}`: {what}", self.id)
            })?),
            None => None,
        };
        Ok(report::CaseResult {
            id: self.id,
            why: self.why,
            clause: self.clause,
            url: self.url,
            level: self.level.into(),
            outcome,
            n_deliveries: self.deliveries,
            n_deviating: self.deviating,
            failing,
        })
    }
}

impl From<&report::FailingResult> for Failing {
    fn from(result: &report::FailingResult) -> Self {
        let sweep::Failing {
            delivery,
            observation,
            mismatches,
            level,
        } = &result.failing;
        Self {
            delivery: Delivery {
                cutting: delivery.cutting.to_string(),
                base64: BASE64_STANDARD.encode(delivery.bytes()),
                cuts: delivery.cuts().to_vec(),
            },
            level: (*level).into(),
            quirk: result
                .quirk
                .clone()
                .map(|(name, sentence)| Quirk { name, sentence }),
            expected: result.expected.iter().map(ExpectedEvent::from).collect(),
            expected_end: ExpectedEnd {
                last_event_id: result.expected_end.last_event_id.clone(),
                reconnection_time: result.expected_end.reconnection_time.clone(),
            },
            observed: observation.into(),
            mismatches: mismatches.iter().map(Mismatch::from).collect(),
        }
    }
}

impl Failing {
    fn into_report(self) -> Result<report::FailingResult, String> {
        let expected = self.expected.into_iter().map(|event| case::ExpectedEvent {
            event_type: event.r#type,
            data: event.data,
            last_event_id: event.last_event_id,
            names_last_event_id: event.names_last_event_id,
        });
        let mismatches = self.mismatches.into_iter().map(Mismatch::into_report);
        Ok(report::FailingResult {
            failing: sweep::Failing {
                delivery: self.delivery.into_report()?,
                observation: self.observed.into_report()?,
                mismatches: mismatches.collect::<Result<_, _>>()?,
                level: self.level.into(),
            },
            expected: expected.collect(),
            expected_end: case::ExpectedEnd {
                last_event_id: self.expected_end.last_event_id,
                reconnection_time: self.expected_end.reconnection_time,
            },
            quirk: self.quirk.map(|quirk| (quirk.name, quirk.sentence)),
        })
    }
}

impl Delivery {
    fn into_report(self) -> Result<delivery::Delivery, String> {
        let cutting = cutting(&self.cutting)
            .ok_or_else(|| format!("`{}` is no way to cut a stream", self.cutting))?;
        let bytes = BASE64_STANDARD
            .decode(&self.base64)
            .map_err(|error| format!("its delivery: {error}"))?;
        if !self.cuts.is_sorted() || self.cuts.last().is_some_and(|&last| last > bytes.len()) {
            return Err("its cuts are not ascending offsets into the stream".to_owned());
        }
        Ok(delivery::Delivery::new(cutting, bytes.into(), self.cuts))
    }
}

/// The reverse of a [`Cutting`]'s display.
fn cutting(text: &str) -> Option<Cutting> {
    let number = |prefix| text.strip_prefix(prefix)?.parse().ok();
    match text {
        "whole" => Some(Cutting::Whole),
        "byte-by-byte" => Some(Cutting::ByteByByte),
        "as-written" => Some(Cutting::AsWritten),
        "empty-chunks" => Some(Cutting::EmptyChunks),
        _ => number("cut-")
            .map(Cutting::Cut)
            .or_else(|| number("blocks-").map(Cutting::Blocks))
            .or_else(|| number("random-").map(Cutting::Random)),
    }
}

impl From<&case::ExpectedEvent> for ExpectedEvent {
    fn from(event: &case::ExpectedEvent) -> Self {
        Self {
            r#type: event.event_type.clone(),
            data: event.data.clone(),
            last_event_id: event.last_event_id.clone(),
            names_last_event_id: event.names_last_event_id,
        }
    }
}

impl From<clause::Level> for Level {
    fn from(level: clause::Level) -> Self {
        match level {
            clause::Level::Open => Self::Open,
            clause::Level::May => Self::May,
            clause::Level::Should => Self::Should,
            clause::Level::Must => Self::Must,
        }
    }
}

impl From<Level> for clause::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Open => Self::Open,
            Level::May => Self::May,
            Level::Should => Self::Should,
            Level::Must => Self::Must,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cutting_is_read_back() {
        for of in [
            Cutting::Whole,
            Cutting::ByteByByte,
            Cutting::AsWritten,
            Cutting::Cut(7),
            Cutting::Blocks(16),
            Cutting::Random(0),
            Cutting::EmptyChunks,
        ] {
            assert_eq!(cutting(&of.to_string()), Some(of));
        }
        assert_eq!(cutting("cut-"), None);
        assert_eq!(cutting("sideways"), None);
    }
}
