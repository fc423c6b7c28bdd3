//! One client of a case that is being played: what it has got, and what is waited for.

use std::time::Instant;

use tokio::task::JoinHandle;

use super::reader::Reader;
use crate::observation::server::Side;

/// One client, and how far it is.
pub struct Client {
    pub side: Side,
    /// The adapter's handle, once the application was told of the request.
    pub handle: Option<String>,
    pub reading: JoinHandle<()>,
    pub reader: Reader,
    pub asked_at: Instant,
    pub told_at: Option<Instant>,
    pub last_activity: Instant,
    /// When everything that was emitted had come.
    pub has_all_at: Option<Instant>,
    /// The next event to ask for.
    pub next: usize,
    /// The event that is waited for, how many were seen before it, and since when.
    pub awaited: Option<(usize, usize, Instant)>,
    pub is_over: bool,
    pub left_at: Option<Instant>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reading.abort();
    }
}
