//! Small servers on loopback that answer with exact bytes, and the binary run against them.

#![allow(dead_code, reason = "each test takes a part of it")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The head of a stream that ends with its connection.
pub const STREAM: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";

/// A server, and the requests that it was sent.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request, in a thread of its own, with what `answer` writes for its number, from 0.
    pub fn start(answer: impl Fn(usize, &mut Client) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || {
                    let mut socket = socket.expect("a connection");
                    _ = socket.set_nodelay(true);
                    let Some(request) = request(&mut socket) else {
                        return;
                    };
                    let number = {
                        let mut seen = seen.lock().expect("no panic");
                        seen.push(request.clone());
                        seen.len() - 1
                    };
                    answer(number, &mut Client { socket, request });
                });
            }
        });
        Self { address, requests }
    }

    /// Answers every request with these bytes.
    pub fn with(answer: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self::start(move |_, client| client.send(answer.as_ref()))
    }

    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// Who asks, and what.
pub struct Client {
    pub socket: TcpStream,
    pub request: String,
}

impl Client {
    /// Sends bytes; a client that has gone is no fault of the server.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        _ = self.socket.write_all(bytes.as_ref());
    }

    /// Sends a chunk of the chunked coding.
    pub fn chunk(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.send(chunk);
    }

    /// Waits until the client has gone.
    pub fn hold(&mut self) {
        let mut buffer = [0; 64];
        while self.socket.read(&mut buffer).is_ok_and(|n| n > 0) {}
    }
}

/// Reads one request with its body.
fn request(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().expect("a number"));
            if body.len() >= length {
                return Some(text.into_owned());
            }
        }
        match socket.read(&mut buffer) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    }
}

/// Sleeps: time is what lint measures.
pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// `ssespec lint` with these arguments.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
    command.arg("lint").args(arguments);
    command
}

/// Runs `ssespec lint`.
pub fn lint(arguments: &[&str]) -> Run {
    Run::of(command(arguments).output().expect("the binary starts"))
}

/// What a run left.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub error: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            error: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The exit code, and texts that stand in the output.
    #[track_caller]
    pub fn check(&self, code: i32, texts: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.error);
        for text in texts {
            let is_there =
                self.out.contains(text) || unwrapped(&self.out).contains(&unwrapped(text));
            assert!(is_there, "`{text}` is not in:\n{}", self.out);
        }
        self
    }

    /// Texts that do not stand in the output.
    #[track_caller]
    pub fn lacks(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(!self.out.contains(text), "`{text}` is in:\n{}", self.out);
        }
        self
    }
}

/// The text as if no line had been wrapped.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
