//! Bytes from a client to the request that they make: recorded as they came, headers as bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// A longer head is no request of an event source.
const MAX_HEAD: usize = 256 << 10;
/// A longer body is cut off in the record.
pub const MAX_BODY: usize = 1 << 20;
/// More headers than any client sends.
const MAX_HEADERS: usize = 128;

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// Names and values as bytes, in their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The values of a header, in their order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
    }
}

/// Reads one request. Nothing, if the client left without asking.
///
/// # Errors
///
/// What came is no request, or the connection broke.
pub async fn read(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    let (mut request, head) = loop {
        if let Some(parsed) = parse(&bytes)? {
            break parsed;
        }
        if bytes.len() > MAX_HEAD {
            return Err(no_request("its head does not end"));
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return match bytes.as_slice() {
                [] => Ok(None),
                _ => Err(no_request("it ends within its head")),
            };
        }
    };
    let mut body = bytes.split_off(head);
    let is_chunked = request
        .values("transfer-encoding")
        .any(|value| value.to_ascii_lowercase().ends_with(b"chunked"));
    if is_chunked {
        request.body = unchunked(client, body).await?;
        return Ok(Some(request));
    }
    let length = request
        .values("content-length")
        .next()
        .and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    let length: usize = length.unwrap_or(0).min(MAX_BODY);
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            break;
        }
    }
    body.truncate(length);
    request.body = body;
    Ok(Some(request))
}

/// A body that comes in chunks, without what tells their lengths; `bytes` are there already.
async fn unchunked(
    client: &mut (impl AsyncRead + Unpin),
    mut bytes: Vec<u8>,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = match httparse::parse_chunk_size(&bytes) {
            Ok(httparse::Status::Complete((_, 0))) => return Ok(body),
            Ok(httparse::Status::Complete((start, length))) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length > MAX_BODY - body.len() {
                    return Ok(body);
                }
                Some((start, start + length))
            }
            Ok(httparse::Status::Partial) => None,
            Err(error) => return Err(no_request(&error.to_string())),
        };
        match end {
            // A line end follows each chunk.
            Some((start, end)) if bytes.len() >= end + 2 => {
                body.extend_from_slice(&bytes[start..end]);
                bytes.drain(..end + 2);
            }
            // No chunk that is taken is longer; what grows on is a line with its size that never ends.
            _ if bytes.len() > MAX_BODY + MAX_HEAD => {
                return Err(no_request("a chunk of its body does not end"));
            }
            _ if client.read_buf(&mut bytes).await? == 0 => {
                return Err(no_request("it ends within its body"));
            }
            _ => (),
        }
    }
}

/// The head of a request and its length, once it is complete.
fn parse(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(bytes) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let request = Request {
                method: head.method.unwrap_or_default().to_owned(),
                target: head.path.unwrap_or_default().to_owned(),
                headers: head
                    .headers
                    .iter()
                    .map(|header| (header.name.as_bytes().to_vec(), header.value.to_vec()))
                    .collect(),
                body: Vec::new(),
            };
            Ok(Some((request, length)))
        }
        Err(error) => Err(no_request(&error.to_string())),
    }
}

fn no_request(why: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("not an HTTP/1.1 request: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(mut bytes: &[u8]) -> io::Result<Option<Request>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(read(&mut bytes))
    }

    #[test]
    fn a_request_is_recorded_byte_for_byte() {
        let request = read_all(
            b"POST /1/a?b=c HTTP/1.1\r\nhost: x\r\nLast-Event-ID: \xE2\x9C\x93\r\nLAST-EVENT-ID: 2\r\ncontent-length: 3\r\n\r\n{}\n",
        );
        let request = request.expect("readable").expect("a request");
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/1/a?b=c")
        );
        let ids: Vec<_> = request.values("last-event-id").collect();
        assert_eq!(ids, ["✓".as_bytes(), b"2"]);
        assert_eq!(request.body, b"{}\n");
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let head = "POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n";
        let body = |chunks: &str| {
            let request = read_all(format!("{head}{chunks}").as_bytes());
            request.map(|request| request.expect("a request").body)
        };
        assert_eq!(
            body("2\r\n{\r\r\n3;x=y\r\n\n}\n\r\n0\r\n\r\n").expect("whole"),
            b"{\r\n}\n"
        );
        assert_eq!(body("0\r\n\r\n").expect("whole"), b"");
        let error = body("5\r\n{}").expect_err("cut off");
        assert!(error.to_string().ends_with("it ends within its body"));
        assert!(body("x\r\n").is_err());
        let endless = format!("1;{}", "x".repeat(2 * MAX_BODY));
        let error = body(&endless).expect_err("no end of the size");
        assert!(
            error
                .to_string()
                .ends_with("a chunk of its body does not end"),
            "{error}"
        );
    }

    #[test]
    fn a_client_may_leave_before_it_asks_but_not_in_the_middle() {
        assert_eq!(read_all(b"").expect("readable"), None);
        let error = read_all(b"GET / HTT").expect_err("half a request");
        assert_eq!(
            error.to_string(),
            "not an HTTP/1.1 request: it ends within its head"
        );
        let error = read_all(b"\x16\x03\x01\r\n\r\n").expect_err("TLS, not HTTP");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
