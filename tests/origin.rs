//! The scripted server, seen by a client that reads the bare socket: every ending, exact chunks, nothing mixed up.
#![cfg(feature = "cli")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ssespec::origin::{Fact, Origin, Playing};
use ssespec::script::{Ending, Framing, Gate, Location, Response, Script, Step, Transport};
use tokio::runtime::Runtime;

/// Long enough for a busy machine; nothing here waits that long when all is well.
const DEADLINE: Duration = Duration::from_secs(20);

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn script(responses: Vec<Response>) -> Script {
    Script {
        responses,
        afterwards: Response::status(204),
        refusals: Vec::new(),
        transport: Transport::Plain,
    }
}

fn start(runtime: &Runtime) -> Origin {
    runtime.block_on(Origin::start()).expect("a loopback port")
}

/// Sends a request for the script's path.
fn ask(origin: &Origin, playing: &Playing, below: &str, headers: &str) -> TcpStream {
    let path = playing.url.splitn(4, '/').nth(3).expect("a path");
    ask_for(origin.address(), &format!("/{path}{below}"), headers)
}

fn ask_for(address: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the origin listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n"
    )
    .expect("the origin reads");
    stream
}

/// Reads to the end. Tells whether the connection was closed or reset.
fn read_all(mut stream: TcpStream) -> (String, bool) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (String::from_utf8_lossy(&bytes).into_owned(), false),
            Ok(n) => bytes.extend(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return (String::from_utf8_lossy(&bytes).into_owned(), true);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").expect("a head").1
}

#[test]
fn each_ending_is_what_it_says() {
    let runtime = runtime();
    let origin = start(&runtime);
    for (framing, then, expected, is_reset) in [
        (
            Framing::Chunked,
            Ending::Close,
            "5\r\n:a\n\nb\r\n0\r\n\r\n",
            false,
        ),
        (
            Framing::Chunked,
            Ending::Truncate,
            "5\r\n:a\n\nb\r\n",
            false,
        ),
        (Framing::Chunked, Ending::Reset, "5\r\n:a\n\nb\r\n", true),
        (Framing::Length, Ending::Close, ":a\n\nb", false),
        (Framing::Length, Ending::Truncate, ":a\n\nb", false),
        (Framing::Length, Ending::Reset, ":a\n\nb", true),
        (Framing::UntilClose, Ending::Close, ":a\n\nb", false),
        (Framing::Http10, Ending::Close, ":a\n\nb", false),
    ] {
        let mut response = Response::stream([b":a\n\nb".to_vec()], then);
        response.framing = framing;
        let playing = origin.play(script(vec![response]));
        let (answer, was_reset) = read_all(ask(&origin, &playing, "", ""));
        assert_eq!(
            (body(&answer), was_reset),
            (expected, is_reset),
            "{framing:?} {then:?}"
        );
        let length = answer
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let promised = match (framing, then) {
            (Framing::Length, Ending::Truncate | Ending::Reset) => Some("105"),
            (Framing::Length, _) => Some("5"),
            _ => None,
        };
        assert_eq!(length, promised, "{framing:?} {then:?}");
        let version = if framing == Framing::Http10 {
            "HTTP/1.0 "
        } else {
            "HTTP/1.1 "
        };
        assert!(answer.starts_with(version), "{answer}");
    }
}

#[test]
fn a_connection_may_end_before_the_head() {
    let runtime = runtime();
    let origin = start(&runtime);
    for (then, is_reset) in [(Ending::Close, false), (Ending::Reset, true)] {
        let response = Response {
            status: None,
            ..Response::stream([], then)
        };
        let playing = origin.play(script(vec![response]));
        assert_eq!(
            read_all(ask(&origin, &playing, "", "")),
            (String::new(), is_reset)
        );
    }
}

