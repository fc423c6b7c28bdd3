//! salvo behind the adapter protocol: a handler that answers with `sse::stream` around a stream.

use std::num::TryFromIntError;

use protocol::server::{Application, Emission, Server as Description, Setters};
use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;
use salvo::sse::{self, SseEvent, SseKeepAlive};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let application = Application::new(Description {
        name: "salvo",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "retry", "comment"],
        without_data: true,
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
        if let Some(status) = client.status() {
            response.status_code(status);
            return;
        }
        response.headers_mut().extend(client.headers());
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
    let setters = Setters {
        comment: SseEvent::comment,
        event_type: SseEvent::name,
        id: SseEvent::id,
        retry: SseEvent::retry,
        data: SseEvent::text,
    };
    emission.set(SseEvent::default(), &setters)
}
