//! Do the fast parser, the literal one and the model without quirks agree, on all short streams and on random ones?
//!
//! Also the invariants that the standard implies, and that the time a parser takes grows with the length of the stream.
#![cfg(feature = "corpus")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::FileFailurePersistence;
use ssespec::delivery::{Cutting, Delivery};
use ssespec::event_stream::literal::Literal;
use ssespec::event_stream::writer::{NewEvent, write_comment, write_event};
use ssespec::event_stream::{OwnedEvent, Parser};
use ssespec::observation::{Number, ObservedEvent, Parsed};
use ssespec::quirk::{self, ALPHABET};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[test]
fn all_streams_of_up_to_five_tokens_are_read_alike_by_the_fast_parser_and_the_literal_one() {
    let n_streams = walk(
        &mut Vec::new(),
        &Vec::new(),
        &Literal::default(),
        &Parser::new(),
        5,
    );
    assert_eq!(n_streams, 1_118_481);
}

/// Compares on the stream and on all that continue it by up to `n_tokens`; returns how many streams that were.
///
/// The parsers stand at the end of the stream and have given `events`.
fn walk(
    stream: &mut Vec<u8>,
    events: &Vec<OwnedEvent>,
    literal: &Literal,
    parser: &Parser,
    n_tokens: usize,
) -> usize {
    // Cut between the tokens, the parsers were compared on the way here; this is the stream in one chunk.
    assert_eq!(
        Parser::new().feed(stream),
        *events,
        "\"{}\" in one chunk",
        stream.escape_ascii()
    );
    if n_tokens == 0 {
        return 1;
    }
    let mut n_streams = 1;
    for token in ALPHABET {
        let (mut literal, mut parser) = (literal.clone(), parser.clone());
        let mut more = Vec::new();
        for &byte in token {
            literal.push(byte, &mut more);
        }
        stream.extend_from_slice(token);
        assert_eq!(
            parser.feed(token),
            more,
            "\"{}\" cut between tokens",
            stream.escape_ascii()
        );
        assert_eq!(
            (parser.last_event_id(), parser.reconnection_time()),
            (
                literal.last_event_id.as_str(),
                literal.reconnection_time.map(Duration::from_millis)
            ),
            "\"{}\" cut between tokens",
            stream.escape_ascii()
        );
        more.splice(0..0, events.iter().cloned());
        n_streams += walk(stream, &more, &literal, &parser, n_tokens - 1);
        stream.truncate(stream.len() - token.len());
    }
    n_streams
}

#[test]
fn all_streams_of_up_to_five_tokens_are_read_alike_by_the_model_in_one_chunk_and_byte_by_byte() {
    let mut streams = vec![Vec::new()];
    let mut n_streams = 0;
    for n_tokens in 0..=5 {
        for stream in &streams {
            for cuts in [Vec::new(), (1..stream.len()).collect()] {
                let delivery = Delivery::new(Cutting::AsWritten, stream.as_slice().into(), cuts);
                assert_eq!(
                    quirk::observe(&[], &delivery),
                    by_literal(&delivery),
                    "\"{}\"",
                    stream.escape_ascii()
                );
            }
        }
        n_streams += streams.len();
        if n_tokens == 5 {
            break;
        }
        let longer = streams
            .iter()
            .flat_map(|stream| ALPHABET.map(|token| [stream, token].concat()));
        streams = longer.collect();
    }
    assert_eq!(n_streams, 1_118_481);
}

/// Longer than any block of bytes that a search or a check takes at once.
const BLOCKS: usize = 140;

#[test]
fn lines_of_every_length_are_read_alike_wherever_they_are_cut() {
    for length in 0..BLOCKS {
        for end in ["\n", "\r", "\r\n"] {
            let value = "a".repeat(length);
            let stream = [
                "data:", &value, end, "id:", &value, end, end, "data", end, end,
            ]
            .concat();
            let expected = Literal::default().events(stream.as_bytes()).0;
            assert_eq!(expected.len(), 2);
            for cut in 0..=stream.len() {
                let (first, second) = stream.as_bytes().split_at(cut);
                let mut parser = Parser::new();
                let mut events = parser.feed(first);
                events.extend(parser.feed(second));
                assert_eq!(
                    events,
                    expected,
                    "\"{}\" cut at {cut}",
                    stream.escape_default()
                );
            }
        }
    }
}

