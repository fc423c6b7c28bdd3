//! The serialized shape of what was asked: the standard's requirements, and the cases with their streams and answers.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use super::result::Level;
use super::shape::Role;
use crate::case;
use crate::clause;
use crate::report;

/// See [`clause::Clause`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    id: String,
    anchor: String,
    roles: Vec<Role>,
    level: Level,
    observe: Vec<Observe>,
    requirement: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reading: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    untestable: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wpt: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Observe {
    Bytes,
    Network,
    Wire,
    Browser,
}

/// See [`report::AskedCase`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedCase {
    id: String,
    role: Role,
    why: String,
    clauses: Vec<String>,
    level: Level,
    /// The stream.
    base64: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cuts: Option<Vec<usize>>,
    answers: Vec<Answer>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    events: Vec<Event>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_last_event_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_reconnection_time: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    r#type: String,
    data: String,
    last_event_id: String,
    names_last_event_id: bool,
}

impl From<&clause::Clause> for Clause {
    fn from(clause: &clause::Clause) -> Self {
        let observe = |observe: &clause::Observe| match observe {
            clause::Observe::Bytes => Observe::Bytes,
            clause::Observe::Network => Observe::Network,
            clause::Observe::Wire => Observe::Wire,
            clause::Observe::Browser => Observe::Browser,
        };
        Self {
            id: clause.id.clone(),
            anchor: clause.anchor.clone(),
            roles: clause.roles.iter().map(|&role| role.into()).collect(),
            level: clause.level.into(),
            observe: clause.observe.iter().map(observe).collect(),
            requirement: clause.requirement.clone(),
            reading: clause.reading,
            basis: clause.basis.clone(),
            against: clause.against.clone(),
            untestable: clause.untestable.clone(),
            wpt: clause.wpt.clone(),
        }
    }
}

impl From<Clause> for clause::Clause {
    fn from(clause: Clause) -> Self {
        let observe = |observe| match observe {
            Observe::Bytes => clause::Observe::Bytes,
            Observe::Network => clause::Observe::Network,
            Observe::Wire => clause::Observe::Wire,
            Observe::Browser => clause::Observe::Browser,
        };
        Self {
            id: clause.id,
            anchor: clause.anchor,
            roles: clause.roles.into_iter().map(Role::into).collect(),
            level: clause.level.into(),
            observe: clause.observe.into_iter().map(observe).collect(),
            requirement: clause.requirement,
            reading: clause.reading,
            basis: clause.basis,
            against: clause.against,
            untestable: clause.untestable,
            wpt: clause.wpt,
        }
    }
}

impl From<&report::AskedCase> for AskedCase {
    fn from(case: &report::AskedCase) -> Self {
        Self {
            id: case.id.clone(),
            role: case.role.into(),
            why: case.why.clone(),
            clauses: case.clauses.clone(),
            level: case.level.into(),
            base64: BASE64_STANDARD.encode(&case.stream),
            cuts: case.cuts.clone(),
            answers: case.answers.iter().map(Answer::from).collect(),
        }
    }
}

impl AskedCase {
    /// The case, or what contradicts itself in it.
    pub fn into_report(self) -> Result<report::AskedCase, String> {
        let wrong = |what: &str| format!("the report is wrong at the case `{}`: {what}", self.id);
        if self.clauses.is_empty() || self.answers.is_empty() {
            return Err(wrong("it has no clause or no answer"));
        }
        let stream = BASE64_STANDARD.decode(&self.base64);
        let stream = stream.map_err(|error| wrong(&format!("its stream: {error}")))?;
        Ok(report::AskedCase {
            role: self.role.into(),
            why: self.why,
            clauses: self.clauses,
            level: self.level.into(),
            stream: stream.into(),
            cuts: self.cuts,
            answers: self.answers.into_iter().map(Answer::into).collect(),
            id: self.id,
        })
    }
}

impl From<&case::Answer> for Answer {
    fn from(answer: &case::Answer) -> Self {
        let event = |event: &case::ExpectedEvent| Event {
            r#type: event.event_type.clone(),
            data: event.data.clone(),
            last_event_id: event.last_event_id.clone(),
            names_last_event_id: event.names_last_event_id,
        };
        Self {
            reason: answer.reason.clone(),
            events: answer.events.iter().map(event).collect(),
            end_last_event_id: answer.end.last_event_id.clone(),
            end_reconnection_time: answer.end.reconnection_time.clone(),
        }
    }
}

impl From<Answer> for case::Answer {
    fn from(answer: Answer) -> Self {
        let event = |event: Event| case::ExpectedEvent {
            event_type: event.r#type,
            data: event.data,
            last_event_id: event.last_event_id,
            names_last_event_id: event.names_last_event_id,
        };
        Self {
            reason: answer.reason,
            events: answer.events.into_iter().map(event).collect(),
            end: case::ExpectedEnd {
                last_event_id: answer.end_last_event_id,
                reconnection_time: answer.end_reconnection_time,
            },
        }
    }
}
