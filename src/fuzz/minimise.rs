//! A delivery that shows something to the smallest that still shows it, by way of proposals that somebody tries.

use std::sync::Arc;

use crate::delivery::{Cutting, Delivery};

/// Proposals at once: enough for a pipe, few enough not to ask much for nothing.
const N_PROPOSALS: usize = 32;

/// Takes bytes and cuts away as long as what the delivery shows stays.
#[derive(Clone, Debug)]
pub struct Minimiser {
    best: Delivery,
    phase: Phase,
    /// Something became smaller or plainer since the phases began anew.
    progressed: bool,
    proposed: Vec<(Delivery, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// All cuts at once.
    Whole,
    /// So many bytes from here on.
    Bytes {
        length: usize,
        at: usize,
    },
    /// The cut with this number.
    Cut(usize),
    /// The byte here becomes a plain one.
    Plain(usize),
    Done,
}

impl Minimiser {
    /// Starts with a delivery that shows it.
    pub fn new(delivery: Delivery) -> Self {
        Self {
            best: delivery,
            phase: Phase::Whole,
            progressed: false,
            proposed: Vec::new(),
        }
    }

    /// The smallest so far.
    pub fn best(&self) -> &Delivery {
        &self.best
    }

    /// What to try next, the smallest steps last; none once nothing can be left out any more.
    pub fn proposals(&mut self) -> Vec<Delivery> {
        self.proposed.clear();
        while self.proposed.is_empty() && self.phase != Phase::Done {
            self.propose();
            if self.proposed.is_empty() {
                self.phase = self.next_phase();
            }
        }
        let deliveries = self.proposed.iter();
        deliveries.map(|(delivery, _)| delivery.clone()).collect()
    }

    /// Takes in which of the proposals was the first to show it still.
    pub fn take(&mut self, first: Option<usize>) {
        let taken = first.and_then(|first| self.proposed.get(first).cloned());
        match taken {
            Some((delivery, at)) => {
                self.best = delivery;
                self.progressed = true;
                self.phase = match self.phase {
                    Phase::Bytes { length, .. } => Phase::Bytes { length, at },
                    Phase::Cut(_) => Phase::Cut(at),
                    Phase::Plain(_) => Phase::Plain(at + 1),
                    Phase::Whole | Phase::Done => self.next_phase(),
                };
            }
            None => {
                let last = self.proposed.last().map_or(0, |(_, at)| *at);
                self.phase = match self.phase {
                    Phase::Bytes { length, .. } => Phase::Bytes {
                        length,
                        at: last + length,
                    },
                    Phase::Cut(_) => Phase::Cut(last + 1),
                    Phase::Plain(_) => Phase::Plain(last + 1),
                    Phase::Whole | Phase::Done => self.next_phase(),
                };
            }
        }
        self.proposed.clear();
    }

    fn propose(&mut self) {
        let n_bytes = self.best.bytes().len();
        let proposed = match self.phase {
            Phase::Whole if self.best.cuts().is_empty() => Vec::new(),
            Phase::Whole => vec![(Delivery::whole(self.best.bytes().into()), 0)],
            Phase::Bytes { length, at } => (at..n_bytes)
                .step_by(length)
                .take(N_PROPOSALS)
                .map(|at| (without_bytes(&self.best, at, length), at))
                .collect(),
            Phase::Cut(first) => (first..self.best.cuts().len())
                .take(N_PROPOSALS)
                .map(|number| (without_cut(&self.best, number), number))
                .collect(),
            Phase::Plain(first) => (first..n_bytes)
                .filter(|&at| is_fancy(self.best.bytes()[at]))
                .take(N_PROPOSALS)
                .map(|at| (with_plain_byte(&self.best, at), at))
                .collect(),
            Phase::Done => Vec::new(),
        };
        self.proposed = proposed;
    }

