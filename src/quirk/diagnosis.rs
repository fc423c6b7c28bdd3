//! A target's deviations to the quirks that deviate in the same way.

use std::sync::Arc;

use super::{Quirk, all, observe};
use crate::case::ParserCase;
use crate::delivery::{Cutting, Delivery};
use crate::observation::{EventTypeView, Features, Observation, Parsed, Text, View};
use crate::verdict::Verdict;
use crate::verdict::parser;

/// Longer streams are tried only with quirks that explain a shorter one: they cost a thousand times as much.
const SHORT: usize = 2 << 10;

/// For each deviation the quirk that explains it, if one does: of several the one that explains the most of all
/// deviations and contradicts the fewest cases that the target passes.
pub fn explain(
    deviations: &[(&Delivery, &Parsed)],
    passing: &[&ParserCase],
    features: &Features,
) -> Vec<Option<&'static Quirk>> {
    let is_short = |delivery: &Delivery| delivery.bytes().len() <= SHORT;
    let mut candidates: Vec<Candidate> = all()
        .iter()
        .map(|quirk| {
            let explains = |(delivery, parsed): &(&Delivery, &Parsed)| {
                is_short(delivery) && looks_alike(&observe(&[quirk], delivery), parsed, features)
            };
            Candidate {
                quirk,
                explained: deviations.iter().map(explains).collect(),
                score: 0,
            }
        })
        .filter(|candidate| {
            candidate.explained.contains(&true) || candidate.quirk.name.contains("64k")
        })
        .collect();
    for candidate in &mut candidates {
        for (explained, (delivery, parsed)) in candidate.explained.iter_mut().zip(deviations) {
            if !is_short(delivery) {
                *explained = looks_alike(&observe(&[candidate.quirk], delivery), parsed, features);
            }
        }
        let n_explained = candidate
            .explained
            .iter()
            .filter(|explained| **explained)
            .count();
        let n_contradicted = passing
            .iter()
            .filter(|case| contradicts(candidate.quirk, case))
            .count();
        candidate.score =
            i64::try_from(n_explained).unwrap_or(0) - i64::try_from(n_contradicted).unwrap_or(0);
    }
    // Stable: of equals, the one that stands first in the catalogue.
    candidates.sort_by_key(|candidate| -candidate.score);
    (0..deviations.len())
        .map(|index| {
            candidates
                .iter()
                .find(|candidate| candidate.explained[index])
                .map(|candidate| candidate.quirk)
        })
        .collect()
}

struct Candidate {
    quirk: &'static Quirk,
    explained: Vec<bool>,
    score: i64,
}

/// The quirk fails a case that the target passes.
fn contradicts(quirk: &'static Quirk, case: &ParserCase) -> bool {
    if case.stream.len() > SHORT {
        return false;
    }
    // Byte by byte shows the quirks that need a cut; other deliveries would add little and cost much.
    let cuts = (1..case.stream.len()).collect();
    let byte_by_byte = Delivery::new(Cutting::ByteByByte, Arc::clone(&case.stream), cuts);
    [Delivery::whole(Arc::clone(&case.stream)), byte_by_byte]
        .iter()
        .any(|delivery| {
            let observation = Observation::Parsed(observe(&[quirk], delivery));
            matches!(
                parser::judge(case, delivery, &Features::FULL, &observation),
                Verdict::Deviates(_)
            )
        })
}

/// Whether a target that shows only this much may have done what the model did.
fn looks_alike(model: &Parsed, target: &Parsed, features: &Features) -> bool {
    let same_type = |model: Option<&Text>, target: Option<&Text>| {
        let plain =
            |text: Option<&Text>| text.is_none_or(|text| text.0.is_empty() || text.0 == b"message");
        model == target
            || (features.event_type == EventTypeView::Raw && plain(model) && plain(target))
    };
    let sees_ids = features.last_event_id == View::Stream;
    let same_id = |model: Option<&Text>, target: Option<&Text>| {
        let is_empty = |text: Option<&Text>| text.is_none_or(|text| text.0.is_empty());
        !sees_ids || model == target || (is_empty(model) && is_empty(target))
    };
    model.events.len() == target.events.len()
        && model.error.is_some() == target.error.is_some()
        && model
            .events
            .iter()
            .zip(&target.events)
            .all(|(model, target)| {
                same_type(model.event_type.as_ref(), target.event_type.as_ref())
                    && model.data == target.data
                    && same_id(model.last_event_id.as_ref(), target.last_event_id.as_ref())
                    && (!features.progress || model.chunk == target.chunk)
            })
        && (!sees_ids
            || target.last_event_id.is_none()
            || model.last_event_id == target.last_event_id)
        && (features.reconnection_time != View::Stream
            || model.reconnection_time == target.reconnection_time)
}
