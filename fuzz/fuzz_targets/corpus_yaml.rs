//! The loader of case files never panics, whatever a file holds, and every fault that it finds is one sentence.
#![no_main]

use std::sync::LazyLock;

use ssespec::corpus::Corpus;
use ssespec::corpus::load::{Source, load};

static CORPUS: LazyLock<Corpus> = LazyLock::new(Corpus::embedded);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let source = Source {
        file: "cases/parser/fuzzed.yaml".to_owned(),
        path: "parser/fuzzed".to_owned(),
        text: text.to_owned(),
    };
    if let Err(faults) = load(&[source], &CORPUS.clauses) {
        assert!(!faults.is_empty());
        assert!(faults.iter().all(|fault| !fault.message.is_empty()));
    }
});
