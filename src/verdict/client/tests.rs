//! Runs of which we know what is wrong with them.

use super::*;
use crate::case::client::{ConnectWith, ExpectedRequest};
use crate::case::{Answer, ExpectedEvent, Trace, TracedEvent};
use crate::observation::client::Moment;
use crate::observation::{ObservedEvent, Text};
use crate::script::{Coding, Ending, Response};

pub fn case() -> ClientCase {
    let response = Response::stream([b"data: a\n\n".to_vec()], Ending::Close);
    let answer = ClientAnswer {
        requests: vec![ExpectedRequest::default(), ExpectedRequest::default()],
        reports: None,
        events: Answer {
            events: vec![ExpectedEvent {
                event_type: "message".to_owned(),
                data: "a".to_owned(),
                last_event_id: String::new(),
                names_last_event_id: false,
            }],
            ..Answer::default()
        },
    };
    ClientCase {
        trace: Trace {
            events: vec![TracedEvent {
                own_id: None,
                own_retry: None,
                complete_at: 9,
            }],
            ..Trace::default()
        },
        ..ClientCase::new(vec![response], vec![answer])
    }
}

pub fn asked(headers: &[(&str, &str)]) -> Happened {
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
pub fn run(end: RunEnd, moments: Vec<Happened>) -> ClientRun {
    let at = |(n, what): (usize, Happened)| Moment {
        at: Duration::from_millis(100) * u32::try_from(n).expect("few"),
        what,
    };
    ClientRun {
        moments: moments.into_iter().enumerate().map(at).collect(),
        end,
    }
}

pub fn good_run() -> Vec<Happened> {
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
pub fn check(case: &ClientCase, run: &ClientRun, expected: &[&str]) {
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
fn a_connection_that_is_held_is_the_cases_own() {
    let mut case = case();
    case.responses.push(Response::stream([], Ending::Hold));
    let error = || {
        Happened::Reported(Report::Error {
            fatal: false,
            message: Text::from(""),
        })
    };
    let open = || Happened::Reported(Report::Open);
    let expected = [
        ExpectedReport::Open,
        ExpectedReport::Event,
        ExpectedReport::Error,
        ExpectedReport::Open,
    ];
    case.answers[0].reports = Some(expected.to_vec());
    let mut moments = good_run();
    moments.insert(1, open());
    moments.insert(5, error());
    moments.insert(7, open());
    check(&case, &run(RunEnd::Sentinel, moments.clone()), &[]);
    moments.remove(7);
    check(
        &case,
        &run(RunEnd::Sentinel, moments),
        &["the application heard open, event, error instead of open, event, error, open"],
    );
}

#[test]
fn who_does_not_reconnect_may_end_with_its_stream_and_not_before() {
    let mut case = case();
    case.answers[0].requests.truncate(1);
    let features = Features {
        reconnects: false,
        event_source_api: false,
        ..Features::FULL
    };
    let mut moments = good_run();
    moments.truncate(4);
    moments.push(Happened::Reported(Report::End));
    let ended = run(RunEnd::GaveUp, moments);
    assert_eq!(judge(&case, &features, &ended), Verdict::Conforms);
    case.responses[0].then = Ending::Hold;
    let left = Mismatch::Exchange {
        request: None,
        sentence: "it gave up".to_owned(),
    };
    assert_eq!(
        judge(&case, &features, &ended),
        Verdict::Deviates(vec![left])
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
