//! Our own parser as one more target: a delivery to an observation.

use crate::delivery::Delivery;
use crate::event_stream::{Item, Parser};
use crate::observation::{Number, Observation, ObservedEvent, Parsed, Text};

/// What the reference makes of a delivery.
pub fn observe(delivery: &Delivery) -> Observation {
    let mut parser = Parser::new();
    let mut events = Vec::new();
    for (index, mut chunk) in delivery.chunks().enumerate() {
        while let Some(item) = parser.next(&mut chunk) {
            let Item::Event(event) = item else { continue };
            events.push(ObservedEvent {
                event_type: Some(Text::from(event.event_type)),
                data: Some(Text::from(event.data)),
                last_event_id: Some(Text::from(event.last_event_id)),
                reconnection_time: None,
                chunk: Some(index),
            });
        }
    }
    parser.end_of_stream();
    Observation::Parsed(Parsed {
        events,
        last_event_id: Some(Text::from(parser.last_event_id())),
        reconnection_time: parser
            .reconnection_time()
            .map(|time| Number::new(&time.as_millis().to_string())),
        error: None,
    })
}
