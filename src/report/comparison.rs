//! What conforms and what was observed, to what every comparison shows: which events, and sentences on what columns cannot show.

use std::ops::Range;

use super::escape;
use crate::observation::{Number, Text};
use crate::verdict::{Mismatch, Part};

/// The place of the event that a mismatch is about.
pub fn index_of(mismatch: &Mismatch) -> Option<usize> {
    match mismatch {
        Mismatch::Event { index, .. }
        | Mismatch::Missing { index }
        | Mismatch::Unexpected { index, .. }
        | Mismatch::Late { index, .. } => Some(*index),
        // Of a server's events only those with data stand in the columns, so no place is told.
        _ => None,
    }
}

/// The events to show: all, or `n_shown` around the first that differs.
pub fn shown_events(n_events: usize, first: Option<usize>, n_shown: usize) -> Range<usize> {
    if n_events <= n_shown {
        return 0..n_events;
    }
    let start = first.unwrap_or(0).saturating_sub(2).min(n_events - n_shown);
    start..start + n_shown
}

/// What columns do not show: lateness, a block's own time, where long texts part, the exchange of a client.
/// Texts whose differing parts fit into half of `width` columns need no sentence; none is longer than that.
pub fn sentences(mismatch: &Mismatch, width: usize) -> Vec<String> {
    let sentences = match mismatch {
        Mismatch::Late {
            index,
            complete,
            chunk,
        } => vec![format!(
            "event {}: complete after chunk {}, came out only after chunk {}",
            index.saturating_add(1),
            complete.saturating_add(1),
            chunk.saturating_add(1)
        )],
        Mismatch::Event { index, parts } => parts
            .iter()
            .filter_map(|part| part_sentence(index.saturating_add(1), part, width))
            .collect(),
        Mismatch::Exchange {
            request: Some(request),
            sentence,
        } => vec![format!("request {}: {sentence}", request + 1)],
        Mismatch::Exchange {
            request: None,
            sentence,
        } => vec![sentence.clone()],
        Mismatch::Emitted {
            class,
            index,
            sentence,
        } => {
            let event = index.map_or(String::new(), |index| {
                format!("event {}: ", index.saturating_add(1))
            });
            vec![format!("{}: {event}{sentence}", class.name())]
        }
        _ => Vec::new(),
    };
    let shortened = |text: String| escape::shortened(&text, width);
    sentences.into_iter().map(shortened).collect()
}

fn part_sentence(number: usize, part: &Part, width: usize) -> Option<String> {
    let (name, expected, observed): (_, &[u8], Option<&Text>) = match part {
        Part::EventType { expected, observed } => ("type", expected.as_bytes(), observed.as_ref()),
        Part::Data { expected, observed } => ("data", expected.as_bytes(), observed.as_ref()),
        Part::LastEventId { expected, observed } => (
            "id",
            expected.as_deref().unwrap_or_default().as_bytes(),
            observed.as_ref(),
        ),
        Part::ReconnectionTime { expected, observed } => {
            let expected = expected.map_or("none".to_owned(), |time| time.to_string());
            let observed = observed.as_ref().map_or("none", Number::as_str);
            return Some(format!(
                "event {number}: retry is {observed}, not {expected}"
            ));
        }
    };
    let Some(observed) = observed else {
        return Some(format!("event {number}: {name} is not there"));
    };
    if expected.len().max(observed.0.len()) + 16 <= width / 2 {
        return None;
    }
    let same = expected
        .iter()
        .zip(&observed.0)
        .take_while(|(a, b)| a == b)
        .count();
    let room = width.saturating_sub(60 + name.len()) / 2;
    let from = |text: &[u8]| escape::quoted(&text[same..], room.max(20));
    Some(format!(
        "event {number}: {name} parts at byte {}: {} ≠ {}",
        escape::count(same),
        from(expected),
        from(&observed.0)
    ))
}
