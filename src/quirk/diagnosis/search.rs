//! A set of quirks to a better one: the steps of a search, and what is worth a try.

use std::cmp::Reverse;

use super::Rigour;
use crate::observation::Features;
use crate::quirk::sample::Sample;
use crate::quirk::{Quirk, all};

/// How many streams that nothing explains are tried with two and three quirks at once.
const N_TRIED_WITH_SEVERAL: usize = 4;
/// How many streams that nothing explains are tried with one quirk in the place of another.
const N_TRIED_WITH_OTHERS: usize = 4;
/// Of more samples that nothing explains, about so many say which sets are worth a full rating.
const N_SCREENING: usize = 100;
/// So many sets are, to begin with.
const N_PROMISING: usize = 16;
/// How many quirks that change a stream are combined.
const N_COMBINED: usize = 40;

/// A search among samples.
pub struct Search<'a> {
    /// The short ones.
    pub samples: Vec<&'a Sample>,
    /// What the target shows.
    pub features: &'a Features,
    /// What is allowed.
    pub rigour: Rigour,
    /// How long it may take.
    pub effort: Effort,
}

/// How many steps are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Those that may be tried after each sample.
    Quick,
    /// All.
    Thorough,
}

/// A set of quirks and which samples it explains.
pub struct Rated {
    pub quirks: Vec<&'static Quirk>,
    explained: Vec<bool>,
    n_explained: usize,
}

