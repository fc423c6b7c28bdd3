//! More loopback ports for clients that open only a few connections to one host and port, as browsers do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Browsers open six connections to one host and port; two are left for those that are just being closed.
const MOST_ON_A_PORT: usize = 4;

/// Ports, opened as they are needed. Dropping them stops the listening.
#[derive(Default)]
pub struct Ports(Mutex<Vec<Port>>);

struct Port {
    address: SocketAddr,
    n_taken: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// One of the few places on a port. Dropping it makes room for the next.
pub struct Place {
    /// Where the port listens.
    pub address: SocketAddr,
    n_taken: Arc<AtomicUsize>,
}

impl Ports {
    /// A place on a port that has one left, or on a new port, which `accept` serves.
    ///
    /// # Errors
    ///
    /// There is no further port.
    pub fn place(&self, accept: impl FnOnce(TcpListener) -> JoinHandle<()>) -> io::Result<Place> {
        let mut ports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = ports
            .iter()
            .position(|port| port.n_taken.load(Ordering::Relaxed) < MOST_ON_A_PORT);
        let port = match free {
            Some(index) => &ports[index],
            None => {
                let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                ports.push(Port {
                    address,
                    n_taken: Arc::default(),
                    accepting: accept(TcpListener::from_std(listener)?),
                });
                &ports[ports.len() - 1]
            }
        };
        port.n_taken.fetch_add(1, Ordering::Relaxed);
        Ok(Place {
            address: port.address,
            n_taken: Arc::clone(&port.n_taken),
        })
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        let ports = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        for port in ports {
            port.accepting.abort();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.n_taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn four_share_a_port_and_a_place_that_is_free_again_is_used() {
        let ports = Ports::default();
        let place = || {
            ports
                .place(|listener| tokio::spawn(async move { drop(listener) }))
                .expect("a port")
        };
        let first: Vec<Place> = (0..4).map(|_| place()).collect();
        assert!(first.iter().all(|place| place.address == first[0].address));
        let fifth = place();
        assert_ne!(fifth.address, first[0].address);
        let address = first[0].address;
        drop(first);
        assert_eq!(place().address, address);
    }
}
