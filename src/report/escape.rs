//! Hostile text and bytes to visible text that says exactly what was there and cannot steer a terminal.
//!
//! The escapes are those of `ssespec parse --stream`: `\n \r \t \0 \\ \"`, `\xNN` for one byte, `\u{..}` for a code point.

use crate::delivery::Delivery;
use crate::observation::Text;

/// Stands between two chunks; escaped where it stands in the data.
const CUT: char = '│';
/// Enclose what was left out of a stream; escaped where they stand in the data.
const LEFT_OUT: [char; 2] = ['⟨', '⟩'];
/// How many bytes stay visible on both sides of a cut of a long stream.
const AROUND_CUT: usize = 12;
/// How many cuts stay visible at the start and at the end of a long stream.
const N_CUTS: usize = 3;

/// Every byte visible, without quotes around.
pub fn bytes(bytes: &[u8]) -> String {
    tokens(bytes).map(|(_, visible)| visible).collect()
}

/// Every byte of a target's text visible, without quotes around.
pub fn text(text: &Text) -> String {
    bytes(&text.0)
}

/// Every byte visible, in double quotes; what goes beyond the width is cut: `"aaa"… (70 006 bytes)`.
pub fn quoted(bytes: &[u8], width: usize) -> String {
    let all_fits = |visible: &str| columns(visible) + 2 <= width;
    let visible: String = quotable(bytes).take(width + 1).map(|(_, v)| v).collect();
    let n_shown: usize = quotable(bytes).take(width + 1).map(|(n, _)| n).sum();
    if n_shown == bytes.len() && all_fits(&visible) {
        return format!("\"{visible}\"");
    }
    let rest = format!("… ({} bytes)", count(bytes.len()));
    let room = width.saturating_sub(columns(&rest) + 2);
    format!("\"{}\"{rest}", fitting(quotable(bytes), room))
}

/// Prose on one line: invisible characters are escaped, backslashes and quotes stay.
pub fn prose(text: &str) -> String {
    text.chars().map(visible_in_prose).collect()
}

/// Prose cut to a width, with `…` at the end where something is missing.
pub fn shortened(text: &str, width: usize) -> String {
    let visible: String = text.chars().take(width + 1).map(visible_in_prose).collect();
    if columns(&visible) <= width {
        return visible;
    }
    let tokens = text.chars().map(|c| (c.len_utf8(), visible_in_prose(c)));
    format!("{}…", fitting(tokens, width.saturating_sub(1)))
}

/// A stream with `│` where it is cut; a long one keeps its start, its end and what surrounds its first and last cuts.
pub fn delivery(delivery: &Delivery, width: usize) -> String {
    let whole = 0..delivery.bytes().len();
    // A byte takes one column at least, so a longer stream cannot fit.
    if whole.len() + delivery.cuts().len() <= width {
        let visible = with_cuts(delivery, whole.start, whole.end);
        if columns(&visible) <= width {
            return visible;
        }
    }
    let mut visible = String::new();
    let mut shown_to = 0;
    for (start, end) in windows(delivery, width) {
        visible.push_str(&left_out(delivery, shown_to, start));
        visible.push_str(&with_cuts(delivery, start, end));
        shown_to = end;
    }
    visible.push_str(&left_out(delivery, shown_to, whole.end));
    visible
}

/// A stream as [`delivery`] shows it, or a word for one without a byte.
pub fn stream(delivery: &Delivery, width: usize) -> String {
    match self::delivery(delivery, width) {
        empty if empty.is_empty() => "(empty)".to_owned(),
        visible => visible,
    }
}

