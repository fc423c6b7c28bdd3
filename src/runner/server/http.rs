//! One request to a server and its answer, as facts: head, body piece by piece, end. HTTP/1 only, and bounded.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::body::{Coding, Framing, decode};
use crate::observation::server::{BodyEnd, Head};

/// A longer head is no answer.
const MAX_HEAD: usize = 64 << 10;
/// More headers than any server sends.
const MAX_HEADERS: usize = 128;
/// The receive buffer of a slow reader; the kernel may take its own least.
const SMALL_BUFFER: u32 = 4096;
/// How long a slow reader reads nothing.
const NAP: Duration = Duration::from_secs(1);
/// How long a body is waited for that must not come.
const NO_BODY: Duration = Duration::from_millis(300);

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `http://` only.
    pub url: String,
    /// It is a HEAD.
    pub is_head: bool,
    /// Further headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The client reads nothing for a second.
    pub is_slow: bool,
    /// No body is longer.
    pub max_body: usize,
    /// For the connection, and for the head once it has begun.
    pub deadline: Duration,
}

/// Something that was learnt of an answer.
#[derive(Debug)]
pub enum Fact {
    /// The request was sent: its head.
    Asked(Vec<u8>),
    /// The head came.
    Head(Head),
    /// A part of the body.
    Body(Vec<u8>),
    /// It came in a way that we offered and cannot read: nobody's fault but ours.
    Unread(String),
    /// It is over. Nothing follows.
    Over(BodyEnd),
}

/// Asks, and tells what comes, each fact with the number of the client. Ends with [`Fact::Over`].
///
/// No more is told than `max_body` allows, so nobody has to wait until it is taken in.
pub async fn ask(request: Request, client: usize, facts: mpsc::UnboundedSender<(usize, Fact)>) {
    // Whoever played the case may have gone.
    let tell = |fact| _ = facts.send((client, fact));
    let end = match exchange(&request, &tell).await {
        Ok(end) => end,
        Err(sentence) => BodyEnd::Fault(sentence),
    };
    tell(Fact::Over(end));
}

async fn exchange(request: &Request, tell: &(impl Fn(Fact) + Sync)) -> Result<BodyEnd, String> {
    let (authority, path) = parts(&request.url)?;
    let mut stream = timeout(request.deadline, connect(authority, request.is_slow))
        .await
        .map_err(|_| format!("no connection to {authority} within {:?}", request.deadline))?
        .map_err(|error| format!("no connection to {authority}: {error}"))?;
    let head = head_of(request, authority, path);
    stream
        .write_all(&head)
        .await
        .map_err(|error| format!("the request could not be sent: {error}"))?;
    tell(Fact::Asked(head));
    if request.is_slow {
        sleep(NAP).await;
    }
    let mut bytes = Vec::new();
    let Some(head) = read_head(&mut stream, &mut bytes, request.deadline).await? else {
        return Ok(BodyEnd::Cut(
            "the connection ends without an answer".to_owned(),
        ));
    };
    let framing = Framing::of(&head, request.is_head);
    let coding = Coding::of(&head, &request.headers);
    tell(Fact::Head(head));
    let mut framing = framing?;
    let mut decoder = match coding {
        Coding::Read(decoder) => decoder,
        Coding::NotOffered(sentence) => return Err(sentence),
        Coding::Unread(sentence) => {
            tell(Fact::Unread(sentence));
            return Ok(BodyEnd::Open);
        }
    };
    if request.is_head {
        return no_body(&mut stream, bytes).await;
    }
    if matches!(framing, Framing::Nothing) {
        return Ok(BodyEnd::Complete);
    }
    let mut n_bytes = 0;
    loop {
        let mut body = Vec::new();
        let is_complete = match framing.decode(&bytes, &mut body) {
            Ok(is_complete) => is_complete,
            Err(sentence) => {
                tell(Fact::Body(decode(&mut decoder, &body, request.max_body)?));
                return Err(sentence);
            }
        };
        let body = decode(&mut decoder, &body, request.max_body)?;
        n_bytes += body.len();
        if n_bytes > request.max_body {
            return Err(format!(
                "its body has more than {} bytes, far more than was emitted",
                request.max_body
            ));
        }
        if !body.is_empty() {
            tell(Fact::Body(body));
        }
        if is_complete {
            return Ok(BodyEnd::Complete);
        }
        bytes.clear();
        bytes.reserve(1 << 16);
        match (stream.read_buf(&mut bytes).await, &framing) {
            (Ok(0), Framing::UntilClose) => return Ok(BodyEnd::Closed),
            (Ok(0), _) => return Ok(BodyEnd::Cut("the connection is closed".to_owned())),
            (Ok(_), _) => (),
            (Err(error), _) => return Ok(BodyEnd::Cut(format!("the connection ends: {error}"))),
        }
    }
}

