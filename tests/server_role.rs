//! Server cases against throw-away adapters, with the real binary: what a server does right, wrong, and not at all.
#![cfg(all(unix, feature = "cli"))]

mod throwaway;

use std::process::Command;

use throwaway::{Said, check, checked};

/// Runs one case against `tests/throwaway/hostile_server.py`.
fn run(what: &str, case: &str) -> Said {
    run_adapter(&["hostile_server.py", what], case)
}

/// Runs one case against a program below `tests/throwaway`.
fn run_adapter(program: &[&str], case: &str) -> Said {
    throwaway::run(&["--role", "server", "--timeout", "3"], case, program)
}

const PLAIN: &str = "server/data/plain";

#[test]
fn a_server_that_writes_what_it_is_told_passes() {
    for case in [
        PLAIN,
        "server/data/crlf",
        "server/comment/line-feed",
        "server/injection/whole-event-in-data-by-cr",
        "server/size/five-thousand-events",
        "server/order/each-event-is-written-at-once",
        "server/http/body-ends-with-a-blank-line",
        "server/http/nothing-is-added",
        "server/order/two-clients-have-a-stream-each",
    ] {
        let said = run("well", case);
        check(&said, "pass", &[]);
        assert_eq!(said.exit_code, 0);
    }
}

#[test]
fn a_value_that_is_changed_into_a_harmless_one_is_a_warning() {
    let said = run("well", "server/type-and-id/line-feed-in-id");
    check(
        &said,
        "warn",
        &["its id, which the format cannot carry, became \\\"ab\\\""],
    );
    assert_eq!(said.exit_code, 0);
}

#[test]
fn an_injection_stands_first_in_the_report() {
    let globs = [
        "server/retry/*",
        "server/http/status-is-200",
        "server/data/line-feed",
    ];
    let mut words = vec!["run", "--role", "server"];
    words.extend(globs.iter().flat_map(|glob| ["-k", glob]));
    let said = throwaway::ssespec(&words, &["injecting_server.py"]);
    let shown = String::from_utf8_lossy(&said.stdout);
    assert_eq!(said.status.code(), Some(1), "{shown}");
    let first = shown.lines().find(|line| line.contains("FAIL 1"));
    assert!(
        first.is_some_and(|line| line.contains("injection, clause server.no-injection")),
        "{shown}"
    );
    assert!(
        shown.contains("injected: event 1: the field \"b\" stood inside a value"),
        "{shown}"
    );
}

#[test]
fn an_event_that_is_lost_is_altered() {
    let said = run("loses", "server/size/five-thousand-events");
    check(&said, "fail", &["nothing of it is on the wire"]);
}

#[test]
fn the_kinds_of_refusal_on_the_wire_are_kept_apart() {
    let case = "server/type-and-id/line-feed-in-id";
    check(
        &run("cut-at-hostile", case),
        "warn",
        &["refused, stream cut", "the stream breaks off"],
    );
    check(
        &run("ended-at-hostile", case),
        "warn",
        &["refused, ended as if complete"],
    );
    // What the format can carry must arrive, however the stream ends.
    check(&run("cut-at-hostile", PLAIN), "fail", &["altered"]);
}

#[test]
fn a_refusal_to_the_caller_conforms() {
    let said = run_adapter(&["server.py"], "server/type-and-id/line-feed-in-id");
    check(&said, "pass", &[]);
}

#[test]
fn what_is_held_back_is_a_warning() {
    let said = run("holds-back", "server/order/each-event-is-written-at-once");
    check(
        &said,
        "warn",
        &["event 1 was not on the wire when the next one was due"],
    );
}

#[test]
fn a_client_that_gets_the_other_ones_events_is_a_deviation() {
    let said = run("shared", "server/order/two-clients-have-a-stream-each");
    check(&said, "fail", &["nobody asked for"]);
}

#[test]
fn an_answer_to_head_with_a_body_is_a_deviation() {
    let said = run("head-with-body", "server/http/head-gets-no-body");
    check(
        &said,
        "fail",
        &["it answers HEAD with a body: \\\"data: a\\\\n\\\\n\\\""],
    );
}

#[test]
fn what_its_interface_does_not_offer_is_a_skip() {
    check(
        &run(
            "well",
            "server/order/heartbeats-come-while-the-application-is-silent",
        ),
        "skip",
        &["its interface sets no heartbeat"],
    );
    check(
        &run("well", "server/retry/text-of-digits"),
        "skip",
        &["its interface has no way to emit a retry that is a text"],
    );
}

#[test]
fn an_application_answers_with_a_status_or_sets_headers() {
    let (stop, full) = (
        "server/http/a-client-is-told-to-stop",
        "server/http/a-client-is-turned-away-for-want-of-room",
    );
    let let_in = "server/http/a-page-of-another-origin-is-let-in-with-credentials";
    for case in [stop, full, let_in] {
        check(&run("answers", case), "pass", &[]);
    }
    check(
        &run("ignores", full),
        "warn",
        &["its status is 200, and the application answers with 503"],
    );
    check(
        &run("ignores", let_in),
        "fail",
        &["its head lacks the header that the application has set: access-control-allow-origin"],
    );
    check(
        &run("well", full),
        "skip",
        &["its application cannot answer with a status of its own"],
    );
    check(
        &run("well", let_in),
        "skip",
        &["its application cannot set headers of the answer"],
    );
}

