//! sse-parse behind the adapter protocol.

use std::io;

use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};
use sse_parse::SseParser;

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "sse-parse",
        version: env!("IMPLEMENTATION_VERSION"),
        features: Features {
            event_type: EventType::Default,
            last_event_id: Shown::Stream,
            reconnection_time: Shown::Stream,
            comments: false,
            progress: true,
        },
    };
    protocol::serve(&implementation, parse)
}

fn parse(delivery: &Delivery, observation: &mut Observation) {
    let mut parser = match &delivery.last_event_id {
        Some(last_event_id) => SseParser::with_last_event_id(last_event_id),
        None => SseParser::new(),
    };
    let progress = Progress::default();
    for chunk in delivery.chunks(&progress).flatten() {
        parser.feed(chunk);
        drain(&mut parser, &progress, observation);
    }
    parser.finish();
    drain(&mut parser, &progress, observation);
    observation.last_event_id = Some(parser.last_event_id().to_owned());
    observation.reconnection_time = parser.retry().map(|time| time.as_millis());
}

/// Takes the events that are complete; their `retry` is left, since the parser itself shows that of the stream.
fn drain(parser: &mut SseParser, progress: &Progress, observation: &mut Observation) {
    while let Some(event) = parser.next_event() {
        observation.events.push(Event {
            event_type: Some(event.event),
            data: Some(event.data),
            last_event_id: Some(event.id),
            chunk: Some(progress.chunk()),
            ..Event::default()
        });
    }
}
