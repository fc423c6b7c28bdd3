//! The client and server roles of the adapter protocol, proven on two throw-away adapters: no message needs a new shape.
#![cfg(feature = "cli")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use ssespec::event_stream::{OwnedEvent, Parser};

/// Long enough for a busy machine; nothing here waits that long when all is well.
const DEADLINE: Duration = Duration::from_secs(15);

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../adapters/protocol.schema.json"))
        .expect("the schema is JSON")
});

#[test]
fn a_client_reconnects_and_reports_what_it_saw() {
    let mut adapter = Adapter::start("client", &["client.py"]);
    let origin = Origin::new();
    let connect = json!({
        "connection": "c1", "url": origin.url(), "listen": ["message", "add"], "initialReconnectionTime": 50,
        "headers": { "x-a": "b" }, "lastEventId": "6",
    });
    assert_eq!(adapter.ask("connect", connect), json!({}));

    let (request, mut connection) = origin.accept();
    assert_header(&request, "x-a", Some("b"));
    assert_header(&request, "last-event-id", Some("6"));
    answer_with(
        &mut connection,
        "retry: 10\nid: 7\n:note\nevent: add\ndata: a\n\nevent: other\ndata: unheard\n\n",
    );
    drop(connection);
    assert_eq!(adapter.notification("open"), json!({ "connection": "c1" }));
    assert_eq!(
        adapter.notification("comment"),
        json!({ "connection": "c1", "comment": "note" })
    );
    let event = json!({ "connection": "c1", "type": "add", "data": "a", "lastEventId": "7" });
    assert_eq!(adapter.notification("event"), event);
    let error =
        json!({ "connection": "c1", "fatal": false, "message": "the connection was closed" });
    assert_eq!(adapter.notification("error"), error);

    let (request, mut connection) = origin.accept();
    assert_header(&request, "last-event-id", Some("7"));
    answer_with(&mut connection, "data: b\n\n");
    assert_eq!(adapter.notification("open"), json!({ "connection": "c1" }));
    let event = json!({ "connection": "c1", "type": "message", "data": "b", "lastEventId": "7" });
    assert_eq!(adapter.notification("event"), event);
    assert_eq!(
        adapter.ask("disconnect", json!({ "connection": "c1" })),
        json!({})
    );
    adapter.shut_down();
}

#[test]
fn a_client_reports_a_fatal_error() {
    let mut adapter = Adapter::start("client", &["client.py"]);
    let origin = Origin::new();
    let connect = json!({ "connection": 2, "url": origin.url(), "listen": ["message"], "method": "POST", "body": "{}" });
    assert_eq!(adapter.ask("connect", connect), json!({}));
    let (request, mut connection) = origin.accept();
    assert!(request.starts_with("POST /stream "), "{request}");
    connection
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .expect("answer");
    let error = json!({ "connection": 2, "fatal": true, "message": "status 204" });
    assert_eq!(adapter.notification("error"), error);
    adapter.shut_down();
}

#[test]
fn a_client_closes_inside_its_handler_and_says_nothing_more() {
    let mut adapter = Adapter::start("client", &["client.py", "once"]);
    let origin = Origin::new();
    let connect = |connection: &str, close_on: Value| json!({ "connection": connection, "url": origin.url(), "listen": ["message"], "closeOn": close_on });
    assert_eq!(
        adapter.ask("connect", connect("c1", json!("event"))),
        json!({})
    );
    let (request, mut connection) = origin.accept();
    assert_header(&request, "last-event-id", None);
    answer_with(&mut connection, "data: a\n\ndata: b\n\n");
    drop(connection);
    assert_eq!(adapter.notification("open"), json!({ "connection": "c1" }));
    let event = json!({ "connection": "c1", "type": "message", "data": "a", "lastEventId": "" });
    assert_eq!(adapter.notification("event"), event);
    adapter.shut_down();
}

#[test]
fn a_client_that_does_not_reconnect_says_that_the_stream_is_over() {
    let mut adapter = Adapter::start("client", &["client.py", "once"]);
    let origin = Origin::new();
    let connect = json!({ "connection": "c1", "url": origin.url(), "listen": ["message"] });
    assert_eq!(adapter.ask("connect", connect), json!({}));
    let (_, mut connection) = origin.accept();
    answer_with(&mut connection, "");
    drop(connection);
    assert_eq!(adapter.notification("open"), json!({ "connection": "c1" }));
    assert_eq!(adapter.notification("end"), json!({ "connection": "c1" }));
    adapter.shut_down();
}

