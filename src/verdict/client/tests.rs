//! Runs of which we know what is wrong with them.

use super::*;
use crate::case::client::{ConnectWith, ExpectedRequest};
use crate::case::{Answer, ExpectedEnd, ExpectedEvent, Trace, TracedEvent};
use crate::observation::client::Moment;
use crate::observation::{ObservedEvent, Text};
use crate::script::{Coding, Ending, Response};

fn case() -> ClientCase {
    ClientCase {
        connect: ConnectWith::default(),
        refusals: Vec::new(),
        may_give_up: false,
        responses: vec![Response::stream([b"data: a\n\n".to_vec()], Ending::Close)],
        close_on: None,
        disconnect_after: None,
        returns: true,
        answers: vec![ClientAnswer {
            requests: vec![ExpectedRequest::default(), ExpectedRequest::default()],
            reports: None,
            events: Answer {
                reason: None,
                events: vec![ExpectedEvent {
                    event_type: "message".to_owned(),
                    data: "a".to_owned(),
                    last_event_id: String::new(),
                    names_last_event_id: false,
                }],
                end: ExpectedEnd::default(),
            },
        }],
        trace: Trace {
            events: vec![TracedEvent {
                own_id: None,
                own_retry: None,
                complete_at: 9,
            }],
            ..Trace::default()
        },
        reconnection_time: None,
        script: None,
        carries_parser_case: false,
    }
}

fn asked(headers: &[(&str, &str)]) -> Happened {
    let bytes =
        |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    Happened::Asked(ObservedRequest {
        method: "GET".to_owned(),
        headers: headers.iter().map(bytes).collect(),
        ..ObservedRequest::default()
    })
}

fn event(data: &str) -> Happened {
    Happened::Reported(Report::Event(ObservedEvent {
        event_type: Some(Text::from("message")),
        data: Some(Text::from(data)),
        last_event_id: Some(Text::from("")),
        ..ObservedEvent::default()
    }))
}

/// A run whose moments are 100 ms apart.
fn run(end: RunEnd, moments: Vec<Happened>) -> ClientRun {
    let at = |(n, what): (usize, Happened)| Moment {
        at: Duration::from_millis(100) * u32::try_from(n).expect("few"),
        what,
    };
    ClientRun {
        moments: moments.into_iter().enumerate().map(at).collect(),
        end,
    }
}

fn good_run() -> Vec<Happened> {
    vec![
        asked(&[]),
        Happened::Head(0, 200, Vec::new()),
        event("a"),
        Happened::Over(0, Ending::Close),
        asked(&[("Last-Event-ID", "7")]),
        event(SENTINEL),
    ]
}

#[track_caller]
fn check(case: &ClientCase, run: &ClientRun, expected: &[&str]) {
    let sentences: Vec<String> = match judge(case, &Features::FULL, run) {
        Verdict::Conforms => Vec::new(),
        Verdict::Deviates(mismatches) => mismatches
            .into_iter()
            .map(|mismatch| match mismatch {
                Mismatch::Exchange { request, sentence } => match request {
                    Some(request) => format!("{request}: {sentence}"),
                    None => sentence,
                },
                other => format!("{other:?}"),
            })
            .collect(),
        Verdict::NotShown(what) => panic!("{what}"),
    };
    assert_eq!(sentences, expected);
}

#[test]
fn what_conforms_conforms() {
    check(&case(), &run(RunEnd::Sentinel, good_run()), &[]);
}

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
fn not_coming_back_and_giving_up_are_told_apart() {
    let mut moments = good_run();
    moments.truncate(4);
    check(
        &case(),
        &run(RunEnd::Silent(Duration::from_secs(5)), moments.clone()),
        &["1: it did not come back within 5.0 s"],
    );
    moments.push(Happened::Reported(Report::Error {
        fatal: true,
        message: Text::from("enough"),
    }));
    check(
        &case(),
        &run(RunEnd::GaveUp, moments),
        &["it gave up: enough"],
    );
}

#[test]
fn who_has_to_stay_away_must_not_come_back() {
    let mut case = case();
    case.returns = false;
    let mut moments = good_run();
    check(
        &case,
        &run(RunEnd::Quiet, moments.clone()),
        &["1: it came back, and had to stay away"],
    );
    moments.truncate(4);
    case.answers[0].requests.truncate(1);
    check(&case, &run(RunEnd::Quiet, moments), &[]);
}

#[test]
fn who_came_back_before_it_was_told_to_disconnect_is_not_judged() {
    let mut case = case();
    case.returns = false;
    let early = run(RunEnd::Early, good_run());
    let not_shown = Verdict::NotShown(NotShown::StayingAway);
    assert_eq!(judge(&case, &Features::FULL, &early), not_shown);
}

#[test]
fn nothing_is_looked_at_up_to_the_first_event_with_the_preamble() {
    let phantom = || event("");
    let preamble = || event(&format!(" {PREAMBLE}"));
    let mut moments = good_run();
    moments.splice(2..2, [phantom(), preamble()]);
    check(&case(), &run(RunEnd::Sentinel, moments.clone()), &[]);
    moments.insert(4, preamble());
    let judged = |moments| judge(&case(), &Features::FULL, &run(RunEnd::Sentinel, moments));
    assert!(matches!(judged(moments), Verdict::Deviates(_)));
    let mut moments = good_run();
    moments.insert(2, phantom());
    assert!(matches!(judged(moments), Verdict::Deviates(_)));
}

