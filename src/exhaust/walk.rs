//! The streams of a unit through the three parsers of this crate at once, to where they differ.
//!
//! Depth-first: streams with a common prefix share its work, and each level keeps its buffers. What follows a line end in
//! states that are equal in every respect is walked once, since it cannot but come out the same.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::{Found, PROBE, Plan, Subtree, count};
use crate::event_stream::literal::Literal;
use crate::event_stream::{Item, OwnedEvent, Parser};
use crate::quirk::{self, Quirk};

/// So many states are remembered for each number of tokens to come: of some hundred bytes each, for each thread.
const MAX_WALKED: usize = 1 << 17;

/// The parsers at one place in a stream, with all that they will ever act on.
#[derive(Debug, Hash)]
struct State {
    parser: Parser,
    literal: Literal,
    model: quirk::State,
}

/// A search through the streams of a plan.
#[derive(Debug)]
pub struct Walk<'a> {
    plan: &'a Plan,
    /// At the start of a stream, after its first token, and so on; the last one takes the probes.
    states: Vec<State>,
    /// The places in the alphabet of the tokens of the stream.
    path: Vec<usize>,
    /// What the literal parser gave last.
    events: Vec<OwnedEvent>,
    /// By how many tokens may follow: the states behind which nothing differs, as [`State::key`] has them.
    walked: Vec<HashSet<Box<[u8]>>>,
    found: Found,
    n_differences: u64,
}

impl<'a> Walk<'a> {
    /// A walk in which the model has these quirks. Without any, nothing should differ.
    pub fn new(plan: &'a Plan, quirks: &[&Quirk]) -> Self {
        let state = || State {
            parser: Parser::new(),
            literal: Literal::default(),
            model: quirk::State::new(quirks),
        };
        Self {
            plan,
            states: (0..plan.depth() + 2).map(|_| state()).collect(),
            path: Vec::new(),
            events: Vec::new(),
            walked: vec![HashSet::new(); plan.depth() + 1],
            found: Found::default(),
            n_differences: 0,
        }
    }

    /// Compares on every stream of a unit.
    pub fn unit(&mut self, unit: u64) -> Found {
        for subtree in self.plan.subtrees(unit) {
            self.subtree(&subtree);
        }
        std::mem::take(&mut self.found)
    }

    fn subtree(&mut self, subtree: &Subtree) {
        self.path.clear();
        for &token in &subtree.prefix {
            // What differs on the way is the business of the unit that has the shorter stream.
            let found = std::mem::take(&mut self.found);
            self.step(token);
            self.found = found;
        }
        self.found.n_streams += 1;
        if self.plan.probe {
            self.probe(false);
        }
        self.below(subtree.depth);
    }

    /// Compares on the streams that continue this one.
    fn below(&mut self, depth: usize) {
        let n_rest = depth - self.path.len();
        if n_rest == 0 || !self.is_at_line_end() {
            return self.walk_below(depth);
        }
        let key = self.states[self.path.len()].key();
        if self.walked[n_rest].contains(key.as_slice()) {
            let n_tokens = self.plan.alphabet().len() as u64;
            self.found.n_streams += count(n_tokens, n_rest).unwrap_or(u64::MAX) - 1;
            return;
        }
        let n_differences = self.n_differences;
        self.walk_below(depth);
        if self.n_differences == n_differences && self.walked[n_rest].len() < MAX_WALKED {
            self.walked[n_rest].insert(key.into());
        }
    }

    fn walk_below(&mut self, depth: usize) {
        if self.path.len() == depth {
            return;
        }
        for token in 0..self.plan.alphabet().len() {
            self.step(token);
            self.found.n_streams += 1;
            let is_leaf = self.path.len() == depth;
            if self.plan.probe {
                self.probe(is_leaf);
            }
            if !is_leaf {
                self.below(depth);
            }
            self.path.pop();
        }
    }

    /// Within a line hardly two states are equal.
    fn is_at_line_end(&self) -> bool {
        let token = self.path.last().map(|&token| &self.plan.alphabet()[token]);
        matches!(token.and_then(|token| token.last()), Some(b'\n' | b'\r'))
    }

