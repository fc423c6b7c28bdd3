//! A LaunchDarkly test service in the place of a client adapter: streams are created, listened to and deleted over HTTP,
//! and what they show is called back.
//!
//! The protocol is that of the other harness (sse-contract-tests), so that its test services are asked unchanged.

mod callbacks;
mod http;
mod message;
pub mod offer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::callbacks::Callbacks;
use self::http::Answer;
use self::message::{Command, Create, Listen, Status};
use super::client_message::Connect;
use super::conversation::{Reported, Unanswered};
use super::message::Greeting;
use super::process::Silence;
use super::session::Trouble;

/// How often a service that does not answer yet is asked again.
const PERIOD: Duration = Duration::from_millis(100);

/// A test service that answers.
pub struct TestService {
    /// What it said of itself, and what the protocol says of all of them.
    pub greeting: Greeting,
    url: String,
    listens: bool,
    shared: Arc<Shared>,
    /// Where the streams that are open are found.
    locations: Mutex<HashMap<String, String>>,
    deadline: Duration,
    watching: JoinHandle<()>,
}

struct Shared {
    callbacks: Callbacks,
    over: Mutex<Option<Trouble>>,
}

impl TestService {
    /// Asks a service what it is, until it answers.
    ///
    /// # Errors
    ///
    /// One sentence: nobody is there, or what is there is no test service.
    pub async fn open(url: &str, deadline: Duration) -> Result<Self, String> {
        let started = Instant::now();
        let answer = loop {
            match http::ask("GET", url, None, deadline).await {
                Ok(answer) => break answer,
                Err(_) if started.elapsed() + PERIOD < deadline => tokio::time::sleep(PERIOD).await,
                Err(why) => {
                    return Err(format!(
                        "no test service answers at {url} ({why}): it has to run on this machine, and to be started again whenever it ends"
                    ));
                }
            }
        };
        if answer.status != 200 {
            return Err(format!(
                "{url} is no test service that is ready: its answer to GET should be status 200, and is {answer}"
            ));
        }
        // Its documents call the body optional.
        let status = if answer.body.trim_ascii().is_empty() {
            Status::default()
        } else {
            message::read::<Status>(&answer.body).map_err(|sentence| {
                format!("{url} is no test service: its answer to GET should be a JSON object ({sentence})")
            })?
        };
        let shared = Arc::new(Shared {
            callbacks: Callbacks::listen().await?,
            over: Mutex::default(),
        });
        Ok(Self {
            watching: tokio::spawn(watch(url.to_owned(), Arc::clone(&shared))),
            shared,
            greeting: Greeting {
                features: status.features(),
                implementation: status.name.clone().unwrap_or_else(|| url.to_owned()),
                version: String::new(),
                language: String::new(),
            },
            url: url.to_owned(),
            listens: status.listens(),
            locations: Mutex::default(),
            deadline,
        })
    }

    /// The event types to listen for are told once a stream is there, hence when it may have begun.
    pub fn hears_types_late(&self) -> bool {
        self.listens
    }

    /// Creates a stream, and says which types to listen for.
    ///
    /// # Errors
    ///
    /// The service did not do that.
    pub async fn connect(
        &self,
        params: &Connect,
    ) -> Result<mpsc::UnboundedReceiver<Reported>, Unanswered> {
        let reports = self.shared.callbacks.hear(&params.connection);
        match self.create(params).await {
            Ok(()) => Ok(reports),
            Err(why) => {
                self.forget(&params.connection);
                Err(why)
            }
        }
    }

    /// Deletes a stream. Returns when the answer was read. It does not matter what it says, as in the other harness,
    /// except that a service which does not know a stream that it has made is not the one that made it.
    ///
    /// # Errors
    ///
    /// There was none.
    pub async fn disconnect(&self, connection: &str) -> Result<Instant, Unanswered> {
        let location = self.locations().remove(connection);
        self.shared.callbacks.closes(connection);
        if let Some(location) = location {
            let answer = self.ask("DELETE", &location, None).await?;
            if answer.status == 404 {
                // Whoever starts it again may be quick.
                return Err(self.shared.end(Silence::Died(
                    "a stream of its own forgotten (status 404 to DELETE)".to_owned(),
                )));
            }
        }
        Ok(Instant::now())
    }

    /// No more is heard of this stream, which is deleted if that was not done.
    pub fn forget(&self, connection: &str) {
        self.shared.callbacks.forget(connection);
        if let Some(location) = self.locations().remove(connection) {
            let deadline = self.deadline;
            tokio::spawn(async move { http::ask("DELETE", &location, None, deadline).await });
        }
    }

