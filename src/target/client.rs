//! A client under test, whichever protocol carries it: an adapter's process, or a test service.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::adapter::Adapter;
use super::client_message::Connect;
use super::conversation::{Conversation, Reported, Unanswered};
use super::gauge::Gauge;
use super::message::Greeting;
use super::session::Trouble;
use super::test_service::TestService;

/// A client that can be asked.
pub enum Client {
    /// The adapter protocol, with a process of our own.
    Adapter(Conversation),
    /// The protocol of the LaunchDarkly test services, with a service that somebody else has started.
    TestService(TestService),
}

impl Client {
    /// Starts the adapter, or finds the service, and waits for its greeting.
    ///
    /// # Errors
    ///
    /// One sentence, with the end of the process's log if there is one.
    pub async fn open(adapter: &Adapter, deadline: Duration) -> Result<Self, String> {
        Ok(match &adapter.test_service {
            Some(url) => Self::TestService(TestService::open(url, deadline).await?),
            None => Self::Adapter(Conversation::open(adapter, deadline).await?),
        })
    }

    /// What it said of itself.
    pub fn greeting(&self) -> &Greeting {
        match self {
            Self::Adapter(conversation) => &conversation.greeting,
            Self::TestService(service) => &service.greeting,
        }
    }

    /// Asks for a connection and waits until the client says that it has begun.
    ///
    /// # Errors
    ///
    /// It did not say so.
    pub async fn connect(
        &self,
        params: &Connect,
    ) -> Result<mpsc::UnboundedReceiver<Reported>, Unanswered> {
        match self {
            Self::Adapter(conversation) => conversation.connect(params).await,
            Self::TestService(service) => service.connect(params).await,
        }
    }

    /// Asks to close a connection and waits for the answer. Returns when it was read.
    ///
    /// # Errors
    ///
    /// There was none.
    pub async fn disconnect(&self, connection: &str) -> Result<Instant, Unanswered> {
        match self {
            Self::Adapter(conversation) => conversation.disconnect(connection).await,
            Self::TestService(service) => service.disconnect(connection).await,
        }
    }

    /// No more is heard of this connection.
    pub fn forget(&self, connection: &str) {
        match self {
            Self::Adapter(conversation) => conversation.forget(connection),
            Self::TestService(service) => service.forget(connection),
        }
    }

    /// Connections may begin before `connect` is answered, and before the client knows which event types to listen for.
    pub fn hears_types_late(&self) -> bool {
        match self {
            Self::Adapter(_) => false,
            Self::TestService(service) => service.hears_types_late(),
        }
    }

    /// Why the reports of one connection, unless they came to its end, are not all that the client did.
    pub fn fault(&self, connection: &str) -> Option<String> {
        match self {
            Self::Adapter(_) => None,
            Self::TestService(service) => service.fault(connection),
        }
    }

    /// Why a client that has shown nothing so far, though it should have, cannot be asked.
    pub fn mute(&self) -> Option<String> {
        match self {
            Self::Adapter(_) => None,
            Self::TestService(service) => service.mute(),
        }
    }

    /// Why nothing can be asked any more, if so.
    pub fn over(&self) -> Option<Trouble> {
        match self {
            Self::Adapter(conversation) => conversation.over(),
            Self::TestService(service) => service.over(),
        }
    }

    /// What the client's processes take, where something tells.
    pub fn gauge(&self) -> Option<Gauge> {
        match self {
            Self::Adapter(conversation) => conversation.gauge(),
            Self::TestService(_) => None,
        }
    }

    /// The last lines of the process's log, once all is over.
    pub fn log(&self) -> Vec<String> {
        match self {
            Self::Adapter(conversation) => conversation.log(),
            Self::TestService(_) => Vec::new(),
        }
    }

    /// Ends the conversation; a service is left as it was found.
    pub async fn close(self) {
        match self {
            Self::Adapter(conversation) => conversation.close().await,
            Self::TestService(_) => (),
        }
    }
}
