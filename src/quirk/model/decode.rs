//! The bytes of a chunk to text.
//!
//! Text is bytes too, because some choices let ill-formed bytes through.

use super::{Stop, copy};

const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();
const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// What becomes of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decode {
    #[default]
    Standard,
    ChunkAlone,
    ChunkAloneStrict,
    ChunkTailDropped,
    Strict,
    StrictByLine,
    StrictByLineAndEnd,
    StrictByValue,
    StrictByAnyValue,
    EndsStream,
    DropsLine,
    Drops,
    KeepsBytes,
    Latin1,
    ReplacesEachByte,
    ReplacesSequence,
    ReplacesRun,
    ReplacesSurrogate,
    SwallowsNext,
    AcceptsOverlong,
    AcceptsSurrogates,
    TakesMarkAfterCutMark,
}

/// Decodes across chunks.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Decoder {
    /// The bytes at the end of the last chunk that more bytes may complete.
    pending: Vec<u8>,
    after_replacement: bool,
    /// Some text has come out.
    has_text: bool,
}

/// Copies into the buffers that are there, so that a walk over many streams allocates nothing for a copy.
impl Clone for Decoder {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        let Self {
            pending,
            after_replacement,
            has_text,
        } = source;
        copy(&mut self.pending, pending);
        self.after_replacement = *after_replacement;
        self.has_text = *has_text;
    }
}

impl Decoder {
    /// Nothing waits for more bytes.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Appends the text of a chunk.
    pub fn decode(&mut self, decode: Decode, chunk: &[u8], text: &mut Vec<u8>) -> Result<(), Stop> {
        match decode {
            Decode::KeepsBytes
            | Decode::StrictByLine
            | Decode::StrictByLineAndEnd
            | Decode::StrictByValue
            | Decode::StrictByAnyValue
            | Decode::DropsLine => text.extend_from_slice(chunk),
            Decode::Latin1 => text.extend(
                chunk
                    .iter()
                    .map(|&byte| char::from(byte))
                    .collect::<String>()
                    .bytes(),
            ),
            Decode::ChunkAlone => text.extend_from_slice(String::from_utf8_lossy(chunk).as_bytes()),
            Decode::ChunkAloneStrict if std::str::from_utf8(chunk).is_err() => {
                return Err(Stop::Error("invalid UTF-8"));
            }
            Decode::ChunkAloneStrict => text.extend_from_slice(chunk),
            Decode::TakesMarkAfterCutMark => {
                let is_cut = !self.pending.is_empty();
                self.sequences(decode, chunk, text)?;
                let is_first = !self.has_text && !text.is_empty();
                self.has_text |= is_first;
                // The first of the two is the business of the slot of the mark.
                if is_first && is_cut && text.starts_with(&[MARK, MARK].concat()) {
                    text.drain(..MARK.len());
                }
            }
            _ => return self.sequences(decode, chunk, text),
        }
        Ok(())
    }

    /// Appends the text of what no more bytes will complete.
    pub fn end(&mut self, decode: Decode, text: &mut Vec<u8>) {
        if self.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        match decode {
            // Nobody says that more was to come.
            Decode::Strict | Decode::EndsStream | Decode::Drops => (),
            Decode::ReplacesEachByte => text.extend(REPLACEMENT.repeat(pending.len())),
            Decode::ReplacesRun if self.after_replacement => (),
            _ => text.extend_from_slice(REPLACEMENT),
        }
    }

    fn sequences(&mut self, decode: Decode, chunk: &[u8], text: &mut Vec<u8>) -> Result<(), Stop> {
        let joined;
        let mut rest = chunk;
        if !self.pending.is_empty() {
            self.pending.extend_from_slice(chunk);
            joined = std::mem::take(&mut self.pending);
            rest = &joined;
        }
        while let Err(error) = std::str::from_utf8(rest) {
            let (valid, after) = rest.split_at(error.valid_up_to());
            text.extend_from_slice(valid);
            self.after_replacement &= valid.is_empty();
            rest = after;
            let n_consumed = match error.error_len() {
                Some(n_malformed) => self.malformed(decode, rest, n_malformed, text)?,
                None => None,
            };
            let Some(n_consumed) = n_consumed else {
                if decode != Decode::ChunkTailDropped {
                    self.pending.extend_from_slice(rest);
                }
                return Ok(());
            };
            rest = &rest[n_consumed..];
        }
        text.extend_from_slice(rest);
        self.after_replacement &= rest.is_empty();
        Ok(())
    }

    /// How many of the bytes a malformed sequence at their front takes up; `None` if more bytes are needed to say.
    fn malformed(
        &mut self,
        decode: Decode,
        rest: &[u8],
        n_malformed: usize,
        text: &mut Vec<u8>,
    ) -> Result<Option<usize>, Stop> {
        let n_announced = announced_length(rest[0]);
        let n_continued = 1 + rest[1..]
            .iter()
            .take(n_announced - 1)
            .take_while(|&&byte| is_continuation(byte))
            .count();
        let may_continue = n_continued < n_announced && n_continued == rest.len();
        let is_odd_form = match (decode, rest) {
            (Decode::AcceptsOverlong, [0xC0 | 0xC1 | 0xE0 | 0xF0, ..]) => true,
            (Decode::AcceptsSurrogates, [0xED]) => true,
            (Decode::AcceptsSurrogates, [0xED, second, ..]) => *second >= 0xA0,
            _ => false,
        };
        match decode {
            Decode::Strict => return Err(Stop::Error("invalid UTF-8")),
            Decode::EndsStream => return Err(Stop::Silent),
            Decode::Drops => return Ok(Some(n_malformed)),
            Decode::ReplacesEachByte => text.extend(REPLACEMENT.repeat(n_malformed)),
            Decode::ReplacesRun if self.after_replacement => (),
            Decode::ReplacesSequence if may_continue => return Ok(None),
            Decode::ReplacesSequence => {
                text.extend_from_slice(REPLACEMENT);
                return Ok(Some(n_continued));
            }
            Decode::ReplacesSurrogate if matches!(rest, [0xED, 0xA0..=0xBF, ..]) => {
                if may_continue {
                    return Ok(None);
                }
                text.extend_from_slice(REPLACEMENT);
                return Ok(Some(n_continued));
            }
            Decode::SwallowsNext if rest.len() < n_announced => return Ok(None),
            Decode::SwallowsNext => {
                text.extend_from_slice(REPLACEMENT);
                return Ok(Some(n_announced));
            }
            Decode::AcceptsOverlong | Decode::AcceptsSurrogates if is_odd_form && may_continue => {
                return Ok(None);
            }
            Decode::AcceptsOverlong | Decode::AcceptsSurrogates
                if is_odd_form && n_continued == n_announced =>
            {
                let sequence = &rest[..n_announced];
                match char::from_u32(code_point(sequence)) {
                    Some(character) => {
                        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes())
                    }
                    None => text.extend_from_slice(sequence),
                }
                return Ok(Some(n_announced));
            }
            _ => text.extend_from_slice(REPLACEMENT),
        }
        self.after_replacement = true;
        Ok(Some(n_malformed))
    }
}

fn announced_length(lead: u8) -> usize {
    match lead {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    }
}

fn is_continuation(byte: u8) -> bool {
    (0x80..=0xBF).contains(&byte)
}

fn code_point(sequence: &[u8]) -> u32 {
    let lead = u32::from(sequence[0]) & (0x7F >> sequence.len());
    sequence[1..]
        .iter()
        .fold(lead, |bits, &byte| bits << 6 | u32::from(byte & 0x3F))
}
