//! What an application emitted against what is on the wire, event by event.

use super::wire::{self, Block, Line};
use crate::case::server::{Emitted, is_id, is_line, normalised};
use crate::observation::server::{BodyEnd, Side};
use crate::verdict::{Class, Mismatch};

/// A reader looks at the start of a long value only.
const SHOWN: usize = 60;
/// Whatever some language takes for the end of a line.
const LINE_ENDS: [char; 8] = [
    '\r', '\n', '\u{B}', '\u{C}', '\0', '\u{85}', '\u{2028}', '\u{2029}',
];

/// Compares everything that was emitted with what one client got.
pub fn compare(emitted: &[Emitted], side: &Side, looks_for_added: bool) -> Vec<Mismatch> {
    let (blocks, is_open) = wire::blocks(&side.body);
    let mut judge = Judge {
        side,
        blocks: &blocks,
        is_open,
        payload: emitted
            .iter()
            .flat_map(Emitted::texts)
            .flat_map(payload_lines)
            .collect(),
        looks_for_added,
        mismatches: Vec::new(),
    };
    judge.all(emitted);
    judge.mismatches.sort_by_key(|mismatch| match mismatch {
        Mismatch::Emitted { class, index, .. } => (Some(*class), *index),
        _ => (None, None),
    });
    judge.mismatches.dedup();
    judge.mismatches
}

/// The lines of a text that would stand alone on the wire if its line ends got there.
fn payload_lines(text: &str) -> impl Iterator<Item = &[u8]> {
    text.split(LINE_ENDS)
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(str::as_bytes)
}

struct Judge<'a> {
    side: &'a Side,
    blocks: &'a [Block<'a>],
    /// A block is left over that no blank line ends.
    is_open: bool,
    /// What an injection would look like.
    payload: Vec<&'a [u8]>,
    looks_for_added: bool,
    mismatches: Vec<Mismatch>,
}

