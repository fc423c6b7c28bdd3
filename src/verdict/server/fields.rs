//! One event as it was emitted against the blocks that came of it, field by field.

use super::events::Judge;
use super::wire::{Block, Line};
use crate::case::server::{Emitted, Retry, is_id, is_line, normalised};
use crate::verdict::Class;

/// A reader looks at the start of a long value only.
const SHOWN: usize = 60;
/// Whatever some language takes for the end of a line.
pub const LINE_ENDS: [char; 8] = [
    '\r', '\n', '\u{B}', '\u{C}', '\0', '\u{85}', '\u{2028}', '\u{2029}',
];

impl Judge<'_> {
    /// Each field that was emitted, against what came.
    pub fn fields(
        &mut self,
        index: usize,
        event: &Emitted,
        came: &[&Block<'_>],
        lines: &[Line<'_>],
    ) {
        // Of several fields of one name clients take the last.
        fn last<'b>(blocks: &[&Block<'b>], name: &'static [u8]) -> Option<&'b [u8]> {
            let values = blocks.iter().flat_map(|block| block.values(name));
            values.last()
        }
        let own = came.iter().position(|block| block.is_event());
        // An id is kept over blank lines, so that it may stand before its event; a type is forgotten at each.
        let (up_to_own, own) = match own {
            Some(own) if event.data.is_some() => (&came[..=own], &came[own..=own]),
            _ => (came, came),
        };
        if let Some(data) = &event.data {
            let first = own.first().filter(|block| block.is_event());
            let got = first.map(|block| block.data());
            let expected = normalised(data);
            if got.as_deref() != Some(expected.as_bytes()) {
                self.altered(index, "data", expected.as_bytes(), got.as_deref());
            }
            // Without data nobody hears of a type.
            self.event_type(index, event.event_type.as_deref(), last(own, b"event"));
        }
        if let Some(id) = &event.id {
            self.id(index, id, last(up_to_own, b"id"));
        }
        if let Some(retry) = &event.retry {
            self.retry(index, retry, last(came, b"retry"));
        }
        if let Some(comment) = &event.comment {
            self.comment(index, comment, lines);
        }
    }

    fn event_type(&mut self, index: usize, emitted: Option<&str>, got: Option<&[u8]>) {
        let is_default = |name: &[u8]| name.is_empty() || name == b"message";
        let expected = emitted.unwrap_or_default();
        let name = got.unwrap_or_default();
        let is_same =
            name == expected.as_bytes() || is_default(name) && is_default(expected.as_bytes());
        // A type that was forged where none was emitted is said already.
        if !is_same && (emitted.is_some() || !self.is_injected(index)) {
            self.changed(index, "event type", expected, is_line(expected), got);
        }
    }

    fn id(&mut self, index: usize, expected: &str, got: Option<&[u8]>) {
        if got.is_some_and(|id| id.contains(&0)) {
            let sentence = "an id with NUL is written as it is, and clients ignore it";
            self.say(Class::Altered, index, sentence.to_owned());
        } else if got != Some(expected.as_bytes()) {
            self.changed(index, "id", expected, is_id(expected), got);
        }
    }

    fn retry(&mut self, index: usize, expected: &Retry, got: Option<&[u8]>) {
        let is_any_time = |value: &[u8]| !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        match (got, expected.digits()) {
            (Some(got), Some(digits)) if is_time(got, &digits) => (),
            (Some(got), _) if !is_any_time(got) => {
                let sentence = format!("retry {} is written, which clients ignore", shown(got));
                self.say(Class::Altered, index, sentence);
            }
            (got, Some(digits)) => self.altered(index, "retry", digits.as_bytes(), got),
            (got, None) => {
                let sentence = format!("a retry that is no time {}", became(got));
                self.say(Class::Sanitised, index, sentence);
            }
        }
    }

    fn comment(&mut self, index: usize, expected: &str, lines: &[Line<'_>]) {
        if !has_comment(lines, expected) {
            let comments = lines.iter().filter(|line| line.name.is_none());
            let got: Vec<&[u8]> = comments.map(|line| line.value).collect();
            let joined = (!got.is_empty()).then(|| got.join(&b'\n'));
            let is_carried = is_line(expected);
            self.changed(index, "comment", expected, is_carried, joined.as_deref());
        }
    }

    /// A value that stands in one line, or in none, and is not what was emitted.
    fn changed(
        &mut self,
        index: usize,
        field: &str,
        expected: &str,
        is_carried: bool,
        got: Option<&[u8]>,
    ) {
        if is_carried {
            self.altered(index, field, expected.as_bytes(), got);
        } else if !self.is_injected(index) {
            // What stands on the wire of an injection is said already.
            let sentence = format!(
                "its {field}, which the format cannot carry, {}",
                became(got)
            );
            self.say(Class::Sanitised, index, sentence);
        }
    }

    fn altered(&mut self, index: usize, field: &str, expected: &[u8], got: Option<&[u8]>) {
        let Some(got) = got else {
            let sentence = format!("its {field} did not arrive");
            return self.say(Class::Altered, index, sentence);
        };
        let pairs = expected.iter().zip(got);
        let n_same = pairs.take_while(|(one, other)| one == other).count();
        // What differs first lies far behind the start of a long value.
        let from = n_same.saturating_sub(10);
        let place = if from > 0 {
            format!(" from byte {from} on")
        } else {
            String::new()
        };
        let (expected, got) = (shown(&expected[from..]), shown(&got[from..]));
        let sentence =
            format!("its {field} arrived as {got}{place}, and was emitted as {expected}");
        self.say(Class::Altered, index, sentence);
    }
}

fn became(got: Option<&[u8]>) -> String {
    got.map_or("was left out".to_owned(), |got| {
        format!("became {}", shown(got))
    })
}

/// A block that is this event and nothing that a client could tell from it.
pub fn is_exactly(block: &Block<'_>, event: &Emitted) -> bool {
    let one = |name: &'static [u8]| {
        let mut values = block.values(name);
        (values.next(), values.next())
    };
    let data = match &event.data {
        Some(data) => block.is_event() && block.data() == normalised(data).as_bytes(),
        None => !block.is_event(),
    };
    let wanted = event.event_type.as_deref().filter(|name| !name.is_empty());
    let event_type = match one(b"event") {
        (None, _) => wanted.is_none_or(|name| name == "message"),
        // A type without a name is none to a client.
        (Some(b""), None) => wanted.is_none_or(|name| name == "message"),
        (Some(name), None) => name == wanted.unwrap_or("message").as_bytes(),
        (Some(_), Some(_)) => false,
    };
    let id = match (&event.id, one(b"id")) {
        (Some(id), (Some(got), None)) => got == id.as_bytes(),
        // An id of the implementation's own is no part of the event; what it adds is looked at by itself.
        (None, (_, None)) => true,
        _ => false,
    };
    let retry = match (
        event.retry.as_ref().map(|retry| retry.digits()),
        one(b"retry"),
    ) {
        (Some(digits), (Some(got), None)) => digits.is_some_and(|digits| is_time(got, &digits)),
        (None, (_, None)) => true,
        _ => false,
    };
    let comment = event
        .comment
        .as_deref()
        .is_none_or(|comment| has_comment(&block.lines, comment));
    data && event_type && id && retry && comment && block.lines.iter().all(Line::is_known)
}

