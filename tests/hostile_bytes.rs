//! The loader of case files and the codec of the adapter protocol never panic on random bytes and keep within a bound.
//!
//! In a process of its own, and one test after the other, because the peak of a process never falls.
#![cfg(all(feature = "cli", target_os = "linux"))]

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use ssespec::clause::Role;
use ssespec::corpus::Corpus;
use ssespec::corpus::load::{Source, load};
use ssespec::target::message;

const MIB: usize = 1 << 20;
/// An answer takes a few times its own length, and the inputs here are short.
const CODEC_MAY_TAKE: usize = 16 * MIB;
/// A few copies of the largest stream that `repeat` may make, which is 64 MiB.
const LOADER_MAY_TAKE: usize = 12 * 64 * MIB;

#[test]
fn random_bytes_are_refused_or_read_and_little_memory_is_taken() {
    let corpus = Corpus::embedded();
    let before = peak();
    run(&bytes_like(MESSAGES), |line| read_message(&line));
    let growth = peak() - before;
    assert!(
        growth <= CODEC_MAY_TAKE,
        "the codec took {} MiB",
        growth / MIB
    );

    let before = peak();
    run(&bytes_like(CASE_FILES), |text| {
        read_case_file(&corpus, &String::from_utf8_lossy(&text));
    });
    let growth = peak() - before;
    assert!(
        growth <= LOADER_MAY_TAKE,
        "the loader took {} MiB",
        growth / MIB
    );

    // The measurement would see it: a case of 64 MiB is kept for as long as it is looked at.
    let before = peak();
    let large =
        "cases:\n  - name: a\n    stream: [{ repeat: \":\", times: 67108864 }]\n    events: []\n";
    read_case_file(&corpus, large);
    assert!(
        peak() - before > 32 * MIB || before > 64 * MIB,
        "the peak of this process does not show what is read"
    );
}

fn run<S: Strategy>(inputs: &S, mut read: impl FnMut(S::Value)) {
    let read = std::cell::RefCell::new(&mut read);
    let config = ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    };
    let result = TestRunner::new(config).run(inputs, |input| {
        (read.borrow_mut())(input);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

fn read_message(line: &[u8]) {
    _ = message::event(line);
    let Ok(message) = message::read(line) else {
        return;
    };
    let Some(result) = message.result else { return };
    _ = message::greeting(result, Role::Parser);
    _ = message::parsed(result);
    if let Ok(answers) = message::all_parsed(result, 2) {
        assert_eq!(answers.len(), 2);
    }
}

fn read_case_file(corpus: &Corpus, text: &str) {
    let source = Source {
        file: "random.yaml".to_owned(),
        path: "parser/random".to_owned(),
        text: text.to_owned(),
    };
    if let Err(faults) = load(&[source], &corpus.clauses) {
        assert!(!faults.is_empty());
        assert!(faults.iter().all(|fault| !fault.message.is_empty()));
    }
}

/// Bytes of any kind, or one of the samples with pieces of it deleted, doubled, moved and replaced.
fn bytes_like(samples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..4),
        select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    let change = (
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        piece,
        any::<bool>(),
    );
    let changed = (select(samples.to_vec()), vec(change, 0..6)).prop_map(|(sample, changes)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (from, to, at, piece, is_moved) in changes {
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            let taken = bytes[from.min(to)..from.max(to)].to_vec();
            let short = &taken[..taken.len().min(64)];
            let at = at.index(bytes.len() + 1);
            if is_moved {
                bytes.splice(at..at, [short, &piece].concat());
            } else {
                let end = bytes.len().min(at + short.len());
                bytes.splice(at..end, piece);
            }
        }
        bytes
    });
    prop_oneof![1 => vec(any::<u8>(), 0..256), 6 => changed]
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    ":",
    ",",
    "\"",
    "\\ud800",
    "\\",
    "null",
    "1e999",
    "-1",
    "18446744073709551616",
    "\n",
    "  ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "|",
    "? ",
    "# ",
    "times: 70000000",
    "+5",
];

const MESSAGES: &[&str] = &[
    r#"{"jsonrpc":"2.0","id":1,"result":{"implementation":"x","version":"1.0","language":"Rust","role":"parser","features":{"input":"bytes","eventType":"raw","lastEventId":"block","reconnectionTime":true,"progress":true,"batch":true}}}"#,
    r#"{"jsonrpc":"2.0","id":2,"result":{"events":[{"type":null,"data":{"base64":"/w=="},"lastEventId":"\ud800","reconnectionTime":1e3,"chunk":0}],"lastEventId":"7","reconnectionTime":"18446744073709551616","error":"x"}}"#,
    r#"{"jsonrpc":"2.0","id":3,"result":{"results":[{"events":[]},{"events":[{"data":"a"}],"comments":["c"]}]}}"#,
    r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32600,"message":"no"}}"#,
    r#"{"type":"message","data":"a","lastEventId":""}"#,
];

const CASE_FILES: &[&str] = &[
    "clauses: [data.single]\ncases:\n  - name: a\n    why: Because.\n    stream: \"data: a\\n\\n\"\n    events: [{ data: \"a\" }]\n",
    "clauses: [id.nul-ignored]\ncases:\n  - name: b\n    why: Because.\n    chunks: [\"id: 1\\x00\\n\", [{ hex: \"e2 82\" }, { repeat: \"a\", times: 3 }]]\n    events: []\n    end: { last_event_id: \"\", reconnection_time: 10 }\n",
    "clauses: [retry.overflow]\ncases:\n  - name: c\n    why: Because.\n    stream: \"retry: 1\\n\"\n    one_of:\n      - { reason: \"x\", end: { reconnection_time: \"18446744073709551616\" } }\n      - { reason: \"y\", events: [] }\n",
];

/// The most memory that this process ever held, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux describes each process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line
        .expect("the peak is among it")
        .trim()
        .trim_end_matches(" kB");
    kibibytes.parse::<usize>().expect("a number of kB") << 10
}
