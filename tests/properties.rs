//! The invariants that the standard implies, on random streams; how many is up to PROPTEST_CASES.
#![cfg(feature = "corpus")]

mod readings;

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::FileFailurePersistence;
use readings::{by_literal, observed, parsed};
use ssespec::delivery::{Cutting, Delivery};
use ssespec::event_stream::writer::{NewEvent, write_comment, write_event};
use ssespec::event_stream::{OwnedEvent, Parser};
use ssespec::observation::Parsed;
use ssespec::quirk::{self, ALPHABET};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

proptest! {
    #![proptest_config(ProptestConfig {
        // A stream that parts the parsers becomes a case, not a line in a file beside the test.
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn all_three_parsers_agree_however_a_stream_is_cut(stream in stream(), cuts in vec(any::<Index>(), 0..8)) {
        let cuts = ascending(&cuts, stream.len());
        let delivery = Delivery::new(Cutting::AsWritten, stream.as_slice().into(), cuts);
        let expected = by_literal(&delivery);
        prop_assert_eq!(&by_parser(&delivery), &expected);
        prop_assert_eq!(&quirk::observe(&[], &delivery), &expected);
        let whole = Delivery::whole(Arc::from(stream));
        prop_assert_eq!(without_chunks(by_parser(&whole)), without_chunks(expected));
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(stream in stream(), cuts in vec(any::<Index>(), 0..8)) {
        let mut parser = Parser::new();
        let mut events = Vec::new();
        let mut start = 0;
        for end in ascending(&cuts, stream.len()).into_iter().chain([stream.len()]) {
            events.extend(parser.feed(&stream[start..end]));
            start = end;
        }
        parser.end_of_stream();
        let cut = (events, parser.last_event_id().to_owned(), parser.reconnection_time());
        prop_assert_eq!(cut, read(&stream));
    }

    #[test]
    fn line_ends_are_interchangeable_where_they_are_not_mixed(lines in vec(line(), 0..16)) {
        let ended_by = |end: &[u8]| read(&lines.iter().flat_map(|line| [line, end]).collect::<Vec<_>>().concat());
        let expected = ended_by(b"\n");
        prop_assert_eq!(&ended_by(b"\r"), &expected);
        prop_assert_eq!(&ended_by(b"\r\n"), &expected);
    }

    #[test]
    fn a_comment_line_changes_nothing(stream in stream(), comment in line(), at in any::<Index>()) {
        let at = *at.get(&line_starts(&stream));
        // A mark is one at the start of the stream only, so nothing may come before it.
        prop_assume!(at > 0 || !stream.starts_with(BYTE_ORDER_MARK));
        let (before, after) = stream.split_at(at);
        prop_assert_eq!(read(&[before, b":", &comment, b"\n", after].concat()), read(&stream));
    }

    #[test]
    fn a_field_of_unknown_name_changes_nothing(
        stream in stream(),
        name in unknown_name(),
        value in proptest::option::of(line()),
        at in any::<Index>(),
    ) {
        let at = *at.get(&line_starts(&stream));
        prop_assume!(at > 0 || !(stream.starts_with(BYTE_ORDER_MARK) || name.starts_with(BYTE_ORDER_MARK)));
        let (before, after) = stream.split_at(at);
        let line = match &value {
            None => name,
            Some(value) => [&name, &b":"[..], value].concat(),
        };
        prop_assert_eq!(read(&[before, &line, b"\n", after].concat()), read(&stream));
    }

    #[test]
    fn a_byte_order_mark_in_front_changes_nothing(stream in stream()) {
        prop_assume!(!stream.starts_with(BYTE_ORDER_MARK));
        prop_assert_eq!(read(&[BYTE_ORDER_MARK, &stream].concat()), read(&stream));
    }

    #[test]
    fn a_stream_may_be_taken_apart_at_a_blank_line(mut first in stream(), second in stream()) {
        prop_assume!(!second.starts_with(BYTE_ORDER_MARK));
        first.extend_from_slice(b"\n\n");
        let mut parser = Parser::new();
        let mut events = parser.feed(&first);
        // The end of the first part leaves nothing pending to discard.
        parser.end_of_stream();
        events.extend(parser.feed(&second));
        parser.end_of_stream();
        let apart = (events, parser.last_event_id().to_owned(), parser.reconnection_time());
        prop_assert_eq!(apart, read(&[first, second].concat()));
    }

    #[test]
    fn what_is_written_is_read_back_unchanged(events in vec(new_event(), 0..6), comment in text(false)) {
        let mut stream = String::new();
        let mut last_event_id = String::new();
        let mut reconnection_time = None;
        let mut expected = Vec::new();
        for (event_type, data, id, milliseconds) in &events {
            let time = milliseconds.map(Duration::from_millis);
            let event = NewEvent { event_type, data, id: id.as_deref(), reconnection_time: time };
            write_comment(&mut stream, &comment).expect("it holds no line end");
            write_event(&mut stream, &event).expect("nothing in it is refused");
            last_event_id = id.clone().unwrap_or(last_event_id);
            reconnection_time = time.or(reconnection_time);
            let event_type = if event_type.is_empty() { "message" } else { event_type };
            expected.push(OwnedEvent {
                event_type: event_type.to_owned(),
                data: data.clone(),
                last_event_id: last_event_id.clone(),
            });
        }
        prop_assert_eq!(read(stream.as_bytes()), (expected, last_event_id, reconnection_time));
    }
}

/// Offsets into a stream of this length, its end among them.
fn ascending(cuts: &[Index], length: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

/// The events, the last event ID string and the reconnection time at the end.
fn read(stream: &[u8]) -> (Vec<OwnedEvent>, String, Option<Duration>) {
    let mut parser = Parser::new();
    let events = parser.feed(stream);
    parser.end_of_stream();
    (
        events,
        parser.last_event_id().to_owned(),
        parser.reconnection_time(),
    )
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
        .map(|time| u64::try_from(time.as_millis()).expect("it saturates"));
    parsed(events, parser.last_event_id(), milliseconds)
}

fn without_chunks(mut parsed: Parsed) -> Parsed {
    for event in &mut parsed.events {
        event.chunk = None;
    }
    parsed
}

/// The offsets at which a line starts; at the end of the stream too, if its last line has an end.
fn line_starts(stream: &[u8]) -> Vec<usize> {
    let is_start = |&at: &usize| match at.checked_sub(1).map(|before| stream[before]) {
        None | Some(b'\n') => true,
        Some(b'\r') => stream.get(at) != Some(&b'\n'),
        Some(_) => false,
    };
    (0..=stream.len()).filter(is_start).collect()
}

/// Tokens, whole lines, and bytes that are seldom text.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let whole_lines = select(vec![
        &b"data: a\n"[..],
        b"data:  b\r\n",
        b"data\r",
        b"event: x\n",
        b"id: 1\n",
        b"id\n",
        b"id: \0\r\n",
        b"retry: 10\n",
        b"retry: 99999999999999999999\n",
        b"retry: 1a\n",
        b": c\n",
        b"\n\n",
        b"\r\n\r\n",
        b"\r\r",
        b"\xE2\x82\xAC",
        b"\xF0\x9F",
    ]);
    let piece = prop_oneof![
        4 => select(ALPHABET.to_vec()).prop_map(<[u8]>::to_vec),
        4 => whole_lines.prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..5),
    ];
    vec(piece, 0..32).prop_map(|pieces| pieces.concat())
}

