//! A parser case against what a parser made of one delivery, read through what the target can show.

use super::{Mismatch, NotShown, Part, Verdict};
use crate::case::{Answer, ExpectedEvent, ParserCase, TracedEvent};
use crate::delivery::Delivery;
use crate::observation::{
    EventTypeView, Features, Input, Number, Observation, ObservedEvent, Parsed, Text, View,
};

/// A larger reconnection time may be taken exactly, saturated, or ignored (reading 6): a double holds integers below this.
pub const EXACT_BELOW: u64 = 1 << 53;

/// What rules a case out before the target is asked.
pub fn not_shown(case: &ParserCase, clause: &str, features: &Features) -> Option<NotShown> {
    let about_decoding = clause.starts_with("decode.") && !clause.starts_with("decode.bom.");
    let reads_text = features.input == Input::Text;
    (reads_text && (about_decoding || std::str::from_utf8(&case.stream).is_err()))
        .then_some(NotShown::Decoder)
}

/// Judges one observation.
pub fn judge(
    case: &ParserCase,
    delivery: &Delivery,
    features: &Features,
    observation: &Observation,
) -> Verdict {
    let parsed = match observation {
        Observation::Parsed(parsed) => parsed,
        Observation::Crashed(death) => {
            return Verdict::Deviates(vec![Mismatch::Crashes(death.how.clone())]);
        }
        Observation::Hung(death) => {
            return Verdict::Deviates(vec![Mismatch::Hangs(death.how.clone())]);
        }
    };
    let mut nearest: Option<Vec<Mismatch>> = None;
    let mut hidden = None;
    for answer in &case.answers {
        let comparison = Comparison {
            case,
            answer,
            delivery,
            features,
        };
        let mismatches = comparison.mismatches(parsed);
        if mismatches.is_empty() {
            match comparison.hidden(parsed) {
                None => return Verdict::Conforms,
                Some(what) => hidden = Some(what),
            }
        }
        // The first answer is the plainest: a later one must be nearer to replace it.
        if nearest
            .as_ref()
            .is_none_or(|nearest| mismatches.len() < nearest.len())
        {
            nearest = Some(mismatches);
        }
    }
    match hidden {
        Some(what) => Verdict::NotShown(what),
        None => Verdict::Deviates(nearest.unwrap_or_default()),
    }
}

struct Comparison<'a> {
    case: &'a ParserCase,
    answer: &'a Answer,
    delivery: &'a Delivery,
    features: &'a Features,
}

