//! A script's answer to what a protocol has to write, step by step; facts about it on the way.

use std::io;

use super::Fact;
use super::boundary::{Boundaries, Boundary, Ends};
use super::door::Door;
use super::table::Facts;
use super::wire::Count;
use crate::script::{Framing, Location, Response, Step};

/// How an answer is put on the wire.
pub trait Protocol: Send + Sync {
    /// A head before the real one.
    fn interim(&mut self, status: u16) -> impl Future<Output = io::Result<()>> + Send;

    /// The head; what was written of it, as a reader of HTTP/1.1 would see it.
    fn head(
        &mut self,
        status: u16,
        response: &Response,
        urls: &Urls,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send;

    /// A chunk of the body, and nothing held back.
    fn chunk(
        &mut self,
        bytes: &[u8],
        framing: Framing,
    ) -> impl Future<Output = io::Result<()>> + Send;

    /// The end of the answer, as the answer has it; a held one ends when the client leaves.
    fn end(self, response: &Response) -> impl Future<Output = ()> + Send;

    /// Waits until the client has closed its side.
    fn left(&mut self) -> impl Future<Output = ()> + Send;

    /// Where a client knows that the answer is over as soon as this has come: the head, or a step.
    fn last_write(response: &Response) -> Option<Option<usize>>;
}

/// What redirects lead to.
pub struct Urls {
    /// What the case's own paths start with.
    pub base: String,
    /// The same on another port.
    pub other_origin: String,
}

impl Urls {
    /// The value of the Location header.
    pub fn location(&self, response: &Response) -> Option<String> {
        Some(match response.location.as_ref()? {
            Location::Below(path) => format!("{}{path}", self.base),
            Location::OtherOrigin(path) => format!("{}{path}", self.other_origin),
            Location::AsWritten(url) => {
                // The port and the case's own path, for a URL that gives this host another name.
                let address = self.base.split_once("127.0.0.1");
                let below = address.map_or("", |(_, below)| below);
                url.replace("{below}", below)
            }
        })
    }
}

/// One answer that is being played.
pub struct Answering<'a, P> {
    /// What carries it.
    pub protocol: P,
    /// Both addresses.
    pub ends: Ends,
    /// What the connection has carried.
    pub count: Count,
    /// How chunk boundaries are kept.
    pub boundaries: &'a Boundaries,
    /// Whoever plays the script.
    pub facts: &'a Facts,
    /// What redirects lead to.
    pub urls: &'a Urls,
    /// The place of the request among the case's requests.
    pub request: usize,
    /// The port that refuses connections once the answer is over.
    pub closes: Option<Door>,
}

impl<P: Protocol> Answering<'_, P> {
    /// Plays the answer to its end. An error is the client's leaving, which is reported.
    pub async fn play(mut self, response: &Response) {
        if self.write(response).await.is_err() {
            return self.facts.tell(self.request, Fact::Left);
        }
        // Before anything of it is on the wire, so that no client's delay is taken for shorter than it was.
        if P::last_write(response).is_none() {
            self.over(response).await;
        }
        self.protocol.end(response).await;
        if response.then == crate::script::Ending::Hold {
            self.facts.tell(self.request, Fact::Left);
        }
    }

    async fn write(&mut self, response: &Response) -> io::Result<()> {
        for status in &response.interim {
            self.protocol.interim(*status).await?;
        }
        if let Some(status) = response.status {
            if P::last_write(response) == Some(None) {
                self.over(response).await;
            }
            let head = self.protocol.head(status, response, self.urls).await?;
            self.facts.tell(self.request, Fact::Head(status, head));
            self.keep().await;
        }
        for (place, step) in response.steps.iter().enumerate() {
            if P::last_write(response) == Some(Some(place)) {
                self.over(response).await;
            }
            match step {
                Step::Write(bytes) if bytes.is_empty() => (),
                Step::Write(bytes) => {
                    self.protocol.chunk(bytes, response.framing).await?;
                    self.facts.tell(self.request, Fact::Chunk(bytes.clone()));
                    self.keep().await;
                }
                Step::Pause(time) => {
                    self.unless_left(tokio::time::sleep(*time)).await?;
                }
                Step::Gate(gate) => {
                    let opened = self.facts.gate(self.request, *gate);
                    self.unless_left(opened).await?;
                }
            }
        }
        Ok(())
    }

    async fn keep(&self) {
        if self.boundaries.keep(self.ends, self.count.n_bytes()).await == Boundary::Unknown {
            self.facts.tell(self.request, Fact::BoundaryUnknown);
        }
    }

    /// All is done but the end.
    async fn over(&mut self, response: &Response) {
        if let Some(door) = self.closes.take() {
            door.refuse(self.facts, self.request).await;
        }
        self.facts.tell(self.request, Fact::Over(response.then));
    }

    /// Waits for something, or fails as soon as the client closes its side.
    async fn unless_left(&mut self, something: impl Future<Output = ()>) -> io::Result<()> {
        tokio::select! {
            biased;
            () = self.protocol.left() => Err(io::ErrorKind::ConnectionAborted.into()),
            () = something => Ok(()),
        }
    }
}

/// Whether an answer with this status has a body.
pub fn has_body(response: &Response) -> bool {
    response
        .status
        .is_some_and(|status| status != 204 && status != 304)
}

/// What stands behind a status.
pub fn reason(status: u16) -> &'static str {
    match status {
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        404 => "Not Found",
        _ => "Scripted",
    }
}
