//! reqwest-eventsource behind the adapter protocol.

use std::error::Error;
use std::io;
use std::sync::Arc;

use futures::StreamExt;
use protocol::client::{self, Client, ClientEvent, Connect, Features, Reports};
use protocol::{EventType, Shown};
use reqwest::{Method, RequestBuilder};
use reqwest_eventsource::{Event, EventSource, ReadyState};

fn main() -> io::Result<()> {
    let implementation = Client {
        name: "reqwest-eventsource",
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
    connect: Connect,
    reports: Arc<Reports>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut source = EventSource::new(request(connect)?)?;
    while let Some(item) = source.next().await {
        match item {
            Ok(Event::Open) => reports.open(),
            Ok(Event::Message(message)) => reports.event(&ClientEvent {
                event_type: &message.event,
                data: &message.data,
                last_event_id: Some(&message.id),
            }),
            Err(error) => reports.error(source.ready_state() == ReadyState::Closed, &error),
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
