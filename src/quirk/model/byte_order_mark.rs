//! The text of a chunk to text without byte order mark.

use super::characters::replace;
use super::{Stop, copy};

const MARK: &[u8] = b"\xEF\xBB\xBF";
/// The bytes of the mark, read as ISO 8859-1.
const MARK_AS_LATIN1: &[u8] = b"\xC3\xAF\xC2\xBB\xC2\xBF";

/// What becomes of U+FEFF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bom {
    #[default]
    OneAtStart,
    Kept,
    AllAtStart,
    EachChunk,
    EachLine,
    EachBlock,
    EachNameAndValue,
    FirstMarkedLine,
    AfterBlankLines,
    OneMoreInEitherForm,
    Everywhere,
    FirstChunkOnly,
    FirstFilledChunkOnly,
    LosesFirstEvent,
    Error,
    Utf16Removed,
    TwoBytesSuffice,
}

/// Looks for the mark across chunks.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteOrderMark {
    start_is_behind: bool,
    /// What stands at the start of the stream and may yet be a mark.
    start: Vec<u8>,
    filled_chunk_seen: bool,
    /// A mark was found under [`Bom::LosesFirstEvent`].
    pub loses_event: bool,
    /// A line was marked under [`Bom::FirstMarkedLine`], or was not blank under [`Bom::AfterBlankLines`].
    line_is_behind: bool,
    /// Line ends in a row since the block began, under [`Bom::EachBlock`].
    n_ends: u8,
    block_is_open: bool,
    /// The mark at the start is gone, and the next may go too.
    is_second: bool,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for ByteOrderMark {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            start,
            start_is_behind,
            filled_chunk_seen,
            loses_event,
            line_is_behind,
            n_ends,
            block_is_open,
            is_second,
        } = source;
        copy(&mut self.start, start);
        self.start_is_behind = *start_is_behind;
        self.filled_chunk_seen = *filled_chunk_seen;
        self.loses_event = *loses_event;
        self.line_is_behind = *line_is_behind;
        self.n_ends = *n_ends;
        self.block_is_open = *block_is_open;
        self.is_second = *is_second;
    }
}

impl Bom {
    /// The mark is looked for in the bytes, before they are decoded.
    pub fn is_of_bytes(self) -> bool {
        matches!(self, Self::Utf16Removed | Self::TwoBytesSuffice)
    }
}

impl ByteOrderMark {
    /// A mark is no longer looked for.
    pub fn is_behind(&self, bom: Bom) -> bool {
        bom == Bom::OneAtStart && self.start_is_behind
    }

    /// The bytes of a chunk, and those held back before, without mark.
    pub fn strip_bytes(&mut self, bom: Bom, chunk: &[u8]) -> Vec<u8> {
        if self.start_is_behind {
            return chunk.to_vec();
        }
        self.start.extend_from_slice(chunk);
        if self.start.len() < MARK.len() {
            return Vec::new();
        }
        self.start_is_behind = true;
        let start = std::mem::take(&mut self.start);
        without_other_mark(bom, &start).to_vec()
    }

    /// Removes what the choice takes for a mark from the text of a chunk.
    pub fn strip(
        &mut self,
        bom: Bom,
        index: usize,
        is_filled: bool,
        text: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let first_filled = is_filled && !self.filled_chunk_seen;
        self.filled_chunk_seen |= is_filled;
        match bom {
            Bom::OneAtStart | Bom::LosesFirstEvent | Bom::Error if !self.start_is_behind => {
                self.strip_one(bom, text)?
            }
            Bom::AllAtStart if !self.start_is_behind => {
                while text.starts_with(MARK) {
                    text.drain(..MARK.len());
                }
                self.start_is_behind = !text.is_empty();
            }
            Bom::OneMoreInEitherForm if !self.start_is_behind => self.strip_two(text),
            Bom::EachChunk => strip_mark(text),
            Bom::FirstChunkOnly if index == 0 => strip_mark(text),
            Bom::FirstFilledChunkOnly if first_filled => strip_mark(text),
            Bom::Everywhere => replace(text, MARK, b""),
            _ => (),
        }
        Ok(())
    }

    /// Removes one mark from the start of the stream, however it is cut.
    fn strip_one(&mut self, bom: Bom, text: &mut Vec<u8>) -> Result<(), Stop> {
        text.splice(..0, self.start.drain(..));
        if text.len() < MARK.len() && MARK.starts_with(text) {
            std::mem::swap(&mut self.start, text);
            return Ok(());
        }
        self.start_is_behind = true;
        if text.starts_with(MARK) {
            if bom == Bom::Error {
                return Err(Stop::Error("byte order mark"));
            }
            self.loses_event = bom == Bom::LosesFirstEvent;
            text.drain(..MARK.len());
        }
        Ok(())
    }
}

impl ByteOrderMark {
    /// Removes one mark from the start of the stream, and then one more, which may also be its bytes as characters.
    fn strip_two(&mut self, text: &mut Vec<u8>) {
        text.splice(..0, self.start.drain(..));
        if !self.is_second {
            if text.len() < MARK.len() && MARK.starts_with(text) {
                std::mem::swap(&mut self.start, text);
                return;
            }
            self.is_second = true;
            strip_mark(text);
        }
        if text.is_empty()
            || (text.len() < MARK_AS_LATIN1.len() && MARK_AS_LATIN1.starts_with(text))
        {
            std::mem::swap(&mut self.start, text);
            return;
        }
        self.start_is_behind = true;
        let found = [MARK, MARK_AS_LATIN1]
            .into_iter()
            .find(|mark| text.starts_with(mark));
        text.drain(..found.map_or(0, <[u8]>::len));
    }

    /// A line without the mark at its start, where the choice looks for one there.
    pub fn without_mark<'a>(&mut self, bom: Bom, line: &'a [u8]) -> &'a [u8] {
        let unmarked = line.strip_prefix(MARK);
        let is_looked_for = match bom {
            Bom::EachLine => true,
            Bom::FirstMarkedLine => {
                let is_first = !self.line_is_behind;
                self.line_is_behind |= unmarked.is_some();
                is_first
            }
            Bom::AfterBlankLines => {
                let is_first = !self.line_is_behind;
                self.line_is_behind |= !line.is_empty();
                is_first
            }
            Bom::EachBlock => {
                let is_first = !self.block_is_open;
                // A block begins behind two line ends in a row, whatever they are.
                self.n_ends = if line.is_empty() { self.n_ends + 1 } else { 1 };
                self.block_is_open = self.n_ends < 2;
                if !self.block_is_open {
                    self.n_ends = 0;
                }
                is_first
            }
            _ => false,
        };
        unmarked.filter(|_| is_looked_for).unwrap_or(line)
    }
}

/// A text without the mark at its start.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

fn strip_mark(text: &mut Vec<u8>) {
    if text.starts_with(MARK) {
        text.drain(..MARK.len());
    }
}

/// The start of a stream without what two of the choices take for a byte order mark.
fn without_other_mark(bom: Bom, start: &[u8]) -> &[u8] {
    match (bom, start) {
        (_, [0xEF, 0xBB, 0xBF, rest @ ..]) => rest,
        (Bom::TwoBytesSuffice, [0xEF, 0xBB, rest @ ..]) => rest,
        (Bom::Utf16Removed, [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..]) => rest,
        _ => start,
    }
}