    fn next_phase(&mut self) -> Phase {
        match self.phase {
            Phase::Whole => Phase::Bytes {
                length: (self.best.bytes().len() / 2).max(1),
                at: 0,
            },
            Phase::Bytes { length: 1, .. } => Phase::Cut(0),
            Phase::Bytes { length, .. } => Phase::Bytes {
                length: length / 2,
                at: 0,
            },
            Phase::Cut(_) => Phase::Plain(0),
            // What was kept may have become needless since: once more, until nothing changes.
            Phase::Plain(_) if std::mem::take(&mut self.progressed) => Phase::Whole,
            Phase::Plain(_) | Phase::Done => Phase::Done,
        }
    }
}

fn is_fancy(byte: u8) -> bool {
    !matches!(byte, b'a' | b'\n' | b'\r' | b':' | b' ')
}

fn deliver(bytes: Arc<[u8]>, cuts: Vec<usize>) -> Delivery {
    let cutting = if cuts.is_empty() {
        Cutting::Whole
    } else {
        Cutting::AsWritten
    };
    Delivery::new(cutting, bytes, cuts)
}

fn without_bytes(delivery: &Delivery, at: usize, length: usize) -> Delivery {
    let bytes = delivery.bytes();
    let end = (at + length).min(bytes.len());
    let mut cuts: Vec<usize> = Vec::new();
    let mut previous = None;
    for &cut in delivery.cuts() {
        let moved = cut - cut.min(end).saturating_sub(at);
        // Two cuts that fall together are one, unless they made an empty chunk before.
        if previous == Some(cut) || cuts.last() != Some(&moved) {
            cuts.push(moved);
        }
        previous = Some(cut);
    }
    deliver([&bytes[..at], &bytes[end..]].concat().into(), cuts)
}

fn without_cut(delivery: &Delivery, number: usize) -> Delivery {
    let mut cuts = delivery.cuts().to_vec();
    cuts.remove(number);
    deliver(delivery.bytes().into(), cuts)
}

fn with_plain_byte(delivery: &Delivery, at: usize) -> Delivery {
    let mut bytes = delivery.bytes().to_vec();
    bytes[at] = b'a';
    deliver(bytes.into(), delivery.cuts().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quirk::{self, observe};

    fn minimise(delivery: Delivery, shows: impl Fn(&Delivery) -> bool) -> Delivery {
        let mut minimiser = Minimiser::new(delivery);
        loop {
            let proposals = minimiser.proposals();
            if proposals.is_empty() {
                return minimiser.best().clone();
            }
            let first = proposals.iter().position(&shows);
            minimiser.take(first);
        }
    }

    #[track_caller]
    fn check_is_minimal(delivery: &Delivery, shows: impl Fn(&Delivery) -> bool) {
        for at in 0..delivery.bytes().len() {
            assert!(
                !shows(&without_bytes(delivery, at, 1)),
                "byte {at} of {delivery:?}"
            );
        }
        for number in 0..delivery.cuts().len() {
            assert!(
                !shows(&without_cut(delivery, number)),
                "cut {number} of {delivery:?}"
            );
        }
    }

    #[test]
    fn what_is_left_is_needed() {
        let stream = b"\xEF\xBB\xBFid: 1\r\nevent: x\r\ndata: one\r\ndata: two\r\n\r\n: c\ndata:  three\n\nretry: 7\ndata\n\n";
        for name in [
            "space-all-removed",
            "data-glued",
            "line-split-crlf-is-two-ends",
            "bom-not-stripped",
        ] {
            let quirk = quirk::find(name).expect("a quirk");
            let shows = |delivery: &Delivery| observe(&[quirk], delivery) != observe(&[], delivery);
            let cuts = (1..stream.len()).collect();
            let delivery = Delivery::new(Cutting::ByteByByte, stream.as_slice().into(), cuts);
            assert!(shows(&delivery), "{name}");
            let minimal = minimise(delivery, shows);
            check_is_minimal(&minimal, shows);
            assert!(minimal.bytes().len() <= 20, "{name}: {minimal:?}");
        }
    }

    #[test]
    fn bytes_that_do_not_matter_become_plain() {
        let shows =
            |delivery: &Delivery| delivery.bytes().len() >= 4 && delivery.bytes().contains(&b'!');
        let minimal = minimise(Delivery::whole(b"xyz!xyzxyz".as_slice().into()), shows);
        let mut bytes = minimal.bytes().to_vec();
        bytes.sort_unstable();
        assert_eq!(bytes, b"!aaa");
    }

    #[test]
    fn an_empty_chunk_that_matters_stays() {
        let shows = |delivery: &Delivery| {
            let chunks: Vec<&[u8]> = delivery.chunks().collect();
            chunks
                .windows(2)
                .any(|pair| pair[0].is_empty() && !pair[1].is_empty())
        };
        let delivery = Delivery::new(
            Cutting::AsWritten,
            b"abcdef".as_slice().into(),
            vec![2, 2, 4],
        );
        let minimal = minimise(delivery, shows);
        assert_eq!(
            (minimal.bytes(), minimal.cuts()),
            (b"a".as_slice(), [0].as_slice())
        );
    }
}
