//! The summary table: one row for each target, as many as fit into half of the document.

use super::block::Document;
use super::inline;
use crate::report::{Counts, Report, TargetReport, Trouble};

/// A column of numbers.
struct Column {
    heading: &'static str,
    /// It is left out where every row has 0.
    only_if_any: bool,
    of: fn(&TargetReport, &Counts) -> usize,
}

const COLUMNS: [Column; 10] = [
    always("pass", |_, counts| counts.pass),
    always("fail", |_, counts| counts.fail),
    if_any("warn", |_, counts| counts.warn),
    if_any("unexpected pass", |_, counts| counts.unexpected_pass),
    if_any("stale entry", |target, _| target.stale.len()),
    if_any("error", |_, counts| counts.error),
    always("known", |_, counts| counts.known),
    if_any("recorded", |_, counts| counts.recorded),
    always("skip", |_, counts| counts.skip),
    if_any("not asked", |_, counts| counts.not_asked),
];

const fn always(heading: &'static str, of: fn(&TargetReport, &Counts) -> usize) -> Column {
    Column {
        heading,
        only_if_any: false,
        of,
    }
}

const fn if_any(heading: &'static str, of: fn(&TargetReport, &Counts) -> usize) -> Column {
    Column {
        heading,
        only_if_any: true,
        of,
    }
}

/// Adds the table.
pub fn push(document: &mut Document, report: &Report) {
    let counted: Vec<(&TargetReport, Counts)> = report
        .targets
        .iter()
        .map(|target| (target, Counts::of(target)))
        .collect();
    if counted.is_empty() {
        return;
    }
    let is_shown = |column: &&Column| {
        let mut rows = counted.iter();
        !column.only_if_any || rows.any(|(target, counts)| (column.of)(target, counts) > 0)
    };
    let columns: Vec<&Column> = COLUMNS.iter().filter(is_shown).collect();
    let headings: Vec<&str> = columns.iter().map(|column| column.heading).collect();
    let mut table = format!(
        "| target | version | language | {} | shown |\n|---|---|---|{}---:|\n",
        headings.join(" | "),
        "---:|".repeat(columns.len())
    );
    let room = document.room() / 2;
    let mut n_left_out = 0;
    for (target, counts) in &counted {
        let row = row(target, counts, &columns);
        if n_left_out > 0 || table.len() + row.len() > room {
            n_left_out += 1;
        } else {
            table.push_str(&row);
        }
    }
    if n_left_out > 0 {
        table.push_str(&format!("\nand {n_left_out} more targets\n"));
    }
    table.push('\n');
    document.push("table", &table);
}

fn row(target: &TargetReport, counts: &Counts, columns: &[&Column]) -> String {
    let version = match (target.implementation.as_str(), &target.trouble) {
        ("", Some(Trouble::Skipped(_))) => "skipped".to_owned(),
        ("", _) => "not known".to_owned(),
        (name, _) if name.rsplit('/').next() == Some(&target.name) => {
            inline::code(&target.version, 40)
        }
        (name, _) => inline::code(&format!("{name} {}", target.version), 60),
    };
    let numbers: Vec<String> = columns
        .iter()
        .map(|column| (column.of)(target, counts).to_string())
        .collect();
    let n_cases = target.n_cases();
    let shown = (100 * (counts.pass + counts.unexpected_pass)).checked_div(n_cases);
    format!(
        "| {} | {version} | {} {} | {} | {} |\n",
        inline::code(&target.name, 60),
        inline::code(&target.language, 20),
        target.role.name(),
        numbers.join(" | "),
        shown.map_or("-".to_owned(), |percent| format!("{percent}%"))
    )
}
