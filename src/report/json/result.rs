//! The serialized shape of one case's result, down to the delivery that deviates. The case itself stands in the report once.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use super::mismatch::{Beside, Mismatch};
use super::observed::Observation;
use crate::baseline::Kind as FailureKind;
use crate::clause;
use crate::outcome;
use crate::report;
use crate::verdict::sweep;

/// See [`report::CaseResult`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseResult {
    case: String,
    outcome: Outcome,
    /// Why, for every outcome that carries a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How binding a known failure's deviation is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_failure_level: Option<Level>,
    /// Accident or policy, of a known failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// The upstream issue of a known failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issue: Option<String>,
    /// The baseline's reason, where it covers the case of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    deliveries: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    deviating: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Failing>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
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

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Bug,
    ByDesign,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    delivery: Delivery,
    level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quirk: Option<Quirk>,
    observed: Observation,
    mismatches: Vec<Mismatch>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exchange: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    from: Speaker,
    text: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    Harness,
    Target,
}

#[derive(Serialize, Deserialize)]
struct Quirk {
    name: String,
    sentence: String,
}

impl From<&report::CaseResult> for CaseResult {
    fn from(result: &report::CaseResult) -> Self {
        let mut shape = Self {
            case: result.case.id.clone(),
            outcome: Outcome::Pass,
            reason: None,
            known_failure_level: None,
            kind: None,
            issue: None,
            known: None,
            deliveries: result.n_deliveries,
            deviating: result.n_deviating,
            failing: result
                .failing
                .as_ref()
                .map(|failing| Failing::of(&result.case, failing)),
        };
        shape.outcome = match &result.outcome {
            outcome::Outcome::Pass => Outcome::Pass,
            outcome::Outcome::Fail => Outcome::Fail,
            outcome::Outcome::Warn => Outcome::Warn,
            outcome::Outcome::Recorded => Outcome::Recorded,
            outcome::Outcome::KnownFailure {
                reason,
                kind,
                issue,
                level,
            } => {
                shape.reason = Some(reason.clone());
                shape.kind = Some((*kind).into());
                shape.issue = issue.clone();
                shape.known_failure_level = Some((*level).into());
                Outcome::KnownFailure
            }
            outcome::Outcome::UnexpectedPass { reason } => {
                shape.reason = Some(reason.clone());
                Outcome::UnexpectedPass
            }
            outcome::Outcome::Skip { reason } => {
                shape.reason = Some(reason.clone());
                Outcome::Skip
            }
            outcome::Outcome::Error { reason, known } => {
                shape.reason = Some(reason.clone());
                shape.known = known.clone();
                Outcome::Error
            }
        };
        shape
    }
}

impl CaseResult {
    /// The result, or what contradicts itself in it.
    pub fn into_report(
        self,
        cases: &HashMap<String, Arc<report::AskedCase>>,
    ) -> Result<report::CaseResult, String> {
        let id = self.case.clone();
        let wrong = |what: &str| {
            Err(format!(
                "the report is wrong at the result of `{id}`: {what}"
            ))
        };
        let Some(case) = cases.get(&id) else {
            return wrong("the report has no such case");
        };
        let outcome = match self.outcome() {
            Ok(outcome) => outcome,
            Err(what) => return wrong(what),
        };
        let failing = match self.failing.map(|failing| failing.into_report(case)) {
            None => None,
            Some(Ok(failing)) => Some(failing),
            Some(Err(what)) => return wrong(&what),
        };
        Ok(report::CaseResult {
            case: Arc::clone(case),
            outcome,
            n_deliveries: self.deliveries,
            n_deviating: self.deviating,
            failing,
        })
    }

    fn outcome(&self) -> Result<outcome::Outcome, &'static str> {
        let reason = || self.reason.clone().ok_or("its outcome has no reason");
        Ok(match self.outcome {
            Outcome::Pass => outcome::Outcome::Pass,
            Outcome::Fail => outcome::Outcome::Fail,
            Outcome::Warn => outcome::Outcome::Warn,
            Outcome::Recorded => outcome::Outcome::Recorded,
            Outcome::KnownFailure => outcome::Outcome::KnownFailure {
                reason: reason()?,
                kind: self.kind.ok_or("its known failure has no kind")?.into(),
                issue: self.issue.clone(),
                level: self
                    .known_failure_level
                    .ok_or("its known failure has no level")?
                    .into(),
            },
            Outcome::UnexpectedPass => outcome::Outcome::UnexpectedPass { reason: reason()? },
            Outcome::Skip => outcome::Outcome::Skip { reason: reason()? },
            Outcome::Error => outcome::Outcome::Error {
                reason: reason()?,
                known: self.known.clone(),
            },
        })
    }
}

impl Failing {
    fn of(case: &report::AskedCase, result: &report::FailingResult) -> Self {
        let sweep::Failing {
            delivery,
            observation,
            mismatches,
            level,
        } = &result.failing;
        let beside = Beside {
            answer: case.expected(),
            observation,
        };
        Self {
            delivery: delivery.into(),
            level: (*level).into(),
            quirk: result
                .quirk
                .clone()
                .map(|(name, sentence)| Quirk { name, sentence }),
            observed: observation.into(),
            mismatches: mismatches
                .iter()
                .map(|mismatch| Mismatch::of(mismatch, &beside))
                .collect(),
            exchange: result.exchange.iter().map(Line::from).collect(),
        }
    }

    fn into_report(self, case: &report::AskedCase) -> Result<report::FailingResult, String> {
        let observation = self.observed.into_report()?;
        let beside = Beside {
            answer: case.expected(),
            observation: &observation,
        };
        let mismatches = self.mismatches.into_iter();
        let mismatches = mismatches.map(|mismatch| mismatch.into_report(&beside));
        let mismatches = mismatches.collect::<Result<_, _>>()?;
        Ok(report::FailingResult {
            failing: sweep::Failing {
                delivery: self.delivery.into_report(&case.stream)?,
                observation,
                mismatches,
                level: self.level.into(),
            },
            exchange: self.exchange.into_iter().map(Line::into).collect(),
            quirk: self.quirk.map(|quirk| (quirk.name, quirk.sentence)),
        })
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl From<&report::Line> for Line {
    fn from(line: &report::Line) -> Self {
        Self {
            from: match line.from {
                report::Speaker::Harness => Speaker::Harness,
                report::Speaker::Target => Speaker::Target,
            },
            text: line.text.clone(),
        }
    }
}

impl From<Line> for report::Line {
    fn from(line: Line) -> Self {
        Self {
            from: match line.from {
                Speaker::Harness => report::Speaker::Harness,
                Speaker::Target => report::Speaker::Target,
            },
            text: line.text,
        }
    }
}

impl From<FailureKind> for Kind {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Bug => Self::Bug,
            FailureKind::ByDesign => Self::ByDesign,
        }
    }
}

impl From<Kind> for FailureKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bug => Self::Bug,
            Kind::ByDesign => Self::ByDesign,
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
