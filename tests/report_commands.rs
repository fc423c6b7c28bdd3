//! `ssespec report merge`, `diff` and `render`, and what `run` does with its reports: the real binary, exit codes and sentences.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ssespec::clause::Level;
use ssespec::outcome::Outcome;
use ssespec::report::{AskedCase, Report, TargetReport, Trouble, json};
use tempfile::TempDir;

/// The fixed report of `tests/report.rs`, as it stands in the golden file.
const FIXED: &str = include_str!("../snapshots/report/json.snap");

fn fixed() -> Report {
    let (_, text) = FIXED.split_once("\n---\n").expect("a header and a body");
    json::read(text).expect("a report")
}

/// A folder with reports in it.
struct Reports(TempDir);

impl Reports {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn save(&self, name: &str, report: &Report) {
        let mut text = Vec::new();
        json::write(&mut text, report).expect("memory");
        self.save_text(name, &text);
    }

    fn save_text(&self, name: &str, text: &[u8]) {
        fs::write(self.path(name), text).expect("it can be written to");
    }

    fn load(&self, name: &str) -> Report {
        let text = fs::read_to_string(self.path(name)).expect("a report was written");
        json::read(&text).expect("a report")
    }

    /// Runs the binary in this folder.
    fn ssespec(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("the binary starts"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    /// Exit code 2, one line on standard error that holds each of the texts, nothing on standard output, no file half written.
    #[track_caller]
    fn check_refused(&self, arguments: &[&str], texts: &[&str]) {
        let said = self.ssespec(arguments);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert_eq!(said.out, "");
        assert!(said.err.starts_with("error: "), "{}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        for text in texts {
            assert!(said.err.contains(text), "`{text}` is not in: {}", said.err);
        }
        self.check_no_parts();
    }

    #[track_caller]
    fn check_no_parts(&self) {
        for entry in fs::read_dir(self.0.path()).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_part = path
                .extension()
                .is_some_and(|extension| extension == "part");
            assert!(!is_part, "{} was left behind", path.display());
        }
    }
}

#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    #[track_caller]
    fn check(&self, code: i32, out: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for text in out {
            assert!(self.out.contains(text), "`{text}` is not in: {}", self.out);
        }
    }
}

/// A report with some of the targets, and only their cases.
fn part(report: &Report, targets: std::ops::Range<usize>) -> Report {
    let targets = report.targets[targets].to_vec();
    let is_asked = |case: &&Arc<AskedCase>| {
        let mut results = targets.iter().flat_map(|target| &target.results);
        results.any(|result| result.case.id == case.id)
    };
    Report {
        cases: report.cases.iter().filter(is_asked).cloned().collect(),
        targets,
        ..report.clone()
    }
}

#[track_caller]
fn set_outcome(target: &mut TargetReport, id: &str, outcome: Outcome) {
    let result = target
        .results
        .iter_mut()
        .find(|result| result.case.id == id);
    result.expect("there is such a case").outcome = outcome;
}

#[track_caller]
fn check_same(a: &Report, b: &Report) {
    // Both in full would drown the sentence.
    assert!(
        format!("{a:?}") == format!("{b:?}"),
        "they are not the same"
    );
}

#[test]
fn merging_puts_the_targets_side_by_side() {
    let reports = Reports::new();
    let whole = fixed();
    reports.save("a.json", &part(&whole, 0..1));
    reports.save("b.json", &part(&whole, 1..3));
    reports.save("c.json", &part(&whole, 3..5));
    reports
        .ssespec(&[
            "report", "merge", "a.json", "b.json", "c.json", "-o", "m.json",
        ])
        .check(0, &[]);
    check_same(&reports.load("m.json"), &whole);
    let said = reports.ssespec(&["report", "merge", "a.json", "b.json", "c.json"]);
    said.check(0, &[]);
    assert_eq!(
        said.out,
        fs::read_to_string(reports.path("m.json")).expect("a report")
    );
    assert_eq!(said.err, "");
}

