//! What asks again, to commands that a reader can paste into a shell; what a target sent is visible in them.

use std::fmt::Write as _;

use super::escape;
use crate::delivery::Delivery;

/// The command that shows both sides on a stream.
pub fn parse(delivery: &Delivery, asked_as: &str) -> String {
    let chunks: Vec<String> = delivery
        .chunks()
        .map(|chunk| format!("--stream {}", quoted_literal(chunk)))
        .collect();
    let words = target_words(asked_as, "");
    format!("ssespec parse {} --against {words}", chunks.join(" "))
}

/// The words after `ssespec run` that name a target as it was asked: an adapter, or `--` and a command.
pub fn target_words(asked_as: &str, flags: &str) -> String {
    // No adapter's name has a space, so what has one is a command whose `--` was not kept.
    let is_command = asked_as.starts_with("--") || asked_as.contains(' ');
    let words = match (asked_as.starts_with("--"), is_command) {
        (true, _) => escape::prose(asked_as),
        (false, true) => format!("-- {}", escape::prose(asked_as)),
        (false, false) => shell_word(asked_as),
    };
    match (flags, is_command) {
        ("", _) => words,
        // What follows `--` belongs to the command.
        (flags, true) => format!("{flags} {words}"),
        (flags, false) => format!("{words} {flags}"),
    }
}

/// What shows more of a target that could not be asked; a test service has no adapter to check.
pub fn what_is_wrong(asked_as: &str) -> Option<String> {
    let words = target_words(asked_as, "");
    let has_adapter = !asked_as.starts_with("--test-service ");
    has_adapter.then(|| format!("see what is wrong with: ssespec check-adapter {words}"))
}

/// A name or an id as one word of a shell command.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:+,=%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if word.chars().all(|c| !escape::is_invisible(c)) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        // Bash reads \UXXXXXXXX, without braces.
        let escaped = |c: char| match c {
            '\'' => r"\'".to_owned(),
            c if escape::is_invisible(c) => format!("\\U{:08x}", u32::from(c)),
            c => escape::visible(c),
        };
        format!("$'{}'", word.chars().map(escaped).collect::<String>())
    }
}

/// A command of POSIX shells that writes the stream.
pub fn printf(delivery: &Delivery) -> String {
    let mut format = String::new();
    for &byte in delivery.bytes() {
        match byte {
            b'\n' => format.push_str("\\n"),
            b'\r' => format.push_str("\\r"),
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str("\\\\"),
            b'\'' => format.push_str("'\\''"),
            b' '..=b'~' => format.push(char::from(byte)),
            _ => _ = write!(format, "\\{byte:03o}"),
        }
    }
    // A format that starts with a hyphen would be an option.
    let dashes = if format.starts_with('-') { "-- " } else { "" };
    format!("printf {dashes}'{format}'")
}

/// Bytes as `parse --stream` reads them, as one word of a shell command.
fn quoted_literal(bytes: &[u8]) -> String {
    let mut literal = String::new();
    for &byte in bytes {
        match byte {
            b'\n' => literal.push_str("\\n"),
            b'\r' => literal.push_str("\\r"),
            b'\\' => literal.push_str("\\\\"),
            b'"' => literal.push_str("\\\""),
            // A word that starts with a hyphen would be an option.
            b'-' if literal.is_empty() => literal.push_str("\\x2d"),
            b' '..=b'~' if !b"'`".contains(&byte) => literal.push(char::from(byte)),
            _ => _ = write!(literal, "\\x{byte:02x}"),
        }
    }
    format!("'{literal}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted() {
        assert_eq!(shell_word("parser/fields/id"), "parser/fields/id");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word("a\n\u{202e}"), r"$'a\U0000000a\U0000202e'");
        assert_eq!(shell_word("*"), "'*'");
    }

    #[test]
    fn a_stream_becomes_a_command_of_every_shell() {
        let delivery = Delivery::whole(b"\xEF\xBB\xBFdata: 100%\\'\r\n\0".as_slice().into());
        assert_eq!(
            printf(&delivery),
            r"printf '\357\273\277data: 100%%\\'\''\r\n\000'"
        );
        assert_eq!(
            printf(&Delivery::whole(b"-a".as_slice().into())),
            "printf -- '-a'"
        );
        let output = std::process::Command::new("sh")
            .args(["-c", &printf(&delivery)])
            .output()
            .expect("a shell");
        assert_eq!(output.stdout, delivery.bytes());
    }

    #[test]
    fn a_literal_is_one_word() {
        assert_eq!(quoted_literal(b"a'\xFF\n"), r"'a\x27\xff\n'");
        assert_eq!(quoted_literal(b"-a-"), r"'\x2da-'");
    }
}
