//! Commands that are ended early, by Ctrl-C or by the SIGTERM that CI systems send: what they know by then is kept.
//!
//! `ssespec fuzz` has its tests in `fuzz.rs`, `ssespec lint` in `lint.rs`.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const SIGNALS: [&str; 2] = ["-INT", "-TERM"];

/// Runs the binary against an adapter that writes a file when it starts, and then ends the binary with this signal.
fn ended(signal: &str, folder: &Path, arguments: &[&str]) -> Output {
    let started = folder.join("started");
    let child = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .args(["--", "python3", "tests/hostile/adapter.py", "moody"])
        .arg(&started)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    for _ in 0..1200 {
        if started.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill starts").success());
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[test]
fn a_run_writes_its_reports() {
    for signal in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let report = folder.path().join("report.json");
        let asked = format!("json={}", report.display());
        let output = ended(signal, folder.path(), &["run", "--report", &asked]);
        let said = said(&output);
        assert!(said.contains("interrupted"), "{signal}: {said}");
        // Exit code 2 where not one answer was in.
        assert!(matches!(output.status.code(), Some(1 | 2)), "{said}");
        let report = fs::read_to_string(report).expect("the report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let trouble = report["targets"][0]["trouble"].to_string();
        assert!(trouble.contains("interrupted"), "{signal}: {trouble}");
    }
}

#[test]
fn an_exhaustive_search_keeps_its_state_and_goes_on_from_there() {
    for signal in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let state = folder.path().join("state");
        let kept = state.display().to_string();
        let arguments = ["exhaust", "--depth", "6", "--state", &kept];
        let output = ended(signal, folder.path(), &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{signal}: {said}");
        assert!(said.contains("error: interrupted; "), "{signal}: {said}");
        let sentence = "streams were not tried (the same command goes on from here)";
        assert!(said.contains(sentence), "{signal}: {said}");
        assert!(state.exists(), "{signal}");
    }
}

#[test]
fn a_diagnosis_ends_with_the_target_that_it_is_at() {
    for signal in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let report = folder.path().join("report.json");
        let asked = format!("json={}", report.display());
        let arguments = ["diagnose", "--runs", "1000000", "--report", &asked];
        let output = ended(signal, folder.path(), &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{signal}: {said}");
        assert!(said.contains(": interrupted"), "{signal}: {said}");
        assert!(report.exists(), "{signal}");
    }
}