    /// Goes on by one token.
    fn step(&mut self, token: usize) {
        let level = self.path.len();
        self.path.push(token);
        let (before, after) = self.states.split_at_mut(level + 1);
        let state = &mut after[0];
        state.copy(&before[level]);
        let differs = state.feed(&self.plan.alphabet()[token], &mut self.events);
        if let Some(kind) = differs {
            self.note(kind, false);
        }
    }

    /// Tries the probe after the stream; a state that nobody needs any more may be used up for it.
    fn probe(&mut self, uses_up: bool) {
        let level = self.path.len();
        let state = if uses_up {
            &mut self.states[level]
        } else {
            let (before, last) = self.states.split_at_mut(self.plan.depth() + 1);
            last[0].copy(&before[level]);
            &mut last[0]
        };
        if let Some(kind) = state.feed(PROBE, &mut self.events) {
            self.note(kind, true);
        }
    }

    #[cold]
    fn note(&mut self, kind: &str, probe: bool) {
        self.n_differences += 1;
        let delivery = self.plan.delivery(&self.path, probe);
        self.found.note(kind.to_owned(), delivery);
    }
}

/// Keeps what is hashed: std writes the length or the end of each text, so other states write other bytes.
struct Key(Vec<u8>);

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

impl State {
    /// Bytes that are equal where the states are equal in every respect, and nowhere else.
    fn key(&self) -> Vec<u8> {
        let mut key = Key(Vec::with_capacity(512));
        self.hash(&mut key);
        key.0
    }

    fn copy(&mut self, source: &Self) {
        self.parser.clone_from(&source.parser);
        self.literal.clone_from(&source.literal);
        self.model.clone_from(&source.model);
    }

    /// Feeds a chunk to all three; the first difference, if there is one.
    fn feed(&mut self, chunk: &[u8], events: &mut Vec<OwnedEvent>) -> Option<&'static str> {
        events.clear();
        for &byte in chunk {
            self.literal.push(byte, events);
        }
        let mut differs = self.parser_differs(chunk, events);
        self.model.feed(chunk);
        differs = differs.or_else(|| self.model_differs(events));
        self.model.forget_events();
        differs
    }

    fn parser_differs(
        &mut self,
        mut chunk: &[u8],
        expected: &[OwnedEvent],
    ) -> Option<&'static str> {
        let mut n_events = 0;
        let mut differs = false;
        while let Some(item) = self.parser.next(&mut chunk) {
            differs |= match (item, expected.get(n_events)) {
                (Item::Event(event), Some(expected)) => {
                    !(is_same(event.event_type.as_bytes(), expected.event_type.as_bytes())
                        && is_same(event.data.as_bytes(), expected.data.as_bytes())
                        && is_same(
                            event.last_event_id.as_bytes(),
                            expected.last_event_id.as_bytes(),
                        ))
                }
                _ => true,
            };
            n_events += 1;
        }
        if differs || n_events != expected.len() {
            return Some("the events of parser and literal parser");
        }
        if !is_same(
            self.parser.last_event_id().as_bytes(),
            self.literal.last_event_id.as_bytes(),
        ) {
            return Some("the last event ID of parser and literal parser");
        }
        let time = self.literal.reconnection_time.map(Duration::from_millis);
        (self.parser.reconnection_time() != time)
            .then_some("the reconnection time of parser and literal parser")
    }

    fn model_differs(&self, expected: &[OwnedEvent]) -> Option<&'static str> {
        let events = self.model.events();
        let is_same_event = |(event, expected): (quirk::Shown<'_>, &OwnedEvent)| {
            is_same(event.event_type, expected.event_type.as_bytes())
                && is_same(event.data, expected.data.as_bytes())
                && is_same(event.last_event_id, expected.last_event_id.as_bytes())
        };
        if events.len() != expected.len() || !events.zip(expected).all(is_same_event) {
            return Some("the events of model and literal parser");
        }
        if self.model.has_stopped() {
            return Some("the model stops");
        }
        if !is_same(
            self.model.last_event_id(),
            self.literal.last_event_id.as_bytes(),
        ) {
            return Some("the last event ID of model and literal parser");
        }
        (self.model.reconnection_time() != self.literal.reconnection_time.map(i128::from))
            .then_some("the reconnection time of model and literal parser")
    }
}

