//! What a target did with many streams, to the set of quirks that does the same.

mod search;

use std::cmp::Reverse;

use super::sample::{SHORT, Sample};
use super::{Quirk, all};
use crate::observation::Features;
use search::{Effort, Search, kinship, with, without};

/// No implementation worth testing has more quirks of its own.
const MAX_QUIRKS: usize = 24;

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
    search.settle(&mut best);
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
