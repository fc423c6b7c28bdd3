//! The server's side of the adapter protocol: streams are served as the harness asks, and what happens to them goes out at once.
//!
//! Knows nothing about event streams.

mod client;
mod emission;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine};
use futures::channel::mpsc::{self, UnboundedSender};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::message::{Initialize, Initialized, Refusal, Request};

use client::Serve;
pub use client::{ApplicationFails, Client, Events};
pub use emission::{Emission, Setters};
pub use http::HeaderMap;

/// The server under test, and what its interface can do, in the values of ../../README.md.
pub struct Server {
    pub name: &'static str,
    pub version: &'static str,
    pub fields: &'static [&'static str],
    pub without_data: bool,
}

impl Server {
    fn describe(&self) -> Value {
        let features = json!({
            "fields": self.fields,
            "withoutData": self.without_data,
            // What every server here can do.
            "lastEventId": true,
            "heartbeat": true,
            "disconnects": true,
            "headers": true,
            "status": true,
        });
        json!(Initialized::new(
            self.name,
            self.version,
            "server",
            features
        ))
    }
}

/// The application that an adapter's server belongs to: it knows which events to emit to whom, and when.
#[derive(Clone)]
pub struct Application {
    shared: Arc<Shared>,
}

struct Shared {
    server: Server,
    output: Output,
    served: Mutex<Served>,
}

#[derive(Default)]
struct Served {
    streams: HashMap<String, Arc<Serve>>,
    /// By stream and handle; to drop one is to stop it.
    clients: HashMap<String, HashMap<String, Asking>>,
    n_clients: usize,
}

/// What reaches a client from outside of its stream.
struct Asking {
    indices: UnboundedSender<usize>,
    is_over: Arc<AtomicBool>,
}

impl Application {
    /// An application that serves nothing yet.
    pub fn new(server: Server) -> Self {
        Self::writing_to(server, Box::new(io::stdout()))
    }

    fn writing_to(server: Server, output: Box<dyn Write + Send>) -> Self {
        Self {
            shared: Arc::new(Shared {
                server,
                output: Output(Mutex::new(output)),
                served: Mutex::default(),
            }),
        }
    }

    /// Tells the harness that a request for a stream came, with the Last-Event-ID as the application is shown it.
    ///
    /// Nothing, if no such stream is served.
    pub fn request(&self, stream: &str, last_event_id: Option<&[u8]>) -> Option<Client> {
        let mut served = lock(&self.shared.served);
        let params = Arc::clone(served.streams.get(stream)?);
        served.n_clients += 1;
        let handle = format!("k{}", served.n_clients);
        let (indices, asked) = mpsc::unbounded();
        let is_over = Arc::new(AtomicBool::new(false));
        let asking = Asking {
            indices,
            is_over: Arc::clone(&is_over),
        };
        let clients = served.clients.entry(stream.to_owned()).or_default();
        clients.insert(handle.clone(), asking);
        drop(served);
        let client = Client {
            shared: Arc::clone(&self.shared),
            handle,
            params,
            asked,
            is_over,
        };
        client.notify("request", json!({ "lastEventId": last_event_id.map(text) }));
        Some(client)
    }

    /// Speaks the protocol on a thread of its own, which ends the process at `shutdown` or at the end of standard input.
    pub fn converse(&self, address: SocketAddr) {
        let application = self.clone();
        thread::spawn(move || {
            let url = format!("http://{address}");
            let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
            process::exit(match application.converse_over(input, &url) {
                Ok(()) => 0,
                Err(error) => {
                    eprintln!("{error}");
                    1
                }
            });
        });
    }

    fn converse_over(&self, mut input: impl BufRead, url: &str) -> io::Result<()> {
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            let request: Request = match serde_json::from_slice(&line) {
                Ok(request) => request,
                Err(error) => {
                    self.refuse(None, &Refusal::not_a_request(&error));
                    line.clear();
                    continue;
                }
            };
            if let Err(refusal) = self.obey(&request, url) {
                self.refuse(request.id.as_ref(), &refusal);
            }
            if request.method == "shutdown" {
                break;
            }
            line.clear();
        }
        Ok(())
    }

    /// Answers before it acts where the act can be reported, so that no report overtakes the answer.
    fn obey(&self, request: &Request, url: &str) -> Result<(), Refusal> {
        let answer = |result: Value| {
            let message = json!({ "jsonrpc": "2.0", "id": request.id, "result": result });
            self.shared.output.write(&message);
        };
        match request.method.as_str() {
            "initialize" => {
                request.params::<Initialize>()?.check("server")?;
                answer(self.shared.server.describe());
            }
            "serve" => {
                let serve: Serve = request.params()?;
                let url = format!("{url}/{}", serve.stream);
                let mut served = lock(&self.shared.served);
                served.streams.insert(serve.stream.clone(), Arc::new(serve));
                drop(served);
                answer(json!({ "url": url }));
            }
            "emit" => {
                let emit: Emit = request.params()?;
                answer(json!({}));
                let served = lock(&self.shared.served);
                let clients = served.clients.get(&emit.stream);
                if let Some(asking) = clients.and_then(|clients| clients.get(&emit.client)) {
                    // An error says that the client has left.
                    _ = asking.indices.unbounded_send(emit.index);
                }
            }
            "stop" => {
                let Stop { stream } = request.params()?;
                answer(json!({}));
                let mut served = lock(&self.shared.served);
                served.streams.remove(&stream);
                for asking in served
                    .clients
                    .remove(&stream)
                    .iter()
                    .flat_map(HashMap::values)
                {
                    asking.is_over.store(true, Ordering::Relaxed);
                }
            }
            "shutdown" => answer(json!({})),
            method => return Err(Refusal::unknown_method(method)),
        }
        Ok(())
    }

    fn refuse(&self, id: Option<&Value>, refusal: &Refusal) {
        let message = json!({ "jsonrpc": "2.0", "id": id, "error": refusal });
        self.shared.output.write(&message);
    }
}

#[derive(Deserialize)]
struct Emit {
    stream: String,
    client: String,
    index: usize,
}

#[derive(Deserialize)]
struct Stop {
    stream: String,
}

/// Where the lines go, each whole and at once.
struct Output(Mutex<Box<dyn Write + Send>>);

impl Output {
    fn write(&self, message: &Value) {
        let line = format!("{message}\n");
        let mut output = lock(&self.0);
        let written = output.write_all(line.as_bytes());
        if let Err(error) = written.and_then(|()| output.flush()) {
            // Nobody listens any more.
            eprintln!("{error}");
            process::exit(1);
        }
    }
}

/// A panic of an implementation may come while anything is locked, and harms none of it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text as the protocol carries it, byte for byte.
fn text(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}
