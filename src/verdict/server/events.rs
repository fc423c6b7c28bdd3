//! What an application emitted against what is on the wire, event by event.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::fields::{LINE_ENDS, comment_lines, is_comment_line, is_start, shown, unasked};
use super::wire::{self, Block, Line, Said};
use crate::case::server::{Emitted, is_line, normalised};
use crate::observation::Text;
use crate::observation::server::{BodyEnd, Side};
use crate::verdict::{Class, Mismatch};

/// A server that forges thousands of lines does not fill a report.
const MAX_MISMATCHES: usize = 50;

/// Compares everything that was emitted with what one client got.
pub fn compare(emitted: &[Emitted], side: &Side, looks_for_added: bool) -> Vec<Mismatch> {
    let (blocks, is_open) = wire::blocks(&side.body);
    let mut judge = Judge {
        side,
        rejected: side
            .rejected
            .iter()
            .map(|(index, said)| (*index, said))
            .collect(),
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
    judge.match_all(emitted);
    judge.mismatches.sort_by_key(|mismatch| match mismatch {
        Mismatch::Emitted { class, index, .. } => (Some(*class), *index),
        _ => (None, None),
    });
    judge.mismatches.dedup();
    judge.mismatches.truncate(MAX_MISMATCHES);
    judge.mismatches
}

/// What would stand on the wire, as lines of their own, if a text's line ends got there.
fn payload_lines(text: &str) -> impl Iterator<Item = Said<'_>> {
    let lines = text.split(LINE_ENDS).skip(1);
    let lines = lines.filter(|line| !line.is_empty());
    lines.filter_map(|line| Some(Line::of(line.as_bytes())?.said()))
}

/// The comparison of one body.
pub struct Judge<'a> {
    side: &'a Side,
    /// What the implementation said to its caller of the events that it refused.
    pub(super) rejected: HashMap<usize, &'a Text>,
    pub(super) blocks: &'a [Block<'a>],
    /// A block is left over that no blank line ends.
    is_open: bool,
    /// What an injection would look like.
    pub(super) payload: HashSet<Said<'a>>,
    pub(super) looks_for_added: bool,
    mismatches: Vec<Mismatch>,
}

impl Judge<'_> {
    /// Judges an event that is not there exactly by the blocks among which its own are. Returns whether it has none.
    pub(super) fn missing(
        &mut self,
        index: usize,
        event: &Emitted,
        range: Range<usize>,
        goes_on: bool,
    ) -> bool {
        // A block that the server sends of its own accord, before or in place of this event, is not this event's.
        let first = self.first_of(event, range.clone()).unwrap_or(range.end);
        self.nobody_asked_for(range.start..first);
        let came: Vec<&Block<'_>> = self.blocks[first..range.end]
            .iter()
            .filter(|block| !block.is_comment() || event.comment.is_some())
            .collect();
        self.judge(index, event, &came, goes_on);
        came.is_empty()
    }

    /// What became of an event that is not there exactly.
    fn judge(&mut self, index: usize, event: &Emitted, came: &[&Block<'_>], goes_on: bool) {
        if came.is_empty() {
            match (self.rejected.get(&index), event.is_carried()) {
                (Some(_), false) => (),
                (Some(message), true) => {
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
        self.unknown(&lines);
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
    pub(super) fn lost(&mut self, first: usize, events: &[Emitted], after_refusal: bool) {
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
    pub(super) fn nobody_asked_for(&mut self, range: Range<usize>) {
        for block in &self.blocks[range] {
            let derived = block
                .lines
                .iter()
                .any(|line| self.payload.contains(&line.said()));
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
                    .filter(|line| self.payload.contains(&line.said()))
                {
                    self.mismatches.push(injection(None, line));
                }
            } else if self.looks_for_added && !block.is_comment() {
                self.added(&block.lines);
            } else {
                self.unknown(&block.lines);
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
                Some(b"event") => is_start(event.event_type.as_deref(), line.value),
                Some(b"id") => is_start(event.id.as_deref(), line.value),
                Some(b"retry") => event.retry.as_ref().is_some_and(|retry| {
                    let digits = retry.digits();
                    digits.is_some_and(|digits| digits.as_bytes() == line.value)
                        || !self.payload.contains(&line.said())
                }),
                Some(_) => false,
                None => comments
                    .iter()
                    .any(|comment| is_comment_line(line.value, comment)),
            };
            if !is_asked && self.payload.contains(&line.said()) {
                self.mismatches.push(injection(Some(index), line));
            }
        }
        // Whatever ended the block of a type or an id before the event's data stood inside of that value.
        let is_cut_off = |block: &&Block<'_>| {
            let is_asked = |line: &Line<'_>| match line.name {
                Some(b"event") => is_start(event.event_type.as_deref(), line.value),
                Some(b"id") => is_start(event.id.as_deref(), line.value),
                _ => false,
            };
            !block.is_event() && block.lines.iter().any(is_asked)
        };
        let one_line = [&event.event_type, &event.id];
        let has_line_end = one_line.into_iter().flatten().any(|text| !is_line(text));
        if event.data.is_some()
            && has_line_end
            && came.iter().copied().any(|block| is_cut_off(&block))
            && !self.is_injected(index)
        {
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

    /// A field that no client knows, whoever it is of.
    fn unknown(&mut self, lines: &[Line<'_>]) {
        let unknown = lines.iter().filter(|line| !line.is_known());
        self.added(&unknown.copied().collect::<Vec<_>>());
    }

    pub(super) fn added(&mut self, lines: &[Line<'_>]) {
        for line in lines
            .iter()
            .filter(|line| !self.payload.contains(&line.said()))
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

    /// An injection by this event is known.
    pub fn is_injected(&self, event: usize) -> bool {
        self.mismatches.iter().any(|mismatch| {
            mismatch.is_injection()
                && matches!(mismatch, Mismatch::Emitted { index, .. } if *index == Some(event))
        })
    }

    /// Notes what became of an event.
    pub fn say(&mut self, class: Class, index: usize, sentence: String) {
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

#[cfg(test)]
mod tests;
