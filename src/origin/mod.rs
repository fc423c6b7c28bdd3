//! The scripted HTTP server that clients connect to: scripts in, facts out. Loopback only.
//!
//! Each script has a path of its own, so thousands are played at once on one port and nothing leaks from one to another.

mod answer;
pub mod boundary;
mod certificate;
mod coding;
mod cors;
mod door;
mod http1;
mod http2;
mod ports;
pub mod request;
mod table;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::script::{Ending, Gate, Script, Transport};
use boundary::{Boundaries, Ends};
use door::Door;
use http1::Http1;
use ports::{Place, Ports};
use request::Request;
use table::{Facts, Shared};
use wire::Wire;

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
    /// What the target has to trust, as PEM, where the script is played over TLS.
    pub certificate: Option<String>,
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
    /// The head of the answer was written: its status, and all of it.
    Head(u16, Vec<u8>),
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
    /// The port refuses connections until the sender is used.
    Refuses(oneshot::Sender<()>),
    /// A connection came to nothing before there was a request, for this reason.
    Unheard(String),
}

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
        let shared = Shared::new(address, boundaries);
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

    /// Plays a script at a path of its own, on the port that most scripts share.
    pub fn play(&self, script: Script) -> Playing {
        let (handle, facts) = self.shared.insert(script);
        let accept = |listener| tokio::spawn(accept(listener, Arc::clone(&self.shared)));
        // Out of ports: the first one takes what it can.
        let place = self
            .ports
            .as_ref()
            .and_then(|ports| ports.place(accept).ok());
        let address = place.as_ref().map_or(self.address, |place| place.address);
        Playing {
            url: base("http", address, handle),
            facts,
            certificate: None,
            handle,
            shared: Arc::clone(&self.shared),
            _place: place,
        }
    }

    /// Plays a script on a port of its own, over what it wants to travel.
    ///
    /// # Errors
    ///
    /// There is no port, or no certificate.
    pub fn play_alone(&self, script: Script) -> io::Result<Playing> {
        let transport = script.transport;
        let security = match transport {
            Transport::Plain | Transport::Http2Cleartext => None,
            Transport::Tls | Transport::Http2 => Some(self.shared.security()?),
        };
        let certificate = security.as_ref().map(|security| security.pem.clone());
        let refuses_first = script.refusals.contains(&0);
        let (handle, facts) = self.shared.insert(script);
        let mut playing = Playing {
            url: String::new(),
            facts,
            certificate,
            handle,
            shared: Arc::clone(&self.shared),
            _place: None,
        };
        let door = Door::new(handle, transport, security, Arc::clone(&self.shared))?;
        playing.url = door.base();
        let mut table = self.shared.table();
        let Some(play) = table.plays.get_mut(&handle) else {
            return Ok(playing);
        };
        play.door = Some(door.clone());
        if refuses_first {
            door.open_when_told(&Facts(play.facts.clone()), 0);
        } else {
            door.open()?;
        }
        drop(table);
        Ok(playing)
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
        let Some(play) = self.shared.table().plays.remove(&self.handle) else {
            return;
        };
        if let Some(door) = play.door {
            door.close();
        }
        for connection in play.connections {
            connection.abort();
        }
    }
}

/// The URL that the paths of a script start with.
fn base(scheme: &str, address: SocketAddr, handle: u64) -> String {
    format!("{scheme}://{address}/{handle}/")
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                let wire = Wire::plain(stream);
                if let Ok(ends) = wire.ends(client) {
                    tokio::spawn(serve(wire, ends, Arc::clone(&shared)));
                }
            }
            // Out of descriptors: those of connections that end come free.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Reads one request and answers it.
async fn serve(mut wire: Wire, ends: Ends, shared: Arc<Shared>) {
    let Ok(Some(request)) = request::read(&mut wire).await else {
        return;
    };
    let count = wire.count();
    shared.answer(request, Instant::now(), Http1(wire), count, ends);
}
