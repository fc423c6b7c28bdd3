//! `ssespec fuzz` through the real binary, against adapters that deviate in one known way.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    stderr: String,
}

impl Fuzz {
    fn new(behaviour: &str, argument: &str) -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            arguments: Vec::new(),
            target: ["python3", "tests/hostile/adapter.py", behaviour, argument]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["fuzz", "--timeout", "2", "--save"])
            .arg(self.findings())
            .args(&self.arguments)
            .arg("--")
            .args(&self.target);
        command
    }

    fn go(&self) -> Finished {
        let output = self.command().output().expect("the binary starts");
        Finished {
            exit_code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn findings(&self) -> PathBuf {
        self.folder.path().join("findings")
    }

    /// The texts of all case files that were saved, by name.
    fn saved(&self) -> Vec<(String, String)> {
        let mut saved = Vec::new();
        let mut folders = vec![self.findings()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path
                    .extension()
                    .is_some_and(|extension| extension == "yaml")
                {
                    let name = path
                        .file_stem()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned();
                    saved.push((name, fs::read_to_string(&path).expect("a text")));
                }
            }
        }
        saved.sort();
        saved
    }

    #[track_caller]
    fn the_one_finding(&self, finished: &Finished) -> (String, String) {
        let mut saved = self.saved();
        assert_eq!(
            saved.len(),
            1,
            "{saved:?}\n{}\n{}",
            finished.stdout,
            finished.stderr
        );
        assert_eq!(finished.exit_code, 1);
        saved.remove(0)
    }
}

fn stream_beside(fuzz: &Fuzz, name: &str) -> Vec<u8> {
    let folder = fs::read_dir(fuzz.findings()).expect("a folder").next();
    let folder = folder.expect("of the target").expect("an entry").path();
    fs::read(folder.join(format!("{name}.sse"))).expect("the raw stream")
}

#[test]
fn a_good_target_has_no_findings() {
    let fuzz = Fuzz::new("good", "").with(&["--runs", "2000"]);
    let finished = fuzz.go();
    assert_eq!(
        finished.exit_code, 0,
        "{}{}",
        finished.stdout, finished.stderr
    );
    assert!(fuzz.saved().is_empty());
    assert!(finished.stdout.contains("0 deviate"), "{}", finished.stdout);
}

#[test]
fn a_deviation_is_found_once_as_small_as_it_gets_and_replays() {
    let fuzz = Fuzz::new("shouts", "x").with(&["--runs", "3000"]);
    let finished = fuzz.go();
    let (name, text) = fuzz.the_one_finding(&finished);
    assert_eq!(name, "unexplained-event-data");
    // An event whose stream holds the marker, and nothing that could be left out.
    let stream = stream_beside(&fuzz, &name);
    assert!(
        stream.len() <= 8 && stream.contains(&b'x'),
        "{:?}",
        stream.escape_ascii().to_string()
    );
    assert!(
        text.contains("# standing: stable") && text.contains("# seed: 0"),
        "{text}"
    );

    let replayed_as = ".yaml -- python3 tests/hostile/adapter.py shouts x";
    assert!(finished.stdout.contains(replayed_as), "{}", finished.stdout);

    // What was found is no news, and comes again.
    let again = fuzz.go();
    assert_eq!(again.exit_code, 0, "{}", again.stdout);
    assert!(again.stdout.contains("0 new findings"), "{}", again.stdout);
    let file = fuzz.saved_path(&name);
    let replay = |target: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["fuzz", "--replay"])
            .arg(&file)
            .args(["--", "python3", "tests/hostile/adapter.py"])
            .args(target)
            .output()
            .expect("the binary starts");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("UTF-8"),
        )
    };
    let (exit_code, stdout) = replay(&["shouts", "x"]);
    assert_eq!(exit_code, Some(1), "{stdout}");
    assert!(stdout.contains("deviates in 3 of 3 replays"), "{stdout}");
    assert_eq!(replay(&["good"]).0, Some(0));
}

#[test]
fn a_finding_is_a_case_that_the_corpus_takes() {
    let fuzz = Fuzz::new("shouts", "x").with(&["--runs", "1000"]);
    let finished = fuzz.go();
    fuzz.the_one_finding(&finished);
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "-k", "*/unexplained-event-data", "--corpus"])
        .arg(fuzz.findings())
        .arg("--")
        .args(&fuzz.target)
        .output()
        .expect("the binary starts");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("1 fail"), "{stdout}");
}

