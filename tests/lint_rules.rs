//! Every rule of lint finds what it is for and nothing else, and every loss that it names was seen in our own runs.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::Value;
use ssespec::baseline::Baseline;
use ssespec::lint::comparison::Difference;
use ssespec::lint::exchange::{Came, End, Exchange, Seen};
use ssespec::lint::head::{Asked, Head};
use ssespec::lint::session::Session;
use ssespec::lint::{loss, rule};

/// An answer: its head, its body with times, and its end.
#[derive(Clone)]
struct Sample {
    status: u16,
    version: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    method: &'static str,
    pieces: Vec<(u64, Vec<u8>)>,
    end: (u64, End),
    last_event_id: &'static str,
}

/// The headers of a stream in which nothing is to be found but the HTTP version.
const PLAIN: [(&str, &str); 2] = [
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store"),
];

impl Sample {
    fn of(body: &[u8]) -> Self {
        Self {
            status: 200,
            version: "HTTP/2",
            headers: PLAIN.to_vec(),
            method: "GET",
            pieces: vec![(10, body.to_vec())],
            end: (20, End::Complete),
            last_event_id: "",
        }
    }

    fn with(self, name: &'static str, value: &'static str) -> Self {
        let mut sample = self.without(name);
        sample.headers.push((name, value));
        sample
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same body, one part after the other.
    fn timed(pieces: &[(u64, &[u8])], end: u64) -> Self {
        Self {
            pieces: pieces
                .iter()
                .map(|(at, bytes)| (*at, bytes.to_vec()))
                .collect(),
            end: (end, End::Complete),
            ..Self::of(b"")
        }
    }

    fn end(mut self, end: End) -> Self {
        self.end.1 = end;
        self
    }

    fn seen(&self) -> Seen {
        let asked = Asked {
            method: self.method.to_owned(),
            offered: vec!["gzip".to_owned()],
        };
        let mut exchange = Exchange::new(asked, true, self.last_event_id);
        let headers = self.headers.iter();
        let head = Head {
            version: self.version.to_owned(),
            status: self.status,
            headers: headers
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect(),
        };
        exchange.head(head, Duration::from_millis(1));
        for (number, (at, bytes)) in (1..).zip(&self.pieces) {
            let came = Came {
                at: Duration::from_millis(*at),
                number,
                n_wire_bytes: bytes.len(),
            };
            exchange.read(came, bytes, |_| ());
        }
        exchange.end(Duration::from_millis(self.end.0), self.end.1.clone())
    }

    fn session(&self) -> Session {
        self.against(None)
    }

    fn against(&self, other: Option<(Difference, &Self)>) -> Session {
        let other = other.map(|(difference, other)| ("b".to_owned(), difference, other.seen()));
        Session::new(
            "a".to_owned(),
            "ssespec lint a".to_owned(),
            self.seen(),
            other,
            None,
        )
    }

    fn again(&self, again: &Self) -> Session {
        let again = Some(again.seen());
        Session::new(
            "a".to_owned(),
            "ssespec lint a".to_owned(),
            self.seen(),
            None,
            again,
        )
    }
}

fn found(session: &Session) -> Vec<&'static str> {
    session
        .findings
        .iter()
        .map(|finding| finding.rule.id)
        .collect()
}

/// Events of one size, `n` in each of the bursts at these times; `cut` bytes of the last one come with the next burst.
fn bursts(at: &[u64], n: usize, cut: usize, end: u64) -> Sample {
    let all = b"data: 0123456789\n\n".repeat(n * at.len());
    let n_bursts = at.len();
    let size = all.len() / n_bursts;
    let pieces = at.iter().enumerate().map(|(index, at)| {
        let edge = |index: usize| (index * size).saturating_sub(cut * usize::from(index > 0));
        let to = if index + 1 == n_bursts {
            all.len()
        } else {
            edge(index + 1)
        };
        (*at, all[edge(index)..to].to_vec())
    });
    Sample {
        pieces: pieces.collect(),
        end: (end, End::Complete),
        ..Sample::of(b"")
    }
}

/// One event every 50 ms.
fn even() -> Sample {
    let at: Vec<u64> = (1..=40).map(|index| index * 50).collect();
    bursts(&at, 1, 0, 2_050)
}

