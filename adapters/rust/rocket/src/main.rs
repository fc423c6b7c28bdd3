//! rocket behind the adapter protocol: a route that answers with an `EventStream!`.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::TryFromIntError;
use std::time::Duration;

use protocol::server::{Application, Emission, HeaderMap, Server};
use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::futures::StreamExt;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::stream::{Event, EventStream};
use rocket::response::{self, Responder};
use rocket::{State, get, routes};

#[rocket::main]
async fn main() -> Result<(), Box<rocket::Error>> {
    let application = Application::new(Server {
        name: "rocket",
        version: env!("IMPLEMENTATION_VERSION"),
        fields: &["data", "type", "id", "retry", "comment"],
        without_data: false,
    });
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        // Rocket logs to standard output, which belongs to the protocol.
        log_level: LogLevel::Off,
        ..Config::default()
    };
    let converse = AdHoc::on_liftoff("converse", |rocket| {
        Box::pin(async move {
            let application = rocket.state::<Application>().expect("it is managed");
            let config = rocket.config();
            application.converse(SocketAddr::new(config.address, config.port));
        })
    });
    rocket::custom(config)
        .manage(application)
        .attach(converse)
        .mount("/", routes![stream_events])
        .launch()
        .await?;
    Ok(())
}

struct LastEventId<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LastEventId<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.headers().get_one("Last-Event-ID")))
    }
}

#[get("/<stream>")]
fn stream_events(
    stream: &str,
    last_event_id: LastEventId<'_>,
    application: &State<Application>,
) -> Result<WithHeaders<EventStream![]>, Status> {
    let last_event_id = last_event_id.0.map(str::as_bytes);
    let Some(client) = application.request(stream, last_event_id) else {
        return Err(Status::NotFound);
    };
    if let Some(status) = client.status() {
        return Err(Status::new(status.as_u16()));
    }
    let (headers, heartbeat) = (client.headers(), client.heartbeat());
    let mut events = client.events(event);
    let stream = EventStream! {
        while let Some(event) = events.next().await {
            // The stream has no place for an error, so what is left to an application that fails is to panic.
            yield event.unwrap_or_else(|error| panic!("{error}"));
        }
    };
    let stream = match heartbeat {
        Some(interval) => stream.heartbeat(interval),
        None => stream,
    };
    Ok(WithHeaders { stream, headers })
}

/// A stream, and headers that the application sets beside those of the stream.
struct WithHeaders<R> {
    stream: R,
    headers: HeaderMap,
}

impl<'r, R: Responder<'r, 'r>> Responder<'r, 'r> for WithHeaders<R> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        let mut response = self.stream.respond_to(request)?;
        for (name, value) in &self.headers {
            let value =
                str::from_utf8(value.as_bytes()).map_err(|_| Status::InternalServerError)?;
            response.set_raw_header(name.to_string(), value.to_owned());
        }
        Ok(response)
    }
}

fn event(emission: Emission) -> Result<Event, TryFromIntError> {
    let retry = emission.retry()?.map(Duration::from_millis);
    // Without data only comments are asked for, as `features` says.
    let mut event = match (emission.data, emission.comment) {
        (Some(data), None) => Event::data(data),
        (Some(data), Some(comment)) => Event::data(data).with_comment(comment),
        (None, comment) => Event::comment(comment.unwrap_or_default()),
    };
    if let Some(event_type) = emission.event_type {
        event = event.event(event_type);
    }
    if let Some(id) = emission.id {
        event = event.id(id);
    }
    if let Some(time) = retry {
        event = event.with_retry(time);
    }
    Ok(event)
}
