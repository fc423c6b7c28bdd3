//! Deviations that no baseline covers, grouped by quirk or clause, with one smallest example each.

use std::io;

use owo_colors::OwoColorize;

use super::{N_GROUPS, N_LISTED, Options, plural};
use crate::clause::Level;
use crate::report::group::{self, Group};
use crate::report::{CaseResult, Report, TargetReport, escape, example};

/// Writes the groups, the most binding and largest first.
pub fn write(
    out: &mut dyn io::Write,
    report: &Report,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let groups = group::deviations(target);
    let n_shown = if options.show_all {
        groups.len()
    } else {
        N_GROUPS.min(groups.len())
    };
    for (index, group) in groups[..n_shown].iter().enumerate() {
        writeln!(out)?;
        write_group(out, report, index + 1, group, target, options)?;
    }
    match groups.len() - n_shown {
        0 => Ok(()),
        n => writeln!(out, "\n  ... and {} (--show all)", plural(n, "more group")),
    }
}

fn write_group(
    out: &mut dyn io::Write,
    report: &Report,
    number: usize,
    group: &Group<'_>,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let n_cases = plural(group.results.len(), "case");
    let title = escape::shortened(&group.title, options.width - 35);
    match group.level {
        Level::Must => write!(out, "  {}", format!("FAIL {number}").red().bold())?,
        Level::Should => write!(out, "  {}", format!("WARN {number}").yellow().bold())?,
        Level::May | Level::Open => write!(out, "  RECORDED {number}")?,
    }
    writeln!(out, "  {} ({n_cases})", title.bold())?;
    if let Some(sentence) = group.sentence {
        writeln!(
            out,
            "    {}",
            escape::shortened(sentence, options.width - 4)
        )?;
    }
    for line in example::lines(report, target, group.results[0], options.width - 4) {
        if line.differs {
            writeln!(out, "    {}", line.to_string().red())?;
        } else {
            writeln!(out, "    {line}")?;
        }
    }
    write_others(out, &group.results[1..], options)
}

fn write_others(
    out: &mut dyn io::Write,
    others: &[&CaseResult],
    options: &Options,
) -> io::Result<()> {
    let n_listed = if options.show_all {
        others.len()
    } else {
        N_LISTED.min(others.len())
    };
    for (index, other) in others[..n_listed].iter().enumerate() {
        let label = if index == 0 { "also" } else { "" };
        writeln!(
            out,
            "    {label:<9} {}",
            escape::shortened(&other.case.id, options.width - 14)
        )?;
    }
    match others.len() - n_listed {
        0 => Ok(()),
        n => writeln!(out, "              ... and {n} more (--show all)"),
    }
}
