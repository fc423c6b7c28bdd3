//! A LaunchDarkly test service around a small client of our own, which misbehaves as it is told. Runs until the test ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ssespec::event_stream::Parser;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Good,
    GreetsWith500,
    Creates500,
    /// It never calls back, on any stream.
    Mute,
    /// The first callback of a stream is posted after the second.
    Backwards,
    /// After a stream was deleted, one more event is called back.
    LateAfterEnd,
    /// Its port is closed once it was asked for its third stream.
    Dies,
    // What follows concerns one stream.
    OnceCreates500,
    OnceNoLocation,
    OnceHangsUp,
    OnceGarbage,
    OnceGap,
    OnceMute,
    OnceNeverConnects,
}

/// The harness measures the delay on the first two streams.
const THE_STREAM: usize = 3;

/// Starts a service on a free port. Returns its URL.
pub fn start(mode: Mode) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let service = Arc::new(Service {
        mode,
        n_streams: AtomicUsize::new(0),
        streams: Mutex::default(),
    });
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            let asked = service.read(&stream);
            if mode == Mode::Dies
                && asked.is_create()
                && service.n_streams.load(Ordering::SeqCst) == 2
            {
                return;
            }
            let service = Arc::clone(&service);
            thread::spawn(move || service.answer(stream, &asked));
        }
    });
    url
}

struct Service {
    mode: Mode,
    n_streams: AtomicUsize,
    streams: Mutex<Vec<Arc<Client>>>,
}

struct Asked {
    method: String,
    path: String,
    body: Vec<u8>,
}

impl Asked {
    fn is_create(&self) -> bool {
        self.method == "POST" && self.path == "/"
    }
}

impl Service {
    fn read(&self, stream: &TcpStream) -> Asked {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("a request");
        let mut words = line.split(' ').map(str::to_owned);
        let (method, path) = (
            words.next().expect("a method"),
            words.next().unwrap_or_default(),
        );
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line).expect("a header");
            match line.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().expect("a length");
                }
                Some(_) => (),
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        Asked { method, path, body }
    }

    fn answer(&self, mut stream: TcpStream, asked: &Asked) {
        let mut say = |status: &str, more: &str, body: &str| {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{more}\r\n{body}"
            );
            _ = stream.write_all(answer.as_bytes());
        };
        let out_of_order = "500 Internal Server Error";
        if asked.method == "GET" {
            return match self.mode {
                Mode::GreetsWith500 => say(out_of_order, "", "out of order"),
                _ => say(
                    "200 OK",
                    "",
                    r#"{"name":"misbehaving","capabilities":["event-type-listeners"]}"#,
                ),
            };
        }
        if let Some(number) = asked.path.strip_prefix("/streams/") {
            let number: usize = number.parse().expect("a stream");
            let client = Arc::clone(&self.streams.lock().expect("unpoisoned")[number - 1]);
            if asked.method == "DELETE" {
                client.close();
                say("204 No Content", "", "");
                if self.mode == Mode::LateAfterEnd {
                    thread::sleep(Duration::from_millis(50));
                    client.call_back(&event("message", "late", ""));
                }
                return;
            }
            let command: Value = serde_json::from_slice(&asked.body).expect("JSON");
            assert_ne!(
                command["listen"]["type"], "message",
                "nobody has to ask for these"
            );
            return say("202 Accepted", "", "");
        }
        if asked.method.is_empty() {
            // Whoever connected only looked whether there is a port.
            return;
        }
        assert!(asked.is_create());
        let number = {
            let mut streams = self.streams.lock().expect("unpoisoned");
            let client = Client::new(&asked.body, self.mode, streams.len() + 1);
            streams.push(Arc::new(client));
            self.n_streams.fetch_add(1, Ordering::SeqCst);
            streams.len()
        };
        let location = format!("location: /streams/{number}\r\n");
        match (self.mode, number == THE_STREAM) {
            (Mode::Creates500, _) | (Mode::OnceCreates500, true) => {
                return say(out_of_order, "", "out of order");
            }
            (Mode::OnceNoLocation, true) => return say("201 Created", "", ""),
            (Mode::OnceHangsUp, true) => return,
            (Mode::OnceNeverConnects, true) => return say("201 Created", &location, ""),
            _ => (),
        }
        let client = Arc::clone(&self.streams.lock().expect("unpoisoned")[number - 1]);
        thread::spawn(move || client.follow());
        say("201 Created", &location, "");
    }
}

