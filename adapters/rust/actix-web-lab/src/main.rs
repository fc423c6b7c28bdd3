//! actix-web-lab behind the adapter protocol: a handler of actix-web that answers with `sse::Sse` around a stream.

use std::convert::Infallible;
use std::io;

use actix_web::http::StatusCode;
use actix_web::web::{self, Either};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder, error, get};
use actix_web_lab::sse;
use futures::stream::{self, TryStreamExt};
use protocol::server::{Application, ApplicationFails, Emission, Server};

#[actix_web::main]
async fn main() -> io::Result<()> {
    let application = Application::new(Server {
        name: "actix-web-lab",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "comment"],
        without_data: false,
    });
    let state = web::Data::new(application.clone());
    let app = move || App::new().app_data(state.clone()).service(stream_events);
    let server = HttpServer::new(app).workers(1).bind(("127.0.0.1", 0))?;
    application.converse(server.addrs()[0]);
    server.run().await
}

#[get("/{stream}")]
async fn stream_events(
    application: web::Data<Application>,
    stream: web::Path<String>,
    request: HttpRequest,
) -> actix_web::Result<Either<HttpResponse, impl Responder>> {
    let last_event_id = request.headers().get("Last-Event-ID");
    let last_event_id = last_event_id.map(|value| value.as_bytes());
    let Some(client) = application.request(&stream, last_event_id) else {
        return Err(error::ErrorNotFound("no such stream"));
    };
    if let Some(status) = client.status() {
        // It has a StatusCode of its own, of an older version of the crate http.
        let status =
            StatusCode::from_u16(status.as_u16()).map_err(error::ErrorInternalServerError)?;
        return Ok(Either::Left(HttpResponse::new(status)));
    }
    let (headers, heartbeat) = (client.headers(), client.heartbeat());
    let events = client.events(events);
    let sse = sse::Sse::from_stream(events.map_ok(stream::iter).try_flatten());
    let sse = match heartbeat {
        Some(period) => sse.with_keep_alive(period),
        None => sse,
    };
    let mut response = sse.customize();
    for (name, value) in &headers {
        response = response.insert_header((name.as_str(), value.as_bytes()));
    }
    Ok(Either::Right(response))
}

/// A comment is an event of its own, and comes right before the rest.
fn events(emission: Emission) -> Result<Vec<Result<sse::Event, ApplicationFails>>, Infallible> {
    let mut events = Vec::new();
    if let Some(comment) = emission.comment {
        events.push(Ok(sse::Event::Comment(comment.into())));
    }
    if let Some(data) = emission.data {
        let mut data = sse::Data::new(data);
        if let Some(id) = emission.id {
            data.set_id(id);
        }
        if let Some(event_type) = emission.event_type {
            data.set_event(event_type);
        }
        events.push(Ok(data.into()));
    }
    Ok(events)
}
