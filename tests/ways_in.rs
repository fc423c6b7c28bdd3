//! The ways in that need no adapter folder: a bare stream on standard input, and `parse --against`.
#![cfg(feature = "cli")]

use std::process::{Command, Output};

const SSESPEC: &str = env!("CARGO_BIN_EXE_ssespec");

fn ssespec(arguments: &[&str]) -> Output {
    Command::new(SSESPEC)
        // A test is no step of the CI job that runs it.
        .env_remove("GITHUB_STEP_SUMMARY")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary starts")
}

/// The exit code, and everything that was printed.
#[track_caller]
fn check(arguments: &[&str], code: i32, texts: &[&str]) {
    let output = ssespec(arguments);
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert_eq!(output.status.code(), Some(code), "{printed}");
    for text in texts {
        assert!(printed.contains(text), "`{text}` is not in:\n{printed}");
    }
}

#[test]
fn a_conforming_program_passes_the_corpus_through_standard_input() {
    check(
        &["run", "--stdin", "--", SSESPEC, "parse", "--json"],
        0,
        &[" 0 fail, 0 warn, 0 known, 0 unexpected pass, 0 error"],
    );
}

#[test]
fn a_program_that_loses_events_deviates() {
    let drop_first = r#"tail -n +3 | "$0" parse --json"#;
    let command = [
        "run", "--stdin", "-k", "*crlf*", "--", "sh", "-c", drop_first, SSESPEC,
    ];
    // Two lines are lost, so the probe of one event finds none.
    check(
        &command,
        2,
        &["given a stream of one event, it printed 0 events"],
    );
    let cut_off = r#"head -c 20 | "$0" parse --json"#;
    let command = [
        "run", "--stdin", "-k", "*crlf*", "--", "sh", "-c", cut_off, SSESPEC,
    ];
    check(&command, 1, &["rerun     ssespec parse --case "]);
}

#[test]
fn a_program_that_fails_crashes_or_hangs_on_a_stream_deviates() {
    let on_a_comment = |act: &str| {
        format!(
            r#"stream=$(mktemp); cat > $stream; if grep -q '^:' $stream; then rm $stream; {act}; fi; "$0" parse --json $stream; rm $stream"#
        )
    };
    for (act, text) in [
        ("exit 3", "error: exit code 3"),
        ("kill -SEGV $$", "crashes: it ended with signal 11"),
        ("sleep 20", "hangs: no answer within 0.5 s"),
    ] {
        let script = on_a_comment(act);
        let command = [
            "run",
            "--stdin",
            "--timeout",
            "0.5",
            "-k",
            "parser/comment/*",
            "--max-fail",
            "1",
            "--",
            "sh",
            "-c",
            &script,
            SSESPEC,
        ];
        check(&command, 1, &[text]);
    }
}

#[test]
fn what_is_no_event_is_an_error_of_ours() {
    check(
        &["run", "--stdin", "--", "cat"],
        2,
        &["a line of its output is no event", "\"id: 7\""],
    );
}

#[test]
fn reference_and_target_are_shown_side_by_side() {
    let stream = [
        "parse",
        "--stream",
        r"data: a\r",
        "--stream",
        r"\n\ndata: b\n\n",
    ];
    let against = ["--against", "--stdin", "--", SSESPEC, "parse", "--json"];
    check(
        &[stream.as_slice(), &against].concat(),
        0,
        &[r"stream  data: a\r│\n\ndata: b\n\n", ": conforms"],
    );
    let cut_off = [
        "--against",
        "--stdin",
        "--",
        "sh",
        "-c",
        r#"head -c 16 | "$0" parse --json"#,
        SSESPEC,
    ];
    check(
        &[stream.as_slice(), &cut_off].concat(),
        1,
        &["deviates: event 2 is missing", r#"message "b""#],
    );
}

#[test]
fn a_case_is_compared_in_the_delivery_that_is_named() {
    let against = ["--against", "--stdin", "--", SSESPEC, "parse", "--json"];
    let case = [
        "parse",
        "--case",
        "parser/comment/comment/comment-ended-by-crlf@cut-3",
    ];
    check(
        &[case.as_slice(), &against].concat(),
        0,
        &["│", ": conforms"],
    );
    let no_delivery = [
        "parse",
        "--case",
        "parser/comment/comment/comment-ended-by-crlf@cut-999",
    ];
    check(
        &[no_delivery.as_slice(), &against].concat(),
        2,
        &["has no delivery `cut-999`"],
    );
    check(
        &[
            "parse",
            "--case",
            "parser/no/such/case",
            "--against",
            "--",
            "true",
        ],
        2,
        &["no case `parser/no/such/case`"],
    );
}

#[test]
fn bad_flags_are_one_sentence() {
    for (arguments, sentence) in [
        (
            &["parse", "--stream", "a", "--against"][..],
            "--against needs a target",
        ),
        (
            &[
                "parse",
                "--stream",
                "a",
                "--cut",
                "7",
                "--against",
                "--",
                "true",
            ],
            "--cut 7 lies beyond the end of the stream, which has 1 bytes",
        ),
        (
            &["parse", "--stream", "a", "--against", "no-such-adapter"],
            "no such adapter: `no-such-adapter`",
        ),
        (
            &[
                "parse",
                "--stream",
                "a",
                "--against",
                "--",
                "no-such-program",
            ],
            "cannot start `no-such-program`",
        ),
        (
            &["run", "-k", "*crlf*", "-k", "*no-such-case*", "--", "true"],
            "no case matches *no-such-case*",
        ),
    ] {
        check(arguments, 2, &[sentence]);
    }
}
