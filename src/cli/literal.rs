//! A stream as somebody types it, with escapes for what cannot be typed, to its bytes.

use crate::report::escape;

/// Reads a text with escapes, which `place` names: a flag, say.
///
/// # Errors
///
/// One sentence with the position of the first bad escape.
pub fn bytes(place: &str, text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let position = text.len() - rest.len() + at;
        let (n_read, escaped) = escape_sequence(&rest[at + 1..]).map_err(|what| {
            let number = text[..position].chars().count() + 1;
            format!(
                "{place}, character {number}: {what}; known are \\n \\r \\t \\0 \\\\ \\\" \\xNN \\u{{..}}"
            )
        })?;
        bytes.extend(escaped);
        rest = &rest[at + 1 + n_read..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// What follows a backslash: how many bytes of text it takes, and the bytes it stands for.
fn escape_sequence(text: &str) -> Result<(usize, Vec<u8>), String> {
    let Some(first) = text.chars().next() else {
        return Err("a backslash at the end".to_owned());
    };
    let simple = match first {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        '0' => 0,
        '\\' | '"' => first as u8,
        'x' => {
            let digits = text
                .get(1..3)
                .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            return byte
                .map(|byte| (3, vec![byte]))
                .ok_or_else(|| "`\\x` needs two hexadecimal digits".to_owned());
        }
        'u' => {
            let digits = text[1..]
                .strip_prefix('{')
                .and_then(|text| text.split_once('}'))
                .map(|(digits, _)| digits);
            let Some(digits) = digits else {
                return Err("`\\u` needs a code point in braces".to_owned());
            };
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number);
            let character = code.and_then(char::from_u32);
            return character
                .map(|c| (digits.len() + 3, c.to_string().into_bytes()))
                .ok_or_else(|| {
                    format!(
                        "`\\u{{{}}}` is no code point",
                        escape::shortened(digits, 20)
                    )
                });
        }
        other => {
            return Err(format!(
                "unknown escape `\\{}`",
                escape::prose(&other.to_string())
            ));
        }
    };
    Ok((1, vec![simple]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_read_back_from_its_escapes() {
        let raw = b"a\n\r\t\0\\\"\xff\xe2\x80\xaee\x1b";
        assert_eq!(bytes("--stream", &escape::bytes(raw)), Ok(raw.to_vec()));
        assert_eq!(
            bytes("--stream", r"\u{20ac}\x0A"),
            Ok("€\n".as_bytes().to_vec())
        );
    }

    #[test]
    fn a_bad_literal_names_the_place() {
        for (bad, what) in [
            (r"€\q", "--stream, character 2: unknown escape `\\q`; known"),
            (
                r"\x4",
                "--stream, character 1: `\\x` needs two hexadecimal digits",
            ),
            (r"\x+1", "--stream, character 1: `\\x` needs"),
            (
                r"ab\u41",
                "--stream, character 3: `\\u` needs a code point in braces",
            ),
            (
                r"\u{d800}",
                "--stream, character 1: `\\u{d800}` is no code point",
            ),
            ("a\\", "--stream, character 2: a backslash at the end"),
        ] {
            let error = bytes("--stream", bad).expect_err(bad);
            assert!(error.starts_with(what), "{error}");
        }
    }
}
