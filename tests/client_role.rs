//! Client cases against throw-away adapters, with the real binary: what a client does right, wrong, and not at all.
#![cfg(all(unix, feature = "cli"))]

mod throwaway;

use std::process::Command;

use throwaway::{Said, check};

/// Runs one case against `tests/throwaway/PROGRAM`.
fn run(program: &[&str], case: &str) -> Said {
    throwaway::run(&["--role", "client", "--timeout", "5"], case, program)
}

#[test]
fn a_client_that_sends_the_last_event_id_passes() {
    let said = run(&["client.py"], "client/last-event-id/is-sent-on-reconnect");
    check(&said, "pass", &[]);
    assert_eq!(said.exit_code, 0);
}

#[test]
fn a_deviation_is_shown_with_the_exchange() {
    // It takes every status but 200 for fatal.
    let said = run(&["client.py"], "client/redirect/a-307-is-followed");
    check(
        &said,
        "fail",
        &[
            "it gave up",
            "request 1: GET /",
            "status 307",
            "fatal error",
        ],
    );
    assert_eq!(said.exit_code, 1);
}

#[test]
fn a_target_that_stays_away_passes_where_it_has_to() {
    let said = run(&["client.py"], "client/status/a-404-on-a-reconnect-fails");
    check(&said, "pass", &[]);
}

#[test]
fn a_parser_case_is_carried_over_http() {
    let case = "http/parser/fields/space/second-space-stays";
    check(&run(&["client.py"], case), "pass", &[]);
    check(&run(&["client.py", "once"], case), "pass", &[]);
}

#[test]
fn what_a_client_makes_of_the_preamble_is_no_part_of_a_parser_case() {
    let case = "http/parser/fields/space/second-space-stays";
    check(&run(&["client.py", "blocks"], case), "pass", &[]);
    let case = "http/parser/fields/retry/retry-alone-is-no-event";
    check(&run(&["client.py", "blocks"], case), "fail", &[]);
}

#[test]
fn a_slow_target_that_does_not_reconnect_is_waited_for() {
    // It does not look at the content type, and says so only after a second.
    let case = "client/content-type/text-plain-fails";
    let said = run(&["client.py", "once", "late"], case);
    check(&said, "fail", &[]);
}

#[test]
fn a_request_before_the_answer_to_disconnect_says_nothing() {
    let case = "client/close/during-the-wait-prevents-the-reconnect";
    check(&run(&["client.py"], case), "pass", &[]);
    let reason = "the target came back before it could be told to disconnect";
    check(&run(&["client.py", "hasty"], case), "skip", &[reason]);
}

#[test]
fn a_target_that_does_not_reconnect_skips_what_is_about_that() {
    let said = run(
        &["client.py", "once"],
        "client/last-event-id/is-sent-on-reconnect",
    );
    check(&said, "skip", &["does not reconnect by itself"]);
    assert_eq!(said.exit_code, 0);
}

#[test]
fn handlers_that_are_not_shown_are_not_judged() {
    let said = run(
        &["client.py"],
        "client/open/is-announced-once-for-each-connection",
    );
    check(&said, "skip", &["does not show opens and errors"]);
}

#[test]
fn an_adapter_that_never_connects_is_an_error() {
    let said = run(&["hostile_client.py", "never"], "client/request/is-a-get");
    check(&said, "error", &["told to connect, and did not within 5 s"]);
    assert_eq!(said.exit_code, 1);
}

#[test]
fn an_adapter_that_connects_elsewhere_is_told_where() {
    let said = run(
        &["hostile_client.py", "elsewhere"],
        "client/request/is-a-get",
    );
    check(&said, "error", &["asked for another path: GET /elsewhere"]);
}

#[test]
fn a_second_connection_beside_the_first_is_a_deviation() {
    let said = run(
        &["hostile_client.py", "twice"],
        "client/close/during-a-read-stops-the-stream",
    );
    check(&said, "fail", &["it came back, and had to stay away"]);
}

#[test]
fn a_connection_that_stays_open_after_disconnect_is_a_deviation() {
    let said = run(
        &["hostile_client.py", "keeps"],
        "client/close/during-a-read-stops-the-stream",
    );
    check(
        &said,
        "fail",
        &["it kept the connection open after it was told to disconnect"],
    );
}

#[test]
fn reports_after_disconnect_are_a_deviation() {
    let said = run(
        &["hostile_client.py", "after"],
        "client/close/during-a-read-stops-the-stream",
    );
    check(
        &said,
        "fail",
        &["it reported open after it was told to disconnect"],
    );
}

#[test]
fn an_adapter_that_dies_over_every_connection_crashes() {
    let said = run(&["hostile_client.py", "crash"], "client/request/is-a-get");
    check(&said, "fail", &["crashes", "exit code 7"]);
}

