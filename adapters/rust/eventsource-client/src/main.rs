//! eventsource-client behind the adapter protocol.

mod memory;

use std::io;
use std::mem;

use eventsource_client::{Client, ClientBuilder, Error, ReconnectOptions, SSE};
use futures::executor;
use futures::stream::StreamExt;
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};

use memory::Memory;

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "eventsource-client",
        version: env!("IMPLEMENTATION_VERSION"),
        features: Features {
            event_type: EventType::Default,
            last_event_id: Shown::Stream,
            reconnection_time: Shown::Block,
            comments: true,
            progress: true,
        },
    };
    protocol::serve(&implementation, parse)
}

fn parse(delivery: &Delivery, observation: &mut Observation) {
    let progress = Progress::default();
    let mut items = match client(delivery, &progress) {
        Ok(client) => client.stream(),
        Err(error) => {
            observation.error = Some(error.to_string());
            return;
        }
    };
    // Documented: an error is not the end of the stream, so it is polled until it is exhausted.
    while let Some(item) = executor::block_on(items.next()) {
        match item {
            Ok(SSE::Event(event)) => observation.events.push(Event {
                event_type: Some(event.event_type),
                data: Some(event.data),
                last_event_id: event.id,
                reconnection_time: event.retry.map(u128::from),
                comments: mem::take(&mut observation.comments),
                chunk: Some(progress.chunk()),
            }),
            Ok(SSE::Comment(comment)) => observation.comments.push(comment),
            // The client's word for the end of the response, and no fault of the stream.
            Ok(SSE::Connected(_)) | Err(Error::Eof) => (),
            Err(error) => observation.error = Some(error.to_string()),
        }
    }
}

/// The parser is private and can only be reached through a client, so that gets its one response from memory.
fn client(delivery: &Delivery, progress: &Progress) -> Result<impl Client, Error> {
    let mut builder = ClientBuilder::for_url("http://localhost/")?
        .reconnect(ReconnectOptions::reconnect(false).build());
    if let Some(last_event_id) = &delivery.last_event_id {
        builder = builder.last_event_id(last_event_id.clone());
    }
    Ok(builder.build_with_transport(Memory::new(delivery, progress)))
}
