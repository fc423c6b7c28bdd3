//! The parameters of `parse`, to chunks of bytes that are handed out one by one and counted.

use std::io;
use std::iter::Enumerate;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::de::{Deserialize, Deserializer, Error};

/// A stream's bytes, cut into chunks.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    chunks: Vec<Chunk>,
    pub last_event_id: Option<String>,
}

impl Delivery {
    /// Hands out the chunks and notes in `progress` how far it is.
    pub fn chunks(&self, progress: &Progress) -> Chunks<impl ExactSizeIterator<Item = &[u8]>> {
        let chunks = self.chunks.iter().map(|chunk| chunk.0.as_slice());
        Chunks::new(chunks, progress)
    }

    /// Does the same for an implementation that wants a stream of its own, or one that crosses threads.
    pub fn owned_chunks(
        &self,
        progress: &Progress,
    ) -> Chunks<impl ExactSizeIterator<Item = Vec<u8>> + Send + Sync + use<>> {
        let chunks: Vec<_> = self.chunks.iter().map(|chunk| chunk.0.clone()).collect();
        Chunks::new(chunks.into_iter(), progress)
    }
}

/// How far the implementation has read.
#[derive(Default)]
pub struct Progress {
    chunk: Arc<AtomicUsize>,
}

impl Progress {
    /// Returns the index of the chunk handed out last, or the number of chunks once the end has been seen.
    pub fn chunk(&self) -> usize {
        self.chunk.load(Ordering::Relaxed)
    }
}

/// The chunks of a delivery; none is an error, yet byte streams are made of results.
pub struct Chunks<I> {
    chunks: Enumerate<I>,
    n_chunks: usize,
    handed_out: Arc<AtomicUsize>,
}

impl<I: ExactSizeIterator> Chunks<I> {
    fn new(chunks: I, progress: &Progress) -> Self {
        Self {
            n_chunks: chunks.len(),
            chunks: chunks.enumerate(),
            handed_out: Arc::clone(&progress.chunk),
        }
    }
}

impl<I: Iterator> Iterator for Chunks<I> {
    type Item = io::Result<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some((index, chunk)) = self.chunks.next() else {
            self.handed_out.store(self.n_chunks, Ordering::Relaxed);
            return None;
        };
        self.handed_out.store(index, Ordering::Relaxed);
        Some(Ok(chunk))
    }
}

struct Chunk(Vec<u8>);

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let base64 = String::deserialize(deserializer)?;
        BASE64_STANDARD
            .decode(base64)
            .map(Self)
            .map_err(D::Error::custom)
    }
}