impl Comparison<'_> {
    fn mismatches(&self, parsed: &Parsed) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        for index in 0..self.answer.events.len().max(parsed.events.len()) {
            match (self.answer.events.get(index), parsed.events.get(index)) {
                (Some(expected), Some(observed)) => {
                    self.event(index, expected, observed, &mut mismatches)
                }
                (Some(_), None) => mismatches.push(Mismatch::Missing { index }),
                (None, Some(event)) => mismatches.push(Mismatch::Unexpected {
                    index,
                    event: event.clone(),
                }),
                (None, None) => (),
            }
        }
        if let Some(error) = &parsed.error {
            mismatches.push(Mismatch::Error(error.clone()));
        }
        let end = &self.answer.end;
        if let (Some(expected), Shown::Is(observed)) =
            (&end.last_event_id, self.end_last_event_id(parsed))
            && !is_text(observed.as_ref(), expected)
        {
            mismatches.push(Mismatch::EndLastEventId {
                expected: expected.clone(),
                observed,
            });
        }
        if let (Some(expected), Shown::Is(observed)) =
            (&end.reconnection_time, self.end_reconnection_time(parsed))
            && observed.as_ref().map(Number::as_str) != Some(expected)
        {
            mismatches.push(Mismatch::EndReconnectionTime {
                expected: expected.clone(),
                observed,
            });
        }
        mismatches
    }

    fn event(
        &self,
        index: usize,
        expected: &ExpectedEvent,
        observed: &ObservedEvent,
        mismatches: &mut Vec<Mismatch>,
    ) {
        // A case that disputes the reference can hold more events than the trace.
        let traced = self.case.trace.events.get(index);
        let mut parts = Vec::new();
        let type_matches = match (&observed.event_type, self.features.event_type) {
            // An absent type is none of its own, whatever the target shows else.
            (None, _) => expected.event_type == "message",
            (Some(event_type), EventTypeView::Raw) if event_type.0.is_empty() => {
                expected.event_type == "message"
            }
            (observed, _) => is_text(observed.as_ref(), &expected.event_type),
        };
        if !type_matches {
            parts.push(Part::EventType {
                expected: expected.event_type.clone(),
                observed: observed.event_type.clone(),
            });
        }
        if !is_text(observed.data.as_ref(), &expected.data) {
            parts.push(Part::Data {
                expected: expected.data.clone(),
                observed: observed.data.clone(),
            });
        }
        parts.extend(self.last_event_id(expected, traced, observed));
        parts.extend(self.reconnection_time(traced, observed));
        if !parts.is_empty() {
            mismatches.push(Mismatch::Event { index, parts });
            return;
        }
        if let (true, Some(chunk), Some(traced)) = (self.features.progress, observed.chunk, traced)
        {
            let complete = self.delivery.chunk_before(traced.complete_at);
            if chunk > complete {
                mismatches.push(Mismatch::Late {
                    index,
                    complete,
                    chunk,
                });
            }
        }
    }

    fn last_event_id(
        &self,
        expected: &ExpectedEvent,
        traced: Option<&TracedEvent>,
        observed: &ObservedEvent,
    ) -> Option<Part> {
        let expected = match (self.features.last_event_id, traced) {
            (View::None, _) | (View::Block, None) => return None,
            (View::Stream, _) => Some(expected.last_event_id.clone()),
            (View::Block, Some(traced)) => traced.own_id.clone(),
        };
        let observed = observed.last_event_id.as_ref();
        // Without an id of its own, absent, null and "" say the same; an empty id resets and must not be absent.
        let matches = match &expected {
            Some(id) if id.is_empty() && self.features.last_event_id == View::Stream => {
                is_empty(observed)
            }
            Some(id) => is_text(observed, id),
            None => is_empty(observed),
        };
        (!matches).then(|| Part::LastEventId {
            expected,
            observed: observed.cloned(),
        })
    }

    fn reconnection_time(
        &self,
        traced: Option<&TracedEvent>,
        observed: &ObservedEvent,
    ) -> Option<Part> {
        // Where the standard leaves room for several times, only the end state is compared.
        let is_large = |time: u64| time >= EXACT_BELOW;
        let is_settled = self.case.answers.len() == 1
            && !traced.is_some_and(|traced| traced.own_retry.is_some_and(is_large));
        let (View::Block, Some(traced), true) =
            (self.features.reconnection_time, traced, is_settled)
        else {
            return None;
        };
        let observed = observed.reconnection_time.clone();
        (observed != traced.own_retry.map(Number::from)).then_some(Part::ReconnectionTime {
            expected: traced.own_retry,
            observed,
        })
    }

    /// What the case is about and the target does not show.
    fn hidden(&self, parsed: &Parsed) -> Option<NotShown> {
        let end = &self.answer.end;
        let events = self.answer.events.iter().zip(&self.case.trace.events);
        let kept_from_earlier = |(expected, traced): (&ExpectedEvent, &TracedEvent)| {
            expected.names_last_event_id && traced.own_id.as_ref() != Some(&expected.last_event_id)
        };
        let id_in_events_is_hidden = match self.features.last_event_id {
            View::Stream => false,
            View::Block => events.into_iter().any(kept_from_earlier),
            View::None => self
                .answer
                .events
                .iter()
                .any(|event| event.names_last_event_id),
        };
        let id_at_end_is_hidden =
            end.last_event_id.is_some() && matches!(self.end_last_event_id(parsed), Shown::Hidden);
        if id_in_events_is_hidden || id_at_end_is_hidden {
            return Some(NotShown::LastEventId);
        }
        let time_is_hidden = end.reconnection_time.is_some()
            && matches!(self.end_reconnection_time(parsed), Shown::Hidden);
        time_is_hidden.then_some(NotShown::ReconnectionTime)
    }

    /// The last event ID string at the end: as the target told it, or as its events imply it.
    fn end_last_event_id(&self, parsed: &Parsed) -> Shown<Text> {
        if self.features.last_event_id == View::Stream && parsed.last_event_id.is_some() {
            return Shown::Is(parsed.last_event_id.clone());
        }
        if self.features.last_event_id == View::None || self.case.trace.id_outside_events {
            return Shown::Hidden;
        }
        let nothing = || Some(Text::from(""));
        Shown::Is(match self.features.last_event_id {
            View::Stream => match parsed.events.last() {
                Some(event) => event.last_event_id.clone().or_else(nothing),
                None => nothing(),
            },
            _ => self.last_own_id(parsed).cloned().or_else(nothing),
        })
    }

    /// The last id that a block of its own gave. An empty one counts only where the block has an `id` field:
    /// elsewhere absent, null and "" say the same.
    fn last_own_id<'p>(&self, parsed: &'p Parsed) -> Option<&'p Text> {
        let own_id = |index: usize| {
            let traced = self.case.trace.events.get(index);
            traced.and_then(|traced| traced.own_id.as_ref())
        };
        let events = parsed.events.iter().enumerate().rev();
        let mut ids = events.filter_map(|(index, event)| {
            let id = event.last_event_id.as_ref()?;
            (!id.0.is_empty() || own_id(index).is_some()).then_some(id)
        });
        ids.next()
    }

    fn end_reconnection_time(&self, parsed: &Parsed) -> Shown<Number> {
        match self.features.reconnection_time {
            View::Stream => Shown::Is(parsed.reconnection_time.clone()),
            View::Block if !self.case.trace.retry_outside_events => Shown::Is(
                parsed
                    .events
                    .iter()
                    .rev()
                    .find_map(|event| event.reconnection_time.clone()),
            ),
            View::Block | View::None => Shown::Hidden,
        }
    }
}

