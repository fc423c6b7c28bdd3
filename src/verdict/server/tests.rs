//! Answers as a whole, written by hand: status, head, order, ends.

use super::*;
use crate::observation::server::Side;
use crate::verdict::Class;

pub fn data(data: &str) -> Emitted {
    Emitted {
        data: Some(data.to_owned()),
        ..Emitted::default()
    }
}

pub fn case(events: Vec<Emitted>) -> ServerCase {
    ServerCase::new(events, Vec::new())
}

pub fn side(body: &str) -> Side {
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

pub fn judged(case: &ServerCase, side: Side) -> Vec<Mismatch> {
    let run = ServerRun {
        sides: vec![side],
        ..ServerRun::default()
    };
    match judge(case, &run) {
        Verdict::Deviates(mismatches) => mismatches,
        _ => Vec::new(),
    }
}

pub fn classes(mismatches: &[Mismatch]) -> Vec<&'static str> {
    let name = |mismatch: &Mismatch| match mismatch {
        Mismatch::Emitted { class, .. } => class.name(),
        _ => "exchange",
    };
    mismatches.iter().map(name).collect()
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
fn an_event_that_came_before_an_error_is_compared_with_itself() {
    let mut case = case(vec![data("a"), data(" b")]);
    case.then = Then::Fail;
    let cut = Side {
        body: b"data: a\n\ndata: b\n\n".to_vec(),
        end: BodyEnd::Cut("reset".to_owned()),
        ..side("")
    };
    assert_eq!(classes(&judged(&case, cut)), ["altered"]);
}

#[test]
fn a_character_that_the_end_cuts_is_no_fault_of_the_grammar() {
    let mut case = case(vec![data("a"), data("ä")]);
    (case.then, case.checks) = (Then::Fail, vec![Check::Grammar]);
    let ended = |body: &[u8], end: BodyEnd| Side {
        body: body.to_vec(),
        end,
        ..side("")
    };
    let cut = || BodyEnd::Cut("reset".to_owned());
    let half = b"data: a\n\ndata: \xC3";
    assert_eq!(judged(&case, ended(half, cut())), []);
    assert_eq!(judged(&case, ended(half, BodyEnd::Complete)).len(), 1);
    let wrong = b"data: a\n\ndata: \xC3\n";
    assert_eq!(judged(&case, ended(wrong, cut())).len(), 1);
}
