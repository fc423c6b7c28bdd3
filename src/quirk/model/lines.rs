//! Text to lines: what ends a line, at cuts too, and how long a line may be.

use super::{Stop, copy};

/// Where limits stand that some implementations have.
const LIMIT: usize = 64 << 10;
/// In so few bytes a look at each is faster than a call of the search.
const SHORT: usize = 16;

/// Which of CR and LF end a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    #[default]
    Standard,
    LfOnly,
    LfAndCrlf,
    LfAndCrlfNoCrInNames,
    LfAndManyCr,
    CrRemoved,
    CrlfOnly,
    CrlfTwice,
    LfCrOnce,
    FirstDecides,
}

/// What else ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherEnds {
    #[default]
    None,
    LineSeparators,
    NextLine,
    VerticalTabs,
    InformationSeparators,
    Splitlines,
    Backslash,
    Nul,
}

/// What becomes of a CR at the end of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CutAfterCr {
    #[default]
    Seamless,
    Forgotten,
    ForgottenByEmptyChunk,
    Waits,
    WaitsForEver,
    WaitsThenEndsBlock,
    SwallowsAny,
}

/// What a long line does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongLine {
    #[default]
    Unlimited,
    Truncated,
    Torn,
    Dropped,
    Error,
}

/// Collects a line.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines {
    /// The line so far.
    pub line: Vec<u8>,
    previous: u8,
    kind: Kind,
    too_long: bool,
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
            line,
            previous,
            kind,
            too_long,
        } = source;
        copy(&mut self.line, line);
        self.previous = *previous;
        self.kind = *kind;
        self.too_long = *too_long;
    }
}

/// The one line end of a stream under [`LineEnds::FirstDecides`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Kind {
    #[default]
    Unknown,
    CrOrCrlf,
    Cr,
    Crlf,
    Lf,
}

/// How many bytes at the front of a text can be taken in one piece, since none of them ends a line or needs a look.
pub fn n_plain((ends, others, long): (LineEnds, OtherEnds, LongLine), text: &[u8]) -> usize {
    let looks_at_each =
        ends == LineEnds::FirstDecides || others != OtherEnds::None || long != LongLine::Unlimited;
    if looks_at_each {
        return 0;
    }
    let end = if text.len() < SHORT {
        text.iter().position(|byte| matches!(byte, b'\r' | b'\n'))
    } else {
        memchr::memchr2(b'\r', b'\n', text)
    };
    end.unwrap_or(text.len())
}

impl Lines {
    /// Takes bytes of which [`n_plain`] has said that they can be taken in one piece.
    pub fn push_plain(&mut self, bytes: &[u8]) {
        if let Some(&last) = bytes.last() {
            self.previous = last;
            self.line.extend_from_slice(bytes);
        }
    }

    /// Starts a chunk and says how many bytes of its text are swallowed.
    pub fn start_chunk(&mut self, cut: CutAfterCr, text: &[u8]) -> usize {
        let after_cr = self.previous == b'\r';
        match cut {
            CutAfterCr::Forgotten => self.previous = 0,
            CutAfterCr::ForgottenByEmptyChunk if text.is_empty() => self.previous = 0,
            CutAfterCr::SwallowsAny if after_cr && !text.is_empty() => {
                self.previous = 0;
                return 1;
            }
            _ => (),
        }
        0
    }

    /// Forgets what stood before, as at the start of a stream.
    pub fn restart(&mut self) {
        self.line.clear();
        self.previous = 0;
        self.too_long = false;
    }