/// A client of one stream.
struct Client {
    stream_url: String,
    initial_delay: Duration,
    callback_url: String,
    mode: Mode,
    is_the_one: bool,
    n_callbacks: AtomicUsize,
    is_closed: AtomicBool,
    connection: Mutex<Option<TcpStream>>,
}

impl Client {
    fn new(body: &[u8], mode: Mode, number: usize) -> Self {
        let create: Value = serde_json::from_slice(body).expect("JSON");
        let delay = create["initialDelayMs"].as_u64().expect("a time");
        let url = |name: &str| create[name].as_str().expect("a URL").to_owned();
        Self {
            stream_url: url("streamUrl"),
            initial_delay: Duration::from_millis(delay),
            callback_url: url("callbackUrl"),
            mode,
            is_the_one: number == THE_STREAM,
            n_callbacks: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            connection: Mutex::default(),
        }
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        if let Some(connection) = self.connection.lock().expect("unpoisoned").take() {
            _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Connects, reads events, and comes back until it is closed or sent away.
    fn follow(&self) {
        let (mut last_event_id, mut delay) = (String::new(), self.initial_delay);
        while !self.is_closed.load(Ordering::SeqCst) {
            let (address, path) = taken_apart(&self.stream_url);
            let mut connection = TcpStream::connect(&address).expect("the origin");
            let kept = connection.try_clone().expect("a socket");
            *self.connection.lock().expect("unpoisoned") = Some(kept);
            let mut head = format!(
                "GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\ncache-control: no-store\r\n"
            );
            if !last_event_id.is_empty() {
                head.push_str(&format!("last-event-id: {last_event_id}\r\n"));
            }
            _ = connection.write_all(format!("{head}\r\n").as_bytes());
            let mut parser = Parser::new();
            parser.set_last_event_id(&last_event_id);
            if !self.read(connection, &mut parser) {
                return;
            }
            last_event_id = parser.last_event_id().to_owned();
            delay = parser.reconnection_time().unwrap_or(delay);
            thread::sleep(delay);
        }
    }

    /// Reads one chunked stream to its end. Returns whether to come back.
    fn read(&self, connection: TcpStream, parser: &mut Parser) -> bool {
        let mut reader = BufReader::new(connection);
        let mut line = String::new();
        _ = reader.read_line(&mut line);
        if !line.starts_with("HTTP/1.1 200") {
            return false;
        }
        while line.trim() != "" {
            line.clear();
            _ = reader.read_line(&mut line);
        }
        loop {
            line.clear();
            _ = reader.read_line(&mut line);
            let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; length + 2];
            if length == 0 || reader.read_exact(&mut chunk).is_err() {
                return true;
            }
            for found in parser.feed(&chunk[..length]) {
                if !self.is_closed.load(Ordering::SeqCst) {
                    self.call_back(&event(&found.event_type, &found.data, &found.last_event_id));
                }
            }
        }
    }

    fn call_back(&self, callback: &Value) {
        let number = 1 + self.n_callbacks.fetch_add(1, Ordering::SeqCst);
        match (self.mode, self.is_the_one) {
            (Mode::Mute, _) | (Mode::OnceMute, true) => (),
            (Mode::OnceGarbage, true) => {
                post(&self.callback_url, number, &json!({ "kind": "opened" }))
            }
            (Mode::OnceGap, true) => post(&self.callback_url, number + 1, callback),
            (Mode::Backwards, _) if number == 1 => {
                let (url, callback) = (self.callback_url.clone(), callback.clone());
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(200));
                    post(&url, number, &callback);
                });
            }
            _ => post(&self.callback_url, number, callback),
        }
    }
}

fn post(callback_url: &str, number: usize, callback: &Value) {
    let (address, path) = taken_apart(callback_url);
    let body = callback.to_string();
    let length = body.len();
    let Ok(mut connection) = TcpStream::connect(&address) else {
        // The run is over.
        return;
    };
    _ = write!(
        connection,
        "POST {path}/{number} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    _ = connection.read_to_end(&mut Vec::new());
}

fn event(event_type: &str, data: &str, id: &str) -> Value {
    json!({ "kind": "event", "event": { "type": event_type, "data": data, "id": id } })
}

/// Address and path of a URL.
fn taken_apart(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").expect("an http: URL");
    let (address, path) = rest.split_once('/').expect("a path");
    (address.to_owned(), format!("/{path}"))
}
