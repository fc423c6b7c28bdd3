//! poem behind the adapter protocol: a handler that answers with `SSE` around a stream.

use std::io;
use std::num::TryFromIntError;

use futures::stream::{self, StreamExt};
use poem::error::NotFoundError;
use poem::listener::TcpAcceptor;
use poem::web::sse::{Event, SSE};
use poem::web::{Data, Path};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get, handler};
use protocol::server::{Application, Emission, Server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let application = Application::new(Server {
        name: "poem",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "retry"],
        without_data: false,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    application.converse(listener.local_addr()?);
    let app = Route::new()
        .at("/:stream", get(stream_events))
        .data(application);
    poem::Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?)
        .run(app)
        .await
}

#[handler]
fn stream_events(
    Data(application): Data<&Application>,
    Path(stream): Path<String>,
    request: &Request,
) -> poem::Result<Response> {
    // It shows visible ASCII alone; all bytes are in `headers`.
    let last_event_id = request.header("last-event-id").map(str::as_bytes);
    let Some(client) = application.request(&stream, last_event_id) else {
        return Err(NotFoundError.into());
    };
    if let Some(status) = client.status() {
        return Ok(status.into_response());
    }
    let (headers, heartbeat) = (client.headers(), client.heartbeat());
    // The stream has no place for an error, so what is left to an application that fails is to panic.
    let events = client
        .events(events)
        .map(|events| events.unwrap_or_else(|error| panic!("{error}")));
    let sse = SSE::new(events.flat_map(stream::iter));
    let mut response = match heartbeat {
        Some(interval) => sse.keep_alive(interval).into_response(),
        None => sse.into_response(),
    };
    response.headers_mut().extend(headers);
    Ok(response)
}

/// A reconnection time is an event of its own, and comes right before the rest.
fn events(emission: Emission) -> Result<Vec<Event>, TryFromIntError> {
    let mut events = Vec::new();
    if let Some(milliseconds) = emission.retry()? {
        events.push(Event::retry(milliseconds));
    }
    if let Some(data) = emission.data {
        let mut event = Event::message(data);
        if let Some(event_type) = emission.event_type {
            event = event.event_type(event_type);
        }
        if let Some(id) = emission.id {
            event = event.id(id);
        }
        events.push(event);
    }
    Ok(events)
}
