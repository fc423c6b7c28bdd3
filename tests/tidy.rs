//! Are the files that no compiler reads in order: cases, clauses, adapters, lock files, documents?
#![cfg(feature = "corpus")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use ssespec::baseline::Baseline;
use ssespec::clause::{Observe, Role};
use ssespec::corpus::Corpus;

type Shape = fn(&str) -> bool;

/// What may stand unquoted in a file below `cases`, by its key; everything else is double-quoted.
const UNQUOTED: &[(&str, Shape)] = &[
    ("name", is_id),
    ("why", is_sentence),
    ("clauses", is_id),
    ("times", is_number),
    ("reconnection_time", is_number),
    ("status", is_number),
    ("then", is_id),
    ("interim", is_number),
    ("framing", is_id),
    ("coding", is_id),
    ("other_origin", is_id),
    ("over", is_id),
    ("with_credentials", is_id),
    ("initial_reconnection_time", is_number),
    ("may_give_up", is_id),
    ("without", is_id),
    ("reports", is_id),
    ("close_on", is_id),
    ("returns", is_id),
    ("disconnect", is_id),
    ("no_head", is_id),
    ("pause", is_number),
    ("await_opens", is_number),
    ("await_events", is_number),
    ("after", is_number),
    ("retry", is_integer),
    ("pace", is_id),
    ("heartbeat", is_number),
    ("timeout", is_number),
    ("method", is_id),
    ("clients", is_number),
    ("reads", is_id),
    ("leaves", is_id),
    ("checks", is_id),
    ("roles", is_id),
    ("level", is_id),
    ("observe", is_id),
    ("reading", is_id),
];

/// Folders among the adapters that hold what several of them share.
const NOT_ADAPTERS: &[&str] = &[
    "go/protocol",
    "rust/implementation-version",
    "rust/protocol",
];

/// Folders that are made by tools and that git ignores.
const NOT_OURS: &[&str] = &[
    "target",
    "dist",
    "node_modules",
    ".venv",
    ".git",
    ".ssespec",
    "__pycache__",
    ".pytest_cache",
    "mutants.out",
    "latest",
];

/// Too few cases for a clause leave its neighbours untried.
const MIN_CASES: usize = 2;

#[test]
fn case_files_show_every_byte() {
    let mut violations = Vec::new();
    for (path, text) in files_below("cases", "yaml") {
        if !text.starts_with("# ") {
            violations.push(format!(
                "{path}:1: does not open with a comment that says the rule"
            ));
        }
        for (line, text) in (1..).zip(text.split('\n')) {
            if let Some(c) = text.chars().find(|&c| c != ' ' && !c.is_ascii_graphic()) {
                violations.push(format!(
                    "{path}:{line}: holds {c:?} as it is: write it as an escape"
                ));
            }
        }
        for Scalar { line, key, text } in scalars(&text) {
            let may_be_unquoted = UNQUOTED
                .iter()
                .any(|(unquoted, is_allowed)| *unquoted == key && is_allowed(&text));
            if text.starts_with(['|', '>']) {
                violations.push(format!("{path}:{line}: `{key}` is a block scalar, which hides line ends and white space"));
            } else if text.starts_with('\'') {
                violations.push(format!(
                    "{path}:{line}: `{key}` is single-quoted: use double quotes, which know escapes"
                ));
            } else if text != "\"\"" && !may_be_unquoted {
                violations.push(format!(
                    "{path}:{line}: `{key}` is `{text}`: write it in double quotes"
                ));
            }
        }
    }
    check(&violations);
}

#[test]
fn every_case_has_an_id_of_its_own_and_a_reason() {
    let mut violations = Vec::new();
    let mut ids = HashSet::new();
    for case in Corpus::embedded().cases {
        if case.why.trim().is_empty() {
            violations.push(format!("{}: has no `why`", case.id));
        }
        if !ids.insert(case.id.clone()) {
            violations.push(format!("{}: two cases have this id", case.id));
        }
    }
    check(&violations);
}

#[test]
fn every_clause_that_a_parser_can_show_has_several_cases() {
    let corpus = Corpus::embedded();
    let mut violations = Vec::new();
    for clause in corpus.clauses.iter() {
        if !clause.roles.contains(&Role::Parser) || !clause.observe.contains(&Observe::Bytes) {
            continue;
        }
        let n_cases = corpus
            .cases
            .iter()
            .filter(|case| case.clauses.first() == Some(&clause.id))
            .count();
        if n_cases < MIN_CASES {
            violations.push(format!(
                "{}: is the first clause of {n_cases} cases, fewer than {MIN_CASES}",
                clause.id
            ));
        }
    }
    check(&violations);
}

