//! What differs between two reports, to text for a terminal: regressions first, one line that counts everything last.

use std::collections::BTreeMap;
use std::io;

use owo_colors::OwoColorize;

use super::{Change, Difference, TargetDifference, kind};
use crate::report::terminal::{Options, plural};
use crate::report::{CaseResult, Report, TargetReport, Trouble, command, escape, group};

/// How many cases of a kind are listed before the rest is only counted.
const N_LISTED: usize = 10;

/// Writes the difference, with colours: the caller's stream strips them where they do not belong.
///
/// # Errors
///
/// What `out` gives.
pub fn write(
    out: &mut dyn io::Write,
    difference: &Difference<'_>,
    options: &Options,
) -> io::Result<()> {
    write_questions(out, difference, options)?;
    let mut n_same = 0;
    for target in &difference.targets {
        let mut text = Vec::new();
        write_target(&mut text, target, options)?;
        if text.is_empty() {
            n_same += 1;
        } else {
            writeln!(out, "\n{}", heading(target).bold())?;
            out.write_all(&text)?;
        }
    }
    for (side, targets) in [("old", &difference.only_old), ("new", &difference.only_new)] {
        if !targets.is_empty() {
            let names: Vec<String> = targets.iter().map(|target| name(target)).collect();
            writeln!(out, "\nOnly in the {side} report: {}", names.join(", "))?;
        }
    }
    if n_same > 0 {
        writeln!(out, "\nNothing changed in {}.", plural(n_same, "target"))?;
    }
    writeln!(out, "\n{}", totals(difference))
}

/// The line that counts every change.
pub fn totals(difference: &Difference<'_>) -> String {
    let targets = &difference.targets;
    let sum = |of: fn(&TargetDifference<'_>) -> usize| targets.iter().map(of).sum::<usize>();
    let mut parts = vec![
        plural(sum(|target| target.regressions.len()), "regression"),
        format!("{} fixed", sum(|target| target.fixed.len())),
        plural(sum(|target| target.other.len()), "other change"),
        format!("{} new", sum(|target| target.added.len())),
        format!("{} gone", sum(|target| target.n_gone)),
        format!("{} altered", sum(|target| target.altered.len())),
    ];
    match sum(|target| usize::from(target.lost.is_some())) {
        0 => (),
        n => parts.push(format!("{} lost", plural(n, "target"))),
    }
    parts.join(", ")
}

/// What was asked, where that is not the same in both.
fn write_questions(
    out: &mut dyn io::Write,
    difference: &Difference<'_>,
    options: &Options,
) -> io::Result<()> {
    let Difference { old, new, .. } = difference;
    let about = |report: &Report| {
        let text = format!(
            "ssespec {}, corpus {}, seed {}, {}",
            report.version,
            report.corpus_hash,
            report.seed,
            plural(report.cases.len(), "case")
        );
        escape::prose(&text)
    };
    writeln!(out, "old: {}", about(old))?;
    writeln!(out, "new: {}", about(new))?;
    for (n, what) in [
        (difference.n_added_cases, "only in the new report"),
        (difference.n_removed_cases, "only in the old report"),
        (
            difference.altered_cases.len(),
            "with another stream or other answers under the same id: their results are not compared",
        ),
    ] {
        if n > 0 {
            writeln!(out, "{} {what}", plural(n, "case"))?;
        }
    }
    list(out, options, &difference.altered_cases, |id| {
        escape::prose(id)
    })?;
    if difference
        .targets
        .iter()
        .any(|target| target.is_cut_differently)
    {
        writeln!(
            out,
            "The streams were not cut in the same ways: a change may come from that."
        )?;
    }
    Ok(())
}

fn heading(target: &TargetDifference<'_>) -> String {
    let about = |target: &TargetReport| {
        escape::prose(format!("{} {}", target.implementation, target.version).trim())
    };
    let (old, new) = (about(target.old), about(target.new));
    let versions = match (old == new, new.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(": {new}"),
        _ => format!(": {} → {}", or_unknown(&old), or_unknown(&new)),
    };
    format!("== {}{versions}", name(target.new))
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "(unknown)" } else { text }
}

