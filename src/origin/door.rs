//! A port of one script's own: it can refuse connections for a time, and speaks TLS or HTTP/2 where the script says so.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::certificate::Security;
use super::table::{Facts, Shared};
use super::wire::Wire;
use super::{Fact, http2, serve};
use crate::script::Transport;

/// Connections that wait to be taken.
const BACKLOG: u32 = 128;

/// A script's own port.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    lane: Lane,
    state: Mutex<State>,
}

/// How connections on a port are taken.
#[derive(Clone)]
struct Lane {
    handle: u64,
    transport: Transport,
    security: Option<Arc<Security>>,
    shared: Arc<Shared>,
}

enum State {
    Open(JoinHandle<()>),
    /// The port is bound, so that nobody else gets it, and refuses connections, since nobody listens.
    Refusing(TcpSocket),
    Gone,
}

impl Door {
    /// A free port that refuses connections for now.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub fn new(
        handle: u64,
        transport: Transport,
        security: Option<Arc<Security>>,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        let socket = bound((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self(Arc::new(Inner {
            address: socket.local_addr()?,
            lane: Lane {
                handle,
                transport,
                security,
                shared,
            },
            state: Mutex::new(State::Refusing(socket)),
        })))
    }

    /// What the script's URLs start with.
    pub fn base(&self) -> String {
        let Lane {
            transport, handle, ..
        } = self.0.lane;
        super::base(scheme(transport), self.0.address, handle)
    }

    /// Takes connections.
    ///
    /// # Errors
    ///
    /// The port was lost.
    pub fn open(&self) -> io::Result<()> {
        let mut state = self.0.state();
        let socket = match std::mem::replace(&mut *state, State::Gone) {
            State::Refusing(socket) => socket,
            other => {
                *state = other;
                return Ok(());
            }
        };
        let listener = socket.listen(BACKLOG)?;
        *state = State::Open(tokio::spawn(accept(listener, self.0.lane.clone())));
        Ok(())
    }

    /// Refuses connections from now on; those that there are stay. Whoever plays the script says when that is over.
    pub async fn refuse(&self, facts: &Facts, request: usize) {
        let open = std::mem::replace(&mut *self.0.state(), State::Gone);
        if let State::Open(accepting) = open {
            accepting.abort();
            // Only once it is gone does nobody listen any more.
            _ = accepting.await;
            let Ok(socket) = bound(self.0.address) else {
                return;
            };
            *self.0.state() = State::Refusing(socket);
        }
        self.open_when_told(facts, request);
    }

    /// Stays closed until whoever plays the script lets connections in.
    pub fn open_when_told(&self, facts: &Facts, request: usize) {
        let (go, told) = oneshot::channel();
        facts.tell(request, Fact::Refuses(go));
        let door = self.clone();
        tokio::spawn(async move {
            if told.await.is_ok() {
                _ = door.open();
            }
        });
    }

    /// Takes no connection any more.
    pub fn close(&self) {
        if let State::Open(accepting) = std::mem::replace(&mut *self.0.state(), State::Gone) {
            accepting.abort();
        }
    }
}

impl Inner {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn scheme(transport: Transport) -> &'static str {
    match transport {
        Transport::Plain | Transport::Http2Cleartext => "http",
        Transport::Tls | Transport::Http2 => "https",
    }
}

/// A socket that has the port, also while connections that were taken on it go on.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(listener: TcpListener, lane: Lane) {
    while let Ok((stream, client)) = listener.accept().await {
        let connection = tokio::spawn(connected(stream, client, lane.clone()));
        lane.shared.own(lane.handle, connection.abort_handle());
    }
}

async fn connected(stream: TcpStream, client: SocketAddr, lane: Lane) {
    let wire = Wire::plain(stream);
    let Ok(ends) = wire.ends(client) else {
        return;
    };
    let acceptor = lane
        .security
        .as_deref()
        .and_then(|security| match lane.transport {
            Transport::Tls => Some(&security.http1),
            Transport::Http2 => Some(&security.http2),
            Transport::Plain | Transport::Http2Cleartext => None,
        });
    let wire = match acceptor {
        None => wire,
        Some(acceptor) => match wire.secured(acceptor).await {
            Ok(wire) => wire,
            // It does not trust the certificate, or speaks another protocol.
            Err(error) => {
                let why = format!("TLS was not agreed on: {error}");
                return lane.shared.tell(lane.handle, Fact::Unheard(why));
            }
        },
    };
    match lane.transport {
        Transport::Plain | Transport::Tls => serve(wire, ends, lane.shared).await,
        Transport::Http2 | Transport::Http2Cleartext => {
            http2::serve(wire, ends, lane.shared).await;
        }
    }
}
