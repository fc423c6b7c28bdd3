//! reqwest-eventsource behind the adapter protocol.

use std::io;
use std::sync::Arc;

use futures::StreamExt;
use protocol::client::{self, ClientEvent, Connect, Failure, Reports};
use reqwest::{Client, RequestBuilder};
use reqwest_eventsource::retry::{DEFAULT_RETRY, ExponentialBackoff};
use reqwest_eventsource::{Event, EventSource, ReadyState};

fn main() -> io::Result<()> {
    let implementation = client::Client {
        name: "reqwest-eventsource",
        version: env!("IMPLEMENTATION_VERSION"),
        offers: &["eventSourceApi", "http2Cleartext"],
    };
    client::serve(&implementation, follow)
}

async fn follow(connect: Connect, reports: Arc<Reports>) -> Result<(), Failure> {
    let mut client = Client::builder();
    if connect.http2 {
        client = client.http2_prior_knowledge();
    }
    let request = connect.request()?.try_into()?;
    let mut source = EventSource::new(RequestBuilder::from_parts(client.build()?, request))?;
    if let Some(start) = connect.initial_reconnection_time() {
        let policy = ExponentialBackoff {
            start,
            ..DEFAULT_RETRY
        };
        source.set_retry_policy(Box::new(policy));
    }
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
