//! What a client case's origin plays: the answers to the requests that a target makes, one after another.

use std::time::Duration;

/// The answers to a target's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Each request takes the next one.
    pub responses: Vec<Response>,
    /// What every later request gets.
    pub afterwards: Response,
    /// Before the requests with these numbers, from 0, the port refuses connections for a time.
    pub refusals: Vec<usize>,
    /// How the bytes travel.
    pub transport: Transport,
}

/// How the bytes of requests and answers travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// HTTP/1.1 over TCP.
    #[default]
    Plain,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TLS, agreed on by ALPN.
    Http2,
    /// HTTP/2 over TCP, by prior knowledge.
    Http2Cleartext,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Heads that come before the real one, by their status (1xx).
    pub interim: Vec<u16>,
    /// The status; `None` ends the connection before a head is sent.
    pub status: Option<u16>,
    /// The headers of its own; framing and `Connection: close` are added.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Where a redirect leads.
    pub location: Option<Location>,
    /// How the end of the body is told.
    pub framing: Framing,
    /// How the body is coded, for a client that accepts it.
    pub coding: Option<Coding>,
    /// What is done after the head, in order.
    pub steps: Vec<Step>,
    /// How it ends.
    pub then: Ending,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A path below the case's own, as a whole URL.
    Below(String),
    /// The same path on another port, hence of another origin.
    OtherOrigin(String),
    /// As it is written: a whole URL or a relative one.
    AsWritten(String),
}

/// How a body is coded: each chunk is flushed, so that it can be decoded as soon as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// gzip.
    Gzip,
    /// gzip that ends without its last block.
    GzipUnfinished,
}

impl Coding {
    /// Whether a request with these values of Accept-Encoding may get it.
    pub fn is_accepted<'a>(self, accept_encoding: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let values = accept_encoding.into_iter().map(String::from_utf8_lossy);
        let values = values.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        values.split(',').any(|offer| {
            let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            matches!(name.trim(), "gzip" | "x-gzip" | "*")
                && weight
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|weight| weight > 0.0)
        })
    }
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
    /// The target has reported as many events in all, or has had time to: in vain is no deviation.
    Heard(usize),
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

impl Transport {
    /// Whatever lies below.
    pub fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Cleartext)
    }
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

    /// It is played on a port of its own: something happens to all connections there, not to one answer.
    pub fn needs_own_port(&self) -> bool {
        let leaves =
            |response: &Response| matches!(response.location, Some(Location::OtherOrigin(_)));
        !self.refusals.is_empty()
            || self.transport != Transport::Plain
            || self.responses.iter().any(leaves)
    }
}

impl Response {
    /// A stream: 200, `text/event-stream`, these chunks, and then this.
    pub fn stream(chunks: impl IntoIterator<Item = Vec<u8>>, then: Ending) -> Self {
        Self {
            interim: Vec::new(),
            coding: None,
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

    /// The Content-Length of its body; an answer that breaks off promises more than it gives.
    pub fn promised_length(&self) -> usize {
        let breaks_off = matches!(self.then, Ending::Truncate | Ending::Reset);
        self.body().len() + 100 * usize::from(breaks_off)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_accepted_where_it_is_offered() {
        for (offer, is_accepted) in [
            ("gzip", true),
            ("br, GZIP ;q=0.5", true),
            ("*", true),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzipped", false),
            ("", false),
        ] {
            assert_eq!(
                Coding::Gzip.is_accepted([offer.as_bytes()]),
                is_accepted,
                "{offer:?}"
            );
        }
    }
}
