//! A chunk that was written to a client, to the moment when the client has read it: only then may the next one follow.
//!
//! Without a gap TCP joins nearly all writes, and no fixed pause is safe on a busy machine.
//! On loopback both ends are ours to see: Linux tells of the client's socket how many bytes have come and how many are unread.
//! These are two questions, because one reply takes its two figures at different moments.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a client may take to read a chunk before the next one is written all the same.
const PATIENCE: Duration = Duration::from_secs(2);
/// The gap where the kernel cannot be asked.
const PAUSE: Duration = Duration::from_millis(2);
/// A reader that runs on another core is done within so many rounds; after them a core is worth more than the delay.
const N_QUICK_ROUNDS: usize = 40;

/// How chunk boundaries are kept.
pub struct Boundaries(Option<kernel::Sockets>);

/// One connection, seen from the client.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The client's address.
    pub client: SocketAddr,
    /// Ours.
    pub origin: SocketAddr,
}

/// What became of a chunk boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The client has read all that was written.
    Kept,
    /// The client did not read in time, or cannot be seen.
    Unknown,
}

/// What the kernel knows of a client's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Received {
    n_bytes: u64,
    n_unread: u32,
}

impl Boundaries {
    /// Asks the kernel if it answers about this connection of ours, else pauses.
    pub fn new(probe: Ends) -> Self {
        let sockets = kernel::Sockets::open().ok();
        Self(sockets.filter(|sockets| matches!(sockets.received(probe), Ok(Some(_)))))
    }

    /// Pauses, whatever the kernel could tell.
    pub fn pausing() -> Self {
        Self(None)
    }

    /// For reports.
    pub fn name(&self) -> &'static str {
        match self.0 {
            Some(_) => "kept by asking the kernel what the client has read",
            None => "kept by a pause of 2 ms",
        }
    }

    /// Waits until the client has read the `n_sent` bytes that this connection has carried.
    pub async fn keep(&self, ends: Ends, n_sent: u64) -> Boundary {
        let Some(sockets) = &self.0 else {
            tokio::time::sleep(PAUSE).await;
            return Boundary::Unknown;
        };
        let has_come = |received: Received| received.n_bytes >= n_sent;
        let is_read = |received: Received| received.n_unread == 0;
        let mut patience = Patience::new();
        if until(sockets, ends, &has_come, &mut patience).await
            && until(sockets, ends, &is_read, &mut patience).await
        {
            Boundary::Kept
        } else {
            Boundary::Unknown
        }
    }
}

async fn until(
    sockets: &kernel::Sockets,
    ends: Ends,
    holds: &(dyn Fn(Received) -> bool + Sync),
    patience: &mut Patience,
) -> bool {
    loop {
        match sockets.received(ends) {
            Ok(Some(received)) if holds(received) => return true,
            Ok(Some(_)) => (),
            // The client is gone: there is nobody to join two chunks.
            Ok(None) | Err(_) => return false,
        }
        if !patience.wait().await {
            return false;
        }
    }
}

struct Patience {
    n_rounds: usize,
    ends_at: Instant,
}

impl Patience {
    fn new() -> Self {
        Self {
            n_rounds: 0,
            ends_at: Instant::now() + PATIENCE,
        }
    }

    async fn wait(&mut self) -> bool {
        self.n_rounds += 1;
        if self.n_rounds <= N_QUICK_ROUNDS {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Instant::now() < self.ends_at
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::io;
    use std::sync::{Mutex, PoisonError};

    use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_sock_diag::SockDiagMessage;
    use netlink_packet_sock_diag::constants::{AF_INET, IPPROTO_TCP};
    use netlink_packet_sock_diag::inet::nlas::Nla;
    use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
    use netlink_sys::protocols::NETLINK_SOCK_DIAG;
    use netlink_sys::{Socket, SocketAddr};

    use super::{Ends, Received};

    /// Larger than any answer about one socket.
    const MAX_ANSWER: usize = 4096;

    /// Questions about sockets. One channel serves all connections: a question takes a few microseconds.
    pub struct Sockets(Mutex<Socket>);

    impl Sockets {
        pub fn open() -> io::Result<Self> {
            let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
            socket.bind_auto()?;
            socket.connect(&SocketAddr::new(0, 0))?;
            Ok(Self(Mutex::new(socket)))
        }

        /// What the client's socket has received; nothing if there is no such socket.
        pub fn received(&self, ends: Ends) -> io::Result<Option<Received>> {
            let question = question(ends);
            let mut answer = [0; MAX_ANSWER];
            let n_bytes = {
                let socket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                socket.send(&question, 0)?;
                socket.recv(&mut answer.as_mut_slice(), 0)?
            };
            let message = NetlinkMessage::<SockDiagMessage>::deserialize(&answer[..n_bytes])
                .map_err(io::Error::other)?;
            let NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) =
                message.payload
            else {
                return Ok(None);
            };
            let n_unread = response.header.recv_queue;
            Ok(response.nlas.iter().find_map(|attribute| match attribute {
                Nla::TcpInfo(info) => Some(Received {
                    n_bytes: info.bytes_received,
                    n_unread,
                }),
                _ => None,
            }))
        }
    }

    fn question(ends: Ends) -> Vec<u8> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST;
        let request = InetRequest {
            family: AF_INET,
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::INFO,
            states: StateFlags::all(),
            socket_id: SocketId {
                source_port: ends.client.port(),
                destination_port: ends.origin.port(),
                source_address: ends.client.ip(),
                destination_address: ends.origin.ip(),
                interface_id: 0,
                // Whatever socket has these addresses.
                cookie: [0xFF; 8],
            },
        };
        let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        bytes
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::io;

    use super::{Ends, Received};

    /// No other system tells one process about another one's sockets.
    pub enum Sockets {}

    impl Sockets {
        pub fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub fn received(&self, _: Ends) -> io::Result<Option<Received>> {
            match *self {}
        }
    }
}
