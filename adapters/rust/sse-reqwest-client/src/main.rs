//! sse-reqwest-client behind the adapter protocol.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use protocol::client::{self, Client, ClientEvent, Connect, Features, Reports};
use protocol::{EventType, Shown};
use reqwest::{Method, RequestBuilder};
use sse_reqwest_client::{RequestBuilderExt, SseEvent};

fn main() -> io::Result<()> {
    let implementation = Client {
        name: "sse-reqwest-client",
        version: env!("IMPLEMENTATION_VERSION"),
        features: Features {
            event_type: EventType::Default,
            last_event_id: Shown::Stream,
            comments: false,
            reconnects: true,
            event_source_api: true,
            headers: true,
            post: true,
            http2_cleartext: true,
        },
    };
    client::serve(&implementation, follow)
}

async fn follow(
    mut connect: Connect,
    reports: Arc<Reports>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let last_event_id = connect.last_event_id.take();
    let initial_reconnection_time = connect.initial_reconnection_time;
    let mut builder = request(connect)?.into_event_source_builder();
    if let Some(id) = last_event_id {
        builder = builder.last_event_id(id);
    }
    if let Some(time) = initial_reconnection_time {
        builder = builder.initial_reconnection_time(Duration::from_millis(time));
    }
    let mut source = builder.build();
    while let Some(item) = source.next().await {
        match item {
            Ok(SseEvent::Open) => reports.open(),
            Ok(SseEvent::Message(message)) => reports.event(&ClientEvent {
                event_type: &message.event,
                data: &message.data,
                last_event_id: message.last_event_id.as_deref(),
            }),
            Ok(SseEvent::Error(error)) => reports.error(false, &error),
            Ok(SseEvent::Discarded(error)) => reports.error(false, &error),
            // Documented: every error of the stream is its end.
            Err(error) => reports.error(true, &error),
        }
        if reports.is_closed() {
            source.close();
        }
    }
    Ok(())
}

fn request(connect: Connect) -> Result<RequestBuilder, Box<dyn Error + Send + Sync>> {
    let mut client = reqwest::Client::builder();
    if connect.http2 {
        client = client.http2_prior_knowledge();
    }
    let method = match connect.method {
        Some(method) => method.parse()?,
        None => Method::GET,
    };
    let mut request = client.build()?.request(method, connect.url);
    for (name, value) in connect.headers {
        request = request.header(name, value);
    }
    if let Some(body) = connect.body {
        request = request.body(body);
    }
    Ok(request)
}
