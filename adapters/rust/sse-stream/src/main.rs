//! sse-stream behind the adapter protocol.

use std::io;

use futures::executor;
use futures::stream::{self, StreamExt};
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};
use sse_stream::SseByteStream;

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "sse-stream",
        version: env!("IMPLEMENTATION_VERSION"),
        features: Features {
            event_type: EventType::Raw,
            last_event_id: Shown::Block,
            reconnection_time: Shown::Block,
            comments: false,
            progress: true,
        },
    };
    protocol::serve(&implementation, parse)
}

fn parse(delivery: &Delivery, observation: &mut Observation) {
    let progress = Progress::default();
    let mut blocks = SseByteStream::new(stream::iter(delivery.chunks(&progress)));
    while let Some(item) = executor::block_on(blocks.next()) {
        match item {
            Ok(block) => observation.events.push(Event {
                event_type: block.event,
                data: block.data,
                last_event_id: block.id,
                reconnection_time: block.retry.map(u128::from),
                chunk: Some(progress.chunk()),
                ..Event::default()
            }),
            Err(error) => {
                observation.error = Some(error.to_string());
                break;
            }
        }
    }
}
