//! The real binary against the programs of this folder: what a run says of one case, and what check-adapter says.

#![allow(dead_code, reason = "each test takes a part of it")]

use std::process::{Command, Output};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// The published schema of the JSON report, which holds every class of deviations.
static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = include_str!("../../src/report/report.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
});

/// What a run said of its one case.
#[derive(Debug)]
pub struct Said {
    pub exit_code: i32,
    pub outcome: String,
    /// Reasons, sentences, and what was on the wire.
    pub all: String,
    /// What the terminal shows.
    pub shown: String,
}

/// `ssespec WORDS -- python3 PROGRAM`, in this folder.
pub fn ssespec(words: &[&str], program: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/throwaway"))
        .args(words)
        .args(["--", "python3"])
        .args(program)
        .output()
        .expect("ssespec runs")
}

/// Runs one case, with these flags, against a program.
pub fn run(flags: &[&str], case: &str, program: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let asked = format!("--report=json={}", report.display());
    let words = [&["run", "-k", case, &asked][..], flags].concat();
    let output = ssespec(&words, program);
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Err(error) = SCHEMA.validate(&report) {
        panic!("{error} at {}", error.instance_path());
    }
    let target = &report["targets"][0];
    let outcome = target["results"][0]["outcome"].as_str();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    Said {
        exit_code: output.status.code().expect("it ends by itself"),
        outcome: outcome.unwrap_or_default().to_owned(),
        all: format!("{shown}{stderr}{target}"),
        shown,
    }
}

#[track_caller]
pub fn check(said: &Said, outcome: &str, sentences: &[&str]) {
    assert_eq!(said.outcome, outcome, "{}", said.all);
    for sentence in sentences {
        assert!(
            said.all.contains(sentence),
            "no {sentence:?} in {}",
            said.all
        );
    }
}

/// The exit code of `ssespec check-adapter`, and what it says of a program.
pub fn checked(role: &str, program: &[&str]) -> (Option<i32>, String) {
    let output = ssespec(
        &["check-adapter", "--timeout", "3", "--role", role],
        program,
    );
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), shown)
}
