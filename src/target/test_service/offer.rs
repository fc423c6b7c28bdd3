//! A client adapter as a LaunchDarkly test service: streams that another harness creates, to connections of the adapter,
//! and its reports to callbacks.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::http::{self, Answer, Asked};
use super::message::{self, Command, Create, Status};
use crate::observation::client::Report;
use crate::observation::{Features, Text, View};
use crate::target::adapter::Adapter;
use crate::target::client_message::Connect;
use crate::target::conversation::{Conversation, Reported, Unanswered};
use crate::target::message::Greeting;

/// A harness that takes no callback must not hold up the others for longer.
const CALLBACK: Duration = Duration::from_secs(5);
/// What was reported before a stream was deleted is called back, if that takes no longer.
const FAREWELL: Duration = Duration::from_secs(1);

/// An adapter that is offered.
pub struct Offer {
    /// Where.
    pub url: String,
    /// What the adapter said of itself.
    pub greeting: Greeting,
    listener: TcpListener,
    service: Arc<Service>,
}

struct Service {
    adapter: Adapter,
    deadline: Duration,
    status: Status,
    features: Features,
    /// Exchanged for a new one when its process has died.
    conversation: tokio::sync::Mutex<Arc<Conversation>>,
    streams: Mutex<HashMap<u64, Stream>>,
    next_stream: AtomicU64,
    stopped: Notify,
}

struct Stream {
    connection: String,
    conversation: Arc<Conversation>,
    calling_back: JoinHandle<()>,
}

impl Offer {
    /// Starts the adapter.
    ///
    /// # Errors
    ///
    /// One sentence: it does not start, or is no client.
    pub async fn open(
        adapter: &Adapter,
        listener: TcpListener,
        deadline: Duration,
    ) -> Result<Self, String> {
        let url = listener
            .local_addr()
            .map(|address| format!("http://{address}/"))
            .map_err(|error: io::Error| error.to_string())?;
        let conversation = Conversation::open(adapter, deadline).await?;
        let greeting = conversation.greeting.clone();
        let status = Status::of(greeting.about(), &greeting.features);
        let service = Service {
            adapter: adapter.clone(),
            deadline,
            status,
            features: greeting.features.clone(),
            conversation: tokio::sync::Mutex::new(Arc::new(conversation)),
            streams: Mutex::default(),
            next_stream: AtomicU64::new(1),
            stopped: Notify::new(),
        };
        Ok(Self {
            url,
            greeting,
            listener,
            service: Arc::new(service),
        })
    }

    /// What the other harness is told that the adapter can do.
    pub fn capabilities(&self) -> &[String] {
        self.service
            .status
            .capabilities
            .as_deref()
            .unwrap_or_default()
    }

    /// What the protocol promises of every test service and this adapter does not show, as sentences.
    pub fn shortcomings(&self) -> Vec<&'static str> {
        let features = &self.greeting.features;
        let mut sentences = Vec::new();
        if features.last_event_id != View::Stream {
            sentences.push(
                "it does not show the last event ID, so that the `id` of its events will look wrong",
            );
        }
        if !features.reconnects {
            sentences.push("it does not come back by itself, as the protocol has it");
        }
        if features.reconnects && !features.initial_reconnection_time {
            sentences.push(
                "it takes no reconnection time to begin with, so it comes back when it would by itself",
            );
        }
        sentences
    }

    /// Serves until a harness stops the service.
    pub async fn serve(self) {
        /// The answer to the request that stops it is still on its way.
        const MOMENT: Duration = Duration::from_millis(100);
        let service = Arc::clone(&self.service);
        let answer = move |asked| {
            let service = Arc::clone(&service);
            async move { service.answer(asked).await }
        };
        let stopped = async {
            self.service.stopped.notified().await;
            tokio::time::sleep(MOMENT).await;
        };
        tokio::select! {
            () = http::serve(self.listener, answer) => (),
            () = stopped => (),
        }
    }
}

impl Service {
    async fn answer(&self, asked: Asked) -> Answer {
        let stream = asked.path.strip_prefix("/streams/").map(str::parse);
        match (asked.method.as_str(), asked.path.as_str(), stream) {
            ("GET" | "HEAD", "/", _) => Answer::with_body(200, message::json(&self.status)),
            ("POST", "/", _) => self.create(&asked.body).await,
            ("DELETE", "/", _) => {
                self.stopped.notify_one();
                Answer::status(204)
            }
            ("POST", _, Some(Ok(stream))) => self.command(stream, &asked.body).await,
            ("DELETE", _, Some(Ok(stream))) => self.delete(stream).await,
            _ => Answer::with_body(
                404,
                "there is / to create streams, and /streams/NUMBER for each of them",
            ),
        }
    }

