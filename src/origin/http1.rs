//! A scripted answer to bytes of HTTP/1.1, with the endings that no HTTP library would write.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::answer::{Protocol, Urls, has_body, reason};
use super::wire::Wire;
use crate::script::{Ending, Framing, Response, Step};

/// How long a client may take to close its side after we have closed ours.
const FAREWELL: Duration = Duration::from_secs(2);

/// A connection that carries one answer in HTTP/1.1.
pub struct Http1(pub Wire);

impl Protocol for Http1 {
    async fn interim(&mut self, status: u16) -> io::Result<()> {
        let head = format!("HTTP/1.1 {status} {}\r\n\r\n", reason(status));
        self.write(head.as_bytes()).await
    }

    async fn head(&mut self, status: u16, response: &Response, urls: &Urls) -> io::Result<Vec<u8>> {
        let head = head(status, response, urls);
        self.write(&head).await?;
        Ok(head)
    }

    async fn chunk(&mut self, bytes: &[u8], framing: Framing) -> io::Result<()> {
        self.write(&framed(bytes, framing)).await
    }

    async fn end(mut self, response: &Response) {
        match response.then {
            Ending::Hold => return self.left().await,
            // Closing with bytes unsent or a linger of zero is a reset.
            Ending::Reset => return self.0.resets(),
            Ending::Close if response.framing == Framing::Chunked && has_body(response) => {
                _ = self.write(b"0\r\n\r\n").await;
            }
            Ending::Close | Ending::Truncate => (),
        }
        // Closing before the client's last bytes are read would make a reset of it.
        _ = self.0.shutdown().await;
        _ = tokio::time::timeout(FAREWELL, self.left()).await;
    }

    async fn left(&mut self) {
        let mut unasked = [0; 1024];
        while matches!(self.0.read(&mut unasked).await, Ok(1..)) {}
    }

    fn last_write(response: &Response) -> Option<Option<usize>> {
        let tells_its_length = response.framing == Framing::Length || !has_body(response);
        let ends_well = response.status.is_some() && response.then == Ending::Close;
        let is_write = |step: &Step| matches!(step, Step::Write(bytes) if !bytes.is_empty());
        (tells_its_length && ends_well).then(|| response.steps.iter().rposition(is_write))
    }
}

impl Http1 {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        // TLS keeps back what it has encrypted until it is told not to.
        self.0.flush().await
    }
}

fn head(status: u16, response: &Response, urls: &Urls) -> Vec<u8> {
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
    if let Some(location) = urls.location(response) {
        add("location", location.as_bytes());
    }
    match response.framing {
        _ if !has_body(response) => (),
        Framing::Chunked => add("transfer-encoding", b"chunked"),
        Framing::Length => add(
            "content-length",
            response.promised_length().to_string().as_bytes(),
        ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Location;

    fn urls() -> Urls {
        Urls {
            base: "http://h/1/".to_owned(),
            other_origin: "http://o/1/".to_owned(),
        }
    }

    #[test]
    fn a_head_says_how_the_body_ends() {
        let mut response = Response::stream([b"data: a\n\n".to_vec()], Ending::Close);
        let text =
            |response: &Response| String::from_utf8(head(200, response, &urls())).expect("ASCII");
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
        let mut text = |location: Location| {
            response.location = Some(location);
            String::from_utf8(head(307, &response, &urls())).expect("ASCII")
        };
        assert_eq!(
            text(Location::Below("next".to_owned())),
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://h/1/next\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        for (location, written) in [
            (Location::AsWritten("ftp://h/".to_owned()), "ftp://h/"),
            (Location::OtherOrigin("next".to_owned()), "http://o/1/next"),
        ] {
            let text = text(location);
            let line = format!("\r\nlocation: {written}\r\n");
            assert!(text.contains(&line), "{text}");
        }
    }
}
