//! A target's results to the tests of a JUnit suite.

use crate::baseline::Kind;
use crate::outcome::{FailOn, Outcome};
use crate::report::terminal::{level, plural};
use crate::report::{CaseResult, Report, TargetReport, Trouble, command, escape, example, group};

/// Both sides of a comparison and what parts them, in columns.
const WIDTH: usize = 116;

/// One test of a suite.
pub struct Test {
    /// The target and the case's folder, with dots: CI servers group by it as by a package and a class.
    pub class: String,
    /// The case's id, as `-k` takes it.
    pub name: String,
    /// How it ended.
    pub result: TestResult,
}

/// How a test ended, with what there is to say about it.
pub enum TestResult {
    /// Nothing is wrong.
    Passed,
    /// Passed, and there is something to say about it.
    PassedWith(String),
    /// The target does something wrong.
    Failed {
        /// A word for what.
        kind: &'static str,
        /// One sentence.
        message: String,
        /// Everything there is to see.
        text: String,
    },
    /// It could not be asked.
    Error {
        /// One sentence.
        message: String,
        /// Everything there is to see.
        text: String,
    },
    /// It was not asked, or what it does is known; why.
    Skipped(String),
}

/// The tests of a target: one for each result, and one for each thing that is wrong beside them.
pub fn tests(report: &Report, target: &TargetReport, fail_on: FailOn) -> Vec<Test> {
    let mut tests = Vec::new();
    if let Some(result) = asking(target) {
        tests.push(Test {
            class: class(target, ""),
            name: "every case is asked".to_owned(),
            result,
        });
    }
    for glob in &target.stale {
        let message = "stale entry: nothing it matches deviates any more".to_owned();
        tests.push(Test {
            class: class(target, "known-failures"),
            name: escape::prose(glob),
            result: TestResult::Failed {
                kind: "stale-entry",
                text: format!("{message}\ntake it out of known-failures.yaml"),
                message,
            },
        });
    }
    for result in &target.results {
        let folder = result.case.id.rsplit_once('/');
        tests.push(Test {
            class: class(target, folder.map_or("", |(folder, _)| folder)),
            name: escape::prose(&result.case.id),
            result: of_case(report, target, result, fail_on),
        });
    }
    tests
}

/// Why a target was not asked everything; nothing if it was.
fn asking(target: &TargetReport) -> Option<TestResult> {
    let not_asked = match target.n_not_asked {
        0 => String::new(),
        n => format!("not asked: {}", plural(n, "case")),
    };
    match &target.trouble {
        Some(Trouble::Error(reason)) => {
            let lines: Vec<String> = reason.lines().map(escape::prose).collect();
            let hint = command::what_is_wrong(&target.asked_as).unwrap_or_default();
            Some(TestResult::Error {
                message: lines.first().cloned().unwrap_or_default(),
                text: format!("{}\n{not_asked}\n{hint}", lines.join("\n")),
            })
        }
        Some(Trouble::Skipped(reason)) => Some(TestResult::Skipped(escape::prose(reason))),
        None if target.n_not_asked > 0 => Some(TestResult::Skipped(not_asked)),
        None => None,
    }
}

fn of_case(
    report: &Report,
    target: &TargetReport,
    result: &CaseResult,
    fail_on: FailOn,
) -> TestResult {
    let is_bad = result.outcome.is_bad(fail_on);
    let text = |message: &str| {
        let mut text = message.to_owned();
        for line in example::lines(report, target, result, WIDTH) {
            text.push('\n');
            text.push_str(&line.to_string());
        }
        text
    };
    let deviates = |kind| {
        let message = deviation(result);
        let text = text(&message);
        if is_bad {
            TestResult::Failed {
                kind,
                message,
                text,
            }
        } else {
            TestResult::PassedWith(format!("{kind}: {text}"))
        }
    };
    match &result.outcome {
        Outcome::Pass => TestResult::Passed,
        Outcome::Fail => deviates("fail"),
        Outcome::Warn => deviates("warn"),
        Outcome::Recorded => deviates("recorded"),
        Outcome::KnownFailure {
            reason,
            kind,
            issue,
            ..
        } => {
            let kind = match kind {
                Kind::Bug => "bug",
                Kind::ByDesign => "by design",
            };
            let issue = match issue {
                Some(issue) => format!(" ({})", escape::prose(issue)),
                None => String::new(),
            };
            let reason = escape::prose(reason);
            TestResult::Skipped(format!("known failure ({kind}): {reason}{issue}"))
        }
        Outcome::UnexpectedPass { reason } => {
            let message = format!("unexpected pass, was: {}", escape::prose(reason));
            TestResult::Failed {
                kind: "unexpected-pass",
                text: text(&format!(
                    "{message}\nit conforms now: take its entry out of known-failures.yaml"
                )),
                message,
            }
        }
        Outcome::Skip { reason } => TestResult::Skipped(escape::prose(reason)),
        Outcome::Error {
            reason,
            known: Some(known),
        } => TestResult::Skipped(format!(
            "error that known-failures.yaml covers ({}): {}",
            escape::prose(known),
            escape::prose(reason)
        )),
        Outcome::Error {
            reason,
            known: None,
        } => {
            let message = format!("could not be asked: {}", escape::prose(reason));
            TestResult::Error {
                text: text(&message),
                message,
            }
        }
    }
}

/// One sentence on a deviation.
fn deviation(result: &CaseResult) -> String {
    match result.quirk() {
        Some((_, sentence)) => escape::prose(&format!("{}: {sentence}", group::title(result))),
        None => {
            let clause = escape::prose(&result.case.clauses[0]);
            format!("deviates from {clause} ({})", level(result.case.level))
        }
    }
}

/// A dot in a name would look like one level more.
fn class(target: &TargetReport, folder: &str) -> String {
    let target = target.name.replace('.', "_");
    let folder = folder.replace('.', "_").replace('/', ".");
    let class = format!("{target}.{folder}");
    escape::prose(class.trim_end_matches('.'))
}
