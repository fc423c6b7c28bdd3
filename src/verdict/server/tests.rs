//! What becomes of an event, class by class, on bodies written by hand.

use super::head::{cache_control, charset, content_type};
use super::*;
use crate::observation::server::Side;
use crate::verdict::Class;

fn data(data: &str) -> Emitted {
    Emitted {
        data: Some(data.to_owned()),
        ..Emitted::default()
    }
}

fn case(events: Vec<Emitted>) -> ServerCase {
    ServerCase {
        events,
        pace: crate::case::server::Pace::Free,
        then: Then::Close,
        heartbeat: None,
        timeout: None,
        status: None,
        answer_headers: Vec::new(),
        is_head: false,
        headers: Vec::new(),
        n_clients: 1,
        reading: crate::case::server::Reading::AtOnce,
        checks: Vec::new(),
    }
}

fn side(body: &str) -> Side {
    Side {
        head: Some(Head {
            status: 200,
            minor_version: 1,
            headers: vec![(b"Content-Type".to_vec(), b"text/event-stream".to_vec())],
        }),
        body: format!("{body}data: {}\n\n", crate::case::server::SENTINEL).into_bytes(),
        end: BodyEnd::Complete,
        ..Side::default()
    }
}

fn judged(case: &ServerCase, side: Side) -> Vec<Mismatch> {
    let run = ServerRun {
        sides: vec![side],
        ..ServerRun::default()
    };
    match judge(case, &run) {
        Verdict::Deviates(mismatches) => mismatches,
        _ => Vec::new(),
    }
}

fn classes(mismatches: &[Mismatch]) -> Vec<&'static str> {
    let name = |mismatch: &Mismatch| match mismatch {
        Mismatch::Emitted { class, .. } => class.name(),
        _ => "exchange",
    };
    mismatches.iter().map(name).collect()
}

#[track_caller]
fn check(event: Emitted, body: &str, expected: &[&str]) {
    let mismatches = judged(&case(vec![event]), side(body));
    assert_eq!(classes(&mismatches), expected, "{body:?}: {mismatches:#?}");
}

#[test]
fn what_arrives_as_emitted_or_with_lf_for_cr_conforms() {
    check(data("a\nb"), "data: a\ndata: b\n\n", &[]);
    check(data("a\r\nb\rc"), "data:a\r\ndata:b\r\ndata:c\r\n\r\n", &[]);
    check(data(""), "data\n\n", &[]);
    check(
        data("a"),
        ": heartbeat\n\nevent: message\ndata: a\n\n: heartbeat\n\n",
        &[],
    );
    let all = Emitted {
        data: Some("a".to_owned()),
        event_type: Some(" add".to_owned()),
        id: Some(String::new()),
        retry: Some(Retry::Number(0)),
        comment: Some("c\nd".to_owned()),
    };
    check(
        all.clone(),
        ": c\n: d\nevent:  add\nid:\nretry: 0\ndata: a\n\n",
        &[],
    );
    check(all, ":c\n:d\n\nretry: 0\nid\nevent:  add\ndata: a\n\n", &[]);
}

#[test]
fn a_line_of_a_payload_that_stands_alone_is_injected() {
    check(data("a\nb"), "data: a\nb\n\n", &["injected", "altered"]);
    check(
        data("a\rretry: 0"),
        "data: a\rretry: 0\n\n",
        &["injected", "altered"],
    );
    check(
        data("a\n\ndata: forged"),
        "data: a\n\ndata: forged\n\n",
        &["injected", "injected", "altered"],
    );
    let id = Emitted {
        id: Some("1\nevent: forged".to_owned()),
        ..data("a")
    };
    check(
        id.clone(),
        "id: 1\nevent: forged\ndata: a\n\n",
        &["injected"],
    );
    check(
        id.clone(),
        "id: 1event: forged\ndata: a\n\n",
        &["sanitised"],
    );
    check(id.clone(), "data: a\n\n", &["sanitised"]);
    let comment = Emitted {
        comment: Some("a\n\ndata: forged".to_owned()),
        ..Emitted::default()
    };
    check(
        comment.clone(),
        ": a\n\ndata: forged\n\n",
        &["injected", "injected"],
    );
    check(comment, ": a\n: \n: data: forged\n\n", &[]);
}

