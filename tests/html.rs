//! The HTML report: against `snapshots/report/`, against hostile texts, against its size, and in a browser.
#![cfg(feature = "cli")]

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};
use ssespec::baseline::Kind as FailureKind;
use ssespec::case::Case;
use ssespec::clause::Role;
use ssespec::corpus::Corpus;
use ssespec::delivery::Delivery;
use ssespec::observation::{Features, Observation};
use ssespec::outcome::{self, Outcome};
use ssespec::quirk::{self, Quirk};
use ssespec::report::{
    AskedCase, CaseResult, FailingResult, Line, Report, Source, Speaker, TargetReport, html, json,
};
use ssespec::verdict::parser;
use ssespec::verdict::sweep::Sweep;

/// Breaks out of text, attributes and scripts, turns the line around, colours a terminal.
const HOSTILE: &str =
    "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>&lt;\u{202e}\u{1b}[31m";

#[test]
fn document() {
    let document = write(&fixed_report(), None);
    let without = |text: &str, start: &str, end: &str| {
        let (before, rest) = text.split_once(start).expect("the start");
        let (_, after) = rest.split_once(end).expect("the end");
        format!("{before}{start}[...]{end}{after}")
    };
    let document = without(&document, "<style>", "</style>");
    let document = without(&document, "<script>", "</script>");
    let document = without(&document, "octet-stream\">", "</script>");
    let document = without(&document, "default-src 'none'; script-src ", "; base-uri");
    check("html", &document.replace("><", ">\n<"));
}

#[test]
fn payload_of_the_script() {
    let payload = payload(&write(&fixed_report(), None));
    let mut lines = String::new();
    for part in ["targets", "cases", "texts", "quirks"] {
        _ = writeln!(lines, "{part}");
        for value in payload[part].as_array().expect("a list") {
            _ = writeln!(lines, "{value}");
        }
    }
    check("html-payload", &lines);
}

#[test]
fn changes_since_an_older_report() {
    let report = fixed_report();
    let mut older = report.clone();
    older.version = "0.0.9".to_owned();
    older.cases.pop();
    older.targets.pop();
    let target = &mut older.targets[0];
    target.version = "0.4.2".to_owned();
    // What passed failed then, and the other way round; the last case was not there yet.
    for result in &mut target.results {
        result.outcome = match result.outcome {
            Outcome::Pass => Outcome::Fail,
            Outcome::Fail => Outcome::Pass,
            ref other => other.clone(),
        };
    }
    target.results.pop();
    let document = write(&report, Some(&older));
    let (_, news) = document.split_once("id=\"news\"").expect("news");
    let (news, _) = news.split_once("</section>").expect("their end");
    check("html-news", &news.replace("><", ">\n<"));
}

#[test]
fn nothing_hostile_reaches_the_markup() {
    let document = write(&hostile_report(), None);
    let is_invisible = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(document.chars().find(is_invisible), None);
    assert!(document.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!document.contains("<img"));
    assert!(!document.contains("\"'&gt;") && !document.contains("\"'>"));
    assert_eq!(
        document.matches("<script").count(),
        2,
        "the payload and ours"
    );
    let payload = payload(&document).to_string();
    assert!(payload.contains("onerror") && payload.contains("\\\\u{202e}"));
    assert_eq!(payload.chars().find(is_invisible), None);
}

#[test]
fn the_policy_lets_our_script_and_style_run_and_nothing_else() {
    let document = write(&hostile_report(), None);
    for (name, start, end) in [
        ("script-src", "<script>", "</script>"),
        ("style-src", "<style>", "</style>"),
    ] {
        let text = between(&document, start, end);
        let hash = BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(
            document.contains(&format!("{name} 'sha256-{hash}';")),
            "{name}"
        );
    }
    assert!(document.contains("content=\"default-src 'none'; script-src "));
    assert!(!document.contains("unsafe-") && !document.contains(" style=\""));
    let script = include_str!("../src/report/html/report.js");
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval",
    ] {
        assert!(!script.contains(sink), "{sink} makes markup of text");
    }
}