/// A line without its end.
fn line() -> impl Strategy<Value = Vec<u8>> {
    stream().prop_map(|mut stream| {
        stream.retain(|byte| !b"\r\n".contains(byte));
        stream.truncate(24);
        stream
    })
}

/// The name of a field that the standard does not know.
fn unknown_name() -> impl Strategy<Value = Vec<u8>> {
    line().prop_map(|mut name| {
        name.retain(|&byte| byte != b':');
        let known = [&b""[..], b"data", b"event", b"id", b"retry"];
        if known.contains(&name.as_slice()) {
            name.push(b's');
        }
        name
    })
}

/// Text as it can be written, with line feeds or without.
fn text(with_line_feeds: bool) -> impl Strategy<Value = String> {
    let characters = [
        'a',
        ':',
        ' ',
        '\t',
        '7',
        '\u{B}',
        '\u{85}',
        '\u{2028}',
        '\u{FEFF}',
        '\u{FFFD}',
        '\u{1F600}',
    ];
    let mut characters = characters.to_vec();
    if with_line_feeds {
        characters.extend(['\n', '\n', '\0']);
    }
    vec(prop_oneof![select(characters), any::<char>()], 0..12).prop_map(move |text| {
        let is_written = |c: &char| *c != '\r' && (with_line_feeds || *c != '\n' && *c != '\0');
        text.into_iter().filter(is_written).collect()
    })
}

type WrittenEvent = (String, String, Option<String>, Option<u64>);

fn new_event() -> impl Strategy<Value = WrittenEvent> {
    (
        text(false),
        text(true),
        proptest::option::of(text(false)),
        proptest::option::of(any::<u64>()),
    )
}
