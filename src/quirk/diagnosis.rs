//! What a target did with many streams, to the set of quirks that does the same.

use std::cmp::Reverse;

use super::sample::{SHORT, Sample};
use super::{Quirk, all};
use crate::observation::Features;

/// No implementation worth testing has more quirks of its own.
const MAX_QUIRKS: usize = 24;
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

/// Whether a set of quirks may deviate where the target conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rigour {
    /// Hardly: what is said of a target must be right where it conforms, but for one stream in ten that it explains.
    Strict,
    /// If it explains more than it gets wrong: the best description of what is not described yet.
    Best,
}

/// The quirks that explain the most samples, deviating and conforming, searched from a set that may be empty.
///
/// Of equal sets the smaller; of equal quirks the one that is about the clauses of what it explains, then the first of
/// the catalogue.
pub fn fit(
    samples: &[Sample],
    features: &Features,
    start: &[&'static Quirk],
    rigour: Rigour,
) -> Vec<&'static Quirk> {
    fit_with(samples, features, start, (rigour, Effort::Quick))
}

/// The best description of the samples, with steps that cost too much to be tried after each sample.
pub fn fit_thoroughly(
    samples: &[Sample],
    features: &Features,
    start: &[&'static Quirk],
) -> Vec<&'static Quirk> {
    fit_with(samples, features, start, (Rigour::Best, Effort::Thorough))
}

fn fit_with(
    samples: &[Sample],
    features: &Features,
    start: &[&'static Quirk],
    (rigour, effort): (Rigour, Effort),
) -> Vec<&'static Quirk> {
    let search = Search {
        samples: samples
            .iter()
            .filter(|sample| sample.delivery.bytes().len() <= SHORT)
            .collect(),
        features,
        rigour,
        effort,
    };
    let mut best = search.rate(start.to_vec());
    for _ in 0..MAX_QUIRKS {
        match search.improve(&best) {
            Some(better) => best = better,
            None => break,
        }
    }
    search.prune(&mut best);
    // The 64 KiB of a limit are never short.
    for quirk in all().iter().filter(|quirk| quirk.slot == "long_line") {
        let with = with(&best.quirks, quirk);
        let long = |sample: &&Sample| sample.delivery.bytes().len() > SHORT;
        let n = |quirks: &[&'static Quirk]| {
            let explained = |sample: &&Sample| sample.is_explained_by(quirks, features);
            samples.iter().filter(long).filter(explained).count()
        };
        if samples
            .iter()
            .filter(long)
            .any(|sample| sample.deviates() && sample.is_explained_by(&with, features))
            && n(&with) > n(&best.quirks)
        {
            best.quirks = with;
        }
    }
    in_order(best.quirks)
}

/// The quirks among these that it takes to explain a sample; none if they do not, or if there is nothing to explain.
pub fn name(
    sample: &Sample,
    quirks: &[&'static Quirk],
    features: &Features,
) -> Vec<&'static Quirk> {
    if !sample.deviates() {
        return Vec::new();
    }
    let mut alone: Vec<&'static Quirk> = quirks
        .iter()
        .copied()
        .filter(|quirk| sample.is_explained_by(&[quirk], features))
        .collect();
    alone.sort_by_key(|quirk| Reverse(kinship(quirk, sample)));
    if let Some(quirk) = alone.first() {
        return vec![quirk];
    }
    if !sample.is_explained_by(quirks, features) {
        return Vec::new();
    }
    let mut needed = quirks.to_vec();
    for quirk in quirks {
        let rest = without(&needed, quirk);
        if sample.is_explained_by(&rest, features) {
            needed = rest;
        }
    }
    needed
}

/// The quirks that could stand in the place of one in a set without any sample telling them apart.
pub fn alternatives(
    samples: &[Sample],
    features: &Features,
    quirks: &[&'static Quirk],
    quirk: &'static Quirk,
) -> Vec<&'static Quirk> {
    let rest = without(quirks, quirk);
    let short = |sample: &&Sample| sample.delivery.bytes().len() <= SHORT;
    let explained: Vec<&Sample> = samples
        .iter()
        .filter(short)
        .filter(|sample| sample.is_explained_by(quirks, features))
        .collect();
    let is_alternative = |other: &&'static Quirk| {
        *other != quirk && !quirks.contains(other) && {
            let set = with(&rest, other);
            explained
                .iter()
                .all(|sample| sample.is_explained_by(&set, features))
        }
    };
    all().iter().filter(|other| is_alternative(other)).collect()
}

