//! sse-reqwest-client behind the adapter protocol.

use std::io;
use std::sync::Arc;

use futures::StreamExt;
use protocol::client::{self, ClientEvent, Connect, Failure, Reports};
use reqwest::{Client, RequestBuilder};
use sse_reqwest_client::{RequestBuilderExt, SseEvent};

fn main() -> io::Result<()> {
    let implementation = client::Client {
        name: "sse-reqwest-client",
        version: env!("IMPLEMENTATION_VERSION"),
        offers: &["eventSourceApi", "http2Cleartext", "initialLastEventId"],
    };
    client::serve(&implementation, follow)
}

async fn follow(connect: Connect, reports: Arc<Reports>) -> Result<(), Failure> {
    let mut client = Client::builder();
    if connect.http2 {
        client = client.http2_prior_knowledge();
    }
    let request = RequestBuilder::from_parts(client.build()?, connect.request()?.try_into()?);
    let mut builder = request.into_event_source_builder();
    if let Some(time) = connect.initial_reconnection_time() {
        builder = builder.initial_reconnection_time(time);
    }
    if let Some(id) = connect.last_event_id {
        builder = builder.last_event_id(id);
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
