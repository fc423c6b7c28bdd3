//! Two answers to the same request to what only both together show.

use std::time::Duration;

use super::arrival::Pattern;
use super::exchange::{End, Seen};
use super::finding::Findings;
use super::verdict::{count, time};

/// Less than this between first and last event shows nothing about holding back.
const SPREAD: Duration = Duration::from_millis(500);

/// What differs between two ways to the same stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Two addresses: what stands between them.
    Address,
    /// The same address, the second time without compression.
    Compression,
}

/// Compares the answer that users get with the one of the origin.
pub fn against(seen: &Seen, origin: &Seen, difference: Difference) -> Findings {
    let mut findings = Findings::default();
    if !origin.is_stream || origin.n_events == 0 {
        let why = match (&origin.end, &origin.head) {
            (End::Broken(sentence), _) => sentence.clone(),
            (_, Some(head)) if head.status != 200 => format!("status {}", head.status),
            _ => format!("{} there", count(origin.n_events, "event")),
        };
        findings.note("against.unusable", why);
        return findings;
    }
    let was_compressed = seen
        .head
        .as_ref()
        .is_some_and(|head| head.encoding().is_some());
    let is_plain = origin
        .head
        .as_ref()
        .is_some_and(|head| head.encoding().is_none());
    if is_held_back(seen, origin) {
        let id = match difference {
            Difference::Address => "delivery.held-back",
            Difference::Compression if was_compressed && is_plain => "delivery.compression-holds",
            // Twice the same request, and one of them was even: the cause is not shown.
            Difference::Compression => "delivery.bursts",
        };
        findings.note(id, side_by_side(seen, origin));
    } else if is_in_bursts(seen) && is_in_bursts(origin) {
        findings.note("delivery.producer-bursts", side_by_side(seen, origin));
    }
    if seen.n_events != origin.n_events {
        let detail = format!(
            "{} here, {} there",
            count(seen.n_events, "event"),
            origin.n_events
        );
        findings.note("against.differs", detail);
    }
    findings
}

/// Compares an answer with the one that came after a reconnect with its last event ID.
pub fn reconnect(seen: &Seen, again: &Seen) -> Findings {
    let mut findings = Findings::default();
    let status = again.head.as_ref().map_or(0, |head| head.status);
    if status == 204 {
        return findings;
    }
    if !again.is_stream || status != 200 {
        let why = match (&again.end, &again.head) {
            (End::Broken(sentence), None) => sentence.clone(),
            _ => format!("status {status}"),
        };
        findings.note("reconnect.refused", why);
    } else if seen.last_event_id.is_empty() {
        if seen.n_events > 0 {
            findings.note("reconnect.no-ids", String::new());
        }
    } else if let Some(id) = again.ids.iter().find(|id| seen.ids.contains(id))
        // The last event ID string stays with events that set none.
        && *id != seen.last_event_id
    {
        findings.note(
            "reconnect.no-resume",
            format!(
                "Last-Event-ID: {}, and then the event with id {id} again",
                seen.last_event_id
            ),
        );
    }
    findings
}

fn is_in_bursts(seen: &Seen) -> bool {
    matches!(seen.pattern, Pattern::Bursts { .. })
}

/// The origin's events come one by one, and here they come together or only when the origin's are all there.
fn is_held_back(seen: &Seen, origin: &Seen) -> bool {
    if is_in_bursts(origin) {
        return false;
    }
    if is_in_bursts(seen) && origin.pattern == Pattern::Even {
        return true;
    }
    let (Some((first, spread)), Some((origin_first, origin_spread))) = (span(seen), span(origin))
    else {
        return false;
    };
    origin.n_events >= 3
        && origin_spread >= SPREAD
        && spread * 5 <= origin_spread
        && first >= origin_first + origin_spread / 2
}

/// The first event, and how long it took from there to the last.
fn span(seen: &Seen) -> Option<(Duration, Duration)> {
    let (first, last) = (seen.arrival.first_event?, seen.arrival.last_event?);
    Some((first, last - first))
}

fn side_by_side(seen: &Seen, origin: &Seen) -> String {
    let of = |seen: &Seen| {
        let first = seen.arrival.first_event.unwrap_or_default();
        let pattern = match seen.pattern {
            Pattern::Bursts { n: 1, .. } => "all at once".to_owned(),
            Pattern::Bursts { n, .. } => format!("in {n} bursts"),
            Pattern::Even => "evenly".to_owned(),
            Pattern::Unknown => {
                let (_, spread) = span(seen).unwrap_or_default();
                format!("within {}", time(spread))
            }
        };
        format!(
            "{} {pattern}, the first after {}",
            count(seen.n_events, "event"),
            time(first)
        )
    };
    format!("here {}; there {}", of(seen), of(origin))
}
