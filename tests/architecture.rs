//! Does every room of `src` import only what the map allows, and do only what it is for?
//!
//! The rules are tables: a new room is a new row, a new permission a word in a row.

use std::fs;
use std::path::Path;

/// Each room, from the ground up, and what it may import of the crate: a room, or a path into one.
///
/// A room stands below everything that imports it, so the imports go one way.
const ROOMS: &[(&str, &[&str])] = &[
    ("event_stream", &[]),
    ("clause", &[]),
    ("mask", &[]),
    ("delivery", &[]),
    ("script", &[]),
    ("observation", &["script"]),
    ("case", &["clause", "delivery", "script"]),
    ("corpus", &["case", "clause", "event_stream", "script"]),
    ("reference", &["delivery", "event_stream", "observation"]),
    (
        "verdict",
        &[
            "case",
            "clause",
            "delivery",
            "event_stream",
            "observation",
            "script",
        ],
    ),
    (
        "baseline",
        &["corpus::Fault", "corpus::IdGlob", "corpus::file"],
    ),
    ("outcome", &["baseline", "clause", "verdict"]),
    ("quirk", &["delivery", "observation"]),
    (
        "fuzz",
        &[
            "case",
            "clause",
            "corpus",
            "delivery",
            "observation",
            "quirk",
            "verdict",
        ],
    ),
    (
        "check",
        &[
            "baseline",
            "case",
            "corpus",
            "delivery",
            "event_stream",
            "observation",
            "outcome",
            "verdict",
        ],
    ),
    ("lint", &["event_stream"]),
    ("fetch", &["lint::head", "mask"]),
    ("origin", &["script"]),
    ("target", &["clause", "delivery", "mask", "observation"]),
    (
        "report",
        &[
            "baseline::Kind",
            "case",
            "clause",
            "delivery",
            "event_stream",
            "lint",
            "mask",
            "observation",
            "outcome",
            "verdict",
        ],
    ),
    (
        "runner",
        &[
            "baseline",
            "case",
            "clause",
            "corpus",
            "delivery",
            "event_stream",
            "fetch::Decoder",
            "fuzz",
            "mask",
            "observation",
            "origin",
            "outcome",
            "quirk",
            "reference",
            "report",
            "script",
            "target",
            "verdict",
        ],
    ),
    (
        "exhaust",
        &[
            "clause",
            "corpus",
            "delivery",
            "event_stream",
            "observation",
            "quirk",
            "runner",
            "target",
            "verdict",
        ],
    ),
    (
        "cli",
        &[
            "baseline",
            "case",
            "clause",
            "corpus",
            "delivery",
            "event_stream",
            "fetch",
            "fuzz",
            "exhaust",
            "lint",
            "mask",
            "observation",
            "outcome",
            "quirk",
            "reference",
            "report",
            "runner",
            "script",
            "target",
            "verdict",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// What a single file may import beyond its room, and why.
const FILES: &[(&str, &[&str], &str)] = &[
    (
        "corpus/export.rs",
        &["delivery"],
        "the cuts that it offers are those of the sweep",
    ),
    (
        "quirk/sample.rs",
        &["case", "verdict"],
        "a model is held to what a target did by the same verdict",
    ),
    (
        "target/adapter.rs",
        &["corpus::Fault", "corpus::file"],
        "adapter.yaml is checked as case files are",
    ),
    (
        "target/browser/site.rs",
        &["origin::request"],
        "the page's requests are read as the clients' are",
    ),
];

/// Words that only some places may say.
struct Reserved {
    words: &'static [&'static str],
    /// Files and folders below `src`; empty for none.
    only_in: &'static [&'static str],
    rule: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        words: &[
            "std::fs",
            "std::net",
            "std::process",
            "tokio",
            "which",
            "nix",
        ],
        only_in: &[
            "corpus/mod.rs",
            "target/",
            "origin/",
            "fetch/",
            "runner.rs",
            "runner/",
            "cli/",
            "main.rs",
        ],
        rule: "the rooms between the corpus and the report do no I/O",
    },
    Reserved {
        words: &["serde", "serde_yaml", "serde_json", "serde_path_to_error"],
        only_in: &[
            "clause.rs",
            "corpus/export.rs",
            "corpus/client_file.rs",
            "corpus/file.rs",
            "corpus/mod.rs",
            "corpus/server_file.rs",
            "baseline.rs",
            "exhaust/state.rs",
            "target/adapter.rs",
            "target/client_message.rs",
            "target/feature.rs",
            "target/message.rs",
            "target/test_service/message.rs",
            "target/server_message.rs",
            "target/value.rs",
            // One JSON object a line is its output.
            "cli/parse.rs",
            // A recording is a file of JSON lines.
            "cli/lint/recording.rs",
            "report/lint/json.rs",
            "report/json.rs",
            "report/json/",
            // JSON is what the HTML report's script reads.
            "report/html/payload.rs",
            // A badge is what shields.io reads from an endpoint: JSON.
            "report/badge.rs",
        ],
        rule: "only the file and wire formats know serde",
    },
    Reserved {
        words: &[
            "println!",
            "eprintln!",
            "print!",
            "eprint!",
            "dbg!",
            "stdout",
            "stderr",
            "anstream",
        ],
        only_in: &["target/process.rs", "target/setup.rs", "cli/", "main.rs"],
        rule: "only main and cli print, and a target only reads what its own processes print",
    },
    Reserved {
        words: &[
            "std::env",
            "env::var",
            "env::var_os",
            "env::args",
            "env::current_dir",
            "process::exit",
            "ExitCode",
        ],
        only_in: &["cli/", "main.rs"],
        rule: "only main and cli read the environment or exit",
    },
    Reserved {
        words: &["unsafe"],
        only_in: &[],
        rule: "nothing here needs unsafe code",
    },
];

