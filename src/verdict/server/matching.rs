//! Emitted events to the blocks that came of them: which block is whose.

use std::ops::Range;

use super::events::Judge;
use super::fields::{has_comment, is_exactly, unasked};
use super::wire::Line;
use crate::case::server::Emitted;

impl Judge<'_> {
    /// Finds what came of each event, and judges what is not there exactly.
    pub fn match_all(&mut self, emitted: &[Emitted]) {
        let (mut at, mut index) = (0, 0);
        while let Some(event) = emitted.get(index) {
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
                index += 1;
                continue;
            }
            // Whatever stands before the next event that did arrive is what became of this one, and of those between.
            let rest = &emitted[index..];
            let later = self.find_one_of(at, rest);
            let (n_missing, end) = later.unwrap_or((rest.len(), self.blocks.len()));
            let missing = &rest[..n_missing];
            if let Some(shares) = self.shares(index, missing, at..end, later.is_none()) {
                for (event, share) in missing.iter().zip(shares) {
                    at = share.end;
                    self.missing(index, event, share, true);
                    index += 1;
                }
                if later.is_none() {
                    return self.lost(index, &emitted[index..], false);
                }
                continue;
            }
            let goes_on = later.is_some() || rest.len() == 1 && at < end;
            let is_silent = self.missing(index, event, at..end, goes_on);
            at = end;
            index += 1;
            if later.is_none() {
                // Nothing that follows can be told apart.
                let after_refusal = is_silent && !event.is_carried();
                self.lost(index, &emitted[index..], after_refusal);
                return;
            }
        }
        self.nobody_asked_for(at..self.blocks.len());
    }

    /// Which blocks are whose, where several events one after another are not there exactly; `index` is the first one's.
    ///
    /// Told only where each that was not refused has data, as many events came (or fewer, where the stream ends), and
    /// nothing looks forged: else one of them may have made another's.
    fn shares(
        &self,
        index: usize,
        events: &[Emitted],
        range: Range<usize>,
        is_end: bool,
    ) -> Option<Vec<Range<usize>>> {
        let is_rejected = |n: usize| self.rejected.contains_key(&(index + n));
        let wanted: Vec<&Emitted> = (0..events.len())
            .filter(|&n| !is_rejected(n))
            .map(|n| &events[n])
            .collect();
        let came: Vec<usize> = (range.clone())
            .filter(|&at| self.blocks[at].is_event())
            .collect();
        let is_as_many =
            came.len() == wanted.len() || is_end && (2..wanted.len()).contains(&came.len());
        let mut lines = self.blocks[range.clone()]
            .iter()
            .flat_map(|block| &block.lines);
        let is_told = events.len() > 1
            && is_as_many
            && wanted.iter().all(|event| event.data.is_some())
            && !lines.any(|line| self.payload.contains(&line.said()));
        if !is_told {
            return None;
        }
        let mut came = came.into_iter();
        let mut at = range.start;
        let mut shares = Vec::new();
        for n in 0..events.len() {
            let end = match is_rejected(n) {
                true => at,
                false => match came.next() {
                    Some(own) => own + 1,
                    None => break,
                },
            };
            shares.push(at..end);
            at = end;
        }
        Some(shares)
    }

    /// How many events there are before the first one, from `at` on, that is there exactly, and where that is; the first
    /// of these events is not there.
    fn find_one_of(&self, at: usize, events: &[Emitted]) -> Option<(usize, usize)> {
        // Thousands of equal events are looked for once.
        let mut missing = events.first()?;
        events.iter().enumerate().skip(1).find_map(|(n, event)| {
            if event == missing {
                return None;
            }
            missing = event;
            self.find(at, event).map(|(start, _)| (n, start))
        })
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
        if !first.is_comment() || !has_comment(&first.lines, comment) {
            return None;
        }
        let rest = Emitted {
            comment: None,
            ..event.clone()
        };
        let second = self.blocks.get(start + 1)?;
        is_exactly(second, &rest).then_some(start + 2)
    }
}
