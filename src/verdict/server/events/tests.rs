//! What becomes of an event, class by class, on bodies written by hand.

use super::super::tests::{case, classes, data, judged, side};
use super::*;
use crate::case::server::Retry;

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

#[test]
fn a_field_counts_only_where_clients_take_it_for_the_events_own() {
    let event = Emitted {
        event_type: Some("add".to_owned()),
        id: Some("1".to_owned()),
        ..data("a")
    };
    // An id is kept over blank lines, a type is not.
    check(event.clone(), "id: 1\n\nevent: add\ndata: a\n\n", &[]);
    check(
        event.clone(),
        "event: add\n\nid: 1\ndata: a\n\n",
        &["altered"],
    );
    check(event, "event: add\ndata: a\n\nid: 1\n\n", &["altered"]);
}

#[test]
fn a_line_of_a_comment_is_there_as_often_as_it_was_emitted() {
    let event = Emitted {
        comment: Some("id: 5\rid: 5".to_owned()),
        ..data("a")
    };
    check(event.clone(), ": id: 5\n: id: 5\ndata: a\n\n", &[]);
    let empty = Emitted {
        comment: Some("\n".to_owned()),
        ..data("a")
    };
    check(empty, ":\ndata: a\n\n", &[]);
    check(event, ": id: 5\rid: 5\ndata: a\n\n", &["injected"]);
}

#[test]
fn events_that_are_altered_one_after_another_are_no_injection() {
    let events = || vec![data(" a"), data(" b"), data("c")];
    let body = "data: a\n\ndata: b\n\ndata: c\n\n";
    let mismatches = judged(&case(events()), side(body));
    assert_eq!(
        classes(&mismatches),
        ["altered", "altered"],
        "{mismatches:#?}"
    );
    let cut = Side {
        body: b"data: a\n\ndata: b\n\n".to_vec(),
        end: BodyEnd::Cut("reset".to_owned()),
        ..side("")
    };
    let mismatches = judged(&case(events()), cut);
    assert_eq!(
        classes(&mismatches),
        ["altered", "altered"],
        "{mismatches:#?}"
    );
    // One more than was emitted is one that nobody asked for.
    let one_more = "data: a\n\ndata: x\n\ndata: b\n\ndata: c\n\n";
    let mismatches = judged(&case(events()), side(one_more));
    assert_eq!(classes(&mismatches)[0], "injected", "{mismatches:#?}");
    // So is one that stood in a value, though another is missing.
    let events = vec![data("a\n\ndata: forged"), data(" b"), data("c")];
    let forged = "data: a\n\ndata: forged\n\ndata: c\n\n";
    let mismatches = judged(&case(events), side(forged));
    assert_eq!(classes(&mismatches)[0], "injected", "{mismatches:#?}");
}

#[test]
fn a_time_is_the_same_with_leading_zeros() {
    let retry = |text: &str| Emitted {
        retry: Some(Retry::Text(text.to_owned())),
        ..data("a")
    };
    check(retry("007"), "retry: 7\ndata: a\n\n", &[]);
    check(retry("7"), "retry: 07\ndata: a\n\n", &[]);
    check(retry("007"), "retry: 70\ndata: a\n\n", &["altered"]);
    check(retry("0"), "retry: 000\ndata: a\n\n", &[]);
}