/// Words that a place must not say.
struct Forbidden {
    place: &'static str,
    words: &'static [&'static str],
    rule: &'static str,
}

const FORBIDDEN: &[Forbidden] = &[Forbidden {
    place: "target/",
    words: &[
        "Case",
        "cases",
        "Corpus",
        "verdict",
        "Verdict",
        "expected",
        "Expected",
        "ExpectedEvent",
    ],
    // A job's `case` is a number, which the answer is sorted by; the import of `crate::case` is refused above.
    rule: "a target never sees what is expected",
}];

/// Names that do not say what a module turns into what.
const VAGUE_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "types", "misc", "imp",
];

/// Longer files are split, tests aside.
const MAX_LINES: usize = 400;

#[test]
fn every_room_imports_only_what_the_map_allows() {
    let mut violations = Vec::new();
    for source in sources() {
        let Some((_, room_may)) = ROOMS.iter().find(|(room, _)| *room == source.room()) else {
            violations.push(format!(
                "src/{}:1: the room `{}` is not on the map: give it a row in ROOMS, above every room that imports it",
                source.path,
                source.room()
            ));
            continue;
        };
        let file_may = FILES
            .iter()
            .find(|(file, ..)| *file == source.path)
            .map_or(&[][..], |(_, may, _)| may);
        for Import { line, path } in source.imports() {
            let allowed = room_may
                .iter()
                .chain(file_may)
                .any(|may| is_at_or_below(&path, may));
            if !allowed && !is_at_or_below(&path, source.room()) {
                violations.push(format!(
                    "src/{}:{line}: `{}` must not import `{path}`; it may import {}",
                    source.path,
                    source.room(),
                    listed(room_may.iter().chain(file_may))
                ));
            }
        }
    }
    check(&violations);
}

#[test]
fn the_imports_go_one_way() {
    let mut violations = Vec::new();
    let permissions = ROOMS.iter().map(|(room, may)| (*room, *may));
    let more = FILES.iter().map(|(file, may, _)| (room_of(file), *may));
    for (room, may) in permissions.chain(more) {
        for import in may {
            let level = |room: &str| ROOMS.iter().position(|(other, _)| *other == room);
            let imported = import.split("::").next().unwrap_or(import);
            if level(imported)
                .is_none_or(|imported| level(room).is_none_or(|room| imported >= room))
            {
                violations.push(format!("ROOMS: `{room}` may import `{import}`, which does not stand above it in the table"));
            }
        }
    }
    check(&violations);
}

#[test]
fn every_room_does_only_what_it_is_for() {
    let mut violations = Vec::new();
    for source in sources() {
        let is_in = |place: &&str| {
            source.path == **place || place.ends_with('/') && source.path.starts_with(*place)
        };
        for (line, text) in (1..).zip(source.code.lines()) {
            let mut must_not_say = |words: &[&str], rule: &str| {
                for word in words.iter().filter(|word| says(text, word)) {
                    violations.push(format!(
                        "src/{}:{line}: must not say `{word}`: {rule}",
                        source.path
                    ));
                }
            };
            for reserved in RESERVED
                .iter()
                .filter(|reserved| !reserved.only_in.iter().any(is_in))
            {
                must_not_say(reserved.words, reserved.rule);
            }
            for forbidden in FORBIDDEN.iter().filter(|forbidden| is_in(&forbidden.place)) {
                must_not_say(forbidden.words, forbidden.rule);
            }
        }
    }
    check(&violations);
}

