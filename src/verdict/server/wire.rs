//! A body to its blocks: what stands between blank lines, field by field, whether or not a client would make an event of it.

use crate::event_stream::Parser;
use crate::event_stream::interpreter;
use crate::event_stream::lines::{self, Lines};

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What stands between two blank lines.
#[derive(Debug, Default)]
pub struct Block<'a> {
    /// Its lines, in order; never empty.
    pub lines: Vec<Line<'a>>,
}

/// A line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Without its end.
    pub raw: &'a [u8],
    /// The field's name; none for a comment.
    pub name: Option<&'a [u8]>,
    /// The value, less the one space that may stand before it.
    pub value: &'a [u8],
}

/// What a line says, however it is spaced: the field's name, none for a comment, and the value.
pub type Said<'a> = (Option<&'a [u8]>, &'a [u8]);

impl<'a> Line<'a> {
    /// A line by itself; nothing for a blank one.
    pub fn of(raw: &'a [u8]) -> Option<Self> {
        let (name, value) = match interpreter::Line::of(raw) {
            interpreter::Line::Blank => return None,
            interpreter::Line::Comment(value) => (None, value.strip_prefix(b" ").unwrap_or(value)),
            interpreter::Line::Field { name, value } => (Some(name), value),
        };
        Some(Self { raw, name, value })
    }

    /// What it says.
    pub fn said(&self) -> Said<'a> {
        (self.name, self.value)
    }

    /// A comment, or a field that the standard knows.
    pub fn is_known(&self) -> bool {
        matches!(
            self.name,
            None | Some(b"data" | b"event" | b"id" | b"retry")
        )
    }
}

/// The blocks of a body that a blank line ends, and whether one is left over that none ends.
pub fn blocks(body: &[u8]) -> (Vec<Block<'_>>, bool) {
    let mut rest = body.strip_prefix(MARK).unwrap_or(body);
    let mut lines = Lines::default();
    let mut blocks = Vec::new();
    let mut block = Block::default();
    // The reader lends a line of its buffer, so where it stands in the body is counted.
    while let Some(lines::Line::Whole(found)) = lines.next_line(&mut rest) {
        let length = found.len();
        let after = body.len() - rest.len();
        let raw = line_before(body, after, length);
        match Line::of(raw) {
            Some(line) => block.lines.push(line),
            None if block.lines.is_empty() => (),
            None => blocks.push(std::mem::take(&mut block)),
        }
    }
    let is_open = !block.lines.is_empty() || !ends_a_line(body);
    (blocks, is_open)
}

/// The line of this length whose end lies right before `after`.
fn line_before(body: &[u8], after: usize, length: usize) -> &[u8] {
    let end_length = if body[..after].ends_with(b"\r\n") {
        2
    } else {
        1
    };
    let end = after - end_length;
    &body[end - length..end]
}

fn ends_a_line(body: &[u8]) -> bool {
    let body = body.strip_prefix(MARK).unwrap_or(body);
    matches!(body.last(), None | Some(b'\n' | b'\r'))
}

/// The events that a client makes of a body: type, data, last event ID.
pub fn events(body: &[u8]) -> Vec<crate::event_stream::OwnedEvent> {
    Parser::new().feed(body)
}

impl<'a> Block<'a> {
    /// The values of a field, in order.
    pub fn values(&self, name: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
        let of_name = self
            .lines
            .iter()
            .filter(move |line| line.name == Some(name));
        of_name.map(|line| line.value)
    }

    /// A client makes an event of it.
    pub fn is_event(&self) -> bool {
        self.values(b"data").next().is_some()
    }

    /// It holds comments and nothing else.
    pub fn is_comment(&self) -> bool {
        self.lines.iter().all(|line| line.name.is_none())
    }

    /// Its data lines, joined.
    pub fn data(&self) -> Vec<u8> {
        self.values(b"data").collect::<Vec<_>>().join(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[&[&str]], is_open: bool) {
        let (blocks, open) = blocks(body.as_bytes());
        let raw: Vec<Vec<&str>> = blocks
            .iter()
            .map(|block| {
                block
                    .lines
                    .iter()
                    .map(|line| std::str::from_utf8(line.raw).expect("text"))
                    .collect()
            })
            .collect();
        assert_eq!(raw, expected, "{body:?}");
        assert_eq!(open, is_open, "{body:?}");
    }

    #[test]
    fn blocks_stand_between_blank_lines() {
        check("", &[], false);
        check("\n\n", &[], false);
        check("data: a\n\n:c\n\n", &[&["data: a"], &[":c"]], false);
        check(
            "data: a\r\n\r\nb\r\rc\n\n",
            &[&["data: a"], &["b"], &["c"]],
            false,
        );
        check("\u{FEFF}data: a\n\ndata: b\n", &[&["data: a"]], true);
        check("data: a\n\ndata: b", &[&["data: a"]], true);
        check("data: a\r\n", &[], true);
    }
}
