//! Client cases as they are written, good and bad.

use super::*;
use crate::corpus::file;
use crate::script::Transport;

fn built(case: &str) -> Result<ClientCase, String> {
    let text = format!(
        "cases:\n  - name: a\n    {}\n",
        case.replace('\n', "\n    ")
    );
    let mut file = file::parse("x.yaml", &text).map_err(|fault| fault.to_string())?;
    let raw = file.cases.remove(0);
    build(&raw, raw.connections.as_deref().unwrap_or_default())
}

#[track_caller]
fn check_fault(case: &str, sentence: &str) {
    let fault = built(case).expect_err("the case is bad");
    assert!(fault.contains(sentence), "{fault}");
}

#[test]
fn a_connection_breaks_once_its_events_have_been_heard() {
    let case = built(
        "connections:\n  - { chunks: [\"data: a\\n\\n\"], then: close }\n  - { chunks: [\"data: b\\n\\ndata: c\\n\"], then: reset }\n  - { then: truncate }\nevents: [{ data: \"a\" }, { data: \"b\" }]",
    )
    .expect("the case is good");
    let last_steps: Vec<_> = case.responses.iter().map(|r| r.steps.last()).collect();
    assert!(
        matches!(last_steps[0], Some(Step::Write(_))),
        "{last_steps:?}"
    );
    assert_eq!(last_steps[1], Some(&Step::Gate(Gate::Heard(2))));
    assert_eq!(last_steps[2], None, "nothing of it can be lost");
}

#[test]
fn a_script_is_read_step_by_step() {
    let case = built(
        "connections:\n  - { status: 302, location: \"b\", then: close }\n  - { framing: http-1.0, chunks: [\"data: \", { await_opens: 1 }, [{ hex: \"61\" }, { text: \"\\n\\n\" }], { pause: 5 }], then: hold }\nevents: [{ data: \"a\" }]",
    )
    .expect("a good case");
    assert_eq!(
        case.responses[0].location,
        Some(Location::Below("b".to_owned()))
    );
    assert_eq!(case.responses[0].framing, Framing::Length);
    assert_eq!(
        case.responses[1].steps,
        [
            Step::Write(b"data: ".to_vec()),
            Step::Gate(Gate::Opens(1)),
            Step::Write(b"a\n\n".to_vec()),
            Step::Pause(Duration::from_millis(5)),
        ]
    );
    assert!(
        !case.needs_reconnect(),
        "a redirect is no connection of its own"
    );
}

#[test]
fn the_reference_reads_all_connections_as_one_event_source() {
    let case = built(
        "connections: [{ chunks: [\"retry: 20\\nid: 7\\ndata: a\\n\\n\"], then: close }, { chunks: [\"data: b\\n\\n\"], then: hold }]\nevents: [{ data: \"a\", last_event_id: \"7\" }, { data: \"b\", last_event_id: \"7\" }]",
    );
    let case = case.expect("a good case");
    assert_eq!((case.reconnection_time, case.n_requests()), (Some(20), 2));
}

#[test]
fn a_refused_connection_has_no_place_among_the_requests() {
    let case = built(
        "connections: [{ then: refuse }, { chunks: [\"retry: 20\\ndata: a\\n\\n\"], then: close }, { then: refuse }]\nrequests: [{}, {}]\nevents: [{ data: \"a\" }]",
    );
    let case = case.expect("a good case");
    assert_eq!(case.refusals, [0, 1]);
    assert_eq!((case.responses.len(), case.n_requests()), (1, 2));
    assert!(case.needs_reconnect());
}

#[test]
fn what_a_target_is_told_and_how_a_body_is_coded_are_read() {
    let case = built(
        "connect: { over: http2-cleartext, headers: { x-a: \"b\" } }\nconnections: [{ coding: gzip-unfinished, interim: [103], chunks: [\"data: a\\n\\n\"], then: close }]\nevents: [{ data: \"a\" }]",
    );
    let case = case.expect("a good case");
    assert_eq!(case.connect.transport, Transport::Http2Cleartext);
    assert_eq!(case.connect.headers, [("x-a".to_owned(), "b".to_owned())]);
    assert_eq!(case.responses[0].coding, Some(Coding::GzipUnfinished));
    assert_eq!(case.responses[0].interim, [103]);
    assert!(case.script().needs_own_port());
}

