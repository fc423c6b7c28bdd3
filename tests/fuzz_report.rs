//! The findings of `ssespec fuzz` and `ssespec diagnose` in every report format, merged and rendered, through the real binary.
#![cfg(all(unix, feature = "cli"))]

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn ssespec(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary starts")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments);
    command
}

/// A search that finds one thing, with these reports.
fn fuzz(folder: &TempDir, machine: &str, arguments: &[&str]) -> Output {
    let save = text(&folder.path().join(format!("findings of {machine}")));
    let first = ["fuzz", "--save", &save, "--machine", machine];
    let last = ["--", "python3", "tests/hostile/adapter.py", "shouts", "x"];
    ssespec(&[&first[..], arguments, &last].concat())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn written(folder: &TempDir, name: &str) -> String {
    let path = folder.path().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(folder: &TempDir, name: &str) -> Value {
    serde_json::from_str(&written(folder, name)).expect("JSON")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SCHEMA: &str = include_str!("../src/report/findings.schema.json");

fn check_schema(document: &Value) {
    let schema = serde_json::from_str(SCHEMA).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
    let mut other = document.clone();
    other["targets"][0]["findings"][0]["standing"] = "maybe".into();
    assert!(
        !validator.is_valid(&other),
        "the schema lets anything through"
    );
}

#[test]
fn what_both_schemas_describe_they_describe_alike() {
    let schema_of_runs = include_str!("../src/report/report.schema.json");
    let [ours, theirs] = [SCHEMA, schema_of_runs].map(|schema| -> Value {
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        schema["$defs"].clone()
    });
    let ours = ours.as_object().expect("definitions");
    let shared: Vec<&String> = ours
        .keys()
        .filter(|name| theirs.get(*name).is_some())
        .collect();
    assert!(shared.len() > 5, "only {shared:?} are in both");
    for name in shared {
        assert_eq!(ours[name], theirs[name], "{name}");
    }
}

#[test]
fn a_search_is_reported_in_every_format() {
    let folder = TempDir::new().expect("a folder");
    let names = ["json", "html", "junit", "markdown", "findings", "terminal"];
    let reports = names.map(|name| format!("--report={name}={}", text(&folder.path().join(name))));
    let mut arguments = vec!["--runs", "500"];
    arguments.extend(reports.iter().map(String::as_str));
    let output = fuzz(&folder, "ci-1", &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let document = json(&folder, "json");
    check_schema(&document);
    let target = &document["targets"][0];
    assert_eq!(target["implementation"], "hostile");
    assert_eq!(target["searches"][0]["by"], "ci-1");
    let finding = &target["findings"][0];
    assert_eq!(finding["fingerprint"], "unexplained event-data");
    assert_eq!(finding["seenBy"], serde_json::json!(["ci-1"]));
    assert_eq!(finding["known"], false);
    assert!(
        finding["failing"]["observed"]["parsed"]["events"][0]["data"]
            .as_str()
            .is_some_and(|data| data.ends_with('!'))
    );
    for name in &names[1..] {
        let report = written(&folder, name);
        let said = ["unexplained event-data", "ci-1", "expected", "observed"];
        // The tables alone show no comparison.
        let n_said = if *name == "findings" { 2 } else { 4 };
        for said in &said[..n_said] {
            assert!(report.contains(said), "{name}: no `{said}` in {report}");
        }
    }
    assert!(written(&folder, "junit").contains("<failure"));
    let page = written(&folder, "html");
    assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"));
    assert!(!page.contains("<script") && !page.contains("script-src"));

    // What was found is known from then on.
    let output = fuzz(&folder, "ci-1", &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        json(&folder, "json")["targets"][0]["findings"][0]["known"],
        true
    );
    assert!(!written(&folder, "junit").contains("<failure"));
}

#[test]
fn merged_reports_list_each_finding_once_with_all_who_saw_it() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name));
    for (machine, shard) in [("a", "1/2"), ("b", "2/2")] {
        let report = format!("json={}", path(machine));
        fuzz(
            &folder,
            machine,
            &["--runs", "1000", "--shard", shard, "--report", &report],
        );
    }
    let merged = path("merged");
    let output = ssespec(&[
        "report",
        "merge",
        &path("a"),
        &path("b"),
        "--output",
        &merged,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document = json(&folder, "merged");
    check_schema(&document);
    assert_eq!(document["targets"].as_array().map(Vec::len), Some(1));
    let target = &document["targets"][0];
    assert_eq!(target["searches"].as_array().map(Vec::len), Some(2));
    assert_eq!(target["findings"].as_array().map(Vec::len), Some(1));
    let seen_by = serde_json::json!(["a (shard 1/2)", "b (shard 2/2)"]);
    assert_eq!(target["findings"][0]["seenBy"], seen_by);
    let output = ssespec(&["report", "render", &merged]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("a (shard 1/2), b (shard 2/2)"), "{shown}");
    let output = ssespec(&["report", "render", &merged, "--report=markdown=-"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.starts_with("# Findings"), "{shown}");

    // Another version is another target, whose tests must not replace the first one's.
    let mut other = document.clone();
    other["targets"][0]["version"] = "2".into();
    let path_of_other = path("other");
    std::fs::write(&path_of_other, other.to_string()).expect("a file");
    let both = path("both");
    ssespec(&["report", "merge", &merged, &path_of_other, "-o", &both]);
    assert_eq!(
        json(&folder, "both")["targets"].as_array().map(Vec::len),
        Some(2)
    );
    let output = ssespec(&["report", "render", &both, "--report=junit=-"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let tests = shown.split("<testcase ").skip(1);
    let tests: Vec<&str> = tests.filter_map(|test| test.split('>').next()).collect();
    assert_eq!(tests.len(), 4, "{shown}");
    let different: HashSet<&str> = tests.iter().copied().collect();
    assert_eq!(different.len(), tests.len(), "{shown}");

    let output = ssespec(&["report", "diff", &merged, &merged]);
    assert!(
        stderr(&output).contains("no report of `ssespec run`"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn ctrl_c_leaves_reports_of_what_was_found() {
    let folder = TempDir::new().expect("a folder");
    let save = folder.path().join("findings");
    let report = format!("json={}", text(&folder.path().join("json")));
    // Only a search that finds nothing comes to the end of its time.
    let arguments = ["--save", &text(&save), "--report", &report, "--for", "120s"];
    let mut child = command(&["fuzz"])
        .args(arguments)
        .args(["--", "python3", "tests/hostile/adapter.py", "shouts", "x"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut shown = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    // What is shown is in the report already.
    while !line.starts_with("  saved ") {
        line.clear();
        let n_bytes = shown.read_line(&mut line).expect("UTF-8");
        assert_ne!(n_bytes, 0, "it ended before it found anything");
    }
    let kill = ["-INT", &child.id().to_string()];
    Command::new("kill")
        .args(kill)
        .status()
        .expect("kill starts");
    std::io::copy(&mut shown, &mut std::io::sink()).expect("it reads on");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let document = json(&folder, "json");
    let target = &document["targets"][0];
    assert_eq!(
        target["findings"][0]["fingerprint"],
        "unexplained event-data"
    );
    assert_eq!(target["searches"][0]["trouble"], "interrupted");
}

#[test]
fn a_target_that_fails_costs_the_others_nothing() {
    let folder = TempDir::new().expect("a folder");
    let broken: PathBuf = folder.path().join("broken");
    std::fs::create_dir(&broken).expect("a folder");
    let adapter = "name: broken\nrole: parser\nimplementation: broken\nhomepage: https://example.com\n\
        command: [python3, -c, 'import sys; sys.exit(7)']\nrequires: [python3]\n";
    std::fs::write(broken.join("adapter.yaml"), adapter).expect("a file");
    let report = format!("json={}", text(&folder.path().join("json")));
    let arguments = [&text(&broken), "--runs", "500", "--report", &report];
    let output = fuzz(&folder, "a", &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let document = json(&folder, "json");
    let trouble = document["targets"][0]["searches"][0]["trouble"].as_str();
    assert!(
        trouble.is_some_and(|trouble| trouble.contains("exit code 7")),
        "{document}"
    );
    assert_eq!(
        document["targets"][1]["findings"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn findings_and_runs_are_not_merged() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name));
    let report = format!("json={}", path("search"));
    fuzz(&folder, "a", &["--runs", "100", "--report", &report]);
    let report = format!("json={}", path("run"));
    let target = ["--", "python3", "tests/hostile/adapter.py", "good"];
    ssespec(
        &[
            &[
                "run",
                "-k",
                "*/one-event",
                "--corpus",
                "tests/hostile/cases",
                "--report",
                &report,
            ][..],
            &target,
        ]
        .concat(),
    );
    let output = ssespec(&["report", "merge", &path("run"), &path("search")]);
    assert!(
        stderr(&output).contains("only reports of one kind are merged"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_diagnosis_is_reported_as_a_search_is() {
    let folder = TempDir::new().expect("a folder");
    let reports =
        ["json", "html"].map(|name| format!("--report={name}={}", text(&folder.path().join(name))));
    let target = ["--", "python3", "tests/hostile/adapter.py", "strips-spaces"];
    let arguments = ["diagnose", "--runs", "1000", &reports[0], &reports[1]];
    let output = ssespec(&[&arguments[..], &target].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let document = json(&folder, "json");
    check_schema(&document);
    let findings = &document["targets"][0]["findings"];
    assert_eq!(findings[0]["fingerprint"], "quirk space-all-removed");
    let page = written(&folder, "html");
    for said in [
        "space-all-removed",
        "kind.space-one",
        "explains ",
        "100.0 %",
        "ssespec parse --stream",
    ] {
        assert!(page.contains(said), "no `{said}` in {page}");
    }
}

#[test]
fn the_html_of_a_run_has_a_diagnosis_of_each_target() {
    let folder = TempDir::new().expect("a folder");
    let report = format!("--report=html={}", text(&folder.path().join("html")));
    let target = ["--", "python3", "tests/hostile/adapter.py", "strips-spaces"];
    ssespec(&[&["run", &report][..], &target].concat());
    let page = written(&folder, "html");
    let diagnosis = page.split_once("<h4>Diagnosis</h4>").expect("a section").1;
    for said in [
        "1 quirk of the model",
        "space-all-removed",
        "kind.space-one",
        "the smallest is ",
    ] {
        assert!(diagnosis.contains(said), "no `{said}` in {diagnosis}");
    }
}

#[test]
fn what_needs_history_kills_or_grows_is_read_back_as_it_was_written() {
    for (behaviour, marker, said) in [
        (
            "remembers",
            "lastEventId",
            "1 other stream in the same process",
        ),
        ("crashes-on", "lastEventId", "> **possible vulnerability"),
        ("quadratic", "", "growth time colons"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| text(&folder.path().join(name));
        let report = format!("json={}", path("first"));
        let save = path("findings");
        let arguments = [
            "fuzz", "--runs", "200", "--save", &save, "--report", &report,
        ];
        let target = [
            "--",
            "python3",
            "tests/hostile/adapter.py",
            behaviour,
            marker,
        ];
        ssespec(&[&arguments[..], &target].concat());
        check_schema(&json(&folder, "first"));
        let again = format!("json={}", path("again"));
        let page = format!("markdown={}", path("page"));
        let arguments = [
            "report",
            "render",
            &path("first"),
            "--report",
            &again,
            "--report",
            &page,
        ];
        let output = ssespec(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(written(&folder, "first"), written(&folder, "again"));
        let page = written(&folder, "page");
        assert!(page.contains(said), "no `{said}` in {page}");
    }
}

#[test]
fn time_that_grows_stands_in_the_table_of_deviations_without_its_stream() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name));
    let target = ["--", "python3", "tests/hostile/adapter.py", "quadratic", ""];
    let (asked, searched) = (
        format!("json={}", path("asked")),
        format!("json={}", path("searched")),
    );
    let save = path("findings");
    let run = ["run", "-k", "parser/fields/id/*", "--report", &asked];
    ssespec(&[&run[..], &target].concat());
    let fuzz = [
        "fuzz", "--runs", "20", "--save", &save, "--report", &searched,
    ];
    ssespec(&[&fuzz[..], &target].concat());
    let render = |input: &str, searched: &str| {
        ssespec(&[
            "report",
            "render",
            &path(input),
            "--searched",
            &path(searched),
            "--report",
            "findings=-",
        ])
    };
    let output = render("asked", "searched");
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let row = "| <code>Time grows faster than the input.</code> | <code>line.long</code> (should) | not shown | | |";
    assert!(table.contains(row), "{table}{}", stderr(&output));
    for (input, other, said) in [
        ("asked", "asked", "it is a report of `ssespec run`"),
        ("searched", "searched", "--searched goes with a report of"),
    ] {
        let output = render(input, other);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}
