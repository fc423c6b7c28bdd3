//! The value of a `retry` field to a number of milliseconds.

use super::fields::{is_white_in_java, is_white_in_javascript};

/// Which values are numbers, and which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryValue {
    #[default]
    Digits,
    ParseInt,
    PythonInt,
    JavaScriptNumber,
    JavaLong,
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
    FloatSeconds,
    UnicodeDigits,
    Wraps32,
    Wraps64,
    Saturates32,
    LargeIgnored,
    Over32BitsIgnored,
    Ignored,
}

/// When a reconnection time holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryCommit {
    #[default]
    AtOnce,
    AtBlankLine,
    AtBlankLineUnlessZero,
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
    Over63BitsError,
    TimedeltaError,
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

/// Which events the value of `retry` is shown with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryScope {
    #[default]
    OwnBlock,
    LaterToo,
}

impl RetryInvalid {
    /// Whether the value is a number too large to go on with.
    pub fn is_too_large(self, value: &[u8]) -> bool {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let exact = || {
            text.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| large(text))
        };
        match self {
            Self::Over63BitsError => exact().is_some_and(|number| number > i128::from(i64::MAX)),
            Self::TimedeltaError => {
                python_int(text).is_some_and(|number| number.abs() > MAX_TIMEDELTA)
            }
            _ => false,
        }
    }
}

/// The milliseconds of 999 999 999 days and a little less than one more, the longest that Python's timedelta holds.
const MAX_TIMEDELTA: i128 = 1_000_000_000 * 86_400_000 - 1;

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
            Self::JavaScriptNumber => javascript_number(text).map(|number| number as i128),
            Self::JavaLong => java_long(text),
            Self::TrailingText => leading_digits(text),
            Self::Sign => match text.strip_prefix('-') {
                Some(text) => digits(text).map(|number| -number),
                None => digits(text.strip_prefix('+').unwrap_or(text)),
            },
            Self::Plus => {
                let unsigned = text.strip_prefix('+').unwrap_or(text);
                let fits = unsigned.parse::<u64>().is_ok();
                digits(unsigned).filter(|_| fits)
            }
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
            Self::FloatSeconds => {
                number.map(|number| (number as f64 / 1000.0 * 1000.0).round() as i128)
            }
            Self::UnicodeDigits => digits(&text.chars().map(ascii_digit).collect::<String>()),
            Self::Wraps32 => number.map(|_| i128::from(wrapped(text) as u32)),
            Self::Wraps64 => number.map(|_| i128::from(wrapped(text))),
            Self::Saturates32 => number.map(|number| number.min(i128::from(i32::MAX))),
            Self::LargeIgnored => number.filter(|&number| number <= i128::from(i32::MAX)),
            Self::Over32BitsIgnored => number.filter(|&number| number <= i128::from(u32::MAX)),
            Self::Ignored => None,
            _ => number,
        }
    }

    /// The number as it is shown, if it is read and is not whole.
    pub fn fraction(self, value: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(value).ok()?;
        let number = (self == Self::JavaScriptNumber).then(|| javascript_number(text))??;
        (number.is_finite() && number.fract() != 0.0).then(|| number.to_string())
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

/// White space around, but not U+001C to U+001F, a sign, digits of any script, single underscores between them.
fn python_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_well_placed =
        !unsigned.starts_with('_') && !unsigned.ends_with('_') && !unsigned.contains("__");
    let plain: String = unsigned.replace('_', "").chars().map(ascii_digit).collect();
    let number = digits(&plain).map(|_| large(&plain))?;
    let signed = if text.starts_with('-') {
        -number
    } else {
        number
    };
    is_well_placed.then_some(signed)
}

/// Digits as they are, however many there are.
fn large(digits: &str) -> i128 {
    digits
        .parse()
        .unwrap_or(if digits.is_empty() { 0 } else { i128::MAX })
}

/// White space around, a sign, a fraction, an exponent, `0x`; the empty string and zero are no time.
fn javascript_number(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_white_in_javascript);
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let number = i128::from_str_radix(digits, 16).ok();
        return number
            .filter(|number| *number > 0 && !digits.starts_with('+'))
            .map(|number| number as f64);
    }
    let is_decimal = text.bytes().all(|byte| b"0123456789+-.eE".contains(&byte));
    let number: f64 = text.parse().ok()?;
    (is_decimal && number != 0.0).then_some(number)
}

/// Characters up to the space around, a sign, digits of any script in the first 65 536 characters, no more than 63 bits.
fn java_long(text: &str) -> Option<i128> {
    let text = text.trim_matches(is_white_in_java);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Java looks at each half of a surrogate pair by itself.
    let is_in_reach = unsigned.chars().all(|c| c.len_utf16() == 1);
    let plain: String = unsigned.chars().map(ascii_digit).collect();
    let number = digits(&plain)
        .filter(|_| is_in_reach)
        .map(|_| large(&plain))?;
    let signed = if text.starts_with('-') {
        -number
    } else {
        number
    };
    i64::try_from(signed).ok().map(i128::from)
}

fn wrapped(digits: &str) -> u64 {
    digits.bytes().fold(0, |n: u64, byte| {
        n.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'))
    })
}

/// The zeros of the scripts with decimal digits, as Unicode 14 has them.
const ZEROS: [u32; 65] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// A decimal digit of any script to ASCII.
fn ascii_digit(character: char) -> char {
    let value = u32::from(character);
    ZEROS
        .into_iter()
        .find_map(|zero| char::from_digit(value.checked_sub(zero)?, 10))
        .unwrap_or(character)
}