#[test]
fn requests_take_the_answers_in_order_and_are_recorded() {
    let runtime = runtime();
    let origin = start(&runtime);
    let mut moved = Response::status(307);
    moved.location = Some(Location::Below("next".to_owned()));
    let mut playing = origin.play(script(vec![moved, Response::stream([], Ending::Close)]));

    let (answer, _) = read_all(ask(&origin, &playing, "", "X-A: \u{2713}\r\n"));
    let location = format!("\r\nlocation: {}next\r\n", playing.url);
    assert!(
        answer.starts_with("HTTP/1.1 307 ") && answer.contains(&location),
        "{answer}"
    );
    assert!(
        read_all(ask(&origin, &playing, "next", ""))
            .0
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(
        read_all(ask(&origin, &playing, "", ""))
            .0
            .starts_with("HTTP/1.1 204 "),
        "what comes after the script"
    );

    let mut asked = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "no future is blocked on here")]
    while let Ok(told) = playing.facts.try_recv() {
        if let Fact::Asked(request) = told.fact {
            asked.push((
                told.request,
                request.target.clone(),
                request
                    .values("x-a")
                    .map(<[u8]>::to_vec)
                    .collect::<Vec<_>>(),
            ));
        }
    }
    assert_eq!(
        asked,
        [
            (0, String::new(), vec!["\u{2713}".as_bytes().to_vec()]),
            (1, "next".to_owned(), vec![]),
            (2, String::new(), vec![]),
        ]
    );
}

#[test]
fn a_gate_holds_the_answer_until_it_is_opened_and_leaving_is_noticed() {
    let runtime = runtime();
    let origin = start(&runtime);
    let mut response = Response::stream([], Ending::Hold);
    response.framing = Framing::UntilClose;
    response.steps = vec![
        Step::Write(b"a".to_vec()),
        Step::Gate(Gate::Events(1)),
        Step::Write(b"b".to_vec()),
    ];
    let mut playing = origin.play(script(vec![response]));
    let mut client = ask(&origin, &playing, "", "");
    let mut seen = Vec::new();
    // The answer cannot go beyond the gate, so `a` is all there is to read for now.
    while !seen.ends_with(b"\r\n\r\na") {
        let mut byte = [0];
        client.read_exact(&mut byte).expect("the first chunk");
        seen.extend(byte);
    }
    let mut next = || {
        runtime
            .block_on(async { tokio::time::timeout(DEADLINE, playing.facts.recv()).await })
            .expect("in time")
            .expect("a fact")
            .fact
    };
    let go = loop {
        match next() {
            Fact::Gate(Gate::Events(1), go) => break go,
            Fact::Chunk(bytes) => assert_eq!(bytes, b"a"),
            Fact::Asked(_) | Fact::Head(200, _) | Fact::BoundaryUnknown => (),
            fact => panic!("{fact:?}"),
        }
    };
    go.send(()).expect("the answer waits");
    let mut byte = [0];
    client.read_exact(&mut byte).expect("the second chunk");
    assert_eq!(&byte, b"b");
    drop(client);
    loop {
        match next() {
            Fact::Left => break,
            Fact::Chunk(_) | Fact::BoundaryUnknown | Fact::Over(Ending::Hold) => (),
            fact => panic!("{fact:?}"),
        }
    }
}

#[test]
fn what_is_over_or_was_never_there_gets_no_stream() {
    let runtime = runtime();
    let origin = start(&runtime);
    let hold = || script(vec![Response::stream([], Ending::Hold)]);
    let playing = origin.play(hold());
    let url = playing.url.clone();
    let mut held = ask(&origin, &playing, "", "");
    let mut byte = [0];
    held.read_exact(&mut byte).expect("the head");
    drop(playing);
    // Dropping the play ends its connections.
    read_all(held);
    let path = &url[url.rfind(":").expect("a port")..];
    let path = &path[path.find('/').expect("a path")..];
    let (late, _) = read_all(ask_for(origin.address(), path, ""));
    assert!(late.starts_with("HTTP/1.1 204 "), "{late}");
    assert_eq!(origin.strays(), [""; 0]);
    let (stray, _) = read_all(ask_for(origin.address(), "/elsewhere", ""));
    assert!(stray.starts_with("HTTP/1.1 404 "), "{stray}");
    assert_eq!(origin.strays(), ["GET /elsewhere"]);
}

