//! A delivery, to the response that the client is waiting for; no network in between.

use std::future;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::stream::{self, TryStreamExt};
use http::{Request, Response};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture, TransportError};
use protocol::{Delivery, Progress};

/// A transport that has one response.
#[derive(Clone)]
pub struct Memory {
    body: Arc<Mutex<Option<ByteStream>>>,
}

impl Memory {
    pub fn new(delivery: &Delivery, progress: &Progress) -> Self {
        let body = stream::iter(delivery.owned_chunks(progress))
            .map_ok(Bytes::from)
            .map_err(TransportError::new);
        Self {
            body: Arc::new(Mutex::new(Some(Box::pin(body)))),
        }
    }
}

impl HttpTransport for Memory {
    fn request(&self, _request: Request<Option<Bytes>>) -> ResponseFuture {
        let body = self
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let body = body.expect("reconnecting is switched off");
        Box::pin(future::ready(Ok(Response::new(body))))
    }
}
