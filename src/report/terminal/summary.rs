//! The summary table: one line for each target.

use std::io;

use owo_colors::OwoColorize;

use crate::outcome::Outcome;
use crate::report::{Counts, Report, TargetReport, Trouble, escape};

/// One column of numbers.
struct Column {
    heading: &'static str,
    /// What the heading stands for, if it does not say so itself.
    legend: &'static str,
    /// Without this column's numbers the table still tells the truth, so it is left out where all are 0.
    only_if_any: bool,
    cell: fn(&TargetReport, &Counts) -> String,
}

const COLUMNS: [Column; 10] = [
    Column {
        heading: "pass",
        legend: "",
        only_if_any: false,
        cell: |_, counts| counts.pass.to_string(),
    },
    Column {
        heading: "fail",
        legend: "",
        only_if_any: false,
        cell: |_, counts| counts.fail.to_string(),
    },
    Column {
        heading: "warn",
        legend: "",
        only_if_any: true,
        cell: |_, counts| counts.warn.to_string(),
    },
    Column {
        heading: "known",
        legend: "known: known failures",
        only_if_any: false,
        cell: |_, counts| counts.known.to_string(),
    },
    Column {
        heading: "skip",
        legend: "",
        only_if_any: false,
        cell: |_, counts| counts.skip.to_string(),
    },
    Column {
        heading: "error",
        legend: "",
        only_if_any: true,
        cell: |_, counts| counts.error.to_string(),
    },
    Column {
        heading: "left",
        legend: "left: not asked",
        only_if_any: true,
        cell: |_, counts| counts.not_asked.to_string(),
    },
    Column {
        heading: "cut",
        legend: "cut: chunk-sensitive, it deviates only where the stream is cut in certain places",
        only_if_any: false,
        cell: |target, _| n_chunk_sensitive(target).to_string(),
    },
    Column {
        heading: "shown",
        legend: "shown: share of the cases that are shown to conform",
        only_if_any: false,
        cell: share,
    },
    Column {
        heading: "time",
        legend: "",
        only_if_any: false,
        cell: |target, _| duration(target.seconds),
    },
];

/// Writes the table and its legend.
pub fn write(out: &mut dyn io::Write, report: &Report, width: usize) -> io::Result<()> {
    let counted: Vec<(&TargetReport, Counts)> =
        report.targets.iter().map(|t| (t, Counts::of(t))).collect();
    let is_shown = |column: &&Column| {
        !column.only_if_any
            || counted
                .iter()
                .any(|(target, counts)| (column.cell)(target, counts) != "0")
    };
    let columns: Vec<&Column> = COLUMNS.iter().filter(is_shown).collect();
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            let cells = counted
                .iter()
                .map(|(target, counts)| (column.cell)(target, counts).len());
            cells.chain([column.heading.len()]).max().unwrap_or(0)
        })
        .collect();
    let room = width.saturating_sub(widths.iter().map(|width| width + 1).sum());
    let texts: Vec<[String; 3]> = report.targets.iter().map(texts).collect();
    let text_widths = text_widths(&texts, room);

    let heading = ["target", "version", "language"].map(str::to_owned);
    let mut line = text_cells(&heading, text_widths);
    for (column, width) in columns.iter().zip(&widths) {
        line.push_str(&format!(" {:>width$}", column.heading));
    }
    writeln!(out, "{}", line.trim_end().bold())?;
    for ((target, counts), texts) in counted.iter().zip(&texts) {
        write!(out, "{}", text_cells(texts, text_widths))?;
        for (column, width) in columns.iter().zip(&widths) {
            let cell = format!("{:>width$}", (column.cell)(target, counts));
            let is_some = cell.trim() != "0";
            match column.heading {
                "fail" | "error" if is_some => write!(out, " {}", cell.red().bold())?,
                "warn" | "known" if is_some => write!(out, " {}", cell.yellow())?,
                _ => write!(out, " {cell}")?,
            }
        }
        writeln!(out)?;
    }
    for column in columns.iter().filter(|column| !column.legend.is_empty()) {
        writeln!(out, "{}", column.legend.dimmed())?;
    }
    Ok(())
}

fn texts(target: &TargetReport) -> [String; 3] {
    let implementation = match (target.implementation.as_str(), &target.trouble) {
        ("", Some(Trouble::Skipped(_))) => "skipped".to_owned(),
        ("", Some(Trouble::Error(_))) => "error".to_owned(),
        // A scope in front, as npm has it, says nothing that the name does not.
        (name, _) if name == target.name || name.rsplit('/').next() == Some(&target.name) => {
            target.version.clone()
        }
        (name, _) => format!("{name} {}", target.version),
    };
    [target.name.clone(), implementation, target.language.clone()]
        .map(|text| escape::prose(text.trim()))
}

/// Shares the room: each text as wide as it needs, the widest cut first.
fn text_widths(texts: &[[String; 3]], room: usize) -> [usize; 3] {
    let headings = ["target", "version", "language"];
    let mut widths: [usize; 3] = std::array::from_fn(|index| {
        let needed = texts.iter().map(|texts| escape::columns(&texts[index]));
        needed.chain([headings[index].len()]).max().unwrap_or(0)
    });
    while widths.iter().sum::<usize>() + 2 > room.max(20)
        && let Some(widest) = widths.iter_mut().max()
    {
        *widest -= 1;
    }
    widths
}

fn text_cells(texts: &[String; 3], widths: [usize; 3]) -> String {
    let cell = |(text, width): (&String, usize)| {
        let visible = escape::shortened(text, width);
        let padding = " ".repeat(width.saturating_sub(escape::columns(&visible)));
        visible + &padding
    };
    texts
        .iter()
        .zip(widths)
        .map(cell)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Cases that deviate in some deliveries and conform in others.
fn n_chunk_sensitive(target: &TargetReport) -> usize {
    let is_judged =
        |outcome: &Outcome| !matches!(outcome, Outcome::Skip { .. } | Outcome::Error { .. });
    let results = target.results.iter();
    results
        .filter(|result| is_judged(&result.outcome) && result.is_chunk_sensitive())
        .count()
}

/// Rounded down, so that 100% means every case.
fn share(target: &TargetReport, counts: &Counts) -> String {
    let n_cases = target.n_cases();
    let n_shown = counts.pass + counts.unexpected_pass;
    match (n_shown * 100).checked_div(n_cases) {
        Some(percent) => format!("{percent}%"),
        None => "-".to_owned(),
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 9.95 => format!("{s:.1}s"),
        s if s < 100.0 => format!("{s:.0}s"),
        s => format!("{:.0}m", s / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_text_is_cut_first() {
        let texts = [["a-very-long-adapter-name", "1.0", "Rust"].map(str::to_owned)];
        assert_eq!(text_widths(&texts, 80), [24, 7, 8]);
        assert_eq!(text_widths(&texts, 30), [13, 7, 8]);
        assert_eq!(
            text_cells(&texts[0], [10, 7, 8]),
            "a-very-lo… 1.0     Rust    "
        );
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(
            [0.04, 9.94, 9.96, 99.4, 150.0].map(duration),
            ["0.0s", "9.9s", "10s", "99s", "2m"]
        );
    }
}
