//! `ssespec lint` against real servers on loopback: what it asks, shows, records, compares and masks.

mod loopback;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use loopback::{Client, Run, STREAM, Server, command, lint, pause};
use serde_json::Value;
use tempfile::TempDir;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n";

/// Thirty events, one every 50 ms.
fn evenly(client: &mut Client) {
    client.send(STREAM);
    for n in 0..30 {
        client.send(format!("data: token {n:04}\n\n"));
        pause(50);
    }
}

/// Thirty events in three bursts of the application's own making.
fn in_bursts(client: &mut Client) {
    client.send(STREAM);
    for pause_before in [600, 900, 700] {
        pause(pause_before);
        client.send("data: token 0000\n\n".repeat(10));
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn path_in(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

#[test]
fn one_request_as_a_conforming_client_sends_it() {
    let server = Server::start(|_, client| evenly(client));
    lint(&[&server.url()]).check(
        0,
        &[
            "message        10 bytes  \"token 0000\"",
            "30 events, all valid; they came evenly",
            "the server ended it at",
        ],
    );
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    let request = request.to_lowercase();
    for line in [
        "get /events http/1.1",
        "accept: text/event-stream",
        "cache-control: no-cache",
        "accept-encoding: gzip, deflate, br",
        "host: 127.0.0.1:",
    ] {
        assert!(request.contains(line), "`{line}` is not in {request}");
    }
    assert!(!request.contains("last-event-id"), "{request}");
}

#[test]
fn the_options_of_a_copied_curl_command() {
    let server = Server::with(format!("{STREAM}data: {{}}\n\ndata: [DONE]\n\n"));
    let file = folder();
    fs::write(file.path().join("body"), "a\r\nb\n").expect("it can be written");
    let body = format!("@{}", path_in(&file, "body"));
    let run = lint(&[
        "-sSN",
        "-i",
        "-X",
        "PUT",
        "-H",
        "X-A: 1",
        "-H",
        "x-a: 2",
        "-H",
        "Accept:",
        "-H",
        "Empty;",
        "-d",
        "c=1",
        "-d",
        &body,
        "--compressed",
        "-b",
        "n=v",
        "-u",
        "me:pw",
        "--http1.1",
        "--max-time",
        "20",
        "-A",
        "me",
        "--resolve",
        &format!("name.test:{}:127.0.0.1", server.address.port()),
        &format!("http://name.test:{}/events", server.address.port()),
    ]);
    // A finite POST stream is not faulted for ending, and its habit is noted.
    run.check(
        0,
        &[
            "2 events, all valid",
            "stream.done-marker: line 3 \"data: [DONE]\"",
        ],
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("a head");
    assert_eq!(body, "c=1&ab");
    let head = format!("{}\r\n", head.to_lowercase());
    for line in [
        "put /events http/1.1\r\n",
        "x-a: 1\r\n",
        "x-a: 2\r\n",
        "empty: \r\n",
        "cookie: n=v\r\n",
        "authorization: basic bwu6chc=\r\n",
        "user-agent: me\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "host: name.test:",
    ] {
        assert!(head.contains(line), "`{line}` is not in {head}");
    }
    assert!(!head.contains("accept:"), "{head}");
}

#[test]
fn json_is_posted_once() {
    let server = Server::with(format!("{STREAM}data: a\n\n"));
    lint(&["--json", "{\"stream\":true}", &server.url()]).check(0, &[]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("POST ") && requests[0].ends_with("{\"stream\":true}"));
    assert!(
        requests[0]
            .to_lowercase()
            .contains("content-type: application/json")
    );
}

#[test]
fn what_we_stop_ourselves_is_no_finding() {
    let endless = || {
        Server::start(|_, client| {
            client.send(STREAM);
            for n in 0..400 {
                client.send(format!("data: {n}\n\ndata: half of the n"));
                pause(50);
                client.send("ext\n\n");
            }
        })
    };
    lint(&["--events", "3", &endless().url()])
        .check(0, &["3 events, all valid", "(enough events)"])
        .lacks(&["lost", "broken"]);
    lint(&["--for", "0.5", "--fail-on", "warn", &endless().url()]).check(0, &["(time is over)"]);
    for (signal, name) in [("-INT", "(Ctrl-C)"), ("-TERM", "(SIGTERM)")] {
        ended(signal, &[&endless().url()])
            .check(0, &["all valid", "we stopped at", name])
            .lacks(&["lost", "broken"]);
    }
}

#[test]
fn an_answer_that_we_did_not_wait_for_was_not_refused() {
    let server = Server::with(format!("{STREAM}retry: 9000\nid: 1\ndata: a\n\n"));
    ended("-INT", &["--reconnect", &server.url()])
        .check(0, &["1 event, valid"])
        .lacks(&["reconnect."]);
    assert_eq!(server.requests().len(), 1);
}

/// Runs lint until an event is shown, and a little longer; then sends it this signal.
fn ended(signal: &str, arguments: &[&str]) -> Run {
    let mut child = command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut shown = child.stdout.take().expect("a pipe");
    shown.read_exact(&mut [0]).expect("what is shown");
    pause(300);
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill").success());
    child.stdout = Some(shown);
    Run::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn the_last_twenty_lines_stand_alone_within_eighty_columns() {
    let server = Server::start(|_, client| {
        client.send(CHUNKED.replace("no-store", "public, max-age=60") + "\r\n");
        for n in 0..60 {
            client.chunk(format!("id: {n}\r\nData: x\rretry: soon\ndata:{n}\ndata: \u{2028}\u{1b}[2J\n\n: c\n\nerror\n \n"));
            pause(10);
        }
        client.chunk("data: lost");
        client.chunk("");
    });
    let run = lint(&["--quiet", &server.url()]);
    run.check(
        1,
        &[
            "arrival",
            " more: --json-lines or --report",
            "next     ssespec lint --explain",
        ],
    );
    assert!(run.out.lines().count() <= 20, "{}", run.out);
    for line in run.out.lines().filter(|line| !line.starts_with("next")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    run.lacks(&["\u{1b}", "\u{2028}"]);
}

#[test]
fn json_lines_are_json_and_hold_everything() {
    let server = Server::start(|_, client| evenly(client));
    let run = lint(&["--json-lines", &server.url()]);
    run.check(0, &[]);
    let lines: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let n_events = lines
        .iter()
        .filter(|line| line.get("event").is_some())
        .count();
    let n_findings = lines
        .iter()
        .filter(|line| line.get("finding").is_some())
        .count();
    assert_eq!((n_events, n_findings + n_events + 1), (30, lines.len()));
    let summary = &lines.last().expect("a line")["summary"];
    assert_eq!(summary["answer"]["arrival"]["pattern"]["kind"], "even");
    assert_eq!(summary["answer"]["events"], 30);
}

#[test]
fn severities_decide_the_exit_code() {
    let server = Server::with(format!("{STREAM}data:a\n\n"));
    for (fail_on, code) in [("fail", 0), ("warn", 0), ("risk", 1), ("info", 1)] {
        lint(&["--fail-on", fail_on, &server.url()]).check(code, &["risk.no-space"]);
    }
}

#[test]
fn compression_is_decoded_flush_by_flush_and_seen_when_it_holds() {
    let gzip = |flushes: bool| {
        Server::start(move |_, client| {
            if !client
                .request
                .to_lowercase()
                .contains("accept-encoding: gzip")
            {
                return evenly(client);
            }
            client.send(format!("{CHUNKED}Content-Encoding: gzip\r\n\r\n"));
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            for n in 0..30 {
                encoder
                    .write_all(format!("data: token {n:04}\n\n").as_bytes())
                    .expect("memory");
                if flushes {
                    encoder.flush().expect("memory");
                }
                let encoded = std::mem::take(encoder.get_mut());
                if !encoded.is_empty() {
                    client.chunk(encoded);
                }
                pause(50);
            }
            client.chunk(encoder.finish().expect("memory"));
            client.chunk("");
        })
    };
    lint(&[&gzip(true).url()]).check(0, &["they came evenly", "got gzip", "http.compressed"]);
    let held = gzip(false);
    lint(&[&held.url()]).check(
        0,
        &[
            "all came at once after",
            "delivery.all-at-end",
            &format!("--against {}", held.url()),
        ],
    );
    lint(&[&held.url(), "--against", &held.url()]).check(
        0,
        &[
            "held back by the compression",
            "delivery.compression-holds",
            "30 events evenly",
        ],
    );
}

#[test]
fn a_recording_is_read_back_by_lint_and_parse() {
    let folder = folder();
    let recording = path_in(&folder, "stream.jsonl");
    let server = Server::start(|_, client| in_bursts(client));
    let findings = |run: &Run| {
        let lines = run
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines
            .filter(|line| line.get("finding").is_some())
            .map(|line| line["finding"]["cause"].clone())
            .collect::<Vec<_>>()
    };
    let live = lint(&["--json-lines", "--record", &recording, &server.url()]);
    let read_back = lint(&["--json-lines", &recording]);
    assert!(findings(&live).len() >= 2, "{}", live.out);
    // The times were kept to the microsecond, which is more than is shown.
    assert_eq!(findings(&live), findings(&read_back));
    for name in [recording.as_str(), "-"] {
        let mut parse = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        parse
            .args(["parse", "--json", name])
            .stdin(fs::File::open(&recording).expect("it is there"));
        let parsed = parse.output().expect("the binary starts");
        let parsed = String::from_utf8(parsed.stdout).expect("UTF-8");
        assert_eq!(parsed.lines().count(), 30, "{parsed}");
    }
    // A recording whose end was lost is read as far as it goes.
    let whole = fs::read_to_string(&recording).expect("it is there");
    let n_lines = whole.lines().count();
    let cut: String = whole
        .lines()
        .take(n_lines - 1)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&recording, cut).expect("it can be written");
    lint(&[&recording]).check(0, &["30 events", "(end of recording)"]);
    fs::write(
        &recording,
        format!(
            "{}{{\"at\":1,\"byte\":0}}\n",
            whole
                .lines()
                .next()
                .map_or(String::new(), |line| format!("{line}\n"))
        ),
    )
    .expect("it can be written");
    let bad = lint(&[&recording]);
    assert_eq!(bad.code, Some(2));
    assert!(
        bad.error
            .contains("line 2 of the recording: unknown field `byte`"),
        "{}",
        bad.error
    );
}

#[test]
fn what_curl_printed_is_linted() {
    let Ok(curl) = Command::new("curl").arg("--version").output() else {
        return println!("skipped: curl is not installed");
    };
    assert!(curl.status.success());
    let server =
        Server::with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ndata: a\n\ndata: b");
    let pipe = "curl -siN \"$1\" | \"$2\" lint -";
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        pipe,
        "sh",
        &server.url(),
        env!("CARGO_BIN_EXE_ssespec"),
    ]);
    Run::of(shell.output().expect("a shell")).check(
        1,
        &[
            "http.content-type-wrong: Content-Type: text/plain",
            "stream.event-lost-at-end: line 3 \"data: b\"",
            "HTTP/1.1 200",
        ],
    );
    let folder = folder();
    fs::write(
        folder.path().join("raw"),
        "HTTP/2 200\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\n",
    )
    .expect("it can be written");
    lint(&[&path_in(&folder, "raw")])
        .check(0, &["1 event, valid", "HTTP/2 200"])
        .lacks(&[" ms"]);
}

#[test]
fn a_reconnect_carries_the_last_event_id() {
    let resuming = |resumes: bool| {
        Server::start(move |number, client| {
            let from = if number == 1 && resumes { 3 } else { 1 };
            client.send(STREAM);
            client.send(format!(
                "retry: 50\nid: {from}\ndata: a\n\nid: {}\ndata: b\n\n",
                from + 1
            ));
        })
    };
    let server = resuming(true);
    lint(&["--reconnect", &server.url()])
        .check(0, &["2 events, all valid"])
        .lacks(&["reconnect."]);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[1].to_lowercase().contains("last-event-id: 2\r\n"),
        "{}",
        requests[1]
    );
    lint(&["--reconnect", &resuming(false).url()]).check(
        0,
        &["reconnect.no-resume: Last-Event-ID: 2, and then the event with id 1 again"],
    );
    let without = Server::with(format!("{STREAM}retry: 50\ndata: a\n\n"));
    lint(&["--reconnect", &without.url()]).check(0, &["reconnect.no-ids"]);
}

#[test]
fn an_application_that_bursts_by_itself_is_never_blamed_on_a_proxy() {
    let server = Server::start(|_, client| in_bursts(client));
    let cannot_tell = "cannot tell the producer from a proxy from here; try --against";
    lint(&[&server.url()])
        .check(
            0,
            &["they came in 3 bursts", cannot_tell, "--against ORIGIN-URL"],
        )
        .lacks(&["held back"]);
    let other = Server::start(|_, client| in_bursts(client));
    lint(&[&server.url(), "--against", &other.url()])
        .check(
            0,
            &[
                "they came in 3 bursts",
                "from the origin too",
                "delivery.producer-bursts",
            ],
        )
        .lacks(&["held back", "delivery.held-back"]);
    assert_eq!((server.requests().len(), other.requests().len()), (2, 1));
    // The second address has its own faults.
    let bad = Server::with("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    lint(&[&server.url(), "--against", &bad.url()]).check(0, &["against.unusable: status 502"]);
}

/// nginx in front of an origin, stopped when it is dropped.
struct Nginx {
    child: std::process::Child,
    url: String,
    folder: TempDir,
}

impl Nginx {
    fn start(origin: &Server, settings: &str) -> Option<Self> {
        let nginx = ["nginx", "/usr/sbin/nginx"]
            .into_iter()
            .find(|name| Command::new(name).arg("-v").output().is_ok())?;
        let folder = folder();
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("an address").port()
        };
        let (root, origin) = (folder.path().display(), origin.address);
        let text = format!(
            "daemon off; master_process off; pid {root}/pid; error_log {root}/error;\nevents {{}}\nhttp {{ access_log off;\n\
             client_body_temp_path {root}/a; proxy_temp_path {root}/b; fastcgi_temp_path {root}/c; uwsgi_temp_path {root}/d; scgi_temp_path {root}/e;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{origin}; {settings} }} }} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, text).expect("it can be written");
        let mut command = Command::new(nginx);
        command
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null());
        let nginx = Self {
            child: command.spawn().expect("nginx starts"),
            url: format!("http://127.0.0.1:{port}/events"),
            folder,
        };
        let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        for _ in 0..200 {
            if listens() {
                return Some(nginx);
            }
            pause(20);
        }
        let errors = fs::read_to_string(nginx.folder.path().join("error"));
        panic!("nginx does not listen: {}", errors.unwrap_or_default());
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn nginx_with_buffering_is_blamed_and_without_is_not() {
    let origin = Server::start(|_, client| evenly(client));
    let Some(nginx) = Nginx::start(&origin, "proxy_buffering on;") else {
        return println!("skipped: nginx is not installed");
    };
    lint(&[&nginx.url])
        .check(0, &["http.proxy-seen: server: nginx"])
        .lacks(&["held back"]);
    lint(&[&nginx.url, "--against", &origin.url()]).check(
        0,
        &[
            "held back on the way",
            "delivery.held-back: here 30 events",
            "proxy_buffering off",
            "here     ",
            "there    ",
        ],
    );
    let through = Nginx::start(&origin, "proxy_buffering off;").expect("nginx is there");
    lint(&[&through.url, "--against", &origin.url()])
        .check(0, &["they came evenly"])
        .lacks(&["held back", "delivery."]);
    // The application bursts, and nginx stands in front of it without a part in it.
    let bursting = Server::start(|_, client| in_bursts(client));
    let through = Nginx::start(&bursting, "proxy_buffering off;").expect("nginx is there");
    lint(&[&through.url, "--against", &bursting.url()])
        .check(0, &["in 3 bursts", "from the origin too"])
        .lacks(&["held back"]);
    lint(&[&through.url])
        .check(0, &["in 3 bursts", "cannot tell"])
        .lacks(&["held back"]);
}

#[test]
fn nginx_with_small_buffers_shows_bursts_that_are_equal_in_bytes() {
    let origin = Server::start(|_, client| {
        client.send(STREAM);
        for n in 0..120 {
            client.send(format!("data: token {n:04} {}\n\n", "x".repeat(200)));
            pause(20);
        }
    });
    let settings =
        "proxy_buffering on; proxy_buffer_size 4k; proxy_buffers 8 4k; proxy_busy_buffers_size 8k;";
    let Some(nginx) = Nginx::start(&origin, settings) else {
        return println!("skipped: nginx is not installed");
    };
    lint(&[&nginx.url, "--against", &origin.url()]).check(0, &["held back on the way"]);
}

#[test]
fn tls_is_checked_and_http_2_is_spoken() {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = folder();
    let authority = path_in(&folder, "ca.pem");
    fs::write(&authority, certified.cert.pem()).expect("it can be written");
    let port = http2_server(&certified);
    let url = format!("https://localhost:{port}/events");
    lint(&["--cacert", &authority, &url])
        .check(0, &["3 events, all valid", "HTTP/2 200"])
        .lacks(&["http.version"]);
    lint(&["-k", "--http1.1", &url]).check(0, &["3 events, all valid", "HTTP/1.1 200"]);
    let refused = lint(&[
        "--cacert",
        &path_in(&folder, "ca.pem"),
        &format!("https://127.0.0.1:{port}/"),
    ]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.error.contains("its certificate is not trusted"),
        "{}",
        refused.error
    );
}

/// A server on TLS that speaks what the client chooses, HTTP/2 or HTTP/1.1.
fn http2_server(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    use http_body_util::Full;
    use hyper::body::Bytes;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("a socket");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            loop {
                let (socket, _) = listener.accept().await.expect("a connection");
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(socket).await else {
                        return;
                    };
                    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    let service = hyper::service::service_fn(async |_| {
                        hyper::Response::builder()
                            .header("content-type", "text/event-stream")
                            .body(Full::new(Bytes::from("data: a\n\n".repeat(3))))
                    });
                    let io = TokioIo::new(stream);
                    if is_http2 {
                        _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                            .serve_connection(io, service)
                            .await;
                    } else {
                        _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(io, service)
                            .await;
                    }
                });
            }
        });
    });
    port
}

