//! A line to what it is: blank, a comment, or a field with its name and value.

/// What becomes of a line before anybody looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WholeLine {
    #[default]
    Kept,
    TrimmedAsInPhp,
    DroppedWithOtherEnds,
}

/// Which lines are blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlankLine {
    #[default]
    Empty,
    WhiteSpace,
    Spaces,
    Nuls,
    LoneColon,
}

/// What parts name and value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    #[default]
    FirstColon,
    LastColon,
    ColonSpace,
    CutAtSecondColon,
    CutAtSecondColonSpace,
    EqualsToo,
}

/// What is taken off the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeadingSpace {
    #[default]
    One,
    Kept,
    All,
    AllWhiteSpace,
    AllAsInJavaScript,
    BothSides,
    BothSidesAsInPython,
    TrailingToo,
    OneTabToo,
    OneWhiteSpace,
    AnyCharacter,
    LoneSpaceKept,
    DataOnly,
    NotInId,
    NotInRetry,
}

/// Which names match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    Exact,
    AnyCase,
    UpperCased,
    TrimmedBoth,
    TrimmedStart,
    TrimmedEnd,
    StartsWith,
    Abbreviated,
    Contains,
    PunctuationIgnored,
    NulRemoved,
    CutAtNul,
    ReplacementRemoved,
    Aliases,
}

/// What a line without colon is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoColon {
    #[default]
    EmptyValue,
    Ignored,
    DataIgnored,
    IdIgnored,
    EventIgnored,
    AllButDataIgnored,
    IsData,
    ContinuesData,
    Error,
}

/// What a comment does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comment {
    #[default]
    Ignored,
    IsField,
    IsData,
    Dispatches,
    ClearsBlock,
    MakesEvent,
    ForgetsId,
    EndsStream,
    Error,
    NulError,
    HashToo,
}

/// What an unknown field does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    #[default]
    Ignored,
    IsData,
    ClearsBlock,
    Dispatches,
    MakesEvent,
    EndsStream,
    Error,
}

/// The fields that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Event,
    Data,
    Id,
    Retry,
}

const FIELDS: [(&[u8], Field); 4] = [
    (b"event", Field::Event),
    (b"data", Field::Data),
    (b"id", Field::Id),
    (b"retry", Field::Retry),
];

impl WholeLine {
    /// What is left of a line; `None` if nothing is, not even a blank one.
    pub fn read(self, line: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Kept => Some(line),
            Self::TrimmedAsInPhp => {
                let is_kept = |byte: &u8| !b" \t\n\r\0\x0B".contains(byte);
                let start = line.iter().position(is_kept);
                let end = line.iter().rposition(is_kept);
                Some(
                    start
                        .zip(end)
                        .map_or(b"", |(start, end)| &line[start..=end]),
                )
            }
            Self::DroppedWithOtherEnds => {
                let ends: [&[u8]; 3] = [b"\xC2\x85", b"\xE2\x80\xA8", b"\xE2\x80\xA9"];
                let holds = |end: &[u8]| memchr::memmem::find(line, end).is_some();
                (!ends.into_iter().any(holds)).then_some(line)
            }
        }
    }
}

impl BlankLine {
    pub fn holds(self, line: &[u8]) -> bool {
        line.is_empty()
            || match self {
                Self::Empty => false,
                Self::WhiteSpace => trim(line, Side::Both).is_empty(),
                Self::Spaces => line.iter().all(|&byte| byte == b' '),
                Self::Nuls => line.iter().all(|&byte| byte == 0),
                Self::LoneColon => line == b":",
            }
    }
}

impl Separator {
    /// Name and value, the latter `None` if nothing parts them.
    pub fn split(self, line: &[u8]) -> (&[u8], Option<&[u8]>) {
        let colon = memchr::memchr(b':', line);
        let (at, length) = match self {
            Self::FirstColon | Self::CutAtSecondColon => (colon, 1),
            Self::LastColon => (memchr::memrchr(b':', line), 1),
            // The space stays with the value, so that its removal is left to the next slot.
            Self::ColonSpace | Self::CutAtSecondColonSpace => {
                (memchr::memmem::find(line, b": "), 1)
            }
            Self::EqualsToo => (memchr::memchr2(b':', b'=', line), 1),
        };
        let Some(at) = at else { return (line, None) };
        let (name, value) = (&line[..at], &line[at + length..]);
        let second = match self {
            Self::CutAtSecondColon => memchr::memchr(b':', value),
            Self::CutAtSecondColonSpace => memchr::memmem::find(value, b": "),
            _ => None,
        };
        match second {
            Some(end) => (name, Some(&value[..end])),
            None => (name, Some(value)),
        }
    }
}