#[test]
fn a_crash_is_a_finding_with_its_signal_and_a_warning() {
    let fuzz = Fuzz::new("crashes-on", "lastEventId").with(&["--runs", "500"]);
    let finished = fuzz.go();
    let (name, text) = fuzz.the_one_finding(&finished);
    assert_eq!(name, "crash-signal-11", "{}", finished.stdout);
    assert!(text.contains("# possible vulnerability"), "{text}");
    assert_eq!(stream_beside(&fuzz, &name), b"lastEventId");
}

#[test]
fn a_deviation_that_comes_and_goes_is_flaky() {
    let folder = TempDir::new().expect("a folder");
    let count = folder.path().join("count").display().to_string();
    let fuzz = Fuzz::new("moody", &count).with(&["--runs", "10"]);
    let finished = fuzz.go();
    let (name, text) = fuzz.the_one_finding(&finished);
    assert_eq!(name, "unexplained-event-data", "{}", finished.stdout);
    assert!(text.contains("# standing: flaky"), "{text}");
}

#[test]
fn what_is_known_is_no_news_from_a_folder_or_a_file() {
    let first = Fuzz::new("shouts", "x").with(&["--runs", "500"]);
    first.go();
    for known in [first.findings(), first.saved_path("unexplained-event-data")] {
        let known = known.display().to_string();
        let again = Fuzz::new("shouts", "x").with(&["--runs", "500", "--known", &known]);
        let finished = again.go();
        assert_eq!(finished.exit_code, 0, "{}", finished.stdout);
        assert!(again.saved().is_empty());
    }
}

#[test]
fn a_deviation_that_needs_earlier_streams_is_saved_with_them() {
    let fuzz = Fuzz::new("remembers", "lastEventId").with(&["--runs", "500"]);
    let finished = fuzz.go();
    let (name, text) = fuzz.the_one_finding(&finished);
    assert_eq!(name, "unexplained-end-id", "{}", finished.stdout);
    assert!(text.contains("# standing: needs history"), "{text}");
    let history: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("# before: "))
        .collect();
    assert_eq!(history.len(), 1, "{text}");
}

#[test]
fn time_that_grows_with_the_square_of_the_input_is_a_finding() {
    let fuzz = Fuzz::new("quadratic", "").with(&["--runs", "100"]);
    let finished = fuzz.go();
    let (name, text) = fuzz.the_one_finding(&finished);
    assert_eq!(name, "growth-time-colons", "{}", finished.stdout);
    assert!(
        text.contains("# possible vulnerability") && text.contains("16 KiB in "),
        "{}",
        finished.stdout
    );
}

#[cfg(target_os = "linux")]
#[test]
fn memory_that_grows_with_the_square_of_the_input_is_a_finding_and_memory_that_grows_with_it_is_none()
 {
    let found = |behaviour: &str| {
        let fuzz = Fuzz::new(behaviour, "").with(&["--runs", "100"]);
        let finished = fuzz.go();
        let mut found = fuzz.saved();
        found.retain(|(name, _)| name.starts_with("growth-memory"));
        (found, finished)
    };
    let (found_in_hoarder, finished) = found("hoards");
    let (_, text) = found_in_hoarder
        .first()
        .unwrap_or_else(|| panic!("{}{}", finished.stdout, finished.stderr));
    assert!(
        text.contains("# possible vulnerability") && text.contains("64 KiB take "),
        "{text}"
    );
    assert_eq!(finished.exit_code, 1);
    let (found_in_ordinary, finished) = found("keeps-all");
    assert_eq!(found_in_ordinary, [], "{}", finished.stdout);
}

#[test]
fn the_same_seed_gives_the_same_findings_however_many_jobs() {
    let texts = ["1", "3"].map(|jobs| {
        let fuzz =
            Fuzz::new("shouts", "5").with(&["--runs", "6000", "--seed", "9", "--jobs", jobs]);
        let finished = fuzz.go();
        let tally = |stdout: &str| {
            let streams = stdout.lines().find(|line| line.contains(" streams, "));
            streams.expect("a tally").to_owned()
        };
        (tally(&finished.stdout), fuzz.saved())
    });
    assert_eq!(texts[0], texts[1]);
    assert!(!texts[0].1.is_empty());
}