/// Nearly always both are empty. To compare empty buffers that were never allocated takes some processors as long as
/// everything else here, because their address is not one of memory.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn found(plan: &Plan, quirks: &[&Quirk]) -> Found {
        let mut walk = Walk::new(plan, quirks);
        let mut found = Found::default();
        for unit in plan.units() {
            let of_unit = walk.unit(unit);
            assert_eq!(of_unit.n_streams, plan.n_streams_of(unit));
            found.merge(of_unit);
        }
        found
    }

    fn plan(depth: usize, probe: bool) -> Plan {
        Plan::new(Plan::default_alphabet(), depth, probe).expect("a small plan")
    }

    #[test]
    fn the_three_parsers_are_equal_on_every_stream_of_up_to_four_tokens() {
        let found = found(&plan(4, true), &[]);
        assert_eq!(found.n_streams, 69_905);
        assert_eq!(found.differences.into_keys().collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn a_parser_that_is_wrong_is_found_and_its_shortest_stream_kept() {
        let quirk = quirk::find("bom-not-stripped").expect("it is in the catalogue");
        let found = found(&plan(2, true), &[quirk]);
        let kind = &found.differences["the events of model and literal parser"];
        // Right after a mark, the probe still makes an event of its second line.
        assert_eq!(
            kind.shortest.bytes(),
            b"\xEF\xBB\xBFdata\ndata:P\n\n",
            "{kind:?}"
        );
    }

    #[test]
    fn the_probe_sees_what_the_bare_streams_do_not_show() {
        let quirk = quirk::find("bom-not-stripped").expect("it is in the catalogue");
        assert_eq!(found(&plan(3, false), &[quirk]).differences.len(), 0);
        assert!(!found(&plan(3, true), &[quirk]).differences.is_empty());
    }

    /// Walks to each stream from the start, so that nothing is shared and nothing remembered.
    fn found_one_by_one(plan: &Plan, quirks: &[&Quirk]) -> BTreeMap<String, (u64, usize)> {
        let n_tokens = plan.alphabet().len() as u64;
        let mut differences = BTreeMap::new();
        let mut note = |kind: &str, n_bytes: usize| {
            let (count, shortest) = differences.entry(kind.to_owned()).or_insert((0, n_bytes));
            *count += 1;
            *shortest = n_bytes.min(*shortest);
        };
        for length in 0..=u32::try_from(plan.depth()).expect("a small depth") {
            for mut number in 0..n_tokens.pow(length) {
                let mut state = Walk::new(plan, quirks).states.swap_remove(0);
                let (mut events, mut n_bytes, mut differs) = (Vec::new(), 0, None);
                for _ in 0..length {
                    let token = &plan.alphabet()[(number % n_tokens) as usize];
                    number /= n_tokens;
                    differs = state.feed(token, &mut events);
                    n_bytes += token.len();
                }
                differs.into_iter().for_each(|kind| note(kind, n_bytes));
                let probed = state.feed(PROBE, &mut events);
                probed
                    .into_iter()
                    .for_each(|kind| note(kind, n_bytes + PROBE.len()));
            }
        }
        differences
    }

    #[test]
    fn states_that_are_walked_once_hide_no_difference() {
        let alphabet = [&b"data:a"[..], b"id:", b"7", b"\n", b"\r"];
        let plan = Plan::new(alphabet.map(<[u8]>::to_vec).to_vec(), 6, true).expect("a small plan");
        for name in [
            "id-waits-for-event",
            "line-cr-waits-for-next-byte",
            "data-never-reset",
        ] {
            let quirk = quirk::find(name).expect("it is in the catalogue");
            let walked = found(&plan, &[quirk]).differences.into_iter();
            let walked: BTreeMap<_, _> = walked
                .map(|(kind, found)| (kind, (found.count, found.shortest.bytes().len())))
                .collect();
            assert!(!walked.is_empty(), "{name}");
            assert_eq!(walked, found_one_by_one(&plan, &[quirk]), "{name}");
        }
    }

    #[test]
    fn shards_have_every_stream_once() {
        let whole = found(&plan(5, false), &[]);
        let mut shared = Found::default();
        for number in 0..3 {
            shared.merge(found(&plan(5, false).with_shard(number, 3), &[]));
        }
        assert_eq!(shared, whole);
        assert_eq!(whole.n_streams, 1_118_481);
    }
}
