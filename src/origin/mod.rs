//! The scripted HTTP server that clients connect to: scripts in, facts out. Loopback only.
//!
//! Each script has a path of its own, so thousands are played at once on one port and nothing leaks from one to another.

mod answer;
pub mod boundary;
mod cors;
mod ports;
pub mod request;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::script::{Ending, Gate, Response, Script};
use answer::Answering;
use boundary::{Boundaries, Ends};
use ports::{Place, Ports};
use request::Request;

/// Requests to paths that belong to no script; more are only counted by their last ones.
const MAX_STRAYS: usize = 20;

/// A server on a loopback port. Dropping it ends all its connections.
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    /// For clients that open only a few connections to one port.
    ports: Option<Ports>,
}

/// A script that is being played. Dropping it ends its connections.
pub struct Playing {
    /// Where the target has to connect.
    pub url: String,
    /// What happens, as it happens.
    pub facts: mpsc::UnboundedReceiver<Told>,
    handle: u64,
    shared: Arc<Shared>,
    _place: Option<Place>,
}

/// A fact, and what it belongs to.
#[derive(Debug)]
pub struct Told {
    /// When.
    pub at: Instant,
    /// The place of the request among the script's requests, from 0.
    pub request: usize,
    /// What.
    pub fact: Fact,
}

/// Something that happened at the origin.
#[derive(Debug)]
pub enum Fact {
    /// A request came; its path is told below the script's own.
    Asked(Request),
    /// The head of the answer was written.
    Head(u16),
    /// A chunk of the body was written.
    Chunk(Vec<u8>),
    /// Whether the client read the last chunk by itself is not known.
    BoundaryUnknown,
    /// The answer waits here until the sender is used or dropped.
    Gate(Gate, oneshot::Sender<()>),
    /// All steps are done; this ending follows.
    Over(Ending),
    /// The client closed the connection before the answer was over, or while it was held.
    Left,
}

struct Shared {
    boundaries: Boundaries,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next_handle: u64,
    plays: HashMap<u64, Play>,
    strays: Vec<String>,
}

struct Play {
    script: Arc<Script>,
    facts: mpsc::UnboundedSender<Told>,
    n_requests: usize,
    connections: Vec<tokio::task::AbortHandle>,
}

/// The way back to whoever plays a script.
struct Facts(mpsc::UnboundedSender<Told>);

