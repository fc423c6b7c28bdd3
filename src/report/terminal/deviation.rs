//! Deviations that no baseline covers, grouped by quirk or clause, with one smallest example each.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use owo_colors::OwoColorize;

use super::{N_GROUPS, N_LISTED, Options, comparison, level, plural};
use crate::clause::Level;
use crate::observation::Observation;
use crate::outcome::Outcome;
use crate::report::{AskedCase, CaseResult, FailingResult, Report, TargetReport, escape};

/// Deviations with one cause, as far as we know.
struct Group<'a> {
    title: String,
    /// The quirk's sentence, where a quirk explains it.
    sentence: Option<&'a str>,
    /// The smallest example first.
    results: Vec<&'a CaseResult>,
    level: Level,
}

/// Writes the groups, the most binding and largest first.
pub fn write(
    out: &mut dyn io::Write,
    report: &Report,
    target: &TargetReport,
    options: &Options,
) -> io::Result<()> {
    let groups = groups(target);
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

fn groups(target: &TargetReport) -> Vec<Group<'_>> {
    let mut by_title: BTreeMap<String, Vec<&CaseResult>> = BTreeMap::new();
    for result in &target.results {
        if level_of(&result.outcome).is_some() {
            by_title.entry(title(result)).or_default().push(result);
        }
    }
    let mut groups: Vec<Group<'_>> = by_title
        .into_iter()
        .map(|(title, mut results)| {
            results.sort_by_key(|result| {
                (
                    Reverse(level_of(&result.outcome)),
                    size(result),
                    result.case.id.as_str(),
                )
            });
            let level = level_of(&results[0].outcome).unwrap_or(Level::Open);
            let quirk = results[0]
                .failing
                .as_ref()
                .and_then(|failing| failing.quirk.as_ref());
            let sentence = quirk.map(|(_, sentence)| sentence.as_str());
            Group {
                title,
                sentence,
                results,
                level,
            }
        })
        .collect();
    groups.sort_by_key(|group| (Reverse(group.level), Reverse(group.results.len())));
    groups
}

/// How binding a deviation is that no baseline covers.
fn level_of(outcome: &Outcome) -> Option<Level> {
    match outcome {
        Outcome::Fail => Some(Level::Must),
        Outcome::Warn => Some(Level::Should),
        Outcome::Recorded => Some(Level::Open),
        _ => None,
    }
}

fn title(result: &CaseResult) -> String {
    match result
        .failing
        .as_ref()
        .and_then(|failing| failing.quirk.as_ref())
    {
        Some((name, _)) => format!("quirk {name}"),
        None => format!("clause {}", result.case.clauses[0]),
    }
}

fn size(result: &CaseResult) -> (usize, usize) {
    match &result.failing {
        Some(FailingResult { failing, .. }) => (
            failing.delivery.bytes().len(),
            failing.delivery.cuts().len(),
        ),
        None => (usize::MAX, 0),
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
    let example = group.results[0];
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
    let delivery = match &example.failing {
        Some(failing) => format!("@{}", failing.failing.delivery.cutting),
        None => String::new(),
    };
    writeln!(
        out,
        "    case      {}{delivery}",
        escape::prose(&example.case.id)
    )?;
    writeln!(out, "    why       {}", escape::prose(&example.case.why))?;
    if example.is_chunk_sensitive() {
        let (n_deviating, n) = (
            example.n_deviating,
            plural(example.n_deliveries, "delivery").replace("ys", "ies"),
        );
        writeln!(
            out,
            "    cuts      chunk-sensitive: deviates in {n_deviating} of {n}"
        )?;
    }
    if let Some(failing) = &example.failing {
        write_example(out, &example.case, failing, options)?;
    }
    writeln!(
        out,
        "    clause    {} ({})",
        escape::prose(&example.case.clauses[0]),
        level(example.case.level)
    )?;
    writeln!(
        out,
        "    standard  {}",
        escape::prose(&report.url(&example.case))
    )?;
    let case = escape::shell_word(&format!("{}{delivery}", example.case.id));
    let words = escape::target_words(&target.name, "");
    writeln!(
        out,
        "    rerun     ssespec parse --case {case} --against {words}"
    )?;
    write_others(out, &group.results[1..], options)
}

fn write_example(
    out: &mut dyn io::Write,
    case: &AskedCase,
    failing: &FailingResult,
    options: &Options,
) -> io::Result<()> {
    let deviation = &failing.failing;
    let stream = escape::delivery(&deviation.delivery, 3 * options.width);
    let stream = if stream.is_empty() {
        "(empty)".to_owned()
    } else {
        stream
    };
    writeln!(out, "    stream    {stream}")?;
    for row in comparison::side_by_side(case.expected(), deviation, options.width - 4) {
        if row.differs {
            writeln!(out, "    {}", row.text.red())?;
        } else {
            writeln!(out, "    {}", row.text)?;
        }
    }
    if let Observation::Crashed(death) | Observation::Hung(death) = &deviation.observation {
        let first = death.log.len().saturating_sub(N_LISTED);
        for line in &death.log[first..] {
            writeln!(
                out,
                "    log       {}",
                escape::shortened(line, options.width - 14)
            )?;
        }
    }
    Ok(())
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
