//! One fixed report that holds every outcome, in each format, against `snapshots/report/`.
#![cfg(feature = "cli")]

use std::collections::HashSet;
use std::sync::Arc;

use quick_xml::XmlVersion;
use ssespec::baseline::Kind;
use ssespec::case::{Answer, ExpectedEnd, ExpectedEvent};
use ssespec::clause::{Clause, Level, Observe, Role};
use ssespec::delivery::{Cutting, Delivery};
use ssespec::observation::{Death, Number, Observation, ObservedEvent, Parsed, Text};
use ssespec::outcome::{FailOn, Outcome};
use ssespec::report::{
    AskedCase, CaseResult, FailingResult, Line, Report, Source, Speaker, TargetReport, Trouble,
    badge, diff, json, junit, markdown, terminal,
};
use ssespec::verdict::sweep::Failing;
use ssespec::verdict::{Mismatch, Part};

#[test]
fn terminal_at_80_columns() {
    check("terminal", &terminal(&every_outcome(), false));
}

#[test]
fn terminal_with_every_group() {
    check("terminal-all", &terminal(&every_outcome(), true));
}

#[test]
fn lines_fit_the_terminal_unless_they_must_be_copied() {
    for line in terminal(&every_outcome(), true).lines() {
        let is_free = [
            "why",
            "case",
            "stream",
            "standard",
            "rerun",
            "ssespec run",
            "1 pass, ",
        ]
        .iter()
        .any(|label| line.trim_start().starts_with(label));
        assert!(is_free || line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let text = terminal(&every_outcome(), true);
    let is_hostile =
        |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert_eq!(text.chars().find(|&c| is_hostile(c)), None);
}

#[test]
fn json_document() {
    check("json", &json(&every_outcome()));
}

#[test]
fn json_is_as_its_schema_says() {
    let schema =
        serde_json::from_str(include_str!("../src/report/report.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut document: serde_json::Value =
        serde_json::from_str(&json(&every_outcome())).expect("JSON");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
    document["targets"][0]["results"][0]["outcome"] = "maybe".into();
    assert!(
        !validator.is_valid(&document),
        "the schema lets anything through"
    );
}

#[test]
fn json_is_read_back_whole() {
    let report = every_outcome();
    let read = json::read(&json(&report)).expect("a report");
    assert_eq!(format!("{read:#?}"), format!("{report:#?}"));
}

#[test]
fn junit_document() {
    check("junit", &junit(&every_outcome(), FailOn::Fail));
}

#[test]
fn junit_is_built_as_ci_servers_read_it() {
    for fail_on in [FailOn::Fail, FailOn::Warn] {
        let report = every_outcome();
        let document = junit(&report, fail_on);
        assert_eq!(document.chars().find(|&c| !is_xml(c)), None);
        let root = Element::read(&document);
        assert_eq!(root.name, "testsuites");
        root.check_attributes(&["name", "tests", "failures", "errors", "skipped", "time"]);
        assert_eq!(root.children.len(), report.targets.len());
        let mut names = HashSet::new();
        let mut n_cases = 0;
        for suite in &root.children {
            assert_eq!(suite.name, "testsuite");
            suite.check_attributes(&["name", "tests", "failures", "errors", "skipped", "time"]);
            let (properties, tests) = suite.children.split_first().expect("properties");
            assert_eq!(properties.name, "properties", "they come before the tests");
            for property in &properties.children {
                assert_eq!(property.name, "property");
                property.check_attributes(&["name", "value"]);
            }
            let mut tally = [0; 4];
            for test in tests {
                assert_eq!(test.name, "testcase");
                test.check_attributes(&["classname", "name"]);
                let key = (test.attribute("classname"), test.attribute("name"));
                assert!(names.insert(key), "GitLab drops a second {key:?}");
                n_cases += usize::from(test.attribute("name").contains('/'));
                assert!(test.children.len() <= 1);
                let allowed: &[&str] = match test.children.first().map(|child| child.name.as_str())
                {
                    None | Some("system-out") => &[],
                    Some("failure" | "error") => &["message", "type"],
                    Some("skipped") => &["message"],
                    Some(other) => panic!("a test must not hold <{other}>"),
                };
                for child in &test.children {
                    child.check_attributes(allowed);
                    assert!(!child.text.is_empty(), "GitLab shows the text only");
                }
                let places = [None, Some("failure"), Some("error"), Some("skipped")];
                let kind = test.children.first().map(|child| child.name.as_str());
                if let Some(place) = places.iter().position(|place| *place == kind) {
                    tally[place] += 1;
                }
            }
            for (name, n) in ["failures", "errors", "skipped"].iter().zip(&tally[1..]) {
                assert_eq!(suite.attribute(name), n.to_string(), "{name}");
            }
            assert_eq!(suite.attribute("tests"), tests.len().to_string());
        }
        let n_globs = 1;
        let n_results: usize = report
            .targets
            .iter()
            .map(|target| target.results.len())
            .sum();
        assert_eq!(n_cases, n_results + n_globs, "one case, one test");
    }
}

#[test]
fn junit_is_red_where_the_run_fails() {
    let report = every_outcome();
    for fail_on in [FailOn::Fail, FailOn::Warn] {
        let document = junit(&report, fail_on);
        let root = Element::read(&document);
        for (suite, target) in root.children.iter().zip(&report.targets) {
            for result in &target.results {
                let is_of_case = |test: &&Element| {
                    test.attributes
                        .iter()
                        .any(|(name, value)| name == "name" && *value == result.case.id)
                };
                let test = suite.children.iter().find(is_of_case).expect("its test");
                let mut children = test.children.iter();
                let is_red =
                    children.any(|child| ["failure", "error"].contains(&child.name.as_str()));
                assert_eq!(is_red, result.outcome.is_bad(fail_on), "{}", result.case.id);
            }
        }
    }
}

#[test]
fn markdown_document() {
    check(
        "markdown",
        &markdown(&every_outcome(), None, markdown::MAX_BYTES),
    );
}

#[test]
fn findings_document() {
    let mut text = Vec::new();
    markdown::findings::write(&mut text, &every_outcome(), None).unwrap();
    check("findings", &String::from_utf8(text).unwrap());
}

#[test]
fn markdown_with_what_is_new() {
    let (older, newer) = (older(), every_outcome());
    check(
        "markdown-older",
        &markdown(&newer, Some(&older), markdown::MAX_BYTES),
    );
}

#[test]
fn nothing_hostile_breaks_out_of_markdown() {
    let mut report = every_outcome();
    make_hostile(&mut report);
    let older = older();
    let mut text = markdown(&report, Some(&older), 1 << 20).into_bytes();
    text.push(b'\n');
    markdown::findings::write(&mut text, &report, None).unwrap();
    let text = String::from_utf8(text).unwrap();
    let options = pulldown_cmark::Options::ENABLE_TABLES
        | pulldown_cmark::Options::ENABLE_STRIKETHROUGH
        | pulldown_cmark::Options::ENABLE_MATH;
    let mut html = String::new();
    for event in pulldown_cmark::Parser::new_ext(&text, options) {
        use pulldown_cmark::{Event, Tag};
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => html.push_str(&raw),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => panic!("{event:?}"),
            Event::Start(
                Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::List(_)
                | Tag::BlockQuote(_),
            ) => {
                panic!("{event:?}")
            }
            _ => (),
        }
    }
    let tags = [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<b>",
        "</b>",
        "<br>",
        "<code>",
        "</code>",
        "<!-- -->",
        "</a>",
    ];
    for tag in html.split('<').skip(1) {
        let tag = format!("<{}>", tag.split('>').next().unwrap_or_default());
        let is_link = tag.starts_with("<a href=\"https&#58;//example.com/");
        assert!(is_link || tags.contains(&tag.as_str()), "{tag}");
    }
    let mut n_columns = 0;
    let mut is_fenced = false;
    for line in text.lines() {
        is_fenced ^= line.starts_with("```");
        if line.starts_with('|') && !is_fenced {
            let n = line.matches('|').count();
            assert!(n_columns == 0 || n == n_columns, "{line}");
            n_columns = n;
        } else {
            n_columns = 0;
        }
    }
}

#[test]
fn markdown_is_never_longer_than_allowed_and_says_what_is_missing() {
    let mut report = every_outcome();
    make_hostile(&mut report);
    let targets = report.targets.clone();
    for _ in 0..100 {
        report.targets.extend(targets.iter().cloned());
    }
    for max_bytes in [4 << 10, markdown::MAX_BYTES, 1 << 20] {
        let text = markdown(&report, Some(&older()), max_bytes);
        assert!(text.len() <= max_bytes, "{} of {max_bytes}", text.len());
        let last = text.lines().next_back().unwrap_or_default();
        assert!(
            last.starts_with("Left out, because no more fits here: "),
            "{last}"
        );
        assert!(text.matches("<details>").count() == text.matches("</details>").count());
    }
    assert!(!markdown(&every_outcome(), None, markdown::MAX_BYTES).contains("Left out"));
}

#[test]
fn badges() {
    let mut report = every_outcome();
    let several = badge(&report);
    report.targets.truncate(1);
    let one = badge(&report);
    let is_shown = |result: &CaseResult| {
        matches!(
            result.outcome,
            Outcome::Pass | Outcome::Recorded | Outcome::Skip { .. }
        )
    };
    report.targets[0].results.retain(is_shown);
    let hides = badge(&report);
    report.targets[0]
        .results
        .retain(|result| result.outcome == Outcome::Pass);
    let conforms = badge(&report);
    report.targets[0].n_not_asked = 1;
    let unfinished = badge(&report);
    report.targets.clear();
    let nothing = badge(&report);
    check(
        "badge",
        &[several, one, hides, conforms, unfinished, nothing].concat(),
    );
}

#[test]
fn difference_of_two_reports() {
    let (older, newer) = (older(), every_outcome());
    let difference = diff::compare(&older, &newer);
    let mut text = Vec::new();
    let options = terminal::Options::default();
    diff::text::write(&mut text, &difference, &options).expect("memory");
    let text = String::from_utf8(text).expect("UTF-8");
    let text = anstream::adapter::strip_str(&text).to_string();
    let is_hostile = |c: char| c.is_control() && c != '\n';
    assert_eq!(text.chars().find(|&c| is_hostile(c)), None);
    check("diff", &text);
}

fn check(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../snapshots/report", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

fn terminal(report: &Report, show_all: bool) -> String {
    let mut text = Vec::new();
    let options = terminal::Options {
        width: 80,
        show_all,
    };
    terminal::write(&mut text, report, &options).expect("memory");
    let text = String::from_utf8(text).expect("UTF-8");
    anstream::adapter::strip_str(&text).to_string()
}

fn json(report: &Report) -> String {
    let mut text = Vec::new();
    json::write(&mut text, report).expect("memory");
    String::from_utf8(text).expect("UTF-8")
}

fn junit(report: &Report, fail_on: FailOn) -> String {
    let mut text = Vec::new();
    junit::write(&mut text, report, fail_on).expect("memory");
    String::from_utf8(text).expect("UTF-8")
}

fn markdown(report: &Report, older: Option<&Report>, max_bytes: usize) -> String {
    let mut text = Vec::new();
    let options = markdown::Options {
        older,
        max_bytes,
        ..markdown::Options::default()
    };
    markdown::write(&mut text, report, &options).expect("memory");
    String::from_utf8(text).expect("UTF-8")
}

fn badge(report: &Report) -> String {
    let mut text = Vec::new();
    badge::json(&mut text, report).expect("memory");
    badge::svg(&mut text, report).expect("memory");
    let text = String::from_utf8(text).expect("UTF-8");
    let svg = text.lines().nth(1).expect("the picture");
    let root = Element::read(svg);
    assert_eq!((root.name.as_str(), root.attribute("role")), ("svg", "img"));
    assert_eq!(root.children[0].name, "title");
    assert_eq!(root.children[0].text, root.attribute("aria-label"));
    text
}

/// An XML element, read by a reader that refuses what is not well-formed.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn read(document: &str) -> Self {
        let mut reader = quick_xml::Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            use quick_xml::events::Event;
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => open.push(Self::start(&start)),
                Event::Empty(start) => {
                    let element = Self::start(&start);
                    open.last_mut().expect("a root").children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().expect("an open element");
                    open.last_mut().expect("a root").children.push(element);
                }
                Event::Text(text) => {
                    let text = text.xml10_content();
                    open.last_mut().expect("a root").text.push_str(&text);
                }
                Event::GeneralRef(reference) => {
                    let name = format!("&{};", &*reference);
                    let text = quick_xml::escape::unescape(&name).expect("a known reference");
                    open.last_mut().expect("a root").text.push_str(&text);
                }
                Event::Decl(_) => (),
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        let mut root = open.pop().expect("a root");
        assert!(open.is_empty(), "an element is not closed");
        root.children.pop().expect("one element")
    }

    fn start(start: &quick_xml::events::BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.expect("well-formed");
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.expect("known references");
            (attribute.key.as_ref().to_owned(), value.into_owned())
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    #[track_caller]
    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    #[track_caller]
    fn check_attributes(&self, names: &[&str]) {
        let found: Vec<&str> = self
            .attributes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(found, names, "<{}>", self.name);
    }
}

/// What XML 1.0 can carry.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The fixed report as it was some time ago.
fn older() -> Report {
    let mut report = every_outcome();
    report.corpus_hash = "fedcba9876543210".to_owned();
    // They did not exist yet.
    report.targets.remove(2);
    report.cases.retain(|case| case.id != "parser/comment/many");
    let many_groups = &mut report.targets[1];
    many_groups.results.truncate(3);
    let broken = &mut report.targets[3];
    broken.trouble = None;
    let mixed = &mut report.targets[0];
    mixed.version = "0.4.2\u{202e}".to_owned();
    mixed
        .results
        .retain(|result| result.case.id != "parser/comment/many");
    for result in &mut mixed.results {
        match result.case.id.as_str() {
            // Regressions.
            "parser/line/not-an-ending/u2028" | "parser/wild/known-1" | "parser/line/long" => {
                result.outcome = Outcome::Pass;
            }
            "parser/fields/data/plain" => result.outcome = Outcome::Fail,
            "parser/wild/known-2" => result.outcome = Outcome::Fail,
            "parser/end/id" => result.outcome = Outcome::Pass,
            // Another question under the same id.
            "parser/stream/empty" => {
                Arc::make_mut(&mut result.case).stream = b"\n".as_slice().into();
            }
            _ => (),
        }
    }
    let altered = mixed
        .results
        .iter()
        .find(|result| result.case.id == "parser/stream/empty");
    let altered = Arc::clone(&altered.expect("the case").case);
    for case in &mut report.cases {
        if case.id == altered.id {
            *case = Arc::clone(&altered);
        }
    }
    let mut gone = target("gone\u{1b}[2J", "gone", "Go");
    gone.results
        .push(result("parser/fields/data/plain", Outcome::Pass));
    report.targets.push(gone);
    report
}

/// Puts what could steer Markdown or HTML wherever a report holds a text.
fn make_hostile(report: &mut Report) {
    const HOSTILE: &str = "</code></summary>|`a` ``` @octocat #1 **b** _c_ ~~d~~ <script>alert(1)</script> ![x](http://evil.example) [y](z) $e$ www.evil.example --> <!-- \\| \n\n# f\n";
    report.platform.push_str(HOSTILE);
    report.version.push_str(HOSTILE);
    for target in &mut report.targets {
        for text in [
            &mut target.name,
            &mut target.implementation,
            &mut target.version,
            &mut target.language,
        ] {
            text.push_str(HOSTILE);
        }
        target.stale.push(HOSTILE.to_owned());
        if let Some(Trouble::Skipped(reason) | Trouble::Error(reason)) = &mut target.trouble {
            reason.push_str(HOSTILE);
        }
        for result in &mut target.results {
            let case = Arc::make_mut(&mut result.case);
            case.id.push_str(HOSTILE);
            case.why.push_str(HOSTILE);
            case.clauses[0].push_str(HOSTILE);
            match &mut result.outcome {
                Outcome::KnownFailure { reason, issue, .. } => {
                    reason.push_str(HOSTILE);
                    *issue = Some("https://example.com/\"><script>|`".to_owned());
                }
                Outcome::UnexpectedPass { reason }
                | Outcome::Skip { reason }
                | Outcome::Error { reason, .. } => {
                    reason.push_str(HOSTILE);
                }
                _ => (),
            }
            if let Some(failing) = &mut result.failing {
                failing.quirk = Some((HOSTILE.to_owned(), HOSTILE.to_owned()));
            }
        }
    }
}

fn every_outcome() -> Report {
    let mut many_groups = target(
        "eventsource-with-a-name-that-nobody-could-fit",
        "eventsource-parser",
        "JavaScript",
    );
    many_groups.results = (1..=12)
        .map(|number| in_group(&format!("clause.number-{number:02}")))
        .collect();
    many_groups.n_not_asked = 3;
    let mut empty = target("empty", "empty", "Rust");
    empty.seconds = 0.0;
    let mut missing = target("parse-sse", "", "");
    missing.version.clear();
    missing.trouble = Some(Trouble::Skipped("`node` is not installed".to_owned()));
    missing.n_not_asked = 310;
    let mut broken = target("broken", "broken", "C\u{1b}[31m");
    broken.trouble = Some(Trouble::Error(
        "the answer to `initialize` has no `version`\u{202e}".to_owned(),
    ));
    broken.n_not_asked = 310;
    let targets = vec![mixed(), many_groups, empty, missing, broken];
    let results = targets.iter().flat_map(|target| &target.results);
    Report {
        version: "0.1.0".to_owned(),
        corpus_hash: "0123456789abcdef".to_owned(),
        seed: 7,
        platform: "linux x86_64".to_owned(),
        clauses: vec![clause("line.lf"), clause("line.not-eol")].into(),
        cases: results.map(|result| Arc::clone(&result.case)).collect(),
        targets,
    }
}

/// A target with every outcome, every mismatch, and hostile text wherever it can put some.
fn mixed() -> TargetReport {
    let mut target = target("httpx-sse", "httpx-sse", "Python");
    target.platform_decodes = true;
    target.stale = vec!["parser/line/*".to_owned()];
    target.n_not_examined = 1;
    target.results = vec![
        result("parser/fields/data/plain", Outcome::Pass),
        stream_end_line(),
        raises_an_error(),
        long_data(),
        late(),
        crashes(),
        hangs(),
        end_state(),
        recorded(),
        result("parser/wild/known-1", known("splits on str.splitlines")),
        result("parser/wild/known-2", known("splits on str.splitlines")),
        result(
            "parser/wild/known-3",
            known("not examined, first seen with 0.4.3"),
        ),
        result(
            "parser/line/fixed",
            Outcome::UnexpectedPass {
                reason: "split CRLF".to_owned(),
            },
        ),
        result(
            "parser/end/id",
            Outcome::Skip {
                reason: "the target does not show the last event ID".to_owned(),
            },
        ),
        result(
            "parser/line/long",
            Outcome::Error {
                reason: "no process\u{7}: out of memory".to_owned(),
                known: Some("needs 64 GiB".to_owned()),
            },
        ),
    ];
    target
}

fn stream_end_line() -> CaseResult {
    let delivery = Delivery::new(
        Cutting::Cut(8),
        b"data: a\xe2\x80\xa8b\n\n".as_slice().into(),
        vec![8],
    );
    let observed = vec![ObservedEvent {
        chunk: Some(1),
        ..event("message", b"a", "")
    }];
    let mismatches = vec![Mismatch::Event {
        index: 0,
        parts: vec![Part::Data {
            expected: "a\u{2028}b".to_owned(),
            observed: Some("a".into()),
        }],
    }];
    let mut failing = failing(
        delivery,
        parsed(observed),
        mismatches,
        vec![expected("message", "a\u{2028}b", "")],
    );
    let sentence = "Lines end also at U+2028, U+2029, U+0085, VT and FF.";
    failing.failing.quirk = Some((
        "lines-end-at-unicode-separators".to_owned(),
        sentence.to_owned(),
    ));
    deviating(
        "parser/line/not-an-ending/u2028",
        "line.not-eol",
        failing,
        1,
    )
}

fn raises_an_error() -> CaseResult {
    let hostile = Text(b"bad \x1b[2J \xed\xa0\x80 \xe2\x80\xae".to_vec());
    let observation = Observation::Parsed(Parsed {
        error: Some(hostile.clone()),
        ..Parsed::default()
    });
    let delivery = Delivery::whole(b"data: \xff\n\n".as_slice().into());
    let mismatches = vec![Mismatch::Missing { index: 0 }, Mismatch::Error(hostile)];
    let failing = failing(
        delivery,
        observation,
        mismatches,
        vec![expected("message", "\u{fffd}", "")],
    );
    deviating(
        "parser/decode/invalid/lone-ff",
        "decode.invalid.replace",
        failing,
        4,
    )
}

fn long_data() -> CaseResult {
    let data = "x".repeat(7_000);
    let stream = format!("data:  {data}\nid: 1\n\n");
    let delivery = Delivery::new(Cutting::Cut(3_500), stream.as_bytes().into(), vec![3_500]);
    let spaced = format!(" {data}");
    let observed = vec![
        event("message", data.as_bytes(), "1"),
        event("e\u{202e}", b"|", "1"),
    ];
    let mismatches = vec![
        Mismatch::Event {
            index: 0,
            parts: vec![Part::Data {
                expected: spaced.clone(),
                observed: Some(data.into()),
            }],
        },
        Mismatch::Unexpected {
            index: 1,
            event: observed[1].clone(),
        },
    ];
    let failing = failing(
        delivery,
        parsed(observed),
        mismatches,
        vec![expected("message", &spaced, "1")],
    );
    deviating("parser/line/long/two-spaces", "line.long", failing, 4)
}

fn late() -> CaseResult {
    let delivery = Delivery::new(
        Cutting::AsWritten,
        b"data: a\n\ndata: b\n\n".as_slice().into(),
        vec![9],
    );
    let observed = vec![
        ObservedEvent {
            chunk: Some(1),
            ..event("message", b"a", "")
        },
        ObservedEvent {
            chunk: Some(1),
            ..event("message", b"b", "")
        },
    ];
    let mismatches = vec![Mismatch::Late {
        index: 0,
        complete: 0,
        chunk: 1,
    }];
    let expected = vec![expected("message", "a", ""), expected("message", "b", "")];
    let mut failing = failing(delivery, parsed(observed), mismatches, expected);
    failing.failing.failing.level = Level::Should;
    let mut result = deviating("parser/line/liveness/at-once", "line.liveness", failing, 2);
    result.outcome = Outcome::Warn;
    Arc::make_mut(&mut result.case).level = Level::Should;
    result
}

fn crashes() -> CaseResult {
    let death = Death {
        how: "signal 11".to_owned(),
        log: vec!["Segmentation fault \u{1b}]0;title\u{7}".to_owned()],
    };
    let delivery = Delivery::new(Cutting::EmptyChunks, b"".as_slice().into(), vec![0, 0]);
    let mismatches = vec![Mismatch::Crashes(death.how.clone())];
    let failing = failing(
        delivery,
        Observation::Crashed(death),
        mismatches,
        Vec::new(),
    );
    deviating("parser/stream/empty", "stream.empty", failing, 4)
}

fn hangs() -> CaseResult {
    let death = Death {
        how: "no answer within 5 s".to_owned(),
        log: Vec::new(),
    };
    let stream = ":\n".repeat(30);
    let delivery = Delivery::new(
        Cutting::ByteByByte,
        stream.as_bytes().into(),
        (1..60).collect(),
    );
    let mismatches = vec![Mismatch::Hangs(death.how.clone())];
    let failing = failing(delivery, Observation::Hung(death), mismatches, Vec::new());
    deviating("parser/comment/many", "kind.comment", failing, 3)
}

fn end_state() -> CaseResult {
    let delivery = Delivery::whole(b"id: 1\nretry: 5\n\nid\ndata\n\n".as_slice().into());
    let observation = Observation::Parsed(Parsed {
        events: vec![ObservedEvent {
            event_type: None,
            data: None,
            reconnection_time: Some(Number::new("Infinity")),
            ..event("", b"", "1")
        }],
        reconnection_time: Some(Number::from(50)),
        ..Parsed::default()
    });
    let mismatches = vec![
        Mismatch::Event {
            index: 0,
            parts: vec![
                Part::EventType {
                    expected: "message".to_owned(),
                    observed: None,
                },
                Part::Data {
                    expected: String::new(),
                    observed: None,
                },
                Part::LastEventId {
                    expected: Some(String::new()),
                    observed: Some("1".into()),
                },
                Part::ReconnectionTime {
                    expected: None,
                    observed: Some(Number::new("Infinity")),
                },
            ],
        },
        Mismatch::EndLastEventId {
            expected: String::new(),
            observed: None,
        },
        Mismatch::EndReconnectionTime {
            expected: "5".to_owned(),
            observed: Some(Number::from(50)),
        },
    ];
    let mut failing = failing(
        delivery,
        observation,
        mismatches,
        vec![expected("message", "", "")],
    );
    failing.answer.end = ExpectedEnd {
        last_event_id: Some(String::new()),
        reconnection_time: Some("5".to_owned()),
    };
    deviating("parser/fields/id/empty-resets", "id.empty", failing, 4)
}

fn recorded() -> CaseResult {
    let delivery = Delivery::whole(b"retry: 99999999999999999999\n\n".as_slice().into());
    let observed = Observation::Parsed(Parsed {
        reconnection_time: Some(Number::new("1e20")),
        ..Parsed::default()
    });
    let mismatches = vec![Mismatch::EndReconnectionTime {
        expected: "18446744073709551615".to_owned(),
        observed: Some(Number::new("1e20")),
    }];
    let mut failing = failing(delivery, observed, mismatches, Vec::new());
    failing.failing.failing.level = Level::Open;
    failing.answer.end.reconnection_time = Some("18446744073709551615".to_owned());
    let mut result = deviating("parser/fields/retry/large", "retry.large", failing, 4);
    result.outcome = Outcome::Recorded;
    Arc::make_mut(&mut result.case).level = Level::Open;
    result
}

fn in_group(clause: &str) -> CaseResult {
    let delivery = Delivery::whole(b"data: a\n\n".as_slice().into());
    let observed = (0..20)
        .map(|number| event("message", number.to_string().as_bytes(), ""))
        .collect();
    let mut wanted: Vec<_> = (0..20)
        .map(|number| expected("message", &number.to_string(), ""))
        .collect();
    wanted[12].data = "twelve".to_owned();
    let mismatches = vec![Mismatch::Event {
        index: 12,
        parts: vec![Part::Data {
            expected: "twelve".to_owned(),
            observed: Some("12".into()),
        }],
    }];
    deviating(
        &format!("user's own/{clause}"),
        clause,
        failing(delivery, parsed(observed), mismatches, wanted),
        4,
    )
}

fn target(name: &str, implementation: &str, language: &str) -> TargetReport {
    TargetReport {
        name: name.to_owned(),
        implementation: implementation.to_owned(),
        version: "0.4.3".to_owned(),
        language: language.to_owned(),
        asked_as: name.to_owned(),
        homepage: "https://example.com/?a=1&b=<2>".to_owned(),
        is_tutorial: false,
        sources: vec![Source {
            path: "adapter.mjs".to_owned(),
            text: "// </script><script>alert(1)</script>\n".to_owned(),
        }],
        role: Role::Parser,
        platform_decodes: false,
        trouble: None,
        results: Vec::new(),
        n_not_asked: 0,
        stale: Vec::new(),
        n_not_examined: 0,
        setup_seconds: 0.5,
        seconds: 12.25,
        n_deliveries: 40,
        quirks: Vec::new(),
    }
}

fn clause(id: &str) -> Clause {
    Clause {
        id: id.to_owned(),
        anchor: "#event-stream-interpretation".to_owned(),
        roles: vec![Role::Parser],
        level: Level::Must,
        observe: vec![Observe::Bytes],
        requirement: "A line ends at `\\n`.".to_owned(),
        reading: id == "line.not-eol",
        basis: None,
        against: None,
        untestable: None,
        wpt: Some("format-newlines".to_owned()),
    }
}

fn result(id: &str, outcome: Outcome) -> CaseResult {
    let answer = Answer {
        reason: None,
        events: vec![expected("message", "a", "")],
        end: ExpectedEnd::default(),
    };
    let case = AskedCase {
        id: id.to_owned(),
        role: Role::Parser,
        why: "The first id stays; `\\n` ends a line.".to_owned(),
        clauses: vec!["line.lf".to_owned()],
        level: Level::Must,
        stream: b"data: a\n\n".as_slice().into(),
        cuts: None,
        answers: vec![answer],
    };
    CaseResult {
        case: Arc::new(case),
        outcome,
        n_deliveries: 4,
        n_deviating: 0,
        failing: None,
    }
}

/// A deviation, and the events that its case expects.
struct Deviation {
    failing: FailingResult,
    answer: Answer,
}

fn deviating(id: &str, clause: &str, deviation: Deviation, n_deviating: usize) -> CaseResult {
    let mut result = result(id, Outcome::Fail);
    let case = Arc::make_mut(&mut result.case);
    case.clauses = vec![clause.to_owned()];
    case.stream = deviation.failing.failing.delivery.bytes().into();
    case.answers = vec![deviation.answer];
    CaseResult {
        n_deviating,
        failing: Some(deviation.failing),
        ..result
    }
}

fn failing(
    delivery: Delivery,
    observation: Observation,
    mismatches: Vec<Mismatch>,
    expected: Vec<ExpectedEvent>,
) -> Deviation {
    let line = |from, text: &str| Line {
        from,
        text: text.to_owned(),
    };
    Deviation {
        failing: FailingResult {
            failing: Failing {
                delivery,
                observation,
                mismatches,
                level: Level::Must,
            },
            exchange: vec![
                line(Speaker::Harness, r#"{"chunks":["ZGF0YTogYQoK"]}"#),
                line(Speaker::Target, "{\"events\":[\"\u{202e}<b>\"]}"),
            ],
            quirk: None,
        },
        answer: Answer {
            reason: None,
            events: expected,
            end: ExpectedEnd::default(),
        },
    }
}

fn known(reason: &str) -> Outcome {
    Outcome::KnownFailure {
        reason: reason.to_owned(),
        kind: Kind::ByDesign,
        issue: Some("https://example.com/issues/1".to_owned()),
        level: Level::Must,
    }
}

fn parsed(events: Vec<ObservedEvent>) -> Observation {
    Observation::Parsed(Parsed {
        events,
        ..Parsed::default()
    })
}

fn event(event_type: &str, data: &[u8], last_event_id: &str) -> ObservedEvent {
    ObservedEvent {
        event_type: Some(event_type.into()),
        data: Some(Text(data.to_vec())),
        last_event_id: Some(last_event_id.into()),
        ..ObservedEvent::default()
    }
}

fn expected(event_type: &str, data: &str, last_event_id: &str) -> ExpectedEvent {
    ExpectedEvent {
        event_type: event_type.to_owned(),
        data: data.to_owned(),
        last_event_id: last_event_id.to_owned(),
        names_last_event_id: !last_event_id.is_empty(),
    }
}
