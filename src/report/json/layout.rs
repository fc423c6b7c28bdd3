//! JSON laid out so that each case, clause and result starts a line: it can be read, compared and searched by line.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// An object inside of so many lists and objects starts a line: a target's results stand in report, targets, target, results.
const LINES_DOWN_TO: usize = 4;

/// Starts a line for each object near the root, and nowhere else.
#[derive(Default)]
pub struct Layout {
    depth: usize,
}

impl Formatter for Layout {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if (1..=LINES_DOWN_TO).contains(&self.depth) {
            out.write_all(b"\n")?;
        }
        self.depth += 1;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        out.write_all(b"}")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        out.write_all(b"]")
    }
}
