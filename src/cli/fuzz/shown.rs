//! Findings and tallies to lines for a terminal, while a search goes on.

use std::io::Write;
use std::path::PathBuf;

use owo_colors::OwoColorize;

use crate::cli::{count, width};
use crate::fuzz::case_file::{Finding, Question, Standing};
use crate::fuzz::case_text;
use crate::report::terminal::plural;
use crate::report::{command, escape};
use crate::runner::fuzzing::Tally;

/// Writes a finding as soon as it is there.
///
/// # Errors
///
/// What `out` gives.
pub fn write_finding(
    finding: &Finding,
    path: Option<&PathBuf>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let standing = match finding.standing {
        Standing::Stable => String::new(),
        other => format!(" ({})", other.words()),
    };
    let title = format!("{}: {}{standing}", finding.target, finding.fingerprint);
    writeln!(out, "\n{}", escape::prose(&title).red().bold())?;
    if let Some(warning) = finding.warning() {
        writeln!(out, "  {warning}")?;
    }
    writeln!(out, "  what    {}", escape::prose(&finding.sentence))?;
    writeln!(out, "  clause  {}", finding.clause)?;
    if let Question::Server(emitted) = &finding.question {
        let emitted = case_text::emitted(emitted);
        writeln!(out, "  emitted {}", escape::prose(&emitted.join("; ")))?;
    }
    writeln!(
        out,
        "  stream  {}",
        escape::delivery(&finding.delivery, 3 * width())
    )?;
    let n_before = finding.history.len() + finding.emitted_before.len();
    if n_before > 0 {
        let others = plural(n_before, "other stream");
        writeln!(out, "  after   {others} in the same process")?;
    }
    if let Some(path) = path {
        let path = path.display().to_string();
        writeln!(out, "  saved   {}", escape::prose(&path))?;
        let words = command::target_words(&finding.asked_as, "");
        writeln!(
            out,
            "  replay  ssespec fuzz --replay {} {words}",
            command::shell_word(&path)
        )?;
    }
    Ok(())
}

/// Writes what became of a target.
///
/// # Errors
///
/// What `out` gives.
pub fn write_tally(name: &str, tally: &Tally, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "\n{}: {} streams, {} deviate, {} of these as known quirks do",
        escape::prose(name),
        count(tally.n_streams),
        count(tally.n_deviating),
        count(tally.n_explained)
    )?;
    for (quirk, n) in &tally.exercised {
        writeln!(out, "  {quirk:<44} {:>9}", count(*n))?;
    }
    for sentence in &tally.not_looked_for {
        writeln!(out, "  {sentence}")?;
    }
    if let Some(sentence) = &tally.unread {
        let n_unread = count(tally.n_unread);
        writeln!(
            out,
            "  {n_unread} streams could not be asked; the last: {}",
            escape::prose(sentence)
        )?;
    }
    Ok(())
}
