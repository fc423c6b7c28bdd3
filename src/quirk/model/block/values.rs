//! The values of `event`, `data` and `id` to what stands in the buffers, and the data buffer to what an event carries.

use std::borrow::Cow;

use super::super::fields::{Side, is_white_in_java, trim, trim_as};
use super::{Event, Stop};

/// What an `event` field does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventField {
    #[default]
    Replaces,
    FirstWins,
    Appends,
    EmptyIgnored,
    Trimmed,
    TrimmedAsInJava,
    LowerCased,
    FirstWord,
    Ignored,
    NotAfterData,
    NulIgnored,
    NonAsciiIgnored,
    ReservedIgnored,
    StartsBlock,
}

/// What a `data` field does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataLines {
    #[default]
    JoinedByLf,
    Glued,
    JoinedBySpace,
    JoinedByCrlf,
    LastWins,
    FirstWins,
    EmptyIgnored,
    EmptyNotJoined,
    LeadingEmptyLost,
    LeadingEmptyIgnored,
}

/// What an event's data is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataEnd {
    #[default]
    OneLfRemoved,
    LfKept,
    AllLfRemoved,
    Trimmed,
    CutAtNul,
    Unescaped,
    Unquoted,
}

/// Values that mean more than they should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sentinel {
    #[default]
    None,
    DoneEndsStream,
    DoneSkipped,
    PingSkipped,
    ErrorIsError,
}

/// What an `id` field with NUL does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdNul {
    #[default]
    Ignored,
    Kept,
    KeptUnlessBare,
    Wipes,
    Cuts,
    Removed,
}

/// What an empty `id` field does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdEmpty {
    #[default]
    Resets,
    Ignored,
    IgnoredAtBlankLine,
    LooksAbsent,
}

/// What an `id` field does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdValue {
    #[default]
    Replaces,
    Ignored,
    Trimmed,
    TrimmedAsInJava,
    DigitsOnly,
    Number,
    NonAsciiIgnored,
    FirstOfBlock,
    FirstOfStream,
    NotAfterData,
}

impl EventField {
    pub fn set(self, event_type: &mut Vec<u8>, value: &[u8], is_again: bool, has_data: bool) {
        let value = match self {
            Self::Replaces | Self::StartsBlock => value,
            Self::FirstWins if is_again => return,
            Self::EmptyIgnored if value.is_empty() => return,
            Self::NotAfterData if has_data => return,
            Self::NulIgnored if value.contains(&0) => return,
            Self::NonAsciiIgnored if !value.is_ascii() => return,
            Self::ReservedIgnored if matches!(value, b"open" | b"error") => return,
            Self::Ignored => return,
            Self::Appends => {
                event_type.extend_from_slice(value);
                return;
            }
            Self::LowerCased => &value.to_ascii_lowercase(),
            Self::Trimmed => trim(value, Side::Both),
            Self::TrimmedAsInJava => trim_as(value, Side::Both, is_white_in_java),
            Self::FirstWord => value.split(|&byte| byte == b' ').next().unwrap_or_default(),
            _ => value,
        };
        event_type.clear();
        event_type.extend_from_slice(value);
    }
}

impl DataLines {
    /// Adds a line to the lines so far; false if it does not count.
    pub fn add(self, data: &mut Vec<u8>, value: &[u8], n_lines: usize) -> bool {
        let between: &[u8] = match self {
            Self::EmptyIgnored if value.is_empty() => return false,
            Self::FirstWins if n_lines > 0 => return true,
            Self::EmptyNotJoined if value.is_empty() || data.is_empty() => b"",
            Self::LeadingEmptyLost if data.is_empty() => b"",
            Self::LeadingEmptyIgnored if data.is_empty() && value.is_empty() => return false,
            Self::LastWins => {
                data.clear();
                b""
            }
            Self::Glued => b"",
            Self::JoinedBySpace => b" ",
            Self::JoinedByCrlf => b"\r\n",
            _ => b"\n",
        };
        if n_lines > 0 {
            data.extend_from_slice(between);
        }
        data.extend_from_slice(value);
        true
    }
}

impl DataEnd {
    pub fn apply(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::OneLfRemoved => data.to_vec(),
            Self::LfKept => [data, b"\n"].concat(),
            Self::AllLfRemoved => {
                let n_kept = data
                    .iter()
                    .rposition(|&byte| byte != b'\n')
                    .map_or(0, |last| last + 1);
                data[..n_kept].to_vec()
            }
            Self::Trimmed => trim(data, Side::Both).to_vec(),
            Self::CutAtNul => data
                .split(|&byte| byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec(),
            Self::Unescaped => {
                let mut unescaped = Vec::with_capacity(data.len());
                let mut rest = data;
                while let Some(at) = memchr::memmem::find(rest, b"\\n") {
                    unescaped.extend_from_slice(&rest[..at]);
                    unescaped.push(b'\n');
                    rest = &rest[at + 2..];
                }
                unescaped.extend_from_slice(rest);
                unescaped
            }
            Self::Unquoted => match data {
                [b'"', inner @ .., b'"'] => inner.to_vec(),
                _ => data.to_vec(),
            },
        }
    }
}

impl Sentinel {
    /// The event, unless it means something else.
    pub fn pass(self, event: Event) -> Result<Option<Event>, Stop> {
        match self {
            Self::DoneEndsStream if event.data == b"[DONE]" => Err(Stop::Silent),
            Self::DoneSkipped if event.data == b"[DONE]" => Ok(None),
            Self::PingSkipped if event.event_type == b"ping" => Ok(None),
            Self::ErrorIsError if event.event_type == b"error" => Err(Stop::Error("error event")),
            _ => Ok(Some(event)),
        }
    }
}

impl IdNul {
    /// The value that counts, if one does.
    pub fn read(self, value: &[u8]) -> Option<Cow<'_, [u8]>> {
        let Some(at) = memchr::memchr(0, value) else {
            return Some(Cow::Borrowed(value));
        };
        Some(match self {
            Self::Ignored => return None,
            Self::KeptUnlessBare if matches!(value, [0] | [0, 0]) => return None,
            Self::Kept | Self::KeptUnlessBare => Cow::Borrowed(value),
            Self::Wipes => Cow::Borrowed(b""),
            Self::Cuts => Cow::Borrowed(&value[..at]),
            Self::Removed => value.iter().copied().filter(|&byte| byte != 0).collect(),
        })
    }
}

impl IdValue {
    /// Sets the id; false if the field is ignored.
    pub fn set(self, id: &mut Vec<u8>, value: &[u8], is_first: bool, has_data: bool) -> bool {
        let value = match self {
            Self::Ignored => return false,
            Self::DigitsOnly if !value.iter().all(u8::is_ascii_digit) => return false,
            Self::NonAsciiIgnored if !value.is_ascii() => return false,
            Self::FirstOfBlock if !is_first => return false,
            Self::FirstOfStream if !id.is_empty() => return false,
            Self::NotAfterData if has_data => return false,
            Self::Trimmed => trim(value, Side::Both),
            Self::TrimmedAsInJava => trim_as(value, Side::Both, is_white_in_java),
            Self::Number if value.len() > 1 && value.iter().all(u8::is_ascii_digit) => {
                let n_zeros = value[..value.len() - 1]
                    .iter()
                    .take_while(|&&byte| byte == b'0')
                    .count();
                &value[n_zeros..]
            }
            _ => value,
        };
        id.clear();
        id.extend_from_slice(value);
        true
    }
}
