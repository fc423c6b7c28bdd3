//! eventsource-stream behind the adapter protocol.

use std::io;

use eventsource_stream::Eventsource;
use futures::executor;
use futures::stream::{self, StreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "eventsource-stream",
        version: env!("IMPLEMENTATION_VERSION"),
        features: Features {
            event_type: EventType::Default,
            last_event_id: Shown::Stream,
            reconnection_time: Shown::Block,
            comments: false,
            progress: true,
        },
    };
    protocol::serve(&implementation, parse)
}

fn parse(delivery: &Delivery, observation: &mut Observation) {
    let progress = Progress::default();
    let mut events = stream::iter(delivery.chunks(&progress)).eventsource();
    if let Some(last_event_id) = &delivery.last_event_id {
        events.set_last_event_id(last_event_id);
    }
    while let Some(item) = executor::block_on(events.next()) {
        match item {
            Ok(event) => observation.events.push(Event {
                event_type: Some(event.event),
                data: Some(event.data),
                last_event_id: Some(event.id),
                reconnection_time: event.retry.map(|time| time.as_millis()),
                chunk: Some(progress.chunk()),
                ..Event::default()
            }),
            Err(error) => {
                observation.error = Some(error.to_string());
                break;
            }
        }
    }
    observation.last_event_id = Some(events.last_event_id().to_owned());
}
