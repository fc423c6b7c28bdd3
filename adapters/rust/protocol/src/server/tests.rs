use std::io::Cursor;
use std::sync::mpsc as channel;
use std::task::Poll;

use futures::executor::block_on;
use futures::future;
use futures::stream::StreamExt;
use http::StatusCode;

use super::*;

const SERVE: &str = r#"{"id":1,"method":"serve","params":{"stream":"s1",REST}}"#;

/// Sends each line that is written.
struct Lines(channel::Sender<String>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8(line.to_vec()).expect("JSON is UTF-8");
        self.0.send(text).expect("somebody reads");
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An application, and what it has written.
struct Attended {
    application: Application,
    lines: channel::Receiver<String>,
}

impl Attended {
    fn new() -> Self {
        let server = Server {
            name: "echo",
            version: "1.2.3",
            fields: &["data"],
            without_data: false,
        };
        let (sender, lines) = channel::channel();
        let application = Application::writing_to(server, Box::new(Lines(sender)));
        Self { application, lines }
    }

    /// An application that serves `s1`, and its client.
    fn serving(rest: &str) -> (Self, Client) {
        let attended = Self::new();
        attended.check(
            &SERVE.replace("REST", rest),
            &[r#"{"id":1,"jsonrpc":"2.0","result":{"url":"http://u/s1"}}"#],
        );
        let client = attended.application.request("s1", Some(b"7"));
        attended.check(
            "",
            &[r#"{"jsonrpc":"2.0","method":"request","params":{"client":"k1","lastEventId":"7","stream":"s1"}}"#],
        );
        (attended, client.expect("it is served"))
    }

    #[track_caller]
    fn check(&self, request: &str, expected: &[&str]) {
        let input = Cursor::new(request);
        let conversation = self.application.converse_over(input, "http://u");
        conversation.expect("a cursor does not fail");
        let lines: Vec<Value> = self.lines.try_iter().map(|line| value(&line)).collect();
        let expected: Vec<Value> = expected.iter().map(|line| value(line)).collect();
        assert_eq!(lines, expected);
    }
}

fn value(line: &str) -> Value {
    serde_json::from_str(line).expect("a line is JSON")
}

fn data(emission: Emission) -> Result<String, &'static str> {
    emission.data.ok_or("no data")
}

/// The data of the next event, its end or its failure; "waits" where there is none yet.
fn next(events: &mut Events<String, &'static str>) -> String {
    block_on(future::poll_fn(|context| {
        Poll::Ready(match events.poll_next_unpin(context) {
            Poll::Ready(Some(Ok(data))) => data,
            Poll::Ready(Some(Err(failure))) => failure.to_string(),
            Poll::Ready(None) => "ends".to_owned(),
            Poll::Pending => "waits".to_owned(),
        })
    }))
}

#[test]
fn a_server_tells_what_it_can_do() {
    let attended = Attended::new();
    attended.check(
        r#"{"id":1,"method":"initialize","params":{"protocolVersion":0,"role":"server"}}"#,
        &[concat!(
            r#"{"id":1,"jsonrpc":"2.0","result":{"features":{"disconnects":true,"fields":["data"],"headers":true,"heartbeat":true,"#,
            r#""lastEventId":true,"status":true,"withoutData":false},"implementation":"echo","language":"Rust","role":"server","version":"1.2.3"}}"#,
        )],
    );
    attended.check(
        r#"{"id":2,"method":"initialize","params":{"protocolVersion":0,"role":"client"}}"#,
        &[
            r#"{"error":{"code":-32602,"message":"only a server, only version 0"},"id":2,"jsonrpc":"2.0"}"#,
        ],
    );
}

#[test]
fn a_refused_event_is_reported_and_the_next_one_follows() {
    let (attended, client) = Attended::serving(
        r#""events":[{"data":"a"},{"id":"1"},{"data":"c"}],"pace":"free","end":"close""#,
    );
    let mut events = client.events(data);
    assert_eq!(next(&mut events), "a");
    assert_eq!(next(&mut events), "c");
    assert_eq!(next(&mut events), "ends");
    drop(events);
    attended.check(
        "",
        &[
            r#"{"jsonrpc":"2.0","method":"rejected","params":{"client":"k1","index":1,"message":"no data","stream":"s1"}}"#,
        ],
    );
}

#[test]
fn events_come_when_they_are_asked_for() {
    let (attended, client) =
        Attended::serving(r#""events":[{"data":"a"},{"data":"b"}],"pace":"asked","end":"fail""#);
    let mut events = client.events(data);
    assert_eq!(next(&mut events), "waits");
    for (index, expected) in [(1, "b"), (0, "a")] {
        let emit = format!(
            r#"{{"id":2,"method":"emit","params":{{"stream":"s1","client":"k1","index":{index}}}}}"#
        );
        attended.check(&emit, &[r#"{"id":2,"jsonrpc":"2.0","result":{}}"#]);
        assert_eq!(next(&mut events), expected);
    }
    assert_eq!(next(&mut events), "the application fails");
}

#[test]
fn a_stream_that_is_dropped_has_lost_its_client_unless_it_was_over() {
    let held = r#""events":[{"data":"a"}],"pace":"free","end":"hold""#;
    let (attended, client) = Attended::serving(held);
    let mut events = client.events(data);
    assert_eq!(next(&mut events), "a");
    assert_eq!(next(&mut events), "waits");
    drop(events);
    attended.check(
        "",
        &[r#"{"jsonrpc":"2.0","method":"disconnected","params":{"client":"k1","stream":"s1"}}"#],
    );

    let (attended, client) = Attended::serving(held);
    let mut events = client.events(data);
    assert_eq!(next(&mut events), "a");
    attended.check(
        r#"{"id":2,"method":"stop","params":{"stream":"s1"}}"#,
        &[r#"{"id":2,"jsonrpc":"2.0","result":{}}"#],
    );
    assert_eq!(next(&mut events), "ends");
    drop(events);
    attended.check("", &[]);
}

#[test]
fn a_client_knows_the_status_and_the_headers_to_answer_with() {
    let (_, client) = Attended::serving(
        r#""events":[],"pace":"free","end":"close","status":204,"headers":{"x-a":"\u00e4"}"#,
    );
    assert_eq!(client.status(), Some(StatusCode::NO_CONTENT));
    assert_eq!(client.headers()["x-a"].as_bytes(), b"\xc3\xa4");

    let (_, client) = Attended::serving(r#""events":[],"pace":"free","end":"close""#);
    assert_eq!(client.status(), None);
    assert!(client.headers().is_empty());
}

#[test]
fn a_status_that_does_not_exist_is_refused() {
    let attended = Attended::new();
    let rest = r#""events":[],"pace":"free","end":"close","status":1"#;
    let error = r#"{"error":{"code":-32602,"message":"invalid status code at line 1 column 66"},"id":1,"jsonrpc":"2.0"}"#;
    attended.check(&SERVE.replace("REST", rest), &[error]);
}

#[test]
fn a_header_that_is_not_utf_8_goes_as_its_bytes() {
    assert_eq!(text(b"\xc3\xa4"), json!("\u{e4}"));
    assert_eq!(text(b"\xe4"), json!({ "base64": "5A==" }));
}
