//! A finding that was written is read back.

use super::*;
use crate::case::ParserCase;
use crate::case::server::Retry;
use crate::clause::Clauses;
use crate::corpus::Corpus;
use crate::corpus::load::{self, Source};
use crate::quirk;

fn finding(delivery: Delivery) -> Finding {
    Finding {
        question: Question::Parser,
        target: "a".to_owned(),
        asked_as: "-- a b".to_owned(),
        implementation: "a 1.0".to_owned(),
        fingerprint: Fingerprint::of_quirks(&[quirk::find("data-glued").expect("a quirk")]),
        sentence: "It \"glues\": all.".to_owned(),
        clause: "data.multi".to_owned(),
        delivery,
        history: vec![Delivery::new(
            Cutting::AsWritten,
            b"\xFFa".as_slice().into(),
            vec![0, 1],
        )],
        emitted_before: Vec::new(),
        standing: Standing::NeedsHistory,
        seed: 7,
        failing: None,
    }
}

fn load(text: String, clauses: &Clauses) -> ParserCase {
    let source = Source {
        file: "x.yaml".to_owned(),
        path: "x".to_owned(),
        text,
    };
    let mut cases = load::load(&[source], clauses).unwrap_or_else(|faults| panic!("{faults:?}"));
    let case = cases.remove(0);
    case.parser().expect("a parser's case").clone()
}

#[test]
fn the_loader_accepts_a_finding_and_it_is_read_back() {
    let clauses = Corpus::embedded().clauses;
    let stream = b"\xEF\xBB\xBFid: 1\0\xC3\r\nevent: \"\xE2\x80\xA8\\\r\ndata: \x07\xF0\x9F\x98\x80\x7F\nretry: 5\n\nid: 9\n";
    for cuts in [vec![], vec![0, 1, 1, 12, 40]] {
        let cutting = if cuts.is_empty() {
            Cutting::Whole
        } else {
            Cutting::AsWritten
        };
        let finding = finding(Delivery::new(cutting, stream.as_slice().into(), cuts));
        let text = finding.to_yaml();
        let case = Kind::Parser(load(text.clone(), &clauses));
        let read = Finding::read(&text, &[case]).expect("a finding");
        let clause = "data.multi".to_owned();
        assert_eq!(Finding { clause, ..read }, finding);
    }
}

#[test]
fn a_finding_about_a_server_is_a_server_case_and_is_read_back() {
    let clauses = Corpus::embedded().clauses;
    let emitted = vec![
        Emitted {
            data: Some("a\u{2028}\"\0".to_owned()),
            event_type: Some(String::new()),
            id: Some("1\r\n".to_owned()),
            retry: Some(Retry::Number(-1)),
            comment: Some("\u{1F600}: \\".to_owned()),
        },
        Emitted {
            retry: Some(Retry::Text("5".to_owned())),
            ..Emitted::default()
        },
    ];
    let finding = Finding {
        question: Question::Server(emitted.clone()),
        clause: "server.no-injection".to_owned(),
        history: Vec::new(),
        emitted_before: vec![
            vec![emitted[1].clone(), emitted[0].clone()],
            vec![emitted[1].clone()],
        ],
        ..finding(Delivery::whole(Vec::new().into()))
    };
    let text = finding.to_yaml();
    let source = Source {
        file: "x.yaml".to_owned(),
        path: "x".to_owned(),
        text: text.clone(),
    };
    let cases = load::load(&[source], &clauses).expect("good cases");
    let cases: Vec<Kind> = cases.into_iter().map(|case| case.kind).collect();
    let read = Finding::read(&text, &cases).expect("a finding");
    let clause = "server.no-injection".to_owned();
    assert_eq!(Finding { clause, ..read }, finding);
    assert_eq!(
        known(&text).map(|known| known.role),
        Ok("server".to_owned())
    );
}

#[test]
fn every_example_of_a_quirk_is_accepted() {
    let clauses = Corpus::embedded().clauses;
    for quirk in quirk::all()
        .iter()
        .filter(|quirk| quirk.slot != "long_line")
    {
        let stream = quirk.example.concat();
        let finding = finding(Delivery::whole(stream.as_slice().into()));
        assert_eq!(
            *load(finding.to_yaml(), &clauses).stream,
            *stream,
            "{}",
            quirk.name
        );
    }
}

#[test]
fn a_finding_of_another_version_is_refused_in_a_sentence() {
    let error = known("# ssespec finding, format 2\n").expect_err("another version");
    assert_eq!(
        error,
        "is a finding of format 2, and this version reads format 1"
    );
    assert!(
        known("cases: []\n")
            .expect_err("no finding")
            .starts_with("is no finding")
    );
}
