//! `ssespec fuzz` through the real binary, against adapters that deviate in one known way.
#![cfg(all(unix, feature = "cli"))]

mod fuzzing;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use fuzzing::{Fuzz, Saved, check_jobs_change_nothing, tally};

/// A search in `hostile/adapter.py`.
fn misbehaving(behaviour: &str, argument: &str) -> Fuzz {
    Fuzz::new(&["python3", "tests/hostile/adapter.py", behaviour, argument])
        .with(&["--timeout", "2"])
}

#[test]
fn a_good_target_has_no_findings() {
    let fuzz = misbehaving("good", "").with(&["--runs", "2000"]);
    let finished = fuzz.go();
    assert_eq!(finished.exit_code, 0, "{}", finished.all());
    assert!(fuzz.saved().is_empty());
    assert!(
        tally(&finished).contains(" 0 deviate"),
        "{}",
        finished.all()
    );
}

#[test]
fn a_deviation_is_found_once_as_small_as_it_gets_and_replays() {
    let fuzz = misbehaving("shouts", "x").with(&["--runs", "3000"]);
    let finished = fuzz.go();
    let saved = fuzz.the_one_finding(&finished);
    assert_eq!(saved.name, "unexplained-event-data");
    // An event whose stream holds the marker, and nothing that could be left out.
    assert!(
        saved.stream.len() <= 8 && saved.stream.contains(&b'x'),
        "{:?}",
        saved.stream.escape_ascii().to_string()
    );
    assert!(
        saved.text.contains("# standing: stable") && saved.text.contains("# seed: 0"),
        "{}",
        saved.text
    );
    let replayed_as = ".yaml -- python3 tests/hostile/adapter.py shouts x";
    assert!(finished.stdout.contains(replayed_as), "{}", finished.stdout);

    // What was found is no news, and comes again.
    let again = fuzz.go();
    assert_eq!(again.exit_code, 0, "{}", again.stdout);
    assert!(again.stdout.contains("0 new findings"), "{}", again.stdout);
    let replayed = fuzz.replay(&saved.path);
    assert_eq!(replayed.exit_code, 1, "{}", replayed.all());
    let thrice = "deviates in 3 of 3 replays";
    assert!(replayed.stdout.contains(thrice), "{}", replayed.all());
    let good = Fuzz::new(&["python3", "tests/hostile/adapter.py", "good"]);
    assert_eq!(good.replay(&saved.path).exit_code, 0);
}

#[test]
fn a_finding_is_a_case_that_the_corpus_takes() {
    let fuzz = misbehaving("shouts", "x").with(&["--runs", "1000"]);
    let finished = fuzz.go();
    fuzz.the_one_finding(&finished);
    let run = fuzz.run("parser", "*/unexplained-event-data");
    assert_eq!(run.exit_code, 1, "{}", run.all());
    assert!(run.stdout.contains("1 fail"), "{}", run.all());
}

#[test]
fn a_crash_is_a_finding_with_its_signal_and_a_warning() {
    let fuzz = misbehaving("crashes-on", "lastEventId").with(&["--runs", "500"]);
    let finished = fuzz.go();
    let Saved {
        name, text, stream, ..
    } = fuzz.the_one_finding(&finished);
    assert_eq!(name, "crash-signal-11", "{}", finished.stdout);
    assert!(text.contains("# possible vulnerability"), "{text}");
    assert_eq!(stream, b"lastEventId");
}

#[test]
fn a_deviation_that_comes_and_goes_is_flaky() {
    let folder = TempDir::new().expect("a folder");
    let count = folder.path().join("count").display().to_string();
    let fuzz = misbehaving("moody", &count).with(&["--runs", "10"]);
    let finished = fuzz.go();
    let Saved { name, text, .. } = fuzz.the_one_finding(&finished);
    assert_eq!(name, "unexplained-event-data", "{}", finished.stdout);
    assert!(text.contains("# standing: flaky"), "{text}");
}

