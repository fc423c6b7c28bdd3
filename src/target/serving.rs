//! A conversation with a server adapter: streams that it is told to serve, and what it reports of them.

use std::time::Instant;

use tokio::sync::mpsc;

use super::adapter::Adapter;
use super::conversation::{Conversation, Unanswered};
use super::server_message::{self, Serve, ServerReport};
use crate::clause::Role;

impl Conversation<ServerReport> {
    /// Starts a server adapter and waits for its greeting.
    ///
    /// # Errors
    ///
    /// One sentence, with the end of the process's log.
    pub async fn open_server(
        adapter: &Adapter,
        deadline: std::time::Duration,
    ) -> Result<Self, String> {
        Self::start(adapter, Role::Server, deadline, server_message::read).await
    }

    /// Asks for a stream. Returns where it is served, and what is reported of it.
    ///
    /// # Errors
    ///
    /// It is not served.
    pub async fn serve(
        &self,
        params: &Serve,
    ) -> Result<(String, mpsc::UnboundedReceiver<(Instant, ServerReport)>), Unanswered> {
        let reports = self.listen_to(&params.stream);
        let (_, result) = self.ask(|id| server_message::serve(id, params)).await?;
        let url = server_message::url(&result).map_err(Unanswered::Refused)?;
        Ok((url, reports))
    }

    /// Asks for one event and waits for the answer, which says that the adapter took notice.
    ///
    /// # Errors
    ///
    /// There was none.
    pub async fn emit(&self, stream: &str, client: &str, index: usize) -> Result<(), Unanswered> {
        let answer = self.ask(|id| server_message::emit(id, stream, client, index));
        answer.await.map(|_| ())
    }

    /// Ends a stream and waits for the answer: all that the adapter has to report of it has come by then.
    ///
    /// # Errors
    ///
    /// There was none.
    pub async fn stop(&self, stream: &str) -> Result<(), Unanswered> {
        let answer = self.ask(|id| server_message::stop(id, stream));
        answer.await.map(|_| ())
    }
}
