//! A seed and a number to a stream and its cuts.
//!
//! Each stream depends on its own number alone, so shards and jobs can share the work and give the same streams.

use std::sync::Arc;

use super::random::Random;
use super::tokens::{HOSTILE, IDS, LINE_ENDS, NAMES, ODD_NAMES, SEPARATORS, TIMES, TYPES, VALUES};
use crate::corpus::{http, replay};
use crate::delivery::{Cutting, Delivery};
use crate::observation::Input;

/// Longer streams find little more and cost more.
const MAX_BYTES: usize = 1 << 10;
/// A stream that is cut byte by byte has at most this length.
const MAX_BYTE_BY_BYTE: usize = 128;

/// Makes streams.
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    input: Input,
    /// Streams to mutate and splice; never empty.
    seeds: Vec<Arc<[u8]>>,
    /// The target sees no cuts.
    whole_only: bool,
    /// The target is a client, so that HTTP has to carry the stream.
    over_http: bool,
}

impl Generator {
    /// A generator of streams for targets that read this, which mutates these seeds.
    pub fn new(seed: u64, input: Input, whole_only: bool, mut seeds: Vec<Arc<[u8]>>) -> Self {
        seeds.retain(|stream| stream.len() <= MAX_BYTES);
        if seeds.is_empty() {
            seeds.push(b"data: a\n\n".as_slice().into());
        }
        Self {
            seed,
            input,
            seeds,
            whole_only,
            over_http: false,
        }
    }

    /// The same for a client: HTTP carries every stream, and a chunk has at least one byte.
    pub fn over_http(mut self) -> Self {
        self.over_http = true;
        self
    }

    /// The stream with this number.
    pub fn delivery(&self, index: u64) -> Delivery {
        let mut random = Random::new(self.seed, index);
        let random = &mut random;
        let mut stream = Vec::with_capacity(64);
        match random.below(100) {
            0..45 => blocks(random, &mut stream),
            45..65 => tokens(random, &mut stream),
            65..85 => {
                stream.extend_from_slice(&self.seeds[random.below(self.seeds.len())]);
                for _ in 0..1 + random.below(4) {
                    mutate(random, &mut stream);
                }
            }
            _ => self.splice(random, &mut stream),
        }
        // An event after everything shows the state that was left behind.
        match random.below(10) {
            0..4 => stream.extend_from_slice(b"\n\n"),
            4 => stream.extend_from_slice(b"\n\ndata: z\n\n"),
            5 => stream.extend_from_slice(b"\r\rdata:z\r\r"),
            _ => (),
        }
        stream.truncate(MAX_BYTES);
        if self.input == Input::Text
            && let Err(error) = std::str::from_utf8(&stream)
        {
            stream = match String::from_utf8_lossy(&stream[error.valid_up_to()..]) {
                lossy if random.percent(50) => {
                    [&stream[..error.valid_up_to()], lossy.as_bytes()].concat()
                }
                _ => stream[..error.valid_up_to()].to_vec(),
            };
        }
        if self.over_http {
            stream = carried(stream);
        }
        let mut cuts = if self.whole_only {
            Vec::new()
        } else {
            cuts(random, &stream)
        };
        if self.over_http {
            cuts.dedup();
            cuts.retain(|&cut| 0 < cut && cut < stream.len());
        }
        let cutting = if cuts.is_empty() {
            Cutting::Whole
        } else {
            Cutting::AsWritten
        };
        Delivery::new(cutting, stream.into(), cuts)
    }

    fn splice(&self, random: &mut Random, stream: &mut Vec<u8>) {
        for _ in 0..2 + random.below(2) {
            let seed = &self.seeds[random.below(self.seeds.len())];
            let (start, end) = match random.below(4) {
                0 => (0, random.below(seed.len() + 1)),
                1 => (random.below(seed.len() + 1), seed.len()),
                _ => (0, seed.len()),
            };
            stream.extend_from_slice(&seed[start..end]);
            if random.percent(30) {
                stream.extend_from_slice(random.of(HOSTILE));
            }
        }
        if random.percent(30) {
            mutate(random, stream);
        }
    }
}

/// The stream, changed where HTTP or the interface of a client could not carry it.
fn carried(stream: Vec<u8>) -> Vec<u8> {
    let mut stream = stream;
    // The interface has events of its own by these names.
    for name in [b"open".as_slice(), b"error"] {
        replace_all(&mut stream, name, b"ping");
    }
    if http::carry(&replay::case(stream.as_slice().into())).is_none() {
        // What follows on the same connection needs a block of its own.
        stream.extend_from_slice(b"\n\n");
    }
    stream
}

