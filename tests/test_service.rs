//! LaunchDarkly test services with the real binary: an adapter offered as one and asked through it, and services that misbehave.
#![cfg(all(unix, feature = "cli"))]

mod misbehaving_service;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use misbehaving_service::{Mode, start};
use serde_json::Value;

/// Enough for every way in which a case ends, none of which waits for the client's own delay of 3 s.
const SEVERAL: [&str; 3] = [
    "client/last-event-id/is-sent-on-reconnect",
    "client/request/is-a-get",
    "client/close/during-a-read-stops-the-stream",
];

/// The same client, asked directly.
const DIRECT: [&str; 6] = ["--role", "client", "--", "python3", "client.py", "api"];

/// What a run said.
#[derive(Debug)]
struct Said {
    exit_code: i32,
    name: String,
    /// The outcome and the reason of each case.
    outcomes: BTreeMap<String, (String, String)>,
    /// Whatever was printed or written.
    all: String,
}

fn ssespec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/throwaway"))
        .args(arguments);
    command
}

fn run(cases: &[&str], flags: &[&str], target: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let output = ssespec(&["run", "--report"])
        .arg(format!("json={}", report.display()))
        .args(cases.iter().flat_map(|case| ["-k", case]))
        .args(flags)
        .args(target)
        .output()
        .expect("ssespec runs");
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    let target = &report["targets"][0];
    let results = target["results"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let outcomes = results.iter().map(|result| {
        let reason = (text(&result["outcome"]), text(&result["reason"]));
        (text(&result["case"]), reason)
    });
    Said {
        exit_code: output.status.code().expect("it ends by itself"),
        name: text(&target["name"]),
        outcomes: outcomes.collect(),
        all: String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr)
            + &target.to_string(),
    }
}

/// Our throw-away client, offered as a test service on a free port.
struct Offered {
    child: Child,
    address: String,
}