#[test]
fn forty_targets_fit_two_megabytes() {
    let document = write(&modelled_report(40), None);
    let n_bytes = document.len();
    println!("{n_bytes} bytes");
    assert!(n_bytes < 2_000_000, "{n_bytes} bytes");
    assert!(
        payload(&document)["targets"]
            .as_array()
            .is_some_and(|targets| targets.len() == 40)
    );
}

#[test]
fn a_case_opens_from_its_link_in_a_browser() {
    let report = fixed_report();
    let result = &report.targets[0].results[2];
    let hash = format!("#case/{}/httpx-sse", result.case.id);
    let Some(dom) = dom(&write(&report, None), &hash) else {
        return;
    };
    let page = between(&dom, "id=\"page-case\"", "<footer>");
    assert!(
        page.contains("tabindex=\"-1\">parser/decode/invalid/lone-ff</h2>"),
        "{page}"
    );
    assert!(
        page.contains("<span class=\"escape\">\\xff</span>"),
        "{page}"
    );
    assert!(
        page.contains("error: \"bad \\x1b[2J \\xed\\xa0\\x80 \\u{202e}\""),
        "{page}"
    );
    assert!(
        page.contains(
            "ssespec parse --case parser/decode/invalid/lone-ff@whole --against httpx-sse"
        ),
        "{page}"
    );
    assert!(page.contains("alert(1)"), "the adapter's source is there");
    assert!(!page.contains("<script>"), "as text");
    let overview = between(&dom, "id=\"page-overview\"", ">");
    assert!(overview.contains("hidden"), "one page is shown at a time");
}

#[test]
fn a_hostile_case_stays_text_in_a_browser() {
    let report = hostile_report();
    let document = write(&report, None);
    let payload = payload(&document);
    let key = payload["cases"][2]["key"].as_str().expect("a key");
    let Some(dom) = dom(&document, &format!("#case/{key}")) else {
        return;
    };
    let page = between(&dom, "id=\"page-case\"", "<footer>");
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{page}"
    );
    assert!(
        !page.contains("<img") && !page.contains("\u{202e}"),
        "{page}"
    );
}

#[test]
fn a_filter_leaves_the_odd_ones_out_in_a_browser() {
    let document = write(&modelled_report(4), None);
    let matrix =
        |document: &str| between(document, "<table class=\"matrix\">", "</table>").to_owned();
    let rows = |matrix: &str, what: &str| {
        let rows = matrix.split("<tr ").skip(1);
        let tags = rows.map(|row| row.split('>').next().unwrap_or_default().to_owned());
        tags.filter(|tag| tag.contains(what)).count()
    };
    let unfiltered = matrix(&document);
    let (n_rows, n_odd) = (rows(&unfiltered, ""), rows(&unfiltered, "data-odd"));
    assert!(n_odd > 0 && n_odd < n_rows, "{n_odd} of {n_rows}");
    let Some(dom) = dom(&document, "#matrix?odd=on") else {
        return;
    };
    let filtered = matrix(&dom);
    assert_eq!(rows(&filtered, "hidden"), n_rows - n_odd);
    let count = format!("{n_odd} of {n_rows} requirements");
    assert!(dom.contains(&count), "the count is said aloud");
}