    /// Why the service is of no more use, if it is.
    pub fn over(&self) -> Option<Trouble> {
        self.shared.over().clone()
    }

    /// Why the callbacks of a stream are not all that the client did.
    pub fn fault(&self, connection: &str) -> Option<String> {
        self.shared.callbacks.fault(connection)
    }

    /// A service that has not called back once, on any stream, is none that misses events.
    pub fn mute(&self) -> Option<String> {
        let is_mute = !self.shared.callbacks.have_come();
        is_mute.then(|| {
            format!(
                "it connected, and has never called back: each event should come as a POST to {}/1, /2 and so on",
                self.shared.callbacks.url("STREAM")
            )
        })
    }

    async fn create(&self, params: &Connect) -> Result<(), Unanswered> {
        let connection = &params.connection;
        let create = Create {
            tag: connection.clone(),
            callback_url: self.shared.callbacks.url(connection),
            stream_url: params.url.clone(),
            initial_delay_ms: params.initial_reconnection_time,
            last_event_id: params.last_event_id.clone(),
            headers: params.headers.clone(),
            method: params.method.clone(),
            body: params.body.clone(),
            ..Create::default()
        };
        let answer = self
            .ask("POST", &self.url, Some(message::json(&create)))
            .await?;
        let location = match answer.location {
            Some(location) if (200..300).contains(&answer.status) => location,
            None if answer.is_success() => {
                return Err(Unanswered::Refused(
                    "it has no Location header, which names the stream".to_owned(),
                ));
            }
            _ => return Err(Unanswered::Refused(answer.to_string())),
        };
        let location = at(&self.url, &location);
        self.locations()
            .insert(connection.clone(), location.clone());
        // Who listens for types hears those without one unasked, and twice if it is asked for them.
        let types = params.listen.iter().filter(|name| *name != "message");
        let listening = types
            .filter(|_| self.listens)
            .map(|name| self.listen(&location, name));
        try_join_all(listening).await?;
        Ok(())
    }

    async fn listen(&self, location: &str, name: &str) -> Result<(), Unanswered> {
        let listen = Command {
            command: "listen".to_owned(),
            listen: Some(Listen {
                r#type: name.to_owned(),
            }),
        };
        let answer = self
            .ask("POST", location, Some(message::json(&listen)))
            .await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(Unanswered::Refused(format!(
            "the command to listen for {name:?} was refused with {answer}"
        )))
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        json: Option<String>,
    ) -> Result<Answer, Unanswered> {
        if let Some(trouble) = self.over() {
            return Err(Unanswered::Over(trouble));
        }
        let why = match http::ask(method, url, json, self.deadline).await {
            Ok(answer) => return Ok(answer),
            Err(why) => why,
        };
        // Is it this request, or is the service gone?
        match http::ask("GET", &self.url, None, self.deadline).await {
            Ok(_) => Err(Unanswered::Refused(format!("there is none: {why}"))),
            Err(gone) => Err(self.shared.end(match gone {
                http::Unanswered::Silent(after) => Silence::Hung {
                    after,
                    half_a_line: false,
                },
                _ => gone_away(),
            })),
        }
    }

    fn locations(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.locations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TestService {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Shared {
    fn over(&self) -> std::sync::MutexGuard<'_, Option<Trouble>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever waits learns that nothing comes any more.
    fn end(&self, silence: Silence) -> Unanswered {
        let trouble = self.over().get_or_insert(Trouble::Silence(silence)).clone();
        self.callbacks.forget_all();
        Unanswered::Over(trouble)
    }
}

/// Notices that a service has ended before whoever starts it again has done so.
async fn watch(url: String, shared: Arc<Shared>) {
    while http::is_there(&url).await {
        tokio::time::sleep(PERIOD).await;
    }
    shared.end(gone_away());
}

fn gone_away() -> Silence {
    Silence::Died("its port closed".to_owned())
}

/// The URL of a Location: whole, or what follows the service's own.
fn at(url: &str, location: &str) -> String {
    if location.starts_with("http:") {
        return location.to_owned();
    }
    let base = match location.starts_with('/') {
        true => url.strip_suffix('/').unwrap_or(url),
        false => url,
    };
    format!("{base}{location}")
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn a_location_is_whole_or_follows_the_service() {
        for (url, location, whole) in [
            ("http://h:1", "/streams/1", "http://h:1/streams/1"),
            ("http://h:1/", "/streams/1", "http://h:1/streams/1"),
            ("http://h:1/a", "/streams/1", "http://h:1/a/streams/1"),
            ("http://h:1", "http://h:2/s", "http://h:2/s"),
        ] {
            assert_eq!(at(url, location), whole);
        }
    }
}
