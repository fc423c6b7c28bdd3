//! Streams that become twice as long, and the time and memory they take, to whether these grow faster than the input.

use crate::delivery::{Cutting, Delivery};

/// The lengths that are tried, in bytes; each twice the one before.
pub const LENGTHS: [usize; 6] = [4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10];
/// After an answer that took so long no longer stream is tried: the next would take four times as long, or more.
pub const LONG_ENOUGH: f64 = 0.4;
/// After an answer that took so many bytes no longer stream is tried: the machine has other things to keep.
pub const LARGE_ENOUGH: u64 = 192 << 20;
/// How long the chunks of a stream are that comes in many.
const CHUNK: usize = 64;
/// Four times the input in more than nine times the time is no longer nearly linear,
const MAX_RATIO_OF_TWO: f64 = 9.0;
/// if it is no single jump: each doubling must take more than so many times as much.
const MAX_RATIO: f64 = 2.5;
/// Less time is mostly noise.
const MIN_SECONDS: f64 = 0.04;
/// Less memory is mostly the habits of an allocator.
const MIN_BYTES: u64 = 16 << 20;
/// The memory of a short stream counts as no less: pages, arenas and buffers come as they like.
const GRAIN: u64 = 1 << 20;

/// What a long stream repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// A name for reports.
    pub name: &'static str,
    /// The clause that the growth is filed under.
    pub clause: &'static str,
    start: &'static [u8],
    unit: &'static [u8],
    is_cut: bool,
}

/// The clause of few lines that are long.
pub const LONG: &str = "line.long";
/// The clause of many lines that are short.
pub const MANY: &str = "line.many";

/// What has been slow somewhere.
pub const PATTERNS: [Pattern; 12] = [
    pattern("data-lines", MANY, b"", b"data:a\n"),
    pattern("events", MANY, b"", b"data:a\n\n"),
    pattern("comment-lines", MANY, b"", b":\n"),
    pattern("blank-lines", MANY, b"", b"\n"),
    pattern("bare-cr", MANY, b"data:", b"\r"),
    pattern("one-line", LONG, b"data:", b"a"),
    pattern("spaces", LONG, b"data:", b" "),
    pattern("colons", LONG, b"data:", b":"),
    pattern("malformed-bytes", LONG, b"data:", b"\xFF"),
    pattern("digits", LONG, b"retry:", b"1"),
    cut("one-line-in-chunks", LONG, b"data:", b"a"),
    cut("one-block-in-chunks", MANY, b"", b"data:a\n"),
];

const fn pattern(
    name: &'static str,
    clause: &'static str,
    start: &'static [u8],
    unit: &'static [u8],
) -> Pattern {
    Pattern {
        name,
        clause,
        start,
        unit,
        is_cut: false,
    }
}

const fn cut(
    name: &'static str,
    clause: &'static str,
    start: &'static [u8],
    unit: &'static [u8],
) -> Pattern {
    Pattern {
        is_cut: true,
        ..pattern(name, clause, start, unit)
    }
}

impl Pattern {
    /// A stream of about this length.
    pub fn delivery(self, length: usize) -> Delivery {
        let mut stream = self.start.to_vec();
        stream.extend(self.unit.repeat(length / self.unit.len()));
        stream.extend_from_slice(b"\n\n");
        let cuts: Vec<usize> = if self.is_cut {
            (CHUNK..stream.len()).step_by(CHUNK).collect()
        } else {
            Vec::new()
        };
        let cutting = if self.is_cut {
            Cutting::Blocks(CHUNK)
        } else {
            Cutting::Whole
        };
        Delivery::new(cutting, stream.into(), cuts)
    }
}

/// Whether these seconds, one for each of the lengths or the last of them, grow faster than the input.
pub fn is_too_fast(seconds: &[f64]) -> bool {
    let ratios = seconds.windows(2).map(|pair| pair[1] / pair[0].max(1e-6));
    grows(ratios) && seconds.last().is_some_and(|&last| last > MIN_SECONDS)
}

/// Whether this memory, for each of the lengths or the last of them, grows faster than the input.
pub fn is_too_large(bytes: &[u64]) -> bool {
    let ratios = bytes.windows(2).map(|pair| {
        #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more")]
        let ratio = pair[1] as f64 / pair[0].max(GRAIN) as f64;
        ratio
    });
    grows(ratios) && bytes.last().is_some_and(|&last| last > MIN_BYTES)
}

/// Judges by the last two doublings; one alone says nothing.
fn grows(mut ratios: impl DoubleEndedIterator<Item = f64>) -> bool {
    let (Some(last), Some(before)) = (ratios.next_back(), ratios.next_back()) else {
        return false;
    };
    last > MAX_RATIO && before > MAX_RATIO && last * before > MAX_RATIO_OF_TWO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_told_from_lines() {
        assert!(is_too_fast(&[0.01, 0.04, 0.16, 0.64]));
        assert!(!is_too_fast(&[0.08, 0.16, 0.32, 0.64]));
        assert!(!is_too_fast(&[0.0001, 0.0004, 0.0016, 0.0064]), "noise");
        assert!(!is_too_fast(&[0.05, 0.2]), "too little is known");
        assert!(!is_too_fast(&[0.01, 0.02, 0.04, 0.4]), "a hiccup");
        assert!(is_too_fast(&[0.05, 0.18, 0.49]), "a little noise");
        assert!(!is_too_fast(&[0.04, 0.11, 0.3]), "n log n, and noise");
    }

    #[test]
    fn squares_of_memory_are_told_from_lines_and_from_a_collector_that_lets_go() {
        let mebibytes =
            |all: &[u64]| is_too_large(&all.iter().map(|n| n << 20).collect::<Vec<_>>());
        assert!(mebibytes(&[0, 1, 4, 16, 64]));
        assert!(!mebibytes(&[4, 8, 16, 32, 64]));
        assert!(!mebibytes(&[0, 0, 0, 0, 64]), "one arena");
        assert!(!mebibytes(&[0, 0, 0, 12, 20]), "a heap that grows by steps");
        assert!(!mebibytes(&[0, 0, 1, 4, 15]), "too little to matter");
        assert!(!mebibytes(&[30, 120]), "too little is known");
    }

    #[test]
    fn streams_have_the_length_that_is_asked_for() {
        for pattern in PATTERNS {
            for length in LENGTHS {
                let n_bytes = pattern.delivery(length).bytes().len();
                assert!(n_bytes.abs_diff(length) < 16, "{}: {n_bytes}", pattern.name);
            }
        }
    }
}