/// Every place where a credential may be given, and every place where it must not come out.
#[test]
fn no_output_holds_a_credential() {
    const MARK: &str = "hunter2MARKER";
    let folder = folder();
    // The server repeats what it was sent, in headers, data, ids, types, comments, unknown fields and an error.
    let server = Server::start(|number, client| {
        let secrets = client.request.replace(['\r', '\n'], " ");
        if number % 2 == 0 {
            client.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: s={MARK}\r\nServer: {secrets}\r\n\r\nid: {secrets}\ndata: {secrets}\nevent: {secrets}\n\n: {secrets}\n\n{secrets}: 1\nretry: {secrets}\ndata: \u{85}{secrets}"
            ));
        } else {
            client.send(format!("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nWWW-Authenticate: Bearer\r\n\r\n{{\"error\": \"{secrets}\"}}"));
        }
    });
    let address = server.address;
    let in_url = format!(
        "http://me:{MARK}@{address}/events?api_key={MARK}&page_token={MARK}&client_secret={MARK}&x=1"
    );
    let plain = server.url();
    let ways: [Vec<&str>; 6] = [
        vec!["-H", "Authorization: Bearer hunter2MARKER", &plain],
        vec![
            "-H",
            "X-Api-Key: hunter2MARKER",
            "-H",
            "X-Session-Token: hunter2MARKER",
            &plain,
        ],
        vec!["-b", "session=hunter2MARKER", &plain],
        vec!["-u", "me:hunter2MARKER", &plain],
        vec!["-d", "prompt with hunter2MARKER in it", &plain],
        vec![&in_url],
    ];
    for way in &ways {
        for extra in [
            &["--quiet"][..],
            &["--json-lines"],
            &[],
            &["--against", &plain],
        ] {
            let outputs = ["record", "html", "json", "markdown"].map(|name| path_in(&folder, name));
            let [record, html, json, markdown] = &outputs;
            let reports = [
                format!("html={html}"),
                format!("json={json}"),
                format!("markdown={markdown}"),
            ];
            // Twice: a stream, and a refusal.
            for _ in 0..2 {
                let mut arguments = way.clone();
                arguments.extend([
                    "--record",
                    record,
                    "--report",
                    &reports[0],
                    "--report",
                    &reports[1],
                    "--report",
                    &reports[2],
                ]);
                arguments.extend(extra);
                let run = lint(&arguments);
                assert!(matches!(run.code, Some(0 | 1)), "{}", run.error);
                let mut texts = vec![run.out, run.error];
                texts.extend(
                    outputs
                        .iter()
                        .map(|path| fs::read_to_string(path).expect(path)),
                );
                texts.push(recorded(Path::new(record)));
                for text in texts {
                    assert!(!text.contains(MARK), "{arguments:?}:\n{text}");
                    // What Basic authentication makes of it.
                    assert!(
                        !text.contains("aHVudGVyMk1BUktFUg")
                            && !text.contains("bWU6aHVudGVyMk1BUktFUg"),
                        "{arguments:?}:\n{text}"
                    );
                }
            }
        }
    }
    let sent = server.requests().join("\n");
    assert!(
        sent.contains(MARK) && sent.contains("bWU6aHVudGVyMk1BUktFUg"),
        "it was never sent:\n{sent}"
    );
    // A fault names no credential either.
    let refused = lint(&[&format!("http://me:{MARK}@a..b/?token={MARK}")]);
    assert!(
        refused.code == Some(2) && !refused.error.contains(MARK),
        "{}",
        refused.error
    );
}

