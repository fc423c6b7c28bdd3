//! sseer behind the adapter protocol.

use std::io;

use futures::executor;
use futures::stream::{self, StreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};
use sseer::EventStream;

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "sseer",
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
    let mut events = EventStream::new(stream::iter(delivery.owned_chunks(&progress)));
    if let Some(last_event_id) = &delivery.last_event_id {
        events.set_last_event_id(last_event_id.as_str());
    }
    while let Some(item) = executor::block_on(events.next()) {
        match item {
            Ok(event) => observation.events.push(Event {
                event_type: Some(event.event.to_string()),
                data: Some(event.data.to_string()),
                last_event_id: Some(event.id.to_string()),
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
    observation.last_event_id = Some(events.last_event_id().to_string());
}