/// A whole number, `usize` or `u64`, with a space between groups of three digits.
pub fn count(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// How many columns of a terminal visible text takes, near enough: East Asian characters and emoji take two.
pub fn columns(visible: &str) -> usize {
    let of = |c: char| match u32::from(c) {
        0x1100..=0x115E | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
        0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 => 2,
        0x1F000..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    };
    visible.chars().map(of).sum()
}

/// Whether a character shows nothing, joins or reorders its neighbours, or has no agreed look.
pub fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    let is_blank = matches!(
        code,
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x2800 | 0x3000
    );
    let is_line_end = matches!(code, 0x2028 | 0x2029);
    let is_format = matches!(
        code,
        0xAD | 0x61C | 0x600..=0x605 | 0x6DD | 0x70F | 0x115F | 0x1160 | 0x17B4 | 0x17B5
            | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF
    );
    // They would stand on the quote or the character before: "e\u{301}" must not look like "é".
    let is_combining = matches!(
        code,
        0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
            | 0xFE20..=0xFE2F
    );
    let is_private = matches!(code, 0xE000..=0xF8FF | 0xF0000..);
    let is_noncharacter = code & 0xFFFE == 0xFFFE || matches!(code, 0xFDD0..=0xFDEF);
    c.is_control()
        || is_blank
        || is_line_end
        || is_format
        || is_combining
        || is_private
        || is_noncharacter
}

/// One character, visible.
pub fn visible(c: char) -> String {
    match c {
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '\t' => r"\t".to_owned(),
        '\0' => r"\0".to_owned(),
        '\\' => r"\\".to_owned(),
        c if c.is_ascii_control() => format!("\\x{:02x}", u32::from(c)),
        c if is_invisible(c) => code_point(c),
        c => c.to_string(),
    }
}

fn visible_in_prose(c: char) -> String {
    if c == '\\' { c.to_string() } else { visible(c) }
}

fn code_point(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

/// Each character, or byte of no character, with its length in bytes.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = (usize, String)> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(|c| (c.len_utf8(), visible(c)));
        let invalid = chunk
            .invalid()
            .iter()
            .map(|byte| (1, format!("\\x{byte:02x}")));
        valid.chain(invalid)
    })
}

fn quotable(bytes: &[u8]) -> impl Iterator<Item = (usize, String)> {
    tokens(bytes).map(|(n, visible)| {
        (
            n,
            if visible == "\"" {
                r#"\""#.to_owned()
            } else {
                visible
            },
        )
    })
}

fn fitting(tokens: impl Iterator<Item = (usize, String)>, width: usize) -> String {
    let mut text = String::new();
    let mut n_columns = 0;
    for (_, visible) in tokens {
        n_columns += columns(&visible);
        if n_columns > width {
            break;
        }
        text.push_str(&visible);
    }
    text
}

/// The bytes from `start` to `end`, with the cuts that stand in between or at their ends.
fn with_cuts(delivery: &Delivery, start: usize, end: usize) -> String {
    let mut visible = String::new();
    let mut from = start;
    for &cut in delivery
        .cuts()
        .iter()
        .filter(|&&cut| start <= cut && cut <= end)
    {
        visible.push_str(&marked(&delivery.bytes()[from..cut]));
        visible.push(CUT);
        from = cut;
    }
    visible.push_str(&marked(&delivery.bytes()[from..end]));
    visible
}

fn marked(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (_, visible) in tokens(bytes) {
        match visible.chars().next() {
            Some(mark) if mark == CUT || LEFT_OUT.contains(&mark) => {
                text.push_str(&code_point(mark))
            }
            _ => text.push_str(&visible),
        }
    }
    text
}

