//! A report to JSON and back: schema 2, described by `src/report/report.schema.json`.

mod asked;
mod delivery;
pub mod found;
mod layout;
mod mismatch;
mod observed;
mod result;
mod shape;

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Report;
use super::found::Findings;

/// The version of the schema that is written, and the only one that is read.
pub const SCHEMA: u64 = 2;

/// Writes the report as one JSON document.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, report: &Report) -> io::Result<()> {
    write_document(out, &shape::Report::from(report))
}

/// Reads what [`write`] wrote.
///
/// # Errors
///
/// One sentence: not JSON, cut off, another schema, or the place where it is not as the schema says.
pub fn read(text: &str) -> Result<Report, String> {
    match read_any(text)? {
        Document::Report(report) => Ok(report),
        Document::Findings(_) => Err(
            "these are findings of `ssespec fuzz` or `ssespec diagnose`, and no report of `ssespec run`"
                .to_owned(),
        ),
    }
}

/// What a JSON document of ours may be.
#[derive(Debug)]
pub enum Document {
    /// Of `ssespec run`.
    Report(Report),
    /// Of `ssespec fuzz` and `ssespec diagnose`.
    Findings(Findings),
}

/// Reads what [`write`] or [`found::write`] wrote.
///
/// # Errors
///
/// As [`read`].
pub fn read_any(text: &str) -> Result<Document, String> {
    let Version { schema, kind } = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    let is_findings = kind.as_deref() == Some(found::KIND);
    let known = if is_findings { found::SCHEMA } else { SCHEMA };
    if schema != Some(known) {
        let found = schema.map_or("no schema version".to_owned(), |found| {
            format!("schema {found}")
        });
        return Err(format!(
            "the report has {found}; this version of ssespec reads schema {known}"
        ));
    }
    if is_findings {
        return found::read(text).map(Document::Findings);
    }
    let report: shape::Report = read_document(text)?;
    report.into_report().map(Document::Report)
}

fn write_document(out: &mut dyn io::Write, document: &impl Serialize) -> io::Result<()> {
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut *out, layout::Layout::default());
    document.serialize(&mut serializer)?;
    writeln!(out)
}

/// The document, or the place where it is not as the schema says.
fn read_document<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        format!(
            "the report is wrong at `{}`: {}",
            error.path(),
            error.inner()
        )
    })
}

/// All that every version of the schema has in common.
#[derive(Deserialize)]
struct Version {
    schema: Option<u64>,
    kind: Option<String>,
}

fn malformed(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_eof() {
        format!("the report is cut off at {place}")
    } else {
        format!("this is no JSON report: {error}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Report {
        Report {
            version: "0.1.0".to_owned(),
            corpus_hash: "00".to_owned(),
            seed: u64::MAX,
            platform: "linux x86_64".to_owned(),
            clauses: crate::clause::Clauses::default(),
            cases: Vec::new(),
            targets: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut text = Vec::new();
        write(&mut text, &empty()).expect("memory");
        let text = String::from_utf8(text).expect("JSON");
        let report = read(&text).expect("a report");
        assert_eq!(format!("{report:?}"), format!("{:?}", empty()));
    }

    #[test]
    fn a_report_that_cannot_be_read_says_why_in_one_sentence() {
        let mut text = Vec::new();
        write(&mut text, &empty()).expect("memory");
        let text = String::from_utf8(text).expect("JSON");
        for (bad, message) in [
            (text[..60].to_owned(), "the report is cut off at line "),
            (String::new(), "the report is cut off at line 1, column 0"),
            (
                text.replace("\"schema\":2", "\"schema\":3"),
                "the report has schema 3; this version of ssespec reads schema 2",
            ),
            (
                "{}".to_owned(),
                "the report has no schema version; this version of ssespec reads schema 2",
            ),
        ] {
            let error = read(&bad).expect_err("a sentence");
            assert!(error.starts_with(message), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
        let error =
            read(&text.replace("\"targets\":[]", "\"targets\":[{}]")).expect_err("a sentence");
        assert!(
            error.starts_with("the report is wrong at `targets[0]`: missing field `name`"),
            "{error}"
        );
    }
}