impl Offered {
    fn start() -> Self {
        let arguments = ["test-service", "--port", "0", "--", "python3", "client.py"];
        let mut child = ssespec(&arguments)
            .arg("api")
            .stdout(Stdio::piped())
            .spawn()
            .expect("ssespec starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("it says where it is");
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|at| at.split('/').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        assert!(line.starts_with("throw-away 0 is offered at"), "{line}");
        Self {
            child,
            address: address.to_owned(),
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks as another harness would. Returns the status and the body.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it is there");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
        (status.expect("a status"), body.to_owned())
    }

    /// Stops it as another harness would.
    fn stop(mut self) {
        assert_eq!(self.ask("DELETE", "/", "").0, 204);
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Offered {
    fn drop(&mut self) {
        _ = self.child.kill();
    }
}

#[test]
fn an_adapter_shows_the_same_through_a_test_service() {
    let cases = ["client/*", "http/parser/fields/*"];
    let offered = Offered::start();
    let direct = run(&cases, &[], &DIRECT);
    let through = run(&cases, &["--test-service", &offered.url()], &[]);
    assert_eq!(through.name, "throw-away 0");
    assert!(direct.outcomes.len() > 100, "{}", direct.all);
    assert_eq!(
        direct.outcomes.keys().collect::<Vec<_>>(),
        through.outcomes.keys().collect::<Vec<_>>()
    );
    let (mut n_same, mut differing) = (0, Vec::new());
    for (case, (outcome, reason)) in &through.outcomes {
        let hidden = [
            "the target does not show opens and errors",
            "the target cannot be told to close inside a handler",
            "the target takes no certificate to trust",
        ];
        if outcome == "skip" && hidden.contains(&reason.as_str()) {
            continue;
        }
        if *outcome != direct.outcomes[case].0 {
            differing.push(case.as_str());
        }
        n_same += 1;
    }
    // On a busy machine a client may be late for once, in either way of asking.
    if !differing.is_empty() {
        let direct = run(&differing, &[], &DIRECT);
        let through = run(&differing, &["--test-service", &offered.url()], &[]);
        for case in differing {
            let (direct, through) = (&direct.outcomes[case].0, &through.outcomes[case].0);
            assert_eq!(direct, through, "{case}");
        }
    }
    offered.stop();
    assert!(n_same > 100, "{n_same} of {}", through.outcomes.len());
    let has = |outcome: &str| through.outcomes.values().any(|(other, _)| other == outcome);
    assert!(has("pass") && has("fail"), "{}", through.all);
}

#[test]
fn an_offered_adapter_answers_another_harness() {
    let offered = Offered::start();
    let (status, body) = offered.ask("GET", "/", "");
    assert_eq!(status, 200);
    let said: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(said["name"], "throw-away 0");
    let capabilities = [
        "bom",
        "comments",
        "event-type-listeners",
        "headers",
        "last-event-id",
        "post",
    ];
    assert_eq!(said["capabilities"], serde_json::json!(capabilities));

    for (method, path, body, status, sentence) in [
        ("POST", "/", "{}", 400, "missing field `callbackUrl`"),
        (
            "POST",
            "/",
            r#"{"callbackUrl":"http://127.0.0.1:1/1","streamUrl":"http://127.0.0.1:1/2","readTimeoutMs":500}"#,
            400,
            "this client takes no read timeout",
        ),
        (
            "POST",
            "/streams/7",
            r#"{"command":"restart"}"#,
            404,
            "no such stream",
        ),
        ("DELETE", "/streams/7", "", 404, "no such stream"),
        ("GET", "/elsewhere", "", 404, "/streams/NUMBER"),
    ] {
        let answer = offered.ask(method, path, body);
        assert_eq!(answer.0, status, "{method} {path} {body}: {}", answer.1);
        assert!(
            answer.1.contains(sentence),
            "no {sentence:?} in {}",
            answer.1
        );
    }
    offered.stop();
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = ssespec(&[
        "test-service",
        "--port",
        &port,
        "--",
        "python3",
        "client.py",
    ])
    .output()
    .expect("ssespec runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    let sentence = format!(
        "error: port {port} is in use: choose another with --port, or 0 for any that is free\n"
    );
    assert_eq!(said, sentence);
}

#[test]
fn known_failures_and_other_targets_go_with_a_test_service() {
    let url = start(Mode::LateAfterEnd);
    let folder = tempfile::tempdir().expect("a folder");
    let known = folder.path().join("known.yaml");
    std::fs::write(
        &known,
        "- match: \"client/close/during-a-read-stops-the-stream\"\n  kind: bug\n  reason: \"It calls back late.\"\n",
    )
    .expect("a file");
    let known = known.display().to_string();
    let said = run(
        &SEVERAL,
        &["--known-failures", &known, "--test-service", &url],
        &[],
    );
    assert_eq!(said.exit_code, 0, "{}", said.all);
    let outcomes = [("knownFailure", 1), ("pass", 2)];
    check_outcomes(&said, &outcomes);

    let said = run(
        &SEVERAL[..1],
        &["--test-service", &start(Mode::Good)],
        &["--", "python3", "client.py"],
    );
    assert_eq!(said.exit_code, 0, "{}", said.all);
    assert!(
        said.all.contains("misbehaving") && said.all.contains("throw-away"),
        "{}",
        said.all
    );
}

#[test]
fn a_service_that_does_as_it_should_passes() {
    let said = run(&SEVERAL, &["--test-service", &start(Mode::Good)], &[]);
    assert_eq!(
        (said.exit_code, said.name.as_str()),
        (0, "misbehaving"),
        "{}",
        said.all
    );
    check_outcomes(&said, &[("pass", 3)]);
}

#[test]
fn callbacks_that_overtake_each_other_are_put_in_order() {
    let said = run(&SEVERAL, &["--test-service", &start(Mode::Backwards)], &[]);
    assert_eq!(said.exit_code, 0, "{}", said.all);
    check_outcomes(&said, &[("pass", 3)]);
}

#[test]
fn a_service_that_is_not_there_is_named() {
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let said = run(&SEVERAL, &["--timeout", "1", "--test-service", &url], &[]);
    check_trouble(&said, &format!("no test service answers at {url} ("));
    assert_eq!(said.name, url);
}

#[test]
fn a_url_that_is_none_is_named() {
    let said = run(&SEVERAL, &["--test-service", "127.0.0.1:8000"], &[]);
    assert_eq!(said.exit_code, 2);
    assert_eq!(
        said.all,
        "error: --test-service takes a URL such as http://127.0.0.1:8000, and \"127.0.0.1:8000\" is none\nnull"
    );
}

#[test]
fn a_service_that_is_not_ready_is_named() {
    let said = run(
        &SEVERAL,
        &["--test-service", &start(Mode::GreetsWith500)],
        &[],
    );
    check_trouble(
        &said,
        "its answer to GET should be status 200, and is status 500: out of order",
    );
}

#[test]
fn a_service_that_creates_no_stream_is_named() {
    let said = run(&SEVERAL, &["--test-service", &start(Mode::Creates500)], &[]);
    check_trouble(&said, "its answer to `connect`: status 500: out of order");
}

#[test]
fn a_service_that_never_calls_back_is_named() {
    let said = run(&SEVERAL, &["--test-service", &start(Mode::Mute)], &[]);
    check_trouble(
        &said,
        "it connected, and has never called back: each event should come as a POST to http://127.0.0.1:",
    );
}

#[test]
fn one_fault_leaves_the_other_cases_alone() {
    for (mode, outcome, sentence) in [
        (
            Mode::OnceCreates500,
            "error",
            "its answer to `connect`: status 500: out of order",
        ),
        (
            Mode::OnceNoLocation,
            "error",
            "it has no Location header, which names the stream",
        ),
        (
            Mode::OnceHangsUp,
            "error",
            "its answer to `connect`: there is none: connection closed",
        ),
        (
            Mode::OnceGarbage,
            "error",
            "callback 1 is no callback: `kind` is",
        ),
        (
            Mode::OnceGap,
            "error",
            "callback 2 came, and callback 1 did not",
        ),
        (Mode::OnceMute, "fail", "did not come out"),
        (
            Mode::OnceNeverConnects,
            "error",
            "it was told to connect, and did not within 3 s",
        ),
    ] {
        let flags = ["--timeout", "3", "--test-service", &start(mode)];
        // No case among these ends before its events came.
        let cases = [
            SEVERAL[0],
            SEVERAL[1],
            "client/ending/a-clean-end-of-chunks-is-followed-by-a-reconnect",
        ];
        let said = run(&cases, &flags, &[]);
        assert_eq!(said.exit_code, 1, "{mode:?}: {}", said.all);
        check_outcomes(&said, &[(outcome, 1), ("pass", 2)]);
        assert!(
            said.all.contains(sentence),
            "{mode:?}: no {sentence:?} in {}",
            said.all
        );
    }
}

#[test]
fn a_callback_after_the_end_is_a_deviation() {
    let said = run(
        &SEVERAL,
        &["--test-service", &start(Mode::LateAfterEnd)],
        &[],
    );
    assert_eq!(said.exit_code, 1, "{}", said.all);
    assert_eq!(said.outcomes[SEVERAL[2]].0, "fail", "{}", said.all);
    check_outcomes(&said, &[("fail", 1), ("pass", 2)]);
    let sentence = "it reported event after it was told to disconnect";
    assert!(said.all.contains(sentence), "{}", said.all);
}

#[test]
fn a_service_that_goes_away_leaves_the_rest_unasked() {
    let url = start(Mode::Dies);
    let said = run(&SEVERAL, &["--timeout", "2", "--test-service", &url], &[]);
    let sentence = "it was lost while 3 cases were under way, and then no test service answers at";
    check_trouble(&said, sentence);
}

#[test]
fn the_help_names_the_way_in() {
    let output = ssespec(&["run", "--help"]).output().expect("ssespec runs");
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(help.contains("--test-service <URL>"), "{help}");
}

/// The target as a whole could not be asked, for this reason.
#[track_caller]
fn check_trouble(said: &Said, sentence: &str) {
    assert_eq!(said.exit_code, 2, "{}", said.all);
    assert!(said.outcomes.is_empty(), "{}", said.all);
    assert!(
        said.all.contains(sentence),
        "no {sentence:?} in {}",
        said.all
    );
}

#[track_caller]
fn check_outcomes(said: &Said, expected: &[(&str, usize)]) {
    for (outcome, n_expected) in expected {
        let outcomes = said.outcomes.values();
        let n_cases = outcomes.filter(|(other, _)| other == outcome).count();
        assert_eq!(
            n_cases, *n_expected,
            "{outcome}: {:?} {}",
            said.outcomes, said.all
        );
    }
}