#[test]
fn every_file_opens_with_what_it_is_and_is_short() {
    let mut violations = Vec::new();
    for source in sources() {
        let path = &source.path;
        if !source.text.starts_with("//! ") {
            violations.push(format!(
                "src/{path}:1: does not open with a `//!` line that says what becomes what"
            ));
        }
        let n_lines = source.text.lines().count() - source.n_test_lines;
        if n_lines > MAX_LINES && !source.is_test() {
            violations.push(format!(
                "src/{path}: {n_lines} lines without its tests, more than {MAX_LINES}: split it"
            ));
        }
        let names = path.trim_end_matches(".rs").split('/');
        for name in names.filter(|name| VAGUE_NAMES.contains(name)) {
            violations.push(format!(
                "src/{path}:1: `{name}` does not say what the module is for"
            ));
        }
    }
    check(&violations);
}

#[track_caller]
fn check(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// A file below `src`.
struct Source {
    /// Relative to `src`, with slashes.
    path: String,
    text: String,
    /// The text with comments, literals and test items blanked, line for line.
    code: String,
    n_test_lines: usize,
}

struct Import {
    line: usize,
    /// From the root of the crate.
    path: String,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a source file is UTF-8");
        let path = path.strip_prefix(root).expect("it lies below the root");
        let path = path.to_str().expect("an ASCII path").replace('\\', "/");
        let masked = without_comments_and_literals(&text);
        let (code, n_test_lines) = without_test_items(&masked);
        let mut source = Self {
            path,
            text,
            code,
            n_test_lines,
        };
        if source.is_test() {
            source.code.clear();
        }
        source
    }

    fn room(&self) -> &str {
        room_of(&self.path)
    }

    /// It is the body of `#[cfg(test)] mod tests;`.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
    }

    /// The path of its module from the root of the crate.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/')
            .filter(|name| !["lib", "main"].contains(name))
            .collect()
    }

    /// Every path that starts with `crate`, `super` or the crate's own name, in the order of the text.
    fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (at, _) in self.code.match_indices("::") {
            let root = word_before(&self.code[..at]);
            // `super::super` is taken as a whole, from its first word.
            let starts_a_path = !self.code[..at - root.len()].ends_with("::");
            let mut rest = &self.code[at + 2..];
            let prefix = match root {
                "crate" if starts_a_path => Vec::new(),
                "ssespec" if starts_a_path => Vec::new(),
                "super" if starts_a_path => {
                    let mut module = self.module();
                    module.pop();
                    while let Some(further) = rest.strip_prefix("super::") {
                        module.pop();
                        rest = further;
                    }
                    module
                }
                _ => continue,
            };
            let line = 1 + self.code[..at].matches('\n').count();
            let mut paths = Vec::new();
            use_tree(&prefix.join("::"), &mut rest, &mut paths);
            imports.extend(paths.into_iter().map(|path| Import { line, path }));
        }
        imports
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(Source::read(&root, &path));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        !sources.is_empty(),
        "no source files below {}",
        root.display()
    );
    sources
}

/// `target/adapter.rs` to `target`, `case.rs` to `case`.
fn room_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.trim_end_matches(".rs")
}

fn is_at_or_below(path: &str, room: &str) -> bool {
    path.strip_prefix(room)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn listed<'a>(rooms: impl Iterator<Item = &'a &'a str>) -> String {
    let rooms: Vec<String> = rooms.map(|room| format!("`{room}`")).collect();
    if rooms.is_empty() {
        "nothing of the crate".to_owned()
    } else {
        rooms.join(", ")
    }
}

/// Reads one use tree off the front of `rest`: `a::b`, `a::{b, c::d}` or `{a, b}`.
fn use_tree(prefix: &str, rest: &mut &str, paths: &mut Vec<String>) {
    let mut path = prefix.to_owned();
    loop {
        *rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            *rest = group;
            loop {
                *rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
                if rest.is_empty() {
                    return;
                }
                if let Some(after) = rest.strip_prefix('}') {
                    *rest = after;
                    return;
                }
                use_tree(&path, rest, paths);
                // A name behind `as`, or a token that belongs to no use tree.
                *rest = rest.trim_start_matches(|c: char| c != ',' && c != '}');
            }
        }
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        *rest = &rest[end..];
        if !name.is_empty() && name != "self" {
            path = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}::{name}")
            };
        }
        match rest.strip_prefix("::") {
            Some(further) => *rest = further,
            None => break paths.push(path),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_before(text: &str) -> &str {
    &text[text.trim_end_matches(is_word).len()..]
}

/// Whether the code says the word, and not as a part of a longer one.
fn says(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let stands_alone = |c: Option<char>| c.is_none_or(|c| !is_word(c));
        stands_alone(code[..at].chars().next_back())
            && (word.ends_with('!') || stands_alone(code[at + word.len()..].chars().next()))
    })
}

