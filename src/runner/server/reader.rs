//! The bytes of a body to what has been seen of it so far: how many events, whether the last one, how many lines since.

use crate::case::server::SENTINEL;
use crate::event_stream::decode::ByteOrderMark;
use crate::event_stream::interpreter::{Interpreter, Step};
use crate::event_stream::lines::{Line, Lines};

/// Reads along. No judgement: that is made of the whole body later.
#[derive(Debug, Default)]
pub struct Reader {
    byte_order_mark: ByteOrderMark,
    lines: Lines,
    interpreter: Interpreter,
    /// How many events a client has by now.
    pub n_events: usize,
    /// The event that ends a case is among them.
    pub has_sentinel: bool,
    /// How many lines that are not blank came after the last event.
    n_lines: usize,
}

impl Reader {
    /// Reads on.
    pub fn read(&mut self, mut bytes: &[u8]) {
        let held_back = self.byte_order_mark.strip(&mut bytes);
        self.lines.hold(held_back);
        while let Some(line) = self.lines.next_line(&mut bytes) {
            let Line::Whole(line) = line else { continue };
            self.n_lines += usize::from(!line.is_empty());
            if self.interpreter.interpret(line) == Step::Dispatch {
                self.n_events += 1;
                self.n_lines = 0;
                self.has_sentinel |= self.interpreter.dispatched().data == SENTINEL;
            }
        }
    }

    /// How many lines came after so many events; none before that.
    pub fn n_lines_after(&self, n_events: usize) -> usize {
        if self.n_events >= n_events {
            self.n_lines
        } else {
            0
        }
    }
}
