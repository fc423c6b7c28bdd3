//! A server case against what a server did: events, head, order, ends.

mod events;
mod fields;
mod head;
mod matching;
mod own;
mod wire;

use super::{Mismatch, NotShown, Verdict};
use crate::case::server::{Check, Emitted, Retry, ServerCase, Then, shortened};
use crate::observation::server::{BodyEnd, Head, Heartbeat, ServerRun, Side};
use crate::observation::{Features, ObservedEvent, Text, View};

/// What is said of an answer that came only when the stream was stopped.
const LATE: &str = "nothing of its answer came until the stream was stopped, and then it came: something holds it back";

/// What rules a case out before the target is asked.
pub fn not_shown(case: &ServerCase, features: &Features) -> Option<NotShown> {
    let offers = &features.offers;
    let any = |is_so: fn(&Emitted) -> bool| case.events.iter().any(is_so);
    let is_text = |event: &Emitted| matches!(event.retry, Some(Retry::Text(_)));
    let is_number = |event: &Emitted| matches!(event.retry, Some(Retry::Number(_)));
    let without_data =
        |event: &Emitted| event.data.is_none() && (event.is_heard() || event.event_type.is_some());
    [
        (
            any(|event| event.event_type.is_some()) && !offers.event_type,
            NotShown::Emitting("an event type"),
        ),
        (
            any(|event| event.id.is_some()) && !offers.id,
            NotShown::Emitting("an id"),
        ),
        (
            any(is_number) && !offers.retry,
            NotShown::Emitting("a retry"),
        ),
        (
            any(is_text) && !offers.retry_text,
            NotShown::Emitting("a retry that is a text"),
        ),
        (
            any(|event| event.comment.is_some()) && !offers.comment,
            NotShown::Emitting("a comment"),
        ),
        (
            any(without_data) && !offers.without_data,
            NotShown::Emitting("an event without data"),
        ),
        (!offers_heartbeat(case, features), NotShown::Heartbeat),
        (case.timeout.is_some() && !offers.timeout, NotShown::Timeout),
        (case.leaves() && !offers.disconnects, NotShown::Disconnects),
        (
            case.checks(Check::LastEventId) && features.last_event_id == View::None,
            NotShown::LastEventId,
        ),
        (
            !case.answer_headers.is_empty() && !offers.headers,
            NotShown::AnswerHeaders,
        ),
        (case.status.is_some() && !offers.status, NotShown::Status),
        (
            case.n_clients > 1 && offers.at_once == Some(1),
            NotShown::AtOnce,
        ),
    ]
    .into_iter()
    .find_map(|(is_missing, what)| is_missing.then_some(what))
}

/// An interval of the implementation's own does where only the heartbeats are looked at.
fn offers_heartbeat(case: &ServerCase, features: &Features) -> bool {
    match features.offers.heartbeat {
        Some(Heartbeat::Set) => true,
        Some(Heartbeat::Own(_)) => case.heartbeat.is_none() || case.checks(Check::Heartbeat),
        None => case.heartbeat.is_none(),
    }
}

/// Judges one run.
pub fn judge(case: &ServerCase, run: &ServerRun) -> Verdict {
    let mut mismatches = Vec::new();
    for (client, side) in run.sides.iter().enumerate() {
        let several = case.n_clients > 1;
        let place = several.then_some(client);
        let mut say = |sentence: String| {
            mismatches.push(Mismatch::Exchange {
                request: place,
                sentence,
            });
        };
        for &check in &case.checks {
            look_at(check, case, side, &mut say);
        }
        if !case.is_head {
            mismatches.extend(stream(case, side, place));
        }
    }
    // An injection is said first, whatever else is wrong.
    mismatches.sort_by_key(|mismatch| match mismatch {
        Mismatch::Emitted { class, .. } => Some(*class),
        _ => None,
    });
    mismatches.sort_by_key(|mismatch| !mismatch.is_injection());
    if mismatches.is_empty() {
        Verdict::Conforms
    } else {
        Verdict::Deviates(mismatches)
    }
}

/// The events that a client makes of a body, the first of them; long texts are cut.
pub fn heard(body: &[u8]) -> Vec<ObservedEvent> {
    let text = |text: &str| Some(Text::from(shortened(text)));
    wire::events(body)
        .iter()
        .filter(|event| event.data != crate::case::server::SENTINEL)
        .take(crate::case::server::N_SHOWN)
        .map(|event| ObservedEvent {
            event_type: text(&event.event_type),
            data: text(&event.data),
            last_event_id: text(&event.last_event_id),
            ..ObservedEvent::default()
        })
        .collect()
}

/// What holds for every stream: it is HTTP, it is there, and the events in it are those that were emitted.
fn stream(case: &ServerCase, side: &Side, place: Option<usize>) -> Vec<Mismatch> {
    let exchange = |sentence: String| Mismatch::Exchange {
        request: place,
        sentence,
    };
    if let (BodyEnd::Fault(sentence), true) = (&side.end, side.body.is_empty()) {
        return vec![exchange(sentence.clone())];
    }
    let fails_first = case.then == Then::Fail && case.events.is_empty();
    if let (true, None, BodyEnd::Cut(_)) = (fails_first, &side.head, &side.end) {
        // No answer at all tells that something went wrong.
        return Vec::new();
    }
    let Some(head) = &side.head else {
        let BodyEnd::Cut(how) = &side.end else {
            return vec![exchange("no answer came".to_owned())];
        };
        // A server that writes its head with the first event can refuse that event in no other way.
        let mismatches = events::compare(&case.emitted(), side, false);
        return match mismatches.is_empty() {
            true => vec![exchange(how.clone())],
            false => mismatches,
        };
    };
    if case.status.is_some() || fails_first && head.status >= 500 {
        // There is no stream.
        return Vec::new();
    }
    if head.status != 200 {
        return vec![exchange(format!(
            "its status is {}, so clients give up",
            head.status
        ))];
    }
    if side.came_late {
        return vec![exchange(LATE.to_owned())];
    }
    let mut emitted = case.emitted();
    if case.leaves() {
        emitted.truncate(1);
    }
    let looks_for_added = case.checks(Check::NothingAdded);
    let mut mismatches = events::compare(&emitted, side, looks_for_added);
    if case.then == Then::Fail && !mismatches.is_empty() {
        // What was emitted right before the application failed may go with it.
        emitted.pop();
        let without_last = events::compare(&emitted, side, looks_for_added);
        if without_last.len() < mismatches.len() {
            mismatches = without_last;
        }
    }
    if let BodyEnd::Fault(sentence) = &side.end {
        mismatches.push(exchange(sentence.clone()));
    }
    mismatches
}