#[test]
fn a_space_before_a_comment_may_be_its_own() {
    let comment = |comment: &str| Emitted {
        comment: Some(comment.to_owned()),
        ..Emitted::default()
    };
    check(comment(" a"), ": a\n\n", &[]);
    check(comment(" a"), ":  a\n\n", &[]);
    check(comment("a"), ":a\n\n", &[]);
    check(comment("a"), ":  a\n\n", &["altered"]);
}

#[test]
fn an_event_that_nobody_asked_for_is_injected() {
    check(data("a"), "data: welcome\n\ndata: a\n\n", &["injected"]);
}

#[test]
fn a_blank_line_made_inside_of_a_value_is_injected() {
    let id = |id: &str| Emitted {
        id: Some(id.to_owned()),
        ..data("a")
    };
    check(id("1\n"), "id: 1\n\ndata: a\n\n", &["injected"]);
    // A block of the implementation's own before it cuts nothing.
    check(
        id("1\n2"),
        "retry: 2000\n\nid: 12\ndata: a\n\n",
        &["sanitised"],
    );
}

#[test]
fn a_block_of_the_servers_own_is_not_the_events_that_comes_after_it() {
    let id = |id: &str| Emitted {
        id: Some(id.to_owned()),
        ..data("a")
    };
    let own = "retry: 2000\n\n";
    let check = |event: Emitted, body: &str, expected: &[&str]| {
        check(event, &format!("{own}{body}"), expected);
    };
    check(id("\n"), "id\ndata: a\n\n", &["sanitised"]);
    check(id("1\n"), "id: 1\ndata: a\n\n", &["sanitised"]);
    // What the server says of itself is no remainder of an event that never came.
    check(id("1\n"), "", &["dropped"]);
    check(data("a"), "", &["altered"]);
    let retry = Emitted {
        retry: Some(Retry::Number(-1)),
        ..data("a")
    };
    let mismatches = judged(&case(vec![retry]), side(&format!("{own}data: a\n\n")));
    let Some(Mismatch::Emitted { sentence, .. }) = mismatches.first() else {
        panic!("nothing is said of the time");
    };
    assert_eq!(sentence, "a retry that is no time was left out");
    let comment = Emitted {
        comment: Some("a\nid: 5".to_owned()),
        ..Emitted::default()
    };
    check(comment, ": a\nid: 5\n\n", &["injected"]);
}

#[test]
fn a_refusal_behind_a_block_of_the_servers_own_is_one() {
    let id = Emitted {
        id: Some("1\n2".to_owned()),
        ..data("a")
    };
    let rejected = Side {
        rejected: vec![(0, Text::from("no"))],
        ..side("retry: 2000\n\n")
    };
    assert_eq!(judged(&case(vec![id]), rejected), []);
}

#[test]
fn an_answer_that_the_application_chose_is_no_stream() {
    let mut case = case(Vec::new());
    case.status = Some(503);
    case.checks = vec![Check::Refusal, Check::Framing];
    let answer = |status: u16, headers: &[(&str, &str)]| Side {
        head: Some(Head {
            status,
            minor_version: 1,
            headers: headers
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
                .collect(),
        }),
        body: Vec::new(),
        ..side("")
    };
    assert_eq!(judged(&case, answer(503, &[])), []);
    assert_eq!(judged(&case, answer(200, &[])).len(), 1);
    case.status = Some(204);
    assert_eq!(judged(&case, answer(204, &[])), []);
    assert_eq!(
        judged(&case, answer(204, &[("content-length", "0")])).len(),
        1
    );
    let open = Side {
        end: BodyEnd::Open,
        ..answer(204, &[])
    };
    assert_eq!(judged(&case, open).len(), 1);
}

#[test]
fn headers_of_the_application_are_looked_for() {
    let mut case = case(vec![data("a")]);
    case.checks = vec![Check::Headers];
    case.answer_headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    assert_eq!(judged(&case, side("data: a\n\n")), []);
    case.answer_headers = vec![("x-a".to_owned(), "b".to_owned())];
    assert_eq!(judged(&case, side("data: a\n\n")).len(), 1);
}

