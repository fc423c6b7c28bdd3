//! What conforms and what was observed, to rows of visible text that stand side by side.

use crate::case::{Answer, ExpectedEvent};
use crate::observation::{Number, Observation, ObservedEvent, Parsed, Text};
use crate::report::comparison::{index_of, sentences, shown_events};
use crate::report::escape;
use crate::verdict::Mismatch;
use crate::verdict::sweep::Failing;

/// How many columns a text may take before its end is left out.
const WIDTH: usize = 160;
/// How many events are shown before the equal ones around the first difference are left out.
const N_EVENTS: usize = 12;

/// Both sides, row by row, and what rows do not show.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Event by event, then the end of the stream.
    pub rows: Vec<Row>,
    /// What rows do not show, and a process's last words.
    pub notes: Vec<String>,
}

/// One line of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What is compared: "event 1", "at the end".
    pub label: String,
    /// An event's type, data and id, or one phrase; empty where rows are left out.
    pub expected: Vec<String>,
    /// The same of the target.
    pub observed: Vec<String>,
    /// They differ.
    pub differs: bool,
}

/// What conforms beside what a target did.
pub fn compare(expected: &Answer, failing: &Failing) -> Comparison {
    let nothing = Parsed::default();
    let (parsed, death) = match &failing.observation {
        Observation::Parsed(parsed) => (parsed, None),
        Observation::Crashed(death) | Observation::Hung(death) => (&nothing, Some(death)),
    };
    let mut rows = Vec::new();
    let mismatches = &failing.mismatches;
    let differs = |index| mismatches.iter().any(|m| index_of(m) == Some(index));
    let n_events = expected.events.len().max(parsed.events.len());
    let shown = shown_events(
        n_events,
        (0..n_events).find(|&index| differs(index)),
        N_EVENTS,
    );
    rows.extend(left_out(0, shown.start));
    for index in shown.clone() {
        let mut observed = parsed
            .events
            .get(index)
            .map_or_else(no_event, observed_parts);
        if mismatches.iter().any(|m| is_late(m, index)) {
            observed.push("(late)".to_owned());
        }
        rows.push(Row {
            label: format!("event {}", index + 1),
            expected: expected
                .events
                .get(index)
                .map_or_else(no_event, expected_parts),
            observed,
            differs: differs(index),
        });
    }
    rows.extend(left_out(shown.end, n_events));
    rows.extend(end(expected, mismatches, parsed));
    let mut notes: Vec<String> = mismatches
        .iter()
        .flat_map(|mismatch| sentences(mismatch, WIDTH))
        .collect();
    for line in death.iter().flat_map(|death| &death.log) {
        notes.push(format!("its log: {}", escape::shortened(line, WIDTH)));
    }
    Comparison { rows, notes }
}

/// What one allowed answer holds, on the expected side alone.
pub fn expected(answer: &Answer) -> Vec<Row> {
    let shown = shown_events(answer.events.len(), None, N_EVENTS);
    let event = |(index, event)| Row {
        label: format!("event {}", index + 1),
        expected: expected_parts(event),
        ..Row::default()
    };
    let mut rows: Vec<Row> = (answer.events.iter().enumerate())
        .take(shown.end)
        .map(event)
        .collect();
    rows.extend(left_out(shown.end, answer.events.len()));
    if let Some(id) = &answer.end.last_event_id {
        rows.push(Row {
            label: "last event ID at the end".to_owned(),
            expected: vec![quoted(id.as_bytes())],
            ..Row::default()
        });
    }
    if let Some(time) = &answer.end.reconnection_time {
        rows.push(Row {
            label: "reconnection time at the end".to_owned(),
            expected: vec![escape::prose(time)],
            ..Row::default()
        });
    }
    rows
}

fn left_out(start: usize, end: usize) -> Option<Row> {
    let n_events = escape::count(end.checked_sub(start).filter(|&n| n > 0)?);
    Some(Row {
        label: format!("{n_events} more"),
        ..Row::default()
    })
}

fn no_event() -> Vec<String> {
    vec!["(no event)".to_owned()]
}

fn quoted(text: &[u8]) -> String {
    escape::quoted(text, WIDTH)
}

fn expected_parts(event: &ExpectedEvent) -> Vec<String> {
    let mut parts = vec![
        event_type(event.event_type.as_bytes()),
        quoted(event.data.as_bytes()),
    ];
    parts.extend(id(event.last_event_id.as_bytes()));
    parts
}

