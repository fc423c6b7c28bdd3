//! A stream's bytes and where they are cut into chunks; the sweep of deliveries that a case is tried in.

use std::fmt;
use std::sync::Arc;

/// Byte by byte is tried up to this length: beyond, it costs more than it finds.
const BYTE_BY_BYTE_UP_TO: usize = 4 << 10;
/// Every single cut is tried up to this length.
const EVERY_CUT_UP_TO: usize = 256;
/// Beyond this length only few deliveries are tried, so that one long case does not outweigh the corpus.
const FEW_BEYOND: usize = 16 << 10;
const N_RANDOM: usize = 6;

/// The bytes of a stream, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How it is cut.
    pub cutting: Cutting,
    bytes: Arc<[u8]>,
    /// Ascending offsets; the same offset twice makes an empty chunk.
    cuts: Vec<usize>,
}

/// A delivery's name: added to the case's id after an `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cutting {
    /// One chunk.
    Whole,
    /// A chunk for each byte.
    ByteByByte,
    /// As the case's `chunks` say.
    AsWritten,
    /// Two chunks.
    Cut(usize),
    /// Chunks of this size.
    Blocks(usize),
    /// Cuts drawn from the seed; the number tells the draws apart.
    Random(usize),
    /// An empty chunk at the start, at the end, and beside each of a few cuts.
    EmptyChunks,
}

impl fmt::Display for Cutting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::ByteByByte => f.write_str("byte-by-byte"),
            Self::AsWritten => f.write_str("as-written"),
            Self::Cut(at) => write!(f, "cut-{at}"),
            Self::Blocks(size) => write!(f, "blocks-{size}"),
            Self::Random(number) => write!(f, "random-{number}"),
            Self::EmptyChunks => f.write_str("empty-chunks"),
        }
    }
}

impl Delivery {
    /// A delivery with cuts at these ascending offsets.
    pub fn new(cutting: Cutting, bytes: Arc<[u8]>, cuts: Vec<usize>) -> Self {
        debug_assert!(cuts.is_sorted() && cuts.last().is_none_or(|&last| last <= bytes.len()));
        Self {
            cutting,
            bytes,
            cuts,
        }
    }

    /// The stream in one chunk.
    pub fn whole(bytes: Arc<[u8]>) -> Self {
        Self::new(Cutting::Whole, bytes, Vec::new())
    }

    /// The whole stream.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The offsets of the cuts.
    pub fn cuts(&self) -> &[usize] {
        &self.cuts
    }

    /// The chunks in their order; at least one, perhaps empty.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.cuts.iter().copied());
        let ends = self
            .cuts
            .iter()
            .copied()
            .chain(std::iter::once(self.bytes.len()));
        starts.zip(ends).map(|(start, end)| &self.bytes[start..end])
    }

    /// The index of the chunk that holds the byte before `offset`, which must not be 0.
    pub fn chunk_before(&self, offset: usize) -> usize {
        self.cuts.partition_point(|&cut| cut < offset)
    }

    /// The same cuts as far as they stand between code points, over text: what a target that reads text is given.
    ///
    /// The harness decodes here and leaves U+FEFF in place; a cut inside a code point moves to its start.
    pub fn text_chunks(&self) -> Option<Vec<&str>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let floor = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let starts = std::iter::once(0).chain(self.cuts.iter().map(|&cut| floor(cut)));
        let ends = self
            .cuts
            .iter()
            .map(|&cut| floor(cut))
            .chain(std::iter::once(text.len()));
        Some(
            starts
                .zip(ends)
                .map(|(start, end)| &text[start..end])
                .collect(),
        )
    }
}

