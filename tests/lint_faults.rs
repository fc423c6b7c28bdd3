//! What goes wrong before, beside and within a stream: one clear sentence each, and what was seen so far.

mod loopback;

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use loopback::{Run, STREAM, Server, command, lint, pause};

/// No HTTP answer: exit code 2, nothing shown, one sentence.
#[track_caller]
fn check_no_answer(arguments: &[&str], sentence: &str) {
    let run = lint(arguments);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.error);
    let is_one = run.error.starts_with("error: ") && run.error.lines().count() == 1;
    assert!(is_one && run.error.contains(sentence), "{}", run.error);
}

#[test]
fn a_name_without_an_address() {
    // An empty label: no resolver is asked.
    check_no_answer(&["http://a..b/"], "DNS has no address for a..b");
}

#[test]
fn a_port_where_nothing_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let url = format!("http://127.0.0.1:{port}/");
    let sentence = format!("127.0.0.1:{port} refused the connection: nothing listens there");
    check_no_answer(&[&url], &sentence);
}

#[test]
fn tls_with_what_does_not_speak_it() {
    let server = Server::with("HTTP/1.1 400 Bad Request\r\n\r\n");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            _ = socket
                .expect("a connection")
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let ca = any_certificate();
    let arguments = [
        format!("https://{address}/"),
        "--cacert".to_owned(),
        ca.path().display().to_string(),
    ];
    check_no_answer(
        &arguments.each_ref().map(String::as_str),
        "does not speak TLS",
    );
    drop(server);
}

/// A file with a certificate that signs nothing here.
fn any_certificate() -> tempfile::NamedTempFile {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(certified.cert.pem().as_bytes())
        .expect("it can be written to");
    file
}

#[test]
fn an_answer_that_is_not_http() {
    let server = Server::with("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    check_no_answer(&[&server.url()], "is not HTTP");
}

#[test]
fn a_connection_that_closes_at_once() {
    let server = Server::with("");
    check_no_answer(
        &[&server.url()],
        "closed the connection before its answer was whole",
    );
}

#[test]
fn redirects_that_never_end() {
    let server =
        Server::with("HTTP/1.1 302 Found\r\nLocation: /events\r\nContent-Length: 0\r\n\r\n");
    check_no_answer(
        &["-L", &server.url()],
        "redirects never end: after 20 of them comes another",
    );
    assert_eq!(server.requests().len(), 21);
}

#[test]
fn a_redirect_is_one_request_unless_asked_otherwise() {
    let server = Server::start(|number, client| match number {
        0 | 1 => client.send(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: ../else?x=1\r\nContent-Length: 0\r\n\r\n",
        ),
        _ => client.send(format!("{STREAM}data: a\n\n")),
    });
    lint(&[&server.url()]).check(1, &["no event stream: status 307"]);
    assert_eq!(server.requests().len(), 1);
    lint(&["-L", &server.url()]).check(0, &["1 event, valid"]);
    assert!(server.requests()[2].starts_with("GET /else?x=1 HTTP/1.1\r\n"));
}

#[test]
fn headers_that_never_end() {
    let server = Server::start(|_, client| {
        client.send("HTTP/1.1 200 OK\r\n");
        for n in 0..100_000 {
            client.send(format!("X-{n}: {}\r\n", "y".repeat(100)));
        }
    });
    check_no_answer(&[&server.url()], "the head of the answer of 127.0.0.1");
    let server = Server::start(|_, client| {
        client.send("HTTP/1.1 200 OK\r\n");
        loop {
            client.send("X: y\r\n");
            pause(100);
        }
    });
    let start = Instant::now();
    check_no_answer(&["--for", "1", &server.url()], "gave no answer within 1 s");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_line_that_never_ends_takes_bounded_memory() {
    const SIZE: usize = 200 << 20;
    let server = Server::start(|_, client| {
        client.send(format!("{STREAM}data: a\n\ndata: "));
        let part = vec![b'x'; 1 << 20];
        for _ in 0..SIZE >> 20 {
            client.send(&part);
        }
        client.send("\n\ndata: b\n\n");
    });
    // Beyond this the process cannot allocate, and dies.
    let limited = "ulimit -v 400000; exec \"$@\"";
    let binary = env!("CARGO_BIN_EXE_ssespec");
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        limited,
        "sh",
        binary,
        "lint",
        "--quiet",
        &server.url(),
    ]);
    let run = Run::of(shell.output().expect("a shell"));
    run.check(
        0,
        &[
            "2 events, all valid",
            "risk.line-over-1-mib: line 3",
            "risk.event-over-16-mib",
        ],
    );
}

