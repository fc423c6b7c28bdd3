//! A report to text for a terminal: a summary table, then each target's deviations, then one line that counts everything.

pub mod comparison;
mod deviation;
mod summary;

use std::io;

use owo_colors::OwoColorize;

use super::group::{self, Reason};
use super::{Counts, Report, TargetReport, Trouble, command, escape};
use crate::clause::Level;
use crate::outcome::Outcome;

/// How many groups of deviations are shown for each target.
const N_GROUPS: usize = 10;
/// How many reasons, ids or globs are listed before the rest is only counted.
const N_LISTED: usize = 5;

/// How to show a report.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The terminal's width in columns.
    pub width: usize,
    /// Show every group of deviations.
    pub show_all: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 80,
            show_all: false,
        }
    }
}

/// Writes the report, with colours: the caller's stream strips them where they do not belong.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, report: &Report, options: &Options) -> io::Result<()> {
    let options = Options {
        width: options.width.clamp(60, 160),
        ..*options
    };
    if report.targets.is_empty() {
        writeln!(out, "no target was asked")?;
    } else {
        summary::write(out, report, options.width)?;
    }
    for target in &report.targets {
        let mut text = Vec::new();
        write_target(&mut text, report, target, &options)?;
        if !text.is_empty() {
            let heading = heading(target, options.width);
            writeln!(out, "\n{}", heading.bold())?;
            out.write_all(&text)?;
        }
    }
    writeln!(out, "\n{}", totals(report))
}

/// The line that counts every outcome of a run.
pub fn totals(report: &Report) -> String {
    let counts = report
        .targets
        .iter()
        .map(Counts::of)
        .fold(Counts::default(), Counts::plus);
    let recorded = match counts.recorded {
        0 => String::new(),
        n => format!(", {n} recorded"),
    };
    format!(
        "{} pass, {} fail, {} warn, {} known, {} unexpected pass, {} error, {} skip, {} not asked{recorded}",
        counts.pass,
        counts.fail,
        counts.warn,
        counts.known,
        counts.unexpected_pass,
        counts.error,
        counts.skip,
        counts.not_asked,
    )
}

/// A level's name, as clauses.yaml writes it.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Open => "open",
        Level::May => "may",
        Level::Should => "should",
        Level::Must => "must",
    }
}

/// "1 case", "2 cases".
pub fn plural(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        n => format!("{} {noun}s", escape::count(n)),
    }
}

fn heading(target: &TargetReport, width: usize) -> String {
    let mut heading = target.name.clone();
    if !target.implementation.is_empty() && target.implementation != target.name {
        heading.push_str(&format!(": {}", target.implementation));
    }
    if !target.version.is_empty() {
        heading.push_str(&format!(" {}", target.version));
    }
    let mut about = vec![target.role.name()];
    if !target.language.is_empty() {
        about.insert(0, &target.language);
    }
    if target.platform_decodes {
        about.push("decoded by the platform");
    }
    let about = format!(" ({})", escape::prose(&about.join(", ")));
    let room = width.saturating_sub(escape::columns(&about) + 3);
    format!("== {}{about}", escape::shortened(&heading, room))
}

fn write_target(
    out: &mut dyn io::Write,
    report: &Report,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    match &target.trouble {
        Some(Trouble::Skipped(reason)) => {
            writeln!(out, "  {} {}", "SKIPPED".yellow(), escape::prose(reason))?;
        }
        Some(Trouble::Error(reason)) => {
            // A log's end follows on lines of its own.
            let lines: Vec<String> = reason.lines().map(escape::prose).collect();
            writeln!(out, "  {} {}", "ERROR".red().bold(), lines.join("\n  "))?;
            if let Some(hint) = command::what_is_wrong(&target.asked_as) {
                writeln!(out, "        {hint}")?;
            }
        }
        None => (),
    }
    deviation::write(out, report, target, options)?;
    write_unexpected_passes(out, target, options)?;
    write_stale(out, target, options)?;
    write_errors(out, target, options)?;
    write_known(out, target, options)?;
    write_skips(out, target, options)
}

