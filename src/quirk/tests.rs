//! The model without quirks equals the standard; the catalogue is in order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::*;
use crate::delivery::Cutting;
use crate::event_stream::literal::Literal;
use crate::event_stream::{OwnedEvent, Parser};
use crate::observation::{Number, ObservedEvent};

fn delivery(chunks: &[&[u8]]) -> Delivery {
    let mut cuts = Vec::new();
    let mut offset = 0;
    for chunk in &chunks[..chunks.len() - 1] {
        offset += chunk.len();
        cuts.push(offset);
    }
    Delivery::new(Cutting::AsWritten, Arc::from(chunks.concat()), cuts)
}

fn observed(event: OwnedEvent, chunk: usize) -> ObservedEvent {
    ObservedEvent {
        event_type: Some(event.event_type.into()),
        data: Some(event.data.into()),
        last_event_id: Some(event.last_event_id.into()),
        reconnection_time: None,
        chunk: Some(chunk),
    }
}

fn by_literal(delivery: &Delivery) -> Parsed {
    let mut literal = Literal::default();
    let mut events = Vec::new();
    for (index, chunk) in delivery.chunks().enumerate() {
        let mut of_chunk = Vec::new();
        chunk
            .iter()
            .for_each(|&byte| literal.push(byte, &mut of_chunk));
        events.extend(of_chunk.into_iter().map(|event| observed(event, index)));
    }
    Parsed {
        events,
        last_event_id: Some(literal.last_event_id.into()),
        reconnection_time: literal.reconnection_time.map(Number::from),
        error: None,
    }
}

fn by_parser(delivery: &Delivery) -> Parsed {
    let mut parser = Parser::new();
    let mut events = Vec::new();
    for (index, chunk) in delivery.chunks().enumerate() {
        events.extend(
            parser
                .feed(chunk)
                .into_iter()
                .map(|event| observed(event, index)),
        );
    }
    parser.end_of_stream();
    let milliseconds = parser
        .reconnection_time()
        .map(|time| time.as_millis().to_string());
    Parsed {
        events,
        last_event_id: Some(parser.last_event_id().into()),
        reconnection_time: milliseconds.map(|digits| Number::new(&digits)),
        error: None,
    }
}

#[track_caller]
fn check(stream: &[u8]) {
    let bytes: Arc<[u8]> = stream.into();
    let byte_by_byte = Delivery::new(
        Cutting::ByteByByte,
        Arc::clone(&bytes),
        (1..stream.len()).collect(),
    );
    for delivery in [Delivery::whole(bytes), byte_by_byte] {
        let model = observe(&[], &delivery);
        let stream = stream.escape_ascii();
        assert_eq!(
            model,
            by_literal(&delivery),
            "literal, \"{stream}\" {}",
            delivery.cutting
        );
        assert_eq!(
            model,
            by_parser(&delivery),
            "parser, \"{stream}\" {}",
            delivery.cutting
        );
    }
}

#[test]
fn without_quirks_every_stream_of_four_tokens_is_parsed_as_the_standard_says() {
    fn extend(stream: &mut Vec<u8>, n_tokens: usize) {
        check(stream);
        if n_tokens == 0 {
            return;
        }
        for token in ALPHABET {
            stream.extend_from_slice(token);
            extend(stream, n_tokens - 1);
            stream.truncate(stream.len() - token.len());
        }
    }
    extend(&mut Vec::new(), 4);
}

#[test]
fn without_quirks_whole_events_are_parsed_as_the_standard_says() {
    let stream = "\u{FEFF}: c\r\nid: 1\r\nevent: é\rdata: a\ndata\ndata:  b \r\n\r\n\
                  retry: 99999999999999999999\nid: \0\n\ndata\u{2028}: x\ndata: 😀\n\nid\ndata: z";
    check(stream.as_bytes());
    for example in all().iter().map(|quirk| quirk.example) {
        check(&example.concat());
    }
    for first in 0..=0xFF_u8 {
        for second in [
            0x00, 0x0A, 0x0D, 0x3A, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF,
        ] {
            check(
                &[
                    b"data",
                    &[first, second, 0x80][..],
                    b"\n:\ndata:",
                    &[first, second, 0x80, 0x80],
                    b"\n\n",
                ]
                .concat(),
            );
        }
    }
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let mut names = HashSet::new();
    for quirk in all() {
        assert!(names.insert(quirk.name), "{} twice", quirk.name);
        let is_kebab_case = quirk.name.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        assert!(is_kebab_case, "{}", quirk.name);
        assert_eq!(find(quirk.name), Some(quirk));
    }
    assert!(names.len() >= 90, "only {} quirks", names.len());
}

