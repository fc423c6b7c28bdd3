//! A client's HTTP/2 connection to requests, and scripted answers to its streams.
//!
//! A script that is played over HTTP/2 has a port of its own, so that what happens to the connection concerns nobody else.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderName, HeaderValue};
use tokio::sync::Notify;

use super::answer::{Protocol, Urls, has_body};
use super::boundary::Ends;
use super::request::{MAX_BODY, Request};
use super::table::Shared;
use super::wire::{Count, Wire};
use crate::script::{Ending, Framing, Response};

/// The head of a frame.
const FRAME_HEAD: u64 = 9;
/// How long a frame may take to reach the kernel before the next step all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers the streams of a connection until it ends.
pub async fn serve(wire: Wire, ends: Ends, shared: Arc<Shared>) {
    let count = wire.count();
    let Ok(mut connection) = h2::server::handshake(wire).await else {
        return;
    };
    let breaks = Arc::new(Notify::new());
    loop {
        // Only while it is asked for the next stream does the connection carry anything.
        let accepted = tokio::select! {
            accepted = connection.accept() => accepted,
            // Without a farewell: that is what a truncated body is.
            () = breaks.notified() => return,
        };
        let Some(Ok((request, respond))) = accepted else {
            return;
        };
        let stream = Http2 {
            respond,
            stream: None,
            count: count.clone(),
            breaks: Arc::clone(&breaks),
        };
        tokio::spawn(answer(request, stream, ends, Arc::clone(&shared)));
    }
}

async fn answer(
    request: http::Request<RecvStream>,
    stream: Http2,
    ends: Ends,
    shared: Arc<Shared>,
) {
    let at = Instant::now();
    let count = stream.count.clone();
    let request = record(request).await;
    shared.answer(request, at, stream, count, ends);
}

/// The request as it is recorded; its pseudo-headers are its method and its path.
async fn record(request: http::Request<RecvStream>) -> Request {
    let (head, mut body) = request.into_parts();
    let mut recorded = Request {
        method: head.method.to_string(),
        target: head
            .uri
            .path_and_query()
            .map_or("", |path| path.as_str())
            .to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
            .collect(),
        body: Vec::new(),
    };
    while let Some(Ok(bytes)) = body.data().await {
        _ = body.flow_control().release_capacity(bytes.len());
        if recorded.body.len() + bytes.len() > MAX_BODY {
            break;
        }
        recorded.body.extend_from_slice(&bytes);
    }
    recorded
}

/// A stream that carries one answer in HTTP/2.
pub struct Http2 {
    respond: SendResponse<Bytes>,
    /// Once there is a head.
    stream: Option<SendStream<Bytes>>,
    count: Count,
    breaks: Arc<Notify>,
}

impl Protocol for Http2 {
    async fn interim(&mut self, status: u16) -> io::Result<()> {
        let before = self.count.n_bytes();
        let head = http::Response::builder().status(status).body(());
        self.respond
            .send_informational(head.map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
        self.written(before + FRAME_HEAD).await;
        Ok(())
    }

    async fn head(&mut self, status: u16, response: &Response, urls: &Urls) -> io::Result<Vec<u8>> {
        let before = self.count.n_bytes();
        let mut head = http::Response::new(());
        *head.status_mut() = http::StatusCode::from_u16(status).map_err(io::Error::other)?;
        let mut shown = format!("HTTP/2 {status}\r\n").into_bytes();
        let mut add = |name: &str, value: &[u8]| {
            shown.extend_from_slice(name.as_bytes());
            shown.extend_from_slice(b": ");
            shown.extend_from_slice(value);
            shown.extend_from_slice(b"\r\n");
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
            let value = HeaderValue::from_bytes(value).map_err(io::Error::other)?;
            head.headers_mut().append(name, value);
            io::Result::Ok(())
        };
        for (name, value) in &response.headers {
            add(name, value)?;
        }
        if let Some(location) = urls.location(response) {
            add("location", location.as_bytes())?;
        }
        if response.framing == Framing::Length && has_body(response) {
            let length = response.promised_length().to_string();
            add("content-length", length.as_bytes())?;
        }
        let stream = self
            .respond
            .send_response(head, !has_body(response))
            .map_err(io::Error::other)?;
        self.stream = Some(stream);
        self.written(before + FRAME_HEAD).await;
        Ok(shown)
    }

    async fn chunk(&mut self, bytes: &[u8], _: Framing) -> io::Result<()> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut rest = Bytes::copy_from_slice(bytes);
        let before = self.count.n_bytes();
        while !rest.is_empty() {
            stream.reserve_capacity(rest.len());
            // What the client's window has no room for yet waits.
            let granted = match poll_fn(|context| stream.poll_capacity(context)).await {
                Some(Ok(n_bytes)) => n_bytes.min(rest.len()),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::BrokenPipe.into()),
            };
            stream
                .send_data(rest.split_to(granted), false)
                .map_err(io::Error::other)?;
        }
        self.written(before + FRAME_HEAD + bytes.len() as u64).await;
        Ok(())
    }

    async fn end(mut self, response: &Response) {
        match (response.then, &mut self.stream) {
            (Ending::Hold, _) => self.left().await,
            (Ending::Close, Some(stream)) => {
                if has_body(response) {
                    _ = stream.send_data(Bytes::new(), true);
                }
            }
            (Ending::Reset, Some(stream)) => stream.send_reset(Reason::INTERNAL_ERROR),
            (Ending::Reset, None) => self.respond.send_reset(Reason::INTERNAL_ERROR),
            (Ending::Truncate, _) | (Ending::Close, None) => {
                self.breaks.notify_one();
                // The stream must not end by being dropped before the connection does.
                self.left().await;
            }
        }
    }

    async fn left(&mut self) {
        _ = match &mut self.stream {
            Some(stream) => poll_fn(|context| stream.poll_reset(context)).await,
            None => poll_fn(|context| self.respond.poll_reset(context)).await,
        };
    }

    fn last_write(response: &Response) -> Option<Option<usize>> {
        let ends_well = response.status.is_some() && response.then == Ending::Close;
        (ends_well && !has_body(response)).then_some(None)
    }
}

impl Http2 {
    /// Waits until the connection has carried so much: the frames are written by the connection, not here.
    async fn written(&self, n_bytes: u64) {
        let ends_at = Instant::now() + PATIENCE;
        while self.count.n_bytes() < n_bytes && Instant::now() < ends_at {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }
}
