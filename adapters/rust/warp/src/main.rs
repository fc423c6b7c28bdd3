//! warp behind the adapter protocol: a route that answers with `sse::reply` around a stream.

use std::io;
use std::num::TryFromIntError;

use protocol::server::{Application, Emission, Server, Setters};
use tokio::net::TcpListener;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection, sse};

#[tokio::main]
async fn main() -> io::Result<()> {
    let application = Application::new(Server {
        name: "warp",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "retry", "comment"],
        without_data: true,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    application.converse(listener.local_addr()?);
    let state = warp::any().map(move || application.clone());
    let route = warp::path::param::<String>()
        .and(warp::path::end())
        .and(warp::get())
        // It refuses what is not visible ASCII with 400, and the application hears nothing of it.
        .and(sse::last_event_id::<String>())
        .and(state)
        .and_then(stream_events);
    warp::serve(route).incoming(listener).run().await;
    Ok(())
}

async fn stream_events(
    stream: String,
    last_event_id: Option<String>,
    application: Application,
) -> Result<Response, Rejection> {
    let last_event_id = last_event_id.as_deref().map(str::as_bytes);
    let Some(client) = application.request(&stream, last_event_id) else {
        return Err(warp::reject::not_found());
    };
    if let Some(status) = client.status() {
        return Ok(status.into_response());
    }
    let (headers, heartbeat) = (client.headers(), client.heartbeat());
    let events = client.events(event);
    let mut response = match heartbeat {
        Some(interval) => {
            let keep_alive = sse::keep_alive().interval(interval);
            sse::reply(keep_alive.stream(events)).into_response()
        }
        None => sse::reply(events).into_response(),
    };
    response.headers_mut().extend(headers);
    Ok(response)
}

fn event(emission: Emission) -> Result<sse::Event, TryFromIntError> {
    let setters = Setters {
        comment: sse::Event::comment,
        event_type: sse::Event::event,
        id: sse::Event::id,
        retry: sse::Event::retry,
        data: sse::Event::data,
    };
    emission.set(sse::Event::default(), &setters)
}
