//! axum behind the adapter protocol: a handler that answers with `Sse` around a stream.

use std::io;
use std::num::TryFromIntError;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::server::{Application, Emission, Server, Setters};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let application = Application::new(Server {
        name: "axum",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "retry", "comment"],
        without_data: true,
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
    if let Some(status) = client.status() {
        return status.into_response();
    }
    let (headers, heartbeat) = (client.headers(), client.heartbeat());
    let sse = Sse::new(client.events(event));
    match heartbeat {
        Some(interval) => {
            let keep_alive = KeepAlive::new().interval(interval);
            (headers, sse.keep_alive(keep_alive)).into_response()
        }
        None => (headers, sse).into_response(),
    }
}

fn event(emission: Emission) -> Result<Event, TryFromIntError> {
    let setters = Setters {
        comment: Event::comment,
        event_type: Event::event,
        id: Event::id,
        retry: Event::retry,
        data: Event::data,
    };
    emission.set(Event::default(), &setters)
}
