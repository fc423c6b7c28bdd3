//! `ssespec fuzz` of clients and servers through the real binary, against adapters with one known fault, and with none.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A search in a folder of its own.
struct Fuzz {
    folder: TempDir,
    arguments: Vec<String>,
    target: Vec<String>,
}

struct Finished {
    exit_code: i32,
    stdout: String,
    all: String,
}

/// What was saved of a finding.
struct Saved {
    path: PathBuf,
    name: String,
    text: String,
    stream: Vec<u8>,
}

impl Fuzz {
    fn new(role: &str, target: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let program = format!("tests/throwaway/fuzzed_{role}.py");
        let target = ["python3", &program]
            .into_iter()
            .chain(target.iter().copied());
        Self {
            arguments: ["--role", role].map(str::to_owned).to_vec(),
            target: target.map(str::to_owned).collect(),
            folder,
        }
    }

    fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    fn go(&self) -> Finished {
        let findings = self.findings();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .args(["fuzz", "--timeout", "10", "--save"])
            .arg(findings);
        finish(command.args(&self.arguments), &self.target)
    }

    fn replay(&self, file: &PathBuf) -> Finished {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .args(["fuzz", "--timeout", "10", "--replay"])
            .arg(file);
        finish(&mut command, &self.target)
    }

    /// Runs the saved cases as cases of the corpus.
    fn run(&self, role: &str, id: &str) -> Finished {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command.args([
            "run",
            "--role",
            role,
            "--timeout",
            "10",
            "-k",
            id,
            "--corpus",
        ]);
        finish(command.arg(self.findings()), &self.target)
    }

    fn findings(&self) -> PathBuf {
        self.folder.path().join("findings")
    }

    fn saved(&self) -> Vec<Saved> {
        let mut saved = Vec::new();
        for folder in fs::read_dir(self.findings()).into_iter().flatten() {
            let folder = folder.expect("an entry").path();
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "yaml")
                {
                    saved.push(Saved {
                        name: path
                            .file_stem()
                            .expect("a name")
                            .to_string_lossy()
                            .into_owned(),
                        text: fs::read_to_string(&path).expect("a text"),
                        stream: fs::read(path.with_extension("sse")).expect("the raw stream"),
                        path,
                    });
                }
            }
        }
        saved.sort_by(|a, b| a.name.cmp(&b.name));
        saved
    }

    #[track_caller]
    fn the_one_finding(&self, finished: &Finished) -> Saved {
        let mut saved = self.saved();
        assert_eq!(saved.len(), 1, "{}", finished.all);
        assert_eq!(finished.exit_code, 1, "{}", finished.all);
        saved.remove(0)
    }
}

fn finish(command: &mut Command, target: &[String]) -> Finished {
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("--")
        .args(target)
        .output()
        .expect("the binary starts");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Finished {
        exit_code: output.status.code().expect("an exit code"),
        all: stdout.clone() + &String::from_utf8_lossy(&output.stderr),
        stdout,
    }
}

#[track_caller]
fn check_is_faultless(fuzz: &Fuzz) {
    let finished = fuzz.go();
    assert_eq!(finished.exit_code, 0, "{}", finished.all);
    assert!(fuzz.saved().is_empty(), "{}", finished.all);
    assert!(finished.stdout.contains(" 0 deviate"), "{}", finished.all);
}

/// What was found is found again by a replay, is told but no news where it is known, and stands in the file of a case.
#[track_caller]
fn check_is_kept(fuzz: &Fuzz, saved: &Saved, role: &str, faultless: &Fuzz) {
    assert!(
        saved.text.contains(&format!("# role: {role}\n")),
        "{}",
        saved.text
    );
    assert!(saved.text.contains("# standing: stable"), "{}", saved.text);
    let replayed = fuzz.replay(&saved.path);
    assert_eq!(replayed.exit_code, 1, "{}", replayed.all);
    assert!(
        replayed.all.contains("deviates in 3 of 3 replays"),
        "{}",
        replayed.all
    );
    let replayed = faultless.replay(&saved.path);
    assert_eq!(replayed.exit_code, 0, "{}", replayed.all);
    let known = Fuzz {
        folder: TempDir::new().expect("a folder"),
        arguments: fuzz.arguments.clone(),
        target: fuzz.target.clone(),
    };
    let report = known.folder.path().join("report.json");
    let known = known.with(&["--known", &saved.path.display().to_string()]);
    let known = known.with(&["--report", &format!("json={}", report.display())]);
    let finished = known.go();
    assert_eq!(finished.exit_code, 0, "{}", finished.all);
    assert!(known.saved().is_empty(), "{}", finished.all);
    let report = fs::read_to_string(report).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let finding = &report["targets"][0]["findings"][0];
    assert_eq!(finding["known"], true, "{finding}");
}