#[test]
fn merged_cases_keep_the_order_of_the_corpus() {
    let reports = Reports::new();
    let whole = fixed();
    let every = |n: usize, of: usize| Report {
        cases: whole
            .cases
            .iter()
            .enumerate()
            .filter(|(index, _)| index % of == n)
            .map(|(_, case)| Arc::clone(case))
            .collect(),
        targets: Vec::new(),
        ..whole.clone()
    };
    // Each third case in front, then all of them.
    reports.save("a.json", &every(1, 3));
    reports.save("b.json", &every(0, 1));
    reports
        .ssespec(&["report", "merge", "a.json", "b.json", "-o", "m.json"])
        .check(0, &[]);
    let ids = |report: &Report| {
        report
            .cases
            .iter()
            .map(|case| case.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&reports.load("m.json")), ids(&whole));
}

#[test]
fn merged_platforms_are_all_named() {
    let reports = Reports::new();
    let mut other = part(&fixed(), 1..2);
    reports.save("a.json", &part(&fixed(), 0..1));
    other.platform = "macos aarch64".to_owned();
    reports.save("b.json", &other);
    reports
        .ssespec(&[
            "report", "merge", "a.json", "b.json", "a.json", "-o", "m.json",
        ])
        .check(0, &[]);
    assert_eq!(
        reports.load("m.json").platform,
        "linux x86_64, macos aarch64"
    );
}

#[test]
fn reports_that_disagree_are_not_merged() {
    let reports = Reports::new();
    reports.save("a.json", &fixed());
    reports.save_text("m.json", b"what was there before");
    for (change, texts) in [
        (
            (|report| report.corpus_hash = "fedcba9876543210".to_owned()) as fn(&mut Report),
            ["corpora", "0123456789abcdef", "fedcba9876543210"],
        ),
        (|report| report.seed = 99, ["seeds", "7 and 99", "b.json"]),
        (
            |report| report.version = "0.2.0".to_owned(),
            ["versions of ssespec", "0.1.0 and 0.2.0", "b.json"],
        ),
        (
            |report| Arc::make_mut(&mut report.cases[0]).stream = b"other".as_slice().into(),
            ["b.json", "another case", "parser/fields/data/plain"],
        ),
    ] {
        let mut other = part(&fixed(), 0..1);
        change(&mut other);
        reports.save("b.json", &other);
        reports.check_refused(
            &["report", "merge", "a.json", "b.json", "-o", "m.json"],
            &texts,
        );
        let before = fs::read(reports.path("m.json")).expect("a file");
        assert_eq!(before, b"what was there before");
    }
}

#[test]
fn a_target_in_two_reports_is_taken_from_the_later_if_that_loses_nothing() {
    let reports = Reports::new();
    reports.save("old.json", &fixed());
    let mut new = part(&fixed(), 0..1);
    set_outcome(&mut new.targets[0], "parser/line/long", Outcome::Pass);
    reports.save("new.json", &new);
    let said = reports.ssespec(&["report", "merge", "old.json", "new.json", "-o", "m.json"]);
    said.check(0, &[]);
    assert_eq!(
        said.err,
        "`httpx-sse` (parser) is in old.json and in new.json: the one in new.json is kept\n"
    );
    let merged = reports.load("m.json");
    let names: Vec<&str> = merged
        .targets
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    let before: Vec<String> = fixed()
        .targets
        .into_iter()
        .map(|target| target.name)
        .collect();
    assert_eq!(names, before);
    let long = merged.targets[0]
        .results
        .iter()
        .find(|result| result.case.id == "parser/line/long");
    assert_eq!(long.expect("the case").outcome, Outcome::Pass);

    new.targets[0].results.truncate(10);
    reports.save("new.json", &new);
    reports.check_refused(
        &["report", "merge", "old.json", "new.json"],
        &[
            "`httpx-sse` (parser)",
            "no result for 5 cases",
            "leave one of them out",
        ],
    );
}

#[test]
fn one_name_is_one_version() {
    let reports = Reports::new();
    reports.save("old.json", &fixed());
    let mut new = part(&fixed(), 0..1);
    new.targets[0].version = "0.5.0\u{1b}[2J".to_owned();
    reports.save("new.json", &new);
    reports.check_refused(
        &["report", "merge", "old.json", "new.json"],
        &[
            "`httpx-sse` (parser)",
            "0.4.3 in old.json",
            "0.5.0\\x1b[2J in new.json",
        ],
    );
}