    async fn create(&self, body: &[u8]) -> Answer {
        let create: Create = match message::read(body) {
            Ok(create) => create,
            Err(sentence) => return Answer::with_body(400, sentence),
        };
        let wants_post = create.method.is_some() || create.body.is_some();
        for (is_asked_for, is_offered, what) in [
            (wants_post, self.features.post, "a method and a body"),
            (!create.headers.is_empty(), self.features.headers, "headers"),
            (
                create.last_event_id.is_some(),
                self.features.initial_last_event_id,
                "a last event ID to begin with",
            ),
            (create.read_timeout_ms.is_some(), false, "a read timeout"),
        ] {
            if is_asked_for && !is_offered {
                let sentence = format!("this client takes no {what}");
                return Answer::with_body(400, sentence.replace("no a ", "no "));
            }
        }
        let conversation = match self.conversation().await {
            Ok(conversation) => conversation,
            Err(sentence) => return Answer::with_body(500, sentence),
        };
        let stream = self.next_stream.fetch_add(1, Ordering::Relaxed);
        let connect = Connect {
            connection: format!("s{stream}"),
            url: create.stream_url,
            listen: vec!["message".to_owned()],
            initial_reconnection_time: create
                .initial_delay_ms
                .filter(|_| self.features.initial_reconnection_time),
            last_event_id: create.last_event_id,
            headers: create.headers,
            method: create.method,
            body: create.body,
            ..Connect::default()
        };
        let reports = match conversation.connect(&connect).await {
            Ok(reports) => reports,
            Err(why) => {
                conversation.forget(&connect.connection);
                return Answer::with_body(500, sentence(why));
            }
        };
        let calling_back = tokio::spawn(call_back(
            reports,
            create.callback_url,
            Arc::clone(&conversation),
        ));
        let opened = Stream {
            connection: connect.connection,
            conversation,
            calling_back,
        };
        self.streams().insert(stream, opened);
        Answer {
            location: Some(format!("/streams/{stream}")),
            ..Answer::status(201)
        }
    }

    async fn command(&self, stream: u64, body: &[u8]) -> Answer {
        let found = self
            .streams()
            .get(&stream)
            .map(|stream| (stream.connection.clone(), Arc::clone(&stream.conversation)));
        let Some((connection, conversation)) = found else {
            return Answer::with_body(404, "there is no such stream");
        };
        let command: Command = match message::read(body) {
            Ok(command) => command,
            Err(sentence) => return Answer::with_body(400, sentence),
        };
        match (command.command.as_str(), command.listen) {
            ("listen", Some(listen)) => {
                match conversation.listen(&connection, &listen.r#type).await {
                    Ok(()) => Answer::status(202),
                    Err(Unanswered::Refused(why)) => Answer::with_body(400, why),
                    Err(why) => Answer::with_body(500, sentence(why)),
                }
            }
            ("listen", None) => Answer::with_body(400, "missing field `listen`"),
            (other, _) => Answer::with_body(400, format!("there is no command {other:?}")),
        }
    }

    async fn delete(&self, stream: u64) -> Answer {
        let Some(mut stream) = self.streams().remove(&stream) else {
            return Answer::with_body(404, "there is no such stream");
        };
        // An adapter that is gone has closed it too.
        _ = stream.conversation.disconnect(&stream.connection).await;
        stream.conversation.forget(&stream.connection);
        if timeout(FAREWELL, &mut stream.calling_back).await.is_err() {
            stream.calling_back.abort();
        }
        Answer::status(204)
    }

    /// The running adapter, or a fresh one where it has died.
    async fn conversation(&self) -> Result<Arc<Conversation>, String> {
        let mut conversation = self.conversation.lock().await;
        if conversation.over().is_some() {
            *conversation = Arc::new(Conversation::open(&self.adapter, self.deadline).await?);
        }
        Ok(Arc::clone(&conversation))
    }

    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Posts what is reported, one callback after another, until the stream is forgotten.
async fn call_back(
    mut reports: mpsc::UnboundedReceiver<Reported>,
    url: String,
    conversation: Arc<Conversation>,
) {
    let mut number = 0;
    let mut post = async |report: &Report| {
        let Some(callback) = message::callback(report) else {
            return true;
        };
        number += 1;
        let url = format!("{url}/{number}");
        let posted = http::ask("POST", &url, Some(callback), CALLBACK).await;
        // Who has stopped listening is told no more.
        posted.is_ok_and(|answer| answer.is_success())
    };
    while let Some((_, report)) = reports.recv().await {
        if !post(&report).await {
            return;
        }
    }
    if let Some(trouble) = conversation.over() {
        let message = Text::from(format!("the adapter is gone: {trouble}"));
        post(&Report::Error {
            fatal: true,
            message,
        })
        .await;
    }
}

fn sentence(why: Unanswered) -> String {
    match why {
        Unanswered::Over(trouble) => trouble.to_string(),
        Unanswered::Refused(why) => why,
    }
}