#[test]
fn what_a_target_is_told_to_begin_with_is_where_the_reference_begins() {
    let case = built(
        "connect: { method: \"POST\", body: [{ text: \"a\" }, { repeat: \"b\", times: 2 }], last_event_id: \"7\", initial_reconnection_time: 300 }\nconnections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nrequests: [{ method: \"POST\", body: \"abb\" }]\nevents: [{ data: \"a\", last_event_id: \"7\" }]",
    );
    let case = case.expect("a good case");
    assert_eq!(case.connect.body.as_deref(), Some("abb"));
    assert_eq!(
        case.answers[0].requests[0].body.as_deref(),
        Some(&b"abb"[..])
    );
    assert_eq!(case.reconnection_time, Some(300));
    let case = built(
        "connect: { initial_reconnection_time: 300 }\nconnections: [{ chunks: [\"retry: 20\\n\"], then: close }]\nevents: []",
    );
    assert_eq!(case.expect("a good case").reconnection_time, Some(20));
}

#[test]
fn each_fault_is_one_sentence() {
    check_fault(
        "connect: { body: \"a\" }\nconnections: [{ then: close }]\nevents: []",
        "a `body` goes with a `method`",
    );
    check_fault(
        "connect: { method: \"POST\", body: [{ hex: \"ff\" }] }\nconnections: [{ then: close }]\nevents: []",
        "a target is told its `body` as text, hence UTF-8",
    );
    check_fault(
        "connect: { last_event_id: \"7\" }\nconnections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nevents: [{ data: \"a\" }]",
        "contradicts the reference",
    );
    check_fault(
        "connections: [{ status: 200, then: refuse }]\nevents: []",
        "a connection that is refused has nothing but `then: refuse`",
    );
    check_fault(
        "connections: [{ then: refuse }, { then: refuse }]\nevents: []",
        "refuses twice in a row",
    );
    check_fault(
        "connections: [{ then: refuse }]\nreturns: false\nevents: []",
        "refuses a connection, after which a target returns",
    );
    check_fault(
        "connections: [{ interim: [100], then: close }]\nevents: []",
        "100 is no status that may stand before the final one",
    );
    check_fault(
        "connections: [{ then: close }]\nreturns: false\nmay_give_up: true\nevents: []",
        "goes with a target that may return",
    );
    check_fault(
        "connections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nevents: []",
        "contradicts the reference, which makes 1 events of its connections, with data [\"a\"]",
    );
    check_fault(
        "connections: [{ chunks: [\"data: a\\n\"], then: hold }]\nevents: []",
        "holds its last connection in the middle of a block",
    );
    check_fault(
        "connections: [{ then: close }]\nrequests: [{}, {}, {}]\nevents: []",
        "expects 3 requests, but a conforming target makes 2",
    );
    check_fault(
        "connections: [{ then: close }]\nclose_on: event\nevents: []",
        "needs `returns: false`",
    );
    check_fault(
        "connections: [{ status: 100, then: close }]\nevents: []",
        "100 is no final status",
    );
    check_fault(
        "connections: [{ framing: length, then: hold }]\nevents: []",
        "a body with a Content-Length cannot be held open",
    );
    check_fault(
        "connections: [{ headers: [\"no colon\"], then: close }]\nevents: []",
        "a header is written \"name: value\"",
    );
    check_fault(
        "connections: [{ then: close }]\nrequests: [{ headers: { Accept: \"x\" } }]\nevents: []",
        "a header's name is written in lower case: Accept",
    );
    check_fault(
        "connections: [{ thn: close }]\nevents: []",
        "unknown key `thn` (did you mean `then`?)",
    );
    check_fault(
        "connections: [{ chunks: [{ pause: 1, disconnect: true }], then: close }]\nevents: []",
        "between two chunks stands one of",
    );
}
