//! sse-core behind the adapter protocol.

use std::io;
use std::sync::Arc;

use futures::executor;
use futures::stream::{self, StreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};
use sse_core::{SseEvent, SseStream};

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "sse-core",
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
    let progress = Progress::default();
    let last_event_id = delivery.last_event_id.as_deref().map(Arc::from);
    let mut items = SseStream::disconnected();
    items.attach_with_id(stream::iter(delivery.chunks(&progress)), last_event_id);
    while let Some(item) = executor::block_on(items.next()) {
        match item {
            Ok(SseEvent::Message(message)) => observation.events.push(Event {
                event_type: Some(message.event.into_owned()),
                data: Some(message.data),
                last_event_id: message.last_event_id.as_deref().map(str::to_owned),
                chunk: Some(progress.chunk()),
                ..Event::default()
            }),
            // A message of its own between the events, so the last one tells what holds at the end.
            Ok(SseEvent::Retry(time)) => observation.reconnection_time = Some(time.into()),
            Err(error) => {
                observation.error = Some(error.to_string());
                break;
            }
        }
    }
    // No id is how it says the empty string; the protocol's word for that is "", since absent means not shown.
    observation.last_event_id = Some(items.last_event_id().map_or("", |id| id).to_owned());
}