#[test]
fn text_of_every_length_is_decoded_alike_wherever_it_is_not_ascii() {
    for sequence in [
        &b"\xC3\xA9"[..],
        b"\xE2\x82\xAC",
        b"\xF0\x9F\x99\x82",
        b"\xFF",
        b"\xC0\x80",
        b"\xC3",
        b"\xE2\x82",
        b"\xED\xA0\x80",
        b"\xF0\x9F\x99",
        b"\xF4\x90\x80\x80",
    ] {
        for length in 0..BLOCKS {
            for at in 0..=length {
                let (before, after) = ("a".repeat(at), "a".repeat(length - at));
                let value = [before.as_bytes(), sequence, after.as_bytes()].concat();
                let stream = [b"event:", value.as_slice(), b"\ndata:", &value, b"\n\n"].concat();
                assert_eq!(
                    Parser::new().feed(&stream),
                    Literal::default().events(&stream).0,
                    "\"{}\"",
                    stream.escape_ascii()
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A stream that parts the parsers becomes a case, not a line in a file beside the test.
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn all_three_parsers_agree_however_a_stream_is_cut(stream in stream(), cuts in vec(any::<Index>(), 0..8)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let delivery = Delivery::new(Cutting::AsWritten, stream.as_slice().into(), cuts);
        let expected = by_literal(&delivery);
        prop_assert_eq!(&by_parser(&delivery), &expected);
        prop_assert_eq!(&quirk::observe(&[], &delivery), &expected);
        let whole = Delivery::whole(Arc::from(stream));
        prop_assert_eq!(without_chunks(by_parser(&whole)), without_chunks(expected));
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

#[test]
fn the_time_for_a_stream_fed_byte_by_byte_grows_with_its_length() {
    const SHORT: usize = 16 << 10;
    const LONG: usize = 1 << 20;
    for (start, piece) in [
        ("data: ", "a"),
        ("data: ", ":"),
        (":", "a"),
        ("", "a"),
        ("", "data\n"),
        ("id: ", "7"),
        ("", "id: 7\n\n"),
    ] {
        let per_byte = |length: usize| {
            let stream = [start, &piece.repeat(length / piece.len()), "\n\n"].concat();
            fastest_reading(stream.as_bytes()).as_secs_f64() / length as f64
        };
        let (short, long) = (per_byte(SHORT), per_byte(LONG));
        // Quadratic time would make it 64. The fastest of several runs is what a busy machine disturbs least.
        assert!(
            long < 8.0 * short,
            "{start:?} and many {piece:?}: a byte of a long stream takes {:.1} times as long",
            long / short
        );
    }
}

fn fastest_reading(stream: &[u8]) -> Duration {
    let readings = (0..3).map(|_| {
        let mut parser = Parser::new();
        let start = Instant::now();
        for byte in stream.chunks(1) {
            let mut chunk = byte;
            while let Some(item) = parser.next(&mut chunk) {
                std::hint::black_box(item);
            }
        }
        start.elapsed()
    });
    readings.min().expect("there were several")
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

fn by_literal(delivery: &Delivery) -> Parsed {
    let mut literal = Literal::default();
    let mut events = Vec::new();
    for (index, chunk) in delivery.chunks().enumerate() {
        let mut of_chunk = Vec::new();
        for &byte in chunk {
            literal.push(byte, &mut of_chunk);
        }
        events.extend(of_chunk.into_iter().map(|event| observed(event, index)));
    }
    parsed(events, &literal.last_event_id, literal.reconnection_time)
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

fn observed(event: OwnedEvent, chunk: usize) -> ObservedEvent {
    ObservedEvent {
        event_type: Some(event.event_type.into()),
        data: Some(event.data.into()),
        last_event_id: Some(event.last_event_id.into()),
        reconnection_time: None,
        chunk: Some(chunk),
    }
}

fn parsed(events: Vec<ObservedEvent>, last_event_id: &str, milliseconds: Option<u64>) -> Parsed {
    Parsed {
        events,
        last_event_id: Some(last_event_id.into()),
        reconnection_time: milliseconds.map(Number::from),
        error: None,
    }
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
