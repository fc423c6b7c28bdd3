//! The text of a chunk to text without byte order mark.

use super::Stop;
use super::characters::replace;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What becomes of U+FEFF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bom {
    #[default]
    OneAtStart,
    Kept,
    AllAtStart,
    EachChunk,
    EachLine,
    Everywhere,
    FirstChunkOnly,
    FirstFilledChunkOnly,
    LosesFirstEvent,
    Error,
    Utf16Removed,
    TwoBytesSuffice,
}

/// Looks for the mark across chunks.
#[derive(Debug, Default)]
pub struct ByteOrderMark {
    start_is_behind: bool,
    /// What stands at the start of the stream and may yet be a mark.
    start: Vec<u8>,
    filled_chunk_seen: bool,
    /// A mark was found under [`Bom::LosesFirstEvent`].
    pub loses_event: bool,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for ByteOrderMark {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        let Self {
            start,
            start_is_behind,
            filled_chunk_seen,
            loses_event,
        } = source;
        self.start.clone_from(start);
        self.start_is_behind = *start_is_behind;
        self.filled_chunk_seen = *filled_chunk_seen;
        self.loses_event = *loses_event;
    }
}

impl Bom {
    /// The mark is looked for in the bytes, before they are decoded.
    pub fn is_of_bytes(self) -> bool {
        matches!(self, Self::Utf16Removed | Self::TwoBytesSuffice)
    }
}

impl ByteOrderMark {
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
