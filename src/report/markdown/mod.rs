//! A report to Markdown for a pull request or a step summary: a table, then what is not as expected, then what is known.

mod block;
mod changes;
pub mod findings;
pub(super) mod inline;
mod section;
mod table;

use std::io;

use super::terminal::totals;
use super::{Report, TargetReport, Trouble, diff, escape};
use crate::outcome::{FailOn, Outcome};
use block::Document;

/// What a pull request's description or comment may hold on GitHub is 65 536 characters.
pub const MAX_BYTES: usize = 65_000;

/// How to show a report.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// An older report, to say what is new.
    pub older: Option<&'a Report>,
    /// Which deviations are not as expected.
    pub fail_on: FailOn,
    /// How long the text may be. The least important is left out, and a sentence says so.
    pub max_bytes: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            older: None,
            fail_on: FailOn::default(),
            max_bytes: MAX_BYTES,
        }
    }
}

/// Writes the report.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, report: &Report, options: &Options<'_>) -> io::Result<()> {
    let mut document = Document::new(options.max_bytes);
    document.push("heading", &heading(report, options.fail_on));
    table::push(&mut document, report);
    if let Some(older) = options.older {
        document.section("Since the older report");
        changes::push(&mut document, &diff::compare(older, report));
    }
    let is_bad = |outcome: &Outcome| outcome.is_bad(options.fail_on);
    document.section("Not as expected");
    for target in &report.targets {
        section::push_trouble(&mut document, target);
    }
    for target in &report.targets {
        section::push_deviations(&mut document, report, target, is_bad);
        section::push_unexpected_passes(&mut document, target);
        section::push_stale(&mut document, target);
        section::push_errors(&mut document, target, is_bad);
    }
    document.section("Warnings");
    for target in &report.targets {
        let is_warning = |outcome: &Outcome| *outcome == Outcome::Warn && !is_bad(outcome);
        section::push_deviations(&mut document, report, target, is_warning);
    }
    document.section("Known failures");
    for target in &report.targets {
        section::push_known(&mut document, target);
        section::push_errors(&mut document, target, |outcome| !is_bad(outcome));
    }
    document.section("Where the standard leaves room");
    for target in &report.targets {
        let is_recorded = |outcome: &Outcome| *outcome == Outcome::Recorded;
        section::push_deviations(&mut document, report, target, is_recorded);
    }
    document.section("Not shown");
    for target in &report.targets {
        section::push_skips(&mut document, target);
    }
    document.push("footer", &footer(report));
    out.write_all(document.finish().as_bytes())
}

fn heading(report: &Report, fail_on: FailOn) -> String {
    let n_bad = report
        .targets
        .iter()
        .filter(|target| is_bad(target, fail_on))
        .count();
    let verdict = match (report.targets.len(), n_bad) {
        (0, _) => "no target was asked".to_owned(),
        (_, 0) => "everything came out as expected".to_owned(),
        (1, _) => "not everything came out as expected".to_owned(),
        (n, _) => format!("{n_bad} of {n} targets are not as expected"),
    };
    format!("## ssespec: {verdict}\n\n{}\n\n", totals(report))
}

fn footer(report: &Report) -> String {
    let about = format!(
        "ssespec {}, corpus {}, seed {}, {}",
        report.version, report.corpus_hash, report.seed, report.platform
    );
    format!("\n{}\n", inline::code(&about, 300))
}

fn is_bad(target: &TargetReport, fail_on: FailOn) -> bool {
    matches!(target.trouble, Some(Trouble::Error(_)))
        || !target.stale.is_empty()
        || target
            .results
            .iter()
            .any(|result| result.outcome.is_bad(fail_on))
}

/// A target's name in bold.
fn name(target: &TargetReport) -> String {
    format!("<b>{}</b>", inline::code(&target.name, 60))
}

/// A foldable block: one line that is seen, and what it hides.
fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n</details>\n\n")
}

/// A list of case ids, or of other short hostile texts.
fn listed<'a>(items: impl ExactSizeIterator<Item = &'a str>) -> String {
    /// More would drown what else there is to say.
    const N_LISTED: usize = 20;
    let n = items.len();
    let mut shown: Vec<String> = items
        .take(N_LISTED)
        .map(|item| inline::code(item, 100))
        .collect();
    if n > N_LISTED {
        shown.push(format!("and {} more", escape::count(n - N_LISTED)));
    }
    format!("{}\n", shown.join(", "))
}
