//! How far a search is, to a file and back, so that it can be taken up again.

use serde::{Deserialize, Serialize};

use super::{Difference, Found, Plan};
use crate::delivery::{Cutting, Delivery};

/// Tells this shape of the file from later ones.
const VERSION: u32 = 1;

/// How far a search is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many units are done, from the first one on.
    pub n_units: usize,
    /// How long that took, in milliseconds.
    pub milliseconds: u64,
    /// What was found in them.
    pub found: Found,
}

impl State {
    /// The file's text.
    pub fn to_text(&self, target: &str, plan: &Plan) -> String {
        let differences = self.found.differences.iter();
        let wire = Wire {
            version: VERSION,
            search: Search::of(target, plan),
            units_done: self.n_units,
            milliseconds: self.milliseconds,
            streams: self.found.n_streams,
            left_out: self.found.n_left_out,
            differences: differences
                .map(|(kind, difference)| WireDifference {
                    kind: kind.clone(),
                    count: difference.count,
                    shortest: difference.shortest.chunks().map(hex).collect(),
                })
                .collect(),
        };
        let mut text = serde_json::to_string_pretty(&wire).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// One sentence: it is no such file, or one of another search.
    pub fn from_text(text: &str, target: &str, plan: &Plan) -> Result<Self, String> {
        let wire: Wire = serde_json::from_str(text)
            .map_err(|error| format!("it does not hold the state of a search: {error}"))?;
        if wire.version != VERSION {
            return Err(format!(
                "it is of version {}, and this one reads {VERSION}",
                wire.version
            ));
        }
        if wire.search != Search::of(target, plan) {
            return Err(
                "it belongs to another search: other target, depth, alphabet, probe or shard"
                    .to_owned(),
            );
        }
        let mut found = Found {
            n_streams: wire.streams,
            n_left_out: wire.left_out,
            ..Found::default()
        };
        for difference in wire.differences {
            let chunks: Option<Vec<Vec<u8>>> =
                difference.shortest.iter().map(|hex| bytes(hex)).collect();
            let chunks = chunks.ok_or("a stream in it is not hexadecimal")?;
            let shortest = Difference {
                count: difference.count,
                shortest: delivery(&chunks),
            };
            found.differences.insert(difference.kind, shortest);
        }
        Ok(Self {
            n_units: wire.units_done,
            milliseconds: wire.milliseconds,
            found,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    search: Search,
    units_done: usize,
    milliseconds: u64,
    streams: u64,
    left_out: u64,
    differences: Vec<WireDifference>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    target: String,
    depth: usize,
    /// In hexadecimal.
    alphabet: Vec<String>,
    probe: bool,
    shard: (u64, u64),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDifference {
    kind: String,
    count: u64,
    /// Its chunks, in hexadecimal.
    shortest: Vec<String>,
}

impl Search {
    fn of(target: &str, plan: &Plan) -> Self {
        Self {
            target: target.to_owned(),
            depth: plan.depth(),
            alphabet: plan.alphabet().iter().map(|token| hex(token)).collect(),
            probe: plan.probe,
            shard: plan.shard(),
        }
    }
}

fn delivery(chunks: &[Vec<u8>]) -> Delivery {
    let ends = chunks.iter().scan(0, |end, chunk| {
        *end += chunk.len();
        Some(*end)
    });
    let cuts: Vec<usize> = ends.take(chunks.len().saturating_sub(1)).collect();
    let bytes = chunks.concat();
    match cuts.is_empty() {
        true => Delivery::whole(bytes.into()),
        false => Delivery::new(Cutting::AsWritten, bytes.into(), cuts),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |at: usize| hex.get(at..at + 2);
    let is_hex = hex.len().is_multiple_of(2) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = (0..hex.len()).step_by(2);
    bytes
        .map(|at| u8::from_str_radix(digit(at).filter(|_| is_hex)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(depth: usize) -> Plan {
        Plan::new(Plan::default_alphabet(), depth, true).expect("a small plan")
    }

    #[test]
    fn a_state_is_read_back_unchanged() {
        let mut found = Found {
            n_streams: 7,
            n_left_out: 2,
            ..Found::default()
        };
        for path in [&[][..], &[3], &[15, 11, 14]] {
            found.note(format!("kind {path:?}"), plan(3).delivery(path, true));
            found.note("bare".to_owned(), plan(3).delivery(path, false));
        }
        let state = State {
            n_units: 4,
            milliseconds: 1500,
            found,
        };
        let text = state.to_text("reference", &plan(3));
        assert_eq!(State::from_text(&text, "reference", &plan(3)), Ok(state));
    }

    #[test]
    fn the_state_of_another_search_or_of_none_is_refused() {
        let text = State::default().to_text("reference", &plan(3));
        for (text, target, plan, sentence) in [
            (
                text.as_str(),
                "reference",
                plan(4),
                "it belongs to another search",
            ),
            (&text, "httpx-sse", plan(3), "it belongs to another search"),
            (
                &text.replace("\"version\": 1", "\"version\": 2"),
                "reference",
                plan(3),
                "it is of version 2",
            ),
            (
                "[]",
                "reference",
                plan(3),
                "it does not hold the state of a search",
            ),
        ] {
            let refused = State::from_text(text, target, &plan).expect_err(sentence);
            assert!(refused.starts_with(sentence), "{refused}");
        }
    }
}