#[test]
fn a_server_writes_the_events_that_it_is_asked_for() {
    let mut adapter = Adapter::start("server", &["server.py"]);
    let serve = json!({
        "stream": "s1", "pace": "asked", "end": "hold",
        "events": [
            { "comment": "first", "type": "add", "id": "8", "retry": 1000, "data": "a\nb" },
            { "id": "9\nevent: forged", "data": "refused" },
            { "data": "c" },
        ],
    });
    let url = adapter.ask("serve", serve)["url"].clone();
    let mut client = Reader::connect(url.as_str().expect("a URL"), "last-event-id: 7\r\n");
    let request = adapter.notification("request");
    assert_eq!(
        (&request["stream"], &request["lastEventId"]),
        (&json!("s1"), &json!("7"))
    );
    let emit =
        |index: usize| json!({ "stream": "s1", "client": request["client"], "index": index });

    assert_eq!(adapter.ask("emit", emit(0)), json!({}));
    assert_eq!(client.next_event(), Some(event("add", "a\nb", "8")));
    assert_eq!(
        client.parser.reconnection_time(),
        Some(Duration::from_secs(1))
    );
    assert_eq!(adapter.ask("emit", emit(1)), json!({}));
    let rejected = adapter.notification("rejected");
    assert_eq!(
        (&rejected["client"], &rejected["index"]),
        (&request["client"], &json!(1))
    );
    assert_eq!(adapter.ask("emit", emit(2)), json!({}));
    assert_eq!(client.next_event(), Some(event("message", "c", "8")));

    drop(client);
    let disconnected = json!({ "stream": "s1", "client": request["client"] });
    assert_eq!(adapter.notification("disconnected"), disconnected);
    assert_eq!(adapter.ask("stop", json!({ "stream": "s1" })), json!({}));
    adapter.shut_down();
}

#[test]
fn a_server_at_its_own_pace_writes_everything_and_closes() {
    let mut adapter = Adapter::start("server", &["server.py"]);
    let serve = json!({ "stream": "s1", "events": [{ "data": "a" }, { "data": "b" }], "pace": "free", "end": "close" });
    let url = adapter.ask("serve", serve)["url"].clone();
    for client in ["k1", "k2"] {
        let mut reader = Reader::connect(url.as_str().expect("a URL"), "");
        let request = json!({ "stream": "s1", "client": client, "lastEventId": null });
        assert_eq!(adapter.notification("request"), request);
        assert_eq!(reader.next_event(), Some(event("message", "a", "")));
        assert_eq!(reader.next_event(), Some(event("message", "b", "")));
        assert_eq!(reader.next_event(), None);
    }
    assert_eq!(adapter.ask("stop", json!({ "stream": "s1" })), json!({}));
    adapter.shut_down();
}

/// An adapter and what it has said so far.
struct Adapter {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    notifications: VecDeque<Value>,
    n_asked: u64,
}

impl Adapter {
    fn start(role: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("python3")
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/throwaway"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let message =
                    serde_json::from_str(&line.expect("UTF-8")).expect("one JSON value per line");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut adapter = Self {
            child,
            stdin,
            messages,
            notifications: VecDeque::new(),
            n_asked: 0,
        };
        let description = adapter.ask("initialize", json!({ "protocolVersion": 0, "role": role }));
        assert_eq!(description["role"], role);
        adapter
    }

    /// Asks and waits for the answer. Notifications that come before it are kept.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.n_asked += 1;
        let request =
            json!({ "jsonrpc": "2.0", "id": self.n_asked, "method": method, "params": params });
        writeln!(self.stdin, "{request}").expect("the adapter reads");
        loop {
            let message = self.messages.recv_timeout(DEADLINE).expect("an answer");
            if message.get("method").is_some() {
                assert_notification(&message);
                self.notifications.push_back(message);
                continue;
            }
            let definition = match method {
                "initialize" | "serve" => format!("{method}Answer"),
                _ => "emptyAnswer".to_owned(),
            };
            assert_valid(&definition, &message);
            assert_eq!(message["id"], self.n_asked);
            return message["result"].clone();
        }
    }

    /// The parameters of the next notification, which must be this one.
    #[track_caller]
    fn notification(&mut self, method: &str) -> Value {
        let notification = self.notifications.pop_front().unwrap_or_else(|| {
            let message = self
                .messages
                .recv_timeout(DEADLINE)
                .expect("a notification");
            assert_notification(&message);
            message
        });
        assert_eq!(notification["method"], method, "{notification}");
        notification["params"].clone()
    }

    /// Ends the adapter, which must have nothing more to say.
    #[track_caller]
    fn shut_down(mut self) {
        assert_eq!(self.ask("shutdown", json!({})), json!({}));
        assert!(self.child.wait().expect("it ends").success());
        let unread: Vec<_> = self
            .notifications
            .drain(..)
            .chain(self.messages.iter())
            .collect();
        assert!(unread.is_empty(), "{unread:?}");
    }
}

