//! Is `cases/exported` what the corpus says, and does a reader who knows only its README and its schema get it right?
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ssespec::case::Case;
use ssespec::corpus::{Corpus, export};
use ssespec::event_stream::Parser;

const ADVICE: &str = "run `cargo run -- cases --export cases/exported`";

#[test]
fn the_exported_files_are_those_of_the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/exported");
    let mut committed = files_below(&folder);
    assert!(
        committed.remove("README.md").is_some(),
        "cases/exported has no README.md"
    );
    let mut stale = Vec::new();
    for file in export::files(&Corpus::embedded()) {
        match committed.remove(&file.path) {
            None => stale.push(format!("{}: is missing", file.path)),
            Some(contents) if contents != file.contents => {
                stale.push(format!("{}: is not what the corpus says", file.path));
            }
            Some(_) => (),
        }
    }
    stale.extend(committed.keys().map(|path| {
        format!("{path}: belongs to no case, and goes by hand if the export leaves it")
    }));
    let shown = stale.iter().take(10).cloned().collect::<Vec<_>>();
    assert!(
        stale.is_empty(),
        "{} files of cases/exported are stale: {ADVICE}\n{}\n",
        stale.len(),
        shown.join("\n")
    );
}

#[test]
fn the_index_is_as_its_schema_says() {
    let validator = jsonschema::validator_for(&json("index.schema.json")).expect("a schema");
    let index = json("index.json");
    let errors: Vec<String> = validator
        .iter_errors(&index)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let validator = jsonschema::validator_for(&json("index.schema.json")).expect("a schema");
    let mut index = json("index.json");
    index["cases"].as_array_mut().expect("cases").truncate(1);
    assert!(validator.is_valid(&index));
    let wrong: [(&str, Value); 8] = [
        ("/schema", 2.into()),
        ("/cases/0/level", "perhaps".into()),
        ("/cases/0/stream", "no base64!".into()),
        ("/cases/0/stream", Value::Array(Vec::new())),
        ("/cases/0/cuts", vec![0].into()),
        ("/cases/0/events/0/data", Value::Null),
        ("/cases/0/end", serde_json::json!({"reconnection_time": 5})),
        ("/cases/0/end", serde_json::json!({"conection_time": "5"})),
    ];
    for (place, value) in wrong {
        let mut index = index.clone();
        *index.pointer_mut(place).expect("the place is there") = value.clone();
        assert!(
            !validator.is_valid(&index),
            "{place} may be {value}, says the schema"
        );
    }
    for key in ["id", "why", "clauses", "text", "cuts", "events", "end"] {
        let mut index = index.clone();
        let case = index["cases"][0].as_object_mut().expect("a case");
        assert!(case.remove(key).is_some());
        assert!(
            !validator.is_valid(&index),
            "a case needs no `{key}`, says the schema"
        );
    }
    let answer = serde_json::json!({"reason": "a", "events": [], "end": {}});
    index["cases"][0]["one_of"] = vec![answer.clone(), answer].into();
    assert!(
        !validator.is_valid(&index),
        "a case may have `events` and `one_of`, says the schema"
    );
    let case = index["cases"][0].as_object_mut().expect("a case");
    case.retain(|key, _| key != "events" && key != "end");
    assert!(validator.is_valid(&index));
}

#[test]
fn the_readme_shows_a_case_of_the_index() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/exported");
    let page = fs::read_to_string(folder.join("README.md")).expect("the page is there");
    let (_, block) = page.split_once("```json\n").expect("it shows a case");
    let (block, _) = block.split_once("```").expect("the block ends");
    let shown: Value = serde_json::from_str(block).expect("JSON");
    let index = json("index.json");
    let cases = index["cases"].as_array().expect("cases");
    assert!(cases.contains(&shown), "README.md: no case is {shown}");
}

/// Reads the index as a stranger would, and holds our own parser to it.
#[test]
fn our_parser_passes_what_the_index_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/exported");
    let index = json("index.json");
    let cases = index["cases"].as_array().expect("cases");
    let ids: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["id"].as_str())
        .collect();
    let corpus = Corpus::embedded();
    let n_cases = corpus.cases.iter().filter_map(Case::parser).count();
    assert!(ids.is_sorted() && ids.len() == n_cases);
    for case in cases {
        let id = case["id"].as_str().expect("an id");
        let stream = joined(&case["stream"], |piece| {
            let base64 = piece["base64"].as_str().or(piece.as_str());
            STANDARD.decode(base64.expect("base64")).expect("base64")
        });
        if let Ok(raw) = fs::read(folder.join(format!("{id}.sse"))) {
            assert_eq!(raw, stream, "{id}");
        } else {
            assert!(stream.len() > 64 << 10, "{id} has no raw file");
        }
        let is_text = !stream.starts_with(b"\xEF\xBB\xBF") && str::from_utf8(&stream).is_ok();
        assert_eq!(case["text"], is_text, "{id}");
        let mut deliveries = vec![vec![stream.as_slice()], stream.chunks(1).collect()];
        for cut in numbers(&case["cuts"]) {
            let (left, right) = stream.split_at(cut);
            deliveries.push(vec![left, right]);
        }
        if case.get("chunks").is_some() {
            let mut rest = stream.as_slice();
            let chunks = numbers(&case["chunks"]).into_iter().map(|length| {
                let (chunk, after) = rest.split_at(length);
                rest = after;
                chunk
            });
            deliveries.push(chunks.collect());
            assert_eq!(rest, b"", "{id}: the chunks are not the whole stream");
        }
        for chunks in deliveries {
            check(id, case, &chunks);
        }
    }
}

