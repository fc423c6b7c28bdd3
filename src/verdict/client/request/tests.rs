//! Runs whose requests are not what they must be.

use super::super::tests::{asked, case, check, good_run, run};
use super::*;
use crate::observation::client::{Happened, RunEnd};

#[test]
fn a_header_is_there_once_with_its_bytes_or_not_at_all() {
    let mut case = case();
    case.answers[0].requests[1].headers = vec![("last-event-id".to_owned(), b"8".to_vec())];
    case.answers[0].requests[1].without = vec!["accept".to_owned()];
    let mut moments = good_run();
    check(
        &case,
        &run(RunEnd::Sentinel, moments.clone()),
        &["1: its header last-event-id is \"7\", and should be \"8\""],
    );
    moments[4] = asked(&[
        ("last-event-id", "8"),
        ("last-event-id", "8"),
        ("accept", "x"),
    ]);
    check(
        &case,
        &run(RunEnd::Sentinel, moments),
        &[
            "1: its header last-event-id is there 2 times, and should be \"8\"",
            "1: it has the header accept: \"x\", and should not",
        ],
    );
}

#[test]
fn a_delay_is_a_lower_bound() {
    let mut case = case();
    case.answers[0].requests[1].after = Some(100);
    check(&case, &run(RunEnd::Sentinel, good_run()), &[]);
    case.answers[0].requests[1].after = Some(105);
    check(&case, &run(RunEnd::Sentinel, good_run()), &[]);
    case.answers[0].requests[1].after = Some(106);
    check(
        &case,
        &run(RunEnd::Sentinel, good_run()),
        &["1: it came 100 ms after the connection had ended, and should wait at least 106 ms"],
    );
}

#[test]
fn what_is_wrong_with_credentials_is_said_without_them() {
    let mut case = case();
    let expected = ("authorization".to_owned(), b"Bearer abc".to_vec());
    case.answers[0].requests[0].headers = vec![expected];
    case.answers[0].requests[0].without = vec!["cookie".to_owned()];
    let mut moments = good_run();
    moments[0] = asked(&[("Authorization", "Bearer def"), ("Cookie", "a=b")]);
    check(
        &case,
        &run(RunEnd::Sentinel, moments),
        &[
            "0: its header authorization is ***, and should be ***",
            "0: it has the header cookie: ***, and should not",
        ],
    );
}

#[test]
fn a_body_is_compared_byte_for_byte() {
    let mut case = case();
    case.answers[0].requests[0].body = Some(b"a\r\n".to_vec());
    let sent = |body: &[u8]| {
        let mut moments = good_run();
        moments[0] = Happened::Asked(ObservedRequest {
            method: "GET".to_owned(),
            body: body.to_vec(),
            ..ObservedRequest::default()
        });
        run(RunEnd::Sentinel, moments)
    };
    check(&case, &sent(b"a\r\n"), &[]);
    check(
        &case,
        &sent(b"a\n"),
        &["0: its body is \"a\\n\", and should be \"a\\r\\n\""],
    );
}