#[test]
fn nothing_but_the_matrix_scrolls_sideways_on_a_phone() {
    let pages = [
        "",
        "#matrix",
        "#implementations",
        "#requirements",
        "#case/parser/line/long/two-spaces",
        "#case/parser/fields/id/empty-resets/httpx-sse",
    ];
    let mut frames = String::new();
    for page in pages {
        _ = writeln!(
            frames,
            "<iframe width=360 height=800 src='report.html{page}'></iframe>"
        );
    }
    // The script waits until the pages of cases are drawn.
    let harness = format!(
        "<!doctype html><body>{frames}<script>setTimeout(() => {{\
         document.title = Array.from(frames, ({{ document: {{ documentElement: page }} }}) => page.scrollWidth - page.clientWidth).join();\
         }}, 3000);</script>"
    );
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("report.html"),
        write(&fixed_report(), None),
    )
    .expect("a file");
    std::fs::write(folder.path().join("harness.html"), harness).expect("a file");
    let Some(dom) = dom_of(&folder.path().join("harness.html"), "") else {
        return;
    };
    let too_wide_by = vec!["0"; pages.len()].join(",");
    assert!(
        dom.contains(&format!("<title>{too_wide_by}</title>")),
        "{dom}"
    );
}

#[test]
fn a_run_writes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_ssespec"))
        .args(["run", "-k", "parser/line/*", "--report"])
        .arg(format!("html={}", path.display()))
        .args(["--", "false"])
        .output()
        .expect("the binary starts");
    assert_eq!(
        output.status.code(),
        Some(2),
        "a target that cannot be asked"
    );
    let document = std::fs::read_to_string(&path).expect("the report");
    assert!(document.starts_with("<!DOCTYPE html>"));
    assert!(document.contains("0 of 108 shown to conform, 108 not shown"));
}