#[test]
fn one_connection_at_a_time() {
    let mut moments = good_run();
    moments.remove(3);
    check(
        &case(),
        &run(RunEnd::Sentinel, moments.clone()),
        &["1: it opened a second connection beside one that was still open"],
    );
    // The target had closed the first one, and the origin noticed when it wrote.
    moments.insert(4, Happened::BoundaryUnknown(0));
    check(&case(), &run(RunEnd::Sentinel, moments), &[]);
}

#[test]
fn without_an_error_handler_only_an_event_comes_too_late() {
    let after_disconnect = |what: Happened| {
        let mut moments = good_run();
        moments.extend([Happened::Disconnected, what]);
        let features = Features {
            event_source_api: false,
            ..Features::FULL
        };
        judge(&case(), &features, &run(RunEnd::Sentinel, moments))
    };
    let error = Happened::Reported(Report::Error {
        fatal: false,
        message: Text::from(""),
    });
    assert_eq!(after_disconnect(error), Verdict::Conforms);
    assert_ne!(after_disconnect(event("b")), Verdict::Conforms);
}

#[test]
fn an_event_that_waits_for_the_next_byte_is_late() {
    let mut moments = good_run();
    moments.insert(2, Happened::WaitedInVain(Gate::Events(1)));
    check(
        &case(),
        &run(RunEnd::Sentinel, moments),
        &["event 1 did not come out until more bytes followed"],
    );
}

#[test]
fn reports_are_compared_up_to_the_connection_that_ends_the_case() {
    let mut case = case();
    case.answers[0].reports = Some(vec![
        ExpectedReport::Open,
        ExpectedReport::Event,
        ExpectedReport::Error,
    ]);
    let mut moments = good_run();
    let error = Happened::Reported(Report::Error {
        fatal: false,
        message: Text::from(""),
    });
    moments.insert(1, Happened::Reported(Report::Open));
    moments.insert(5, error);
    moments.insert(7, Happened::Reported(Report::Open));
    check(&case, &run(RunEnd::Sentinel, moments.clone()), &[]);
    moments.remove(5);
    check(
        &case,
        &run(RunEnd::Sentinel, moments),
        &["the application heard open, event instead of open, event, error"],
    );
}

#[test]
fn a_coded_body_says_nothing_of_a_client_that_did_not_ask_for_it() {
    let mut case = case();
    case.responses[0].coding = Some(Coding::Gzip);
    let run = |offers: &str| {
        let mut moments = good_run();
        moments[0] = asked(&[("accept-encoding", offers)]);
        run(RunEnd::Sentinel, moments)
    };
    let judged = |run: &ClientRun| judge(&case, &Features::FULL, run);
    assert_eq!(judged(&run("deflate, gzip")), Verdict::Conforms);
    let not_shown = Verdict::NotShown(NotShown::ContentCoding);
    assert_eq!(judged(&run("identity")), not_shown);
    let mut wrong = run("identity");
    wrong.moments.remove(2);
    assert!(matches!(judged(&wrong), Verdict::Deviates(_)));
}

#[test]
fn where_it_may_give_up_it_may_also_come_back() {
    let mut case = case();
    let mut moments = good_run();
    moments.truncate(4);
    let silence = RunEnd::Silent(Duration::from_secs(5));
    let gave_up = run(RunEnd::GaveUp, moments.clone());
    let is_silent = run(silence, moments);
    check(&case, &gave_up, &["it gave up"]);
    case.may_give_up = true;
    check(&case, &gave_up, &[]);
    check(&case, &is_silent, &[]);
    check(&case, &run(RunEnd::Sentinel, good_run()), &[]);
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
fn what_a_target_cannot_be_told_is_known_before_it_is_asked() {
    let mut case = case();
    let mut features = Features::FULL;
    for (transport, what) in [
        (Transport::Plain, None),
        (Transport::Tls, Some(NotShown::Tls)),
        (Transport::Http2, Some(NotShown::Http2)),
        (Transport::Http2Cleartext, Some(NotShown::Http2Cleartext)),
    ] {
        case.connect.transport = transport;
        assert_eq!(not_shown(&case, &Features::FULL), None);
        features.tls = false;
        features.http2 = false;
        features.http2_cleartext = false;
        assert_eq!(not_shown(&case, &features), what);
    }
    case.connect = ConnectWith {
        headers: vec![("x".to_owned(), "y".to_owned())],
        ..ConnectWith::default()
    };
    features.headers = false;
    assert_eq!(not_shown(&case, &features), Some(NotShown::Headers));
    let features = Features {
        post: false,
        initial_last_event_id: false,
        initial_reconnection_time: false,
        ..Features::FULL
    };
    let post = ConnectWith {
        method: Some("POST".to_owned()),
        ..ConnectWith::default()
    };
    let id = ConnectWith {
        last_event_id: Some(String::new()),
        ..ConnectWith::default()
    };
    let time = ConnectWith {
        initial_reconnection_time: Some(300),
        ..ConnectWith::default()
    };
    for (connect, what) in [
        (post, NotShown::Post),
        (id, NotShown::InitialLastEventId),
        (time, NotShown::InitialReconnectionTime),
    ] {
        case.connect = connect;
        assert_eq!(not_shown(&case, &Features::FULL), None);
        assert_eq!(not_shown(&case, &features), Some(what));
    }
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
