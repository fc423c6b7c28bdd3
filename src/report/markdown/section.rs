//! What one target did that is not a plain pass, to foldable blocks.

use super::block::Document;
use super::{details, inline, listed, name};
use crate::baseline::Kind;
use crate::clause::Level;
use crate::outcome::Outcome;
use crate::report::group::{self, Group, Reason};
use crate::report::terminal::plural;
use crate::report::{CaseResult, Report, TargetReport, Trouble, escape, example};

/// As wide as a pull request shows code without scrolling.
const WIDTH: usize = 100;
/// A sentence that says more than this can be read elsewhere.
const MAX_SENTENCE: usize = 300;

/// Adds why the target could not be asked everything.
pub fn push_trouble(document: &mut Document, target: &TargetReport) {
    let Some(Trouble::Error(reason)) = &target.trouble else {
        return;
    };
    let lines: Vec<String> = reason
        .lines()
        .map(|line| escape::shortened(line, MAX_SENTENCE))
        .collect();
    let not_asked = plural(target.n_not_asked, "case");
    let summary = format!("{}: could not be asked, {not_asked} left", name(target));
    document.push("target", &details(&summary, &inline::fenced(&lines)));
}

/// Adds the deviations that no baseline covers, grouped by cause: the groups whose worst outcome is chosen.
pub fn push_deviations(
    document: &mut Document,
    report: &Report,
    target: &TargetReport,
    is_chosen: impl Fn(&Outcome) -> bool,
) {
    for group in group::deviations(target) {
        if is_chosen(&group.results[0].outcome) {
            document.push("deviation group", &deviations(report, target, &group));
        }
    }
}

fn deviations(report: &Report, target: &TargetReport, group: &Group<'_>) -> String {
    let word = match group.level {
        Level::Must => "fail",
        Level::Should => "warn",
        Level::May | Level::Open => "recorded",
    };
    let mut summary = format!(
        "{}: {word}, {}, {}",
        name(target),
        inline::code(&group.title, 80),
        plural(group.results.len(), "case")
    );
    if let Some(sentence) = group.sentence {
        summary.push_str(&format!("<br>{}", inline::code(sentence, MAX_SENTENCE)));
    }
    let lines: Vec<String> = example::lines(report, target, group.results[0], WIDTH)
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut body = inline::fenced(&lines);
    if group.results.len() > 1 {
        let others = group.results[1..].iter();
        body.push_str(&format!(
            "\nalso: {}",
            listed(others.map(|other| id(other)))
        ));
    }
    details(&summary, &body)
}

/// Adds the known failures that conform now.
pub fn push_unexpected_passes(document: &mut Document, target: &TargetReport) {
    let passes: Vec<&CaseResult> = target
        .results
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::UnexpectedPass { .. }))
        .collect();
    if !passes.is_empty() {
        let n = plural(passes.len(), "case");
        let summary = format!(
            "{}: unexpected pass, {n} of known-failures.yaml: take the entries out",
            name(target)
        );
        let body = listed(passes.iter().map(|result| id(result)));
        document.push("unexpected-pass list", &details(&summary, &body));
    }
}

/// Adds the entries of the baseline that nothing needs any more.
pub fn push_stale(document: &mut Document, target: &TargetReport) {
    if !target.stale.is_empty() {
        let summary = format!(
            "{}: stale, {} of known-failures.yaml without a deviation: take the entries out",
            name(target),
            plural(target.stale.len(), "glob")
        );
        let body = listed(target.stale.iter().map(String::as_str));
        document.push("stale-entry list", &details(&summary, &body));
    }
}

/// Adds what could not be asked, by reason: the chosen errors.
pub fn push_errors(
    document: &mut Document,
    target: &TargetReport,
    is_chosen: impl Fn(&Outcome) -> bool,
) {
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::Error { reason, .. } if is_chosen(outcome) => Some(reason),
        _ => None,
    });
    push_reasons(document, target, "could not be asked", &reasons);
}

/// Adds what the target does not show, by reason.
pub fn push_skips(document: &mut Document, target: &TargetReport) {
    if let Some(Trouble::Skipped(reason)) = &target.trouble {
        let reason = inline::code(reason, MAX_SENTENCE);
        let line = format!("{}: skipped, {reason}\n\n", name(target));
        document.push("skipped target", &line);
    }
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::Skip { reason } => Some(reason),
        _ => None,
    });
    push_reasons(document, target, "skipped", &reasons);
}

fn push_reasons(
    document: &mut Document,
    target: &TargetReport,
    what: &'static str,
    reasons: &[Reason<'_>],
) {
    if reasons.is_empty() {
        return;
    }
    let mut body = "| cases | reason | for example |\n|---:|---|---|\n".to_owned();
    for reason in &reasons[..reasons.len().min(MAX_ROWS)] {
        body.push_str(&format!(
            "| {} | {} | {} |\n",
            reason.results.len(),
            inline::code(reason.reason, MAX_SENTENCE),
            inline::code(id(reason.results[0]), 100)
        ));
    }
    push_table(document, target, what, reasons, body);
}

/// Adds the known failures, by reason.
pub fn push_known(document: &mut Document, target: &TargetReport) {
    let reasons = group::by_reason(target, |outcome| match outcome {
        Outcome::KnownFailure { reason, .. } => Some(reason),
        _ => None,
    });
    if reasons.is_empty() {
        return;
    }
    let mut body =
        "| cases | reason | does the same | for example |\n|---:|---|---|---|\n".to_owned();
    for reason in &reasons[..reasons.len().min(MAX_ROWS)] {
        let about = match &reason.results[0].outcome {
            Outcome::KnownFailure { kind, issue, .. } => {
                let kind = match kind {
                    Kind::Bug => "bug",
                    Kind::ByDesign => "by design",
                };
                let issue = issue.as_deref().unwrap_or_default();
                format!("{kind} {}", inline::link("issue", issue))
            }
            _ => String::new(),
        };
        body.push_str(&format!(
            "| {} | {} {} | {} | {} |\n",
            reason.results.len(),
            inline::code(reason.reason, MAX_SENTENCE),
            about.trim(),
            quirks(reason),
            inline::code(id(reason.results[0]), 100)
        ));
    }
    push_table(document, target, "known failures", &reasons, body);
}

/// The quirks that do the same as the target in these cases, the first few.
fn quirks(reason: &Reason<'_>) -> String {
    const N_QUIRKS: usize = 3;
    let mut names: Vec<&str> = Vec::new();
    for result in &reason.results {
        if let Some((name, _)) = result.quirk()
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    let shown: Vec<String> = names
        .iter()
        .take(N_QUIRKS)
        .map(|name| inline::code(name, 80))
        .collect();
    let rest = match names.len().saturating_sub(N_QUIRKS) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{rest}", shown.join(", "))
}

/// A table with more rows is no summary.
const MAX_ROWS: usize = 30;

fn push_table(
    document: &mut Document,
    target: &TargetReport,
    what: &'static str,
    reasons: &[Reason<'_>],
    mut body: String,
) {
    let n_cases = reasons.iter().map(|reason| reason.results.len()).sum();
    if reasons.len() > MAX_ROWS {
        let n = plural(reasons.len() - MAX_ROWS, "more reason");
        body.push_str(&format!("\nand {n}\n"));
    }
    let summary = format!("{}: {what}, {}", name(target), plural(n_cases, "case"));
    document.push("reason list", &details(&summary, &body));
}

fn id(result: &CaseResult) -> &str {
    &result.case.id
}
