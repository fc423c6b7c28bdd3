//! Blocks of a server's own, told from what became of an event.

use std::ops::Range;

use super::events::Judge;
use super::fields::{comment_lines, is_comment_line, is_start};
use super::wire::Line;
use crate::case::server::{Emitted, Retry};

impl Judge<'_> {
    /// The first block that something of an event stands in, if it is not there exactly.
    ///
    /// One that shows a value of it counts before one that only has a field of the same name.
    pub fn first_of(&self, event: &Emitted, mut range: Range<usize>) -> Option<usize> {
        let comments = event.comment.as_deref().map(comment_lines);
        let comments = comments.unwrap_or_default();
        let retry = event.retry.as_ref().map(Retry::text);
        let shows = |line: &Line<'_>| {
            self.payload.contains(&line.said())
                || match line.name {
                    Some(b"event") => is_start(event.event_type.as_deref(), line.value),
                    Some(b"id") => is_start(event.id.as_deref(), line.value),
                    Some(b"retry") => retry
                        .as_ref()
                        .is_some_and(|text| text.as_bytes() == line.value),
                    None => comments
                        .iter()
                        .any(|comment| is_comment_line(line.value, comment)),
                    Some(_) => false,
                }
        };
        let has_field = |line: &Line<'_>| match line.name {
            Some(b"event") => event.event_type.is_some(),
            Some(b"id") => event.id.is_some(),
            Some(b"retry") => event.retry.is_some(),
            None => event.comment.is_some(),
            Some(_) => false,
        };
        let is_shown = |&at: &usize| {
            let block = &self.blocks[at];
            event.data.is_some() && block.is_event() || block.lines.iter().any(shows)
        };
        let shown = range.clone().find(is_shown);
        shown.or_else(|| range.find(|&at| self.blocks[at].lines.iter().any(has_field)))
    }
}
