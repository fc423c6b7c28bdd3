//! `ssespec exhaust` as a user meets it: what it says of equal parsers, of a wrong one, and of what it cannot do.
#![cfg(feature = "cli")]

use std::fs;
use std::process::{Command, Output};

const SSESPEC: &str = env!("CARGO_BIN_EXE_ssespec");
const ADAPTER: &str = "tests/hostile/adapter.py";

fn ssespec(arguments: &[&str]) -> Output {
    Command::new(SSESPEC)
        .arg("exhaust")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary starts")
}

/// The exit code, and texts among everything that was printed.
#[track_caller]
fn check(arguments: &[&str], code: i32, texts: &[&str]) -> String {
    let output = ssespec(arguments);
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert_eq!(output.status.code(), Some(code), "{printed}");
    for text in texts {
        assert!(printed.contains(text), "`{text}` is not in:\n{printed}");
    }
    printed
}

#[test]
fn our_three_parsers_are_equal() {
    check(
        &["reference", "--depth", "4"],
        0,
        &["equal on all 69 905 streams of up to 4 of 16 tokens, and with a probe behind each"],
    );
}

#[test]
fn a_target_that_conforms_is_equal() {
    check(
        &[
            "--depth",
            "2",
            "--",
            "python3",
            ADAPTER,
            "conforms",
            "no such bytes",
        ],
        0,
        &["equal to the reference, as far as it shows, on all 273 streams"],
    );
}

#[test]
fn a_target_that_crashes_on_some_streams_is_found_and_the_rest_still_asked() {
    let alphabet = r"data: a \n x";
    check(
        &[
            "--depth",
            "2",
            "--alphabet",
            alphabet,
            "--",
            "python3",
            ADAPTER,
            "crashes-on",
            "xx",
        ],
        1,
        &[
            // The stream bare and with the probe.
            "a crash: it ended with signal 11, 2 times, the shortest:\nstream  xx",
            "on all 21 streams of up to 2 of 4 tokens",
        ],
    );
}

#[test]
fn a_target_that_crashes_too_often_is_given_up() {
    check(
        &[
            "--depth",
            "3",
            "--alphabet",
            r"x \n a",
            "--",
            "python3",
            ADAPTER,
            "crashes-on",
            "x",
        ],
        2,
        &[
            "given up after 16 streams over which its process was lost",
            "streams were not tried",
        ],
    );
}

#[test]
fn a_search_is_kept_in_a_file_and_taken_up_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("state.json");
    let path = file.to_str().expect("a plain path");
    let arguments = ["reference", "--depth", "5", "--no-probe", "--state", path];
    check(&arguments, 0, &["all 1 118 481 streams"]);
    let complete = fs::read_to_string(&file).expect("it was written");
    // As if it had been interrupted after three of its units, with a difference that only the file knows.
    let n_units = "\"units_done\": 16";
    assert!(complete.contains(n_units), "{complete}");
    let early = complete
        .replace(n_units, "\"units_done\": 3")
        .replace("\"streams\": 1118481", "\"streams\": 209716")
        .replace(
            "\"differences\": []",
            r#""differences": [{"kind": "made up", "count": 5, "shortest": ["64617461", "0a"]}]"#,
        );
    fs::write(&file, early).expect("it can be written");
    check(
        &arguments,
        1,
        &[
            "all 1 118 481 streams",
            "made up, 5 times, the shortest:\nstream  data│\\n",
        ],
    );
    check(
        &["reference", "--depth", "4", "--state", path],
        2,
        &["state.json: it belongs to another search"],
    );
}

#[test]
fn shards_share_the_streams() {
    let of = |shard: &str| {
        check(
            &["reference", "--depth", "5", "--no-probe", "--shard", shard],
            0,
            &[&format!("shard {} of 2", &shard[..1])],
        )
    };
    // The first shard has the streams that are too short to belong to any.
    assert!(of("1/2").contains(" 559 241 streams"));
    assert!(of("2/2").contains(" 559 240 streams"));
}

#[test]
fn what_cannot_be_searched_is_one_sentence() {
    for (arguments, sentence) in [
        (
            &["reference", "--depth", "16"][..],
            "error: the depth 16 is out of range: with 16 tokens it is at most 15",
        ),
        (&["reference", "--depth", "-1"], "error: "),
        (
            &["reference", "--depth", "2", "--alphabet", r"a \q"],
            r"error: --alphabet, token `\q`, character 1: unknown escape `\q`",
        ),
        (
            &["reference", "--depth", "2", "--alphabet", " "],
            "error: the alphabet has no token",
        ),
        (
            &["reference", "--depth", "2", "--alphabet", r"a \n \x61"],
            "error: the alphabet has the token `a` twice",
        ),
        (
            &["reference", "--depth", "2", "--shard", "3/2"],
            "error: --shard 3/2: write K/N with K from 1 to N, for example 1/4",
        ),
        (
            &["no-such-adapter", "--depth", "2"],
            "error: no such adapter: `no-such-adapter`",
        ),
        (&["--depth", "2", "--", "no-such-program"], "error: "),
        (&["reference"], "error: "),
    ] {
        let printed = check(arguments, 2, &[sentence]);
        assert!(!printed.contains("panicked"), "{printed}");
    }
}

#[test]
fn a_target_without_the_parser_role_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let yaml =
        "name: a-client\nrole: client\nimplementation: x\nlanguage: Python\ncommand: [python3]\n";
    fs::write(folder.path().join("adapter.yaml"), yaml).expect("it can be written");
    let path = folder.path().to_str().expect("a plain path");
    check(
        &[path, "--depth", "2"],
        2,
        &["error: `a-client` has no role parser"],
    );
}
