//! What a client case's origin plays: the answers to the requests that a target makes, one after another.

use std::time::Duration;

/// The answers to a target's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Each request takes the next one.
    pub responses: Vec<Response>,
    /// What every later request gets.
    pub afterwards: Response,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status; `None` ends the connection before a head is sent.
    pub status: Option<u16>,
    /// The headers of its own; framing and `Connection: close` are added.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Where a redirect leads.
    pub location: Option<Location>,
    /// How the end of the body is told.
    pub framing: Framing,
    /// What is done after the head, in order.
    pub steps: Vec<Step>,
    /// How it ends.
    pub then: Ending,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A path below the case's own.
    Below(String),
    /// A whole URL.
    Elsewhere(String),
}

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// HTTP/1.1 chunks.
    #[default]
    Chunked,
    /// A Content-Length.
    Length,
    /// The end of the connection, in HTTP/1.1.
    UntilClose,
    /// The end of the connection, in HTTP/1.0.
    Http10,
}

/// One step of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes, as a chunk of their own.
    Write(Vec<u8>),
    /// Nothing, for a time.
    Pause(Duration),
    /// Wait until whoever plays the script lets it go on.
    Gate(Gate),
}

/// What an answer waits for in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The target has reported as many opens in all.
    Opens(usize),
    /// The target has reported as many events in all.
    Events(usize),
    /// The target was told to disconnect.
    Disconnect,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// As its framing has it, and then the connection is closed.
    #[default]
    Close,
    /// The connection is reset.
    Reset,
    /// The connection is closed without the last chunk, or short of the Content-Length.
    Truncate,
    /// It stays open until the client leaves.
    Hold,
}

impl Script {
    /// Lets no body begin before a gate opens.
    pub fn held_back(mut self, gate: Gate) -> Self {
        let responses = self.responses.iter_mut().chain([&mut self.afterwards]);
        for response in responses.filter(|response| !response.steps.is_empty()) {
            response.steps.insert(0, Step::Gate(gate));
        }
        self
    }
}

impl Response {
    /// A stream: 200, `text/event-stream`, these chunks, and then this.
    pub fn stream(chunks: impl IntoIterator<Item = Vec<u8>>, then: Ending) -> Self {
        Self {
            status: Some(200),
            headers: vec![("content-type".to_owned(), b"text/event-stream".to_vec())],
            location: None,
            framing: Framing::Chunked,
            steps: chunks.into_iter().map(Step::Write).collect(),
            then,
        }
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            headers: Vec::new(),
            steps: Vec::new(),
            framing: Framing::Length,
            ..Self::stream([], Ending::Close)
        }
    }

    /// The bytes of its body.
    pub fn body(&self) -> Vec<u8> {
        let written = self.steps.iter().filter_map(|step| match step {
            Step::Write(bytes) => Some(bytes.as_slice()),
            Step::Pause(_) | Step::Gate(_) => None,
        });
        written.collect::<Vec<_>>().concat()
    }
}
