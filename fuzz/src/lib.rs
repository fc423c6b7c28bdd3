//! What several fuzz targets need: deliveries of a stream, and published parsers beside the reference.

pub mod differential;
pub mod peers;

use std::sync::Arc;

use ssespec::delivery::{Cutting, Delivery};

/// A stream in one chunk, byte by byte, and with cuts that depend on its bytes alone.
///
/// The input of a target is the bare stream, so that a seed and a finding are both an `.sse` file.
pub fn deliveries(stream: &[u8]) -> [Delivery; 3] {
    let bytes: Arc<[u8]> = stream.into();
    let mut cuts: Vec<usize> = Vec::new();
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for (at, byte) in stream.iter().enumerate() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        // A chunk of four bytes on average; the same offset twice makes an empty chunk.
        if hash >> 62 == 0 {
            cuts.extend(std::iter::repeat_n(at, 1 + usize::from(hash >> 60 == 0)));
        }
    }
    [
        Delivery::whole(Arc::clone(&bytes)),
        Delivery::new(
            Cutting::ByteByByte,
            Arc::clone(&bytes),
            (1..stream.len()).collect(),
        ),
        Delivery::new(Cutting::Random(0), bytes, cuts),
    ]
}