#[track_caller]
fn assert_notification(message: &Value) {
    let method = message["method"]
        .as_str()
        .expect("a notification has a method");
    assert_valid(&format!("{method}Notification"), message);
}

/// Holds a message to the definition of its kind, and to the schema as a whole.
#[track_caller]
fn assert_valid(definition: &str, message: &Value) {
    assert!(
        SCHEMA["$defs"].get(definition).is_some(),
        "the schema has no {definition}"
    );
    let mut of_its_kind = SCHEMA.clone();
    of_its_kind["anyOf"] = json!([{ "$ref": format!("#/$defs/{definition}") }]);
    for schema in [&of_its_kind, &*SCHEMA] {
        let validator = jsonschema::validator_for(schema).expect("a schema");
        if let Err(error) = validator.validate(message) {
            panic!("{error} in {message}");
        }
    }
}

/// A server on loopback that a client adapter connects to.
struct Origin(TcpListener);

impl Origin {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    fn url(&self) -> String {
        format!("http://{}/stream", self.0.local_addr().expect("bound"))
    }

    /// The head of the next request, in lower case but for its first line, and the connection.
    fn accept(&self) -> (String, TcpStream) {
        let (connection, _) = self.0.accept().expect("a client");
        connection
            .set_read_timeout(Some(DEADLINE))
            .expect("a socket");
        let head = BufReader::new(&connection)
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty());
        (head.collect::<Vec<_>>().join("\n"), connection)
    }
}

fn answer_with(connection: &mut TcpStream, stream: &str) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    connection
        .write_all(format!("{head}{stream}").as_bytes())
        .expect("the client reads");
}

#[track_caller]
fn assert_header(request: &str, name: &str, expected: Option<&str>) {
    let value = request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(n, _)| n.eq_ignore_ascii_case(name));
    assert_eq!(value.map(|(_, value)| value), expected, "{request}");
}

/// A client of a server adapter: reads the wire with the reference.
struct Reader {
    connection: TcpStream,
    parser: Parser,
    events: VecDeque<OwnedEvent>,
}

impl Reader {
    fn connect(url: &str, headers: &str) -> Self {
        let (address, path) = url
            .strip_prefix("http://")
            .and_then(|url| url.split_once('/'))
            .expect("an http URL");
        let mut connection = TcpStream::connect(address).expect("the server listens");
        connection
            .set_read_timeout(Some(DEADLINE))
            .expect("a socket");
        write!(
            connection,
            "GET /{path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n"
        )
        .expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection
                .read_exact(&mut byte)
                .expect("the head of an answer");
            head.extend(byte);
        }
        assert!(
            head.starts_with(b"HTTP/1.0 200 "),
            "{}",
            String::from_utf8_lossy(&head)
        );
        Self {
            connection,
            parser: Parser::new(),
            events: VecDeque::new(),
        }
    }

    /// The next event on the wire, or nothing if the stream ends before.
    fn next_event(&mut self) -> Option<OwnedEvent> {
        while self.events.is_empty() {
            let mut chunk = [0; 4096];
            let n_read = self.connection.read(&mut chunk).expect("bytes in time");
            if n_read == 0 {
                return None;
            }
            self.events.extend(self.parser.feed(&chunk[..n_read]));
        }
        self.events.pop_front()
    }
}

fn event(event_type: &str, data: &str, last_event_id: &str) -> OwnedEvent {
    OwnedEvent {
        event_type: event_type.to_owned(),
        data: data.to_owned(),
        last_event_id: last_event_id.to_owned(),
    }
}
