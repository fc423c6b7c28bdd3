//! What a target did with one stream, in the words of a verdict, so that a model can be held to it.

use super::{Quirk, show};
use crate::case::ParserCase;
use crate::delivery::Delivery;
use crate::observation::{Features, Number, Observation, ObservedEvent, Parsed, Text};
use crate::verdict::parser;
use crate::verdict::{Mismatch, Part, Verdict};

/// Longer streams cost a thousand times as much: models are fitted to shorter ones.
pub const SHORT: usize = 2 << 10;

/// A stream and how a target deviates on it, if it does.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The stream and the reference's answer.
    pub case: ParserCase,
    /// How it was delivered.
    pub delivery: Delivery,
    /// Whose business the stream is, the most important first; none where nobody said.
    pub clauses: Vec<String>,
    deviation: Vec<Mismatch>,
    tells_last_event_id: bool,
    /// It shows events without data as such, and not with the empty string.
    tells_missing_data: bool,
    /// It shows events without an id as such, and not with the empty string.
    tells_missing_id: bool,
}

impl Sample {
    /// What a target that shows this much did with a delivery of the case's stream.
    pub fn new(
        case: ParserCase,
        delivery: Delivery,
        clauses: &[String],
        features: &Features,
        parsed: &Parsed,
    ) -> Self {
        let deviation = deviation(&case, &delivery, features, parsed.clone());
        Self {
            case,
            delivery,
            clauses: clauses.to_vec(),
            deviation,
            tells_last_event_id: parsed.last_event_id.is_some(),
            tells_missing_data: parsed.events.iter().any(|event| event.data.is_none()),
            tells_missing_id: parsed
                .events
                .iter()
                .any(|event| event.last_event_id.is_none()),
        }
    }

    /// A delivery that a target answered as the standard says; whether it tells the last event ID at the end.
    pub fn conforming(case: ParserCase, delivery: Delivery, tells_last_event_id: bool) -> Self {
        Self {
            case,
            delivery,
            clauses: Vec::new(),
            deviation: Vec::new(),
            tells_last_event_id,
            tells_missing_data: false,
            tells_missing_id: false,
        }
    }

    /// Whether the target told the last event ID string at the end of the stream.
    pub fn tells_last_event_id(&self) -> bool {
        self.tells_last_event_id
    }

    /// How the target deviates; nothing if it does not.
    pub fn deviation(&self) -> &[Mismatch] {
        &self.deviation
    }

    /// Whether the target deviates.
    pub fn deviates(&self) -> bool {
        !self.deviation.is_empty()
    }

    /// Whether an implementation with these quirks, and no other, would have looked the same.
    ///
    /// The same verdict decides on both, so what the target does not show can make no difference.
    pub fn is_explained_by(&self, quirks: &[&Quirk], features: &Features) -> bool {
        self.deviation_under(quirks, features) == self.deviation
    }

    /// How an implementation with these quirks would deviate here, as far as the target could show it.
    pub fn deviation_under(&self, quirks: &[&Quirk], features: &Features) -> Vec<Mismatch> {
        let mut parsed = show(quirks, &self.delivery, features);
        if !self.tells_last_event_id {
            parsed.last_event_id = None;
        }
        if !self.tells_missing_data {
            for event in &mut parsed.events {
                event.data.get_or_insert_with(|| Text::from(""));
            }
        }
        if !self.tells_missing_id {
            for event in &mut parsed.events {
                event.last_event_id.get_or_insert_with(|| Text::from(""));
            }
        }
        deviation(&self.case, &self.delivery, features, parsed)
    }

    /// Few bytes and few cuts first.
    pub fn size(&self) -> (usize, usize) {
        (self.delivery.bytes().len(), self.delivery.cuts().len())
    }
}

/// The mismatches of a verdict, without what says nothing of the parser: wordings, and ways to say that nothing is there.
fn deviation(
    case: &ParserCase,
    delivery: &Delivery,
    features: &Features,
    parsed: Parsed,
) -> Vec<Mismatch> {
    let observation = Observation::Parsed(parsed);
    match parser::judge(case, delivery, features, &observation) {
        Verdict::Deviates(mismatches) => mismatches.into_iter().map(canonical).collect(),
        Verdict::Conforms | Verdict::NotShown(_) => Vec::new(),
    }
}

fn canonical(mismatch: Mismatch) -> Mismatch {
    match mismatch {
        Mismatch::Error(_) => Mismatch::Error(Text::from("")),
        Mismatch::Event { index, parts } => Mismatch::Event {
            index,
            parts: parts.into_iter().map(canonical_part).collect(),
        },
        Mismatch::Unexpected { index, event } => Mismatch::Unexpected {
            index,
            event: ObservedEvent {
                event_type: something(event.event_type).filter(|text| text.0 != b"message"),
                data: something(event.data),
                last_event_id: something(event.last_event_id),
                reconnection_time: event.reconnection_time.map(tolerated),
                chunk: None,
            },
        },
        Mismatch::EndLastEventId { expected, observed } => Mismatch::EndLastEventId {
            expected,
            observed: something(observed),
        },
        Mismatch::EndReconnectionTime { expected, observed } => Mismatch::EndReconnectionTime {
            expected,
            observed: observed.map(tolerated),
        },
        other => other,
    }
}

fn canonical_part(part: Part) -> Part {
    match part {
        Part::EventType { expected, observed } => Part::EventType {
            expected,
            observed: something(observed).filter(|text| text.0 != b"message"),
        },
        Part::Data { expected, observed } => Part::Data {
            expected,
            observed: something(observed),
        },
        Part::LastEventId { expected, observed } => Part::LastEventId {
            expected,
            observed: something(observed),
        },
        Part::ReconnectionTime { expected, observed } => Part::ReconnectionTime {
            expected,
            observed: observed.map(tolerated),
        },
    }
}

/// One number for all that are too large to be exact: rounding them tells no quirk from another.
fn tolerated(time: Number) -> Number {
    let digits = time.as_str();
    // What a double makes of more than 308 digits.
    let is_infinite = digits == "Infinity";
    let is_whole = is_infinite || digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_exact = digits
        .parse()
        .is_ok_and(|time: u64| time < parser::EXACT_BELOW);
    if is_whole && !is_exact {
        Number::from(parser::EXACT_BELOW)
    } else {
        time
    }
}

fn something(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.0.is_empty())
}
