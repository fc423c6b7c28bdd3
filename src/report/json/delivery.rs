//! The serialized shapes of a stream and where it is cut: as a case's stream, which stands in the report once, or chunk by chunk.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::delivery::{self, Cutting};

/// How a case's stream was cut.
#[derive(Serialize, Deserialize)]
pub struct Delivery {
    cutting: String,
    /// Left out where the cutting says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cuts: Option<Vec<usize>>,
}

/// The chunks of a stream that stands nowhere else, each in base64.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chunks(Vec<String>);

impl From<&delivery::Delivery> for Delivery {
    fn from(delivery: &delivery::Delivery) -> Self {
        let implied = implied_cuts(delivery.cutting, delivery.bytes().len());
        Self {
            cutting: delivery.cutting.to_string(),
            cuts: implied.is_none().then(|| delivery.cuts().to_vec()),
        }
    }
}

impl Delivery {
    /// The delivery of this stream, or what is wrong with it.
    pub fn into_report(self, stream: &Arc<[u8]>) -> Result<delivery::Delivery, String> {
        let cutting = cutting(&self.cutting)
            .ok_or_else(|| format!("`{}` is no way to cut a stream", self.cutting))?;
        let cuts = self
            .cuts
            .or_else(|| implied_cuts(cutting, stream.len()))
            .ok_or_else(|| format!("its delivery `{cutting}` has no cuts"))?;
        if !cuts.is_sorted() || cuts.last().is_some_and(|&last| last > stream.len()) {
            return Err("its cuts are not ascending offsets into the stream".to_owned());
        }
        Ok(delivery::Delivery::new(cutting, Arc::clone(stream), cuts))
    }
}

impl From<&delivery::Delivery> for Chunks {
    fn from(delivery: &delivery::Delivery) -> Self {
        let chunks = delivery.chunks();
        Self(chunks.map(|chunk| BASE64_STANDARD.encode(chunk)).collect())
    }
}

impl Chunks {
    /// The delivery, or what is wrong with it.
    pub fn into_report(self) -> Result<delivery::Delivery, String> {
        let (mut bytes, mut cuts) = (Vec::new(), Vec::new());
        for (index, chunk) in self.0.iter().enumerate() {
            // A cut stands between two chunks.
            if index > 0 {
                cuts.push(bytes.len());
            }
            let chunk = BASE64_STANDARD.decode(chunk);
            bytes.extend(chunk.map_err(|error| format!("a chunk is no base64: {error}"))?);
        }
        Ok(match cuts.is_empty() {
            true => delivery::Delivery::whole(bytes.into()),
            false => delivery::Delivery::new(Cutting::AsWritten, bytes.into(), cuts),
        })
    }
}

/// The cuts that a cutting's name alone tells.
fn implied_cuts(cutting: Cutting, n_bytes: usize) -> Option<Vec<usize>> {
    match cutting {
        Cutting::Whole => Some(Vec::new()),
        Cutting::ByteByByte => Some((1..n_bytes).collect()),
        Cutting::Cut(at) => Some(vec![at]),
        _ => None,
    }
}

/// The reverse of a [`Cutting`]'s display.
fn cutting(text: &str) -> Option<Cutting> {
    let number = |prefix| text.strip_prefix(prefix)?.parse().ok();
    match text {
        "whole" => Some(Cutting::Whole),
        "byte-by-byte" => Some(Cutting::ByteByByte),
        "as-written" => Some(Cutting::AsWritten),
        "empty-chunks" => Some(Cutting::EmptyChunks),
        _ => number("cut-")
            .map(Cutting::Cut)
            .or_else(|| number("blocks-").map(Cutting::Blocks))
            .or_else(|| number("random-").map(Cutting::Random)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cutting_is_read_back() {
        for of in [
            Cutting::Whole,
            Cutting::ByteByByte,
            Cutting::AsWritten,
            Cutting::Cut(7),
            Cutting::Blocks(16),
            Cutting::Random(0),
            Cutting::EmptyChunks,
        ] {
            assert_eq!(cutting(&of.to_string()), Some(of));
        }
        assert_eq!(cutting("cut-"), None);
        assert_eq!(cutting("sideways"), None);
    }

    #[test]
    fn chunks_keep_their_cuts_also_the_empty_ones() {
        for cuts in [vec![], vec![0, 1, 1, 2]] {
            let delivery =
                delivery::Delivery::new(Cutting::AsWritten, b"ab".as_slice().into(), cuts);
            let read = Chunks::from(&delivery).into_report().expect("base64");
            assert_eq!(
                (read.bytes(), read.cuts()),
                (delivery.bytes(), delivery.cuts())
            );
        }
        let error = Chunks(vec!["YQ".to_owned()]).into_report();
        let error = error.expect_err("a sentence");
        assert!(error.starts_with("a chunk is no base64: "), "{error}");
    }
}
