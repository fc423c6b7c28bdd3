//! The corpus and the catalogue of quirks to streams that a fuzzer starts from, and to a dictionary.

use std::fmt::Write as _;
use std::sync::Arc;

use super::tokens;
use crate::case::Case;
use crate::case::server::{Emitted, Pace, ServerCase, Then};
use crate::corpus::Corpus;
use crate::quirk;

/// Seeds for another fuzzer are no longer than this.
const MAX_BYTES: usize = 4 << 10;
/// More events at once say no more.
const MAX_EVENTS: usize = 8;

/// Every stream of a corpus and every example of a quirk, each once.
pub fn of_corpus(corpus: &Corpus) -> Vec<Arc<[u8]>> {
    let mut seeds: Vec<Arc<[u8]>> = Vec::new();
    for parser_case in corpus.cases.iter().filter_map(Case::parser) {
        seeds.push(Arc::clone(&parser_case.stream));
    }
    for quirk in quirk::all() {
        seeds.push(quirk.example.concat().into());
    }
    let mut seen = std::collections::HashSet::new();
    seeds.retain(|seed| seed.len() <= MAX_BYTES && seen.insert(Arc::clone(seed)));
    seeds
}

/// What the applications of a corpus emit at once and then end: what a fuzzer of servers starts from.
pub fn emissions(corpus: &Corpus) -> Vec<Vec<Emitted>> {
    let cases = corpus.cases.iter().filter_map(Case::server);
    let is_plain = |case: &&ServerCase| {
        case.pace == Pace::Free
            && case.then == Then::Close
            && case.status.is_none()
            && case.events.len() <= MAX_EVENTS
    };
    let is_short = |event: &Emitted| event.texts().map(str::len).sum::<usize>() <= MAX_BYTES;
    let mut emissions: Vec<Vec<Emitted>> = Vec::new();
    for case in cases.filter(is_plain) {
        if case.events.iter().all(is_short) && !emissions.contains(&case.events) {
            emissions.push(case.events.clone());
        }
    }
    emissions
}

/// A dictionary as libFuzzer and AFL++ read it.
pub fn dictionary() -> String {
    let mut all: Vec<&[u8]> = [
        tokens::HOSTILE,
        tokens::NAMES,
        tokens::ODD_NAMES,
        tokens::SEPARATORS,
        tokens::VALUES,
        tokens::TYPES,
        tokens::IDS,
        tokens::TIMES,
        tokens::LINE_ENDS,
    ]
    .concat();
    all.retain(|token| !token.is_empty());
    all.sort_unstable();
    all.dedup();
    let mut text =
        "# Tokens of text/event-stream, written by `ssespec fuzz --export-seeds`.\n".to_owned();
    for token in all {
        _ = writeln!(text, "{}", quoted(token));
    }
    text
}

/// A stream as a file of Go's own corpus format, for a fuzz target that takes one `[]byte`.
pub fn go_corpus_file(stream: &[u8]) -> String {
    format!("go test fuzz v1\n[]byte({})\n", quoted(stream))
}

/// Bytes in double quotes, as libFuzzer, AFL++ and Go all read them.
fn quoted(bytes: &[u8]) -> String {
    let mut text = "\"".to_owned();
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => _ = write!(text, "\\{}", char::from(byte)),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => _ = write!(text, "\\x{byte:02X}"),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_shows_every_byte() {
        let dictionary = dictionary();
        assert!(dictionary.contains("\n\"\\x0D\\x0A\"\n") && dictionary.contains("\n\"data:\"\n"));
        assert!(
            dictionary.is_ascii() && dictionary.lines().skip(1).all(|line| line.ends_with('"'))
        );
    }

    #[test]
    fn a_file_for_go_is_a_quoted_string() {
        assert_eq!(
            go_corpus_file(b"data: \"a\"\n\xFF"),
            "go test fuzz v1\n[]byte(\"data: \\\"a\\\"\\x0A\\xFF\")\n"
        );
    }
}