fn write_unexpected_passes(
    out: &mut dyn io::Write,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let passes: Vec<(&str, &str)> = target
        .results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::UnexpectedPass { reason } => Some((result.case.id.as_str(), reason.as_str())),
            _ => None,
        })
        .collect();
    if passes.is_empty() {
        return Ok(());
    }
    let title = plural(passes.len(), "unexpected pass").replace("passs", "passes");
    writeln!(out, "\n  {} {title}", "UNEXPECTED PASS".red().bold())?;
    writeln!(
        out,
        "    They conform now: take their entries out of known-failures.yaml."
    )?;
    list(out, options, &passes, |(id, reason)| {
        format!("{} (was: {})", escape::prose(id), escape::prose(reason))
    })
}

fn write_stale(
    out: &mut dyn io::Write,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    if target.stale.is_empty() {
        return Ok(());
    }
    let entries = match target.stale.len() {
        1 => "1 stale entry".to_owned(),
        n => format!("{n} stale entries"),
    };
    writeln!(out, "\n  {} {entries}", "STALE".red().bold())?;
    writeln!(
        out,
        "    Nothing they match deviates any more: take them out of known-failures.yaml."
    )?;
    list(out, options, &target.stale, |glob| escape::prose(glob))
}

fn write_errors(
    out: &mut dyn io::Write,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::Error { reason, .. } => Some(reason),
        _ => None,
    });
    if reasons.is_empty() {
        return Ok(());
    }
    let n_cases = reasons.iter().map(|reason| reason.results.len()).sum();
    writeln!(
        out,
        "\n  {} {}",
        "ERROR".red().bold(),
        plural(n_cases, "case")
    )?;
    writeln!(
        out,
        "    We could not ask: nothing is said about the implementation. Ask again with"
    )?;
    let first = format!("-k {}", command::shell_word(&reasons[0].results[0].case.id));
    let words = command::target_words(&target.asked_as, &first);
    writeln!(out, "    ssespec run {words}")?;
    // The sentence is all that is known, so it is not cut.
    let n_listed = if options.show_all {
        reasons.len()
    } else {
        N_LISTED.min(reasons.len())
    };
    for reason in &reasons[..n_listed] {
        for line in reason_line(reason).lines() {
            writeln!(out, "    {}", escape::prose(line))?;
        }
    }
    match reasons.len() - n_listed {
        0 => Ok(()),
        n => writeln!(out, "    ... and {n} more (--show all)"),
    }
}

fn write_known(
    out: &mut dyn io::Write,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::KnownFailure { reason, .. } => Some(reason),
        _ => None,
    });
    if reasons.is_empty() {
        return Ok(());
    }
    let n_cases = reasons.iter().map(|reason| reason.results.len()).sum();
    let not_examined = match target.n_not_examined {
        0 => String::new(),
        n => format!(", {n} of them not examined"),
    };
    writeln!(
        out,
        "\n  {} {}{not_examined}",
        "KNOWN".yellow(),
        plural(n_cases, "known failure")
    )?;
    list(out, options, &reasons, reason_line)
}

fn write_skips(
    out: &mut dyn io::Write,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::Skip { reason } => Some(reason),
        _ => None,
    });
    if reasons.is_empty() {
        return Ok(());
    }
    let n_cases = reasons.iter().map(|reason| reason.results.len()).sum();
    writeln!(out, "\n  {} {}", "SKIP".yellow(), plural(n_cases, "case"))?;
    list(out, options, &reasons, reason_line)
}

/// How many cases, and why.
fn reason_line(reason: &Reason<'_>) -> String {
    format!(
        "{:>5}  {}",
        reason.results.len(),
        escape::prose(reason.reason)
    )
}

fn list<T>(
    out: &mut dyn io::Write,
    options: &Options,
    items: &[T],
    line: impl Fn(&T) -> String,
) -> io::Result<()> {
    let n_listed = if options.show_all {
        items.len()
    } else {
        N_LISTED.min(items.len())
    };
    for item in &items[..n_listed] {
        writeln!(
            out,
            "    {}",
            escape::shortened(&line(item), options.width - 4)
        )?;
    }
    match items.len() - n_listed {
        0 => Ok(()),
        n => writeln!(out, "    ... and {n} more (--show all)"),
    }
}