/// Lines in blocks, as a server would write them, with odd ones between.
fn blocks(random: &mut Random, stream: &mut Vec<u8>) {
    let oddity = [0, 10, 35][random.below(3)];
    let style = random.below(5);
    if random.percent(7) {
        stream.extend_from_slice(random.of(&[
            b"\xEF\xBB\xBF".as_slice(),
            b"\xEF\xBB",
            b"\xFF\xFE",
        ]));
    }
    // Only a time that is set can be lost, and only an id that is set can be kept.
    if random.percent(20) {
        stream.extend_from_slice(b"retry:5");
        line_end(random, style, stream);
    }
    if random.percent(20) {
        stream.extend_from_slice(b"id: 1");
        line_end(random, style, stream);
    }
    for _ in 0..1 + random.below(4) {
        for _ in 0..1 + random.below(4) {
            line(random, oddity, stream);
            line_end(random, style, stream);
        }
        if !random.percent(10) {
            line_end(random, style, stream);
        }
        if random.percent(10) {
            line_end(random, style, stream);
        }
    }
}

fn line(random: &mut Random, oddity: usize, stream: &mut Vec<u8>) {
    if random.percent(8) {
        stream.push(b':');
        if random.percent(60) {
            stream.extend_from_slice(random.of(VALUES));
        }
        return;
    }
    let name = if random.percent(oddity) {
        random.of(ODD_NAMES)
    } else {
        random.of(NAMES)
    };
    stream.extend_from_slice(name);
    let separator = if random.percent(oddity) {
        random.of(SEPARATORS)
    } else {
        random.of(&[b": ".as_slice(), b":", b": ", b""])
    };
    stream.extend_from_slice(separator);
    if separator.is_empty() && random.percent(80) {
        return;
    }
    let value = match name {
        _ if random.percent(oddity) => random.of(VALUES),
        b"id" => random.of(IDS),
        b"event" => random.of(TYPES),
        b"retry" => random.of(TIMES),
        _ => random.of(&VALUES[..12]),
    };
    stream.extend_from_slice(value);
    if random.percent(oddity / 2) {
        stream.extend_from_slice(random.of(VALUES));
    }
}

/// Styles 0 to 1 are LF, 2 CR LF, 3 CR, 4 mixed.
fn line_end(random: &mut Random, style: usize, stream: &mut Vec<u8>) {
    let end = match style {
        2 => b"\r\n",
        3 => b"\r".as_slice(),
        4 => random.of(LINE_ENDS),
        _ => b"\n",
    };
    stream.extend_from_slice(end);
}

/// Anything after anything.
fn tokens(random: &mut Random, stream: &mut Vec<u8>) {
    for _ in 0..1 + random.below(12) {
        let tokens = match random.below(8) {
            0..5 => HOSTILE,
            5 => VALUES,
            6 => NAMES,
            _ => LINE_ENDS,
        };
        stream.extend_from_slice(random.of(tokens));
    }
}

fn mutate(random: &mut Random, stream: &mut Vec<u8>) {
    let at = random.below(stream.len() + 1);
    let end = (at + 1 + random.below(8)).min(stream.len());
    match random.below(7) {
        0 => {
            stream.drain(at..end);
        }
        1 => {
            let piece = stream[at..end].to_vec();
            stream.splice(at..at, piece);
        }
        2 if at < stream.len() => {
            let token = random.of(HOSTILE);
            stream.splice(at..at + 1, token.iter().copied());
        }
        3 => {
            let from: &[u8] = random.of(LINE_ENDS);
            let to: &[u8] = random.of(LINE_ENDS);
            replace_all(stream, from, to);
        }
        4 => stream.truncate(at),
        _ => {
            let token = random.of(HOSTILE);
            stream.splice(at..at, token.iter().copied());
        }
    }
}

fn replace_all(stream: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let mut replaced = Vec::with_capacity(stream.len());
    let mut start = 0;
    for at in memchr::memmem::find_iter(stream, from) {
        replaced.extend_from_slice(&stream[start..at]);
        replaced.extend_from_slice(to);
        start = at + from.len();
    }
    replaced.extend_from_slice(&stream[start..]);
    *stream = replaced;
}

/// Ascending offsets; the same twice makes an empty chunk.
fn cuts(random: &mut Random, stream: &[u8]) -> Vec<usize> {
    let n_bytes = stream.len();
    let n_cuts = match random.below(20) {
        0..7 => return Vec::new(),
        7..9 if n_bytes <= MAX_BYTE_BY_BYTE => return (1..n_bytes).collect(),
        7..15 => 1 + random.below(2),
        _ => 1 + random.below(8),
    };
    let mut cuts: Vec<usize> = (0..n_cuts).map(|_| random.below(n_bytes + 1)).collect();
    for cut in &mut cuts {
        // After a CR and inside a code point is where a parser must remember.
        if random.percent(40) {
            let is_delicate = |byte: &u8| *byte == b'\r' || *byte >= 0xC0;
            if let Some(next) = stream[*cut..].iter().position(is_delicate) {
                *cut += next + 1;
            }
        }
    }
    if random.percent(15) {
        cuts.push(cuts[0]);
    }
    // An empty chunk in front is where a parser looks for a byte order mark.
    if random.percent(5) {
        cuts.push(0);
    }
    cuts.sort_unstable();
    cuts
}

#[cfg(test)]
mod tests;