#[test]
fn shards_share_the_streams() {
    let n_streams = |arguments: &[&str]| {
        let finished = Fuzz::new("good", "")
            .with(&["--runs", "4001"])
            .with(arguments)
            .go();
        let line = finished
            .stdout
            .lines()
            .find(|line| line.contains(" streams, "));
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let number = line.and_then(|line| line.rsplit(": ").next()?.split(" streams").next());
        digits(number.expect("a number"))
            .parse::<i64>()
            .expect("a number")
    };
    let all = n_streams(&[]);
    let seeds = all - 4001;
    let shards = ["1/3", "2/3", "3/3"].map(|shard| n_streams(&["--shard", shard]) - seeds);
    assert_eq!(shards, [1334, 1334, 1333]);
}

#[test]
fn a_folder_that_cannot_be_written_loses_nothing() {
    let fuzz = Fuzz::new("shouts", "x").with(&["--runs", "500"]);
    // A file stands where the target's folder would.
    fs::create_dir_all(fuzz.findings()).expect("a folder");
    let name = "python3-tests-hostile-adapter-py-shouts-x";
    fs::write(fuzz.findings().join(name), "").expect("a file");
    let finished = fuzz.go();
    assert_eq!(
        finished.exit_code, 1,
        "{}{}",
        finished.stdout, finished.stderr
    );
    assert!(
        finished.stdout.contains("# ssespec finding, format 1"),
        "{}",
        finished.stdout
    );
    assert!(
        finished.stderr.contains("cannot be saved"),
        "{}",
        finished.stderr
    );
}

#[test]
fn ctrl_c_keeps_what_was_found() {
    let fuzz = Fuzz::new("shouts", "x");
    let mut child = fuzz
        .command()
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    for _ in 0..600 {
        if !fuzz.saved().is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill starts");
    let exit_code = child.wait().expect("it ends").code();
    assert_eq!(fuzz.saved().len(), 1);
    assert_eq!(exit_code, Some(1));
}

#[test]
fn seeds_for_other_fuzzers_are_written() {
    let folder = TempDir::new().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .args(["fuzz", "--export-seeds"])
        .arg(folder.path())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(0));
    let n_files = |name: &str| {
        fs::read_dir(folder.path().join(name))
            .expect("a folder")
            .count()
    };
    assert!(n_files("corpus") > 500 && n_files("corpus") == n_files("go"));
    assert!(folder.path().join("event-stream.dict").exists());
}

#[test]
fn what_cannot_be_fuzzed_is_said_in_a_sentence() {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let other_version = file("a.yaml", "# ssespec finding, format 9\n");
    let no_finding = file("b.yaml", "cases: []\n");
    let path = |path: &Path| path.display().to_string();
    for (arguments, sentence) in [
        (Vec::<String>::new(), "there is no target to fuzz"),
        (vec!["--shard".into(), "5/4".into()], "write K/N"),
        (
            vec!["--report".into(), "badge=b.json".into()],
            "a badge counts cases",
        ),
        (
            vec!["--report".into(), "pdf=b.pdf".into()],
            "unknown format `pdf`",
        ),
        (
            vec!["--save".into(), path(folder.path())],
            "format 9, and this version reads format 1",
        ),
        (
            vec![
                "--role".into(),
                "parser".into(),
                "adapters/python/fastapi".into(),
            ],
            "`fastapi` has no role parser",
        ),
        (vec!["--for".into(), "soon".into()], "`soon` is no time"),
        (vec!["--replay".into(), path(&other_version)], "format 9"),
        (vec!["--replay".into(), path(&no_finding)], "is no finding"),
        (vec!["--known".into(), path(&no_finding)], "is no finding"),
        (
            vec!["--known".into(), path(&folder.path().join("none"))],
            "cannot be read",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("fuzz")
            .args(&arguments);
        if !arguments.is_empty() {
            command.args(["--", "python3", "tests/hostile/adapter.py", "good"]);
        }
        let output = command.output().expect("the binary starts");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");

        assert!(stderr.contains(sentence), "{arguments:?}: {stderr}");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
    }
}

impl Fuzz {
    fn saved_path(&self, name: &str) -> PathBuf {
        let folder = fs::read_dir(self.findings()).expect("a folder").next();
        let folder = folder.expect("of the target").expect("an entry").path();
        folder.join(format!("{name}.yaml"))
    }
}