impl Origin {
    /// Listens on a free loopback port.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(None).await
    }

    /// As [`start`](Self::start), for browsers: on many ports, and a few scripts at once on each.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub async fn start_for_browsers() -> io::Result<Self> {
        let mut origin = Self::start().await?;
        origin.ports = Some(Ports::default());
        Ok(origin)
    }

    /// As [`start`](Self::start), with chunk boundaries kept by a pause.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub async fn start_pausing() -> io::Result<Self> {
        Self::start_with(Some(Boundaries::pausing())).await
    }

    async fn start_with(boundaries: Option<Boundaries>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let boundaries = match boundaries {
            Some(boundaries) => boundaries,
            None => {
                let probe = TcpStream::connect(address).await?;
                let ends = Ends {
                    client: probe.local_addr()?,
                    origin: address,
                };
                // It stays open until the kernel was asked about it.
                _ = listener.accept().await?;
                Boundaries::new(ends)
            }
        };
        let shared = Arc::new(Shared {
            boundaries,
            table: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
            ports: None,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How chunk boundaries are kept, for reports.
    pub fn boundaries(&self) -> &'static str {
        self.shared.boundaries.name()
    }

    /// Plays a script at a path of its own.
    pub fn play(&self, script: Script) -> Playing {
        let (sender, facts) = mpsc::unbounded_channel();
        let mut table = self.shared.table();
        let handle = table.next_handle;
        table.next_handle += 1;
        table.plays.insert(
            handle,
            Play {
                script: Arc::new(script),
                facts: sender,
                n_requests: 0,
                connections: Vec::new(),
            },
        );
        let accept = |listener| tokio::spawn(accept(listener, Arc::clone(&self.shared)));
        // Out of ports: the first one takes what it can.
        let place = self
            .ports
            .as_ref()
            .and_then(|ports| ports.place(accept).ok());
        let address = place.as_ref().map_or(self.address, |place| place.address);
        Playing {
            url: base(address, handle),
            facts,
            handle,
            shared: Arc::clone(&self.shared),
            _place: place,
        }
    }

    /// The requests so far that belong to no script: method and path.
    pub fn strays(&self) -> Vec<String> {
        self.shared.table().strays.clone()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let play = self.shared.table().plays.remove(&self.handle);
        for connection in play.into_iter().flat_map(|play| play.connections) {
            connection.abort();
        }
    }
}

impl Shared {
    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The URL that the paths of a script start with.
fn base(address: SocketAddr, handle: u64) -> String {
    format!("http://{address}/{handle}/")
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                tokio::spawn(serve(stream, client, Arc::clone(&shared)));
            }
            // Out of descriptors: those of connections that end come free.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(mut stream: TcpStream, client: SocketAddr, shared: Arc<Shared>) {
    // A chunk is one packet, sent at once.
    _ = stream.set_nodelay(true);
    let Ok(origin) = stream.local_addr() else {
        return;
    };
    let Ok(Some(request)) = request::read(&mut stream).await else {
        return;
    };
    let at = Instant::now();
    let ends = Ends { client, origin };
    let taken = match cors::preflight(&request) {
        Some(response) => Err(response),
        None => shared.take(request, at),
    };
    match taken {
        Ok(taken) => {
            let handle = taken.handle;
            let connection = tokio::spawn({
                let shared = Arc::clone(&shared);
                async move {
                    let base = base(origin, handle);
                    let answering = Answering {
                        stream,
                        ends,
                        boundaries: &shared.boundaries,
                        facts: &taken.facts,
                        base: &base,
                        request: taken.request,
                    };
                    answering.play(&taken.response).await;
                }
            });
            match shared.table().plays.get_mut(&handle) {
                Some(play) => {
                    play.connections.retain(|earlier| !earlier.is_finished());
                    play.connections.push(connection.abort_handle());
                }
                None => connection.abort(),
            }
        }
        Err(response) => {
            let (sender, _) = mpsc::unbounded_channel();
            let answering = Answering {
                stream,
                ends,
                boundaries: &shared.boundaries,
                facts: &Facts(sender),
                base: "",
                request: 0,
            };
            answering.play(&response).await;
        }
    }
}

/// A request that a script answers.
struct Taken {
    handle: u64,
    facts: Facts,
    request: usize,
    response: Response,
}

impl Shared {
    /// Gives a request to the script that its path names, or the answer that it gets instead.
    fn take(&self, mut request: Request, at: Instant) -> Result<Taken, Response> {
        let mut table = self.table();
        let path = request.target.trim_start_matches('/');
        let (handle, below) = path.split_once('/').unwrap_or((path, ""));
        let handle = handle.parse::<u64>().ok();
        let below = below.to_owned();
        let Some((handle, play)) =
            handle.and_then(|handle| Some((handle, table.plays.get_mut(&handle)?)))
        else {
            // A script that is over: a target that comes back late is sent away for good.
            if handle.is_some_and(|handle| handle < table.next_handle) {
                return Err(Response::status(204));
            }
            if table.strays.len() < MAX_STRAYS {
                let stray = format!("{} {}", request.method, request.target);
                table.strays.push(stray);
            }
            return Err(Response::status(404));
        };
        let number = play.n_requests;
        play.n_requests += 1;
        let scripted = play.script.responses.get(number);
        let mut response = scripted.unwrap_or(&play.script.afterwards).clone();
        cors::grant(&request, &mut response);
        request.target = below;
        let told = Told {
            at,
            request: number,
            fact: Fact::Asked(request),
        };
        _ = play.facts.send(told);
        Ok(Taken {
            handle,
            facts: Facts(play.facts.clone()),
            request: number,
            response,
        })
    }
}

impl Facts {
    fn tell(&self, request: usize, fact: Fact) {
        let at = Instant::now();
        // Nobody listens once the case is over.
        _ = self.0.send(Told { at, request, fact });
    }

    async fn gate(&self, request: usize, gate: Gate) {
        let (go, opened) = oneshot::channel();
        self.tell(request, Fact::Gate(gate, go));
        _ = opened.await;
    }
}