#[test]
fn a_target_that_was_not_asked_gives_way_to_one_that_was() {
    let reports = Reports::new();
    let asked = part(&fixed(), 0..1);
    let mut skipped = asked.clone();
    let target = &mut skipped.targets[0];
    target.version.clear();
    target.results.clear();
    target.trouble = Some(Trouble::Skipped("`python3` is not installed".to_owned()));
    reports.save("asked.json", &asked);
    reports.save("skipped.json", &skipped);
    for order in [
        ["asked.json", "skipped.json"],
        ["skipped.json", "asked.json"],
    ] {
        let said = reports.ssespec(&["report", "merge", order[0], order[1], "-o", "m.json"]);
        said.check(0, &[]);
        assert!(
            said.err.ends_with("the one in asked.json is kept\n"),
            "{}",
            said.err
        );
        assert_eq!(reports.load("m.json").targets[0].results.len(), 15);
    }
}

#[test]
fn nothing_changed_is_exit_code_0() {
    let reports = Reports::new();
    reports.save("a.json", &fixed());
    reports
        .ssespec(&["report", "diff", "a.json", "a.json"])
        .check(
            0,
            &[
                "Nothing changed in 5 targets.",
                "0 regressions, 0 fixed, 0 other changes, 0 new, 0 gone, 0 altered",
            ],
        );
}

#[test]
fn only_what_conformed_and_does_not_any_more_is_a_regression() {
    let known = || {
        let result = fixed().targets[0]
            .results
            .iter()
            .find(|result| result.case.id == "parser/wild/known-1")
            .map(|result| result.outcome.clone());
        result.expect("the case")
    };
    let allowed = || match known() {
        Outcome::KnownFailure {
            reason,
            kind,
            issue,
            ..
        } => Outcome::KnownFailure {
            reason,
            kind,
            issue,
            level: Level::May,
        },
        other => other,
    };
    let unexpected = || Outcome::UnexpectedPass {
        reason: "r".to_owned(),
    };
    let skip = || Outcome::Skip {
        reason: "r".to_owned(),
    };
    let error = |known: Option<&str>| Outcome::Error {
        reason: "r".to_owned(),
        known: known.map(str::to_owned),
    };
    for (old, new, code, totals) in [
        (
            Outcome::Pass,
            Outcome::Fail,
            1,
            "1 regression, 0 fixed, 0 other",
        ),
        (
            Outcome::Pass,
            Outcome::Warn,
            1,
            "1 regression, 0 fixed, 0 other",
        ),
        (Outcome::Pass, known(), 1, "1 regression, 0 fixed, 0 other"),
        (
            Outcome::Pass,
            error(None),
            1,
            "1 regression, 0 fixed, 0 other",
        ),
        (
            Outcome::Pass,
            error(Some("k")),
            1,
            "1 regression, 0 fixed, 0 other",
        ),
        (unexpected(), known(), 1, "1 regression, 0 fixed, 0 other"),
        (
            Outcome::Fail,
            Outcome::Pass,
            0,
            "0 regressions, 1 fixed, 0 other",
        ),
        (known(), unexpected(), 0, "0 regressions, 1 fixed, 0 other"),
        (
            error(None),
            Outcome::Pass,
            0,
            "0 regressions, 1 fixed, 0 other",
        ),
        (Outcome::Fail, known(), 0, "0 regressions, 0 fixed, 1 other"),
        (
            Outcome::Warn,
            Outcome::Fail,
            0,
            "0 regressions, 0 fixed, 1 other",
        ),
        (
            Outcome::Fail,
            error(None),
            0,
            "0 regressions, 0 fixed, 1 other",
        ),
        (Outcome::Pass, skip(), 0, "0 regressions, 0 fixed, 1 other"),
        (skip(), Outcome::Fail, 0, "0 regressions, 0 fixed, 1 other"),
        // Where the standard leaves room there is no fault.
        (
            Outcome::Pass,
            allowed(),
            0,
            "0 regressions, 0 fixed, 1 other",
        ),
        (
            Outcome::Pass,
            Outcome::Recorded,
            0,
            "0 regressions, 0 fixed, 1 other",
        ),
        (
            Outcome::Pass,
            unexpected(),
            0,
            "0 regressions, 0 fixed, 1 other",
        ),
        (
            Outcome::Fail,
            Outcome::Fail,
            0,
            "0 regressions, 0 fixed, 0 other",
        ),
    ] {
        let reports = Reports::new();
        let save = |name: &str, outcome: Outcome| {
            let mut report = part(&fixed(), 0..1);
            set_outcome(&mut report.targets[0], "parser/fields/data/plain", outcome);
            reports.save(name, &report);
        };
        save("old.json", old);
        save("new.json", new);
        reports
            .ssespec(&["report", "diff", "old.json", "new.json"])
            .check(code, &[totals]);
    }
}