#[test]
fn a_notification_that_nobody_knows_is_an_error_that_names_it() {
    let said = run(&["hostile_client.py", "garbage"], "client/request/is-a-get");
    check(&said, "error", &["`opened` is nothing that a client sends"]);
}

#[test]
fn credentials_are_masked_in_the_exchange_and_in_what_is_wrong() {
    // It takes every status but 200 for fatal, so that the exchange is shown.
    let case = "client/redirect/authorization-goes-along-within-an-origin";
    let said = run(&["client.py"], case);
    let masked = ["authorization: ***", "cookie: ***"];
    check(&said, "fail", &masked);
    assert!(!said.all.contains("not-a-secret"), "{}", said.all);
    // It does not send the headers that it was told to.
    let case = "client/credentials/authorization-goes-with-every-request";
    let said = run(&["client.py", "without-headers"], case);
    let sentence = "its header authorization is not there, and should be ***";
    check(&said, "fail", &[sentence]);
    assert!(!said.all.contains("not-a-secret"), "{}", said.all);
}

#[test]
fn what_a_client_cannot_do_is_skipped_with_the_reason() {
    for (case, reason) in [
        (
            "client/transport/over-http2-a-stream-is-a-stream",
            "does not speak HTTP/2 over TLS",
        ),
        (
            "client/transport/over-cleartext-http2-a-stream-is-a-stream",
            "does not speak HTTP/2 without TLS",
        ),
        (
            "client/credentials/a-cookie-that-an-answer-sets-goes-with-the-next-request",
            "keeps no credentials",
        ),
        (
            "client/content-encoding/gzip-is-undone",
            "does not accept gzip",
        ),
    ] {
        check(&run(&["client.py"], case), "skip", &[reason]);
    }
}

#[test]
fn a_client_that_takes_a_certificate_is_asked_over_tls() {
    for case in [
        "client/transport/over-tls-a-stream-is-a-stream",
        "client/transport/over-tls-a-body-without-its-last-chunk-is-followed-by-a-reconnect",
    ] {
        check(&run(&["client.py"], case), "pass", &[]);
    }
}

#[test]
fn a_refused_connection_is_followed_by_another_attempt() {
    for case in [
        "client/refused/on-a-reconnect-is-followed-by-another-attempt",
        "client/refused/keeps-the-last-event-id",
    ] {
        check(&run(&["client.py"], case), "pass", &[]);
    }
}

#[test]
fn a_redirect_to_a_port_that_refuses_is_followed_by_another_attempt() {
    for case in [
        "client/redirect-refused/a-307-at-first-is-followed-by-another-attempt",
        "client/redirect-refused/a-301-on-a-reconnect-is-followed-by-another-attempt",
        "client/redirect-refused/is-followed-by-a-wait",
    ] {
        check(&run(&["client.py", "follows"], case), "pass", &[]);
        let said = run(&["client.py", "follows", "gives-up"], case);
        check(&said, "fail", &["it gave up", "Connection refused"]);
    }
}

#[test]
fn what_a_client_is_told_to_begin_with_is_judged() {
    for (case, sentence, reason) in [
        (
            "client/post/the-method-and-the-body-arrive",
            "its method is",
            "the target takes no method and no body",
        ),
        (
            "client/post/a-body-keeps-its-white-space-and-line-ends",
            "its body is",
            "the target takes no method and no body",
        ),
        (
            "client/initial-id/is-sent-in-the-first-request",
            "its header last-event-id is not there",
            "the target takes no last event ID to begin with",
        ),
        (
            "client/initial-time/is-waited-for-where-it-is-longer-than-most-defaults",
            "and should wait at least 3500 ms",
            "the target does not reconnect by itself",
        ),
    ] {
        check(&run(&["client.py"], case), "pass", &[]);
        let said = run(&["client.py", "forgets"], case);
        check(&said, "fail", &[sentence]);
        check(&run(&["careless_client.py"], case), "skip", &[reason]);
    }
}

#[test]
fn a_client_that_gives_up_where_that_is_allowed_passes() {
    let said = run(
        &["client.py"],
        "client/redirect/to-another-scheme-is-a-network-error",
    );
    check(&said, "pass", &[]);
}

#[test]
fn the_time_of_the_cases_is_shown_beside_the_time_of_the_run() {
    let said = run(&["client.py"], "client/request/is-a-get");
    check(&said, "pass", &[" s of their own, in "]);
}

#[test]
fn a_target_of_another_role_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--role", "client", "eventsource-parser"])
        .output()
        .expect("ssespec runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("eventsource-parser has no role client"),
        "{said}"
    );
}
