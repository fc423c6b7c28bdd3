//! A parser written in Rust, as a closure, held to the whole corpus inside `cargo test`.

use crate::baseline::Baseline;
use crate::corpus::Corpus;
use crate::delivery::Delivery;
use crate::event_stream::OwnedEvent;
use crate::observation::{Features, Observation, ObservedEvent, Parsed, Text, View};
use crate::outcome::{self, FailOn, Outcome};
use crate::verdict::parser;
use crate::verdict::sweep::Sweep;

/// Runs every case in every delivery through `parse`, which gets the chunks of one stream and returns its events.
///
/// `known_failures` is the text of a known-failures.yaml, perhaps empty: what it covers must deviate, all else must not.
/// A parser that keeps no last event ID leaves it empty and runs [`check_without_ids`].
///
/// # Panics
///
/// If anything deviates that is not known, or conforms although it is said to deviate; the message lists the cases.
#[track_caller]
pub fn check(known_failures: &str, parse: impl FnMut(&[&[u8]]) -> Vec<OwnedEvent>) {
    report(&run(known_failures, View::Stream, parse));
}

/// As [`check`], for a parser whose events carry no last event ID.
///
/// # Panics
///
/// As [`check`].
#[track_caller]
pub fn check_without_ids(known_failures: &str, parse: impl FnMut(&[&[u8]]) -> Vec<OwnedEvent>) {
    report(&run(known_failures, View::None, parse));
}

#[track_caller]
fn report(bad: &[String]) {
    let shown = bad
        .iter()
        .take(20)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        bad.is_empty(),
        "{} cases are not as expected:\n{shown}",
        bad.len()
    );
}

/// The cases whose outcome is bad, a line each.
fn run(
    known_failures: &str,
    last_event_id: View,
    mut parse: impl FnMut(&[&[u8]]) -> Vec<OwnedEvent>,
) -> Vec<String> {
    let baseline = match Baseline::parse("known failures", known_failures) {
        Ok(baseline) => baseline,
        Err(fault) => return vec![fault.to_string()],
    };
    let features = Features {
        last_event_id,
        reconnection_time: View::None,
        progress: false,
        ..Features::FULL
    };
    let corpus = Corpus::embedded();
    let mut outcomes = Vec::new();
    let mut bad = Vec::new();
    for case in &corpus.cases {
        let Some(parser_case) = case.parser() else {
            continue;
        };
        let mut sweep = Sweep::new(case.level);
        for delivery in parser_case.deliveries(0) {
            let observation = observe(&delivery, &mut parse);
            let verdict = parser::judge(parser_case, &delivery, &features, &observation);
            sweep.add(&delivery, &observation, verdict);
        }
        let outcome = outcome::settle(&sweep, baseline.entry(&case.id), true);
        if outcome.is_bad(FailOn::Fail) {
            bad.push(match (&outcome, sweep.failing()) {
                (_, Some(failing)) => format!(
                    "{}@{}: {} ({:?})",
                    case.id,
                    failing.delivery.cutting,
                    case.why,
                    failing.mismatches.first()
                ),
                (outcome, None) => format!("{}: {outcome:?}", case.id),
            });
        }
        outcomes.push((case.id.as_str(), outcome));
    }
    let outcomes: Vec<(&str, &Outcome)> = outcomes
        .iter()
        .map(|(id, outcome)| (*id, outcome))
        .collect();
    let stale = outcome::stale(&baseline, &outcomes);
    bad.extend(stale.iter().map(|entry| {
        format!(
            "{}: nothing it covers deviates any more",
            entry.glob.as_str()
        )
    }));
    bad
}

fn observe(
    delivery: &Delivery,
    parse: &mut impl FnMut(&[&[u8]]) -> Vec<OwnedEvent>,
) -> Observation {
    let chunks: Vec<&[u8]> = delivery.chunks().collect();
    let event = |event: OwnedEvent| ObservedEvent {
        event_type: Some(Text::from(event.event_type)),
        data: Some(Text::from(event.data)),
        last_event_id: Some(Text::from(event.last_event_id)),
        reconnection_time: None,
        chunk: None,
    };
    let events = parse(&chunks).into_iter().map(event).collect();
    Observation::Parsed(Parsed {
        events,
        ..Parsed::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_stream::Parser;

    fn reference(chunks: &[&[u8]]) -> Vec<OwnedEvent> {
        let mut parser = Parser::new();
        chunks.iter().flat_map(|chunk| parser.feed(chunk)).collect()
    }

    #[test]
    fn the_reference_passes() {
        check("", reference);
    }

    #[test]
    fn a_parser_that_loses_events_is_caught() {
        let bad = run("", View::Stream, |chunks| {
            reference(chunks).into_iter().skip(1).collect()
        });
        assert!(bad.len() > 100, "only {} cases notice", bad.len());
    }

    #[test]
    fn a_known_failure_that_passes_is_bad() {
        let known = "- match: parser/fields/data/*\n  kind: bug\n  reason: \"none\"\n";
        assert_eq!(
            run(known, View::Stream, reference),
            ["parser/fields/data/*: nothing it covers deviates any more"]
        );
    }
}
