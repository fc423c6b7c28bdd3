//! A conversation with a client or server adapter: many connections or streams at once, each with its own reports.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::adapter::Adapter;
use super::client_message::{self, Connect};
use super::gauge::Gauge;
use super::message::{self, Greeting};
use super::process::Silence;
use super::session::{self, Session, Trouble};
use super::wire::Wire;
use crate::clause::Role;
use crate::observation::client::Report;

/// An adapter may be silent for as long as its connections are.
const AS_LONG_AS_IT_TAKES: Duration = Duration::from_secs(24 * 3600);

/// A running adapter whose reports are of this kind.
pub struct Conversation<R = Report> {
    /// What the adapter said of itself.
    pub greeting: Greeting,
    requests: mpsc::Sender<Vec<u8>>,
    shared: Arc<Shared<R>>,
    /// The process group at the other end.
    leader: Option<u32>,
    listening: JoinHandle<()>,
    next_id: AtomicU64,
    deadline: Duration,
}

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The conversation is over, and whatever was under way is lost.
    Over(Trouble),
    /// This request was refused.
    Refused(String),
}

/// A report, and when it was read.
pub type Reported<R = Report> = (Instant, R);

/// A line from an adapter.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<R> {
    /// The answer to a request: the JSON of its result, or why there is none.
    Answer(u64, Result<String, String>),
    /// A report on a connection or a stream, by its handle.
    Report(String, R),
}

/// How a line is read.
type Read<R> = fn(&[u8]) -> Result<Incoming<R>, String>;

struct Shared<R> {
    state: Mutex<State<R>>,
}

/// When a request was answered, and with what.
type Answered = (Instant, Result<String, String>);

struct State<R> {
    waiting: HashMap<u64, oneshot::Sender<Answered>>,
    connections: HashMap<String, mpsc::UnboundedSender<Reported<R>>>,
    over: Option<Trouble>,
    log: Vec<String>,
}

impl Conversation {
    /// Starts a client adapter, or the browser with its page, and waits for its greeting.
    ///
    /// # Errors
    ///
    /// One sentence, with the end of the process's log.
    pub async fn open(adapter: &Adapter, deadline: Duration) -> Result<Self, String> {
        Self::start(adapter, Role::Client, deadline, client_message::read).await
    }

    /// Asks for a connection and waits until the adapter says that it has begun.
    ///
    /// # Errors
    ///
    /// It did not say so.
    pub async fn connect(
        &self,
        params: &Connect,
    ) -> Result<mpsc::UnboundedReceiver<Reported>, Unanswered> {
        let reports = self.listen_to(&params.connection);
        self.ask(|id| client_message::connect(id, params)).await?;
        Ok(reports)
    }

    /// Asks to listen for one more event type.
    ///
    /// # Errors
    ///
    /// The adapter did not say that it does.
    pub async fn listen(&self, connection: &str, event_type: &str) -> Result<(), Unanswered> {
        self.ask(|id| client_message::listen(id, connection, event_type))
            .await?;
        Ok(())
    }

    /// Asks to close a connection and waits for the answer. Returns when it was read.
    ///
    /// # Errors
    ///
    /// There was none.
    pub async fn disconnect(&self, connection: &str) -> Result<Instant, Unanswered> {
        let answer = self.ask(|id| client_message::disconnect(id, connection));
        answer.await.map(|(at, _)| at)
    }
}

