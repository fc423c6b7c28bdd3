//! A seed and a number to what an application emits: a few events, with hostile texts in some of their fields.
//!
//! Each emission depends on its own number alone, so shards and jobs can share the work and give the same emissions.

use crate::case::server::{Emitted, Retry, SENTINEL};
use crate::fuzz::random::Random;
use crate::observation::server::Offers;

/// Texts that nobody stumbles over.
const PLAIN: &[&str] = &["a", "b", "ab", "42", "x1", "add", "message"];
/// Pieces of texts that somebody may stumble over.
const HOSTILE: &[&str] = &[
    "\n",
    "\n",
    "\r",
    "\r",
    "\r\n",
    "\r\n",
    "\n\n",
    "\r\r",
    "\0",
    "\u{FEFF}",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{B}",
    "\u{C}",
    "\u{1C}",
    "\u{1E}",
    "\t",
    " ",
    "  ",
    ":",
    "\u{8}",
    "\u{1B}",
    "\u{7F}",
    "\u{80}",
    "\u{9F}",
    "\u{E9}",
    "e\u{301}",
    "\u{200B}",
    "\u{202E}",
    "\u{FFFD}",
    "\u{D7FF}",
    "\u{E000}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{1F600}",
    "\u{10FFFF}",
    "\"",
    "\\",
    "\\n",
    "'",
    "<b>",
    "&",
    "%0A",
    "{",
    "}",
    "[DONE]",
    "#",
    "$",
    "`",
];
/// What would be a line of its own.
const LINES: &[&str] = &[
    "data: x", "event: x", "id: 9", "retry: 1", ": x", "data", "id", "x: y",
];
/// What would end a line.
const LINE_ENDS: &[&str] = &["\n", "\r", "\r\n", "\u{2028}", "\u{85}", "\u{B}", "\0"];
/// Times. Not every language's JSON carries larger ones.
const TIMES: &[i64] = &[
    1,
    10,
    5000,
    0,
    -1,
    i32::MAX as i64,
    1 << 31,
    1 << 32,
    (1 << 53) - 1,
    -(1 << 31),
];
/// Times as texts.
const TIME_TEXTS: &[&str] = &[
    "5",
    "0",
    "007",
    "",
    "x",
    "-1",
    "+1",
    "1.5",
    "1e3",
    " 5",
    "5 ",
    "5\n",
    "5\r",
    "1\ndata: x",
    "1\r\rdata: x\r\r",
    "\u{661}",
    "5\0",
];
/// Most long texts are as long as some buffer, or a little longer.
const LENGTHS: &[usize] = &[1023, 1024, 4096, 8191, 8193, 16_384, 20_000];

/// Makes emissions.
#[derive(Clone, Debug)]
pub struct Emissions {
    seed: u64,
    offers: Offers,
    /// Emissions to start from.
    seeds: Vec<Vec<Emitted>>,
}

impl Emissions {
    /// A generator for a server whose interface offers this; of the seeds it takes what the interface offers.
    pub fn new(seed: u64, offers: Offers, seeds: Vec<Vec<Emitted>>) -> Self {
        let fit = |events: Vec<Emitted>| {
            let fit = events.into_iter().filter_map(|event| fit(event, &offers));
            fit.take(8).collect::<Vec<_>>()
        };
        let mut seeds: Vec<Vec<Emitted>> = seeds.into_iter().map(fit).collect();
        seeds.retain(|events| !events.is_empty());
        Self {
            seed,
            offers,
            seeds,
        }
    }

    /// The emissions to start from.
    pub fn seeds(&self) -> &[Vec<Emitted>] {
        &self.seeds
    }

    /// The emission with this number; never empty.
    pub fn events(&self, index: u64) -> Vec<Emitted> {
        let mut random = Random::new(self.seed, index);
        let random = &mut random;
        if !self.seeds.is_empty() && random.percent(15) {
            let mut events = self.seeds[random.below(self.seeds.len())].clone();
            let at = random.below(events.len());
            let other = self.event(random);
            // A field of another event in the place of its own.
            let event = &mut events[at];
            match random.below(4) {
                0 if other.id.is_some() => event.id = other.id,
                1 if other.event_type.is_some() => event.event_type = other.event_type,
                2 if other.comment.is_some() => event.comment = other.comment,
                _ => event.data = other.data.or(event.data.take()),
            }
            return self.without_sentinel(events);
        }
        let n_events = [1, 1, 1, 2, 3, 5][random.below(6)];
        let events = (0..n_events).map(|_| self.event(random)).collect();
        self.without_sentinel(events)
    }

