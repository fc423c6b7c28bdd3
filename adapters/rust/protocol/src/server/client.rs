//! One client of a stream: what the application emits to it, each event when it is time.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use futures::channel::mpsc::UnboundedReceiver;
use futures::stream::{Stream, StreamExt};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::{Value, json};

use super::{Emission, Shared};

/// What the application emits to each client of a stream.
#[derive(Deserialize)]
pub(super) struct Serve {
    pub(super) stream: String,
    events: Vec<Emission>,
    pace: Pace,
    end: End,
    heartbeat: Option<u64>,
    #[serde(default, deserialize_with = "status")]
    status: Option<StatusCode>,
    #[serde(default, deserialize_with = "headers")]
    headers: HeaderMap,
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StatusCode>, D::Error> {
    let status = Option::<u16>::deserialize(deserializer)?;
    status
        .map(StatusCode::from_u16)
        .transpose()
        .map_err(D::Error::custom)
}

fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderMap, D::Error> {
    let headers = HashMap::<String, String>::deserialize(deserializer)?;
    HeaderMap::try_from(&headers).map_err(D::Error::custom)
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Pace {
    Free,
    Asked,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum End {
    Close,
    Hold,
    Fail,
}

/// One client of a stream, as the application sees it.
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) handle: String,
    pub(super) params: Arc<Serve>,
    pub(super) asked: UnboundedReceiver<usize>,
    pub(super) is_over: Arc<AtomicBool>,
}

impl Client {
    /// How often the harness wants heartbeats.
    pub fn heartbeat(&self) -> Option<Duration> {
        self.params.heartbeat.map(Duration::from_millis)
    }

    /// The status that the application answers with, in place of a stream; where the harness wants that.
    pub fn status(&self) -> Option<StatusCode> {
        self.params.status
    }

    /// The headers that the application sets on its answer.
    pub fn headers(&self) -> HeaderMap {
        self.params.headers.clone()
    }

    /// The events that the application emits, each when it is time and as the function makes it.
    ///
    /// An event that the function refuses is reported, and the next one follows.
    /// Ends when the application ends the stream, with an error where it fails.
    pub fn events<T, E>(self, event: fn(Emission) -> Result<T, E>) -> Events<T, E> {
        Events {
            client: self,
            event,
            n_emitted: 0,
        }
    }

    pub(super) fn notify(&self, method: &str, mut params: Value) {
        params["stream"] = json!(self.params.stream);
        params["client"] = json!(self.handle);
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.shared.output.write(&message);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Whoever leaves after that leaves a stream that is over.
    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// The stream that an adapter hands to the implementation, which drops it when the client has left.
pub struct Events<T, E> {
    client: Client,
    event: fn(Emission) -> Result<T, E>,
    n_emitted: usize,
}

impl<T, E: fmt::Display> Stream for Events<T, E> {
    type Item = Result<T, ApplicationFails>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while let Some(index) = ready!(self.poll_index(context)) {
            let Some(emission) = self.client.params.events.get(index) else {
                continue;
            };
            match (self.event)(emission.clone()) {
                Ok(event) => return Poll::Ready(Some(Ok(event))),
                Err(reason) => {
                    let params = json!({ "index": index, "message": reason.to_string() });
                    self.client.notify("rejected", params);
                }
            }
        }
        let is_stopped = self.client.is_over();
        match self.client.params.end {
            End::Fail if !is_stopped => {
                self.client.end();
                Poll::Ready(Some(Err(ApplicationFails)))
            }
            End::Hold if !is_stopped => {
                while ready!(self.client.asked.poll_next_unpin(context)).is_some() {}
                self.client.end();
                Poll::Ready(None)
            }
            End::Close | End::Hold | End::Fail => {
                self.client.end();
                Poll::Ready(None)
            }
        }
    }
}

impl<T, E> Events<T, E> {
    /// The event to emit now; none after the last one, or once the stream is stopped.
    fn poll_index(&mut self, context: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.client.is_over() || self.n_emitted == self.client.params.events.len() {
            return Poll::Ready(None);
        }
        let index = match self.client.params.pace {
            Pace::Free => Some(self.n_emitted),
            Pace::Asked => ready!(self.client.asked.poll_next_unpin(context)),
        };
        self.n_emitted += 1;
        Poll::Ready(index)
    }
}

impl<T, E> Drop for Events<T, E> {
    fn drop(&mut self) {
        // A panic tells the application something else.
        if !self.client.is_over() && !thread::panicking() {
            self.client.notify("disconnected", json!({}));
        }
    }
}

/// The error that the application itself raises.
#[derive(Debug)]
pub struct ApplicationFails;

impl fmt::Display for ApplicationFails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the application fails")
    }
}

impl Error for ApplicationFails {}