impl<R: Send + 'static> Conversation<R> {
    /// Starts an adapter in a role and waits for its greeting.
    pub(super) async fn start(
        adapter: &Adapter,
        role: Role,
        deadline: Duration,
        read: Read<R>,
    ) -> Result<Self, String> {
        let (wire, greeting, next_id) = match &adapter.browser {
            None => {
                let session = Session::open(&adapter.command, role, deadline).await?;
                let (process, greeting, next_id) = session.into_parts();
                (Wire::Process(process), greeting, next_id)
            }
            Some(browser) => {
                let (page, greeting) = browser.open(deadline).await?;
                (Wire::Page(page), greeting, 2)
            }
        };
        let requests = wire
            .requests()
            .ok_or_else(|| "its standard input is closed".to_owned())?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                waiting: HashMap::new(),
                connections: HashMap::new(),
                over: None,
                log: Vec::new(),
            }),
        });
        let leader = wire.leader();
        let listening = tokio::spawn(listen(wire, Arc::clone(&shared), read));
        Ok(Self {
            greeting,
            requests,
            shared,
            leader,
            listening,
            next_id: AtomicU64::new(next_id),
            deadline,
        })
    }

    /// What is reported of a connection or stream from now on.
    pub(super) fn listen_to(&self, handle: &str) -> mpsc::UnboundedReceiver<Reported<R>> {
        let (sender, reports) = mpsc::unbounded_channel();
        let mut state = self.shared.state();
        state.connections.insert(handle.to_owned(), sender);
        reports
    }

    /// No more is heard of this connection or stream.
    pub fn forget(&self, connection: &str) {
        self.shared.state().connections.remove(connection);
    }

    /// Why the conversation is over, if it is.
    pub fn over(&self) -> Option<Trouble> {
        self.shared.state().over.clone()
    }

    /// What the process and those it has started take, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        self.leader.and_then(Gauge::of_group)
    }

    /// The last lines of the process's log, once the conversation is over.
    pub fn log(&self) -> Vec<String> {
        self.shared.state().log.clone()
    }

    /// Ends the conversation: asks the process to go, gives it a moment, and ends its process group.
    pub async fn close(mut self) {
        /// An adapter that ignores the request must not cost more than this.
        const MOMENT: Duration = Duration::from_millis(500);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        _ = self.requests.send(message::shutdown(id)).await;
        _ = tokio::time::timeout(MOMENT, &mut self.listening).await;
    }

    /// Asks, and waits for the answer: when it was read, and the JSON of its result.
    pub(super) async fn ask(
        &self,
        line: impl FnOnce(u64) -> Vec<u8>,
    ) -> Result<(Instant, String), Unanswered> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        {
            let mut state = self.shared.state();
            if let Some(trouble) = &state.over {
                return Err(Unanswered::Over(trouble.clone()));
            }
            state.waiting.insert(id, sender);
        }
        _ = self.requests.send(line(id)).await;
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok((at, answer))) => answer
                .map(|result| (at, result))
                .map_err(Unanswered::Refused),
            Ok(Err(_)) => {
                let over = self.over();
                Err(Unanswered::Over(over.unwrap_or_else(|| {
                    Trouble::Protocol("it stopped answering".to_owned())
                })))
            }
            Err(_) => {
                let trouble = Trouble::Silence(Silence::Hung {
                    after: self.deadline,
                    half_a_line: false,
                });
                // Who does not answer one request is of no use to the others.
                self.shared.state().end(trouble.clone());
                Err(Unanswered::Over(trouble))
            }
        }
    }
}

impl<R> Drop for Conversation<R> {
    fn drop(&mut self) {
        // The process or page goes with the task that owns it.
        self.listening.abort();
    }
}

impl<R> Shared<R> {
    fn state(&self) -> std::sync::MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what the adapter says until it ends, and hands it to whom it concerns.
async fn listen<R>(mut wire: Wire, shared: Arc<Shared<R>>, read: Read<R>) {
    let trouble = loop {
        let line = match wire.receive(AS_LONG_AS_IT_TAKES).await {
            Ok(line) => line,
            Err(silence) => break Trouble::Silence(silence),
        };
        let at = Instant::now();
        match read(line) {
            Ok(Incoming::Answer(id, answer)) => {
                let waiting = shared.state().waiting.remove(&id);
                match waiting {
                    // Whoever asked may have stopped waiting.
                    Some(waiting) => _ = waiting.send((at, answer)),
                    None => {
                        break Trouble::Protocol(format!(
                            "request {id} is answered a second time, or was never asked"
                        ));
                    }
                }
            }
            Ok(Incoming::Report(connection, report)) => {
                let state = shared.state();
                if let Some(reports) = state.connections.get(&connection) {
                    _ = reports.send((at, report));
                }
            }
            Err(sentence) => break Trouble::Protocol(session::not_a_message(line, &sentence)),
        }
    };
    let log = wire.log();
    let mut state = shared.state();
    state.log = log;
    state.end(trouble);
}

impl<R> State<R> {
    /// Whoever waits learns that nothing comes any more.
    fn end(&mut self, trouble: Trouble) {
        self.over.get_or_insert(trouble);
        self.waiting.clear();
        self.connections.clear();
    }
}
