//! A report to JUnit XML for CI: a suite for each target, a test for each case that was asked or skipped.
//!
//! What is red here keeps `ssespec run` from exit code 0, and the other way round.
//! A known failure is a skipped test with its reason, because CI has no third colour: a green one would claim that the case conforms.

mod testcase;

use std::io;

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Report, TargetReport, escape};
use crate::outcome::FailOn;
use testcase::tests;
pub(super) use testcase::{Test, TestResult};

/// Attributes are shown in lists: longer messages are cut, the text below holds the rest.
const MAX_MESSAGE: usize = 300;

/// Writes the report. From `fail_on` on, a deviation is a failure; below it is a passed test whose output tells of it.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, report: &Report, fail_on: FailOn) -> io::Result<()> {
    let suites: Vec<Suite> = report
        .targets
        .iter()
        .map(|target| Suite {
            name: format!("{} ({})", escape::prose(&target.name), target.role.name()),
            seconds: target.seconds,
            properties: properties(report, target),
            tests: tests(report, target, fail_on),
        })
        .collect();
    write_suites(out, &suites)
}

/// One element `testsuite`.
pub(super) struct Suite {
    /// Its name, visible.
    pub name: String,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// What else there is to know.
    pub properties: Vec<(&'static str, String)>,
    /// Its tests.
    pub tests: Vec<Test>,
}

/// Writes a whole document.
///
/// # Errors
///
/// What `out` gives.
pub(super) fn write_suites(out: &mut dyn io::Write, suites: &[Suite]) -> io::Result<()> {
    let all = Tally::of(suites.iter().flat_map(|suite| &suite.tests));
    let seconds: f64 = suites.iter().map(|suite| suite.seconds).sum();
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = writer
        .create_element("testsuites")
        .with_attribute(("name", "ssespec"));
    all.attributes(seconds)
        .into_iter()
        .fold(root, |element, (name, value)| {
            element.with_attribute((name, value.as_str()))
        })
        .write_inner_content(|writer| {
            for suite in suites {
                write_suite(writer, suite)?;
            }
            Ok(())
        })?;
    writer.write_event(Event::Text(BytesText::from_escaped("\n")))
}

/// The numbers of a suite.
#[derive(Default)]
struct Tally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Tally {
    fn of<'a>(tests: impl IntoIterator<Item = &'a Test>) -> Self {
        let mut tally = Self::default();
        for test in tests {
            tally.tests += 1;
            match test.result {
                TestResult::Passed | TestResult::PassedWith(_) => (),
                TestResult::Failed { .. } => tally.failures += 1,
                TestResult::Error { .. } => tally.errors += 1,
                TestResult::Skipped(_) => tally.skipped += 1,
            }
        }
        tally
    }

    fn attributes(&self, seconds: f64) -> [(&'static str, String); 5] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
            ("time", format!("{seconds:.3}")),
        ]
    }
}

type Xml<'a> = Writer<&'a mut dyn io::Write>;

fn write_suite(writer: &mut Xml<'_>, suite: &Suite) -> io::Result<()> {
    let element = writer
        .create_element("testsuite")
        .with_attribute(("name", suite.name.as_str()));
    Tally::of(&suite.tests)
        .attributes(suite.seconds)
        .into_iter()
        .fold(element, |element, (name, value)| {
            element.with_attribute((name, value.as_str()))
        })
        .write_inner_content(|writer| {
            write_properties(writer, &suite.properties)?;
            for test in &suite.tests {
                write_test(writer, test)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn properties(report: &Report, target: &TargetReport) -> Vec<(&'static str, String)> {
    vec![
        ("implementation", target.implementation.clone()),
        ("version", target.version.clone()),
        ("language", target.language.clone()),
        ("role", target.role.name().to_owned()),
        ("homepage", target.homepage.clone()),
        ("ssespec.version", report.version.clone()),
        ("ssespec.corpus", report.corpus_hash.clone()),
        ("ssespec.seed", report.seed.to_string()),
        ("ssespec.platform", report.platform.clone()),
        ("ssespec.deliveries", target.n_deliveries.to_string()),
    ]
}

fn write_properties(writer: &mut Xml<'_>, properties: &[(&'static str, String)]) -> io::Result<()> {
    writer
        .create_element("properties")
        .write_inner_content(|writer| {
            for (name, value) in properties {
                writer
                    .create_element("property")
                    .with_attribute(("name", *name))
                    .with_attribute(("value", escape::prose(value).as_str()))
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_test(writer: &mut Xml<'_>, test: &Test) -> io::Result<()> {
    // How long a case took is not measured: many are asked at once.
    let element = writer
        .create_element("testcase")
        .with_attribute(("classname", test.class.as_str()))
        .with_attribute(("name", test.name.as_str()));
    if matches!(test.result, TestResult::Passed) {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|writer| {
        let (name, kind, message, text) = match &test.result {
            TestResult::Passed => return Ok(()),
            TestResult::PassedWith(text) => ("system-out", None, None, text),
            TestResult::Failed {
                kind,
                message,
                text,
            } => ("failure", Some(*kind), Some(message), text),
            TestResult::Error { message, text } => ("error", Some("error"), Some(message), text),
            // Jenkins shows the attribute, GitLab the text.
            TestResult::Skipped(reason) => ("skipped", None, Some(reason), reason),
        };
        let mut element = writer.create_element(name);
        if let Some(message) = message {
            let message = escape::shortened(message, MAX_MESSAGE);
            element = element.with_attribute(("message", message.as_str()));
        }
        if let Some(kind) = kind {
            element = element.with_attribute(("type", kind));
        }
        element.write_text_content(BytesText::from_escaped(partial_escape(text.as_str())))?;
        Ok(())
    })?;
    Ok(())
}
