//! A report, and what searches found, to a table of the distinct deviations of published implementations, each with its smallest
//! stream.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::inline;
use crate::baseline::Kind;
use crate::clause::{Level, Role};
use crate::outcome::Outcome;
use crate::report::found::Findings;
use crate::report::terminal::{level, plural};
use crate::report::{CaseResult, FailingResult, Report, TargetReport, escape, group};
use crate::verdict::{Mismatch, danger};

/// A sentence on a deviation is seldom longer, a name never.
const WIDTH: usize = 400;
/// A stream that is longer shows its beginning.
const STREAM_WIDTH: usize = 160;

/// Writes the table, the implementations in the order of their names.
/// Recipes that we wrote ourselves are left out, as is what the standard leaves open. Of what searches found, it has the time and
/// the memory that grow faster than the input, which no case shows.
///
/// # Errors
///
/// The writer's.
pub fn write(
    out: &mut dyn io::Write,
    report: &Report,
    searched: Option<&Findings>,
) -> io::Result<()> {
    let mut sections: Vec<Section<'_>> = report
        .targets
        .iter()
        .filter(|target| !target.is_tutorial)
        .map(|target| Section {
            target,
            findings: findings(target),
            growths: growths(target, searched),
        })
        .filter(|section| section.n_rows() > 0)
        .collect();
    sections.sort_by_key(|Section { target, .. }| {
        (
            target.implementation.to_lowercase(),
            target.language.clone(),
            target.role.name(),
        )
    });
    let n_findings: usize = sections.iter().map(Section::n_rows).sum();
    let n_issues = sections.iter().flat_map(|section| &section.findings);
    let n_issues = n_issues.filter(|finding| finding.issue.is_some()).count();
    let implementations: BTreeSet<_> = sections
        .iter()
        .map(|section| (&section.target.implementation, &section.target.language))
        .collect();
    writeln!(out, "# Findings\n")?;
    writeln!(
        out,
        "{} in {}, each reproduced by ssespec {}; {} of them are known upstream.",
        plural(n_findings, "distinct deviation"),
        plural(implementations.len(), "published implementation"),
        inline::code(&report.version, 40),
        escape::count(n_issues),
    )?;
    writeln!(
        out,
        "A deviation is named after the quirk of our model that does the same; where none does, by the reason in the adapter's known-failures.yaml.\n\
         The example of a parser is the smallest stream of the corpus that shows it, with a bar where it is cut; that of a client or a server is a case, which the command {} explains.\n\
         Where quirks meet that each have a row of their own, no row is added.\n\
         What kills, slows down or hangs an implementation, or injects, is shown only where it is public already; else the class stands alone.",
        inline::code("ssespec cases -k CASE", 40),
    )?;
    for Section {
        target,
        findings,
        growths,
    } in sections
    {
        writeln!(
            out,
            "\n## {} {}\n\n{}, {}\n",
            inline::code(&target.implementation, 80),
            inline::code(&target.version, 40),
            inline::code(&target.language, 40),
            target.role.name(),
        )?;
        writeln!(out, "| deviation | clause | example | cases | upstream |")?;
        writeln!(out, "|---|---|---|---:|---|")?;
        for finding in findings {
            writeln!(out, "{}", finding.row())?;
        }
        for Growth {
            cause,
            clause,
            level,
        } in growths
        {
            writeln!(out, "| {cause} | {clause} ({level}) | not shown | | |")?;
        }
    }
    Ok(())
}

/// A target and what is wrong with it.
struct Section<'a> {
    target: &'a TargetReport,
    findings: Vec<Finding<'a>>,
    growths: Vec<Growth>,
}

impl Section<'_> {
    fn n_rows(&self) -> usize {
        self.findings.len() + self.growths.len()
    }
}

/// Time or memory that grows faster than the input, in a row's words.
struct Growth {
    cause: String,
    clause: String,
    level: &'static str,
}