#[test]
fn a_comparison_works_across_corpora_versions_and_targets() {
    let reports = Reports::new();
    let mut old = fixed();
    old.corpus_hash = "fedcba9876543210".to_owned();
    old.targets[0].version = "0.4.2".to_owned();
    // The case is new, and it fails: no regression.
    old.targets[0]
        .results
        .retain(|result| result.case.id != "parser/stream/empty");
    old.cases.retain(|case| case.id != "parser/stream/empty");
    // It passed, but another stream stood under the id.
    let id = "parser/line/not-an-ending/u2028";
    set_outcome(&mut old.targets[0], id, Outcome::Pass);
    let case = old
        .cases
        .iter_mut()
        .find(|case| case.id == id)
        .expect("the case");
    Arc::make_mut(case).stream = b"data: a long time ago\n\n".as_slice().into();
    old.targets[0].results.iter_mut().for_each(|result| {
        if result.case.id == id {
            result.failing = None;
        }
    });
    old.targets[2].name = "of-old".to_owned();
    let mut new = fixed();
    new.cases.retain(|case| !case.id.ends_with("number-12"));
    new.targets[1]
        .results
        .retain(|result| !result.case.id.ends_with("number-12"));
    reports.save("old.json", &old);
    reports.save("new.json", &new);
    reports.ssespec(&["report", "diff", "old.json", "new.json"]).check(
        0,
        &[
            "corpus fedcba9876543210",
            "corpus 0123456789abcdef",
            "1 case only in the new report",
            "1 case only in the old report",
            "1 case with another stream or other answers under the same id",
            "== httpx-sse (parser): httpx-sse 0.4.2 → httpx-sse 0.4.3",
            "  ALTERED 1 case with another question\n    parser/line/not-an-ending/u2028  pass → fail",
            "  NEW 1 case: 1 fail",
            "  GONE 1 case without a result now",
            "Only in the old report: of-old (parser)",
            "Only in the new report: empty (parser)",
            "0 regressions, 0 fixed, 0 other changes, 1 new, 1 gone, 1 altered",
        ],
    );
}

#[test]
fn a_target_that_can_no_longer_be_asked_is_a_regression() {
    let reports = Reports::new();
    let old = part(&fixed(), 0..1);
    let mut new = old.clone();
    new.targets[0].results.clear();
    reports.save("old.json", &old);
    for (trouble, code, text) in [
        (
            Trouble::Error("it crashes at once".to_owned()),
            1,
            "LOST it crashes at once",
        ),
        (
            Trouble::Skipped("`python3` is not installed".to_owned()),
            0,
            "GONE 15 cases without a result now: `python3` is not installed",
        ),
    ] {
        new.targets[0].trouble = Some(trouble);
        reports.save("new.json", &new);
        reports
            .ssespec(&["report", "diff", "old.json", "new.json"])
            .check(code, &[text]);
    }
}

#[test]
fn a_long_list_is_cut_unless_all_of_it_is_asked_for() {
    let reports = Reports::new();
    let mut old = part(&fixed(), 1..2);
    for result in &mut old.targets[0].results {
        result.outcome = Outcome::Pass;
    }
    reports.save("old.json", &old);
    reports.save("new.json", &part(&fixed(), 1..2));
    let said = reports.ssespec(&["report", "diff", "old.json", "new.json"]);
    said.check(
        1,
        &[
            "WORSE 12 regressions",
            "... and 2 more (--show all)",
            "rerun the first: ssespec run ",
        ],
    );
    let said = reports.ssespec(&["report", "diff", "old.json", "new.json", "--show", "all"]);
    said.check(1, &["number-12  pass → fail"]);
    assert!(!said.out.contains("more"), "{}", said.out);
}