impl LeadingSpace {
    pub fn remove(self, field: Option<Field>, value: &[u8]) -> &[u8] {
        let one = value.strip_prefix(b" ").unwrap_or(value);
        match self {
            Self::One => one,
            Self::Kept => value,
            Self::All => &value[value.iter().take_while(|&&byte| byte == b' ').count()..],
            Self::AllWhiteSpace => trim(value, Side::Start),
            Self::AllAsInJavaScript => trim_as(value, Side::Start, is_white_in_javascript),
            Self::BothSides => trim(value, Side::Both),
            Self::BothSidesAsInPython => trim_as(value, Side::Both, is_white_in_python),
            Self::TrailingToo => trim(one, Side::End),
            Self::OneTabToo => value.strip_prefix(b"\t").unwrap_or(one),
            Self::OneWhiteSpace => {
                let first = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.chars().next());
                first
                    .filter(|c| c.is_whitespace())
                    .map_or(value, |c| &value[c.len_utf8()..])
            }
            Self::AnyCharacter => {
                let first = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.chars().next());
                &value[first.map_or(0, char::len_utf8)..]
            }
            Self::LoneSpaceKept => {
                if value == b" " {
                    value
                } else {
                    one
                }
            }
            Self::DataOnly => {
                if field == Some(Field::Data) {
                    one
                } else {
                    value
                }
            }
            Self::NotInRetry => {
                if field == Some(Field::Retry) {
                    value
                } else {
                    one
                }
            }
            Self::NotInId => {
                if field == Some(Field::Id) {
                    value
                } else {
                    one
                }
            }
        }
    }
}

impl Names {
    /// The field that a name stands for.
    pub fn field(self, name: &[u8]) -> Option<Field> {
        if let Some(field) = exact(name) {
            return Some(field);
        }
        let without = |unwanted: fn(char) -> bool| {
            let name = String::from_utf8_lossy(name);
            exact(
                name.chars()
                    .filter(|&c| !unwanted(c))
                    .collect::<String>()
                    .as_bytes(),
            )
        };
        let first_where = |test: &dyn Fn(&[u8]) -> bool| {
            FIELDS
                .iter()
                .find(|(known, _)| test(known))
                .map(|&(_, f)| f)
        };
        match self {
            Self::Exact => None,
            Self::AnyCase => exact(&name.to_ascii_lowercase()),
            Self::UpperCased => {
                let upper = String::from_utf8_lossy(name).to_uppercase();
                exact(&upper.as_bytes().to_ascii_lowercase())
            }
            Self::TrimmedBoth => exact(trim(name, Side::Both)),
            Self::TrimmedStart => exact(trim(name, Side::Start)),
            Self::TrimmedEnd => exact(trim(name, Side::End)),
            Self::StartsWith => first_where(&|known| name.starts_with(known)),
            Self::Abbreviated => first_where(&|known| !name.is_empty() && known.starts_with(name)),
            Self::Contains => first_where(&|known| memchr::memmem::find(name, known).is_some()),
            Self::PunctuationIgnored => without(|c| c.is_ascii_punctuation()),
            Self::NulRemoved => without(|c| c == '\0'),
            Self::CutAtNul => exact(&name[..memchr::memchr(0, name).unwrap_or(name.len())]),
            Self::ReplacementRemoved => without(|c| c == '\u{FFFD}'),
            Self::Aliases => match name {
                b"type" => Some(Field::Event),
                b"message" => Some(Field::Data),
                b"last-event-id" | b"lastEventId" => Some(Field::Id),
                _ => None,
            },
        }
    }
}

fn exact(name: &[u8]) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, field)| field)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Start,
    End,
    Both,
}

/// What JavaScript's `trim` and `\s` take for white space: U+FEFF too, but not U+0085.
pub fn is_white_in_javascript(character: char) -> bool {
    character == '\u{FEFF}' || (character != '\u{85}' && character.is_whitespace())
}

/// What Python's `strip` takes for white space: U+001C to U+001F too.
pub fn is_white_in_python(character: char) -> bool {
    character.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&character)
}

/// What Java's `trim` removes: every character up to the space.
pub fn is_white_in_java(character: char) -> bool {
    character <= ' '
}

/// Without what somebody takes for white space, where the text is well-formed.
pub fn trim_as(text: &[u8], side: Side, is_white: fn(char) -> bool) -> &[u8] {
    match (std::str::from_utf8(text), side) {
        (Ok(text), Side::Start) => text.trim_start_matches(is_white).as_bytes(),
        (Ok(text), Side::End) => text.trim_end_matches(is_white).as_bytes(),
        (Ok(text), Side::Both) => text.trim_matches(is_white).as_bytes(),
        (Err(_), _) => trim(text, side),
    }
}

/// Without white space as Unicode has it, where the text is well-formed.
pub fn trim(text: &[u8], side: Side) -> &[u8] {
    match (std::str::from_utf8(text), side) {
        (Ok(text), Side::Start) => text.trim_start().as_bytes(),
        (Ok(text), Side::End) => text.trim_end().as_bytes(),
        (Ok(text), Side::Both) => text.trim().as_bytes(),
        (Err(_), Side::Start) => text.trim_ascii_start(),
        (Err(_), Side::End) => text.trim_ascii_end(),
        (Err(_), Side::Both) => text.trim_ascii(),
    }
}
