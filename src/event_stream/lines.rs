//! Chunks of bytes to lines ended by LF, CR or CR LF (clauses `line.*`).

use memchr::memchr2;

use super::copy;

/// A line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line, borrowed from the chunk if it lies within it.
    Whole(&'a [u8]),
    /// A line that went over the limit, said once for each, as soon as it did.
    Oversized,
}

/// A [`Line`], and whether it had to be collected.
#[derive(Debug, PartialEq, Eq)]
pub enum Lent<'a> {
    /// A line that lies within the chunk.
    Chunk(&'a [u8]),
    /// A line that came in several chunks. The taker may keep the buffer and leave another.
    Buffer(&'a mut Vec<u8>),
    /// See [`Line::Oversized`].
    Oversized,
}

/// Cuts chunks into lines.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines {
    /// The start of a line whose end has not come yet.
    partial: Vec<u8>,
    /// `partial` was lent out as a whole line by the last call.
    lent: bool,
    /// The last byte was a CR: an LF that comes next belongs to it (clause `line.crlf-single`).
    after_cr: bool,
    /// The current line was reported as oversized; its rest is dropped.
    skipping: bool,
    limit: Option<usize>,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Lines {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            partial,
            lent,
            after_cr,
            skipping,
            limit,
        } = source;
        copy(&mut self.partial, partial);
        self.lent = *lent;
        self.after_cr = *after_cr;
        self.skipping = *skipping;
        self.limit = *limit;
    }
}

impl Lines {
    /// Cuts chunks into lines of at most `bytes` bytes.
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            limit: Some(bytes),
            ..Self::default()
        }
    }

    /// Puts bytes, among them no line end, in front of what comes next.
    pub fn hold(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
    }

    /// Takes the next line off the front of `chunk`; `None` once the chunk is used up.
    pub fn next_line<'a, 'chunk: 'a>(&'a mut self, chunk: &mut &'chunk [u8]) -> Option<Line<'a>> {
        Some(match self.lend_line(chunk)? {
            Lent::Chunk(line) => Line::Whole(line),
            Lent::Buffer(collected) => Line::Whole(collected),
            Lent::Oversized => Line::Oversized,
        })
    }

    /// Does what [`next_line`](Self::next_line) does, for a taker who has a use for the buffer of a collected line.
    // Not left to the compiler, which with one codegen unit makes it a call for each line.
    #[inline(always)]
    pub fn lend_line<'a, 'chunk: 'a>(&'a mut self, chunk: &mut &'chunk [u8]) -> Option<Lent<'a>> {
        if self.lent {
            self.partial.clear();
            self.lent = false;
        }
        if self.after_cr && !chunk.is_empty() {
            self.after_cr = false;
            if chunk[0] == b'\n' {
                *chunk = &chunk[1..];
            }
        }
        while let Some(end) = line_end(chunk) {
            let line = &chunk[..end];
            self.after_cr = chunk[end] == b'\r';
            *chunk = &chunk[end + 1..];
            if self.after_cr && chunk.first() == Some(&b'\n') {
                *chunk = &chunk[1..];
                self.after_cr = false;
            }
            if self.skipping {
                self.skipping = false;
                continue;
            }
            if self.is_over_limit(line) {
                self.partial.clear();
                return Some(Lent::Oversized);
            }
            if self.partial.is_empty() {
                return Some(Lent::Chunk(line));
            }
            self.partial.extend_from_slice(line);
            self.lent = true;
            return Some(Lent::Buffer(&mut self.partial));
        }
        let start_of_line = std::mem::take(chunk);
        if self.skipping {
            return None;
        }
        if self.is_over_limit(start_of_line) {
            self.partial.clear();
            self.skipping = true;
            return Some(Lent::Oversized);
        }
        self.partial.extend_from_slice(start_of_line);
        None
    }

    /// Forgets a line that has no end: the end of a stream does not end a line (clause `line.unterminated-eof`).
    pub fn end_of_stream(&mut self) {
        self.partial.clear();
        self.lent = false;
        self.after_cr = false;
        self.skipping = false;
    }

    fn is_over_limit(&self, more: &[u8]) -> bool {
        self.limit
            .is_some_and(|limit| self.partial.len() + more.len() > limit)
    }
}

/// With fewer bytes a look at each is faster than a call of the search.
const SHORT: usize = 16;

/// Where the line at the front of `bytes` ends, without its end.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes.first() {
        // Every event ends with a blank line.
        Some(b'\r' | b'\n') => Some(0),
        _ if bytes.len() < SHORT => bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')),
        _ => memchr2(b'\r', b'\n', bytes),
    }
}