/// Each rule, a session in which it finds something, and one nearly like it in which it does not.
fn table() -> Vec<(&'static str, Session, Session)> {
    let plain = || Sample::of(b"data: a\n\n");
    let body = |bytes: &[u8]| Sample::of(bytes).session();
    let line = |n: usize| {
        let mut bytes = b"data: ".to_vec();
        bytes.resize(n, b'a');
        bytes.extend_from_slice(b"\n\n");
        Sample::of(&bytes).session()
    };
    let http1 = || Sample {
        version: "HTTP/1.1",
        ..plain()
    };
    let post = || Sample {
        method: "POST",
        ..plain()
    };
    let all_at_end = || bursts(&[3_000], 40, 0, 3_010);
    let uneven = || bursts(&[600, 1_300, 2_600, 3_100], 10, 0, 3_110);
    let compressed = || all_at_end().with("content-encoding", "gzip");
    let ids = Sample::of(b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    let resumed = Sample {
        last_event_id: "2",
        ..Sample::of(b"id: 3\ndata: c\n\n")
    };
    let restarted = Sample {
        last_event_id: "2",
        ..ids.clone()
    };
    vec![
        (
            "http.status",
            plain().status(503).session(),
            plain().session(),
        ),
        (
            "http.content-type-missing",
            plain().without("content-type").session(),
            plain().session(),
        ),
        (
            "http.content-type-wrong",
            plain()
                .with("content-type", "text/event-stream+x")
                .session(),
            plain()
                .with("content-type", "Text/Event-Stream; charset=utf-8")
                .session(),
        ),
        (
            "http.charset",
            plain()
                .with("content-type", "text/event-stream;charset=latin1")
                .session(),
            plain()
                .with("content-type", "text/event-stream;charset=\"UTF-8\"")
                .session(),
        ),
        (
            "http.cacheable",
            plain()
                .with("cache-control", "public, max-age=60")
                .session(),
            plain()
                .with("cache-control", "private, max-age=60")
                .session(),
        ),
        (
            "http.cache-control-missing",
            plain().without("cache-control").session(),
            post().without("cache-control").session(),
        ),
        (
            "http.from-cache",
            plain().with("age", "7").session(),
            plain().with("x-cache", "MISS").session(),
        ),
        (
            "http.content-length",
            plain().with("content-length", "9").session(),
            plain().session(),
        ),
        (
            "http.unknown-encoding",
            plain().with("content-encoding", "compress").session(),
            plain().with("content-encoding", "identity").session(),
        ),
        (
            "http.compressed",
            plain().with("content-encoding", "gzip").session(),
            plain().session(),
        ),
        (
            "http.body-broken",
            plain().end(End::Broken("reset".to_owned())).session(),
            plain().end(End::Stopped("at Ctrl-C")).session(),
        ),
        ("http.version", http1().session(), plain().session()),
        (
            "http.proxy-seen",
            plain().with("server", "nginx").session(),
            plain().session(),
        ),
        (
            "stream.invalid-utf8",
            body(b"data: a\xE2\x82\n\n"),
            body("data: €\n\n".as_bytes()),
        ),
        (
            "stream.near-miss-field",
            body(b"Data: a\n\n"),
            body(b"data: Data: a\n\n"),
        ),
        (
            "stream.stray-line",
            body(b"data: {\n}\n\n"),
            body(b"data: {\ndata: }\ndata\n\n"),
        ),
        (
            "stream.unknown-field",
            body(b"error: a\ndata: a\n\n"),
            body(b": error: a\ndata: a\n\n"),
        ),
        (
            "stream.white-space-line",
            body(b"data: a\n \ndata: b\n\n"),
            body(b"data: a\n\n\ndata: b\n\n"),
        ),
        (
            "stream.event-lost-at-end",
            body(b"data: a\n\ndata: b\n"),
            Sample::of(b"data: a\n\ndata: b\n")
                .end(End::Stopped("when its time was over"))
                .session(),
        ),
        (
            "stream.nul-in-id",
            body(b"id: a\0\ndata: a\n\n"),
            body(b"id: a\ndata: a\0\n\n"),
        ),
        (
            "stream.retry-unusable",
            body(b"retry: 3s\ndata: a\n\n"),
            body(b"retry: 3000\ndata: a\n\n"),
        ),
        (
            "stream.no-event",
            body(b": hello\n\n"),
            Sample::of(b": hello\n\n")
                .end(End::Stopped("at Ctrl-C"))
                .session(),
        ),
        (
            "stream.done-marker",
            body(b"data: [DONE]\n\n"),
            body(b"data: DONE\n\n"),
        ),
        (
            "stream.silence",
            Sample::timed(&[(10, b"data: a\n\n"), (15_010, b"data: b\n\n")], 15_020).session(),
            Sample::timed(
                &[
                    (10, b"data: a\n\n"),
                    (9_000, b":\n"),
                    (15_010, b"data: b\n\n"),
                ],
                15_020,
            )
            .session(),
        ),
        (
            "stream.long-silence",
            Sample::timed(&[(10, b"data: a\n\n")], 61_000).session(),
            Sample::timed(&[(10, b"data: a\n\n")], 59_000).session(),
        ),
        ("delivery.bursts", uneven().session(), even().session()),
        (
            "delivery.buffer",
            bursts(&[600, 1_300, 2_600, 3_100], 10, 5, 3_110).session(),
            // Equal in bytes as well, but each burst ends between two events: an application may do that.
            uneven().session(),
        ),
        (
            "delivery.timer",
            bursts(&[1_000, 2_000, 3_000, 4_000, 5_000], 10, 0, 5_010).session(),
            uneven().session(),
        ),
        (
            "delivery.all-at-end",
            all_at_end().session(),
            bursts(&[20], 40, 0, 30).session(),
        ),
        (
            "delivery.held-back",
            all_at_end().against(Some((Difference::Address, &even()))),
            all_at_end().against(Some((Difference::Address, &all_at_end()))),
        ),
        (
            "delivery.compression-holds",
            compressed().against(Some((Difference::Compression, &even()))),
            compressed().against(Some((Difference::Compression, &all_at_end()))),
        ),
        (
            "delivery.producer-bursts",
            uneven().against(Some((Difference::Address, &uneven()))),
            uneven().against(Some((Difference::Address, &even()))),
        ),
        (
            "against.differs",
            plain().against(Some((Difference::Address, &ids))),
            plain().against(Some((Difference::Address, &plain()))),
        ),
        (
            "against.unusable",
            plain().against(Some((Difference::Address, &plain().status(502)))),
            plain().against(Some((Difference::Address, &plain()))),
        ),
        (
            "reconnect.no-ids",
            plain().again(&plain()),
            ids.again(&resumed),
        ),
        (
            "reconnect.no-resume",
            ids.again(&restarted),
            ids.again(&resumed),
        ),
        (
            "reconnect.refused",
            ids.again(&plain().status(500)),
            ids.again(&plain().status(204)),
        ),
        (
            "risk.id-only-block",
            body(b"id: 1\n\ndata: a\n\n"),
            body(b"id: 1\ndata: a\n\n"),
        ),
        (
            "risk.retry-only-block",
            body(b"retry: 1\n\ndata: a\n\n"),
            body(b"retry: 1\ndata: a\n\n"),
        ),
        (
            "risk.comment-after-id",
            body(b"id: 1\ndata: a\n\n:\n\n"),
            body(b":\n\nid: 1\ndata: a\n\n:\ndata: b\n\n"),
        ),
        (
            "risk.event-without-data",
            body(b"event: ping\n\ndata: a\n\n"),
            body(b"event: ping\ndata: a\n\n"),
        ),
        ("risk.empty-data", body(b"data:\n\n"), body(b"data: 0\n\n")),
        (
            "risk.no-space",
            body(b"data:a\n\n"),
            body(b"data:\ndata: a\n:a\n\n"),
        ),
        (
            "risk.several-data-lines",
            body(b"data: a\ndata: b\n\n"),
            body(b"data: a\n\ndata: b\n\n"),
        ),
        ("risk.cr", body(b"data: a\r\r"), body(b"data: a\r\n\r\n")),
        ("risk.crlf", body(b"data: a\r\n\r\n"), body(b"data: a\n\n")),
        (
            "risk.unicode-line-end",
            body("data: a\u{2028}b\n\n".as_bytes()),
            body("data: a\u{2027}b\n\n".as_bytes()),
        ),
        (
            "risk.byte-order-mark",
            body(b"\xEF\xBB\xBFdata: a\n\n"),
            body(b"data: \xEF\xBB\xBFa\n\n"),
        ),
        ("risk.line-over-64-kib", line(1 << 16), line((1 << 16) - 1)),
        ("risk.line-over-512-kib", line(1 << 19), line((1 << 19) - 1)),
        ("risk.line-over-1-mib", line(1 << 20), line((1 << 20) - 1)),
        (
            "risk.event-over-16-mib",
            line((16 << 20) + 1),
            line((16 << 20) - 8),
        ),
    ]
}

#[test]
fn every_rule_has_a_stream_that_it_finds_and_one_that_it_leaves_alone() {
    let mut tested = BTreeSet::new();
    for (id, positive, negative) in table() {
        assert!(rule::find(id).is_some(), "{id} is no rule");
        assert!(tested.insert(id), "{id} stands twice");
        assert!(
            found(&positive).contains(&id),
            "{id}: not found, only {:?}",
            found(&positive)
        );
        assert!(
            !found(&negative).contains(&id),
            "{id}: found where it is not"
        );
    }
    let untested: Vec<&str> = rule::all()
        .map(|rule| rule.id)
        .filter(|id| !tested.contains(id))
        .collect();
    assert_eq!(untested, [""; 0], "rules without streams");
}

#[test]
fn a_stream_with_nothing_wrong_gives_no_finding() {
    assert_eq!(found(&even().session()), [""; 0]);
}

#[test]
fn how_a_stream_is_cut_into_reads_changes_no_finding_on_its_lines() {
    let streams: [&[u8]; 6] = [
        b"\xEF\xBB\xBFid: 1\r\ndata: a\r\n\r\n: c\n\nretry: x\rData: b\r\rdata: \xE2\x80\xA8\n",
        b"data: a\r\r",
        b"data: a\r\n\r\n",
        b"\xEF\xBB\xBF",
        b"data:a\n \nevent: b\n\nid: \0\ndata\n\nid: 1\n\n:\n\nid: 2",
        b"data: \xE2\x82\xAC\n\nerror\n\n",
    ];
    for stream in streams {
        let whole = Sample::of(stream).session().findings;
        for size in 1..stream.len() {
            let pieces: Vec<(u64, &[u8])> = stream.chunks(size).map(|chunk| (10, chunk)).collect();
            let cut = Sample::timed(&pieces, 20).session().findings;
            assert_eq!(cut, whole, "chunks of {size}");
        }
    }
}

#[test]
fn a_proxy_is_never_blamed_for_what_one_place_shows() {
    let at_once = bursts(&[3_000], 40, 0, 3_010);
    let cut = bursts(&[600, 1_300, 2_600, 3_100], 10, 5, 3_110);
    let timer = bursts(&[1_000, 2_000, 3_000, 4_000, 5_000], 10, 0, 5_010);
    for sample in [at_once, cut, timer] {
        let session = sample.with("server", "nginx").session();
        assert!(session.is_cause_unknown(), "{}", session.verdict);
        assert!(
            !session.verdict.contains("on the way"),
            "{}",
            session.verdict
        );
        assert_eq!(session.next, "ssespec lint a --against ORIGIN-URL");
    }
}

#[test]
fn the_verdict_is_one_sentence() {
    let check = |session: Session, verdict: &str| assert_eq!(session.verdict, verdict);
    let at_once = bursts(&[3_000], 40, 0, 3_010);
    check(
        even().session(),
        "40 events, all valid; they came evenly, the first after 50 ms",
    );
    check(
        at_once.against(Some((Difference::Address, &even()))),
        "40 events, all valid; all came at once after 3.0 s: held back on the way",
    );
    check(
        bursts(&[600, 1_300, 2_600], 10, 5, 2_610).session(),
        "30 events, all valid; they came in 3 bursts, the first after 600 ms: a buffer of about 180 bytes, somewhere",
    );
    check(
        Sample::of(b"data: a\n\ndata: b").session(),
        "1 event arrived, and the last one is lost; the first after 10 ms",
    );
    check(
        Sample::of(b"{\"error\": 1}")
            .status(401)
            .with("content-type", "application/json")
            .session(),
        "no event stream: status 401 with application/json",
    );
}

/// The published matrix.
fn matrix() -> Value {
    let path = root().join("reports/matrix.json.gz");
    let file = File::open(&path).expect("reports/matrix.json.gz is there");
    serde_json::from_reader(GzDecoder::new(file)).expect("a report")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The table of losses, as the published matrix has them: libraries first, then recipes by hand.
fn losses(matrix: &Value) -> String {
    let mut table = String::from(
        "# Written from reports/matrix.json.gz: INSTA_UPDATE=always cargo test --test lint_rules\n\
         # rule, implementation, version, language, case, what went wrong\n",
    );
    let targets = matrix["targets"].as_array().expect("targets");
    let is_tutorial = |target: &Value| target["tutorial"] == true;
    let libraries = targets.iter().filter(|target| !is_tutorial(target));
    let recipes = targets.iter().filter(|target| is_tutorial(target));
    let targets: Vec<&Value> = libraries.chain(recipes).collect();
    for (rule, cases) in loss::CASES {
        for target in &targets {
            let result = |case: &str| {
                let results = target["results"].as_array().expect("results").iter();
                results.clone().find(|result| result["case"] == case)
            };
            let outcome = |case: &str| result(case).map_or("", |result| text(&result["outcome"]));
            if outcome(loss::PLAIN_CASE) != "pass" {
                continue;
            }
            let fails = |case: &&&str| ["fail", "knownFailure"].contains(&outcome(case));
            let Some(case) = cases.iter().find(fails) else {
                continue;
            };
            let mismatches = &result(case).expect("it fails")["failing"]["mismatches"];
            let kinds: BTreeSet<&str> = mismatches
                .as_array()
                .expect("mismatches")
                .iter()
                .filter_map(|mismatch| mismatch.as_object()?.keys().next().map(String::as_str))
                .collect();
            let words = [
                ("error", "an error"),
                ("missing", "an event lost"),
                ("unexpected", "an event too many"),
                ("event", "an event changed"),
                ("late", "an event late"),
                ("endLastEventId", "the last event ID wrong"),
                ("endReconnectionTime", "the reconnection time wrong"),
            ];
            let what = words.iter().find(|(kind, _)| kinds.contains(kind));
            let (_, what) = what.unwrap_or_else(|| panic!("{case}: {kinds:?}"));
            let [implementation, version, language] =
                ["implementation", "version", "language"].map(|key| text(&target[key]));
            table.push_str(&format!(
                "{rule}\t{implementation}\t{version}\t{language}\t{case}\t{what}\n"
            ));
        }
    }
    table
}

#[test]
fn the_losses_are_those_of_the_published_matrix() {
    let path = root().join("src/lint/losses.txt");
    let table = losses(&matrix());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &table).expect("it can be written");
    }
    let written = fs::read_to_string(&path).expect("src/lint/losses.txt is there");
    assert!(
        written == table,
        "src/lint/losses.txt is not what the matrix says: INSTA_UPDATE=always cargo test --test lint_rules"
    );
}

