//! Text to blocks, for parsers that look for a separator of blocks instead of blank lines.

/// How the whole parser is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    LineByLine,
    SplitsOnLfLf,
    SplitsOnCrlfCrlf,
    SplitsOnSameTwice,
    SplitsOnLfLfInChunk,
    LastLineOfBlock,
    EventThenData,
    LineIsEvent,
}

impl Shape {
    /// The length of the first block of the text and of the separator after it.
    pub fn block(self, text: &[u8]) -> Option<(usize, usize)> {
        let separators: &[&[u8]] = match self {
            Self::SplitsOnCrlfCrlf => &[b"\r\n\r\n"],
            Self::SplitsOnSameTwice => &[b"\r\n\r\n", b"\n\n", b"\r\r"],
            _ => &[b"\n\n"],
        };
        separators
            .iter()
            .filter_map(|separator| Some((memchr::memmem::find(text, separator)?, separator.len())))
            .min()
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