#[test]
fn every_clause_has_an_id_of_its_own_and_an_anchor() {
    let mut violations = Vec::new();
    let mut ids = HashSet::new();
    for clause in Corpus::embedded().clauses.iter() {
        if !ids.insert(clause.id.clone()) {
            violations.push(format!("{}: two clauses have this id", clause.id));
        }
        if clause.anchor.len() < 2 || !clause.anchor.starts_with('#') {
            violations.push(format!(
                "{}: its anchor `{}` is not a fragment of the standard's page",
                clause.id, clause.anchor
            ));
        }
        if clause.requirement.trim().is_empty() {
            violations.push(format!("{}: has no requirement", clause.id));
        }
    }
    check(&violations);
}

#[test]
fn every_adapter_is_described_under_its_own_name() {
    let mut violations = Vec::new();
    for (name, folder) in adapters() {
        let Ok(text) = fs::read_to_string(folder.join("adapter.yaml")) else {
            violations.push(format!("adapters/{name}: has no adapter.yaml"));
            continue;
        };
        let written = text
            .lines()
            .find_map(|line| line.strip_prefix("name:"))
            .map(|name| name.trim().trim_matches('"'));
        if written != name.split('/').next_back() {
            let written = written.unwrap_or("missing");
            violations.push(format!(
                "adapters/{name}/adapter.yaml: the name is `{written}`, not that of the folder"
            ));
        }
    }
    check(&violations);
}

#[test]
fn every_known_failure_has_a_reason() {
    let mut violations = Vec::new();
    for (name, folder) in adapters() {
        for path in children(&folder)
            .into_iter()
            .filter(|path| file_name(path).starts_with("known-failures"))
        {
            let shown = format!("adapters/{name}/{}", file_name(&path));
            let text = fs::read_to_string(&path).expect("a baseline is UTF-8");
            match Baseline::parse(&shown, &text) {
                Ok(baseline) => {
                    let without = baseline
                        .entries
                        .iter()
                        .filter(|entry| entry.reason.trim().is_empty());
                    violations.extend(
                        without.map(|entry| {
                            format!("{shown}: `{}` has no reason", entry.glob.as_str())
                        }),
                    );
                }
                Err(fault) => violations.push(fault.to_string()),
            }
        }
    }
    check(&violations);
}

#[test]
fn lock_files_name_no_registry() {
    let mut violations = Vec::new();
    let files = [files_below("adapters", ""), files_below("examples", "")];
    for (path, text) in files.into_iter().flatten() {
        let addresses: &[&str] = match path.rsplit('/').next() {
            Some("package-lock.json") => &["\"resolved\": \"http"],
            Some("requirements.txt") => &[
                "--index-url",
                "--extra-index-url",
                "--find-links",
                "http://",
                "https://",
            ],
            Some(".npmrc" | "pip.conf" | "uv.toml") => &["http://", "https://"],
            Some("pom.xml") => &["<repositor", "<pluginRepositor"],
            _ => continue,
        };
        for (line, text) in (1..).zip(text.lines()) {
            if addresses.iter().any(|address| text.contains(address)) {
                violations.push(format!(
                    "{path}:{line}: names a registry, which others may not reach: {}",
                    text.trim()
                ));
            }
        }
    }
    check(&violations);
}

#[test]
fn every_document_opens_with_its_title() {
    let documents = files_below("", "md");
    // The Markdown report is made to stand below a title, in a pull request.
    let is_report = |path: &str| {
        [
            "reports/matrix.md",
            "reports/servers.md",
            "reports/clients.md",
        ]
        .contains(&path)
    };
    let without = documents
        .iter()
        .filter(|(path, text)| !is_report(path) && !text.starts_with("# "));
    check(
        &without
            .map(|(path, _)| format!("{path}:1: does not open with a heading"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    // Put together here, so that this file does not name them either.
    let folders = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let mut violations = Vec::new();
    for (path, text) in files_below("", "") {
        for (line, text) in (1..).zip(text.lines()) {
            for folder in &folders {
                // `https://example.com/home/` is an address.
                let starts_a_path = |at: usize| {
                    !text[..at].ends_with(|c: char| c.is_alphanumeric() || "_-*}$".contains(c))
                };
                if text
                    .match_indices(folder.as_str())
                    .any(|(at, _)| starts_a_path(at))
                {
                    violations.push(format!(
                        "{path}:{line}: names a path below {folder}: {}",
                        text.trim()
                    ));
                }
            }
        }
    }
    check(&violations);
}

#[track_caller]
fn check(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// A scalar value in a case file.
struct Scalar {
    line: usize,
    /// The key that it belongs to, also across a list.
    key: String,
    /// As written, or `""` for whatever is in double quotes.
    text: String,
}

/// Finds every scalar that is no key. Knows as much YAML as the case files may use.
fn scalars(text: &str) -> Vec<Scalar> {
    let mut scalars = Vec::new();
    // The keys that the open brackets belong to; below them, the key of the current block.
    let mut outer = Vec::new();
    let mut key = String::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = without_strings_and_comment(text);
        let mut rest = text.trim();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(['{', '[']) {
                outer.push(key.clone());
                rest = after;
            } else if let Some(after) = rest.strip_prefix(['}', ']']) {
                key = outer.pop().unwrap_or_default();
                rest = after;
            } else if let Some(after) = rest.strip_prefix(',') {
                key = outer.last().cloned().unwrap_or_default();
                rest = after;
            } else if let Some(after) = rest.strip_prefix("- ") {
                rest = after;
            } else {
                let ends: &[char] = if outer.is_empty() {
                    &[]
                } else {
                    &[',', '}', ']', '{', '[']
                };
                let scalar = &rest[..rest.find(ends).unwrap_or(rest.len())];
                let name = scalar.split_once(':').filter(|(name, after)| {
                    (after.is_empty() || after.starts_with(' '))
                        && name
                            .chars()
                            .all(|c| c.is_alphanumeric() || "_-".contains(c))
                });
                if let Some((name, _)) = name {
                    key = name.to_owned();
                    rest = &rest[name.len() + 1..];
                } else {
                    scalars.push(Scalar {
                        line,
                        key: key.clone(),
                        text: scalar.trim().to_owned(),
                    });
                    rest = &rest[scalar.len()..];
                }
            }
            rest = rest.trim_start();
        }
    }
    scalars
}

/// Empties each double-quoted string and cuts off the comment.
fn without_strings_and_comment(line: &str) -> String {
    let mut kept = String::new();
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            '#' if kept.is_empty() || kept.ends_with(' ') => break,
            '"' => {
                while let Some(inner) = characters.next().filter(|&inner| inner != '"') {
                    if inner == '\\' {
                        characters.next();
                    }
                }
                kept.push_str("\"\"");
            }
            _ => kept.push(c),
        }
    }
    kept
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn is_integer(text: &str) -> bool {
    is_number(text.strip_prefix('-').unwrap_or(text))
}

/// Prose that no reader takes for anything but a string, and that no `#` has cut short.
fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric) && text.contains(' ') && text.ends_with('.')
}