/// The parts of a long stream that stay visible, ascending and apart from each other.
fn windows(delivery: &Delivery, width: usize) -> Vec<(usize, usize)> {
    let n_bytes = delivery.bytes().len();
    let at_ends = (width / 4).clamp(AROUND_CUT, n_bytes.max(AROUND_CUT));
    let cuts = delivery.cuts();
    let few = cuts.len() <= 2 * N_CUTS;
    let first_and_last = cuts[..if few { cuts.len() } else { N_CUTS }]
        .iter()
        .chain(if few {
            &[]
        } else {
            &cuts[cuts.len() - N_CUTS..]
        });
    let around = |&cut: &usize| {
        (
            cut.saturating_sub(AROUND_CUT),
            (cut + AROUND_CUT).min(n_bytes),
        )
    };
    let mut windows = vec![(0, at_ends.min(n_bytes))];
    windows.extend(first_and_last.map(around));
    windows.push((n_bytes.saturating_sub(at_ends), n_bytes));
    windows.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for (start, end) in windows {
        match apart.last_mut() {
            // To leave a few bytes out would take more room than to show them.
            Some(last) if start <= last.1 + AROUND_CUT => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    apart
}

fn left_out(delivery: &Delivery, start: usize, end: usize) -> String {
    if start >= end {
        return String::new();
    }
    let n_cuts = delivery
        .cuts()
        .iter()
        .filter(|&&cut| start < cut && cut < end)
        .count();
    let cuts = match n_cuts {
        0 => String::new(),
        1 => ", 1 cut".to_owned(),
        n => format!(", {} cuts", count(n)),
    };
    let [open, close] = LEFT_OUT;
    format!("{open}… {} bytes{cuts} …{close}", count(end - start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Cutting;

    #[test]
    fn every_byte_is_visible_and_printable_text_stays() {
        for (raw, visible) in [
            (&b"data: a\r\n\t\0"[..], r"data: a\r\n\t\0"),
            (b"\x1b[31mred\x7f", r"\x1b[31mred\x7f"),
            (b"\xff\xe2\x82", r"\xff\xe2\x82"),
            (br"back\slash", r"back\\slash"),
            ("é€日本🎉".as_bytes(), "é€日本🎉"),
            (
                "\u{85}\u{2028}\u{feff}".as_bytes(),
                r"\u{85}\u{2028}\u{feff}",
            ),
            (
                "a\u{202e}b\u{2066}\u{200b}".as_bytes(),
                r"a\u{202e}b\u{2066}\u{200b}",
            ),
            (
                "e\u{301}\u{a0}\u{e000}\u{ffff}".as_bytes(),
                r"e\u{301}\u{a0}\u{e000}\u{ffff}",
            ),
            // A lone surrogate, as three bytes that UTF-8 forbids.
            (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        ] {
            assert_eq!(bytes(raw), visible);
            assert_eq!(text(&Text(raw.to_vec())), visible);
        }
    }

    #[test]
    fn long_text_is_cut_outside_the_quotes() {
        assert_eq!(quoted(b"say \"hi\"", 20), r#""say \"hi\"""#);
        assert_eq!(
            quoted(&vec![b'a'; 70_006], 24),
            "\"aaaaaa\"… (70 006 bytes)"
        );
        assert_eq!(quoted(b"12345678", 10), "\"12345678\"");
        assert!(columns(&quoted("日本日本日本日本日本日本日本".as_bytes(), 24)) <= 24);
    }

    #[test]
    fn prose_keeps_its_backslashes_and_loses_its_control_characters() {
        assert_eq!(
            prose("write \\n, \"not\"\u{1b}[2J"),
            "write \\n, \"not\"\\x1b[2J"
        );
        assert_eq!(shortened("eventsource-parser", 8), "eventso…");
        assert_eq!(shortened("short", 8), "short");
    }

    #[test]
    fn cuts_are_marked_and_the_mark_is_never_data() {
        let cut = |text: &str, cuts: &[usize]| {
            let delivery_of =
                Delivery::new(Cutting::AsWritten, text.as_bytes().into(), cuts.to_vec());
            delivery(&delivery_of, 80)
        };
        assert_eq!(cut("data: a\r\n\r\n", &[8]), r"data: a\r│\n\r\n");
        assert_eq!(cut("ab", &[0, 1, 1, 2]), "│a││b│");
        assert_eq!(cut("€", &[1]), r"\xe2│\x82\xac");
        assert_eq!(cut("a│⟨b", &[]), r"a\u{2502}\u{27e8}b");
    }

    #[test]
    fn a_long_stream_keeps_what_surrounds_its_cuts() {
        let stream = "x".repeat(50_000);
        let cut = Delivery::new(Cutting::Cut(25_000), stream.as_bytes().into(), vec![25_000]);
        assert_eq!(
            delivery(&cut, 60),
            "xxxxxxxxxxxxxxx⟨… 24 973 bytes …⟩xxxxxxxxxxxx│xxxxxxxxxxxx⟨… 24 973 bytes …⟩xxxxxxxxxxxxxxx"
        );
        let all = Delivery::new(
            Cutting::ByteByByte,
            stream.as_bytes().into(),
            (1..50_000).collect(),
        );
        let visible = delivery(&all, 60);
        assert!(visible.contains("49 970 bytes, 49 969 cuts"), "{visible}");
        assert!(visible.len() < 400);
    }
}