/// What an event's own block says, which some targets show instead of the state of the stream.
const BLOCK: Features = Features {
    last_event_id: View::Block,
    reconnection_time: View::Block,
    ..Features::FULL
};

fn seen(quirks: &[&Quirk], delivery: &Delivery) -> (Parsed, Parsed) {
    (observe(quirks, delivery), show(quirks, delivery, &BLOCK))
}

#[test]
fn every_quirk_shows_on_its_example() {
    let unseen: Vec<_> = all()
        .iter()
        .filter(|quirk| {
            let delivery = delivery(quirk.example);
            seen(&[quirk], &delivery) == seen(&[], &delivery)
        })
        .collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn no_two_quirks_are_the_same() {
    // Streams that tell apart what short examples do not.
    let further: [&[u8]; 10] = [
        b"\xEF\xBB\xBF\ndata\n\n",
        b"data\r\r\n\n",
        b"data:a\rb\n\n",
        b"data:\0data\n\n",
        b"data\r\rdata",
        b"data\n:a\n",
        b"data:a\ndata\n\n",
        b"data\ndata:a\n\n",
        b"retry:1\ndata\n\n",
        b"data:a\ndata:b\r\n\r\n",
    ];
    let examples = all().iter().map(|quirk| delivery(quirk.example));
    let deliveries: Vec<_> = examples
        .chain(further.map(|stream| delivery(&[stream])))
        .collect();
    let mut names = HashMap::new();
    for quirk in all() {
        let answers: Vec<_> = deliveries
            .iter()
            .map(|delivery| seen(&[quirk], delivery))
            .collect();
        let same = names.insert(answers, quirk.name);
        assert_eq!(same, None, "the same as {}", quirk.name);
    }
}

#[test]
fn every_quirk_breaks_a_known_clause_and_says_so_in_a_sentence() {
    let clauses = include_str!("../../cases/clauses.yaml");
    for quirk in all() {
        assert!(
            clauses.contains(&format!("- id: \"{}\"\n", quirk.clause)),
            "{}: {}",
            quirk.name,
            quirk.clause
        );
        assert!(
            quirk.sentence.ends_with('.') && !quirk.sentence.starts_with(' '),
            "{}",
            quirk.name
        );
    }
}

#[test]
fn quirks_of_different_slots_add_up_in_any_order() {
    let (a, b) = (find("id-trimmed").unwrap(), find("data-glued").unwrap());
    let delivery = delivery(&[b"id:  1\ndata:a\ndata:b\n\n"]);
    let both = observe(&[a, b], &delivery);
    assert_eq!(both, observe(&[b, a], &delivery));
    assert_eq!(both.events[0].data, Some("ab".into()));
    assert_eq!(both.events[0].last_event_id, Some("1".into()));
}

/// What a decoder holds back at the end belongs to the last line, where an implementation reads that.
#[test]
fn a_sequence_cut_short_by_the_end_becomes_a_replacement_character_in_the_last_line() {
    let delivery = delivery(&[b"data:\xE2"]);
    let data = |name: &str| {
        let parsed = observe(&[find(name).unwrap()], &delivery);
        parsed.events.first().and_then(|event| event.data.clone())
    };
    assert_eq!(data("end-flushes"), Some("\u{FFFD}".into()));
    assert_eq!(data("end-flushes-decoded"), Some("".into()));
    assert_eq!(data("decode-strict"), None);
}

#[test]
fn a_block_that_goes_on_keeps_its_own_id_and_time() {
    let delivery = delivery(&[b"id:1\nretry:2\n\ndata\n\ndata\n\n"]);
    let goes_on = find("event-block-without-data-goes-on").unwrap();
    let events = show(&[goes_on], &delivery, &BLOCK).events;
    assert_eq!(events[0].last_event_id, Some("1".into()));
    assert_eq!(events[0].reconnection_time, Some(Number::new("2")));
    assert_eq!(events[1].last_event_id, None);
    assert_eq!(events[1].reconnection_time, None);
}

#[test]
fn line_ends_that_are_equal_are_counted_as_lines() {
    let names = ["shape-splits-on-same-lines-twice", "end-flushes"];
    let quirks = names.map(|name| find(name).unwrap());
    let data = |stream: &[u8]| {
        let events = observe(&quirks, &delivery(&[stream])).events;
        let data = events.into_iter().filter_map(|event| event.data);
        data.map(|data| String::from_utf8(data.0).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(data(b"data:a\r\rdata:b"), ["a", "b"]);
    // CR LF is one end, so these two differ.
    assert_eq!(data(b"data:a\r\r\ndata:b"), ["a\nb"]);
    assert_eq!(data(b"data:a\r\n\r\ndata:b"), ["a", "b"]);
}

#[test]
fn what_no_separator_ends_makes_no_event_of_its_lines() {
    let shape = find("shape-lines-of-block-are-events").unwrap();
    let delivery = delivery(&[b"data:a\ndata:b\n\ndata:c\n"]);
    assert_eq!(observe(&[shape], &delivery).events.len(), 2);
    let flushes = find("end-flushes").unwrap();
    assert_eq!(observe(&[shape, flushes], &delivery).events.len(), 3);
}

/// What spring-web, reqwest-sse and sseer do beside what a shorter example shows.
#[test]
fn choices_that_published_parsers_were_found_to_make_are_seen_in_full() {
    let data = |name: &str, stream: &[u8]| {
        let parsed = observe(&[find(name).unwrap()], &delivery(&[stream]));
        let events = parsed.events.into_iter().map(|event| event.data.unwrap());
        (events.collect::<Vec<_>>(), parsed.error.is_some())
    };
    let cr = "line-bare-cr-is-error-in-type-and-id";
    assert_eq!(data(cr, b"data:a\rb\n\n"), (vec!["a\rb".into()], false));
    let at_the_end = b"event:a\r\ndata:b\r\n\r\n";
    assert_eq!(data(cr, at_the_end), (vec!["b".into()], false));
    assert_eq!(data(cr, b"event:a\rb\ndata:c\n\n"), (vec![], true));
    let leading = "data-leading-empty-lines-ignored";
    let both_ends = b"data\ndata:a\ndata\n\n";
    assert_eq!(data(leading, both_ends), (vec!["a\n".into()], false));
    let strict = "decode-strict-by-line-and-end";
    assert_eq!(data(strict, b"data:a\n\n\xE2"), (vec!["a".into()], true));
    let strict = "decode-strict-by-any-value";
    assert_eq!(data(strict, b"\xFF\n:\xFF\nx\xFF:a\n"), (vec![], false));
    assert_eq!(
        data(strict, b"data:a\n\nx:\xFF\n"),
        (vec!["a".into()], true)
    );
}

/// What a search in every adapter showed that no quirk did before: Node's decoder, and how languages read numbers.
#[test]
fn what_languages_make_of_marks_and_numbers_is_seen_in_full() {
    let n_events = |name: &str, chunks: &[&[u8]]| {
        let parsed = observe(&[find(name).unwrap()], &delivery(chunks));
        parsed.events.len()
    };
    let mark = "decode-mark-after-cut-mark-removed";
    let two_marks: &[u8] = b"\xBF\xEF\xBB\xBFdata\n\n";
    assert_eq!(n_events(mark, &[b"\xEF\xBB", two_marks]), 1);
    assert_eq!(n_events(mark, &[b"\xEF\xBB\xBF\xEF\xBB\xBFdata\n\n"]), 0);
    let in_three: &[&[u8]] = &[b"\xEF\xBB", b"\xBF", b"\xEF\xBB\xBFdata\n\n"];
    assert_eq!(n_events(mark, in_three), 0);
    let time = |name: &str, value: &str| {
        let stream = format!("retry:5\nretry:{value}\n");
        let parsed = observe(&[find(name).unwrap()], &delivery(&[stream.as_bytes()]));
        parsed.reconnection_time.unwrap().to_string()
    };
    assert_eq!(time("retry-as-python-int", "7\u{C}"), "7");
    assert_eq!(time("retry-as-python-int", "7\u{1C}"), "5");
    assert_eq!(time("retry-as-java-long", "\u{667}"), "7");
    assert_eq!(time("retry-as-java-long", "\u{1D7D5}"), "5");
    assert_eq!(time("retry-plus-accepted", "+7"), "7");
    assert_eq!(time("retry-plus-accepted", "18446744073709551616"), "5");
}