fn check(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../snapshots/report", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

fn write(report: &Report, older: Option<&Report>) -> String {
    let mut document = Vec::new();
    html::write(&mut document, report, older).expect("memory");
    String::from_utf8(document).expect("UTF-8")
}

#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

fn payload(document: &str) -> serde_json::Value {
    let base64 = between(document, "type=\"application/octet-stream\">", "</script>");
    let compressed = BASE64_STANDARD.decode(base64).expect("base64");
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(compressed.as_slice());
    decoder.read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

// ---- A browser

/// What a browser makes of a document, or nothing where there is no browser.
fn dom(document: &str, hash: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    std::fs::write(&path, document).expect("a file");
    dom_of(&path, hash)
}

fn dom_of(path: &Path, hash: &str) -> Option<String> {
    let Some(chromium) = chromium() else {
        println!("skipped: there is no chromium on PATH");
        return None;
    };
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // For frames that look at each other.
            "--allow-file-access-from-files",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}{hash}", path.display()))
        .output()
        .expect("chromium starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut files =
        std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    files.find(|file| file.is_file())
}

// ---- Reports

/// The report of `tests/report.rs`, as its snapshot keeps it.
fn fixed_report() -> Report {
    json::read(fixed_json()).expect("a report")
}

fn fixed_json() -> &'static str {
    let snapshot = include_str!("../snapshots/report/json.snap");
    let start = snapshot.find("\n{").expect("a document");
    &snapshot[start..]
}

/// The fixed report with hostile text at the end of every string that is no keyword of the format.
fn hostile_report() -> Report {
    let mut document = serde_json::from_str(fixed_json()).expect("JSON");
    spoil(&mut document);
    json::read(&document.to_string()).expect("a report")
}

fn spoil(value: &mut serde_json::Value) {
    const KEYWORDS: &[&str] = &[
        "schema",
        "seed",
        "roles",
        "role",
        "level",
        "observe",
        "base64",
        "outcome",
        "knownFailureLevel",
        "kind",
        "cutting",
        "from",
        "totals",
        "counts",
    ];
    match value {
        serde_json::Value::String(text) => text.push_str(HOSTILE),
        serde_json::Value::Array(values) => values.iter_mut().for_each(spoil),
        serde_json::Value::Object(values) => values
            .iter_mut()
            .filter(|(key, _)| !KEYWORDS.contains(&key.as_str()))
            .for_each(|(_, value)| spoil(value)),
        _ => (),
    }
}

/// Targets that are models with a few quirks each, asked the whole corpus.
fn modelled_report(n_targets: usize) -> Report {
    let mut corpus = Corpus::embedded();
    corpus.cases.retain(|case| case.parser().is_some());
    let asked: Vec<Arc<AskedCase>> = corpus.cases.iter().map(asked).collect();
    let targets = (0..n_targets).map(|number| modelled(number, &corpus.cases, &asked));
    Report {
        version: "0.1.0".to_owned(),
        corpus_hash: "0123456789abcdef".to_owned(),
        seed: 0,
        platform: "linux x86_64".to_owned(),
        targets: targets.collect(),
        clauses: corpus.clauses.clone(),
        cases: asked,
    }
}

fn asked(case: &Case) -> Arc<AskedCase> {
    let parser_case = case.parser().expect("a parser's case");
    Arc::new(AskedCase {
        id: case.id.clone(),
        role: case.role(),
        why: case.why.clone(),
        clauses: case.clauses.clone(),
        level: case.level,
        stream: Arc::clone(&parser_case.stream),
        cuts: parser_case.written_cuts.clone(),
        answers: parser_case.answers.clone(),
    })
}

fn modelled(number: usize, cases: &[Case], asked: &[Arc<AskedCase>]) -> TargetReport {
    let all = quirk::all();
    let quirks: Vec<&Quirk> = (0..4)
        .map(|nth| &all[(number * 7 + nth * 13) % all.len()])
        .collect();
    let results = cases.iter().zip(asked);
    TargetReport {
        name: format!("implementation-{number}"),
        implementation: format!("implementation-{number}"),
        version: format!("1.{number}.0"),
        language: "Rust".to_owned(),
        asked_as: format!("implementation-{number}"),
        homepage: format!("https://example.com/implementation-{number}"),
        is_tutorial: false,
        sources: vec![Source {
            path: "adapter.rs".to_owned(),
            text: format!("{quirks:#?}\n").repeat(20),
        }],
        role: Role::Parser,
        platform_decodes: number.is_multiple_of(3),
        trouble: None,
        results: results
            .map(|(case, asked)| judged(case, asked, &quirks))
            .collect(),
        n_not_asked: 0,
        stale: Vec::new(),
        n_not_examined: 0,
        setup_seconds: 0.0,
        seconds: 1.0,
        n_deliveries: cases.len(),
        quirks: Vec::new(),
    }
}

fn judged(case: &Case, asked: &Arc<AskedCase>, quirks: &[&Quirk]) -> CaseResult {
    let parser_case = case.parser().expect("a parser's case");
    let delivery = Delivery::whole(Arc::clone(&parser_case.stream));
    let parsed = quirk::observe(quirks, &delivery);
    let answer = format!("{parsed:?}");
    let observation = Observation::Parsed(parsed);
    let verdict = parser::judge(parser_case, &delivery, &Features::FULL, &observation);
    let mut sweep = Sweep::new(case.level);
    sweep.add(&delivery, &observation, verdict);
    let outcome = match outcome::settle(&sweep, None, true) {
        Outcome::Fail => Outcome::KnownFailure {
            reason: format!("{}: {}", quirks[0].name, quirks[0].sentence),
            kind: FailureKind::Bug,
            issue: None,
            level: case.level,
        },
        other => other,
    };
    let line = |from, text: &str| Line {
        from,
        text: text.chars().take(2048).collect(),
    };
    let question = format!(
        "{{\"chunks\":[\"{}\"]}}",
        BASE64_STANDARD.encode(&parser_case.stream)
    );
    CaseResult {
        case: Arc::clone(asked),
        outcome,
        n_deliveries: sweep.n_judged(),
        n_deviating: sweep.n_deviating(),
        failing: sweep.failing().map(|failing| FailingResult {
            failing: failing.clone(),
            exchange: vec![
                line(Speaker::Harness, &question),
                line(Speaker::Target, &answer),
            ],
            quirk: None,
        }),
    }
}