/// Of time and of memory one each, whatever the shapes of the streams with which they grow.
fn growths(target: &TargetReport, searched: Option<&Findings>) -> Vec<Growth> {
    let mut growths: BTreeMap<&str, Growth> = BTreeMap::new();
    let Some(searched) = searched else {
        return Vec::new();
    };
    let same = searched
        .targets
        .iter()
        .filter(|other| other.name == target.name && other.role == target.role);
    for finding in same.flat_map(|searched| &searched.findings) {
        let mut words = finding.fingerprint.split(' ');
        let (Some("growth"), Some(what)) = (words.next(), words.next()) else {
            continue;
        };
        let cause = match what {
            "time" => "Time grows faster than the input.",
            _ => "Memory grows faster than the input.",
        };
        growths.entry(what).or_insert_with(|| Growth {
            cause: inline::code(cause, WIDTH),
            clause: inline::code(&finding.clause, 80),
            level: level(searched.level(finding)),
        });
    }
    growths.into_values().collect()
}

/// Deviations of one implementation with one cause.
struct Finding<'a> {
    cause: String,
    role: Role,
    may_harm: bool,
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
        let class = class(result);
        let may_harm = class.is_some();
        let cause = cause(result, class.filter(|_| issue.is_none()));
        let finding = findings.entry(cause.clone()).or_insert(Finding {
            cause,
            role: target.role,
            may_harm,
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
    let is_alone = |finding: &&Finding<'_>| finding.smallest.quirk_names().count() == 1;
    let alone: BTreeSet<&str> = findings
        .values()
        .filter(is_alone)
        .flat_map(|finding| finding.smallest.quirk_names())
        .collect();
    // Where quirks meet that each have a row of their own, nothing more is wrong.
    findings.retain(|_, finding| {
        let n_quirks = finding.smallest.quirk_names().count();
        n_quirks < 2
            || !finding
                .smallest
                .quirk_names()
                .all(|name| alone.contains(name))
    });
    let mut findings: Vec<Finding<'_>> = findings.into_values().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.level, finding.n_cases)));
    findings
}

/// The quirk that does the same, else the class of what may harm somebody, else what the baseline says, else the clause.
fn cause(result: &CaseResult, class: Option<&str>) -> String {
    match (result.quirk(), class, &result.outcome) {
        (Some((name, sentence)), _, _) => format!("{name}: {sentence}"),
        (None, Some(class), _) => class.to_owned(),
        (None, None, Outcome::KnownFailure { reason, .. }) => reason.clone(),
        (None, None, _) => group::title(result),
    }
}

/// What sort of deviation it is, if one that may harm somebody.
fn class(result: &CaseResult) -> Option<&'static str> {
    let mismatches = &result.failing.as_ref()?.failing.mismatches;
    let any = |is: fn(&Mismatch) -> bool| mismatches.iter().any(is);
    if any(|mismatch| matches!(mismatch, Mismatch::Crashes(_))) {
        return Some("A stream kills it.");
    }
    if any(|mismatch| matches!(mismatch, Mismatch::Hangs(_))) {
        return Some("A stream makes it hang.");
    }
    // The clause alone says nothing: what breaks it may as well lose an event.
    let quirks: Vec<&str> = result.quirk_names().collect();
    let is_injection =
        any(Mismatch::is_injection) || danger::warning(&quirks.join(" "), "").is_some();
    is_injection
        .then_some("Injection: text that stood inside of a value becomes a line of its own.")
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
            self.example(),
            escape::count(self.n_cases),
        )
    }

    fn example(&self) -> String {
        if self.may_harm && self.issue.is_none() {
            return "not shown".to_owned();
        }
        match (&self.smallest.failing, self.role) {
            (Some(FailingResult { failing, .. }), Role::Parser) => inline::code(
                &escape::delivery(&failing.delivery, STREAM_WIDTH),
                STREAM_WIDTH,
            ),
            _ => inline::code(&self.smallest.case.id, STREAM_WIDTH),
        }
    }
}
