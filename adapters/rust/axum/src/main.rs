//! axum behind the adapter protocol: a handler that answers with `Sse` around a stream.

use std::io;
use std::num::TryFromIntError;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::server::{Application, Emission, Server, ServerFeatures};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let application = Application::new(Server {
        name: "axum",
        version: env!("IMPLEMENTATION_VERSION"),
        features: ServerFeatures {
            fields: &["data", "type", "id", "retry", "comment"],
            without_data: true,
            last_event_id: true,
            heartbeat: true,
            disconnects: true,
        },
    });
    let app = Router::new()
        .route("/{stream}", get(stream_events))
        .with_state(application.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    application.converse(listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn stream_events(
    State(application): State<Application>,
    Path(stream): Path<String>,
    headers: HeaderMap,
) -> Response {
    let last_event_id = headers.get("last-event-id").map(|value| value.as_bytes());
    let Some(client) = application.request(&stream, last_event_id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let heartbeat = client.heartbeat();
    let sse = Sse::new(client.events(event));
    match heartbeat {
        Some(interval) => sse
            .keep_alive(KeepAlive::new().interval(interval))
            .into_response(),
        None => sse.into_response(),
    }
}

fn event(emission: Emission) -> Result<Event, TryFromIntError> {
    let retry = emission.retry()?;
    let mut event = Event::default();
    if let Some(comment) = emission.comment {
        event = event.comment(comment);
    }
    if let Some(event_type) = emission.event_type {
        event = event.event(event_type);
    }
    if let Some(id) = emission.id {
        event = event.id(id);
    }
    if let Some(milliseconds) = retry {
        event = event.retry(Duration::from_millis(milliseconds));
    }
    if let Some(data) = emission.data {
        event = event.data(data);
    }
    Ok(event)
}
