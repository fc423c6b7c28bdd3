//! A report to a table of the distinct deviations of published implementations, each with its smallest stream.

use std::collections::BTreeMap;
use std::io;

use super::inline;
use crate::baseline::Kind;
use crate::clause::Level;
use crate::outcome::Outcome;
use crate::report::terminal::{level, plural};
use crate::report::{CaseResult, FailingResult, Report, TargetReport, escape, group};
use crate::verdict::Mismatch;

/// A sentence on a deviation is seldom longer, a name never.
const WIDTH: usize = 400;
/// A stream that is longer shows its beginning.
const STREAM_WIDTH: usize = 160;

/// Writes the table, the implementations in the order of their names.
/// Recipes that we wrote ourselves are left out, as is what the standard leaves open.
///
/// # Errors
///
/// The writer's.
pub fn write(out: &mut dyn io::Write, report: &Report) -> io::Result<()> {
    let mut targets: Vec<(&TargetReport, Vec<Finding<'_>>)> = report
        .targets
        .iter()
        .filter(|target| !target.is_tutorial)
        .map(|target| (target, findings(target)))
        .filter(|(_, findings)| !findings.is_empty())
        .collect();
    targets.sort_by_key(|(target, _)| {
        (
            target.implementation.to_lowercase(),
            target.language.clone(),
        )
    });
    let n_findings: usize = targets.iter().map(|(_, findings)| findings.len()).sum();
    let n_issues = targets.iter().flat_map(|(_, findings)| findings);
    let n_issues = n_issues.filter(|finding| finding.issue.is_some()).count();
    writeln!(out, "# Findings\n")?;
    writeln!(
        out,
        "{} in {}, each reproduced by ssespec {}; {} of them are known upstream.",
        plural(n_findings, "distinct deviation"),
        plural(targets.len(), "published implementation"),
        inline::code(&report.version, 40),
        escape::count(n_issues),
    )?;
    writeln!(
        out,
        "A deviation is named after the quirk of our model that does the same; where several meet or none does, by the reason in the adapter's known-failures.yaml.\n\
         The stream is the smallest of the corpus that shows it; a bar stands where it is cut.\n\
         What kills or hangs an implementation is shown only where it is public already."
    )?;
    for (target, findings) in targets {
        writeln!(
            out,
            "\n## {} {}\n\n{}, {}\n",
            inline::code(&target.implementation, 80),
            inline::code(&target.version, 40),
            inline::code(&target.language, 40),
            target.role.name(),
        )?;
        writeln!(out, "| deviation | clause | stream | cases | upstream |")?;
        writeln!(out, "|---|---|---|---:|---|")?;
        for finding in findings {
            writeln!(out, "{}", finding.row())?;
        }
    }
    Ok(())
}

/// Deviations of one implementation with one cause.
struct Finding<'a> {
    cause: String,
    kind: Kind,
    issue: Option<&'a str>,
    smallest: &'a CaseResult,
    level: Level,
    n_cases: usize,
}

fn findings(target: &TargetReport) -> Vec<Finding<'_>> {
    let mut findings: BTreeMap<String, Finding<'_>> = BTreeMap::new();
    for result in &target.results {
        let (level, kind, issue) = match &result.outcome {
            Outcome::Fail => (Level::Must, Kind::Bug, None),
            Outcome::Warn => (Level::Should, Kind::Bug, None),
            Outcome::KnownFailure {
                level, kind, issue, ..
            } => (*level, *kind, issue.as_deref()),
            _ => continue,
        };
        if matches!(level, Level::May | Level::Open) {
            continue;
        }
        let cause = cause(result);
        let finding = findings.entry(cause.clone()).or_insert(Finding {
            cause,
            kind,
            issue,
            smallest: result,
            level,
            n_cases: 0,
        });
        finding.n_cases += 1;
        finding.issue = finding.issue.or(issue);
        if size(result) < size(finding.smallest) {
            finding.smallest = result;
        }
    }
    let mut findings: Vec<Finding<'_>> = findings.into_values().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.level, finding.n_cases)));
    findings
}

/// The quirk that does the same, else what the baseline says, else the clause.
fn cause(result: &CaseResult) -> String {
    match (result.quirk(), &result.outcome) {
        (Some((name, sentence)), _) => format!("{name}: {sentence}"),
        (None, Outcome::KnownFailure { reason, .. }) => reason.clone(),
        (None, _) => group::title(result),
    }
}

fn size(result: &CaseResult) -> usize {
    let failing = result.failing.as_ref();
    failing.map_or(usize::MAX, |FailingResult { failing, .. }| {
        failing.delivery.bytes().len() + failing.delivery.cuts().len()
    })
}

impl Finding<'_> {
    fn row(&self) -> String {
        let policy = match self.kind {
            Kind::ByDesign => "by design: ",
            Kind::Bug => "",
        };
        let upstream = match self.issue {
            Some(issue) => inline::link("issue", issue),
            None => String::new(),
        };
        format!(
            "| {policy}{} | {} ({}) | {} | {} | {upstream} |",
            inline::code(&self.cause, WIDTH),
            inline::code(&self.smallest.case.clauses[0], 80),
            level(self.level),
            self.stream(),
            escape::count(self.n_cases),
        )
    }

    fn stream(&self) -> String {
        let Some(FailingResult { failing, .. }) = &self.smallest.failing else {
            return String::new();
        };
        let is_fatal =
            |mismatch: &Mismatch| matches!(mismatch, Mismatch::Crashes(_) | Mismatch::Hangs(_));
        if self.issue.is_none() && failing.mismatches.iter().any(is_fatal) {
            return "not shown".to_owned();
        }
        inline::code(
            &escape::delivery(&failing.delivery, STREAM_WIDTH),
            STREAM_WIDTH,
        )
    }
}