/// `http://host:port/path` to the two parts of it.
fn parts(url: &str) -> Result<(&str, &str), String> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| format!("its `url` is {url:?}, which does not begin with http://"))?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty() || url.bytes().any(|byte| byte <= b' ' || byte == 0x7F) {
        return Err(format!("its `url` is {url:?}, which is none"));
    }
    Ok((authority, if path.is_empty() { "/" } else { path }))
}

async fn connect(authority: &str, is_slow: bool) -> std::io::Result<TcpStream> {
    let address = if authority
        .rsplit(']')
        .next()
        .unwrap_or_default()
        .contains(':')
    {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    if !is_slow {
        return TcpStream::connect(&address).await;
    }
    // Set before the connection is made, since the window is told with its first packet.
    let mut last = None;
    for address in tokio::net::lookup_host(&address).await? {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_recv_buffer_size(SMALL_BUFFER)?;
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::NotFound.into()))
}

fn head_of(request: &Request, authority: &str, path: &str) -> Vec<u8> {
    let method = if request.is_head { "HEAD" } else { "GET" };
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: text/event-stream\r\nCache-Control: no-store\r\nUser-Agent: ssespec/{}\r\n",
        env!("CARGO_PKG_VERSION")
    )
    .into_bytes();
    for (name, value) in &request.headers {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Reads up to the end of the final head and leaves what came after it in `bytes`. Nothing, if the connection ends first.
///
/// The head may be long in coming, but once it has begun it has to end.
async fn read_head(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    deadline: Duration,
) -> Result<Option<Head>, String> {
    let mut begun: Option<tokio::time::Instant> = None;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        // No more than a head may have is looked at, so that what is said of it does not depend on how much one read brings.
        match answer.parse(&bytes[..bytes.len().min(MAX_HEAD)]) {
            Ok(httparse::Status::Complete(n_bytes)) => {
                let head = Head {
                    status: answer.code.unwrap_or_default(),
                    minor_version: answer.version.unwrap_or_default(),
                    headers: answer
                        .headers
                        .iter()
                        .map(|header| (header.name.as_bytes().to_vec(), header.value.to_vec()))
                        .collect(),
                };
                bytes.drain(..n_bytes);
                if (100..200).contains(&head.status) && head.status != 101 {
                    begun = None;
                    continue;
                }
                return Ok(Some(head));
            }
            Ok(httparse::Status::Partial) => (),
            Err(httparse::Error::TooManyHeaders) => {
                return Err(format!("its head has more than {MAX_HEADERS} lines"));
            }
            Err(error) => {
                let start = bytes[..bytes.len().min(60)].escape_ascii();
                return Err(format!("its answer is no HTTP ({error}): \"{start}\""));
            }
        }
        if bytes.len() >= MAX_HEAD {
            return Err(format!("its head has no end within {} KiB", MAX_HEAD >> 10));
        }
        if !bytes.is_empty() {
            begun.get_or_insert_with(tokio::time::Instant::now);
        }
        let until = begun.map(|begun| begun + deadline);
        let read = tokio::select! {
            read = stream.read_buf(bytes) => read,
            () = until_then(until) => {
                return Err(format!("its head has no end within {} s", deadline.as_secs_f64()));
            }
        };
        match read {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(0) => return Err("the connection ends in the middle of its head".to_owned()),
            Ok(_) => (),
            Err(_) if bytes.is_empty() => return Ok(None),
            Err(error) => return Err(format!("the connection ends in its head: {error}")),
        }
    }
}

async fn until_then(then: Option<tokio::time::Instant>) {
    match then {
        Some(then) => tokio::time::sleep_until(then).await,
        None => std::future::pending().await,
    }
}

/// Waits a moment for a body that must not come.
async fn no_body(stream: &mut TcpStream, mut bytes: Vec<u8>) -> Result<BodyEnd, String> {
    if bytes.is_empty() {
        match timeout(NO_BODY, stream.read_buf(&mut bytes)).await {
            Ok(Ok(0)) | Err(_) | Ok(Err(_)) => return Ok(BodyEnd::Complete),
            Ok(Ok(_)) => (),
        }
    }
    let start = bytes[..bytes.len().min(60)].escape_ascii();
    Err(format!("it answers HEAD with a body: \"{start}\""))
}
