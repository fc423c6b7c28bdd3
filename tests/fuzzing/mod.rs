//! `ssespec fuzz` through the real binary, and what it saves.

#![allow(dead_code, reason = "each test takes a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A search in one target, which saves what it finds in a folder of its own.
pub struct Fuzz {
    folder: TempDir,
    arguments: Vec<String>,
    target: Vec<String>,
}

/// What the binary said.
pub struct Finished {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// For whoever has to find out why a test failed.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// What was saved of a finding.
#[derive(Debug)]
pub struct Saved {
    pub path: PathBuf,
    pub name: String,
    pub text: String,
    pub stream: Vec<u8>,
}

impl Fuzz {
    pub fn new(target: &[&str]) -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            arguments: Vec::new(),
            target: target.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    pub fn with(mut self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        self.arguments.extend(arguments);
        self
    }

    /// A report is asked for.
    pub fn with_report(self) -> Self {
        let asked = format!("json={}", self.path_of_report().display());
        self.with(&["--report", &asked])
    }

    /// The report that was asked for.
    pub fn report(&self) -> Value {
        let text = fs::read_to_string(self.path_of_report()).expect("a report");
        serde_json::from_str(&text).expect("JSON")
    }

    fn path_of_report(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }

    /// The same search with nothing saved yet.
    pub fn anew(&self) -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            arguments: self.arguments.clone(),
            target: self.target.clone(),
        }
    }

    pub fn command(&self) -> Command {
        self.ssespec(&["fuzz", "--save"], &self.findings(), &self.arguments)
    }

    pub fn go(&self) -> Finished {
        finished(&mut self.command())
    }

    /// Asks the target a finding again.
    pub fn replay(&self, file: &Path) -> Finished {
        finished(&mut self.ssespec(&["fuzz", "--timeout", "10", "--replay"], file, &[]))
    }

    /// Runs what was saved as cases of the corpus: those that match.
    pub fn run(&self, role: &str, glob: &str) -> Finished {
        let run = ["run", "--timeout", "10", "--role", role, "-k", glob];
        let run = [&run[..], &["--corpus"]].concat();
        finished(&mut self.ssespec(&run, &self.findings(), &[]))
    }

    pub fn findings(&self) -> PathBuf {
        self.folder.path().join("findings")
    }

    /// All that was saved, by name.
    pub fn saved(&self) -> Vec<Saved> {
        let mut saved = Vec::new();
        for folder in fs::read_dir(self.findings()).into_iter().flatten() {
            let folder = folder.expect("an entry").path();
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.extension().is_none_or(|extension| extension != "yaml") {
                    continue;
                }
                let name = path.file_stem().expect("a name").to_string_lossy();
                saved.push(Saved {
                    name: name.into_owned(),
                    text: fs::read_to_string(&path).expect("a text"),
                    stream: fs::read(path.with_extension("sse")).unwrap_or_default(),
                    path,
                });
            }
        }
        saved.sort_by(|a, b| a.name.cmp(&b.name));
        saved
    }

    #[track_caller]
    pub fn the_one_finding(&self, finished: &Finished) -> Saved {
        let mut saved = self.saved();
        assert_eq!(saved.len(), 1, "{saved:?}\n{}", finished.all());
        assert_eq!(finished.exit_code, 1, "{}", finished.all());
        saved.remove(0)
    }

    fn ssespec(&self, words: &[&str], path: &Path, more: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(words)
            .arg(path)
            .args(more)
            .arg("--")
            .args(&self.target);
        command
    }
}

fn finished(command: &mut Command) -> Finished {
    let output = command.output().expect("the binary starts");
    Finished {
        exit_code: output.status.code().expect("an exit code"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The line that counts the streams.
pub fn tally(finished: &Finished) -> &str {
    let mut lines = finished.stdout.lines();
    let tally = lines.find(|line| line.contains(" streams, "));
    tally.unwrap_or_else(|| panic!("no tally in {}", finished.all()))
}

/// What a search found is the same, however it was shared among processes.
#[track_caller]
pub fn check_jobs_change_nothing(fuzz: &Fuzz) {
    let [one, three] = ["1", "3"].map(|jobs| {
        let fuzz = fuzz.anew().with(&["--jobs", jobs]);
        let tally = tally(&fuzz.go()).to_owned();
        let saved = fuzz.saved().into_iter();
        let saved: Vec<_> = saved
            .map(|saved| (saved.name, saved.text, saved.stream))
            .collect();
        (tally, saved)
    });
    assert_eq!(one, three);
    assert!(!one.1.is_empty());
}