fn observed_parts(event: &ObservedEvent) -> Vec<String> {
    let or = |text: &Option<Text>, shown: fn(&[u8]) -> String, none: &str| {
        text.as_ref()
            .map_or_else(|| none.to_owned(), |text| shown(&text.0))
    };
    let mut parts = vec![
        or(&event.event_type, event_type, "(no type)"),
        or(&event.data, quoted, "(no data)"),
    ];
    parts.extend(event.last_event_id.as_ref().and_then(|text| id(&text.0)));
    parts
}

/// A plain word stands without quotes.
fn event_type(text: &[u8]) -> String {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    if !text.is_empty() && text.len() <= 40 && text.iter().all(is_plain) {
        escape::bytes(text)
    } else {
        quoted(text)
    }
}

fn id(text: &[u8]) -> Option<String> {
    (!text.is_empty()).then(|| format!("id {}", quoted(text)))
}

/// The state at the end of the stream, and how an answer that never came failed.
fn end(expected: &Answer, mismatches: &[Mismatch], parsed: &Parsed) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(expected) = &expected.end.last_event_id {
        let differs = mismatches
            .iter()
            .any(|m| matches!(m, Mismatch::EndLastEventId { .. }));
        let observed = parsed.last_event_id.as_ref();
        rows.push(Row {
            label: "last event ID at the end".to_owned(),
            expected: vec![quoted(expected.as_bytes())],
            observed: vec![observed.map_or("(none)".to_owned(), |text| quoted(&text.0))],
            differs,
        });
    }
    if let Some(expected) = &expected.end.reconnection_time {
        let is_time = |m: &Mismatch| matches!(m, Mismatch::EndReconnectionTime { .. });
        let observed = parsed
            .reconnection_time
            .as_ref()
            .map_or("(none)", Number::as_str);
        rows.push(Row {
            label: "reconnection time at the end".to_owned(),
            expected: vec![escape::prose(expected)],
            observed: vec![escape::shortened(observed, WIDTH)],
            differs: mismatches.iter().any(is_time),
        });
    }
    for mismatch in mismatches {
        let (conforms, deviates) = match mismatch {
            Mismatch::Error(error) => ("no error", format!("error: {}", quoted(&error.0))),
            Mismatch::Crashes(how) => ("an answer", format!("crashes: {}", escape::prose(how))),
            Mismatch::Hangs(how) => ("an answer", format!("hangs: {}", escape::prose(how))),
            _ => continue,
        };
        rows.push(Row {
            label: "outcome".to_owned(),
            expected: vec![conforms.to_owned()],
            observed: vec![deviates],
            differs: true,
        });
    }
    rows
}

fn is_late(mismatch: &Mismatch, event: usize) -> bool {
    matches!(mismatch, Mismatch::Late { index, .. } if *index == event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::ExpectedEnd;

    fn answer(n_events: usize) -> Answer {
        let event = |number: usize| ExpectedEvent {
            event_type: "message".to_owned(),
            data: number.to_string(),
            last_event_id: String::new(),
            names_last_event_id: false,
        };
        Answer {
            reason: None,
            events: (0..n_events).map(event).collect(),
            end: ExpectedEnd::default(),
        }
    }

    #[test]
    fn of_many_events_those_around_the_first_difference_are_shown() {
        let failing = Failing {
            delivery: crate::delivery::Delivery::whole(b"".as_slice().into()),
            observation: Observation::Parsed(Parsed::default()),
            mismatches: vec![Mismatch::Missing { index: 50 }],
            level: crate::clause::Level::Must,
        };
        let rows = compare(&answer(100), &failing).rows;
        assert_eq!(rows.len(), N_EVENTS + 2);
        assert_eq!(rows[0].label, "48 more");
        assert!(rows[3].differs && rows[3].expected == ["message", "\"50\""]);
        assert_eq!(rows[N_EVENTS + 1].label, "40 more");
    }

    #[test]
    fn an_answer_alone_shows_its_events_and_its_end() {
        let mut answer = answer(1);
        answer.end.reconnection_time = Some("5".to_owned());
        let labels: Vec<String> = expected(&answer).into_iter().map(|row| row.label).collect();
        assert_eq!(labels, ["event 1", "reconnection time at the end"]);
    }
}