/// The stream's bytes in a recording.
fn recorded(path: &Path) -> String {
    let mut parse = Command::new(env!("CARGO_BIN_EXE_ssespec"));
    let output = parse
        .args(["parse", "--explain"])
        .arg(path)
        .output()
        .expect("the binary starts");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn reports_show_the_arrival_first() {
    let folder = folder();
    let server = Server::start(|_, client| in_bursts(client));
    let other = Server::start(|_, client| evenly(client));
    let file = |name: &str| PathBuf::from(path_in(&folder, name));
    let reports =
        ["html", "json", "markdown"].map(|format| format!("{format}={}", file(format).display()));
    let mut arguments = vec![
        server.url(),
        "--against".to_owned(),
        other.url(),
        "--quiet".to_owned(),
    ];
    arguments.extend(
        reports
            .into_iter()
            .flat_map(|report| ["--report".to_owned(), report]),
    );
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    lint(&arguments).check(0, &["held back on the way"]);
    let read = |name: &str| fs::read_to_string(file(name)).expect(name);
    let html = read("html");
    let at = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("`{text}` is not in the HTML"))
    };
    assert!(at("<svg") < at("Findings") && at("held back on the way") < at("<svg"));
    assert!(html.contains("default-src 'none'") && !html.contains("<script"));
    let json: Value = serde_json::from_str(&read("json")).expect("JSON");
    assert_eq!(json["findings"][0]["rule"], "delivery.held-back");
    assert_eq!(
        json["against"]["answer"]["arrival"]["pattern"]["kind"],
        "even"
    );
    let markdown = read("markdown");
    assert!(
        markdown.find("█").expect("a strip") < markdown.find("### Findings").expect("findings")
    );
}
