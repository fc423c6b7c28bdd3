//! Thousands of streams held open at once: how much memory the origin takes for them. Alone in its process.
#![cfg(all(target_os = "linux", feature = "cli"))]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use ssespec::origin::{Origin, Playing};
use ssespec::script::{Ending, Framing, Response, Script, Transport};

/// How many streams, where the system lets one process have two descriptors for each.
const N: usize = 5000;
/// Descriptors for everything else.
const SPARE: u64 = 100;
/// What a stream may take, of our memory and of the test's.
const MOST_KIB: u64 = 16;

/// A figure from the kernel's account of this process, in KiB.
fn kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("an account");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    figure
        .and_then(|figure| figure.parse().ok())
        .expect("a figure")
}

/// Allows as many descriptors as the system lets us have, and says for how many streams that is enough.
fn n_streams() -> usize {
    let limit = || getrlimit(Resource::RLIMIT_NOFILE).expect("every system has this limit");
    let (_, most) = limit();
    // Where it is refused, what there is has to do.
    _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    let (n_descriptors, _) = limit();
    let room = n_descriptors.saturating_sub(SPARE) / 2;
    N.min(usize::try_from(room).unwrap_or(N))
}

#[test]
fn thousands_of_held_streams_take_a_few_kibibytes_each() {
    let n = n_streams();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let origin = runtime.block_on(Origin::start()).expect("a loopback port");
    let before = kib("VmRSS");
    let plays: Vec<Playing> = (0..n)
        .map(|number| {
            let chunk = format!("data: {number}\n\n").into_bytes();
            let mut response = Response::stream([chunk], Ending::Hold);
            response.framing = Framing::UntilClose;
            origin.play(Script {
                responses: vec![response],
                afterwards: Response::status(204),
                refusals: Vec::new(),
                transport: Transport::Plain,
            })
        })
        .collect();
    let mut clients = Vec::new();
    for playing in &plays {
        let mut client = TcpStream::connect(origin.address()).expect("the origin listens");
        let timeout = Some(Duration::from_secs(60));
        client.set_read_timeout(timeout).expect("a socket");
        let path = playing.url.splitn(4, '/').nth(3).expect("a path");
        let request = format!("GET /{path} HTTP/1.1\r\nhost: h\r\n\r\n");
        client.write_all(request.as_bytes()).expect("it reads");
        clients.push(client);
    }
    // Each stream is its own, and all of them are open at once.
    for (number, mut client) in clients.iter().enumerate() {
        let end = format!("data: {number}\n\n").into_bytes();
        let mut seen = Vec::new();
        while !seen.ends_with(&end) {
            let mut buffer = [0; 512];
            let n_bytes = client.read(&mut buffer).expect("the chunk");
            assert_ne!(n_bytes, 0, "stream {number} ended");
            seen.extend_from_slice(&buffer[..n_bytes]);
        }
    }
    let (now, peak) = (kib("VmRSS"), kib("VmHWM"));
    let each = now.saturating_sub(before) as f64 / n as f64;
    println!(
        "{n} streams held open: {} KiB more than before, {each:.1} KiB each; the process at its peak: {peak} KiB",
        now.saturating_sub(before)
    );
    assert!(
        n >= 400,
        "only {n} streams fit into the descriptors of a process"
    );
    assert!(peak - before <= MOST_KIB * n as u64, "{each:.1} KiB each");
}
