//! An alphabet and a depth to every stream of up to that many tokens, and to what differs on them.
//!
//! `walk` is in process: the three parsers of this crate against each other, by depth-first search over cloned states.
//! `ask` is for a target: the same streams in large pipelined batches.

pub mod ask;
pub mod state;
pub mod walk;

use std::collections::BTreeMap;

use crate::delivery::{Cutting, Delivery};
use crate::quirk::ALPHABET;

/// What follows a stream so that its state shows: most streams dispatch nothing by themselves.
pub const PROBE: &[u8] = b"\ndata:P\n\n";
/// About how many streams one unit of work should have.
const UNIT: u64 = 1 << 16;

/// What is searched: every stream of up to `depth` tokens of an alphabet, or a share of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    alphabet: Vec<Vec<u8>>,
    depth: usize,
    /// After each stream the probe is tried too.
    pub probe: bool,
    /// Which share, from 0, of how many.
    shard: (u64, u64),
}

impl Plan {
    /// Plans a search.
    ///
    /// # Errors
    ///
    /// One sentence: more streams than can be counted, or an alphabet that is none.
    pub fn new(alphabet: Vec<Vec<u8>>, depth: usize, probe: bool) -> Result<Self, String> {
        if alphabet.is_empty() {
            return Err("the alphabet has no token".to_owned());
        }
        if alphabet.iter().any(Vec::is_empty) {
            return Err("the alphabet has an empty token".to_owned());
        }
        for (place, token) in alphabet.iter().enumerate() {
            if alphabet[..place].contains(token) {
                let token = token.escape_ascii();
                return Err(format!("the alphabet has the token `{token}` twice"));
            }
        }
        let n_tokens = alphabet.len() as u64;
        let largest = (0..64)
            .take_while(|&depth| count(n_tokens, depth).is_some())
            .last()
            .unwrap_or(0);
        if depth > largest {
            return Err(format!(
                "the depth {depth} is out of range: with {n_tokens} tokens it is at most {largest}"
            ));
        }
        Ok(Self {
            alphabet,
            depth,
            probe,
            shard: (0, 1),
        })
    }

    /// The alphabet whose sequences reach every rule of the standard.
    pub fn default_alphabet() -> Vec<Vec<u8>> {
        ALPHABET.map(<[u8]>::to_vec).to_vec()
    }

    /// Only the units of one shard, counted from 0.
    pub fn with_shard(self, number: u64, n_shards: u64) -> Self {
        Self {
            shard: (number, n_shards),
            ..self
        }
    }

    /// The tokens.
    pub fn alphabet(&self) -> &[Vec<u8>] {
        &self.alphabet
    }

    /// How many tokens a stream has at most.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Which shard, from 0, of how many.
    pub fn shard(&self) -> (u64, u64) {
        self.shard
    }

    /// How many streams there are in this shard.
    pub fn n_streams(&self) -> u64 {
        self.units().map(|unit| self.n_streams_of(unit)).sum()
    }

    /// The units of work of this shard, in their order.
    pub fn units(&self) -> impl Iterator<Item = u64> + use<> {
        let (number, n_shards) = self.shard;
        let n_units = power(self.alphabet.len() as u64, self.prefix_length());
        let n_shards_usize = usize::try_from(n_shards).unwrap_or(usize::MAX);
        (number..n_units).step_by(n_shards_usize)
    }

    /// How many streams a unit has.
    pub fn n_streams_of(&self, unit: u64) -> u64 {
        let subtrees = self.subtrees(unit);
        let of = |subtree: &Subtree| {
            count(
                self.alphabet.len() as u64,
                subtree.depth - subtree.prefix.len(),
            )
            .unwrap_or(u64::MAX)
        };
        subtrees.iter().map(of).sum()
    }

    /// What a unit is made of. The first unit also has the streams that are shorter than the prefixes.
    pub fn subtrees(&self, unit: u64) -> Vec<Subtree> {
        let n_tokens = self.alphabet.len() as u64;
        let mut prefix = vec![0; self.prefix_length()];
        let mut rest = unit;
        for place in prefix.iter_mut().rev() {
            *place = usize::try_from(rest % n_tokens).unwrap_or(0);
            rest /= n_tokens;
        }
        let mut subtrees = Vec::new();
        if unit == 0 && !prefix.is_empty() {
            subtrees.push(Subtree {
                prefix: Vec::new(),
                depth: prefix.len() - 1,
            });
        }
        subtrees.push(Subtree {
            prefix,
            depth: self.depth,
        });
        subtrees
    }

    /// The tokens at these places, cut between each two, with the probe behind them if there is one.
    pub fn delivery(&self, path: &[usize], probe: bool) -> Delivery {
        let mut bytes = Vec::new();
        let mut cuts = Vec::new();
        for &token in path {
            bytes.extend_from_slice(&self.alphabet[token]);
            cuts.push(bytes.len());
        }
        if probe {
            bytes.extend_from_slice(PROBE);
        } else {
            cuts.pop();
        }
        match cuts.is_empty() {
            true => Delivery::whole(bytes.into()),
            false => Delivery::new(Cutting::AsWritten, bytes.into(), cuts),
        }
    }

    /// How many tokens all streams of a unit have in common.
    fn prefix_length(&self) -> usize {
        let n_tokens = self.alphabet.len() as u64;
        let mut tail = 0;
        while tail < self.depth && count(n_tokens, tail + 1).is_some_and(|count| count <= 2 * UNIT)
        {
            tail += 1;
        }
        self.depth - tail
    }
}

/// All streams that start with a prefix and have no more tokens than `depth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The places of the first tokens in the alphabet.
    pub prefix: Vec<usize>,
    /// How many tokens a stream has at most, those of the prefix among them.
    pub depth: usize,
}

/// How many streams of up to `depth` tokens there are.
fn count(n_tokens: u64, depth: usize) -> Option<u64> {
    (0..depth).try_fold(1u64, |sum, _| sum.checked_mul(n_tokens)?.checked_add(1))
}

fn power(base: u64, exponent: usize) -> u64 {
    (0..exponent).fold(1, |product, _| product.saturating_mul(base))
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The streams that were tried.
    pub n_streams: u64,
    /// Those that were not, because the target reads text and they are none.
    pub n_left_out: u64,
    /// What differs, by its kind.
    pub differences: BTreeMap<String, Difference>,
}

/// A kind of difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many deliveries show it.
    pub count: u64,
    /// The shortest of them, the first of several.
    pub shortest: Delivery,
}

impl Found {
    /// Notes that something differs on a delivery.
    pub fn note(&mut self, kind: String, delivery: Delivery) {
        self.merge_difference(
            kind,
            Difference {
                count: 1,
                shortest: delivery,
            },
        );
    }

    /// Adds what was found later.
    pub fn merge(&mut self, later: Self) {
        self.n_streams += later.n_streams;
        self.n_left_out += later.n_left_out;
        for (kind, difference) in later.differences {
            self.merge_difference(kind, difference);
        }
    }

    fn merge_difference(&mut self, kind: String, later: Difference) {
        match self.differences.entry(kind) {
            std::collections::btree_map::Entry::Vacant(entry) => _ = entry.insert(later),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.count += later.count;
                if later.shortest.bytes().len() < known.shortest.bytes().len() {
                    known.shortest = later.shortest;
                }
            }
        }
    }
}
