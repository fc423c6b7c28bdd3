//! HTTP between a harness and a test service: a request to its answer, and a listener's requests to answers. Knows no protocol.
//!
//! Every request has a connection of its own, so that no request is lost to a connection that the other side has just closed.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// No body is longer: the largest streams are a megabyte.
const MAX_BODY: usize = 32 << 20;

/// A request that came.
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where what was made is found.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Nobody takes the connection.
    NobodyThere(String),
    /// The connection was lost, or what came is no answer.
    Lost(String),
    /// Nothing came in time.
    Silent(Duration),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NobodyThere(why) | Self::Lost(why) => f.write_str(why),
            Self::Silent(after) => write!(f, "no answer within {} s", after.as_secs_f64()),
        }
    }
}

impl Answer {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            location: None,
            body: Vec::new(),
        }
    }

    /// An answer with a body.
    pub fn with_body(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::status(status)
        }
    }

    /// The request was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The status, and the start of what stands in the body.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_QUOTED: usize = 200;
        write!(f, "status {}", self.status)?;
        let text = String::from_utf8_lossy(&self.body);
        match text.trim().chars().take(MAX_QUOTED).collect::<String>() {
            nothing if nothing.is_empty() => Ok(()),
            start => write!(f, ": {start}"),
        }
    }
}

/// Asks a URL that begins with `http:`.
///
/// # Errors
///
/// There is no answer.
pub async fn ask(
    method: &str,
    url: &str,
    json: Option<String>,
    deadline: Duration,
) -> Result<Answer, Unanswered> {
    let asking = async {
        let uri: Uri = url
            .parse()
            .map_err(|error| Unanswered::Lost(format!("{url}: {error}")))?;
        let stream = connect(&uri)
            .await
            .map_err(|error| Unanswered::NobodyThere(error.to_string()))?;
        _ = stream.set_nodelay(true);
        exchange(stream, request(method, &uri, json)?)
            .await
            .map_err(|error| Unanswered::Lost(error.to_string()))
    };
    timeout(deadline, asking)
        .await
        .unwrap_or(Err(Unanswered::Silent(deadline)))
}

/// Whether connections to a URL are taken at all.
pub async fn is_there(url: &str) -> bool {
    let Ok(uri) = url.parse() else { return false };
    // Anything else, such as having no descriptors left, is our own trouble.
    let is_refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    !connect(&uri).await.is_err_and(is_refused)
}

async fn connect(uri: &Uri) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default();
    // A literal IPv6 address stands in brackets in a URL alone.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await
}

fn request(method: &str, uri: &Uri, json: Option<String>) -> Result<Request<String>, Unanswered> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, host)
        .header(CONNECTION, "close");
    if json.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    request
        .body(json.unwrap_or_default())
        .map_err(|error| Unanswered::Lost(error.to_string()))
}

async fn exchange(stream: TcpStream, request: Request<String>) -> hyper::Result<Answer> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let asking = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let location = head.headers.get(LOCATION);
        Ok(Answer {
            status: head.status.as_u16(),
            location: location.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            body: read(body).await?.unwrap_or_default(),
        })
    };
    tokio::pin!(asking);
    // Whoever asks learns of a broken connection too, so its end is no news.
    tokio::select! {
        answer = &mut asking => answer,
        _ = connection => asking.await,
    }
}

/// Answers whatever is asked on a listener, until the future is dropped.
pub async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(Asked) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send,
{
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: those of connections that end come free.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        _ = stream.set_nodelay(true);
        let answer = answer.clone();
        connections.spawn(async move {
            let service = service_fn(|request| {
                let answer = answer.clone();
                async move { Ok::<_, Infallible>(respond(request, answer).await) }
            });
            // A connection that breaks is noticed by whoever asked.
            _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond<F, A>(request: Request<Incoming>, answer: F) -> Response<String>
where
    F: Fn(Asked) -> A,
    A: Future<Output = Answer>,
{
    let (head, body) = request.into_parts();
    let answer = match read(body).await {
        Ok(Some(body)) => {
            answer(Asked {
                method: head.method.to_string(),
                path: head.uri.path().to_owned(),
                body,
            })
            .await
        }
        Ok(None) => Answer::with_body(413, format!("more than {} MiB", MAX_BODY >> 20)),
        Err(_) => Answer::status(400),
    };
    let mut response = Response::builder().status(answer.status);
    if let Some(location) = &answer.location {
        response = response.header(LOCATION, location);
    }
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    response
        .body(body)
        .unwrap_or_else(|_| Response::new(String::new()))
}

/// A body, or nothing where it is too long.
async fn read(mut body: Incoming) -> hyper::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > MAX_BODY {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}
