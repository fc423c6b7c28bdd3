//! The client of eventsource-client, with the transport of its documentation, behind the adapter protocol.

use std::io;
use std::sync::Arc;

use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
use futures::StreamExt;
use launchdarkly_sdk_transport::HyperTransport;
use protocol::client::{self, Client, ClientEvent, Connect, Failure, Reports};

fn main() -> io::Result<()> {
    let implementation = Client {
        name: "eventsource-client",
        version: env!("IMPLEMENTATION_VERSION"),
        offers: &["comments", "initialLastEventId"],
    };
    client::serve(&implementation, follow)
}

async fn follow(connect: Connect, reports: Arc<Reports>) -> Result<(), Failure> {
    let client = builder(connect)?.build_with_transport(HyperTransport::new()?);
    let mut items = client.stream();
    // Documented: an error is not the end of the stream, so it is polled until it is exhausted.
    while let Some(item) = items.next().await {
        match item {
            Ok(SSE::Connected(_)) => reports.open(),
            Ok(SSE::Event(event)) => reports.event(&ClientEvent {
                event_type: &event.event_type,
                data: &event.data,
                last_event_id: event.id.as_deref(),
            }),
            Ok(SSE::Comment(comment)) => reports.comment(&comment),
            Err(error) => reports.error(false, &error),
        }
        if reports.is_closed() {
            // Dropping the stream is how it is closed.
            break;
        }
    }
    Ok(())
}

fn builder(connect: Connect) -> Result<ClientBuilder, Failure> {
    let initial_reconnection_time = connect.initial_reconnection_time();
    let mut builder = ClientBuilder::for_url(&connect.url)?;
    for (name, value) in connect.headers {
        builder = builder.header(&name, &value)?;
    }
    if let Some(method) = connect.method {
        builder = builder.method(method);
    }
    if let Some(body) = connect.body {
        builder = builder.body(body);
    }
    if let Some(id) = connect.last_event_id {
        builder = builder.last_event_id(id);
    }
    if let Some(delay) = initial_reconnection_time {
        builder = builder.reconnect(ReconnectOptions::reconnect(true).delay(delay).build());
    }
    Ok(builder)
}