/// Every delivery in which a stream is tried: as written first, then whole, then the cuts.
pub fn sweep(bytes: &Arc<[u8]>, as_written: Option<&[usize]>, seed: u64) -> Vec<Delivery> {
    let n_bytes = bytes.len();
    let deliver = |cutting, cuts| Delivery::new(cutting, Arc::clone(bytes), cuts);
    let mut deliveries = Vec::new();
    if let Some(cuts) = as_written {
        deliveries.push(deliver(Cutting::AsWritten, cuts.to_vec()));
    }
    deliveries.push(deliver(Cutting::Whole, Vec::new()));
    if n_bytes < 2 {
        deliveries.push(deliver(Cutting::EmptyChunks, vec![0, n_bytes]));
        return deliveries;
    }
    if n_bytes > FEW_BEYOND {
        for size in [16 << 10, (4 << 10) + 1] {
            deliveries.push(deliver(
                Cutting::Blocks(size),
                (size..n_bytes).step_by(size).collect(),
            ));
        }
        deliveries.push(deliver(Cutting::Random(0), random_cuts(n_bytes, seed)));
        return deliveries;
    }
    if n_bytes <= BYTE_BY_BYTE_UP_TO {
        deliveries.push(deliver(Cutting::ByteByByte, (1..n_bytes).collect()));
    }
    let single_cuts = if n_bytes <= EVERY_CUT_UP_TO {
        (1..n_bytes).collect()
    } else {
        interesting_cuts(bytes)
    };
    deliveries.extend(
        single_cuts
            .into_iter()
            .map(|at| deliver(Cutting::Cut(at), vec![at])),
    );
    for number in 0..N_RANDOM {
        deliveries.push(deliver(
            Cutting::Random(number),
            random_cuts(n_bytes, seed.wrapping_add(number as u64)),
        ));
    }
    let beside = interesting_cuts(bytes)
        .into_iter()
        .take(16)
        .flat_map(|at| [at, at]);
    let cuts = std::iter::once(0)
        .chain(beside)
        .chain(std::iter::once(n_bytes))
        .collect();
    deliveries.push(deliver(Cutting::EmptyChunks, cuts));
    deliveries
}

/// Inside CR LF and between two line ends, inside a code point or byte order mark, inside a field name; 64 at most.
fn interesting_cuts(bytes: &[u8]) -> Vec<usize> {
    let mut start_of_line = 0;
    let mut cuts = Vec::new();
    for at in 1..bytes.len() {
        let (before, after) = (bytes[at - 1], bytes[at]);
        let is_line_end = |byte| byte == b'\r' || byte == b'\n';
        if is_line_end(before) {
            start_of_line = at;
        }
        let inside_code_point = (0x80..0xC0).contains(&after);
        let after_line_end = is_line_end(before);
        let inside_name = at == start_of_line + 2;
        let after_colon = before == b':';
        if inside_code_point || after_line_end || inside_name || after_colon {
            cuts.push(at);
        }
    }
    let step = cuts.len().div_ceil(64).max(1);
    cuts.into_iter().step_by(step).collect()
}

/// Between one and eight cuts, or one for about every kilobyte, drawn from the seed.
fn random_cuts(n_bytes: usize, seed: u64) -> Vec<usize> {
    let mut random = SplitMix64(seed ^ (n_bytes as u64).rotate_left(32));
    let n_cuts = 1 + random.below(8.max(n_bytes >> 10));
    let mut cuts: Vec<usize> = (0..n_cuts).map(|_| random.below(n_bytes + 1)).collect();
    cuts.sort_unstable();
    cuts
}

/// Sebastiano Vigna's SplitMix64: the draws must be the same on every platform and in every version.
struct SplitMix64(u64);

impl SplitMix64 {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("below a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delivery_carries_the_whole_stream() {
        for n_bytes in [0, 1, 2, 30, 256, 257, 5000, 70_000] {
            let bytes: Arc<[u8]> = b"data: a\r\n\r\n"
                .iter()
                .copied()
                .cycle()
                .take(n_bytes)
                .collect();
            for delivery in sweep(&bytes, Some(&[]), 7) {
                assert_eq!(
                    delivery.chunks().collect::<Vec<_>>().concat(),
                    *bytes,
                    "{}",
                    delivery.cutting
                );
            }
        }
    }

    #[test]
    fn a_short_stream_is_cut_everywhere() {
        let bytes: Arc<[u8]> = b"data: a\n\n".as_slice().into();
        let names: Vec<String> = sweep(&bytes, None, 0)
            .iter()
            .map(|d| d.cutting.to_string())
            .collect();
        assert_eq!(names[..3], ["whole", "byte-by-byte", "cut-1"]);
        assert_eq!(
            names.iter().filter(|name| name.starts_with("cut-")).count(),
            8
        );
        assert_eq!(names.last().map(String::as_str), Some("empty-chunks"));
    }

    #[test]
    fn text_cuts_move_to_the_start_of_a_code_point() {
        let bytes: Arc<[u8]> = "a\u{20AC}b".as_bytes().into();
        let delivery = Delivery::new(Cutting::ByteByByte, bytes, vec![1, 2, 3, 4]);
        assert_eq!(
            delivery.text_chunks(),
            Some(vec!["a", "", "", "\u{20AC}", "b"])
        );
    }

    #[test]
    fn an_offset_belongs_to_the_chunk_that_ends_with_it() {
        let delivery = Delivery::new(Cutting::AsWritten, b"abcd".as_slice().into(), vec![1, 1, 3]);
        assert_eq!(
            (1..=4)
                .map(|at| delivery.chunk_before(at))
                .collect::<Vec<_>>(),
            [0, 2, 2, 3]
        );
    }
}
