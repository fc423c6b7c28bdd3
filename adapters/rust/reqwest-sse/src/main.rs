//! reqwest-sse behind the adapter protocol.

use std::io;

use futures::executor;
use futures::stream::{self, StreamExt};
use http::header::CONTENT_TYPE;
use protocol::{
    Delivery, Event, EventType, Features, Implementation, Observation, Progress, Shown,
};
use reqwest::{Body, Response};
use reqwest_sse::EventSource;

fn main() -> io::Result<()> {
    let implementation = Implementation {
        name: "reqwest-sse",
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
    let mut events = match executor::block_on(response(delivery, &progress).events()) {
        Ok(events) => events,
        Err(error) => {
            observation.error = Some(error.to_string());
            return;
        }
    };
    while let Some(item) = executor::block_on(events.next()) {
        match item {
            Ok(event) => observation.events.push(Event {
                event_type: Some(event.event_type),
                data: Some(event.data),
                last_event_id: event.last_event_id,
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
}

/// The parser can only be reached through a response, so it gets one from memory.
fn response(delivery: &Delivery, progress: &Progress) -> Response {
    let body = Body::wrap_stream(stream::iter(delivery.owned_chunks(progress)));
    http::Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .body(body)
        .expect("a header and a body make a response")
        .into()
}