#[test]
fn thousands_of_streams_are_held_open_at_once_and_none_is_mixed_up() {
    // Each takes two descriptors, and a process often has only 1024 of them.
    const N: usize = 400;
    let runtime = runtime();
    let origin = start(&runtime);
    let plays: Vec<Playing> = (0..N)
        .map(|n| {
            let mut response = Response::stream([format!("<{n}>").into_bytes()], Ending::Hold);
            response.framing = Framing::UntilClose;
            origin.play(script(vec![response]))
        })
        .collect();
    let clients: Vec<TcpStream> = plays
        .iter()
        .map(|playing| ask(&origin, playing, "", ""))
        .collect();
    for (n, mut client) in clients.iter().enumerate() {
        let mut seen = Vec::new();
        while seen.last() != Some(&b'>') {
            let mut byte = [0];
            client.read_exact(&mut byte).expect("the chunk");
            seen.extend(byte);
        }
        let seen = String::from_utf8(seen).expect("ASCII");
        assert_eq!(body(&seen), format!("<{n}>"));
    }
}

/// How many of the boundaries between chunks a raw reader sees.
fn n_surviving(n_connections: usize, n_chunks: usize) -> (usize, usize) {
    let runtime = runtime();
    let origin = start(&runtime);
    let mut response =
        Response::stream((0..n_chunks).map(|n| vec![b'a'; 1 + n % 7]), Ending::Close);
    response.framing = Framing::UntilClose;
    let mut n_seen = 0;
    for _ in 0..n_connections {
        let playing = origin.play(script(vec![response.clone()]));
        let mut client = ask(&origin, &playing, "", "");
        let (mut reads, mut buffer) = (Vec::new(), [0; 65536]);
        loop {
            match client.read(&mut buffer).expect("bytes in time") {
                0 => break,
                n => reads.push(buffer[..n].to_vec()),
            }
        }
        let ends: Vec<usize> = reads
            .iter()
            .scan(0, |end, read| {
                *end += read.len();
                Some(*end)
            })
            .collect();
        let all = reads.concat();
        let head = 4 + all
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("a head");
        // After the head and after each chunk but the last.
        let mut at = head;
        n_seen += usize::from(ends.contains(&at));
        for n in 0..n_chunks - 1 {
            at += 1 + n % 7;
            n_seen += usize::from(ends.binary_search(&at).is_ok());
        }
    }
    (n_seen, n_connections * n_chunks)
}

#[test]
#[cfg(target_os = "linux")]
fn chunk_boundaries_survive_on_a_quiet_and_on_a_busy_machine() {
    let origin_keeps_them = start(&runtime()).boundaries();
    assert!(origin_keeps_them.contains("kernel"), "{origin_keeps_them}");

    let busy = Arc::new(AtomicBool::new(true));
    let n_cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let (quiet_seen, quiet) = n_surviving(4, 2500);
    let spinners: Vec<_> = (0..n_cores)
        .map(|_| {
            let busy = Arc::clone(&busy);
            std::thread::spawn(move || {
                while busy.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let (busy_seen, loaded) = n_surviving(4, 2500);
    busy.store(false, Ordering::Relaxed);
    for spinner in spinners {
        spinner.join().expect("it ends");
    }
    println!("boundaries kept: {quiet_seen} of {quiet} quiet, {busy_seen} of {loaded} loaded");
    for (seen, all) in [(quiet_seen, quiet), (busy_seen, loaded)] {
        assert!(seen * 1000 >= all * 999, "{seen} of {all}");
    }
}

#[test]
fn without_the_kernel_a_pause_stands_between_the_chunks() {
    let runtime = runtime();
    let origin = runtime
        .block_on(Origin::start_pausing())
        .expect("a loopback port");
    assert_eq!(origin.boundaries(), "kept by a pause of 2 ms");
    let response = Response::stream([b"a".to_vec(), b"b".to_vec()], Ending::Close);
    let playing = origin.play(script(vec![response]));
    let (answer, _) = read_all(ask(&origin, &playing, "", ""));
    assert_eq!(body(&answer), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
}