impl Judge<'_> {
    fn all(&mut self, emitted: &[Emitted]) {
        let mut at = 0;
        for (index, event) in emitted.iter().enumerate() {
            if let Some((start, end)) = self.find(at, event) {
                self.nobody_asked_for(at..start);
                if self.looks_for_added {
                    let added: Vec<Line<'_>> = self.blocks[start..end]
                        .iter()
                        .flat_map(|block| unasked(block, event))
                        .collect();
                    self.added(&added);
                }
                at = end;
                continue;
            }
            // Whatever stands before the next event that did arrive is what became of this one.
            let later = emitted[index + 1..]
                .iter()
                .find_map(|later| self.find(at, later));
            let end = later.map_or(self.blocks.len(), |(start, _)| start);
            let came: Vec<&Block<'_>> = self.blocks[at..end]
                .iter()
                .filter(|block| !block.is_comment() || event.comment.is_some())
                .collect();
            self.judge(
                index,
                event,
                &came,
                later.is_some() || index + 1 == emitted.len() && at < end,
            );
            at = end;
            if later.is_none() {
                // Nothing that follows can be told apart.
                let after_refusal = came.is_empty() && !event.is_carried();
                self.lost(index + 1, &emitted[index + 1..], after_refusal);
                return;
            }
        }
        self.nobody_asked_for(at..self.blocks.len());
    }

    /// The first run of blocks from `at` on that is this event exactly.
    fn find(&self, at: usize, event: &Emitted) -> Option<(usize, usize)> {
        if !event.is_carried_but_for_comments() {
            return None;
        }
        (at..self.blocks.len())
            .find_map(|start| self.is_event(start, event).map(|end| (start, end)))
    }

    /// Whether the blocks from `start` on are this event, and where it ends.
    ///
    /// A comment may stand in a block of its own before it.
    fn is_event(&self, start: usize, event: &Emitted) -> Option<usize> {
        let first = &self.blocks[start];
        if is_exactly(first, event) {
            return Some(start + 1);
        }
        let comment = event
            .comment
            .as_deref()
            .filter(|_| event.is_heard() || event.event_type.is_some())?;
        if !first.is_comment() || !has_comment(first, comment) {
            return None;
        }
        let rest = Emitted {
            comment: None,
            ..event.clone()
        };
        let second = self.blocks.get(start + 1)?;
        is_exactly(second, &rest).then_some(start + 2)
    }

    /// What became of an event that is not there exactly.
    fn judge(&mut self, index: usize, event: &Emitted, came: &[&Block<'_>], goes_on: bool) {
        let rejected = self.side.rejected.iter().find(|(place, _)| *place == index);
        if came.is_empty() {
            match (rejected, event.is_carried()) {
                (Some(_), false) => (),
                (Some((_, message)), true) => {
                    let message = shown(&message.0);
                    self.say(Class::Refused, index, format!("the implementation refuses it, though the format can carry it: {message}"));
                }
                (None, _) if goes_on && !event.is_heard() && event.comment.is_none() => (),
                (None, true) if goes_on => self.say(
                    Class::Altered,
                    index,
                    "nothing of it is on the wire".to_owned(),
                ),
                (None, false) if goes_on => self.say(
                    Class::Dropped,
                    index,
                    "nothing of it is on the wire, and nobody was told".to_owned(),
                ),
                (None, is_carried) => self.broken(index, is_carried),
            }
            return;
        }
        let lines: Vec<Line<'_>> = came
            .iter()
            .flat_map(|block| &block.lines)
            .copied()
            .collect();
        self.injected(index, event, &lines, came);
        self.fields(index, event, came, &lines);
        if self.looks_for_added {
            let added: Vec<Line<'_>> = came
                .iter()
                .flat_map(|block| unasked(block, event))
                .collect();
            self.added(&added);
        }
    }

    /// Nothing came of an event, nor of anything after it.
    fn broken(&mut self, index: usize, is_carried: bool) {
        let class = match (&self.side.end, is_carried) {
            (_, true) => Class::Altered,
            (BodyEnd::Complete | BodyEnd::Closed, _) => Class::EndedAsComplete,
            (BodyEnd::Cut(_) | BodyEnd::Fault(_), _) => Class::StreamCut,
            (BodyEnd::Open | BodyEnd::Left, _) => Class::Dropped,
        };
        let how = match &self.side.end {
            BodyEnd::Complete => "the stream ends as if it were complete".to_owned(),
            BodyEnd::Closed => {
                "the connection ends, which is all that tells the end here".to_owned()
            }
            BodyEnd::Cut(how) | BodyEnd::Fault(how) => format!("the stream breaks off: {how}"),
            BodyEnd::Open | BodyEnd::Left => "nothing more comes".to_owned(),
        };
        let what = if self.is_open {
            "the last block has no blank line after it"
        } else {
            "nothing of it is on the wire"
        };
        self.say(class, index, format!("{what}, and {how}"));
    }

    /// Events after one of which nothing can be said any more.
    fn lost(&mut self, first: usize, events: &[Emitted], after_refusal: bool) {
        let n_lost = events.iter().filter(|event| event.is_heard()).count();
        let is_told = self.mismatches.iter().any(|mismatch| {
            matches!(
                mismatch,
                Mismatch::Emitted {
                    class: Class::StreamCut
                        | Class::EndedAsComplete
                        | Class::Altered
                        | Class::Dropped,
                    ..
                }
            )
        });
        if n_lost > 0 && !is_told {
            self.broken(first, !after_refusal);
        }
    }

    /// Blocks that are no event's.
    fn nobody_asked_for(&mut self, range: std::ops::Range<usize>) {
        for block in &self.blocks[range] {
            let derived = block
                .lines
                .iter()
                .any(|line| self.payload.contains(&line.raw));
            if block.is_event() {
                let data = shown(&block.data());
                self.mismatches.push(Mismatch::Emitted {
                    class: Class::Injected,
                    index: None,
                    sentence: format!("an event nobody asked for is on the wire, with data {data}"),
                });
            } else if derived {
                for line in block
                    .lines
                    .iter()
                    .filter(|line| self.payload.contains(&line.raw))
                {
                    self.mismatches.push(injection(None, line));
                }
            } else if self.looks_for_added && !block.is_comment() {
                self.added(&block.lines.clone());
            }
        }
    }

    /// Lines and events that come from inside a value.
    fn injected(&mut self, index: usize, event: &Emitted, lines: &[Line<'_>], came: &[&Block<'_>]) {
        let data = event.data.as_deref().map(normalised).unwrap_or_default();
        let comments: Vec<&str> = event
            .comment
            .as_deref()
            .map(comment_lines)
            .unwrap_or_default();
        for line in lines {
            let is_asked = match line.name {
                Some(b"data") => data
                    .split('\n')
                    .any(|expected| expected.as_bytes() == line.value),
                Some(b"event") => event
                    .event_type
                    .as_deref()
                    .is_some_and(|name| starts(name, line.value)),
                Some(b"id") => event.id.as_deref().is_some_and(|id| starts(id, line.value)),
                Some(b"retry") => event.retry.is_some() && !self.payload.contains(&line.raw),
                Some(_) => false,
                None => comments
                    .iter()
                    .any(|comment| comment.as_bytes() == line.value),
            };
            if !is_asked && self.payload.contains(&line.raw) {
                self.mismatches.push(injection(Some(index), line));
            }
        }
        // A type, an id or a time before the event's own block: whatever ended that block stood inside of a value.
        let n_blocks = came.iter().filter(|block| !block.is_comment()).count();
        let one_line = [&event.event_type, &event.id, &event.comment];
        let has_line_end = one_line.into_iter().flatten().any(|text| !is_line(text));
        if n_blocks > 1 && has_line_end && !self.mismatches.iter().any(Mismatch::is_injection) {
            self.say(
                Class::Injected,
                index,
                "a blank line made by a line end inside a value cuts it in two".to_owned(),
            );
        }
        let n_events = came.iter().filter(|block| block.is_event()).count();
        if n_events > usize::from(event.data.is_some()) {
            let extra = came
                .iter()
                .filter(|block| block.is_event())
                .nth(usize::from(event.data.is_some()));
            let data = extra.map(|block| shown(&block.data())).unwrap_or_default();
            self.say(
                Class::Injected,
                index,
                format!("it makes an event that nobody asked for, with data {data}"),
            );
        }
    }

    /// Each field that was emitted, against what came.
    fn fields(&mut self, index: usize, event: &Emitted, came: &[&Block<'_>], lines: &[Line<'_>]) {
        let values = |name: &'static [u8]| {
            lines
                .iter()
                .filter(move |line| line.name == Some(name))
                .map(|line| line.value)
                .collect::<Vec<_>>()
        };
        if let Some(data) = &event.data {
            let first = came.iter().find(|block| block.is_event());
            let expected = normalised(data);
            match first.map(|block| block.data()) {
                Some(data) if data == expected.as_bytes() => (),
                Some(data) => self.altered(index, "data", expected.as_bytes(), &data),
                None => self.say(
                    Class::Altered,
                    index,
                    "its data is not on the wire".to_owned(),
                ),
            }
        }
        if let Some(expected) = &event.event_type {
            let values = values(b"event");
            let got = values.last().copied().unwrap_or(b"");
            let is_default = |name: &[u8]| name.is_empty() || name == b"message";
            let is_same =
                got == expected.as_bytes() || is_default(got) && is_default(expected.as_bytes());
            self.line(
                index,
                "event type",
                expected,
                is_line(expected),
                got,
                is_same,
            );
        }
        if let Some(expected) = &event.id {
            let values = values(b"id");
            let got = values.last().copied();
            if got.is_some_and(|id| id.contains(&0)) {
                self.say(
                    Class::Altered,
                    index,
                    "an id with NUL is written as it is, and clients ignore it".to_owned(),
                );
            } else {
                let is_same = got == Some(expected.as_bytes());
                self.line(
                    index,
                    "id",
                    expected,
                    is_id(expected),
                    got.unwrap_or_default(),
                    is_same,
                );
            }
        }
        if let Some(expected) = &event.retry {
            let values = values(b"retry");
            let got = values.last().copied();
            let is_time = |value: &[u8]| !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            match (got, expected.digits()) {
                (Some(got), Some(digits)) if got == digits.as_bytes() => (),
                (Some(got), _) if !is_time(got) => {
                    let got = shown(got);
                    self.say(
                        Class::Altered,
                        index,
                        format!("retry {got} is written, which clients ignore"),
                    );
                }
                (got, Some(digits)) => {
                    self.altered(index, "retry", digits.as_bytes(), got.unwrap_or_default())
                }
                (got, None) => {
                    let became = got.map_or("was left out".to_owned(), |got| {
                        format!("became {}", shown(got))
                    });
                    self.say(
                        Class::Sanitised,
                        index,
                        format!("a retry that is no time {became}"),
                    );
                }
            }
        }
        if let Some(comment) = &event.comment {
            let got: Vec<&[u8]> = lines
                .iter()
                .filter(|line| line.name.is_none())
                .map(|line| line.value)
                .collect();
            let expected = comment_lines(comment);
            let is_there = expected.iter().all(|line| got.contains(&line.as_bytes()));
            let got = got.join(&b'\n');
            self.line(index, "comment", comment, is_line(comment), &got, is_there);
        }
    }

    /// A value that stands in one line.
    fn line(
        &mut self,
        index: usize,
        field: &str,
        expected: &str,
        is_carried: bool,
        got: &[u8],
        is_same: bool,
    ) {
        if is_same {
            return;
        }
        if is_carried {
            return self.altered(index, field, expected.as_bytes(), got);
        }
        let became = if got.is_empty() {
            "was left out".to_owned()
        } else {
            format!("became {}", shown(got))
        };
        self.say(
            Class::Sanitised,
            index,
            format!("its {field}, which the format cannot carry, {became}"),
        );
    }

    fn altered(&mut self, index: usize, field: &str, expected: &[u8], got: &[u8]) {
        let n_same = expected
            .iter()
            .zip(got)
            .take_while(|(one, other)| one == other)
            .count();
        // What differs first lies far behind the start of a long value.
        let from = n_same.saturating_sub(10);
        let place = if from > 0 {
            format!(" from byte {from} on")
        } else {
            String::new()
        };
        let (expected, got) = (shown(&expected[from..]), shown(&got[from.min(got.len())..]));
        self.say(
            Class::Altered,
            index,
            format!("its {field} arrived as {got}{place}, and was emitted as {expected}"),
        );
    }

    fn added(&mut self, lines: &[Line<'_>]) {
        for line in lines
            .iter()
            .filter(|line| !self.payload.contains(&line.raw))
        {
            let sentence = format!("the line {} is the implementation's own", shown(line.raw));
            let mismatch = Mismatch::Emitted {
                class: Class::Added,
                index: None,
                sentence,
            };
            if !self.mismatches.contains(&mismatch) {
                self.mismatches.push(mismatch);
            }
        }
    }

    fn say(&mut self, class: Class, index: usize, sentence: String) {
        self.mismatches.push(Mismatch::Emitted {
            class,
            index: Some(index),
            sentence,
        });
    }
}