#[test]
fn an_error_before_the_first_event_is_told_by_a_status_or_a_broken_stream() {
    let mut case = case(Vec::new());
    (case.then, case.checks) = (Then::Fail, vec![Check::Broken]);
    let nothing = |status: u16, end: BodyEnd| Side {
        head: Some(Head {
            status,
            minor_version: 1,
            headers: Vec::new(),
        }),
        body: Vec::new(),
        end,
        ..side("")
    };
    assert_eq!(judged(&case, nothing(500, BodyEnd::Complete)), []);
    assert_eq!(
        judged(&case, nothing(200, BodyEnd::Cut("reset".to_owned()))),
        []
    );
    assert_eq!(judged(&case, nothing(200, BodyEnd::Complete)).len(), 1);
    let gone = Side {
        head: None,
        ..nothing(200, BodyEnd::Cut("reset".to_owned()))
    };
    assert_eq!(judged(&case, gone), []);
}

#[test]
fn an_event_that_is_refused_before_the_head_cuts_the_stream() {
    let gone = || Side {
        head: None,
        end: BodyEnd::Cut("reset".to_owned()),
        ..Side::default()
    };
    let carried = case(vec![data("a")]);
    assert_eq!(classes(&judged(&carried, gone())), ["altered"]);
    let refused = case(vec![Emitted {
        id: Some("1\n2".to_owned()),
        ..data("a")
    }]);
    assert_eq!(classes(&judged(&refused, gone())), ["refused, stream cut"]);
    assert_eq!(judged(&case(Vec::new()), gone()).len(), 1);
}

#[test]
fn a_late_answer_is_told_from_none() {
    let mut case = case(vec![data("a")]);
    case.then = Then::Hold;
    let none = Side::default();
    let late = Side {
        came_late: true,
        ..side("data: a\n\n")
    };
    let sentence = |side: Side| format!("{:?}", judged(&case, side));
    assert!(sentence(none).contains("no answer came"));
    assert!(sentence(late).contains("until the stream was stopped"));
}

#[test]
fn a_timeout_may_break_the_stream_and_should_not_look_like_its_end() {
    let mut case = case(vec![data("a")]);
    (case.then, case.timeout) = (Then::Hold, Some(1000));
    let ended = |end: BodyEnd| Side {
        body: b"data: a\n\n".to_vec(),
        end,
        ..side("")
    };
    let cut = || BodyEnd::Cut("reset".to_owned());
    case.checks = vec![Check::Ends];
    assert_eq!(judged(&case, ended(cut())), []);
    assert_eq!(judged(&case, ended(BodyEnd::Open)).len(), 1);
    case.checks = vec![Check::Broken];
    assert_eq!(judged(&case, ended(cut())), []);
    assert_eq!(judged(&case, ended(BodyEnd::Complete)).len(), 1);
}

#[test]
fn fields_of_the_implementations_own_count_where_clients_act_on_them() {
    check(data("a"), "id: 5\ndata: a\n\n", &[]);
    check(data("a"), "foo: bar\ndata: a\n\n", &["added"]);
    check(data("a"), "event: update\ndata: a\n\n", &["altered"]);
}

#[test]
fn a_value_that_the_format_can_carry_must_arrive() {
    check(data(" a"), "data: a\n\n", &["altered"]);
    check(data("a\u{2028}b"), "data: a\ndata: b\n\n", &["altered"]);
    check(data("a\n"), "data: a\n\n", &["altered"]);
    check(data("a"), "", &["altered"]);
    let id = Emitted {
        id: Some(String::new()),
        ..data("a")
    };
    check(id, "data: a\n\n", &["altered"]);
    let nul = Emitted {
        id: Some("1\0".to_owned()),
        ..data("a")
    };
    check(nul.clone(), "id: 1\0\ndata: a\n\n", &["altered"]);
    check(nul, "id: 1\ndata: a\n\n", &["sanitised"]);
    let retry = Emitted {
        retry: Some(Retry::Number(-1)),
        ..data("a")
    };
    check(retry.clone(), "retry: -1\ndata: a\n\n", &["altered"]);
    check(retry, "data: a\n\n", &["sanitised"]);
}

