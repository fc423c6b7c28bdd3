//! How fast does the reference read event streams, and how fast do its peers?
//!
//! `cargo bench --manifest-path benches/Cargo.toml`
//!
//! In each round every contestant reads the stream, so that what else the machine does falls on all of them alike, and
//! the time is what the processor spent on this thread, without other processes. The medians are shown.
//! Words on the command line choose the workloads whose names hold one of them.

mod contestants;
mod workloads;

use std::iter;
use std::time::Duration;

use contestants::{Contestant, Role, Tally};
use rustix::time::{ClockId, clock_gettime};
use workloads::Workload;

/// What a read from a socket commonly brings.
const CHUNK: usize = 16 << 10;
/// A parser lives as long as its connection, so what it costs to start one counts little.
const REPETITIONS: usize = 4;
const ROUNDS: usize = 51;

fn main() {
    // Cargo adds `--bench` to what the caller gives.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_chosen = |workload: &Workload| {
        words.is_empty() || words.iter().any(|word| workload.name.contains(word))
    };
    for workload in workloads::all().into_iter().filter(is_chosen) {
        print(&workload, &measure(&workload));
    }
}

/// What a contestant gave and how long that took, in the median.
struct Measured {
    contestant: &'static Contestant,
    tally: Tally,
    median: Duration,
}

fn measure(workload: &Workload) -> Vec<Measured> {
    let streams = iter::repeat_n(workload.stream, REPETITIONS);
    let chunks: Vec<&'static [u8]> = streams.flat_map(|stream| stream.chunks(CHUNK)).collect();
    let tallies = contestants::ALL.map(|contestant| (contestant.read)(&chunks));
    let mut times = contestants::ALL.map(|_| Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        for turn in 0..contestants::ALL.len() {
            let index = (round + turn) % contestants::ALL.len();
            let start = processor_time();
            (contestants::ALL[index].read)(&chunks);
            times[index].push(processor_time() - start);
        }
    }
    let measured = contestants::ALL.iter().zip(tallies).zip(times);
    measured
        .map(|((contestant, tally), mut times)| {
            times.sort_unstable();
            let median = times[ROUNDS / 2];
            Measured {
                contestant,
                tally,
                median,
            }
        })
        .collect()
}

/// How long this thread has been running.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("it is not negative")
}

fn print(workload: &Workload, measured: &[Measured]) {
    let of = |role| {
        measured
            .iter()
            .filter(move |measured| measured.contestant.role == role)
    };
    let best_peer = of(Role::Peer)
        .map(|peer| peer.median)
        .min()
        .expect("there are peers");
    let expected = of(Role::Reference).next().expect("we are among them").tally;
    println!("{}: {} events", workload.name, expected.n_events);
    println!("  {:<24} {:>6} {:>17}", "", "MB/s", "of the best peer");
    for measured in measured {
        let n_bytes = REPETITIONS * workload.stream.len();
        let speed = n_bytes as f64 / measured.median.as_secs_f64() / 1e6;
        let ratio = best_peer.as_secs_f64() / measured.median.as_secs_f64();
        let name = match measured.contestant.role {
            Role::Peer => format!(
                "{0} {1}",
                measured.contestant.name,
                version(measured.contestant.name)
            ),
            Role::Limit | Role::Reference => measured.contestant.name.to_owned(),
        };
        let remark = remark(measured, expected);
        println!("  {name:<24} {speed:>6.0} {ratio:>16.2}x{remark}");
    }
    println!();
}

/// The version of a peer that was built.
fn version(name: &str) -> &'static str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let version = include_str!("../Cargo.lock").split_once(&entry);
    let version = version.and_then(|(_, rest)| rest.split_once('"'));
    version.expect("the lock file names every peer").0
}

/// Whether the contestant did other work than the reference.
fn remark(measured: &Measured, expected: Tally) -> String {
    let Tally { n_events, n_bytes } = measured.tally;
    match measured.contestant.role {
        Role::Limit => "  finds line ends only".to_owned(),
        _ if measured.tally == expected => String::new(),
        _ => format!(
            "  gives {n_events} events with {n_bytes} bytes of data, not {} with {}",
            expected.n_events, expected.n_bytes
        ),
    }
}