impl Search<'_> {
    /// Which samples a set explains.
    pub fn rate(&self, quirks: Vec<&'static Quirk>) -> Rated {
        let explained: Vec<bool> = self
            .samples
            .iter()
            .map(|sample| sample.is_explained_by(&quirks, self.features))
            .collect();
        let n_explained = explained.iter().filter(|explained| **explained).count();
        Rated {
            quirks,
            explained,
            n_explained,
        }
    }

    /// Drops each quirk without which a set explains all that it explains: a step on the way that later ones made idle.
    pub fn prune(&self, best: &mut Rated) {
        for quirk in best.quirks.clone() {
            let rest = without(&best.quirks, quirk);
            if self.loses_nothing(&rest, best) {
                best.quirks = rest;
            }
        }
    }

    /// Takes back each choice that later steps made a matter of taste: the first of its slot in the catalogue that
    /// explains as much, unless it is less about the samples.
    pub fn settle(&self, best: &mut Rated) {
        let deviating: Vec<_> = self.samples.iter().filter(|s| s.deviates()).collect();
        let about = |quirk: &Quirk| -> usize {
            let kinships = deviating.iter().map(|sample| kinship(quirk, sample));
            kinships.sum()
        };
        for quirk in best.quirks.clone() {
            let earlier = all().iter().take_while(|other| *other != quirk);
            let as_good = earlier
                .filter(|other| other.slot == quirk.slot && about(other) >= about(quirk))
                .map(|other| with(&best.quirks, other))
                .find(|set| self.loses_nothing(set, best));
            if let Some(set) = as_good {
                best.quirks = set;
            }
        }
    }

    /// Whether a set explains all that the best explains.
    fn loses_nothing(&self, quirks: &[&'static Quirk], best: &Rated) -> bool {
        let mut explained = self.samples.iter().zip(&best.explained);
        explained
            .all(|(sample, explained)| !explained || sample.is_explained_by(quirks, self.features))
    }

    /// The best set that a few steps from this one lead to, if it is better.
    pub fn improve(&self, now: &Rated) -> Option<Rated> {
        let mut missed: Vec<&Sample> = self
            .samples
            .iter()
            .zip(&now.explained)
            .filter(|(_, explained)| !**explained)
            .map(|(sample, _)| *sample)
            .collect();
        missed.sort_by_key(|sample| sample.size());
        let dropped = now.quirks.iter().map(|quirk| without(&now.quirks, quirk));
        let added = all().iter().map(|quirk| with(&now.quirks, quirk));
        self.best(added.chain(dropped).collect(), &missed, now)
            .or_else(|| self.best(self.swapped(&missed, now), &missed, now))
            .or_else(|| self.best_for_one(Self::combined, &missed, now))
            .or_else(|| match self.effort {
                Effort::Quick => None,
                Effort::Thorough => self.best_for_one(Self::one_for_two, &missed, now),
            })
    }

    /// The best of the sets that are made to explain one of the first deviations left, if it is better.
    fn best_for_one(
        &self,
        sets: impl Fn(&Self, &Sample, &Rated) -> Vec<Vec<&'static Quirk>>,
        missed: &[&Sample],
        now: &Rated,
    ) -> Option<Rated> {
        let deviating = missed.iter().filter(|sample| sample.deviates());
        deviating
            .take(N_TRIED_WITH_SEVERAL)
            .find_map(|sample| self.best(sets(self, sample, now), missed, now))
    }

    /// One quirk in the place of another, whatever their slots, where that explains one of the first deviations left.
    ///
    /// A quirk that explains a part of the truth stands in the way of the one that explains all of it.
    fn swapped(&self, missed: &[&Sample], now: &Rated) -> Vec<Vec<&'static Quirk>> {
        let deviating = missed.iter().filter(|sample| sample.deviates());
        let first: Vec<_> = deviating.take(N_TRIED_WITH_OTHERS).collect();
        let explains = |set: &Vec<&'static Quirk>| {
            first
                .iter()
                .any(|sample| sample.is_explained_by(set, self.features))
        };
        let swaps = now.quirks.iter().flat_map(|old| {
            let rest = without(&now.quirks, old);
            all().iter().map(move |new| with(&rest, new))
        });
        swaps.filter(explains).collect()
    }

    /// The best of some sets, if it is better than what we have.
    fn best(
        &self,
        sets: Vec<Vec<&'static Quirk>>,
        missed: &[&Sample],
        now: &Rated,
    ) -> Option<Rated> {
        let (promising, others) = self.screened(sets, missed);
        self.best_of(promising, missed, now)
            .or_else(|| self.best_of(others, missed, now))
    }

    /// The sets that explain the most of an even choice of the samples, small and large, and the other sets.
    ///
    /// Most samples are unexplained at first, and most sets explain none of them: rating each in full would take ten
    /// times as long.
    fn screened(
        &self,
        sets: Vec<Vec<&'static Quirk>>,
        missed: &[&Sample],
    ) -> (Vec<Vec<&'static Quirk>>, Vec<Vec<&'static Quirk>>) {
        if missed.len() <= N_SCREENING || sets.len() <= N_PROMISING {
            return (sets, Vec::new());
        }
        let step = missed.len().div_ceil(N_SCREENING);
        let n_explained = |set: &Vec<&'static Quirk>| {
            let explained = |sample: &&&Sample| sample.is_explained_by(set, self.features);
            missed.iter().step_by(step).filter(explained).count()
        };
        let mut ranked: Vec<_> = sets
            .into_iter()
            .map(|set| (n_explained(&set), set))
            .collect();
        ranked.sort_by_key(|(n_explained, _)| Reverse(*n_explained));
        let mut sets: Vec<_> = ranked.into_iter().map(|(_, set)| set).collect();
        let others = sets.split_off(N_PROMISING);
        (sets, others)
    }

    fn best_of(
        &self,
        sets: Vec<Vec<&'static Quirk>>,
        missed: &[&Sample],
        now: &Rated,
    ) -> Option<Rated> {
        sets.into_iter()
            .filter_map(|quirks| self.rate_if_better(quirks, missed.len(), now))
            .filter(|rated| self.is_allowed(rated, now))
            .enumerate()
            .max_by_key(|(place, rated)| {
                (
                    rated.n_explained,
                    Reverse(rated.quirks.len()),
                    self.kinship(rated, now),
                    Reverse(*place),
                )
            })
            .map(|(_, rated)| rated)
    }

    /// The rating of a set, unless it loses as much as it gains: most do, and soon.
    fn rate_if_better(
        &self,
        quirks: Vec<&'static Quirk>,
        n_missed: usize,
        now: &Rated,
    ) -> Option<Rated> {
        let mut explained = now.explained.clone();
        let mut n_gained = 0;
        let places =
            |was: bool| (0..self.samples.len()).filter(move |&at| now.explained[at] == was);
        debug_assert_eq!(places(false).count(), n_missed);
        for place in places(false) {
            explained[place] = self.samples[place].is_explained_by(&quirks, self.features);
            n_gained += usize::from(explained[place]);
        }
        let mut n_lost = 0;
        for place in places(true) {
            if n_lost >= n_gained {
                return None;
            }
            explained[place] = self.samples[place].is_explained_by(&quirks, self.features);
            n_lost += usize::from(!explained[place]);
        }
        (n_gained > n_lost).then(|| Rated {
            quirks,
            explained,
            n_explained: now.n_explained + n_gained - n_lost,
        })
    }

    /// How much what is new in a set is about the samples that are newly explained.
    fn kinship(&self, rated: &Rated, now: &Rated) -> usize {
        let new: Vec<_> = rated
            .quirks
            .iter()
            .filter(|quirk| !now.quirks.contains(quirk))
            .collect();
        let gained = self
            .samples
            .iter()
            .zip(now.explained.iter().zip(&rated.explained))
            .filter(|(_, (before, after))| !**before && **after);
        gained
            .map(|(sample, _)| {
                let of = |quirk: &&&'static Quirk| kinship(quirk, sample);
                new.iter().map(of).max().unwrap_or(0)
            })
            .sum()
    }

    /// Two quirks in the place of one that looks like both together, where that explains this sample.
    fn one_for_two(&self, sample: &Sample, now: &Rated) -> Vec<Vec<&'static Quirk>> {
        let explains = |set: &Vec<&'static Quirk>| sample.is_explained_by(set, self.features);
        let pairs = now.quirks.iter().flat_map(|old| {
            let rest = without(&now.quirks, old);
            let changing = self.changing(sample, &rest);
            pairs(&rest, &changing)
        });
        pairs.filter(explains).collect()
    }

    /// The quirks that change this sample, if they are added to a set.
    fn changing(&self, sample: &Sample, quirks: &[&'static Quirk]) -> Vec<&'static Quirk> {
        let today = sample.deviation_under(quirks, self.features);
        let changes = |quirk: &&'static Quirk| {
            sample.deviation_under(&with(quirks, quirk), self.features) != today
        };
        all().iter().filter(changes).take(N_COMBINED).collect()
    }

    /// Two and three quirks more, of those that change this sample.
    fn combined(&self, sample: &Sample, now: &Rated) -> Vec<Vec<&'static Quirk>> {
        let changing = self.changing(sample, &now.quirks);
        let explains = |set: &Vec<&'static Quirk>| sample.is_explained_by(set, self.features);
        if self.effort == Effort::Thorough {
            // The second may change nothing before the first has: an error hides what comes after it.
            let sets = changing.iter().flat_map(|first| {
                let one_more = with(&now.quirks, first);
                let seconds = all().iter().filter(|second| second.slot != first.slot);
                seconds.map(move |second| with(&one_more, second))
            });
            let sets: Vec<_> = sets.filter(explains).collect();
            if !sets.is_empty() {
                return sets;
            }
        }
        let sets = pairs(&now.quirks, &changing);
        let pairs: Vec<_> = sets.iter().filter(|set| explains(set)).cloned().collect();
        if !pairs.is_empty() {
            return pairs;
        }
        let triples = sets.iter().flat_map(|pair| {
            let last = pair.last().copied();
            changing
                .iter()
                .skip_while(move |quirk| Some(**quirk) != last)
                .skip(1)
                .filter(|third| pair.iter().all(|quirk| quirk.slot != third.slot))
                .map(|third| with(pair, third))
        });
        triples.filter(|set| explains(set)).take(8).collect()
    }

    /// Strictly, what is said of a target must hardly be wrong where it conforms.
    fn is_allowed(&self, rated: &Rated, now: &Rated) -> bool {
        let count = |rated: &Rated, deviates: bool, is_explained: bool| {
            let samples = self.samples.iter().zip(&rated.explained);
            samples
                .filter(|(sample, explained)| {
                    sample.deviates() == deviates && **explained == is_explained
                })
                .count()
        };
        let n_gained = count(rated, true, true).saturating_sub(count(now, true, true));
        let n_wrong = count(rated, false, false).saturating_sub(count(now, false, false));
        self.rigour == Rigour::Best || n_wrong * 10 <= n_gained
    }
}