#[test]
fn every_loss_is_a_known_failure_of_its_adapter() {
    let matrix = matrix();
    let targets = matrix["targets"].as_array().expect("targets");
    let mut n = 0;
    for (rule, loss) in loss::all() {
        let target = targets
            .iter()
            .find(|target| {
                ["implementation", "version", "language"].map(|key| text(&target[key]))
                    == [loss.implementation, loss.version, loss.language]
            })
            .unwrap_or_else(|| panic!("{} is not in the matrix", loss.name()));
        let name = text(&target["name"]);
        let languages = fs::read_dir(root().join("adapters")).expect("adapters");
        let baseline = languages
            .filter_map(|language| {
                let path = language
                    .expect("a folder")
                    .path()
                    .join(name)
                    .join("known-failures.yaml");
                fs::read_to_string(path).ok()
            })
            .next()
            .unwrap_or_else(|| panic!("{name} has no known failures"));
        let baseline = Baseline::parse(name, &baseline).expect("a baseline");
        let is_known = baseline
            .entries
            .iter()
            .any(|entry| entry.glob.matches(loss.case));
        assert!(
            is_known,
            "{rule}: {name} has no known failure {}",
            loss.case
        );
        n += 1;
    }
    assert!(n > 50, "only {n} losses: src/lint/losses.txt is not whole");
    for rule in rule::all().filter(|rule| rule.id.starts_with("risk.")) {
        // No run of ours has an event that long.
        let has_losses = loss::of(rule.id).next().is_some();
        assert_eq!(
            has_losses,
            rule.id != "risk.event-over-16-mib",
            "{}",
            rule.id
        );
    }
}
