//! The value of a `retry` field to a number of milliseconds.

/// Which values are numbers, and which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryValue {
    #[default]
    Digits,
    ParseInt,
    PythonInt,
    TrailingText,
    Sign,
    Plus,
    NegativeIsZero,
    Decimal,
    Exponent,
    Hexadecimal,
    Separators,
    LeadingZeroIsOctal,
    LeadingZeroIgnored,
    LeadingWhiteSpace,
    Trimmed,
    NulRemoved,
    EmptyIsZero,
    EmptyIsDefault,
    ZeroIgnored,
    AtLeast500,
    Seconds,
    UnicodeDigits,
    Wraps32,
    Wraps64,
    Saturates32,
    LargeIgnored,
    Ignored,
}

/// When a reconnection time holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryCommit {
    #[default]
    AtOnce,
    AtBlankLine,
    WithEvent,
    FirstWins,
}

/// What an invalid `retry` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryInvalid {
    #[default]
    Ignored,
    Unsets,
    Zero,
    Error,
}

/// What `retry` does to the event of its block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryEvent {
    #[default]
    None,
    MakesEvent,
    DropsEvent,
    IsData,
}

impl RetryValue {
    /// The number; `None` if the value is not one.
    pub fn read(self, value: &[u8]) -> Option<i128> {
        let text = std::str::from_utf8(value).ok()?;
        let number = digits(text);
        match self {
            Self::Digits => number,
            Self::ParseInt => {
                let text = text.trim_start();
                let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
                let number = leading_digits(unsigned)?;
                Some(if text.starts_with('-') {
                    -number
                } else {
                    number
                })
            }
            Self::PythonInt => python_int(text),
            Self::TrailingText => leading_digits(text),
            Self::Sign => match text.strip_prefix('-') {
                Some(text) => digits(text).map(|number| -number),
                None => digits(text.strip_prefix('+').unwrap_or(text)),
            },
            Self::Plus => digits(text.strip_prefix('+').unwrap_or(text)),
            Self::NegativeIsZero => text
                .strip_prefix('-')
                .map_or(number, |text| digits(text).and(Some(0))),
            Self::Decimal => match text.split_once('.') {
                Some((whole, fraction)) => digits(fraction).and(digits(whole)),
                None => number,
            },
            Self::Exponent => match text.split_once(['e', 'E']) {
                Some((mantissa, exponent)) => {
                    let exponent = u32::try_from(digits(exponent)?).ok()?;
                    digits(mantissa)?.checked_mul(10_i128.checked_pow(exponent)?)
                }
                None => number,
            },
            Self::Hexadecimal => match text.strip_prefix("0x") {
                Some(text) => i128::from_str_radix(text, 16).ok(),
                None => number,
            },
            Self::Separators => digits(&text.replace(['_', ','], "")),
            Self::LeadingZeroIsOctal if text.starts_with('0') && text.len() > 1 => {
                number.and(i128::from_str_radix(text, 8).ok())
            }
            Self::LeadingZeroIgnored if text.starts_with('0') && text.len() > 1 => None,
            Self::LeadingWhiteSpace => digits(text.trim_start()),
            Self::Trimmed => digits(text.trim()),
            Self::NulRemoved => digits(&text.replace('\0', "")),
            Self::EmptyIsZero if text.is_empty() => Some(0),
            Self::EmptyIsDefault if text.is_empty() => Some(3000),
            Self::ZeroIgnored => number.filter(|&number| number != 0),
            Self::AtLeast500 => number.map(|number| number.max(500)),
            Self::Seconds => number.map(|number| number * 1000),
            Self::UnicodeDigits => digits(&text.chars().map(ascii_digit).collect::<String>()),
            Self::Wraps32 => number.map(|_| i128::from(wrapped(text) as u32)),
            Self::Wraps64 => number.map(|_| i128::from(wrapped(text))),
            Self::Saturates32 => number.map(|number| number.min(i128::from(i32::MAX))),
            Self::LargeIgnored => number.filter(|&number| number <= i128::from(i32::MAX)),
            Self::Ignored => None,
            _ => number,
        }
    }
}

/// As the standard reads a value, saturating at 2^64 - 1 like the reference.
fn digits(text: &str) -> Option<i128> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(i128::from(text.parse().unwrap_or(u64::MAX)))
}

fn leading_digits(text: &str) -> Option<i128> {
    digits(&text[..text.bytes().take_while(u8::is_ascii_digit).count()])
}

/// White space around, a sign, digits of any script, single underscores between them.
fn python_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_well_placed =
        !unsigned.starts_with('_') && !unsigned.ends_with('_') && !unsigned.contains("__");
    let number = digits(
        &unsigned
            .replace('_', "")
            .chars()
            .map(ascii_digit)
            .collect::<String>(),
    )?;
    let signed = if text.starts_with('-') {
        -number
    } else {
        number
    };
    is_well_placed.then_some(signed)
}

fn wrapped(digits: &str) -> u64 {
    digits.bytes().fold(0, |n: u64, byte| {
        n.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'))
    })
}

/// Arabic-Indic, extended Arabic-Indic, Devanagari and full-width digits to ASCII.
fn ascii_digit(character: char) -> char {
    let value = u32::from(character);
    [0x660, 0x6F0, 0x966, 0xFF10]
        .into_iter()
        .find_map(|zero| char::from_digit(value.checked_sub(zero)?, 10))
        .unwrap_or(character)
}