/// How much a quirk is about the same thing as a sample: the same clause, or one of the same topic.
pub fn kinship(quirk: &Quirk, sample: &Sample) -> usize {
    let topic = |clause: &str| clause.split('.').next().unwrap_or_default().to_owned();
    if sample.clauses.iter().any(|clause| clause == quirk.clause) {
        2
    } else if sample
        .clauses
        .iter()
        .any(|clause| topic(clause) == topic(quirk.clause))
    {
        1
    } else {
        0
    }
}

/// The set with a quirk, in the place of the one in its slot if there is one.
pub fn with(quirks: &[&'static Quirk], quirk: &'static Quirk) -> Vec<&'static Quirk> {
    let others = quirks.iter().copied();
    let mut set: Vec<_> = others.filter(|other| other.slot != quirk.slot).collect();
    set.push(quirk);
    set
}

pub fn without(quirks: &[&'static Quirk], quirk: &Quirk) -> Vec<&'static Quirk> {
    let others = quirks.iter().copied();
    others.filter(|other| *other != quirk).collect()
}

/// The set with each two of some quirks.
fn pairs(quirks: &[&'static Quirk], some: &[&'static Quirk]) -> Vec<Vec<&'static Quirk>> {
    let mut sets = Vec::new();
    for (place, first) in some.iter().enumerate() {
        for second in &some[place + 1..] {
            if first.slot != second.slot {
                sets.push(with(&with(quirks, first), second));
            }
        }
    }
    sets
}