#[test]
fn what_is_known_is_no_news_from_a_folder_or_a_file() {
    let first = misbehaving("shouts", "x").with(&["--runs", "500"]);
    let saved = first.the_one_finding(&first.go());
    for known in [first.findings(), saved.path] {
        let known = known.display().to_string();
        let again = misbehaving("shouts", "x").with(&["--runs", "500", "--known", &known]);
        let finished = again.go();
        assert_eq!(finished.exit_code, 0, "{}", finished.stdout);
        assert!(again.saved().is_empty());
    }
}

#[test]
fn a_deviation_that_needs_earlier_streams_is_saved_with_them() {
    let fuzz = misbehaving("remembers", "lastEventId").with(&["--runs", "500"]);
    let finished = fuzz.go();
    let Saved { name, text, .. } = fuzz.the_one_finding(&finished);
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
    let fuzz = misbehaving("quadratic", "").with(&["--runs", "100"]);
    let finished = fuzz.go();
    let Saved { name, text, .. } = fuzz.the_one_finding(&finished);
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
        let fuzz = misbehaving(behaviour, "").with(&["--runs", "100"]);
        let finished = fuzz.go();
        let mut found = fuzz.saved();
        found.retain(|saved| saved.name.starts_with("growth-memory"));
        (found, finished)
    };
    let (found_in_hoarder, finished) = found("hoards");
    let found_in_hoarder = found_in_hoarder.first();
    let text = &found_in_hoarder
        .unwrap_or_else(|| panic!("{}", finished.all()))
        .text;
    assert!(
        text.contains("# possible vulnerability") && text.contains("64 KiB take "),
        "{text}"
    );
    assert_eq!(finished.exit_code, 1);
    let (found_in_ordinary, finished) = found("keeps-all");
    assert!(found_in_ordinary.is_empty(), "{}", finished.stdout);
}

#[test]
fn the_same_seed_gives_the_same_findings_however_many_jobs() {
    check_jobs_change_nothing(&misbehaving("shouts", "5").with(&["--runs", "6000", "--seed", "9"]));
}

#[test]
fn shards_share_the_streams() {
    let n_streams = |arguments: &[&str]| {
        let finished = misbehaving("good", "")
            .with(&["--runs", "4001"])
            .with(arguments)
            .go();
        let number = tally(&finished).rsplit(": ").next();
        let number = number.and_then(|rest| rest.split(" streams").next());
        let digits = number.unwrap_or_default().chars();
        let digits: String = digits.filter(char::is_ascii_digit).collect();
        digits.parse::<i64>().expect("a number")
    };
    let all = n_streams(&[]);
    let seeds = all - 4001;
    let shards = ["1/3", "2/3", "3/3"].map(|shard| n_streams(&["--shard", shard]) - seeds);
    assert_eq!(shards, [1334, 1334, 1333]);
}

#[test]
fn a_folder_that_cannot_be_written_loses_nothing() {
    let fuzz = misbehaving("shouts", "x").with(&["--runs", "500"]);
    // A file stands where the target's folder would.
    fs::create_dir_all(fuzz.findings()).expect("a folder");
    let name = "python3-tests-hostile-adapter-py-shouts-x";
    fs::write(fuzz.findings().join(name), "").expect("a file");
    let finished = fuzz.go();
    assert_eq!(finished.exit_code, 1, "{}", finished.all());
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
    check_keeps_what_was_found("-INT");
}

#[test]
fn sigterm_keeps_what_was_found() {
    check_keeps_what_was_found("-TERM");
}

/// Findings are in their folder, the report that was asked for is written, and both count.
#[track_caller]
fn check_keeps_what_was_found(signal: &str) {
    let fuzz = misbehaving("shouts", "x").with_report();
    let child = fuzz
        .command()
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let id = child.id().to_string();
    for _ in 0..1200 {
        if !fuzz.saved().is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let kill = Command::new("kill").args([signal, &id]).status();
    assert!(kill.expect("kill starts").success());
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{signal}: {stdout}");
    assert!(
        stdout.contains("\ninterrupted\n1 new findings in "),
        "{stdout}"
    );
    assert_eq!(fuzz.saved().len(), 1);
    let report = fuzz.report();
    let target = &report["targets"][0];
    assert_eq!(target["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(target["searches"][0]["trouble"], "interrupted");
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
