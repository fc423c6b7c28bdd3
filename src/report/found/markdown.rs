//! Findings to Markdown: a table for each target, and below it each finding in full.

use std::io;

use super::{Findings, Searched, shown, terminal};
use crate::report::markdown::inline;
use crate::report::terminal::level;

/// A sentence on a deviation is seldom longer, a name never.
const WIDTH: usize = 400;
/// A stream that is longer shows its beginning.
const STREAM_WIDTH: usize = 160;
/// Both sides of a comparison, in columns.
const COMPARISON_WIDTH: usize = 96;

/// Writes the document.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, findings: &Findings) -> io::Result<()> {
    write_heading(out, findings)?;
    for target in &findings.targets {
        write_table(out, findings, target)?;
        for finding in &target.findings {
            writeln!(out, "\n### {}\n", inline::code(&finding.heading(), WIDTH))?;
            if let Some(warning) = finding.warning() {
                writeln!(out, "> **{warning}**\n")?;
            }
            let lines = shown::lines(findings, target, finding, COMPARISON_WIDTH);
            let lines: Vec<String> = lines
                .iter()
                .filter(|line| line.label != "warning")
                .map(|line| line.to_string().trim_end().to_owned())
                .collect();
            write!(out, "{}", inline::fenced(&lines))?;
        }
    }
    Ok(())
}

/// Writes the tables alone.
///
/// # Errors
///
/// What `out` gives.
pub fn write_tables(out: &mut dyn io::Write, findings: &Findings) -> io::Result<()> {
    write_heading(out, findings)?;
    for target in &findings.targets {
        write_table(out, findings, target)?;
    }
    Ok(())
}

fn write_heading(out: &mut dyn io::Write, findings: &Findings) -> io::Result<()> {
    writeln!(
        out,
        "# Findings\n\n{}, by ssespec {}.",
        terminal::total(findings),
        inline::code(&findings.version, 40)
    )
}

fn write_table(out: &mut dyn io::Write, findings: &Findings, target: &Searched) -> io::Result<()> {
    writeln!(
        out,
        "\n## {} {}\n",
        inline::code(&target.name, WIDTH),
        inline::code(&target.about(), WIDTH)
    )?;
    for sentence in terminal::sentences(target) {
        writeln!(out, "- {}", inline::code(&sentence, WIDTH))?;
    }
    if target.findings.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| finding | what | clause | stream | seen by |\n|---|---|---|---|---|"
    )?;
    for finding in &target.findings {
        writeln!(
            out,
            "| {} | {} | {} ({}) | {} | {} |",
            inline::code(&finding.heading(), WIDTH),
            inline::code(&finding.sentence, WIDTH),
            inline::code(&finding.clause, 80),
            level(findings.level(finding)),
            inline::code(&shown::given(finding, STREAM_WIDTH), STREAM_WIDTH),
            inline::code(&finding.seen_by.join(", "), WIDTH),
        )?;
    }
    Ok(())
}
