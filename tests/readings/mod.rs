//! What the literal parser makes of a delivery, as an observation.

use ssespec::delivery::Delivery;
use ssespec::event_stream::OwnedEvent;
use ssespec::event_stream::literal::Literal;
use ssespec::observation::{Number, ObservedEvent, Parsed};

/// With the chunk after which each event came.
pub fn by_literal(delivery: &Delivery) -> Parsed {
    let mut literal = Literal::default();
    let mut events = Vec::new();
    for (index, chunk) in delivery.chunks().enumerate() {
        let mut of_chunk = Vec::new();
        for &byte in chunk {
            literal.push(byte, &mut of_chunk);
        }
        events.extend(of_chunk.into_iter().map(|event| observed(event, index)));
    }
    parsed(events, &literal.last_event_id, literal.reconnection_time)
}

/// An event, and the chunk after which it came.
pub fn observed(event: OwnedEvent, chunk: usize) -> ObservedEvent {
    ObservedEvent {
        event_type: Some(event.event_type.into()),
        data: Some(event.data.into()),
        last_event_id: Some(event.last_event_id.into()),
        reconnection_time: None,
        chunk: Some(chunk),
    }
}

/// The observation of a whole stream.
pub fn parsed(
    events: Vec<ObservedEvent>,
    last_event_id: &str,
    milliseconds: Option<u64>,
) -> Parsed {
    Parsed {
        events,
        last_event_id: Some(last_event_id.into()),
        reconnection_time: milliseconds.map(Number::from),
        error: None,
    }
}
