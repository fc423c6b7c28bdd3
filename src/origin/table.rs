//! Requests to the scripts that answer them, by their paths: what all ports of an origin share.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::answer::{Answering, Protocol, Urls};
use super::boundary::{Boundaries, Ends};
use super::certificate::Security;
use super::door::Door;
use super::request::Request;
use super::wire::Count;
use super::{Fact, Told, base, coding, cors};
use crate::script::{Gate, Response, Script};

/// Requests to paths that belong to no script; more are only counted by their last ones.
const MAX_STRAYS: usize = 20;
/// The handle of what belongs to no script.
const NOBODY: u64 = u64::MAX;

/// What all ports of an origin share.
pub struct Shared {
    /// The port that most scripts share.
    pub address: SocketAddr,
    /// How chunk boundaries are kept.
    pub boundaries: Boundaries,
    table: Mutex<Table>,
    /// Made when the first script needs it.
    security: OnceLock<Result<Arc<Security>, String>>,
}

/// The scripts that are being played.
#[derive(Default)]
pub struct Table {
    next_handle: u64,
    /// By their handles.
    pub plays: HashMap<u64, Play>,
    /// The requests that belong to no script: method and path.
    pub strays: Vec<String>,
}

/// A script that is being played.
pub struct Play {
    script: Arc<Script>,
    /// Whoever plays it.
    pub facts: mpsc::UnboundedSender<Told>,
    n_requests: usize,
    /// What ends with it.
    pub connections: Vec<AbortHandle>,
    /// Its own port.
    pub door: Option<Door>,
}

/// The way back to whoever plays a script.
pub struct Facts(pub mpsc::UnboundedSender<Told>);

/// A request that a script answers, or the answer that it gets instead.
struct Taken {
    handle: u64,
    facts: Facts,
    request: usize,
    response: Response,
    urls: Urls,
    closes: Option<Door>,
}

impl Shared {
    /// Nothing is played yet.
    pub fn new(address: SocketAddr, boundaries: Boundaries) -> Arc<Self> {
        Arc::new(Self {
            address,
            boundaries,
            table: Mutex::default(),
            security: OnceLock::new(),
        })
    }

    /// The scripts that are being played.
    pub fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request as its script has it. The answer ends with its script.
    pub fn answer(
        self: &Arc<Self>,
        request: Request,
        at: Instant,
        protocol: impl Protocol + 'static,
        count: Count,
        ends: Ends,
    ) {
        let taken = match cors::preflight(&request) {
            Some(response) => Taken::nobodys(response),
            None => self.take(request, at, ends.origin),
        };
        let handle = taken.handle;
        let shared = Arc::clone(self);
        let answering = tokio::spawn(async move {
            let answering = Answering {
                protocol,
                ends,
                count,
                boundaries: &shared.boundaries,
                facts: &taken.facts,
                urls: &taken.urls,
                request: taken.request,
                closes: taken.closes,
            };
            answering.play(&taken.response).await;
        });
        self.own(handle, answering.abort_handle());
    }

    /// What happens on behalf of a script ends with it.
    pub fn own(&self, handle: u64, task: AbortHandle) {
        // What belongs to no script ends by itself.
        if handle == NOBODY {
            return;
        }
        match self.table().plays.get_mut(&handle) {
            Some(play) => {
                play.connections.retain(|earlier| !earlier.is_finished());
                play.connections.push(task);
            }
            // The script is over meanwhile.
            None => task.abort(),
        }
    }

    /// Enters a script.
    pub fn insert(&self, script: Script) -> (u64, mpsc::UnboundedReceiver<Told>) {
        let (sender, facts) = mpsc::unbounded_channel();
        let mut table = self.table();
        let handle = table.next_handle;
        table.next_handle += 1;
        table.plays.insert(
            handle,
            Play {
                script: Arc::new(script),
                facts: sender,
                n_requests: 0,
                connections: Vec::new(),
                door: None,
            },
        );
        (handle, facts)
    }

    /// Tells whoever plays a script what belongs to no request.
    pub fn tell(&self, handle: u64, fact: Fact) {
        let facts = self
            .table()
            .plays
            .get(&handle)
            .map(|play| play.facts.clone());
        if let Some(facts) = facts {
            Facts(facts).tell(0, fact);
        }
    }

    /// What TLS needs, made when it is first asked for.
    ///
    /// # Errors
    ///
    /// There is no certificate.
    pub fn security(&self) -> io::Result<Arc<Security>> {
        let security = self.security.get_or_init(|| {
            let generated = Security::generate();
            generated.map(Arc::new).map_err(|error| error.to_string())
        });
        security.clone().map_err(io::Error::other)
    }

    /// Gives a request, which came to this address, to the script that its path names, or the answer that it gets instead.
    fn take(&self, mut request: Request, at: Instant, arrived: SocketAddr) -> Taken {
        let mut table = self.table();
        let path = request.target.trim_start_matches('/');
        let (handle, below) = path.split_once('/').unwrap_or((path, ""));
        let handle = handle.parse::<u64>().ok();
        let below = below.to_owned();
        let Some((handle, play)) =
            handle.and_then(|handle| Some((handle, table.plays.get_mut(&handle)?)))
        else {
            // A script that is over: a target that comes back late is sent away for good.
            if handle.is_some_and(|handle| handle < table.next_handle) {
                return Taken::nobodys(Response::status(204));
            }
            if table.strays.len() < MAX_STRAYS {
                let stray = format!("{} {}", request.method, request.target);
                table.strays.push(stray);
            }
            return Taken::nobodys(Response::status(404));
        };
        let number = play.n_requests;
        play.n_requests += 1;
        request.target = below;
        let scripted = play.script.responses.get(number);
        let mut response = scripted.unwrap_or(&play.script.afterwards).clone();
        cors::grant(&request, &mut response);
        let taken = Taken {
            handle,
            facts: Facts(play.facts.clone()),
            request: number,
            response: coding::coded(response, request.values("accept-encoding")),
            urls: Urls {
                base: match &play.door {
                    Some(door) => door.base(),
                    None => base("http", arrived, handle),
                },
                other_origin: base("http", self.address, handle),
            },
            closes: play
                .door
                .clone()
                .filter(|_| play.script.refusals.contains(&(number + 1))),
        };
        let told = Told {
            at,
            request: number,
            fact: Fact::Asked(request),
        };
        _ = play.facts.send(told);
        taken
    }
}

impl Taken {
    /// No script has this request: it is answered, and nobody learns of it.
    fn nobodys(response: Response) -> Self {
        let (sender, _) = mpsc::unbounded_channel();
        Self {
            handle: NOBODY,
            facts: Facts(sender),
            request: 0,
            response,
            urls: Urls {
                base: String::new(),
                other_origin: String::new(),
            },
            closes: None,
        }
    }
}

impl Facts {
    /// Tells it, now.
    pub fn tell(&self, request: usize, fact: Fact) {
        let at = Instant::now();
        // Nobody listens once the case is over.
        _ = self.0.send(Told { at, request, fact });
    }

    /// Waits until whoever plays the script lets the answer go on.
    pub async fn gate(&self, request: usize, gate: Gate) {
        let (go, opened) = oneshot::channel();
        self.tell(request, Fact::Gate(gate, go));
        _ = opened.await;
    }
}
