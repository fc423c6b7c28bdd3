//! A diagnosis to text for a terminal.

use std::io;

use owo_colors::OwoColorize;

use super::{Diagnosis, Example};
use crate::report::escape;
use crate::report::terminal::comparison;
use crate::verdict::danger;

/// Writes a diagnosis, with colours: the caller's stream strips them where they do not belong.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, diagnosis: &Diagnosis, width: usize) -> io::Result<()> {
    let title = format!("{} {}", diagnosis.target, diagnosis.version);
    writeln!(out, "\n{}", escape::prose(title.trim()).bold())?;
    for quirk in &diagnosis.quirks {
        writeln!(out, "\n  {}", quirk.name.bold())?;
        writeln!(out, "    {}", quirk.sentence)?;
        writeln!(out, "    clause  {}", quirk.clause)?;
        if let Some(example) = &quirk.example {
            write_example(out, example, width)?;
        }
        for (name, sentence) in &quirk.alternatives {
            writeln!(
                out,
                "    or      {name}: {sentence} (this target does not show which)"
            )?;
        }
    }
    for undecided in &diagnosis.undecided {
        let [a, b] = &undecided.names;
        let stream = escape::delivery(&undecided.delivery, 2 * width);
        writeln!(
            out,
            "\n  undecided: {a} or {b}; neither does as the target on {stream}"
        )?;
    }
    for example in &diagnosis.remaining {
        writeln!(out, "\n  {}", escape::prose(&example.title).bold())?;
        write_example(out, example, width)?;
    }
    for growth in &diagnosis.growth {
        writeln!(out, "\n  {}", escape::prose(&growth.title).bold())?;
        writeln!(out, "    {}", danger::WARNING.red())?;
        writeln!(out, "    {}", escape::prose(&growth.sentence))?;
    }
    writeln!(out, "\n  {}", diagnosis.share())
}

fn write_example(out: &mut dyn io::Write, example: &Example, width: usize) -> io::Result<()> {
    if let Some(warning) = example.warning() {
        writeln!(out, "    {}", warning.red())?;
    }
    let stream = escape::stream(&example.failing.delivery, 3 * width);
    writeln!(out, "    stream  {stream}")?;
    for row in comparison::side_by_side(&example.case.answers[0], &example.failing, width - 4) {
        if row.differs {
            writeln!(out, "    {}", row.text.red())?;
        } else {
            writeln!(out, "    {}", row.text)?;
        }
    }
    Ok(())
}