#[test]
fn streams_that_were_cut_otherwise_are_told() {
    let reports = Reports::new();
    let mut whole_only = fixed();
    for result in &mut whole_only.targets[0].results {
        result.n_deliveries = 1;
    }
    reports.save("old.json", &whole_only);
    reports.save("new.json", &fixed());
    reports
        .ssespec(&["report", "diff", "old.json", "new.json"])
        .check(0, &["The streams were not cut in the same ways"]);
}

#[test]
fn every_format_is_rendered() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    let formats = ["json", "terminal", "html", "junit", "markdown", "badge"];
    let mut arguments = vec![
        "report".to_owned(),
        "render".to_owned(),
        "r.json".to_owned(),
    ];
    for format in formats {
        arguments.extend(["--report".to_owned(), format!("{format}=out.{format}")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = reports.ssespec(&arguments);
    said.check(0, &[]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    for format in formats {
        let written = fs::read_to_string(reports.path(&format!("out.{format}"))).expect("a report");
        let said = reports.ssespec(&[
            "report",
            "render",
            "r.json",
            "--report",
            &format!("{format}=-"),
        ]);
        said.check(0, &[]);
        assert_eq!(said.out, written, "{format}");
        let snapshot = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("snapshots/report/{format}.snap")),
        )
        .expect("a snapshot");
        let (_, snapshot) = snapshot.split_once("\n---\n").expect("a header");
        assert!(
            ["badge", "html"].contains(&format) || written.trim() == snapshot.trim(),
            "{format} is not as its snapshot"
        );
    }
    let picture = fs::read_to_string(reports.path("out.svg")).expect("a picture beside the badge");
    assert!(picture.starts_with("<svg "), "{picture}");
    reports.check_no_parts();
}

#[test]
fn without_a_format_a_report_is_shown() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    reports
        .ssespec(&["report", "render", "r.json"])
        .check(0, &["== httpx-sse 0.4.3 (Python, parser"]);
}