struct Search<'a> {
    samples: Vec<&'a Sample>,
    features: &'a Features,
    rigour: Rigour,
    effort: Effort,
}

/// How many steps are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    Quick,
    Thorough,
}

/// A set of quirks and which samples it explains.
struct Rated {
    quirks: Vec<&'static Quirk>,
    explained: Vec<bool>,
    n_explained: usize,
}

impl Search<'_> {
    fn rate(&self, quirks: Vec<&'static Quirk>) -> Rated {
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
    fn prune(&self, best: &mut Rated) {
        for quirk in best.quirks.clone() {
            let rest = without(&best.quirks, quirk);
            let mut explained = self.samples.iter().zip(&best.explained);
            let loses_nothing = explained.all(|(sample, explained)| {
                !explained || sample.is_explained_by(&rest, self.features)
            });
            if loses_nothing {
                best.quirks = rest;
            }
        }
    }

    /// The best set that a few steps from this one lead to, if it is better.
    fn improve(&self, now: &Rated) -> Option<Rated> {
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
            .or_else(|| {
                let several = missed
                    .iter()
                    .filter(|sample| sample.deviates())
                    .take(N_TRIED_WITH_SEVERAL);
                several
                    .filter_map(|sample| self.best(self.combined(sample, now), &missed, now))
                    .next()
            })
            .or_else(|| {
                let several = missed
                    .iter()
                    .filter(|sample| sample.deviates() && self.effort == Effort::Thorough)
                    .take(N_TRIED_WITH_SEVERAL);
                several
                    .filter_map(|sample| self.best(self.one_for_two(sample, now), &missed, now))
                    .next()
            })
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
fn kinship(quirk: &Quirk, sample: &Sample) -> usize {
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
fn with(quirks: &[&'static Quirk], quirk: &'static Quirk) -> Vec<&'static Quirk> {
    let others = quirks.iter().copied();
    let mut set: Vec<_> = others.filter(|other| other.slot != quirk.slot).collect();
    set.push(quirk);
    set
}

fn without(quirks: &[&'static Quirk], quirk: &Quirk) -> Vec<&'static Quirk> {
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

fn in_order(mut quirks: Vec<&'static Quirk>) -> Vec<&'static Quirk> {
    quirks.sort_by_key(|quirk| all().iter().position(|other| other == *quirk));
    quirks
}

#[cfg(test)]
mod tests {
    use super::super::{find, show};
    use super::*;
    use crate::corpus::{Corpus, replay};
    use crate::delivery::Delivery;
    use crate::observation::{Observation, View};
    use crate::verdict::{Verdict, parser};

    /// What a run learns of an implementation with these quirks: as many samples as cases, and for each its case's id.
    fn run(quirks: &[&'static Quirk], features: &Features) -> (Vec<Sample>, Vec<String>) {
        let (mut samples, mut ids) = (Vec::new(), Vec::new());
        for case in Corpus::embedded().cases {
            let Some(parser_case) = case.parser() else {
                continue;
            };
            if parser_case.stream.len() > SHORT {
                continue;
            }
            for delivery in parser_case.deliveries(0).into_iter().take(3) {
                let parsed = show(quirks, &delivery, features);
                let observation = Observation::Parsed(parsed.clone());
                let verdict = parser::judge(parser_case, &delivery, features, &observation);
                if !matches!(verdict, Verdict::NotShown(_)) {
                    samples.push(Sample::new(
                        parser_case.clone(),
                        delivery,
                        &case.clauses,
                        features,
                        &parsed,
                    ));
                    ids.push(case.id.clone());
                }
            }
        }
        (samples, ids)
    }

    fn named(names: &[&str]) -> Vec<&'static Quirk> {
        let quirk = |name: &&str| find(name).unwrap_or_else(|| panic!("no quirk {name}"));
        in_order(names.iter().map(quirk).collect())
    }

    #[track_caller]
    fn check(names: &[&str], features: &Features) {
        let quirks = named(names);
        let (samples, _) = run(&quirks, features);
        let found = fit(&samples, features, &[], Rigour::Strict);
        assert_eq!(found, quirks);
    }

    const BLOCK: Features = Features {
        last_event_id: View::Block,
        reconnection_time: View::None,
        progress: false,
        ..Features::FULL
    };

    #[test]
    fn one_quirk_is_found() {
        for name in [
            "bom-is-error",
            "space-all-removed",
            "retry-ignored",
            "line-bare-cr-is-text",
            "end-flushes",
        ] {
            check(&[name], &Features::FULL);
        }
    }

    #[test]
    fn several_quirks_are_found() {
        check(
            &[
                "decode-strict-by-line",
                "space-all-removed",
                "id-empty-ignored",
                "end-flushes",
            ],
            &Features::FULL,
        );
    }

    /// Ignoring empty data lines explains much of it, and stands in the way of ignoring lines without colon.
    #[test]
    fn a_quirk_that_explains_a_part_gives_way_to_the_one_that_explains_all() {
        let hidden = Features {
            last_event_id: View::None,
            reconnection_time: View::None,
            ..Features::FULL
        };
        let names = [
            "shape-line-is-event",
            "colon-space-required",
            "no-colon-ignored",
        ];
        let quirks = named(&names);
        let (samples, _) = run(&quirks, &hidden);
        let start = named(&[names[0], names[1], "data-empty-lines-ignored"]);
        let found = fit(&samples, &hidden, &start, Rigour::Best);
        assert_eq!(found, quirks);
    }

    /// An id of the block is shown, so what happens to it is not laid at the door of a quirk of decoding.
    #[test]
    fn a_quirk_of_ids_is_found_where_only_those_of_the_block_are_shown() {
        let quirks = named(&["id-nul-kept"]);
        let (samples, ids) = run(&quirks, &BLOCK);
        let found = fit(&samples, &BLOCK, &[], Rigour::Strict);
        assert_eq!(found, quirks);
        let about_nul = samples
            .iter()
            .zip(&ids)
            .filter(|(sample, id)| sample.deviates() && id.starts_with("parser/fields/id-nul/"));
        let names: Vec<_> = about_nul
            .map(|(sample, _)| name(sample, &found, &BLOCK))
            .collect();
        assert!(
            names.len() > 2 && names.iter().all(|name| *name == quirks),
            "{names:?}"
        );
        check(&["no-colon-id-ignored"], &BLOCK);
    }

    #[test]
    fn what_a_target_does_not_show_is_not_named() {
        // The id of the stream cannot be seen, so keeping it or not makes no difference.
        let (samples, _) = run(&named(&["id-of-own-block-only"]), &BLOCK);
        assert!(fit(&samples, &BLOCK, &[], Rigour::Strict).is_empty());
    }

    #[test]
    fn a_quirk_that_conforming_streams_contradict_is_not_named() {
        // Each of these would do the same as splitting on CR LF CR LF, if only the stream without LF were known.
        let stream = |bytes: &[u8]| Delivery::whole(bytes.into());
        let sample = |bytes: &[u8], quirks: &[&'static Quirk]| {
            let delivery = stream(bytes);
            let parsed = show(quirks, &delivery, &Features::FULL);
            Sample::new(
                replay::case(bytes.into()),
                delivery,
                &[],
                &Features::FULL,
                &parsed,
            )
        };
        let quirks = named(&["line-bare-cr-is-text"]);
        let samples = [
            sample(b"data: a\r\r", &quirks),
            sample(b"data: a\n\n", &quirks),
            sample(b"data: a\r\n\r\n", &quirks),
        ];
        let found = fit(&samples, &Features::FULL, &[], Rigour::Strict);
        let wrong = named(&["shape-splits-on-crlf-crlf"]);
        assert!(samples[0].is_explained_by(&wrong, &Features::FULL));
        assert!(
            found != wrong
                && samples
                    .iter()
                    .all(|s| s.is_explained_by(&found, &Features::FULL))
        );
    }

    #[test]
    fn quirks_that_no_sample_tells_apart_are_alternatives() {
        let (samples, _) = run(&named(&["event-default-empty"]), &Features::FULL);
        let quirks = fit(&samples, &Features::FULL, &[], Rigour::Strict);
        assert_eq!(
            alternatives(&samples[..0], &Features::FULL, &quirks, quirks[0]).len(),
            all().len() - 1,
            "without samples, all of them"
        );
        let others = alternatives(&samples, &Features::FULL, &quirks, quirks[0]);
        assert!(others.is_empty(), "{others:?}");
    }
}
