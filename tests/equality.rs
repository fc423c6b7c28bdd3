//! Do the fast parser, the literal one and the model without quirks agree on all short streams?
//!
//! `tests/properties.rs` asks the same on random ones, `ssespec exhaust reference` with a probe behind each.
//! Also whether the time a parser takes grows with the length of the stream.
#![cfg(feature = "corpus")]

mod readings;

use std::time::{Duration, Instant};

use readings::by_literal;
use ssespec::delivery::{Cutting, Delivery};
use ssespec::event_stream::literal::Literal;
use ssespec::event_stream::{OwnedEvent, Parser};
use ssespec::quirk::{self, ALPHABET};

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