    /// Takes a byte; true if it ends a line, which then stands in `line`.
    pub fn push(
        &mut self,
        (ends, others, long): (LineEnds, OtherEnds, LongLine),
        byte: u8,
    ) -> Result<bool, Stop> {
        let previous = std::mem::replace(&mut self.previous, byte);
        let ended = match (ends, byte) {
            (LineEnds::Standard, b'\n') => {
                if previous == b'\r' {
                    return Ok(false);
                }
                true
            }
            (LineEnds::Standard, b'\r')
            | (LineEnds::LfOnly, b'\n')
            | (LineEnds::CrRemoved, b'\n') => true,
            (LineEnds::CrlfTwice, b'\n' | b'\r') => true,
            (LineEnds::CrRemoved, b'\r') => return Ok(false),
            (LineEnds::LfAndCrlf | LineEnds::LfAndCrlfNoCrInNames, b'\n') => {
                self.line.pop_if(|&mut last| last == b'\r');
                true
            }
            (LineEnds::LfAndManyCr, b'\n') => {
                while self.line.pop_if(|&mut last| last == b'\r').is_some() {}
                true
            }
            (LineEnds::CrlfOnly, b'\n') => self.line.pop_if(|&mut last| last == b'\r').is_some(),
            (LineEnds::LfCrOnce, b'\n' | b'\r') => {
                if previous == (b'\n' ^ b'\r' ^ byte) {
                    // A pair is complete, so what follows starts anew.
                    self.previous = 0;
                    return Ok(false);
                }
                true
            }
            (LineEnds::FirstDecides, _) => match self.of_first_kind(byte) {
                Some(ended) => ended,
                None => return Ok(false),
            },
            _ => false,
        };
        if ended {
            return Ok(!std::mem::take(&mut self.too_long));
        }
        if self.too_long {
            return Ok(false);
        }
        self.line.push(byte);
        if let Some(length) = others.end_of(&self.line) {
            self.line.truncate(self.line.len() - length);
            return Ok(true);
        }
        if self.line.len() <= LIMIT {
            return Ok(false);
        }
        match long {
            LongLine::Unlimited => (),
            LongLine::Truncated => self.line.truncate(LIMIT),
            LongLine::Torn => return Ok(true),
            LongLine::Dropped => {
                self.line.clear();
                self.too_long = true;
            }
            LongLine::Error => return Err(Stop::Error("line too long")),
        }
        Ok(false)
    }

    /// Whether a byte ends a line; `None` if it is the second half of an end.
    fn of_first_kind(&mut self, byte: u8) -> Option<bool> {
        let kind = self.kind;
        match (kind, byte) {
            (Kind::Unknown, b'\n') => self.kind = Kind::Lf,
            (Kind::Unknown, b'\r') => self.kind = Kind::CrOrCrlf,
            (Kind::CrOrCrlf, b'\n') => {
                self.kind = Kind::Crlf;
                return None;
            }
            (Kind::CrOrCrlf, _) => self.kind = Kind::Cr,
            _ => (),
        }
        Some(match (self.kind, byte) {
            (Kind::Lf, b'\n') | (Kind::Cr, b'\r') => true,
            (Kind::CrOrCrlf, _) => kind == Kind::Unknown,
            (Kind::Crlf, b'\n') => self.line.pop_if(|&mut last| last == b'\r').is_some(),
            _ => false,
        })
    }
}

impl OtherEnds {
    /// How many bytes at the end of the line so far are a line end.
    fn end_of(self, line: &[u8]) -> Option<usize> {
        let ends: &[&[u8]] = match self {
            Self::None => return None,
            Self::LineSeparators => &[b"\xE2\x80\xA8", b"\xE2\x80\xA9"],
            Self::NextLine => &[b"\xC2\x85"],
            Self::VerticalTabs => &[b"\x0B", b"\x0C"],
            Self::InformationSeparators => &[b"\x1C", b"\x1D", b"\x1E"],
            Self::Splitlines => &[
                b"\x0B",
                b"\x0C",
                b"\x1C",
                b"\x1D",
                b"\x1E",
                b"\xC2\x85",
                b"\xE2\x80\xA8",
                b"\xE2\x80\xA9",
            ],
            Self::Backslash => &[b"\\n"],
            Self::Nul => &[b"\0"],
        };
        ends.iter()
            .find(|end| line.ends_with(end))
            .map(|end| end.len())
    }
}
