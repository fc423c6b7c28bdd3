//! The parameters of `parse`, to chunks of bytes that are handed out one by one and counted.

use std::cell::Cell;
use std::io;
use std::iter::Enumerate;
use std::slice;

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
    pub fn chunks<'a>(&'a self, progress: &'a Progress) -> Chunks<'a> {
        Chunks {
            chunks: self.chunks.iter().enumerate(),
            n_chunks: self.chunks.len(),
            progress,
        }
    }
}

/// How far the implementation has read.
#[derive(Default)]
pub struct Progress {
    chunk: Cell<usize>,
}

impl Progress {
    /// Returns the index of the chunk handed out last, or the number of chunks once the end has been seen.
    pub fn chunk(&self) -> usize {
        self.chunk.get()
    }
}

/// The chunks of a delivery; none is an error, yet byte streams are made of results.
pub struct Chunks<'a> {
    chunks: Enumerate<slice::Iter<'a, Chunk>>,
    n_chunks: usize,
    progress: &'a Progress,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = io::Result<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some((index, chunk)) = self.chunks.next() else {
            self.progress.chunk.set(self.n_chunks);
            return None;
        };
        self.progress.chunk.set(index);
        Some(Ok(chunk.0.as_slice()))
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