    fn event(&self, random: &mut Random) -> Emitted {
        let offers = &self.offers;
        let mut event = Emitted::default();
        let has_data = !offers.without_data || random.percent(85);
        event.data = has_data.then(|| plain(random));
        event.event_type = (offers.event_type && random.percent(35)).then(|| plain(random));
        event.id = (offers.id && random.percent(35)).then(|| plain(random));
        event.retry =
            (offers.retry && random.percent(20)).then(|| Retry::Number(TIMES[random.below(3)]));
        event.comment = (offers.comment && random.percent(20)).then(|| plain(random));
        if event == Emitted::default() {
            event.data = Some(plain(random));
        }
        // Most have one odd field, so that each kind of fault is met by itself.
        let n_odd = [0, 1, 1, 1, 1, 1, 2, 4][random.below(8)];
        for _ in 0..n_odd {
            match random.below(5) {
                0 if event.event_type.is_some() => event.event_type = Some(hostile(random)),
                1 if event.id.is_some() => event.id = Some(hostile(random)),
                2 if event.comment.is_some() => event.comment = Some(hostile(random)),
                3 if event.retry.is_some() => {
                    event.retry = Some(if offers.retry_text && random.percent(60) {
                        Retry::Text(random.of(TIME_TEXTS).to_owned())
                    } else {
                        Retry::Number(TIMES[random.below(TIMES.len())])
                    });
                }
                _ if event.data.is_some() => event.data = Some(hostile(random)),
                _ => (),
            }
        }
        event
    }

    /// Nobody emits the text that ends a case.
    fn without_sentinel(&self, mut events: Vec<Emitted>) -> Vec<Emitted> {
        events.retain(|event| event.texts().all(|text| !text.contains(SENTINEL)));
        if events.is_empty() {
            events.push(Emitted {
                data: Some("a".to_owned()),
                ..Emitted::default()
            });
        }
        events
    }
}

/// The event without what the interface does not offer; nothing if nothing is left.
fn fit(event: Emitted, offers: &Offers) -> Option<Emitted> {
    let is_offered = |retry: &Retry| match retry {
        Retry::Number(_) => offers.retry,
        Retry::Text(_) => offers.retry_text,
    };
    let event = Emitted {
        data: event.data,
        event_type: event.event_type.filter(|_| offers.event_type),
        id: event.id.filter(|_| offers.id),
        retry: event.retry.filter(is_offered),
        comment: event.comment.filter(|_| offers.comment),
    };
    let is_possible = event.data.is_some() || offers.without_data;
    (event != Emitted::default() && is_possible).then_some(event)
}

fn plain(random: &mut Random) -> String {
    random.of(PLAIN).to_owned()
}

fn hostile(random: &mut Random) -> String {
    let mut text = String::new();
    match random.below(20) {
        0 => (),
        1 => text = "a".repeat(LENGTHS[random.below(LENGTHS.len())]),
        2..8 => {
            // Something that would be a line of its own if the character before it ended a line.
            text.push_str(random.of(PLAIN));
            let end = random.of(LINE_ENDS);
            text.push_str(end);
            if random.percent(40) {
                text.push_str(end);
            }
            text.push_str(random.of(LINES));
            if random.percent(40) {
                text.push_str(end);
                text.push_str(end);
            }
        }
        8 => text.push_str(random.of(LINES)),
        _ => {
            for _ in 0..1 + random.below(3) {
                if random.percent(50) {
                    text.push_str(random.of(PLAIN));
                }
                text.push_str(random.of(HOSTILE));
                if random.percent(50) {
                    text.push_str(random.of(PLAIN));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::traits::{self, Field, Kind};
    use super::*;
    use crate::observation::Features;

    #[test]
    fn an_emission_depends_on_its_seed_and_number_alone() {
        let make = || Emissions::new(7, Features::FULL.offers, Vec::new());
        let (a, b) = (make(), make());
        for index in 0..1000 {
            assert_eq!(a.events(index), b.events(index));
        }
        assert_ne!(a.events(1), a.events(2));
    }

    #[test]
    fn only_what_the_interface_offers_is_emitted() {
        let offers = Offers {
            id: true,
            ..Offers::default()
        };
        let seed = Emitted {
            comment: Some("c".to_owned()),
            data: Some("a".to_owned()),
            ..Emitted::default()
        };
        let emissions = Emissions::new(7, offers, vec![vec![seed.clone()]]);
        assert_eq!(
            emissions.seeds()[0][0],
            Emitted {
                comment: None,
                ..seed
            }
        );
        for event in (0..1000).flat_map(|index| emissions.events(index)) {
            assert!(event.data.is_some() && event.event_type.is_none());
            assert!(event.retry.is_none() && event.comment.is_none());
        }
    }

    #[test]
    fn every_kind_of_character_is_met_by_itself_in_every_text() {
        let emissions = Emissions::new(0, Features::FULL.offers, Vec::new());
        let mut met = BTreeSet::new();
        for event in (0..20_000).flat_map(|index| emissions.events(index)) {
            let odd: Vec<_> = traits::of(&event)
                .into_iter()
                .filter(|(_, kind)| *kind != Kind::Plain)
                .collect();
            if let [only] = odd.as_slice() {
                met.insert(*only);
            }
        }
        let kinds = [
            Kind::Empty,
            Kind::LineFeed,
            Kind::CarriageReturn,
            Kind::Nul,
            Kind::Mark,
            Kind::OtherLineEnd,
            Kind::Control,
            Kind::Space,
            Kind::Colon,
            Kind::Punctuation,
            Kind::NonAscii,
            Kind::Astral,
            Kind::Noncharacter,
            Kind::Long,
        ];
        for field in [Field::Data, Field::EventType, Field::Id, Field::Comment] {
            for kind in kinds {
                assert!(met.contains(&(field, kind)), "{field} {kind}");
            }
        }
        for kind in [Kind::Zero, Kind::Negative, Kind::Large, Kind::NoNumber] {
            assert!(met.contains(&(Field::Retry, kind)), "retry {kind}");
        }
    }
}