#[test]
fn a_report_comes_down_a_pipe() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    let mut command = reports.command(&["report", "render", "-", "--report", "badge=-"]);
    command.stdin(fs::File::open(reports.path("r.json")).expect("a report"));
    let said = Said::of(command.output().expect("the binary starts"));
    said.check(0, &["{\"schemaVersion\":1,\"label\":\"SSE parser\""]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    for arguments in [
        &["report", "render", "r.json"][..],
        &["report", "render", "r.json", "--report", "json=-"],
        &["report", "diff", "r.json", "r.json"],
    ] {
        let mut command = reports.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(child.stdout.take());
        let said = Said::of(child.wait_with_output().expect("it ends"));
        assert_eq!(
            (said.code, said.err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_picture_of_a_badge_may_be_named_instead() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    reports
        .ssespec(&["report", "render", "r.json", "--report", "badge=b.svg"])
        .check(0, &[]);
    let read = |name: &str| fs::read_to_string(reports.path(name)).expect("a file");
    assert!(read("b.svg").starts_with("<svg "));
    assert!(read("b.json").starts_with("{\"schemaVersion\":1,"));
    reports.check_refused(
        &[
            "report",
            "render",
            "r.json",
            "--report",
            "badge=x.json",
            "--report",
            "json=./x.json",
        ],
        &["--report badge=x.json and --report json=./x.json go to the same file"],
    );
}

#[test]
fn what_is_new_since_an_older_report_comes_first() {
    let reports = Reports::new();
    let mut old = fixed();
    set_outcome(&mut old.targets[0], "parser/stream/empty", Outcome::Pass);
    reports.save("old.json", &old);
    reports.save("new.json", &fixed());
    let said = reports.ssespec(&[
        "report",
        "render",
        "new.json",
        "--older",
        "old.json",
        "--report",
        "markdown=-",
    ]);
    said.check(0, &["### Since the older report\n\n1 regression, "]);
    let place = |text: &str| said.out.find(text).expect("the text");
    assert!(place("### Since the older report") < place("### Not as expected"));
}

#[test]
fn what_counts_as_a_failure_is_up_to_the_caller() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    let failures = |fail_on: &str| {
        let said = reports.ssespec(&[
            "report",
            "render",
            "r.json",
            "--report",
            "junit=-",
            "--fail-on",
            fail_on,
        ]);
        said.out.matches("<failure ").count()
    };
    assert_eq!(failures("warn"), failures("fail") + 1);
}

#[test]
fn a_file_that_is_no_report_is_refused_with_one_sentence() {
    let reports = Reports::new();
    reports.save("good.json", &fixed());
    let text = fs::read_to_string(reports.path("good.json")).expect("a report");
    reports.save_text("cut.json", &text.as_bytes()[..text.len() / 2]);
    reports.save_text(
        "later.json",
        text.replacen("\"schema\":2", "\"schema\":3", 1).as_bytes(),
    );
    reports.save_text("other.json", b"{\"totals\": 1}");
    reports.save_text("yaml.json", b"targets: \x1b[2J\n");
    reports.save_text("latin.json", b"{\"schema\":2,\"version\":\"\xff\"}");
    reports.save_text("empty.json", b"");
    reports.save_text(
        "key.json",
        text.replacen("\"seed\"", "\"see\\u001bd\"", 1).as_bytes(),
    );
    fs::create_dir(reports.path("folder")).expect("a folder");
    for (name, text) in [
        ("cut.json", "the report is cut off at line "),
        ("empty.json", "the report is cut off at line 1, column 0"),
        (
            "later.json",
            "the report has schema 3; this version of ssespec reads schema 2",
        ),
        ("other.json", "the report has no schema version"),
        ("yaml.json", "this is no JSON report: "),
        ("latin.json", "this is no JSON report: it is not UTF-8"),
        (
            "key.json",
            "the report is wrong at `.`: missing field `seed`",
        ),
        ("folder", "folder is a folder; name a JSON report in it"),
        ("none.json", "there is no such file"),
    ] {
        for arguments in [
            &["report", "render", name][..],
            &[
                "report",
                "render",
                "good.json",
                "--older",
                name,
                "--report",
                "markdown=out",
            ],
            &["report", "diff", name, "good.json"],
            &["report", "diff", "good.json", name],
            &["report", "merge", "good.json", name],
        ] {
            reports.check_refused(arguments, &[name, text]);
        }
    }
    assert!(
        !reports.path("out").exists(),
        "a report of nothing was written"
    );
}

#[test]
fn a_place_that_cannot_be_written_is_refused_with_one_sentence() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    fs::create_dir(reports.path("folder")).expect("a folder");
    for (report, text) in [
        ("json=folder", "folder is a folder; name a file in it"),
        ("json=none/r.json", "none/r.json cannot be written: "),
        ("json=", "name a file, or - for standard output"),
        ("json", "write FORMAT=PATH, for example json=report.json"),
        (
            "pdf=x",
            "unknown format `pdf`; known: json, terminal, html, junit, markdown, findings, badge",
        ),
    ] {
        reports.check_refused(
            &["report", "render", "r.json", "--report", report],
            &["--report ", text],
        );
    }
    reports.check_refused(
        &[
            "report", "render", "r.json", "--report", "json=-", "--report", "junit=-",
        ],
        &["--report json=- and --report junit=- go to standard output"],
    );
    reports.check_refused(
        &["report", "merge", "r.json", "r.json", "-o", "folder"],
        &["folder is a folder; name a file in it"],
    );
    reports.check_refused(
        &["report", "merge", "r.json", "r.json", "-o", "none/m.json"],
        &["none/m.json cannot be written: "],
    );
}

#[test]
fn a_merge_needs_two_reports() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    let said = reports.ssespec(&["report", "merge", "r.json"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("2 values required"), "{}", said.err);
}

#[test]
fn the_help_names_every_format() {
    let reports = Reports::new();
    let refused = reports
        .ssespec(&["report", "render", "r.json", "--report", "pdf=x"])
        .err;
    let (_, known) = refused.trim().split_once("known: ").expect("the formats");
    for arguments in [&["run", "--help"][..], &["report", "render", "--help"]] {
        let help = reports.ssespec(arguments).out;
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let listed = help
            .split("the format is ")
            .nth(1)
            .and_then(|rest| rest.split(", a path").next());
        let listed = listed.expect("the formats").replace(" or ", ", ");
        assert_eq!(listed, known, "{arguments:?}");
    }
}

const FULL: &str = "/dev/full";

#[test]
fn a_full_disk_is_told_and_costs_no_other_report() {
    if !Path::new(FULL).exists() {
        return;
    }
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    let said = reports.ssespec(&[
        "report",
        "render",
        "r.json",
        "--report",
        "junit=/dev/full",
        "--report",
        "json=out.json",
        "--report",
        "badge=b.json",
    ]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .starts_with("error: /dev/full: the report cannot be written: No space left on device"),
        "{}",
        said.err
    );
    assert_eq!(said.err.lines().count(), 1);
    check_same(&reports.load("out.json"), &fixed());
    assert!(reports.path("b.svg").exists());
    assert!(
        !Path::new("/dev/full.part").exists(),
        "a device is written to, not replaced"
    );
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open(FULL)
            .expect("it can be opened")
    };
    for arguments in [
        &["report", "merge", "r.json", "r.json"][..],
        &["report", "render", "r.json"],
        &["report", "diff", "r.json", "r.json"],
    ] {
        let said = Said::of(
            reports
                .command(arguments)
                .stdout(full())
                .output()
                .expect("the binary starts"),
        );
        assert_eq!(said.code, Some(2), "{arguments:?}");
        assert!(said.err.contains("standard output: "), "{}", said.err);
        assert!(said.err.contains("No space left on device"), "{}", said.err);
    }
}