fn look_at(check: Check, case: &ServerCase, side: &Side, say: &mut dyn FnMut(String)) {
    let answer = side.head.as_ref();
    let of_head = |look: fn(&Head) -> Option<String>| answer.and_then(look);
    let sentence = match check {
        Check::Status => of_head(|head| {
            (head.status != 200).then(|| format!("its status is {}, and should be 200", head.status))
        }),
        Check::ContentType => of_head(head::content_type),
        Check::Charset => of_head(head::charset),
        Check::CacheControl => of_head(head::cache_control),
        Check::Framing => of_head(head::framing),
        Check::Grammar => grammar(&side.body, &side.end),
        // Looked at with the events.
        Check::NothingAdded => None,
        Check::NoBody => match (&side.end, answer) {
            (BodyEnd::Fault(sentence), _) => Some(sentence.clone()),
            (_, None) => Some("no answer came to HEAD".to_owned()),
            _ => None,
        },
        Check::HeadersFirst => (side.head_came_first == Some(false)).then(|| {
            "its head came only with the first event, so that until then no client is open".to_owned()
        }),
        Check::Flush => held_back(side),
        Check::LastEventId => last_event_id(case, side),
        Check::Notices => side.noticed.is_none().then(|| {
            format!(
                "within {:.0} s the application was not told that the client had left",
                side.waited.as_secs_f64()
            )
        }),
        Check::Heartbeat => (side.n_heartbeats < side.n_heartbeats_due).then(|| {
            format!(
                "{} of {} heartbeats came while the application was silent",
                side.n_heartbeats, side.n_heartbeats_due
            )
        }),
        // Before the first event a status tells as well.
        Check::Broken if answer.is_some_and(|head| head.status >= 500) => None,
        Check::Broken => match side.end {
            BodyEnd::Complete => Some(
                "the stream ends as if it were complete, so that no client can tell".to_owned(),
            ),
            BodyEnd::Closed => Some(
                "the connection ends, which is all that tells the end here, so that no client can tell"
                    .to_owned(),
            ),
            BodyEnd::Open => Some("the stream stays open, and nothing more comes".to_owned()),
            _ => None,
        },
        Check::Ends => ends(case, side),
        Check::Headers => answer.and_then(|head| head::headers(case, head)),
        Check::Refusal => head::refusal(case, side),
    };
    if let Some(sentence) = sentence {
        say(sentence);
    }
}

fn ends(case: &ServerCase, side: &Side) -> Option<String> {
    match &side.end {
        BodyEnd::Open if case.then == Then::Close || case.timeout.is_some() => {
            Some("the stream stays open after it was ended".to_owned())
        }
        // After a timeout it is over however it ends; `broken` looks whether a client can tell.
        BodyEnd::Cut(how) if case.timeout.is_none() => {
            Some(format!("the stream breaks off: {how}"))
        }
        _ => None,
    }
}

fn grammar(body: &[u8], end: &BodyEnd) -> Option<String> {
    let is_over = matches!(end, BodyEnd::Complete | BodyEnd::Closed);
    // A body that is not over may have stopped within a character.
    if let Err(error) = std::str::from_utf8(body)
        && (is_over || error.error_len().is_some())
    {
        return Some(format!(
            "its body is no UTF-8 from byte {} on",
            error.valid_up_to()
        ));
    }
    let (_, is_open) = wire::blocks(body);
    (is_open && is_over).then(|| "its last block has no blank line after it".to_owned())
}

fn held_back(side: &Side) -> Option<String> {
    let n_held = side
        .emissions
        .iter()
        .filter(|emission| !emission.was_seen)
        .count();
    let first = side.emissions.iter().find(|emission| !emission.was_seen)?;
    Some(format!(
        "event {} was not on the wire when the next one was due, nor were {} others of {}",
        first.index + 1,
        n_held - 1,
        side.emissions.len()
    ))
}

fn last_event_id(case: &ServerCase, side: &Side) -> Option<String> {
    let sent = case
        .headers
        .iter()
        .find(|(name, _)| name == "last-event-id");
    let sent = sent.map(|(_, value)| String::from_utf8_lossy(value).into_owned())?;
    match &side.request {
        None => Some("the application was not told of the request".to_owned()),
        Some(Some(shown)) if shown.0 == sent.as_bytes() => None,
        Some(Some(shown)) => Some(format!(
            "the application is shown the last event ID {:?}, and {sent:?} was sent",
            String::from_utf8_lossy(&shown.0)
        )),
        Some(None) => Some(format!(
            "the application is shown no last event ID, and {sent:?} was sent"
        )),
    }
}

/// Judges a target that died or hung over a case.
pub fn lost(observation: &crate::observation::Observation) -> Verdict {
    super::client::lost(observation)
}

#[cfg(test)]
mod tests;
