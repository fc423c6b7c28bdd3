//! Does a parser with a limit keep a small part only of an endless stream?
//!
//! In a process of its own, because the peak of a process never falls and other tests would raise it.
#![cfg(target_os = "linux")]

use std::fs;

use ssespec::event_stream::{Item, Parser};

const MIB: usize = 1 << 20;
/// Endless, as far as it is tried.
const STREAM: usize = 64 * MIB;
const LIMIT: usize = MIB;
/// The line and the event of one limit each, both while they are moved to twice the room, and some noise.
const ALLOWANCE: usize = 12 * MIB;

#[test]
fn a_parser_with_a_limit_does_not_keep_an_endless_stream() {
    for (what, start, piece, n_oversized) in [
        ("data line", "data: ", "a", 1),
        ("comment", ":", "a", 1),
        ("line without colon", "", "a", 1),
        ("id", "id: ", "7", 1),
        ("event type", "event: ", "a", 1),
        (
            "block of data lines",
            "",
            &format!("data: {}\n", "a".repeat(1017)),
            1,
        ),
        (
            "block of comments",
            "",
            &format!(":{}\n", "a".repeat(1022)),
            0,
        ),
    ] {
        let before = peak();
        assert_eq!(
            feed(Parser::with_limit(LIMIT), start, piece),
            n_oversized,
            "oversized blocks in an endless {what}"
        );
        let growth = peak() - before;
        assert!(
            growth <= ALLOWANCE,
            "an endless {what} took {} MiB",
            growth / MIB
        );
    }

    // The measurement would see it: without a limit the line is kept.
    let before = peak();
    feed(Parser::new(), "data: ", "a");
    assert!(
        peak() - before >= STREAM / 2,
        "the peak of this process does not show what a parser keeps"
    );
}

/// Feeds an endless stream; returns how often it was said to be oversized.
fn feed(mut parser: Parser, start: &str, piece: &str) -> usize {
    let chunk = piece.repeat((64 << 10) / piece.len());
    let chunks = std::iter::repeat_n(chunk.as_bytes(), STREAM / chunk.len() + 1);
    let mut n_oversized = 0;
    for mut chunk in std::iter::once(start.as_bytes()).chain(chunks) {
        while let Some(item) = parser.next(&mut chunk) {
            n_oversized += usize::from(item == Item::Oversized);
        }
    }
    n_oversized
}

/// The most memory that this process ever held, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux describes each process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("the peak is among it");
    let kibibytes: usize = line
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number of kB");
    kibibytes << 10
}