/// The adapters' folders, by language and implementation.
fn adapters() -> Vec<(String, PathBuf)> {
    let mut adapters = Vec::new();
    for language in children(&root().join("adapters"))
        .into_iter()
        .filter(|path| path.is_dir())
    {
        for folder in children(&language).into_iter().filter(|path| path.is_dir()) {
            let name = format!("{}/{}", file_name(&language), file_name(&folder));
            if !NOT_ADAPTERS.contains(&name.as_str()) {
                adapters.push((name, folder));
            }
        }
    }
    adapters
}

/// Our text files below a folder whose names end with an extension; all of them if it is empty.
fn files_below(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for path in children(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if extension.is_empty()
                || path.extension().is_some_and(|of_path| of_path == extension)
            {
                let shown = path
                    .strip_prefix(root())
                    .expect("it lies below the root")
                    .display()
                    .to_string();
                // What is not UTF-8 is no text.
                files.extend(
                    fs::read_to_string(&path)
                        .ok()
                        .map(|text| (shown.replace('\\', "/"), text)),
                );
            }
        }
    }
    files.sort();
    files
}

/// What lies in a folder and is ours, by name.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| !NOT_OURS.contains(&file_name(path).as_str()))
        .collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The checks above see what they are meant to see.
mod reading_of_case_files {
    use super::*;

    #[track_caller]
    fn check_scalars(text: &str, expected: &[(usize, &str, &str)]) {
        let scalars = scalars(text);
        let scalars: Vec<_> = scalars
            .iter()
            .map(|scalar| (scalar.line, scalar.key.as_str(), scalar.text.as_str()))
            .collect();
        assert_eq!(scalars, expected);
    }

    #[test]
    fn values_are_found_in_blocks_and_in_brackets() {
        check_scalars(
            "# c\nclauses: [a.b, c]\ncases:\n  - name: d\n    why: It's, so [there].\n    stream: |\n      e\n",
            &[
                (2, "clauses", "a.b"),
                (2, "clauses", "c"),
                (4, "name", "d"),
                (5, "why", "It's, so [there]."),
                (6, "stream", "|"),
                (7, "stream", "e"),
            ],
        );
        check_scalars(
            "events:\n  [\n    { data: [{ text: \"a, }\\\"\" }, { repeat: 'b', times: 3 }], type: c }, # d\n  ]\n",
            &[
                (3, "text", "\"\""),
                (3, "repeat", "'b'"),
                (3, "times", "3"),
                (3, "type", "c"),
            ],
        );
    }

    #[test]
    fn items_of_a_list_belong_to_its_key() {
        check_scalars(
            "chunks: [\"a\", b, [{ hex: ff }], c]\n",
            &[
                (1, "chunks", "\"\""),
                (1, "chunks", "b"),
                (1, "hex", "ff"),
                (1, "chunks", "c"),
            ],
        );
        check_scalars(
            "chunks:\n  - \"a\"\n  - b\n",
            &[(2, "chunks", "\"\""), (3, "chunks", "b")],
        );
    }
}
