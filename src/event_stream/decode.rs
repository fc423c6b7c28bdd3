//! Encoded bytes to text: the leading byte order mark, and UTF-8 decode with replacement.
//!
//! Lines and fields are found in the bytes and only their values are decoded. That equals decoding first: no valid
//! sequence contains CR, LF or a colon, and a truncated one never swallows the byte after it (clauses
//! `decode.invalid.keeps-eol`, `-keeps-colon`).

use std::borrow::Cow;

const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Removes one byte order mark from the start of a stream, however it is cut (clauses `decode.bom.*`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteOrderMark {
    /// How much of the mark the stream has begun with, until that is decided.
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Seen {
    #[default]
    Nothing,
    One,
    Two,
    Decided,
}

impl ByteOrderMark {
    /// Takes the bytes of a mark off the front of `chunk`.
    ///
    /// Returns the bytes taken from earlier chunks that turned out not to be a mark: they stand before `chunk`.
    pub fn strip(&mut self, chunk: &mut &[u8]) -> &'static [u8] {
        while self.seen != Seen::Decided {
            let n_seen = self.seen as usize;
            let Some((&byte, rest)) = chunk.split_first() else {
                return &[];
            };
            if byte != MARK[n_seen] {
                self.seen = Seen::Decided;
                return &MARK[..n_seen];
            }
            *chunk = rest;
            self.seen = match self.seen {
                Seen::Nothing => Seen::One,
                Seen::One => Seen::Two,
                Seen::Two | Seen::Decided => Seen::Decided,
            };
        }
        &[]
    }
}

/// Decodes UTF-8, each maximal ill-formed part becoming one U+FFFD (clauses `decode.utf8`, `decode.invalid.*`).
///
/// Borrows where the bytes are well-formed.
#[inline]
pub fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
