//! A real Chromium as a target, and browsers that do not start, do not load the page, or leave in the middle.
//!
//! Without Chromium on the PATH the tests that need it say so and pass.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// One browser at a time: two share the cores, and each takes the other's time for a deadline.
static BROWSER: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    BROWSER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The real Chromium; none, with a sentence, where there is none.
fn chromium() -> Option<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        println!("skipped: no Chromium on the PATH");
    }
    found
}

/// A folder, and a program in it that is called chromium.
fn instead_of_chromium(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("chromium");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&program, executable).expect("an executable script");
    folder
}

fn ssespec(directory: &Path, first_on_path: Option<&Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
    command.current_dir(directory);
    command.env_remove("GITHUB_STEP_SUMMARY");
    if let Some(folder) = first_on_path {
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    }
    command
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[track_caller]
fn check(output: &Output, code: i32, texts: &[&str]) {
    let printed = printed(output);
    assert_eq!(output.status.code(), Some(code), "{printed}");
    for text in texts {
        assert!(printed.contains(text), "`{text}` is not in:\n{printed}");
    }
}

/// A folder with an adapter whose module runs in Chromium.
fn page(module: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let description = "name: page\nrole: client\nbrowser: chromium\nmodule: module.js\n";
    fs::write(folder.path().join("adapter.yaml"), description).expect("a file");
    fs::write(folder.path().join("module.js"), module).expect("a file");
    folder
}

/// The browser's own EventSource, which does `act` when it is told to connect for the third time.
fn at_the_third(act: &str) -> String {
    let own = include_str!("../src/target/browser/own_event_source.js");
    let connect = "export function connect(";
    assert!(own.contains(connect));
    let own = own.replace(connect, "function first(");
    format!(
        "{own}\nlet n = 0;\nexport function connect(params, report) {{\n  if (++n === 3) {{ {act} }}\n  return first(params, report);\n}}\n"
    )
}

#[test]
fn the_client_cases_come_out_of_chromium_as_they_are_known() {
    if chromium().is_none() {
        return;
    }
    let _alone = alone();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = ssespec(root, None)
        .args(["run", "--browser", "chromium", "-k", "client/*"])
        .args([
            "-k",
            "http/parser/decode/bom/*",
            "-k",
            "http/parser/fields/*",
        ])
        .output();
    let output = output.expect("ssespec runs");
    check(
        &output,
        0,
        &[" 0 fail, 0 warn, ", " 0 error, ", " 0 not asked"],
    );
}

#[test]
fn the_browsers_own_event_source_needs_no_adapter_folder() {
    if chromium().is_none() {
        return;
    }
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let output = ssespec(folder.path(), None)
        .args([
            "run",
            "--browser",
            "chromium",
            "-k",
            "client/last-event-id/*sent-on*",
        ])
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .output();
    check(&output.expect("ssespec runs"), 0, &[]);
    let text = fs::read_to_string(&report).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let target = &report["targets"][0];
    assert_eq!(target["implementation"], "Chromium");
    let version = target["version"].as_str().unwrap_or_default();
    assert_eq!(version.split('.').count(), 4, "a whole version: {version}");
}

#[test]
fn a_browser_that_is_not_there_is_named_with_its_remedy() {
    let empty = tempfile::tempdir().expect("a folder");
    let output = ssespec(empty.path(), None)
        .env("PATH", empty.path())
        .args(["run", "--browser", "chromium"])
        .output();
    check(
        &output.expect("ssespec runs"),
        2,
        &["needs `chromium`, which is not on the PATH; install Chromium or Chrome"],
    );
}

#[test]
fn a_browser_that_ends_at_once_is_shown_with_its_log() {
    let path = instead_of_chromium("echo 'no display' >&2\nexit 3");
    let output = ssespec(path.path(), Some(path.path()))
        .args(["run", "--browser", "chromium"])
        .output();
    check(
        &output.expect("ssespec runs"),
        2,
        &[
            "the browser did not load the page: it ended with exit code 3",
            "no display",
        ],
    );
}

#[test]
fn a_browser_that_never_loads_the_page_is_given_up() {
    let path = instead_of_chromium("exec sleep 1000");
    let output = ssespec(path.path(), Some(path.path()))
        .args(["run", "--browser", "chromium", "--timeout", "0.5"])
        .output();
    check(
        &output.expect("ssespec runs"),
        2,
        &["the browser did not load the page within 2 s"],
    );
}

#[test]
fn a_module_that_throws_is_quoted() {
    if chromium().is_none() {
        return;
    }
    let _alone = alone();
    let folder = page("throw new Error('not today');");
    let output = ssespec(folder.path(), None)
        .args(["run", "--role", "client", ".", "-k", "client/request/*"])
        .output();
    check(
        &output.expect("ssespec runs"),
        2,
        &["the module cannot be loaded: Error: not today"],
    );
}

#[test]
fn a_page_that_leaves_in_the_middle_costs_no_case_its_verdict() {
    if chromium().is_none() {
        return;
    }
    let _alone = alone();
    // The first two plays measure its delay; the third connection is that of a case.
    let folder = page(&at_the_third("location.href = 'about:blank';"));
    let output = ssespec(folder.path(), None)
        .args(["run", "--role", "client", "."])
        .args([
            "-k",
            "client/last-event-id/*sent-on*",
            "-k",
            "client/request/*",
        ])
        .output();
    check(
        &output.expect("ssespec runs"),
        0,
        &[" 0 error, ", " 0 not asked"],
    );
}

#[test]
fn a_page_that_freezes_in_the_middle_costs_no_case_its_verdict() {
    if chromium().is_none() {
        return;
    }
    let _alone = alone();
    let folder = page(&at_the_third("for (;;);"));
    let output = ssespec(folder.path(), None)
        .args(["run", "--role", "client", ".", "-k", "client/request/*"])
        .output();
    check(
        &output.expect("ssespec runs"),
        0,
        &[" 0 error, ", " 0 not asked"],
    );
}

/// Runs the client cases and kills the browser after a while; what is started then is `again`.
fn killed_half_way(chromium: &Path, again: &str) -> Output {
    let real = chromium.display();
    let path = instead_of_chromium(&format!(
        "started=\"$(dirname \"$0\")/started\"\n\
         if [ -e \"$started\" ]; then {again}; fi\n\
         echo $$ > \"$started\"\nexec {real} \"$@\""
    ));
    let started = path.path().join("started");
    let killer = std::thread::spawn(move || {
        let pid = loop {
            match fs::read_to_string(&started) {
                Ok(pid) if pid.ends_with('\n') => break pid,
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        // Long enough to start; too short for the windows in which nothing may happen.
        std::thread::sleep(Duration::from_secs(7));
        _ = Command::new("kill").args(["-9", pid.trim()]).status();
    });
    let output = ssespec(path.path(), Some(path.path()))
        .args(["run", "--browser", "chromium", "-k", "client/[clo]*"])
        .output();
    killer.join().expect("it killed the browser");
    output.expect("ssespec runs")
}

#[test]
fn a_browser_that_is_killed_half_way_is_started_again() {
    let Some(chromium) = chromium() else { return };
    let _alone = alone();
    let again = format!("exec {} \"$@\"", chromium.display());
    let output = killed_half_way(&chromium, &again);
    check(
        &output,
        1,
        &[" 1 fail, 0 warn, ", " 0 error, ", " 0 not asked"],
    );
}

#[test]
fn a_browser_that_cannot_be_started_again_leaves_the_verdicts_so_far() {
    let Some(chromium) = chromium() else { return };
    let _alone = alone();
    let output = killed_half_way(&chromium, "echo gone for good >&2; exit 9");
    check(&output, 1, &["it ended with exit code 9", "gone for good"]);
    let printed = printed(&output);
    let counts = printed.lines().rev().find(|line| line.contains(" pass, "));
    let counts = counts.unwrap_or_default();
    assert!(!counts.starts_with("0 pass"), "{counts}");
    assert!(!counts.contains(" 0 not asked"), "{counts}");
}

#[test]
fn a_browser_that_somebody_opens_is_tested_too() {
    let Some(chromium) = chromium() else { return };
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = ssespec(folder.path(), None)
        .args(["serve", "--once", "-k", "client/request/*"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ssespec runs");
    let mut said = BufReader::new(serving.stderr.take().expect("a pipe"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let address = line
        .split_whitespace()
        .find(|word| word.starts_with("http://127.0.0.1:"))
        .unwrap_or_else(|| panic!("no address in {line:?}"));
    let mut somebody = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--no-first-run", "--disable-background-networking"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Chromium starts");
    let output = serving.wait_with_output().expect("it ends");
    _ = somebody.kill();
    _ = somebody.wait();
    check(
        &output,
        0,
        &[" 0 fail, 0 warn, ", " 0 error, ", " 0 not asked"],
    );
    for report in ["ssespec-report.json", "ssespec-report.html"] {
        let text = fs::read_to_string(folder.path().join(report)).expect("a report");
        assert!(
            text.contains("Chromium"),
            "{report} does not name the browser"
        );
    }
}
