//! A scripted answer to bytes on a socket, with exact chunk boundaries and with the endings that no HTTP library would write.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::boundary::{Boundaries, Boundary, Ends};
use super::{Fact, Facts};
use crate::script::{Ending, Framing, Location, Response, Step};

/// How long a client may take to close its side after we have closed ours.
const FAREWELL: Duration = Duration::from_secs(2);

/// A connection that carries one answer.
pub struct Answering<'a> {
    /// The client.
    pub stream: TcpStream,
    /// Both addresses.
    pub ends: Ends,
    /// How chunk boundaries are kept.
    pub boundaries: &'a Boundaries,
    /// Whoever plays the script.
    pub facts: &'a Facts,
    /// The URL that the case's own paths start with.
    pub base: &'a str,
    /// The place of the request among the case's requests.
    pub request: usize,
}

impl Answering<'_> {
    /// Plays the answer to its end. An error is the client's leaving, which is reported.
    pub async fn play(mut self, response: &Response) {
        match self.write(response).await {
            Ok(()) => self.end(response).await,
            Err(_) => self.facts.tell(self.request, Fact::Left),
        }
    }

    async fn write(&mut self, response: &Response) -> io::Result<()> {
        let mut n_sent = 0;
        if let Some(status) = response.status {
            let head = head(status, response, self.base);
            if last_write(response) == Some(None) {
                self.facts.tell(self.request, Fact::Over(response.then));
            }
            self.stream.write_all(&head).await?;
            n_sent += head.len() as u64;
            self.facts.tell(self.request, Fact::Head(status));
            self.keep(n_sent).await;
        }
        for (place, step) in response.steps.iter().enumerate() {
            if last_write(response) == Some(Some(place)) {
                self.facts.tell(self.request, Fact::Over(response.then));
            }
            match step {
                Step::Write(bytes) if bytes.is_empty() => (),
                Step::Write(bytes) => {
                    let written = framed(bytes, response.framing);
                    self.stream.write_all(&written).await?;
                    n_sent += written.len() as u64;
                    self.facts.tell(self.request, Fact::Chunk(bytes.clone()));
                    self.keep(n_sent).await;
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

    async fn keep(&self, n_sent: u64) {
        if self.boundaries.keep(self.ends, n_sent).await == Boundary::Unknown {
            self.facts.tell(self.request, Fact::BoundaryUnknown);
        }
    }

    async fn end(mut self, response: &Response) {
        // Before anything of it is on the wire, so that no client's delay is taken for shorter than it was.
        if last_write(response).is_none() {
            self.facts.tell(self.request, Fact::Over(response.then));
        }
        match response.then {
            Ending::Hold => {
                let never = std::future::pending::<()>();
                _ = self.unless_left(never).await;
                return self.facts.tell(self.request, Fact::Left);
            }
            Ending::Reset => {
                // Closing with bytes unsent or a linger of zero is a reset.
                _ = self.stream.set_zero_linger();
                return;
            }
            Ending::Close if response.framing == Framing::Chunked && has_body(response) => {
                _ = self.stream.write_all(b"0\r\n\r\n").await;
            }
            Ending::Close | Ending::Truncate => (),
        }
        // Closing before the client's last bytes are read would make a reset of it.
        _ = self.stream.shutdown().await;
        let mut rest = [0; 1024];
        let farewell = async { while matches!(self.stream.read(&mut rest).await, Ok(1..)) {} };
        _ = tokio::time::timeout(FAREWELL, farewell).await;
    }

    /// Waits for something, or fails as soon as the client closes its side.
    async fn unless_left(&mut self, something: impl Future<Output = ()>) -> io::Result<()> {
        let stream = &mut self.stream;
        let left = async {
            let mut unasked = [0; 1024];
            while matches!(stream.read(&mut unasked).await, Ok(1..)) {}
        };
        tokio::select! {
            biased;
            () = left => Err(io::ErrorKind::ConnectionAborted.into()),
            () = something => Ok(()),
        }
    }
}

/// Where a client knows that the answer is over as soon as this has come: the head, or a step.
fn last_write(response: &Response) -> Option<Option<usize>> {
    let tells_its_length = response.framing == Framing::Length || !has_body(response);
    let ends_well = response.status.is_some() && response.then == Ending::Close;
    let is_write = |step: &Step| matches!(step, Step::Write(bytes) if !bytes.is_empty());
    (tells_its_length && ends_well).then(|| response.steps.iter().rposition(is_write))
}

fn has_body(response: &Response) -> bool {
    response
        .status
        .is_some_and(|status| status != 204 && status != 304)
}

fn head(status: u16, response: &Response, base: &str) -> Vec<u8> {
    let version = match response.framing {
        Framing::Http10 => "1.0",
        _ => "1.1",
    };
    let mut head = format!("HTTP/{version} {status} {}\r\n", reason(status)).into_bytes();
    let mut add = |name: &str, value: &[u8]| {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    };
    for (name, value) in &response.headers {
        add(name, value);
    }
    match &response.location {
        Some(Location::Below(path)) => add("location", format!("{base}{path}").as_bytes()),
        Some(Location::Elsewhere(url)) => add("location", url.as_bytes()),
        None => (),
    }
    match response.framing {
        _ if !has_body(response) => (),
        Framing::Chunked => add("transfer-encoding", b"chunked"),
        Framing::Length => {
            // A truncated answer promises more than it gives.
            let promised =
                response.body().len() + 100 * usize::from(response.then == Ending::Truncate);
            add("content-length", promised.to_string().as_bytes());
        }
        Framing::UntilClose | Framing::Http10 => (),
    }
    if response.framing != Framing::Http10 {
        add("connection", b"close");
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn framed(bytes: &[u8], framing: Framing) -> Vec<u8> {
    match framing {
        Framing::Chunked => {
            let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
            framed.extend_from_slice(bytes);
            framed.extend_from_slice(b"\r\n");
            framed
        }
        Framing::Length | Framing::UntilClose | Framing::Http10 => bytes.to_vec(),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_how_the_body_ends() {
        let mut response = Response::stream([b"data: a\n\n".to_vec()], Ending::Close);
        let text = |response: &Response| {
            String::from_utf8(head(200, response, "http://h/1/")).expect("ASCII")
        };
        assert_eq!(
            text(&response),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        response.framing = Framing::Length;
        assert!(text(&response).contains("content-length: 9\r\n"));
        response.then = Ending::Truncate;
        assert!(text(&response).contains("content-length: 109\r\n"));
        response.framing = Framing::Http10;
        assert_eq!(
            text(&response),
            "HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        );
    }

    #[test]
    fn a_redirect_leads_below_the_case_or_elsewhere() {
        let mut response = Response::status(307);
        response.location = Some(Location::Below("next".to_owned()));
        let text = String::from_utf8(head(307, &response, "http://h/1/")).expect("ASCII");
        assert_eq!(
            text,
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://h/1/next\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        response.location = Some(Location::Elsewhere("ftp://h/".to_owned()));
        let text = String::from_utf8(head(307, &response, "http://h/1/")).expect("ASCII");
        assert!(text.contains("\r\nlocation: ftp://h/\r\n"), "{text}");
    }
}
