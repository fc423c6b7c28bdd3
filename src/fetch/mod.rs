//! A request to its answer, read by read: one connection, one request, and every fault in one sentence.

mod address;
mod connect;
mod counted;
mod decode;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{HeaderName, HeaderValue};
use hyper_util::rt::{TokioExecutor, TokioIo};

pub use address::Address;
pub use decode::{Decoder, OFFERED};

use crate::lint::head::{self, Head};

/// As many redirects as a browser follows.
const MAX_REDIRECTS: usize = 20;
const MAX_HEADERS: usize = 200;

/// What to ask for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Where.
    pub address: Address,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How to connect.
    pub options: Options,
}

/// How to connect, in the terms of curl.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Any certificate will do (`-k`).
    pub insecure: bool,
    /// PEM certificates to trust instead of the system's (`--cacert`).
    pub authorities: Option<Vec<u8>>,
    /// Host and port that stand for an address (`--resolve`).
    pub resolve: Vec<(String, u16, Vec<SocketAddr>)>,
    /// The protocol that is asked for.
    pub protocol: Protocol,
    /// Follow redirects (`-L`).
    pub follow: bool,
}

/// The HTTP version that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// What the server chooses, as with a browser.
    #[default]
    Any,
    /// HTTP/1.1 (`--http1.1`).
    Http1,
    /// HTTP/2 without asking, also in clear text (`--http2-prior-knowledge`).
    Http2,
}

/// What one read gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which read it was: pieces with one number came together.
    pub read: u64,
    /// The bytes, still encoded.
    pub bytes: Bytes,
}

/// An answer whose body is still to come.
pub struct Answer {
    /// Its status and headers.
    pub head: Head,
    /// Where redirects have led.
    pub address: Address,
    body: Incoming,
    n_reads: Arc<AtomicU64>,
    connection: tokio::task::JoinHandle<()>,
}

/// Sends the request and waits for the head of the answer. Redirects are followed where the request says so.
///
/// # Errors
///
/// One sentence on why there is no HTTP answer.
pub async fn open(request: &Request) -> Result<Answer, String> {
    let mut request = request.clone();
    for n_redirects in 0.. {
        let answer = open_one(&request).await?;
        let is_redirect = matches!(answer.head.status, 301 | 302 | 303 | 307 | 308);
        let location = answer.head.header("location").filter(|_| is_redirect);
        let Some(location) = location.filter(|_| request.options.follow) else {
            return Ok(answer);
        };
        if n_redirects == MAX_REDIRECTS {
            return Err(format!(
                "redirects never end: after {MAX_REDIRECTS} of them comes another, to {}",
                Address::resolve(&request.address, location)
                    .map_or_else(|_| "nowhere".to_owned(), |address| address.masked())
            ));
        }
        let address = Address::resolve(&request.address, location)
            .map_err(|error| format!("a redirect leads nowhere: {error}"))?;
        // As curl and browsers do: 303 always, 301 and 302 after POST, become GET without the body.
        let becomes_get = match answer.head.status {
            303 => request.method != "HEAD",
            301 | 302 => request.method == "POST",
            _ => false,
        };
        if becomes_get {
            request.method = "GET".to_owned();
            request.body.clear();
            request
                .headers
                .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        }
        if !address.has_same_origin(&request.address) {
            // Credentials are for the host that they were given for.
            let secret = ["authorization", "cookie"];
            request
                .headers
                .retain(|(name, _)| !secret.contains(&name.to_ascii_lowercase().as_str()));
        }
        request.address = address;
    }
    unreachable!("the loop ends by a return")
}

async fn open_one(request: &Request) -> Result<Answer, String> {
    let n_reads = Arc::new(AtomicU64::new(0));
    let connected = connect::connect(&request.address, &request.options).await?;
    let io = TokioIo::new(counted::Counted::new(
        connected.stream,
        Arc::clone(&n_reads),
    ));
    let message = message(request, connected.is_http2)?;
    let failed = |error: hyper::Error| sentence(&error, &request.address);
    let (response, connection) = if connected.is_http2 {
        let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(head::MAX_BYTES as u32)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(1 << 20)
            .handshake(io)
            .await
            .map_err(failed)?;
        let connection = tokio::spawn(async move { _ = connection.await });
        (sender.send_request(message).await, connection)
    } else {
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(head::MAX_BYTES)
            .preserve_header_case(true)
            .handshake(io)
            .await
            .map_err(failed)?;
        let connection = tokio::spawn(async move { _ = connection.await });
        (sender.send_request(message).await, connection)
    };
    let response = response.map_err(failed)?;
    let (parts, body) = response.into_parts();
    let head = Head {
        version: match parts.version {
            hyper::Version::HTTP_2 => "HTTP/2".to_owned(),
            version => format!("{version:?}"),
        },
        status: parts.status.as_u16(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), value.into_owned())
            })
            .collect(),
    };
    Ok(Answer {
        head,
        address: request.address.clone(),
        body,
        n_reads,
        connection,
    })
}

impl Answer {
    /// What came next; `None` at the end of the body.
    ///
    /// Cancel-safe: a piece is taken only when it is returned.
    ///
    /// # Errors
    ///
    /// One sentence on how the body broke.
    pub async fn next(&mut self) -> Result<Option<Piece>, String> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(broken(&error)),
                Some(Ok(frame)) => {
                    // Trailers are no part of the stream.
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    let read = self.n_reads.load(std::sync::atomic::Ordering::Relaxed);
                    return Ok(Some(Piece { read, bytes }));
                }
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

fn message(request: &Request, is_http2: bool) -> Result<hyper::Request<Full<Bytes>>, String> {
    let target = if is_http2 {
        request.address.uri()
    } else {
        request.address.target()
    };
    let mut message = hyper::Request::builder()
        .method(request.method.as_str())
        .uri(target.as_str());
    let has = |name: &str| {
        let mut headers = request.headers.iter();
        headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    if !is_http2 && !has("host") {
        message = message.header("Host", request.address.authority());
    }
    for (name, value) in &request.headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{name}` is no name of a header"))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            format!("the value of the header {name} has a character that none may have")
        })?;
        message = message.header(header, value);
    }
    let body = Full::new(Bytes::from(request.body.clone()));
    message
        .body(body)
        .map_err(|error| format!("the request cannot be made: {error}"))
}

/// Why there is no answer.
fn sentence(error: &hyper::Error, address: &Address) -> String {
    let whom = address.host_and_port();
    if error.to_string().contains("too large") {
        format!(
            "the head of the answer of {whom} does not end: more than {MAX_HEADERS} headers or {} kB",
            head::MAX_BYTES / 1_000
        )
    } else if error.is_parse() {
        format!("the answer of {whom} is not HTTP: {}", cause(error))
    } else if error.is_incomplete_message() {
        format!("{whom} closed the connection before its answer was whole")
    } else {
        format!("{whom} gave no answer: {}", cause(error))
    }
}

/// How a body broke.
fn broken(error: &hyper::Error) -> String {
    let cause = cause(error);
    let is_early_end = [
        "unexpected EOF",
        "end of file before message length reached",
    ];
    if error.is_incomplete_message() || is_early_end.iter().any(|text| cause.contains(text)) {
        "the connection closed before the body was whole".to_owned()
    } else if cause.to_lowercase().contains("reset") {
        "the connection was reset".to_owned()
    } else {
        cause
    }
}

/// The innermost cause: the others say "error".
fn cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