fn injection(index: Option<usize>, line: &Line<'_>) -> Mismatch {
    let what = match line.name {
        Some(_) => "field",
        None => "comment",
    };
    let line = shown(line.raw);
    Mismatch::Emitted {
        class: Class::Injected,
        index,
        sentence: format!(
            "the {what} {line} stood inside a value, and is a line of its own on the wire"
        ),
    }
}

/// A block that is this event and nothing that a client could tell from it.
fn is_exactly(block: &Block<'_>, event: &Emitted) -> bool {
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
        (Some(digits), (Some(got), None)) => digits.is_some_and(|digits| got == digits.as_bytes()),
        (None, (_, None)) => true,
        _ => false,
    };
    let comment = event
        .comment
        .as_deref()
        .is_none_or(|comment| has_comment(block, comment));
    let is_known = |line: &Line<'_>| {
        matches!(
            line.name,
            None | Some(b"data" | b"event" | b"id" | b"retry")
        )
    };
    data && event_type && id && retry && comment && block.lines.iter().all(is_known)
}

/// The lines of a block that an event did not ask for.
fn unasked<'a>(block: &Block<'a>, event: &Emitted) -> Vec<Line<'a>> {
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

fn has_comment(block: &Block<'_>, comment: &str) -> bool {
    let got: Vec<&[u8]> = block
        .lines
        .iter()
        .filter(|line| line.name.is_none())
        .map(|line| line.value)
        .collect();
    let wanted = comment_lines(comment);
    wanted.iter().all(|line| got.contains(&line.as_bytes()))
}

/// A comment as it stands on the wire: each line by itself, less the one space that may stand before it.
fn comment_lines(comment: &str) -> Vec<&str> {
    let lines = comment
        .split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect()
}

/// A line's value is the start of a text, up to a line end in it.
fn starts(text: &str, value: &[u8]) -> bool {
    let first = text.split(LINE_ENDS).next().unwrap_or_default();
    value == first.as_bytes() || text.as_bytes() == value
}

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let left_out = if bytes.len() > SHOWN { "…" } else { "" };
    format!("{text:?}{left_out}")
}
