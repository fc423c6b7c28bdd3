//! The page's own small web site on loopback: its files, and the messages to and from it in the bodies of requests.
//!
//! A page asks for its messages again and again (`commands`), and sends what it has to say (`said`), both in order.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::files;
use crate::origin::request::{self, Request};

/// A page that has nothing to do asks again after this time, so that one which is frozen is noticed.
const LONGEST_POLL: Duration = Duration::from_secs(1);
/// Messages in one answer.
const MAX_MESSAGES: usize = 256;

/// The site. Dropping it ends the listening.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

/// What a page tells the harness.
#[derive(Debug)]
pub enum Said {
    /// It is there.
    Loaded,
    /// It asked for messages.
    Asked(Instant),
    /// Messages, one a line.
    Lines(Vec<u8>),
    /// It left in the middle of a question.
    Left,
}

/// The harness's ends of what goes to a page and comes from it.
#[derive(Debug)]
pub struct Ends {
    /// To the page.
    pub requests: mpsc::Sender<Vec<u8>>,
    /// From the page.
    pub said: mpsc::UnboundedReceiver<Said>,
}

#[derive(Debug)]
struct State {
    hosts: [String; 2],
    module: Vec<u8>,
    pages: Mutex<Pages>,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Pages {
    /// A conversation that waits for a page.
    vacancy: Option<Place>,
    current: Option<(u64, Place)>,
    n_pages: u64,
}

/// The page's ends.
#[derive(Clone, Debug)]
struct Place {
    requests: Arc<tokio::sync::Mutex<mpsc::Receiver<Vec<u8>>>>,
    said: mpsc::UnboundedSender<Said>,
}

/// What a person sees in the page.
#[derive(Debug, Default)]
struct Shown {
    progress: String,
    report: Vec<u8>,
}

struct Answer {
    status: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Site {
    /// Listens on a loopback port; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// The port is taken, or the module cannot be read.
    pub async fn start(port: u16, module: Option<&Path>) -> Result<Self, String> {
        let module = match module {
            None => files::OWN_EVENT_SOURCE.as_bytes().to_vec(),
            Some(path) => std::fs::read(path)
                .map_err(|error| format!("{}: cannot be read: {error}", path.display()))?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| format!("port {port} cannot be listened on: {error}"))?;
        let address = listener
            .local_addr()
            .map_err(|error| format!("the port has no address: {error}"))?;
        let state = Arc::new(State {
            hosts: ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", address.port())),
            module,
            pages: Mutex::default(),
            shown: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            accepting,
        })
    }

    /// The URL to open.
    pub fn address(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The next page that says that it is there belongs to the caller.
    pub fn expect(&self) -> Ends {
        let (requests, to_page) = mpsc::channel(1024);
        let (sender, said) = mpsc::unbounded_channel();
        self.state.pages().vacancy = Some(Place {
            requests: Arc::new(tokio::sync::Mutex::new(to_page)),
            said: sender,
        });
        Ends { requests, said }
    }

    /// What the page shows of the run: the members of a JSON object.
    pub fn show(&self, progress: String) {
        self.state.shown().progress = progress;
    }

    /// The report that the page links to once the run is over.
    pub fn publish(&self, report: Vec<u8>) {
        self.state.shown().report = report;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    // A page that leaves in the middle is noticed where its messages are awaited.
                    _ = serve(stream, &state).await;
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> io::Result<()> {
    _ = stream.set_nodelay(true);
    let Some(request) = request::read(&mut stream).await? else {
        return Ok(());
    };
    let answer = match refusal(&request, state) {
        Some(why) => Answer::text("403 Forbidden", why),
        None => answer(&request, state, &mut stream).await,
    };
    let head = format!(
        "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.content_type,
        answer.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&answer.body).await?;
    stream.shutdown().await
}

/// Another site that is open in the same browser must not speak for the page, whatever name it gave our address.
fn refusal(request: &Request, state: &State) -> Option<&'static str> {
    let host = request.values("host").next().unwrap_or_default();
    if !state.hosts.iter().any(|own| own.as_bytes() == host) {
        return Some("this is not the name of this site");
    }
    let own = [b"http://", host].concat();
    let is_own = request.values("origin").all(|origin| origin == own);
    (!is_own).then_some("only the page itself may say this")
}

async fn answer(request: &Request, state: &State, stream: &mut TcpStream) -> Answer {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    if let Some((content_type, text)) = files::file(path) {
        return Answer::ok(content_type, text.into());
    }
    let place = state.pages().of(query);
    match (request.method.as_str(), path) {
        ("GET", "/module.js") => Answer::ok(files::SCRIPT, state.module.clone()),
        ("GET", "/progress") => Answer::ok("application/json", state.shown().json().into()),
        ("GET", "/report.html") => match state.shown().report.clone() {
            none if none.is_empty() => Answer::text("404 Not Found", "not finished yet"),
            report => Answer::ok(files::PAGE, report),
        },
        ("POST", "/hello") => match state.pages().take() {
            Some(number) => Answer::text("200 OK", &number.to_string()),
            None => Answer::text("409 Conflict", "nobody waits for a page now"),
        },
        ("POST", "/commands") => match place {
            Some(place) => commands(&place, stream).await,
            None => Answer::gone(),
        },
        ("POST", "/said") => match place {
            Some(place) if place.said.send(Said::Lines(request.body.clone())).is_ok() => {
                Answer::text("200 OK", "")
            }
            _ => Answer::gone(),
        },
        _ => Answer::text("404 Not Found", "there is nothing here"),
    }
}

/// Waits for messages to the page.
async fn commands(place: &Place, stream: &mut TcpStream) -> Answer {
    _ = place.said.send(Said::Asked(Instant::now()));
    let mut requests = place.requests.lock().await;
    let mut lines = Vec::new();
    let mut unasked = [0; 1024];
    let wait = tokio::time::timeout(LONGEST_POLL, requests.recv_many(&mut lines, MAX_MESSAGES));
    tokio::select! {
        came = wait => match came {
            // The conversation is over.
            Ok(0) => Answer::gone(),
            Ok(_) | Err(_) => Answer::ok("application/x-ndjson", lines.concat()),
        },
        _ = stream.read(&mut unasked) => {
            _ = place.said.send(Said::Left);
            Answer::gone()
        }
    }
}

impl State {
    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// What is known of the run; nothing, if nobody is to see it.
    fn json(&self) -> String {
        match self.progress.as_str() {
            "" => String::new(),
            progress => format!("{{{progress},\"over\":{}}}", !self.report.is_empty()),
        }
    }
}

impl Pages {
    /// Gives the vacancy to a page, if there is one.
    fn take(&mut self) -> Option<u64> {
        let place = self.vacancy.take_if(|place| {
            // Whoever waited may have gone.
            place.said.send(Said::Loaded).is_ok()
        })?;
        self.n_pages += 1;
        self.current = Some((self.n_pages, place));
        Some(self.n_pages)
    }

    /// The place of the page that a query names, if it is still the one.
    fn of(&self, query: &str) -> Option<Place> {
        let number = query.strip_prefix("page=")?.parse::<u64>().ok()?;
        let (_, place) = self.current.as_ref().filter(|(n, _)| *n == number)?;
        Some(place.clone())
    }
}

impl Answer {
    fn ok(content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status: "200 OK",
            content_type,
            body,
        }
    }

    fn text(status: &'static str, text: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: text.as_bytes().to_vec(),
        }
    }

    fn gone() -> Self {
        Self::text("410 Gone", "this page is not needed any more")
    }
}
