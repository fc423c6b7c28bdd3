//! The values of a block's data fields to the data of its event.

use std::borrow::Cow;
use std::mem;

use super::{copy, decode};

/// The data buffer: the value and an LF for each data field of the block, as bytes until the event is dispatched.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct DataBuffer {
    bytes: Vec<u8>,
    /// Where the first value starts in `bytes`: a line that was taken over whole has its field's name before it.
    start: usize,
    /// The data with each ill-formed part replaced, if there was one.
    replaced: String,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for DataBuffer {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            bytes,
            start,
            replaced,
        } = source;
        copy(&mut self.bytes, bytes);
        self.start = *start;
        copy(&mut self.replaced, replaced);
    }
}

impl DataBuffer {
    /// Whether the block has no data field; one with an empty value has left its LF.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes of data the event would have.
    pub fn n_bytes(&self) -> usize {
        // The LF that dispatch removes does not count.
        self.bytes.len().saturating_sub(self.start + 1)
    }

    /// Appends a data field's value.
    #[inline]
    pub fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.bytes.push(b'\n');
    }

    /// Appends the first data field's value, which is what `line` holds from `start` on.
    ///
    /// Keeps the buffer of the line and leaves its own, so that a long value is not copied.
    pub fn push_first(&mut self, line: &mut Vec<u8>, start: usize) {
        mem::swap(&mut self.bytes, line);
        self.bytes.push(b'\n');
        self.start = start;
    }

    /// The event's data; there must be a data field.
    pub fn decoded(&mut self) -> &str {
        // Without the LF that the last data field appended (clause `dispatch.strip-one-lf`).
        let bytes = &self.bytes[self.start..self.bytes.len() - 1];
        match decode::utf8(bytes) {
            Cow::Borrowed(text) => text,
            Cow::Owned(replaced) => {
                self.replaced = replaced;
                &self.replaced
            }
        }
    }

    /// Empties the buffer for the next block.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_over_without_a_copy_and_without_its_name() {
        let mut data = DataBuffer::default();
        let mut line = b"data: first".to_vec();
        let value = line[6..].as_ptr();
        data.push_first(&mut line, 6);
        assert_eq!(data.decoded().as_ptr(), value);
        data.push(b"second");
        assert_eq!(data.decoded(), "first\nsecond");
        assert_eq!(data.n_bytes(), "first\nsecond".len());
        data.clear();
        assert!(data.is_empty());
        data.push(b"");
        assert_eq!(data.decoded(), "");
        assert_eq!(data.n_bytes(), 0);
        assert!(!data.is_empty());
    }

    #[test]
    fn what_is_ill_formed_in_one_value_does_not_reach_into_the_next() {
        let mut data = DataBuffer::default();
        data.push_first(&mut b"data:\xE2\x82".to_vec(), 5);
        data.push(b"\xAC");
        assert_eq!(data.decoded(), "\u{FFFD}\n\u{FFFD}");
    }
}
