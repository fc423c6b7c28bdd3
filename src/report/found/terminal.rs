//! Findings to text for a terminal.

use std::io;

use owo_colors::OwoColorize;

use super::{Findings, Searched, shown};
use crate::report::escape;
use crate::report::terminal::plural;

/// Writes all findings, with colours: the caller's stream strips them where they do not belong.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, findings: &Findings, width: usize) -> io::Result<()> {
    for target in &findings.targets {
        let title = format!("{}: {}", target.name, target.about());
        writeln!(out, "{}", escape::prose(&title).bold())?;
        for sentence in sentences(target) {
            writeln!(out, "  {sentence}")?;
        }
        for finding in &target.findings {
            writeln!(
                out,
                "\n  {}",
                escape::prose(&finding.heading()).red().bold()
            )?;
            for line in shown::lines(findings, target, finding, width.saturating_sub(4)) {
                if line.differs {
                    writeln!(out, "    {}", line.to_string().red())?;
                } else {
                    writeln!(out, "    {line}")?;
                }
            }
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", total(findings))
}

/// What the searches in a target came to, visible.
pub fn sentences(target: &Searched) -> Vec<String> {
    let mut sentences = vec![target.share()];
    for search in &target.searches {
        let mut parts = vec![format!(
            "{}: {} streams with seed {} in {:.1} s",
            search.by,
            escape::count(search.n_streams),
            search.seed,
            search.seconds
        )];
        if search.n_unread > 0 {
            parts.push(format!(
                "{} could not be asked",
                escape::count(search.n_unread)
            ));
        }
        parts.extend(search.not_looked_for.iter().cloned());
        if let Some(trouble) = &search.trouble {
            parts.push(format!("ended early: {trouble}"));
        }
        sentences.push(escape::prose(&parts.join("; ")));
    }
    sentences
}

/// How many findings there are, and how many of them are new.
pub fn total(findings: &Findings) -> String {
    let n_all: usize = findings
        .targets
        .iter()
        .map(|target| target.findings.len())
        .sum();
    format!(
        "{} in {}, {} of them new",
        plural(n_all, "finding"),
        plural(findings.targets.len(), "target"),
        escape::count(findings.n_new())
    )
}