/// Blanks comments, strings and characters, so that what is left is code; every line keeps its number.
fn without_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let n_blank = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest).filter(|_| word_before(&code).is_empty()) {
            length
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let (blank, after) = rest.split_at(n_blank);
        code.extend(blank.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    code
}

/// The length of the raw string that the text starts with.
fn raw_string(text: &str) -> Option<usize> {
    let start = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let n_hashes = start.len() - start.trim_start_matches('#').len();
    let body = start[n_hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(n_hashes));
    let n_open = text.len() - body.len();
    Some(
        body.find(&end)
            .map_or(text.len(), |at| n_open + at + end.len()),
    )
}

/// The length of the string or character that the text starts with.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => (),
        }
    }
    text.len()
}

/// A character, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut after = text.chars().skip(1);
    after.next() == Some('\\') || after.next() == Some('\'')
}

/// Blanks each item below `#[cfg(test)]`; also returns how many lines these have.
fn without_test_items(code: &str) -> (String, usize) {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut n_test_lines = 0;
    let mut rest = code;
    while let Some(start) = rest.find(ATTRIBUTE) {
        let mut depth = 0_usize;
        let end = rest[start..].char_indices().find(|&(_, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => (),
            }
            depth == 0 && (c == '}' || c == ';')
        });
        let end = end.map_or(rest.len(), |(at, _)| start + at + 1);
        kept.push_str(&rest[..start]);
        let n_lines = rest[start..end].matches('\n').count();
        kept.push_str(&"\n".repeat(n_lines));
        n_test_lines += n_lines + 1;
        rest = &rest[end..];
    }
    kept.push_str(rest);
    (kept, n_test_lines)
}

/// The checks above see what they are meant to see.
mod reading_of_sources {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        let (code, n_test_lines) = without_test_items(&without_comments_and_literals(text));
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            n_test_lines,
        }
    }

    #[track_caller]
    fn check_imports(path: &str, text: &str, expected: &[(usize, &str)]) {
        let imports = source(path, text).imports();
        let imports: Vec<(usize, &str)> = imports
            .iter()
            .map(|import| (import.line, import.path.as_str()))
            .collect();
        assert_eq!(imports, expected);
    }

    #[test]
    fn use_groups_are_taken_apart() {
        check_imports(
            "a.rs",
            "use crate::b::{self, c::D as E, f};\nuse crate::{\n    g,\n    h::I,\n};\nfn j() -> crate::k::L {}\n",
            &[
                (1, "b"),
                (1, "b::c::D"),
                (1, "b::f"),
                (2, "g"),
                (2, "h::I"),
                (6, "k::L"),
            ],
        );
    }

    #[test]
    fn super_is_followed_into_other_rooms() {
        check_imports(
            "a/b.rs",
            "use super::c;\nuse super::super::d::E;\n",
            &[(1, "a::c"), (2, "d::E")],
        );
        check_imports("a/mod.rs", "use super::f;\n", &[(1, "f")]);
    }

    #[test]
    fn comments_literals_and_tests_are_not_code() {
        let text = "//! [`crate::a`]\nlet x = \"crate::b\\\" crate::b\"; // crate::c\nlet y = r#\"crate::\"d\"#;\n\
                    fn z<'a>(c: char) { c == '\"' || c == '\\''; crate::e::f }\n\
                    #[cfg(test)]\nmod tests {\n    use crate::g;\n}\nuse crate::h;\n";
        check_imports("a.rs", text, &[(4, "e::f"), (9, "h")]);
        assert_eq!(source("a.rs", text).n_test_lines, 4);
    }

    #[test]
    fn a_word_is_found_only_as_a_whole() {
        assert!(says("use std::fs;", "std::fs") && says("println!(x)", "println!"));
        assert!(
            !says("eprintln!(x)", "println!")
                && !says("lower_case", "case")
                && !says("caseless", "case")
        );
    }
}
