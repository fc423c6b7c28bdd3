//! `ssespec diagnose` through the real binary, against adapters whose one mistake is known.
#![cfg(all(unix, feature = "cli"))]

use std::process::{Command, Output};

fn diagnose(arguments: &[&str], target: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["diagnose", "--runs", "3000"])
        .args(arguments)
        .args(["--", "python3", "tests/hostile/adapter.py"])
        .args(target)
        .output()
        .expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn a_good_target_has_no_quirks() {
    let output = diagnose(&[], &["good"]);
    let stdout = text(&output.stdout);
    assert!(stdout.contains("no deviation in 3 000 streams"), "{stdout}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_quirk_of_a_target_is_named_and_explains_everything() {
    let output = diagnose(&[], &["strips-spaces"]);
    let stdout = text(&output.stdout);
    let named: Vec<&str> = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(char::is_alphabetic))
        .collect();
    assert_eq!(named.len(), 2, "{stdout}");
    assert_eq!(named[0], "space-all-removed");
    assert!(
        named[1].starts_with("explains ") && named[1].contains("(100.0 %"),
        "{stdout}"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// The Markdown page on a target, which says all this.
#[track_caller]
fn check_page(arguments: &[&str], target: &str, said: &[&str]) -> String {
    let arguments = [&["--report", "markdown=-"], arguments].concat();
    let page = text(&diagnose(&arguments, &[target]).stdout);
    for said in said {
        assert!(page.contains(said), "no `{said}` in {page}");
    }
    page
}

#[test]
fn a_page_for_an_issue_says_everything_that_a_maintainer_asks() {
    let page = check_page(
        &[],
        "strips-spaces",
        &[
            "# hostile 1: deviations from the event stream standard",
            "## All spaces after the colon are removed",
            "Clause [`kind.space-one`](https://html.spec.whatwg.org/multipage/server-sent-events.html#",
            "(must): ",
            "```sh\nprintf '",
            "expected",
            "To see it again: `ssespec parse --stream '",
            "--against -- python3 tests/hostile/adapter.py strips-spaces`",
        ],
    );
    assert!(!page.contains("vulnerability"), "{page}");
}

#[test]
fn a_page_about_a_crash_opens_with_a_warning() {
    let output = diagnose(&["--report", "markdown=-"], &["crashes-on", "lastEventId"]);
    let page = text(&output.stdout);
    let warning = page.find("> **possible vulnerability");
    let stream = page.find("printf 'lastEventId'");
    assert!(
        warning.is_some() && stream.is_some() && warning < stream,
        "{page}"
    );
}

#[test]
fn a_page_says_how_the_others_behave() {
    check_page(
        &["--others", "reports/matrix.json.gz"],
        "strips-spaces",
        &[
            " other implementations behave where `kind.space-one` is asked for, in reports/matrix.json.gz of ssespec ",
            " in the same way: ",
            " conform: ",
            "eventsource-parser ",
        ],
    );
}

#[test]
fn a_page_gives_the_argument_against_the_reading_where_the_text_leaves_room() {
    check_page(
        &[],
        "reads-empty-retry",
        &[
            "Clause [`retry.empty`]",
            "The standard's text can be read in more than one way here",
            "The argument against this reading: an empty value holds nothing but ASCII digits",
        ],
    );
}

#[test]
fn time_that_grows_too_fast_stands_first_on_the_page() {
    let output = diagnose(&["--report", "markdown=-"], &["quadratic"]);
    let page = text(&output.stdout);
    assert!(page.starts_with("> **possible vulnerability"), "{page}");
    assert!(page.contains("growth time colons"), "{page}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_diagnosed_is_said_in_a_sentence() {
    for (arguments, sentence) in [
        (vec!["--report", "pdf=x"], "unknown format `pdf`"),
        (vec!["--report", "markdown="], "write markdown=PATH"),
        (
            vec!["--others", "no-such-report.json"],
            "there is no such file",
        ),
        (vec!["--for", "soon"], "`soon` is no time"),
    ] {
        let output = diagnose(&arguments, &["good"]);
        let stderr = text(&output.stderr);
        assert!(stderr.contains(sentence), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
    }
}
