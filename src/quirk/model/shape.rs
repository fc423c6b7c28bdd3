//! Text to blocks, for parsers that look for a separator of blocks instead of blank lines.

use super::fields::{Side, is_white_in_javascript, is_white_in_python, trim_as};

/// How the whole parser is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    LineByLine,
    SplitsOnLfLf,
    SplitsOnCrlfCrlf,
    SplitsOnSameTwice,
    SplitsOnLfLfInChunk,
    SplitsOnSameLinesTwice,
    WaitsForSameLinesTwice,
    LastLineOfBlock,
    LinesOfBlockAreEvents,
    EventThenData,
    LineIsEvent,
    ChunkIsEvent,
    ChunkIsEventWithoutPrefix,
}

impl Shape {
    /// The length of the first block of the text and of the separator after it.
    pub fn block(self, text: &[u8]) -> Option<(usize, usize)> {
        if matches!(
            self,
            Self::SplitsOnSameLinesTwice | Self::WaitsForSameLinesTwice
        ) {
            return after_same_lines_twice(text).map(|end| (end, 0));
        }
        let separators: &[&[u8]] = match self {
            Self::SplitsOnCrlfCrlf => &[b"\r\n\r\n"],
            Self::SplitsOnSameTwice => &[b"\r\n\r\n", b"\n\n", b"\r\r"],
            _ => &[b"\n\n"],
        };
        separators
            .iter()
            .filter_map(|separator| {
                let start = memchr::memmem::find(text, separator)?;
                let mut end = start + separator.len();
                if self == Self::SplitsOnSameTwice {
                    let line_end = &separator[separator.len() / 2..];
                    while text[end..].starts_with(line_end) {
                        end += line_end.len();
                    }
                }
                Some((start, end - start))
            })
            .min()
    }

    /// Whether lines are read as they come, and a blank one ends a block.
    pub fn is_line_by_line(self) -> bool {
        matches!(self, Self::LineByLine | Self::LineIsEvent)
    }

    /// Whether a blank line inside ends a block as well.
    pub fn blank_line_dispatches(self) -> bool {
        matches!(self, Self::LineByLine | Self::WaitsForSameLinesTwice)
    }

    /// Whether each data line makes an event by itself.
    pub fn line_is_event(self) -> bool {
        matches!(self, Self::LineIsEvent | Self::LinesOfBlockAreEvents)
    }

    /// The data of the event that a chunk is, where the shape is one of chunks.
    pub fn data_of_chunk(self, chunk: &[u8]) -> Option<Vec<u8>> {
        const PREFIX: &[u8] = b"data: ";
        if self == Self::ChunkIsEvent {
            let data = chunk.strip_prefix(PREFIX)?;
            return Some(trim_as(data, Side::Both, is_white_in_python).to_vec());
        }
        let mut text = chunk.to_vec();
        if let Some(at) = memchr::memmem::find(chunk, PREFIX) {
            text.drain(at..at + PREFIX.len());
        }
        let data = trim_as(&text, Side::Both, is_white_in_javascript).to_vec();
        (!data.is_empty()).then_some(data)
    }

    /// The part of a block that is looked at.
    pub fn relevant(self, block: &[u8]) -> &[u8] {
        match self {
            Self::LastLineOfBlock => block
                .rsplit(|&byte| byte == b'\n')
                .next()
                .unwrap_or_default(),
            Self::EventThenData => {
                let lines: Vec<&[u8]> = block.split(|&byte| byte == b'\n').collect();
                match lines[..] {
                    [data] if data.starts_with(b"data:") => block,
                    [event, data] if event.starts_with(b"event:") && data.starts_with(b"data:") => {
                        block
                    }
                    _ => b"",
                }
            }
            _ => block,
        }
    }
}

/// Where the first block ends whose last two line ends are equal, with CR LF for one.
fn after_same_lines_twice(text: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    while let Some(length) = memchr::memchr2(b'\r', b'\n', &text[line_start..]) {
        let at = line_start + length;
        let is_crlf = text[at..].starts_with(b"\r\n");
        let end = at + 1 + usize::from(is_crlf);
        let before = &text[..end];
        if [&b"\r\r"[..], b"\n\n", b"\r\n\r\n"]
            .iter()
            .any(|twice| before.ends_with(twice))
        {
            return Some(end);
        }
        line_start = end;
    }
    None
}