fn name(target: &TargetReport) -> String {
    format!("{} ({})", escape::prose(&target.name), target.role.name())
}

fn write_target(
    out: &mut dyn io::Write,
    target: &TargetDifference<'_>,
    options: &Options,
) -> io::Result<()> {
    if let Some(reason) = target.lost {
        let lines: Vec<String> = reason.lines().map(escape::prose).collect();
        writeln!(out, "  {} {}", "LOST".red().bold(), lines.join("\n  "))?;
    }
    if !target.regressions.is_empty() {
        let n = plural(target.regressions.len(), "regression");
        writeln!(out, "  {} {n}", "WORSE".red().bold())?;
        list(out, options, &target.regressions, |change| {
            moved(change, true)
        })?;
        let id = command::shell_word(&target.regressions[0].new.case.id);
        let words = command::target_words(&target.new.asked_as, &format!("-k {id}"));
        writeln!(out, "    rerun the first: ssespec run {words}")?;
    }
    if !target.fixed.is_empty() {
        writeln!(out, "  {} {}", "FIXED".green(), cases(target.fixed.len()))?;
        list(out, options, &target.fixed, |change| moved(change, false))?;
    }
    if !target.other.is_empty() {
        writeln!(out, "  {} {}", "OTHER".yellow(), cases(target.other.len()))?;
        list(out, options, &target.other, |change| moved(change, false))?;
    }
    if !target.altered.is_empty() {
        let n = cases(target.altered.len());
        writeln!(out, "  {} {n} with another question", "ALTERED".yellow())?;
        list(out, options, &target.altered, |change| moved(change, false))?;
    }
    if !target.added.is_empty() {
        let n = cases(target.added.len());
        writeln!(out, "  NEW {n}: {}", outcomes(&target.added))?;
    }
    if target.n_gone > 0 {
        let why = match &target.new.trouble {
            Some(Trouble::Skipped(reason)) => format!(": {}", escape::prose(reason)),
            _ => String::new(),
        };
        writeln!(
            out,
            "  GONE {} without a result now{why}",
            cases(target.n_gone)
        )?;
    }
    if is_other_version(target) && options_are_silent(target) {
        writeln!(out, "  only the version changed")?;
    }
    Ok(())
}

fn is_other_version(target: &TargetDifference<'_>) -> bool {
    let about = |target: &'_ TargetReport| (target.implementation.clone(), target.version.clone());
    about(target.old) != about(target.new)
}

fn options_are_silent(target: &TargetDifference<'_>) -> bool {
    target.lost.is_none()
        && target.n_gone == 0
        && target.added.is_empty()
        && [
            &target.regressions,
            &target.fixed,
            &target.other,
            &target.altered,
        ]
        .iter()
        .all(|changes| changes.is_empty())
}

fn cases(n: usize) -> String {
    plural(n, "case")
}

/// A case and what it counted and counts as.
fn moved(change: &Change<'_>, with_cause: bool) -> String {
    let result = change.new;
    let cause = if with_cause && result.failing.is_some() {
        format!(", {}", escape::prose(&group::title(result)))
    } else {
        String::new()
    };
    format!(
        "{}  {} → {}{cause}",
        escape::prose(&result.case.id),
        kind(change.old),
        kind(&result.outcome)
    )
}

/// "10 pass, 2 fail".
fn outcomes(results: &[&CaseResult]) -> String {
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for result in results {
        *by_kind.entry(kind(&result.outcome)).or_default() += 1;
    }
    let parts = by_kind.iter().map(|(kind, n)| format!("{n} {kind}"));
    parts.collect::<Vec<_>>().join(", ")
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
        writeln!(out, "    {}", line(item))?;
    }
    match items.len() - n_listed {
        0 => Ok(()),
        n => writeln!(out, "    ... and {n} more (--show all)"),
    }
}
