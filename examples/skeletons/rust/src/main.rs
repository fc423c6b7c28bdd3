//! Requests on standard input to answers on standard output, one JSON object per line.

use std::io::{BufRead, BufReader, BufWriter, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sse_parse::SseParser; // 1. your implementation

fn description() -> Value {
    json!({
        "implementation": "sse-parse",
        "version": locked_version("sse-parse"),
        "language": "Rust",
        "role": "parser",
        "features": { "lastEventId": "stream", "reconnectionTime": "stream", "progress": true }, // 2. what it shows
    })
}

fn observe(params: &Value) -> Value {
    // 3. how its documentation drives it
    let mut parser = SseParser::new();
    let mut events = Vec::new();
    let chunks = params["chunks"].as_array().expect("a list of chunks");
    for (index, chunk) in chunks.iter().enumerate() {
        let bytes = STANDARD.decode(chunk.as_str().expect("a string"));
        parser.feed(&bytes.expect("base64"));
        while let Some(event) = parser.next_event() {
            events.push(json!({ "type": event.event, "data": event.data, "lastEventId": event.id, "chunk": index }));
        }
    }
    parser.finish();
    while let Some(event) = parser.next_event() {
        events.push(json!({ "type": event.event, "data": event.data, "lastEventId": event.id, "chunk": chunks.len() }));
    }
    let time = parser.retry().map(|time| time.as_millis().to_string());
    json!({ "events": events, "lastEventId": parser.last_event_id(), "reconnectionTime": time })
}

fn answer(request: &Value) -> (&'static str, Value) {
    let params = &request["params"];
    match request["method"].as_str().unwrap_or_default() {
        "initialize" if params["protocolVersion"] == 0 && params["role"] == "parser" => {
            ("result", description())
        }
        "initialize" => (
            "error",
            json!({ "code": -32602, "message": "only a parser, only version 0" }),
        ),
        "parse" => ("result", observe(params)),
        "shutdown" => ("result", json!({})),
        method => (
            "error",
            json!({ "code": -32601, "message": format!("unknown method {method}") }),
        ),
    }
}

/// What Cargo.lock says, since a crate does not tell its version at run time.
fn locked_version(name: &str) -> &'static str {
    let (_, entry) = include_str!("../Cargo.lock")
        .split_once(&format!("name = \"{name}\"\n"))
        .expect("it is locked");
    entry.split('"').nth(1).expect("a version")
}

fn main() {
    let mut stdin = BufReader::new(std::io::stdin());
    let mut stdout = BufWriter::new(std::io::stdout());
    let mut line = String::new();
    while stdin.read_line(&mut line).expect("UTF-8") > 0 {
        let request: Value = serde_json::from_str(&line).expect("JSON");
        let (key, value) = answer(&request);
        let message = json!({ "jsonrpc": "2.0", "id": request["id"], key: value });
        writeln!(stdout, "{message}").expect("somebody reads");
        if stdin.buffer().is_empty() || request["method"] == "shutdown" {
            stdout.flush().expect("somebody reads");
        }
        if request["method"] == "shutdown" {
            break;
        }
        line.clear();
    }
}
