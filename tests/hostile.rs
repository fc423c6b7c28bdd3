//! Adapters that misbehave, against the real binary: none stops or skews a run, and each gets the outcome it deserves.
//!
//! The corpus is `hostile/cases`; the adapter, `hostile/adapter.py`, parses it rightly whenever it does not misbehave.
#![cfg(all(unix, feature = "cli"))]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

#[test]
fn a_good_adapter_passes_everything() {
    let run = Run::new("good", "").go();
    assert_eq!(run.exit_code, 0, "{run:?}");
    run.check_all("pass");
}

#[test]
fn a_stream_that_gets_no_answer_hangs_and_the_others_keep_their_verdicts() {
    let run = Run::new("hangs-on", "MARK").timeout(1).go();
    run.check_marked("fail", &["hangs", "no answer within 1 s"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_stream_that_blocks_the_process_hangs_and_its_log_is_kept() {
    let run = Run::new("blocks-on", "MARK").timeout(1).go();
    run.check_marked(
        "fail",
        &["hangs", "no answer within 1 s", "waiting for a lock"],
    );
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_stream_that_kills_the_process_crashes_with_signal_and_log() {
    let run = Run::new("crashes-on", "MARK").go();
    run.check_marked("fail", &["crashes", "signal 11", "about to crash"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn an_adapter_that_crashes_on_every_stream_even_an_empty_one_is_an_error_and_no_deviation() {
    let run = Run::new("crashes-on", "").keep("one-event").go();
    run.check("one-event", "error", &["empty stream", "signal 11"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_process_that_crashes_on_its_third_request_costs_no_case_its_verdict() {
    let run = Run::new("crashes-third", "").deliveries("whole").go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
}

#[test]
fn a_line_of_garbage_is_an_error_that_shows_it() {
    let run = Run::new("garbage", "MARK").go();
    run.check_marked("error", &["Parsing your stream, please wait"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn garbage_before_every_answer_is_an_error_and_no_deviation() {
    let run = Run::new("garbage", "").go();
    assert_eq!(run.exit_code, 1);
    assert!(
        run.outcomes().values().all(|outcome| *outcome == "error"),
        "{run:?}"
    );
    assert!(
        run.report
            .to_string()
            .contains("Parsing your stream, please wait"),
        "{run:?}"
    );
}

#[test]
fn garbage_before_the_first_answer_means_that_the_target_cannot_start() {
    let run = Run::new("garbage-first", "").go();
    run.check_cannot_start(&["initialize", "Welcome to the adapter!"]);
}

#[test]
fn half_a_line_and_then_silence_is_a_hang_that_says_so() {
    let run = Run::new("half-line", "MARK").timeout(1).go();
    run.check_marked("fail", &["hangs", "only half a line"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_line_of_a_gibibyte_is_an_error_and_takes_no_memory() {
    let run = Run::new("huge-line", "MARK").go();
    run.check_marked("error", &["line of more than 32 MiB"]);
    assert_eq!(run.exit_code, 1);
    assert!(run.peak_kibibytes < 200 << 10, "{} KiB", run.peak_kibibytes);
}

#[test]
fn an_answer_to_nothing_that_was_asked_is_an_error_that_names_the_id() {
    let run = Run::new("unknown-id", "MARK").go();
    run.check_marked("error", &["request 987654321 was never asked"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn an_answer_given_twice_is_an_error_that_says_so() {
    let run = Run::new("answers-twice", "").go();
    assert_eq!(run.exit_code, 1);
    assert!(
        !run.outcomes().values().any(|outcome| *outcome == "fail"),
        "{run:?}"
    );
    assert!(
        run.report.to_string().contains("is answered a second time"),
        "{run:?}"
    );
}

#[test]
fn an_answer_given_twice_is_held_against_the_stream_that_got_it() {
    let run = Run::new("answers-twice", "MARK").go();
    run.check_marked("error", &["is answered a second time"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_lone_surrogate_deviates() {
    let run = Run::new("lone-surrogate", "MARK").go();
    // The bytes ED A0 80.
    run.check_marked("fail", &["7aCA"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn a_field_of_the_wrong_type_is_an_error_that_names_it() {
    let run = Run::new("wrong-type", "MARK").go();
    run.check_marked("error", &["`events`"]);
    assert_eq!(run.exit_code, 1);
}

#[test]
fn an_adapter_that_ignores_the_request_to_go_is_ended() {
    let pids = Pids::new();
    let run = Run::new("ignores-shutdown", &pids.path()).go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
    assert_eq!(pids.alive(), [""; 0]);
}

#[test]
fn a_child_that_an_adapter_leaves_behind_is_ended() {
    let pids = Pids::new();
    let run = Run::new("leaves-child", &pids.path()).go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
    assert_eq!(pids.alive(), [""; 0]);
}

#[test]
fn a_child_in_a_session_of_its_own_does_not_keep_the_run_from_ending() {
    let pids = Pids::new();
    let run = Run::new("leaves-detached-child", &pids.path()).go();
    for pid in pids.alive() {
        Command::new("kill").arg(pid).status().expect("kill starts");
    }
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
}

#[test]
fn a_crash_is_a_crash_even_if_a_child_holds_the_pipe_open() {
    let pids = Pids::new();
    let run = Run::new("crashes-beside-child", &pids.path())
        .keep("marked")
        .keep("id")
        .go();
    run.check("marked", "fail", &["crashes", "signal 11"]);
    run.check("id", "pass", &[]);
    assert_eq!(pids.alive(), [""; 0]);
}

#[test]
fn an_adapter_that_stops_reading_costs_no_case_its_verdict() {
    let run = Run::new("stops-reading", "").deliveries("whole").go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
}

#[test]
fn a_gigabyte_of_log_is_drained_and_takes_no_memory() {
    let run = Run::new("floods-stderr", "")
        .deliveries("whole")
        .timeout(15)
        .go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
    assert!(run.peak_kibibytes < 200 << 10, "{} KiB", run.peak_kibibytes);
}

#[test]
fn a_slow_adapter_has_its_deadline_for_each_answer_and_not_for_all() {
    let run = Run::new("slow", "")
        .keep("two-events")
        .keep("id")
        .keep("retry")
        .go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
}

#[test]
fn answers_may_come_in_any_order() {
    let run = Run::new("reverses", "").go();
    run.check_all("pass");
    assert_eq!(run.exit_code, 0);
}

#[test]
fn an_adapter_that_exits_at_once_cannot_start_and_its_log_says_why() {
    Run::new("exits-at-once", "")
        .go()
        .check_cannot_start(&["exit code 7", "the licence key is missing"]);
}

#[test]
fn an_adapter_that_does_not_answer_initialize_cannot_start_and_its_log_is_shown() {
    let run = Run::new("no-initialize-answer", "").go();
    run.check_cannot_start(&[
        "initialize",
        "no answer within",
        "the log of an adapter that does not answer",
    ]);
}

#[test]
fn an_adapter_that_never_reads_cannot_start_and_its_log_is_shown() {
    let run = Run::new("never-reads", "").go();
    run.check_cannot_start(&[
        "initialize",
        "no answer within",
        "the log of an adapter that does not read",
    ]);
}

/// A run of the binary against the adapter.
struct Run {
    behaviour: &'static str,
    argument: String,
    keep: Vec<&'static str>,
    deliveries: &'static str,
    timeout: u32,
}

impl Run {
    fn new(behaviour: &'static str, argument: &str) -> Self {
        Self {
            behaviour,
            argument: argument.to_owned(),
            keep: Vec::new(),
            deliveries: "all",
            timeout: 2,
        }
    }

    fn keep(mut self, glob: &'static str) -> Self {
        self.keep.push(glob);
        self
    }

    fn deliveries(mut self, deliveries: &'static str) -> Self {
        self.deliveries = deliveries;
        self
    }

    fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    fn go(self) -> Finished {
        /// Runs its arguments and says at the end how much memory the largest of the processes took.
        const MEASURE: &str = "import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code if code >= 0 else 128 - code)";
        let folder = TempDir::new().expect("a folder");
        let (report, peak) = (
            folder.path().join("report.json"),
            folder.path().join("peak"),
        );
        let keep = if self.keep.is_empty() {
            vec!["*"]
        } else {
            self.keep
        };
        let output = Command::new("python3")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            // A test is no step of the CI job that runs it.
            .env_remove("GITHUB_STEP_SUMMARY")
            .args(["-c", MEASURE])
            .arg(&peak)
            .arg(env!("CARGO_BIN_EXE_ssespec"))
            .args(["run", "--corpus", "tests/hostile/cases"])
            .arg(format!("--report=json={}", report.display()))
            .args([
                "--timeout",
                &self.timeout.to_string(),
                "--deliveries",
                self.deliveries,
            ])
            .args(keep.iter().map(|glob| format!("-kparser/hostile/{glob}")))
            .args([
                "--",
                "python3",
                "tests/hostile/adapter.py",
                self.behaviour,
                &self.argument,
            ])
            .output()
            .expect("python3 starts");
        let text = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let report: Value = serde_json::from_str(&text(&report)).unwrap_or_default();
        Finished {
            exit_code: output.status.code().expect("an exit code"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            n_cases: report["cases"].as_array().map_or(0, Vec::len),
            // The rest of the report says what was asked, which is long and no news here.
            report: serde_json::json!({ "targets": report["targets"] }),
            peak_kibibytes: text(&peak).parse().expect("a number"),
        }
    }
}

/// What a run came to.
#[derive(Debug)]
struct Finished {
    exit_code: i32,
    stderr: String,
    /// How many cases were selected.
    n_cases: usize,
    report: Value,
    peak_kibibytes: u64,
}

impl Finished {
    fn results(&self) -> impl Iterator<Item = (&str, &Value)> {
        let results = self.report["targets"][0]["results"]
            .as_array()
            .into_iter()
            .flatten();
        results.map(|result| {
            let id = result["case"].as_str().expect("an id");
            (
                id.strip_prefix("parser/hostile/").expect("a case of ours"),
                result,
            )
        })
    }

    fn outcomes(&self) -> BTreeMap<&str, &str> {
        self.results()
            .map(|(name, result)| (name, result["outcome"].as_str().expect("a word")))
            .collect()
    }

    /// One case has this outcome, and the report says these things about it.
    #[track_caller]
    fn check(&self, name: &str, outcome: &str, said: &[&str]) {
        assert_eq!(
            self.outcomes().get(name),
            Some(&outcome),
            "{name}: {self:#?}"
        );
        let result = self
            .results()
            .find(|(n, _)| *n == name)
            .expect("found above")
            .1
            .to_string();
        for text in said {
            assert!(result.contains(text), "`{text}` is not in {result}");
        }
    }

    /// Every selected case has this outcome.
    #[track_caller]
    fn check_all(&self, outcome: &str) {
        let outcomes = self.outcomes();
        assert!(
            outcomes.values().all(|o| *o == outcome),
            "{outcomes:#?}\n{self:?}"
        );
        assert_eq!(self.n_cases, outcomes.len(), "{self:?}");
        assert!(
            self.report["targets"][0].get("trouble").is_none(),
            "{self:?}"
        );
    }

    /// Both marked cases have this outcome, and the report says these things about each; the others pass.
    #[track_caller]
    fn check_marked(&self, outcome: &str, said: &[&str]) {
        let expected = [
            "crlf",
            "id",
            "long",
            "marked",
            "marked-comment",
            "one-event",
            "retry",
            "two-events",
        ]
        .map(|name| {
            (
                name,
                if name.starts_with("marked") {
                    outcome
                } else {
                    "pass"
                },
            )
        });
        assert_eq!(self.outcomes(), expected.into(), "{self:?}");
        for name in ["marked", "marked-comment"] {
            self.check(name, outcome, said);
        }
    }

    /// Nothing could be asked, and standard error says why.
    #[track_caller]
    fn check_cannot_start(&self, said: &[&str]) {
        assert_eq!(self.exit_code, 2, "{self:?}");
        for text in said {
            assert!(
                self.stderr.contains(text),
                "`{text}` is not in {}",
                self.stderr
            );
        }
    }
}

/// A file in which an adapter notes process ids.
struct Pids(TempDir);

impl Pids {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self) -> String {
        self.0.path().join("pids").display().to_string()
    }

    /// Those that still run. A zombie does not: only its parent's neglect keeps it listed.
    #[track_caller]
    fn alive(&self) -> Vec<String> {
        let pids = std::fs::read_to_string(self.path()).expect("the adapter wrote it");
        assert!(!pids.is_empty());
        let is_alive = |pid: &&str| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status
                .lines()
                .any(|line| line.starts_with("State:") && !line.contains(['Z', 'X']))
        };
        pids.lines().filter(is_alive).map(str::to_owned).collect()
    }
}
