//! sse-codec behind the adapter protocol.

use std::io;

use futures::executor;
use futures::stream::{self, TryStreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "sse-codec",
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
    let mut items = sse_codec::decode_stream(bytes);
    loop {
        match executor::block_on(items.try_next()) {
            Ok(Some(sse_codec::Event::Message { id, event, data })) => {
                observation.events.push(Event {
                    event_type: Some(event),
                    data: Some(data),
                    last_event_id: id,
                    chunk: Some(progress.chunk()),
                    ..Event::default()
                })
            }
            // A message of its own between the events, so the last one tells what holds at the end.
            Ok(Some(sse_codec::Event::Retry { retry })) => {
                observation.reconnection_time = Some(retry.into())
            }
            Ok(None) => break,
            Err(error) => {
                observation.error = Some(error.to_string());
                break;
            }
        }
    }
}
