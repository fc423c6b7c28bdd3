//! Do the lists of `examples/vendored` name cases that there are, does its page say how many, and is what an author writes short? CI runs the tests themselves.
#![cfg(feature = "corpus")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use ssespec::corpus::Corpus;

const LANGUAGES: [&str; 4] = ["node", "pytest", "go", "junit"];

#[test]
fn every_expected_deviation_is_a_case_and_stands_once() {
    let corpus = Corpus::embedded();
    let known: HashSet<&str> = corpus.cases.iter().map(|case| case.id.as_str()).collect();
    for language in LANGUAGES {
        let list = list(language);
        let mut seen = HashSet::new();
        for id in ids(&list) {
            assert!(known.contains(id), "{language}: `{id}` is no case");
            assert!(seen.insert(id), "{language}: `{id}` stands twice");
        }
    }
}

#[test]
fn every_group_of_expected_deviations_has_its_reason() {
    for language in LANGUAGES {
        let list = list(language);
        let mut lines = list.lines();
        assert!(
            lines.next().is_some_and(|line| line.starts_with("# ")),
            "{language}: the first line does not name the parser and its version"
        );
        assert!(
            lines.next().is_none_or(|line| line.starts_with("# ")),
            "{language}: the first group has no reason"
        );
    }
}

#[test]
fn the_page_counts_them_and_the_script_runs_them() {
    let page = read("README.md");
    let script = read("run");
    for language in LANGUAGES {
        let n_ids = ids(&list(language)).count();
        let count = format!("[{n_ids}]({language}/expected-deviations.txt)");
        assert!(page.contains(&count), "README.md does not say {count}");
        assert!(
            script.contains(&format!("cd {language}")),
            "`run` leaves {language} out"
        );
        assert!(folder().join(language).join("README.md").is_file());
    }
}

#[test]
fn the_author_s_file_is_short() {
    for (file, n_lines) in [
        ("node/conformance.test.js", 25),
        ("pytest/test_conformance.py", 25),
        ("go/conformance_test.go", 27),
        ("junit/src/test/java/ConformanceTest.java", 42),
    ] {
        let found = read(file).lines().count();
        assert!(found <= n_lines, "{file} has {found} lines, over {n_lines}");
    }
}

fn ids(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn list(language: &str) -> String {
    read(&format!("{language}/expected-deviations.txt"))
}

fn read(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/vendored")
}
