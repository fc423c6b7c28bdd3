//! Requests on standard input, to connections that report at once: the client's side of the adapter protocol.
//!
//! Knows nothing about event streams: what an implementation says is passed on as it says it.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, BufRead, Write};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use http::Request as HttpRequest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::message::{Initialize, Initialized, Refusal, Request};
use crate::panic_message;

/// Why a connection could not be followed any more.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The thing under test.
pub struct Client {
    pub name: &'static str,
    pub version: &'static str,
    /// What it offers, in the words of ../../README.md, beside what every client here does.
    pub offers: &'static [&'static str],
}

impl Client {
    fn describe(&self) -> Value {
        let mut features = json!({
            "eventType": "default",
            "lastEventId": "stream",
            "reconnects": true,
            "headers": true,
            "post": true,
            "initialReconnectionTime": true,
        });
        for &offer in self.offers {
            features[offer] = json!(true);
        }
        json!(Initialized::new(
            self.name,
            self.version,
            "client",
            features
        ))
    }
}

/// What the harness wants of a connection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connect {
    connection: String,
    close_on: Option<String>,
    pub url: String,
    pub last_event_id: Option<String>,
    /// In milliseconds.
    initial_reconnection_time: Option<u64>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub method: Option<String>,
    pub body: Option<String>,
    #[serde(default)]
    pub http2: bool,
}

impl Connect {
    /// How long to wait before the first return.
    pub fn initial_reconnection_time(&self) -> Option<Duration> {
        self.initial_reconnection_time.map(Duration::from_millis)
    }

    /// The request that the application wants, for an implementation that takes a whole one.
    pub fn request(&self) -> Result<HttpRequest<String>, http::Error> {
        let method = self.method.as_deref().unwrap_or("GET");
        let mut request = HttpRequest::builder().method(method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(self.body.clone().unwrap_or_default())
    }
}

/// One event as the implementation gave it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientEvent<'a> {
    #[serde(rename = "type")]
    pub event_type: &'a str,
    pub data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_id: Option<&'a str>,
}

/// Where an adapter reports what one connection does.
pub struct Reports {
    connection: String,
    close_on: Option<String>,
    is_closed: AtomicBool,
}

impl Reports {
    /// The connection was announced.
    pub fn open(&self) {
        self.notify("open", json!({}));
    }

    /// An event came.
    pub fn event(&self, event: &ClientEvent) {
        self.notify("event", json!(event));
    }

    /// A comment came.
    pub fn comment(&self, comment: &str) {
        self.notify("comment", json!({ "comment": comment }));
    }

    /// The implementation reported an error; after a fatal one it does not return.
    pub fn error(&self, fatal: bool, message: &impl Display) {
        self.notify(
            "error",
            json!({ "fatal": fatal, "message": message.to_string() }),
        );
    }

    /// Whether the harness wanted the connection closed inside the handler that has just reported.
    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    fn notify(&self, method: &str, mut params: Value) {
        params["connection"] = json!(self.connection);
        send(json!({ "method": method, "params": params }));
        if self.close_on.as_deref() == Some(method) {
            self.is_closed.store(true, Ordering::Relaxed);
        }
    }
}

/// Serves one client until `shutdown` or the end of standard input.
///
/// `follow` opens a connection and reports what it does until it is over.
/// Its future is dropped to close the connection from outside, as an application drops a stream that it no longer wants.
pub fn serve<F>(
    client: &Client,
    follow: impl Fn(Connect, Arc<Reports>) -> F + Copy + Send + 'static,
) -> io::Result<()>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let mut connections = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let request: Request = serde_json::from_str(&line)?;
        let answered = match request.method.as_str() {
            "initialize" => request
                .params()
                .and_then(|asked: Initialize| asked.check("client"))
                .map(|()| client.describe()),
            "connect" => request.params().map(|params: Connect| {
                let connection = params.connection.clone();
                connections.insert(connection, runtime.spawn(run(params, follow)));
                json!({})
            }),
            // Every type comes anyway.
            "listen" | "shutdown" => Ok(json!({})),
            "disconnect" => request.params().map(|Disconnect { connection }| {
                if let Some(task) = connections.remove(&connection) {
                    task.abort();
                    // Once it has ended, nothing more can be reported.
                    _ = runtime.block_on(task);
                }
                json!({})
            }),
            method => Err(Refusal::unknown_method(method)),
        };
        send(match answered {
            Ok(result) => json!({ "id": request.id, "result": result }),
            Err(refusal) => json!({ "id": request.id, "error": refusal }),
        });
        if request.method == "shutdown" {
            break;
        }
    }
    // Without waiting for what may still block a thread.
    runtime.shutdown_background();
    Ok(())
}

#[derive(Deserialize)]
struct Disconnect {
    connection: String,
}

async fn run<F>(params: Connect, follow: impl Fn(Connect, Arc<Reports>) -> F)
where
    F: Future<Output = Result<(), Failure>>,
{
    let reports = Arc::new(Reports {
        connection: params.connection.clone(),
        close_on: params.close_on.clone(),
        is_closed: AtomicBool::new(false),
    });
    let followed = AssertUnwindSafe(follow(params, Arc::clone(&reports)))
        .catch_unwind()
        .await;
    match followed {
        Err(payload) => {
            let message = format!("panicked: {}", panic_message(payload.as_ref()));
            reports.error(true, &message);
        }
        Ok(Err(error)) => reports.error(true, &error),
        // What a close brings about is no news to who has closed.
        Ok(Ok(())) if reports.is_closed() => (),
        Ok(Ok(())) => reports.notify("end", json!({})),
    }
}

/// Writes one message; standard output is flushed with the end of the line.
fn send(mut message: Value) {
    message["jsonrpc"] = json!("2.0");
    // One write, so that messages of two threads stay apart; if nobody reads any more, the input ends too.
    _ = io::stdout().write_all(format!("{message}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(rest: &str) -> Connect {
        let params = format!(r#"{{"connection":"c1","url":"http://127.0.0.1:1/1"{rest}}}"#);
        serde_json::from_str(&params).expect("params of connect")
    }

    #[test]
    fn a_client_tells_what_it_offers_beside_what_all_do() {
        let client = Client {
            name: "echo",
            version: "1.2.3",
            offers: &["comments"],
        };
        let features = &client.describe()["features"];
        assert_eq!(features["comments"], true);
        assert_eq!(features["reconnects"], true);
        assert_eq!(features["eventSourceApi"], Value::Null);
    }

    #[test]
    fn a_request_is_a_get_unless_the_harness_asks_for_more() {
        let request = connect("").request().expect("a request");
        assert_eq!(request.method(), "GET");
        assert_eq!(request.uri(), "http://127.0.0.1:1/1");
        assert!(request.headers().is_empty());
        assert_eq!(request.body(), "");

        let rest = r#","method":"POST","body":"{}","headers":{"x-a":"b"}"#;
        let request = connect(rest).request().expect("a request");
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers()["x-a"], "b");
        assert_eq!(request.body(), "{}");
    }

    #[test]
    fn a_header_that_cannot_be_sent_makes_no_request() {
        let rest = r#","headers":{"x-a":"b\nc"}"#;
        assert!(connect(rest).request().is_err());
    }
}
