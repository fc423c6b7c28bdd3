//! A client's connection, over TCP or over TLS, to one stream of bytes that counts what the kernel was given.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::boundary::Ends;

/// A connection.
pub enum Wire {
    /// The bytes as they are.
    Plain(Counted),
    /// Encrypted.
    Tls(Box<TlsStream<Counted>>),
}

/// How much a connection has carried to the client, TLS and all.
#[derive(Clone, Default)]
pub struct Count(Arc<AtomicU64>);

impl Count {
    /// The bytes so far.
    pub fn n_bytes(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A socket, and how much was written to it.
pub struct Counted {
    stream: TcpStream,
    count: Count,
}

impl Wire {
    /// Bytes as they are.
    pub fn plain(stream: TcpStream) -> Self {
        // A chunk is one packet, sent at once.
        _ = stream.set_nodelay(true);
        Self::Plain(Counted {
            stream,
            count: Count::default(),
        })
    }

    /// The same connection with TLS on it.
    ///
    /// # Errors
    ///
    /// The client does not agree.
    pub async fn secured(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        match self {
            Self::Plain(counted) => Ok(Self::Tls(Box::new(acceptor.accept(counted).await?))),
            Self::Tls(_) => Ok(self),
        }
    }

    /// Both addresses.
    ///
    /// # Errors
    ///
    /// The socket is gone.
    pub fn ends(&self, client: SocketAddr) -> io::Result<Ends> {
        let origin = self.counted().stream.local_addr()?;
        Ok(Ends { client, origin })
    }

    /// How much it has carried.
    pub fn count(&self) -> Count {
        self.counted().count.clone()
    }

    /// Closing it is a reset from now on.
    pub fn resets(&self) {
        _ = self.counted().stream.set_zero_linger();
    }

    fn counted(&self) -> &Counted {
        match self {
            Self::Plain(counted) => counted,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(n_bytes)) = written {
            self.count.0.fetch_add(n_bytes as u64, Ordering::AcqRel);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