#[test]
fn a_report_behind_a_link_is_replaced_and_the_link_stays() {
    let reports = Reports::new();
    reports.save("r.json", &fixed());
    reports.save_text("real.json", b"old");
    std::os::unix::fs::symlink("real.json", reports.path("link.json")).expect("a link");
    reports
        .ssespec(&["report", "render", "r.json", "--report", "json=link.json"])
        .check(0, &[]);
    assert!(reports.path("link.json").is_symlink());
    assert_eq!(reports.load("real.json").targets.len(), 5);
}

/// `ssespec run` with a program that always prints the same event: every case fails.
const PROGRAM: &[&str] = &[
    "--",
    "sh",
    "-c",
    r#"cat >/dev/null; echo '{"type":"message","data":"a","lastEventId":"7"}'"#,
];
const CASES: &[&str] = &["run", "--stdin", "-k", "parser/fields/data/one-*"];

fn run<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    [CASES, flags, PROGRAM].concat()
}

#[test]
fn a_run_with_a_report_on_standard_output_prints_nothing_else_there() {
    let reports = Reports::new();
    let said = reports.ssespec(&run(&["--report", "json=-"]));
    assert_eq!(said.code, Some(1), "{said:?}");
    let report = json::read(&said.out).expect("nothing but a report");
    assert!(!report.targets[0].results.is_empty());
    assert!(
        said.err.contains("FAIL 1"),
        "the terminal report is on standard error: {}",
        said.err
    );
    let said = reports.ssespec(&run(&["--report", "terminal=-"]));
    assert_eq!(said.out.matches("FAIL 1").count(), 1);
    assert!(!said.err.contains("FAIL 1"), "{}", said.err);
}

#[test]
fn a_run_shows_and_writes_what_it_can_when_one_report_cannot_be_written() {
    if !Path::new(FULL).exists() {
        return;
    }
    let reports = Reports::new();
    let said = reports.ssespec(&run(&[
        "--report",
        "markdown=/dev/full",
        "--report",
        "json=r.json",
        "--report",
        "junit=j.xml",
    ]));
    assert_eq!(said.code, Some(2));
    assert!(said.out.contains("FAIL 1"), "{}", said.out);
    assert!(
        said.err
            .contains("error: /dev/full: the report cannot be written: "),
        "{}",
        said.err
    );
    assert!(!reports.load("r.json").targets[0].results.is_empty());
    assert!(reports.path("j.xml").exists());
}