#[test]
fn heartbeats_at_an_interval_of_its_own_are_waited_for() {
    check(
        &run(
            "beats",
            "server/order/heartbeats-come-while-the-application-is-silent",
        ),
        "pass",
        &[],
    );
    // Where their interval matters it has to be set.
    check(
        &run("beats", "server/order/heartbeats-stand-between-events"),
        "skip",
        &["its interface sets no heartbeat"],
    );
}

#[test]
fn what_is_compressed_is_read_flush_by_flush() {
    let case = "server/order/each-event-is-written-at-once-where-browsers-ask";
    check(&run("deflates", case), "pass", &[]);
    check(
        &run("deflates-late", case),
        "warn",
        &["event 1 was not on the wire when the next one was due"],
    );
    check(
        &run("codes-unasked", case),
        "warn",
        &["its Content-Encoding is \\\"x-unheard-of\\\", which was not offered"],
    );
}

#[test]
fn a_server_that_never_listens_is_an_error() {
    let said = run("never-listens", PLAIN);
    check(&said, "error", &["no connection to 127.0.0.1:"]);
    assert_eq!(said.exit_code, 1);
}

#[test]
fn a_server_that_dies_in_mid_stream_crashes() {
    let said = run("dies", PLAIN);
    check(&said, "fail", &["crashes", "exit code 9"]);
    // One sentence, and no trace of ours.
    assert!(!said.all.contains("panicked"), "{}", said.all);
}

#[test]
fn garbage_on_the_wire_is_one_sentence() {
    check(&run("garbage", PLAIN), "fail", &["its answer is no HTTP"]);
    check(
        &run("bad-chunks", PLAIN),
        "fail",
        &["where a chunk's size should be stands \\\"no size\\\""],
    );
}

#[test]
fn a_head_without_an_end_is_one_sentence() {
    check(
        &run("endless-head", PLAIN),
        "fail",
        &["its head has no end within 64 KiB"],
    );
    check(
        &run("many-headers", PLAIN),
        "fail",
        &["its head has more than 128 lines"],
    );
    check(
        &run("trickling-head", PLAIN),
        "fail",
        &["its head has no end within 3 s"],
    );
}

#[test]
fn a_body_without_an_end_is_one_sentence_and_bounded() {
    let said = run("endless-body", PLAIN);
    check(&said, "fail", &["far more than was emitted"]);
    assert!(said.all.len() < 200_000, "{} bytes", said.all.len());
}

#[test]
fn a_status_that_makes_clients_give_up_is_a_deviation() {
    check(
        &run("status", PLAIN),
        "fail",
        &["its status is 500, so clients give up"],
    );
}

#[test]
fn an_adapter_that_breaks_the_protocol_is_an_error_that_names_it() {
    check(
        &run("unknown-notification", PLAIN),
        "error",
        &["`requested` is nothing that a server sends"],
    );
    check(
        &run("strange-url", PLAIN),
        "error",
        &["does not begin with http://"],
    );
}

#[test]
fn an_adapter_that_tells_of_no_request_is_an_error_where_it_is_asked_to_emit() {
    let said = run(
        "tells-nothing",
        "server/order/each-event-is-written-at-once",
    );
    check(&said, "error", &["and its adapter told of none"]);
    assert!(said.shown.contains("told of none"), "{}", said.shown);
}

#[test]
fn the_memory_that_a_hostile_server_costs_is_bounded() {
    let peak = |what: &str| {
        let said = Command::new("python3")
            .arg("-c")
            .arg(
                "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); \
                 print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
            )
            .arg(env!("CARGO_BIN_EXE_ssespec"))
            .args(["run", "--role", "server", "--timeout", "3", "-k", PLAIN])
            .args(["--", "python3", "hostile_server.py", what])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/throwaway"))
            .output()
            .expect("python3 starts");
        let kilobytes = String::from_utf8_lossy(&said.stdout);
        kilobytes.trim().parse::<u64>().expect("a number") / 1024
    };
    for what in ["endless-head", "endless-body"] {
        let megabytes = peak(what);
        assert!(megabytes < 150, "{what}: {megabytes} MB");
    }
}

#[test]
fn check_adapter_walks_through_a_server() {
    let (code, shown) = checked("server", &["server.py"]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("nothing to mend"), "{shown}");
}

#[test]
fn check_adapter_tells_a_late_answer_from_none() {
    let (_, shown) = checked("server", &["hostile_server.py", "holds-until-stop"]);
    assert!(
        shown.contains("nothing of it came before, so something holds it back"),
        "{shown}"
    );
    let (_, shown) = checked("server", &["hostile_server.py", "silent-on-hold"]);
    assert!(
        shown.contains("a stream that is held open: no answer came"),
        "{shown}"
    );
}

#[test]
fn check_adapter_ends_at_the_first_mistake() {
    for (what, sentence) in [
        (
            "never-listens",
            "to mend: one event: no connection to 127.0.0.1:",
        ),
        ("tells-nothing", "a client asked, and no `request` came"),
        ("status", "to mend: one event: its status is 500"),
    ] {
        let (code, shown) = checked("server", &["hostile_server.py", what]);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains(sentence), "{shown}");
    }
}