#[track_caller]
fn check(id: &str, case: &Value, chunks: &[&[u8]]) {
    let mut parser = Parser::new();
    let events: Vec<_> = chunks.iter().flat_map(|chunk| parser.feed(chunk)).collect();
    let conforms = |answer: &Value| {
        let expected = answer["events"].as_array().expect("events");
        expected.len() == events.len()
            && expected.iter().zip(&events).all(|(expected, event)| {
                text(&expected["type"]) == event.event_type
                    && text(&expected["data"]) == event.data
                    && text(&expected["last_event_id"]) == event.last_event_id
                    // A block's own id is the one that holds at its event.
                    && expected.get("block_id").is_none_or(|id| text(id) == event.last_event_id)
            })
    };
    let conforms = match case.get("one_of") {
        Some(answers) => answers.as_array().expect("answers").iter().any(conforms),
        None => conforms(case),
    };
    assert!(conforms, "{id}: {events:?} from {chunks:?}");
}

fn text(value: &Value) -> String {
    let bytes = joined(value, |piece| {
        let text = piece["text"].as_str().or(piece.as_str());
        text.expect("a text").as_bytes().to_vec()
    });
    String::from_utf8(bytes).expect("UTF-8")
}

/// What is written out, or the pieces together.
fn joined(value: &Value, bytes: impl Fn(&Value) -> Vec<u8>) -> Vec<u8> {
    match value.as_array() {
        None => bytes(value),
        Some(pieces) => {
            let times = |piece: &Value| piece["times"].as_u64().expect("a number") as usize;
            pieces
                .iter()
                .flat_map(|piece| bytes(piece).repeat(times(piece)))
                .collect()
        }
    }
}

fn numbers(value: &Value) -> Vec<usize> {
    let numbers = value.as_array().expect("a list").iter();
    numbers
        .map(|number| number.as_u64().expect("a number") as usize)
        .collect()
}

#[test]
fn an_export_replaces_the_earlier_one_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("notes.sse"), "mine").expect("it can be written to");
    let output = exported(path, &["-k", "parser/fields/id-nul/*"]);
    assert!(output.status.success(), "{output:?}");
    let first = files_below(path);
    assert!(first.len() > 5 && first["notes.sse"] == b"mine");

    let output = exported(path, &["-k", "parser/fields/id-nul/nul-at-the-start"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("1 case and 1 raw stream in {}\n", path.display())
    );
    let files = files_below(path);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "index.json",
            "index.schema.json",
            "notes.sse",
            "parser/fields/id-nul/nul-at-the-start.sse"
        ]
    );

    let again = exported(path, &["-k", "parser/fields/id-nul/nul-at-the-start"]);
    assert!(again.status.success());
    assert_eq!(files_below(path), files);
}

#[test]
fn cases_of_ones_own_are_exported_too() {
    let corpus = tempfile::tempdir().expect("a temporary folder");
    let text = "clauses: [data.single]\ncases:\n  - name: a\n    why: To see it.\n    chunks: [\"data: a\", \"\", \"\\n\\n\"]\n    disputes: \"to see that too\"\n    events: [{ data: \"b\" }]\n";
    fs::write(corpus.path().join("mine.yaml"), text).expect("it can be written to");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let of = corpus.path().to_str().expect("a plain path");
    let output = exported(folder.path(), &["--corpus", of, "-k", "mine/*"]);
    assert!(output.status.success(), "{output:?}");
    let files = files_below(folder.path());
    assert_eq!(files["mine/a.sse"], b"data: a\n\n");
    let index: Value = serde_json::from_slice(&files["index.json"]).expect("JSON");
    assert_eq!(
        index["cases"],
        serde_json::json!([{
            "id": "mine/a", "why": "To see it.", "clauses": ["data.single"], "level": "must", "reading": false,
            "disputes": "to see that too", "text": true, "stream": "ZGF0YTogYQoK", "cuts": [2, 5, 8], "chunks": [7, 0, 2],
            "events": [{"type": "message", "data": "b", "last_event_id": ""}], "end": {},
        }])
    );
    let validator = jsonschema::validator_for(&json("index.schema.json")).expect("a schema");
    assert!(validator.is_valid(&index));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("it can be written to");
    let output = exported(&file, &[]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.starts_with("error: ") && error.contains("cannot be written"),
        "{error}"
    );
}

fn exported(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .args(["cases", "--export"])
        .arg(folder)
        .args(more)
        .output()
        .expect("the binary starts")
}

fn json(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("cases/exported")
        .join(name);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}: {ADVICE}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {ADVICE}"))
}

/// Contents by path, with slashes.
fn files_below(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder)).expect("the folder can be read");
        for entry in entries {
            let path = folder.join(entry.expect("an entry can be read").file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else {
                let name = path.to_str().expect("a plain path").replace('\\', "/");
                files.insert(name, fs::read(root.join(&path)).expect("it can be read"));
            }
        }
    }
    files
}
