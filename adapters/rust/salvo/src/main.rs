//! salvo behind the adapter protocol: a handler that answers with `sse::stream` around a stream.

use std::num::TryFromIntError;
use std::time::Duration;

use protocol::server::{Application, Emission, Server as Description, ServerFeatures};
use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;
use salvo::sse::{self, SseEvent, SseKeepAlive};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let application = Application::new(Description {
        name: "salvo",
        version: env!("IMPLEMENTATION_VERSION"),
        features: ServerFeatures {
            fields: &["data", "type", "id", "retry", "comment"],
            without_data: true,
            last_event_id: true,
            heartbeat: true,
            disconnects: true,
        },
    });
    let acceptor: TcpAcceptor = TcpListener::new("127.0.0.1:0").bind().await;
    application.converse(acceptor.local_addr()?);
    let router = Router::with_path("{stream}").get(StreamEvents { application });
    Server::new(acceptor).serve(router).await;
    Ok(())
}

struct StreamEvents {
    application: Application,
}

#[handler]
impl StreamEvents {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let stream: String = request.param("stream").unwrap_or_default();
        // It shows visible ASCII alone; all bytes are in `headers`.
        let last_event_id: Option<String> = request.header("last-event-id");
        let last_event_id = last_event_id.as_deref().map(str::as_bytes);
        let Some(client) = self.application.request(&stream, last_event_id) else {
            response.status_code(StatusCode::NOT_FOUND);
            return;
        };
        let heartbeat = client.heartbeat();
        let events = client.events(event);
        match heartbeat {
            Some(interval) => SseKeepAlive::new(events)
                .max_interval(interval)
                .stream(response),
            None => sse::stream(response, events),
        }
    }
}

fn event(emission: Emission) -> Result<SseEvent, TryFromIntError> {
    let retry = emission.retry()?;
    let mut event = SseEvent::default();
    if let Some(comment) = emission.comment {
        event = event.comment(comment);
    }
    if let Some(event_type) = emission.event_type {
        event = event.name(event_type);
    }
    if let Some(id) = emission.id {
        event = event.id(id);
    }
    if let Some(milliseconds) = retry {
        event = event.retry(Duration::from_millis(milliseconds));
    }
    if let Some(data) = emission.data {
        event = event.text(data);
    }
    Ok(event)
}