/// A piece of state, as far as a target shows it.
enum Shown<T> {
    Is(Option<T>),
    Hidden,
}

fn is_text(observed: Option<&Text>, expected: &str) -> bool {
    observed.is_some_and(|text| text.0 == expected.as_bytes())
}

fn is_empty(observed: Option<&Text>) -> bool {
    observed.is_none_or(|text| text.0.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::Level;
    use crate::corpus::replay;

    fn event(event_type: Option<&str>, last_event_id: Option<&str>) -> ObservedEvent {
        ObservedEvent {
            event_type: event_type.map(Text::from),
            data: Some(Text::from("a")),
            last_event_id: last_event_id.map(Text::from),
            ..ObservedEvent::default()
        }
    }

    fn judged(stream: &str, features: &Features, parsed: Parsed) -> Verdict {
        let case = replay::case(stream.as_bytes().into());
        let delivery = Delivery::whole(case.stream.clone());
        judge(&case, &delivery, features, &Observation::Parsed(parsed))
    }

    #[test]
    fn an_absent_type_is_none_of_the_events_own() {
        let conforms = |stream: &str, view: EventTypeView, shown: Option<&str>| {
            let features = Features {
                event_type: view,
                ..Features::default()
            };
            let parsed = Parsed {
                events: vec![event(shown, None)],
                ..Parsed::default()
            };
            // What is not shown of the end is no matter here.
            !matches!(judged(stream, &features, parsed), Verdict::Deviates(_))
        };
        let (plain, typed) = ("data: a\n\n", "event: x\ndata: a\n\n");
        for view in [EventTypeView::Default, EventTypeView::Raw] {
            assert!(conforms(plain, view, None));
            assert!(conforms(plain, view, Some("message")));
            assert!(conforms(typed, view, Some("x")));
            assert!(!conforms(typed, view, None));
            assert!(!conforms(plain, view, Some("x")));
        }
        assert!(conforms(plain, EventTypeView::Raw, Some("")));
        assert!(!conforms(plain, EventTypeView::Default, Some("")));
    }

    #[test]
    fn events_do_not_show_what_became_of_an_id_that_is_not_committed() {
        let shown = |features: &Features, id: Option<&str>| {
            let parsed = Parsed {
                events: vec![event(Some("message"), Some("1"))],
                last_event_id: id.map(Text::from),
                ..Parsed::default()
            };
            judged("id: 1\ndata: a\n\nid: 2\n", features, parsed)
        };
        let not_shown = Verdict::NotShown(NotShown::LastEventId);
        assert_eq!(shown(&Features::FULL, None), not_shown);
        assert_eq!(shown(&Features::FULL, Some("1")), Verdict::Conforms);
        let committed = Mismatch::EndLastEventId {
            expected: "1".to_owned(),
            observed: Some(Text::from("2")),
        };
        let deviates = Verdict::Deviates(vec![committed]);
        assert_eq!(shown(&Features::FULL, Some("2")), deviates);
        let block = Features {
            last_event_id: View::Block,
            ..Features::FULL
        };
        assert_eq!(shown(&block, None), not_shown);
    }

    #[test]
    fn an_event_is_late_where_its_blank_line_came_in_an_earlier_chunk() {
        let case = replay::case(b"data: a\n\n:\n".as_slice().into());
        let cutting = crate::delivery::Cutting::ByteByByte;
        let delivery = Delivery::new(cutting, case.stream.clone(), (1..12).collect());
        let came_after = |chunk: usize| {
            let parsed = Parsed {
                events: vec![ObservedEvent {
                    chunk: Some(chunk),
                    ..event(Some("message"), Some(""))
                }],
                last_event_id: Some(Text::from("")),
                ..Parsed::default()
            };
            judge(
                &case,
                &delivery,
                &Features::FULL,
                &Observation::Parsed(parsed),
            )
        };
        assert_eq!(came_after(8), Verdict::Conforms);
        let Verdict::Deviates(mismatches) = came_after(9) else {
            panic!("it is late");
        };
        let levels: Vec<Level> = mismatches.iter().map(|m| m.level(Level::Must)).collect();
        assert_eq!(levels, [Level::Should]);
    }
}
