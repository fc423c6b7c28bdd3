//! Findings to JUnit XML for CI: a suite for each target, a test for each finding; a new one fails, a known one is skipped.

use std::io;

use super::{Finding, Findings, Searched, shown, terminal};
use crate::report::escape;
use crate::report::junit::{Suite, Test, TestResult, write_suites};

/// Both sides of a comparison and what parts them, in columns.
const WIDTH: usize = 116;

/// Writes the suites.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, findings: &Findings) -> io::Result<()> {
    let suites: Vec<Suite> = findings
        .targets
        .iter()
        .map(|target| suite(findings, target))
        .collect();
    write_suites(out, &suites)
}

fn suite(findings: &Findings, target: &Searched) -> Suite {
    let class = class(findings, target);
    // What ended early may have found less than there is, which must not look like a success.
    let ended = target.searches.iter().filter_map(|search| {
        let trouble = search.trouble.as_ref()?;
        Some(format!(
            "{}: {}",
            escape::prose(&search.by),
            escape::prose(trouble)
        ))
    });
    let ended: Vec<String> = ended.collect();
    let mut tests = vec![Test {
        class: class.clone(),
        name: "every search ends as planned".to_owned(),
        result: match ended.first() {
            None => TestResult::PassedWith(terminal::sentences(target).join("\n")),
            Some(first) => TestResult::Error {
                message: first.clone(),
                text: ended.join("\n"),
            },
        },
    }];
    tests.extend(target.findings.iter().map(|finding| Test {
        class: class.clone(),
        name: escape::prose(&finding.fingerprint),
        result: result(findings, target, finding),
    }));
    let seconds: f64 = target.searches.iter().map(|search| search.seconds).sum();
    Suite {
        name: format!("{} ({})", escape::prose(&target.name), target.role.name()),
        seconds,
        properties: vec![
            ("implementation", target.implementation.clone()),
            ("version", target.version.clone()),
            ("language", target.language.clone()),
            ("homepage", target.homepage.clone()),
            ("ssespec.version", findings.version.clone()),
        ],
        tests,
    }
}

/// CI servers drop a second test of the same class and name, so namesakes, of another version or role, have classes of their own.
fn class(findings: &Findings, target: &Searched) -> String {
    let namesakes = findings.targets.iter();
    let n_namesakes = namesakes.filter(|other| other.name == target.name).count();
    let words = match n_namesakes {
        1 => target.name.clone(),
        _ => format!("{} {} {}", target.name, target.role.name(), target.version),
    };
    // A dot in a name would look like one level more.
    format!("fuzz.{}", escape::prose(&words).replace('.', "_"))
}

fn result(findings: &Findings, target: &Searched, finding: &Finding) -> TestResult {
    if finding.is_known {
        return TestResult::Skipped(format!("known: {}", escape::prose(&finding.sentence)));
    }
    let lines = shown::lines(findings, target, finding, WIDTH);
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    TestResult::Failed {
        kind: "finding",
        message: escape::prose(&finding.sentence),
        text: lines.join("\n"),
    }
}