#[test]
fn a_server_that_trickles_bytes_is_followed_to_the_end_of_our_time() {
    let server = Server::start(|_, client| {
        client.send(STREAM);
        for byte in b"data: a\n\n".iter().cycle() {
            client.send([*byte]);
            pause(5);
        }
    });
    let run = lint(&["--for", "2", &server.url()]);
    run.check(
        0,
        &[
            "all valid; they came evenly",
            "we stopped at 2.0 s (time is over)",
        ],
    )
    .lacks(&["stream.event-lost-at-end"]);
}

#[test]
fn a_page_instead_of_a_stream() {
    let page = "<!DOCTYPE html>\n<title>Log in\u{1b}[2J</title>\n";
    let server = Server::with(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    ));
    lint(&[&server.url()])
        .check(
            1,
            &[
                "no event stream: status 200 with an HTML page",
                "| <title>Log in\\x1b[2J</title>",
                "http.content-type-wrong",
            ],
        )
        .lacks(&["stream.stray-line", "\u{1b}[2J"]);
}

#[test]
fn a_stream_that_is_called_a_page_is_looked_at_all_the_same() {
    let server =
        Server::with("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\ndata: a\n\nData: b\n\n");
    lint(&[&server.url()]).check(
        1,
        &[
            "http.content-type-wrong",
            "stream.near-miss-field: line 3 \"Data: b\"",
        ],
    );
}

#[test]
fn a_refusal_with_json_shows_its_first_lines_escaped() {
    let server = Server::start(|_, client| {
        client.send("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n{\n \"error\": \"bad \u{202e}key\u{7}\"\n}\n");
        client.hold();
    });
    let start = Instant::now();
    lint(&[&server.url()])
        .check(
            1,
            &[
                "no event stream: status 401 with application/json",
                "| {\n|  \"error\": \"bad",
                "http.status: status 401",
            ],
        )
        .lacks(&["\u{202e}", "\u{7}"]);
    // Whatever else is to come is not waited for.
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn no_content() {
    let server = Server::with("HTTP/1.1 204 No Content\r\n\r\n");
    lint(&[&server.url()]).check(1, &["no event stream: status 204 with no body"]);
}

#[test]
fn a_server_that_dies_in_mid_stream_is_reported_with_what_was_seen() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n9\r\ndata";
    lint(&[&Server::with(cut).url()]).check(
        1,
        &[
            "1 event, and one thing is wrong: http.body-broken",
            "the connection closed before the body was whole",
        ],
    );
    let short = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 20\r\n\r\ndata: a\n\n";
    lint(&[&Server::with(short).url()]).check(
        1,
        &[
            "http.body-broken",
            "the connection closed before the body was whole",
        ],
    );
    let bad = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\nxyz\r\n";
    lint(&[&Server::with(bad).url()]).check(1, &["1 event", "http.body-broken"]);
    let garbled = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\ndata: a\n\n";
    lint(&[&Server::with(garbled).url()]).check(
        1,
        &[
            "http.body-broken",
            "this is not the gzip encoding that the head announces",
        ],
    );
    let unknown = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: compress\r\n\r\n\u{1f}";
    lint(&[&Server::with(unknown).url()])
        .check(1, &["http.unknown-encoding: Content-Encoding: compress"]);
}

#[test]
fn options_that_are_no_good_are_one_sentence() {
    for (arguments, sentence) in [
        (&["no/such/file"][..], "no/such/file: "),
        (&["ftp://a/"], "the scheme `ftp` is neither http nor https"),
        (
            &["http://a/", "--for", "0"],
            "--for 0: write a number of seconds",
        ),
        (
            &["http://a/", "-b", "jar.txt"],
            "-b jar.txt: files of cookies are not read",
        ),
        (
            &["http://a/", "-H", "nonsense"],
            "a header is written `Name: value`",
        ),
        (
            &["http://a/", "--resolve", "a:b"],
            "--resolve a:b: write HOST:PORT:ADDRESS",
        ),
        (&["http://a/", "--report", "pdf=x"], "unknown format `pdf`"),
        (
            &["http://a/", "--report", "html=no/such/folder/x"],
            "no/such/folder/x",
        ),
        (
            &["--explain", "risk.no-spase"],
            "did you mean `risk.no-space`?",
        ),
        (
            &["Cargo.toml", "--against", "http://a/"],
            "--reconnect and --against need a URL",
        ),
    ] {
        check_no_answer(arguments, sentence);
    }
}

#[test]
fn whoever_reads_our_output_may_go() {
    let server = Server::start(|_, client| {
        client.send(STREAM);
        for n in 0.. {
            client.send(format!("data: {n}\n\n"));
            pause(5);
            if n > 2_000 {
                return;
            }
        }
    });
    let mut child = command(&[&server.url()]);
    let mut child = child
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    pause(300);
    drop(child.stdout.take());
    let start = Instant::now();
    let status = child.wait().expect("it ends");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "it did not notice"
    );
    assert_eq!(status.code(), Some(0));
}
