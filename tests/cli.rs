//! Exit codes and the one clear sentence of the real binary, for what people get wrong.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn ssespec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // A test is no step of the CI job that runs it.
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("the binary starts")
}

/// Exit code 2, nothing on standard output, and each of the texts on standard error.
#[track_caller]
fn check_refused(arguments: &[&str], texts: &[&str]) {
    let output = ssespec(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert!(error.starts_with("error: "), "{error}");
    for text in texts {
        assert!(error.contains(text), "`{text}` is not in: {error}");
    }
}

/// A folder with one case file.
fn corpus(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mine.yaml"), text).expect("it can be written to");
    folder
}

#[track_caller]
fn check_bad_corpus(text: &str, sentences: &[&str]) {
    let folder = corpus(text);
    let path = folder.path().to_str().expect("a plain path");
    check_refused(&["run", "--corpus", path, "--", "true"], sentences);
}

#[test]
fn a_bad_case_file_is_refused_with_its_place() {
    check_bad_corpus("cases: [", &["mine.yaml:"]);
    check_bad_corpus(
        "clauses: [data.single]\ncases:\n  - name: a\n    stream: \"\"\n    evnts: []\n",
        &["mine.yaml:5:5: unknown key `evnts` (did you mean `events`?)"],
    );
    check_bad_corpus(
        "clauses: [data.singel]\ncases:\n  - name: a\n    stream: \"\"\n    events: []\n",
        &["mine.yaml:3:5: unknown clause `data.singel` (did you mean `data.single`?)"],
    );
}

#[test]
fn a_duplicate_id_is_refused_with_the_place_of_the_first() {
    let case = "  - name: a\n    stream: \"\"\n    events: []\n";
    check_bad_corpus(
        &format!("clauses: [data.single]\ncases:\n{case}{case}"),
        &["mine.yaml:6:5: duplicate id `mine/a`", "mine.yaml:3"],
    );
}

#[test]
fn a_case_that_the_reference_contradicts_is_refused_with_both_answers() {
    let case = "clauses: [data.single]\ncases:\n  - name: a\n    stream: \"data: a\\n\\n\"\n    events: [{ data: \"b\" }]\n";
    check_bad_corpus(
        case,
        &[
            "contradicts the reference",
            "written:   {type \"message\", data \"b\"",
            "reference: {type \"message\", data \"a\"",
        ],
    );
    let disputed = format!("{case}    disputes: \"to see what happens\"\n");
    let folder = corpus(&disputed);
    let path = folder.path().to_str().expect("a plain path");
    let output = ssespec(&["cases", "--corpus", path, "-k", "mine/a"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_bad_file_is_reported_in_one_go() {
    let folder = corpus("cases: 7\n");
    std::fs::write(folder.path().join("other.yaml"), "cases: 8\n").expect("it can be written to");
    let path = folder.path().to_str().expect("a plain path");
    check_refused(
        &["run", "--corpus", path, "--", "true"],
        &["mine.yaml:1:", "other.yaml:1:"],
    );
}

#[test]
fn no_such_adapter_names_the_nearest() {
    check_refused(
        &["run", "httpx-see"],
        &["no such adapter: `httpx-see`", "did you mean `httpx-sse`?"],
    );
}

#[test]
fn a_bad_adapter_file_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_str().expect("a plain path");
    for (text, sentence) in [
        (
            "name: a\nrole: parser\ncomand: [x]\n",
            "adapter.yaml:3:1: unknown key `comand` (did you mean `command`?)",
        ),
        ("name: a\nrole: parser\n", "give either `command`"),
        (
            "name: a\nrole: parser\ncommand: []\n",
            "adapter.yaml:3:1: give either `command`",
        ),
        (
            "name: a\ncommand: [x]\n",
            "give either `role` or a list `roles`",
        ),
    ] {
        std::fs::write(folder.path().join("adapter.yaml"), text).expect("it can be written to");
        check_refused(&["run", path], &[sentence]);
    }
}

#[test]
fn a_missing_tool_of_a_named_target_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "name: a\nrole: parser\ncommand: [x]\nrequires: [no-such-tool-anywhere]\n";
    std::fs::write(folder.path().join("adapter.yaml"), text).expect("it can be written to");
    check_refused(
        &["run", folder.path().to_str().expect("a plain path")],
        &["`a` needs `no-such-tool-anywhere`"],
    );
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_the_run() {
    check_refused(
        &[
            "run",
            "--report",
            "json=/no/such/folder/r.json",
            "--",
            "true",
        ],
        &["/no/such/folder/r.json", "cannot be written"],
    );
    check_refused(
        &["run", "--report", "json=src", "--", "true"],
        &["src is a folder"],
    );
    check_refused(
        &["run", "--report", "pdf=x", "--", "true"],
        &["unknown format `pdf`"],
    );
}

#[test]
fn an_empty_selection_is_refused() {
    check_refused(
        &["run", "-k", "no/such/case", "--", "true"],
        &["no case matches no/such/case"],
    );
    check_refused(&["cases", "-k", "no/such/case"], &["no case matches"]);
}

#[test]
fn a_program_that_is_not_there_is_no_verdict() {
    let output = ssespec(&[
        "run",
        "-k",
        "parser/fields/data/*",
        "--",
        "./no-such-program",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot start `./no-such-program`"));
}

#[test]
fn without_arguments_and_without_adapters_there_is_help() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(folder.path())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("ssespec run -- node adapter.mjs"));
    assert!(!Path::new(&folder.path().join("reports")).exists());
}

#[test]
fn a_stream_is_parsed_and_explained() {
    let output = ssespec(&[
        "parse",
        "--explain",
        "--stream",
        r"id: 7\ndata: a\n\nData: b\n",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout);
    for word in ["message", "Data", "unknown field"] {
        assert!(text.contains(word), "{text}");
    }
}