#[test]
fn a_baseline_that_cannot_be_written_costs_no_report() {
    let reports = Reports::new();
    let said = reports.ssespec(&run(&[
        "--update-known-failures",
        "--known-failures",
        "none/k.yaml",
        "--report",
        "json=r.json",
    ]));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("none/k.yaml: cannot be written: "),
        "{}",
        said.err
    );
    assert!(said.out.contains("FAIL 1"), "{}", said.out);
    assert!(!reports.load("r.json").targets[0].results.is_empty());
}

#[test]
fn a_step_summary_is_added_to_what_is_there() {
    let reports = Reports::new();
    let summary = reports.path("summary.md");
    let run_with_summary = |path: &Path| {
        let mut command = reports.command(&run(&[]));
        command.env("GITHUB_STEP_SUMMARY", path);
        Said::of(command.output().expect("the binary starts"))
    };
    let said = run_with_summary(&summary);
    assert_eq!(said.code, Some(1));
    let once = fs::read_to_string(&summary).expect("a summary");
    assert!(
        once.starts_with("## ssespec: not everything came out as expected\n"),
        "{once}"
    );
    run_with_summary(&summary);
    let twice = fs::read_to_string(&summary).expect("a summary");
    assert_eq!(twice.matches("## ssespec: ").count(), 2);
    assert!(twice.starts_with(&format!("{once}\n")));
}

#[test]
fn a_step_summary_never_grows_beyond_what_is_taken_and_never_changes_the_exit_code() {
    const LIMIT: usize = 1 << 20;
    let reports = Reports::new();
    fs::create_dir(reports.path("folder")).expect("a folder");
    reports.save_text("nearly-full.md", &vec![b'x'; LIMIT - (10 << 10)]);
    reports.save_text("full.md", &vec![b'x'; LIMIT - 1000]);
    for (name, warning) in [
        ("folder", Some("folder cannot be written: ")),
        ("full.md", Some("full.md cannot be written: it is full")),
        ("nearly-full.md", None),
        // GitHub sets no empty name; other places might.
        ("", None),
    ] {
        let mut command = reports.command(&run(&[]));
        command.env("GITHUB_STEP_SUMMARY", name);
        let said = Said::of(command.output().expect("the binary starts"));
        assert_eq!(said.code, Some(1), "{name}");
        assert!(said.out.contains("FAIL 1"));
        match warning {
            None => assert_eq!(said.err, ""),
            Some(text) => {
                assert!(
                    said.err.starts_with("warning: the step summary "),
                    "{}",
                    said.err
                );
                assert!(said.err.contains(text), "{}", said.err);
                assert_eq!(said.err.lines().count(), 1);
            }
        }
    }
    let n_bytes = |name: &str| fs::metadata(reports.path(name)).expect("a file").len();
    assert!(n_bytes("nearly-full.md") > (LIMIT - (10 << 10)) as u64);
    assert!(n_bytes("nearly-full.md") <= LIMIT as u64);
    assert_eq!(n_bytes("full.md"), (LIMIT - 1000) as u64);
}

#[test]
fn a_compressed_report_is_read_as_it_is() {
    let reports = Reports::new();
    reports.save("plain.json", &fixed());
    let pack = [
        "report",
        "render",
        "plain.json",
        "--report",
        "json=packed.json.gz",
    ];
    reports.ssespec(&pack).check(0, &[]);
    let packed = fs::read(reports.path("packed.json.gz")).expect("it was written");
    assert!(packed.starts_with(&[0x1F, 0x8B]));
    let diff = ["report", "diff", "plain.json", "packed.json.gz"];
    reports.ssespec(&diff).check(0, &[]);
    reports.save_text("cut.json.gz", &packed[..packed.len() / 2]);
    let cut = ["report", "render", "cut.json.gz", "--report", "json=-"];
    reports.check_refused(&cut, &["cut.json.gz: cannot be unpacked: "]);
}
