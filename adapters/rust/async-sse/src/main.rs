//! async-sse behind the adapter protocol.

use std::io;

use async_sse::Event::{Message, Retry};
use futures::executor;
use futures::stream::{self, TryStreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "async-sse",
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
    let bytes = stream::iter(delivery.chunks(&progress)).into_async_read();
    let mut items = async_sse::decode(bytes);
    loop {
        match executor::block_on(items.try_next()) {
            Ok(Some(Message(message))) => observation.events.push(Event {
                event_type: Some(message.name().clone()),
                last_event_id: message.id().clone(),
                data: Some(
                    String::from_utf8(message.into_bytes()).expect("lines are read as text"),
                ),
                chunk: Some(progress.chunk()),
                ..Event::default()
            }),
            // A message of its own between the events, so the last one tells what holds at the end.
            Ok(Some(Retry(time))) => observation.reconnection_time = Some(time.as_millis()),
            Ok(None) => break,
            Err(error) => {
                observation.error = Some(error.to_string());
                break;
            }
        }
    }
}