#[test]
fn a_faultless_client_has_no_findings() {
    check_is_faultless(&Fuzz::new("client", &["none"]).with(&["--runs", "300"]));
}

#[test]
fn a_fault_of_a_clients_parser_is_found_over_http_and_named() {
    let fuzz = Fuzz::new("client", &["glues", "once"]).with(&["--runs", "300"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "data-glued", "{}", finished.all);
    // Two lines of data and a blank one.
    assert_eq!(saved.stream.len(), 11, "{}", finished.all);
    check_is_kept(&fuzz, &saved, "client", &Fuzz::new("client", &["none"]));
    let run = fuzz.run("client", "http/*/data-glued");
    assert!(
        run.exit_code == 1 && run.all.contains("1 fail"),
        "{}",
        run.all
    );
}

#[test]
fn cuts_reach_a_client_where_they_are() {
    let fuzz = Fuzz::new("client", &["splits-crlf", "once"]).with(&["--runs", "500"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(
        saved.name, "line-split-crlf-is-two-ends",
        "{}",
        finished.all
    );
    assert!(saved.text.contains("chunks: ["), "{}", saved.text);
    check_is_kept(&fuzz, &saved, "client", &Fuzz::new("client", &["none"]));
}

#[test]
fn a_client_that_dies_is_a_finding_with_a_warning() {
    let fuzz = Fuzz::new("client", &["dies", "once"]).with(&["--runs", "100"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "crash-exit-code-7", "{}", finished.all);
    assert!(
        saved.text.contains("# possible vulnerability"),
        "{}",
        saved.text
    );
    // One line of data, which holds that character.
    assert_eq!(saved.stream.len(), 9, "{}", saved.text);
}

#[test]
fn a_faultless_server_has_no_findings() {
    check_is_faultless(&Fuzz::new("server", &["none"]).with(&["--runs", "1000"]));
}

#[test]
fn an_injection_is_found_and_named_by_its_field_and_character() {
    let fuzz = Fuzz::new("server", &["injects"]).with(&["--runs", "400"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "server-injected-id-lf", "{}", finished.all);
    assert!(
        saved.text.contains("clauses: [server.no-injection]"),
        "{}",
        saved.text
    );
    assert!(saved.stream.starts_with(b"id: "), "{}", saved.text);
    assert!(
        saved.text.contains("# possible vulnerability"),
        "{}",
        saved.text
    );
    check_is_kept(&fuzz, &saved, "server", &Fuzz::new("server", &["none"]));
    let run = fuzz.run("server", "*/server-injected-id-lf");
    assert!(
        run.exit_code == 1 && run.all.contains("1 fail"),
        "{}",
        run.all
    );
}

#[test]
fn a_long_text_becomes_as_short_as_the_fault_allows() {
    let fuzz = Fuzz::new("server", &["truncates"]).with(&["--runs", "400"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "server-altered-data-long", "{}", finished.all);
    let data = format!("emit:\n      - {{ data: \"{}\" }}\n", "a".repeat(1025));
    assert!(saved.text.contains(&data), "{}", saved.text);
}

#[test]
fn a_server_that_dies_is_a_finding_with_a_warning() {
    let fuzz = Fuzz::new("server", &["dies"]).with(&["--runs", "300"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "crash-exit-code-9", "{}", finished.all);
    assert!(
        saved.text.contains("# possible vulnerability"),
        "{}",
        saved.text
    );
    assert!(saved.text.contains("type: \":\""), "{}", saved.text);
}

#[test]
fn the_same_seed_gives_the_same_findings_however_many_jobs() {
    for (role, target) in [
        ("client", ["glues", "once"].as_slice()),
        ("server", &["injects"]),
    ] {
        let texts = ["1", "3"].map(|jobs| {
            let fuzz = Fuzz::new(role, target);
            let fuzz = fuzz.with(&["--runs", "1200", "--seed", "9", "--jobs", jobs]);
            let finished = fuzz.go();
            let tally = finished
                .stdout
                .lines()
                .find(|line| line.contains(" streams, "));
            let saved = fuzz
                .saved()
                .into_iter()
                .map(|saved| (saved.text, saved.stream));
            (
                tally.expect("a tally").to_owned(),
                saved.collect::<Vec<_>>(),
            )
        });
        assert_eq!(texts[0], texts[1]);
        assert!(!texts[0].1.is_empty());
    }
}

#[test]
fn a_role_that_a_target_does_not_have_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["fuzz", "--role", "server", "adapters/javascript/undici"])
        .output()
        .expect("the binary starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("`undici` has no role server"), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
}