/// The lines of a block that an event did not ask for.
pub fn unasked<'a>(block: &Block<'a>, event: &Emitted) -> Vec<Line<'a>> {
    let is_unasked = |line: &&Line<'a>| match line.name {
        Some(b"id") => event.id.is_none(),
        Some(b"retry") => event.retry.is_none(),
        Some(b"event") => event.event_type.is_none() && line.value != b"message",
        Some(b"data") => event.data.is_none(),
        Some(_) => true,
        None => false,
    };
    block.lines.iter().filter(is_unasked).copied().collect()
}

/// The lines of a comment stand among these, in their order, each as often as it was emitted.
pub fn has_comment(lines: &[Line<'_>], comment: &str) -> bool {
    let said = || lines.iter().filter(|line| line.name.is_none());
    let mut rest = said();
    comment_lines(comment).into_iter().all(|line| match line {
        // Nothing is forged by an empty line, so one stands for all of them.
        "" => said().any(|said| is_comment_line(said.value, "")),
        line => rest.any(|said| is_comment_line(said.value, line)),
    })
}

/// The same number of milliseconds: clients read leading zeros in base ten.
fn is_time(got: &[u8], digits: &str) -> bool {
    let significant = |digits: &[u8]| {
        let n_zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        digits[n_zeros.min(digits.len().saturating_sub(1))..].to_vec()
    };
    significant(got) == significant(digits.as_bytes())
}

/// The lines of a comment, each of which stands by itself on the wire.
pub fn comment_lines(comment: &str) -> Vec<&str> {
    let lines = comment.split('\n');
    lines
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
        .collect()
}

/// What a line on the wire says is this line of a comment.
///
/// One space is taken off the wire, and nobody can tell whether it was the comment's own.
pub fn is_comment_line(said: &[u8], line: &str) -> bool {
    let line = line.as_bytes();
    said == line || line.strip_prefix(b" ") == Some(said)
}

/// A line's value is the start of a text, up to a line end in it.
pub fn is_start(text: Option<&str>, value: &[u8]) -> bool {
    text.is_some_and(|text| {
        let first = text.split(LINE_ENDS).next().unwrap_or_default();
        value == first.as_bytes() || value == text.as_bytes()
    })
}

/// Text that can stand in a sentence.
pub fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let left_out = if bytes.len() > SHOWN { "…" } else { "" };
    format!("{text:?}{left_out}")
}