#[test]
fn the_three_kinds_of_refusal_are_kept_apart() {
    let id = Emitted {
        id: Some("1\n2".to_owned()),
        ..data("a")
    };
    let refused = case(vec![id.clone()]);
    let rejected = Side {
        rejected: vec![(0, Text::from("no"))],
        ..side("")
    };
    assert_eq!(classes(&judged(&refused, rejected)), [""; 0]);
    check(id, "", &["dropped"]);
    let cut = |end| Side {
        body: b": hello\n\n".to_vec(),
        end,
        ..side("")
    };
    let cut_off = judged(&refused, cut(BodyEnd::Cut("reset".to_owned())));
    assert_eq!(classes(&cut_off), ["refused, stream cut"]);
    let ended = judged(&refused, cut(BodyEnd::Complete));
    assert_eq!(classes(&ended), ["refused, ended as if complete"]);
    let carried = Side {
        rejected: vec![(0, Text::from("no"))],
        ..side("")
    };
    assert_eq!(
        classes(&judged(&case(vec![data("a")]), carried)),
        ["refused"]
    );
}

#[test]
fn an_event_without_its_blank_line_is_lost() {
    let mut side = side("data: a\n\n");
    side.body.pop();
    let mismatches = judged(&case(vec![data("a")]), side);
    let [
        Mismatch::Emitted {
            class: Class::Altered,
            sentence,
            ..
        },
    ] = mismatches.as_slice()
    else {
        panic!("{mismatches:?}");
    };
    assert!(sentence.contains("no blank line after it"), "{sentence}");
}

#[test]
fn the_event_right_before_an_error_may_go_with_it() {
    let mut case = case(vec![data("a"), data("b")]);
    case.then = Then::Fail;
    let cut = |body: &str| Side {
        body: body.as_bytes().to_vec(),
        end: BodyEnd::Cut("reset".to_owned()),
        ..side("")
    };
    assert_eq!(judged(&case, cut("data: a\n\n")), []);
    assert_eq!(judged(&case, cut("data: a\n\ndata: b\n\n")), []);
    assert_eq!(classes(&judged(&case, cut(""))), ["altered"]);
}

#[test]
fn what_the_implementation_adds_is_said_where_it_is_asked() {
    let mut case = case(vec![data("a")]);
    let body = "retry: 2000\n\nid: x\ndata: a\n\n";
    assert_eq!(classes(&judged(&case, side(body))), [""; 0]);
    case.checks = vec![Check::NothingAdded];
    assert_eq!(classes(&judged(&case, side(body))), ["added", "added"]);
}

#[test]
fn heads_are_looked_at() {
    let head = |name: &str, value: &str| Head {
        status: 200,
        minor_version: 1,
        headers: vec![(name.as_bytes().to_vec(), value.as_bytes().to_vec())],
    };
    assert_eq!(
        content_type(&head("content-type", "Text/Event-Stream; charset=utf-8")),
        None
    );
    assert!(content_type(&head("content-type", "text/html")).is_some());
    assert_eq!(
        charset(&head(
            "content-type",
            "text/event-stream; charset=\"UTF-8\""
        )),
        None
    );
    assert!(charset(&head("content-type", "text/event-stream;charset=latin1")).is_some());
    assert_eq!(
        cache_control(&head("cache-control", "private, No-Store")),
        None
    );
    assert!(cache_control(&head("cache-control", "public")).is_some());
}

#[test]
fn a_class_is_found_by_its_name() {
    for class in [Class::Injected, Class::StreamCut, Class::Added] {
        assert_eq!(Class::named(class.name()), Some(class));
    }
    assert_eq!(Class::named("forged"), None);
}

#[test]
fn a_field_of_one_event_is_no_injection_by_another() {
    // Found by fuzzing: a type without a name is as good as none, and what was asked for is asked for.
    let events = vec![
        Emitted {
            event_type: Some(String::new()),
            retry: Some(Retry::Number(1)),
            ..Emitted::default()
        },
        data("\rretry:1"),
    ];
    let second = "data: \ndata: retry:1\n\n";
    let whole = format!("event: \nretry: 1\n\n{second}");
    assert_eq!(judged(&case(events.clone()), side(&whole)), []);
    let without_type = format!("retry: 1\nfoo: x\n\n{second}");
    let mismatches = judged(&case(events), side(&without_type));
    assert_eq!(classes(&mismatches), ["added"], "{mismatches:#?}");
}
