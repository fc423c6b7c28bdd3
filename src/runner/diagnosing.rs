//! A target to its quirks: fuzzes it, tells quirks apart that would explain it equally well, and counts what is explained.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::fuzzing::{Campaign, News, Plan};
use crate::clause::{Clauses, Level};
use crate::corpus::replay;
use crate::delivery::Delivery;
use crate::fuzz::case_file::Finding;
use crate::fuzz::generate::Generator;
use crate::observation::{Features, Input, Observation};
use crate::quirk::{Quirk, diagnosis};
use crate::report::Source;
use crate::report::diagnosis::{Diagnosis, Example, Growth, NamedQuirk, Undecided};
use crate::target::adapter::Adapter;
use crate::verdict::sweep::Failing;
use crate::verdict::{Verdict, parser};

/// How often quirks are told apart before what cannot be told apart is named together.
const MAX_ROUNDS: usize = 4;
/// Random streams that are tried for one that tells two quirks apart.
const N_TRIED: u64 = 1500;
/// More alternatives say no more.
const MAX_ALTERNATIVES: usize = 5;

/// Diagnoses a target.
///
/// # Errors
///
/// One sentence: it cannot be asked.
pub async fn diagnose(
    adapter: &Adapter,
    plan: &Plan,
    time: Duration,
    clauses: &Clauses,
) -> Result<Diagnosis, String> {
    let started = Instant::now();
    let search = Plan {
        until: Some(started + time.mul_f64(0.5)),
        ..plan.clone()
    };
    let findings: Mutex<Vec<Finding>> = Mutex::default();
    let listener = |news: News| {
        if let (News::Found(finding), Ok(mut findings)) = (news, findings.lock()) {
            findings.push(*finding);
        }
    };
    let mut campaign = Campaign::open(adapter, &search, &listener).await?;
    campaign.start().await?;
    campaign.look_for_growth().await?;
    campaign.knowledge.review();
    campaign.go_on().await?;
    campaign.knowledge.review();
    let undecided = tell_apart(&mut campaign, plan, adapter.is_plain).await?;
    let validation = Plan {
        seed: plan.seed.wrapping_add(1),
        until: Some(Instant::now() + time.mul_f64(0.3)),
        ..plan.clone()
    };
    let tally = campaign.validate(&validation).await?;
    let findings = findings
        .lock()
        .map(|findings| findings.clone())
        .unwrap_or_default();
    let mut quirks = Vec::new();
    for quirk in campaign.knowledge.quirks().to_vec() {
        let alternatives = alternatives(&campaign, quirk)
            .into_iter()
            .map(|other| (other.name.to_owned(), other.sentence.to_owned()));
        let alternatives = alternatives.take(MAX_ALTERNATIVES).collect();
        let delivery = smallest(&campaign, &findings, quirk);
        let example = match delivery {
            Some(delivery) => example(&mut campaign, delivery, quirk.name, quirk.clause).await?,
            None => None,
        };
        quirks.push(NamedQuirk {
            name: quirk.name.to_owned(),
            sentence: quirk.sentence.to_owned(),
            clause: quirk.clause.to_owned(),
            alternatives,
            example,
        });
    }
    let growth = findings.iter().filter(|finding| finding.is_growth());
    let growth = growth.map(|finding| Growth {
        title: finding.fingerprint.to_string(),
        sentence: finding.sentence.clone(),
        clause: finding.clause.clone(),
        delivery: finding.delivery.clone(),
    });
    let growth = growth.collect();
    let mut remaining = Vec::new();
    for finding in &findings {
        let is_quirk = !finding.fingerprint.quirk_names().is_empty();
        if is_quirk || finding.is_growth() {
            continue;
        }
        let title = finding.fingerprint.to_string();
        let delivery = finding.delivery.clone();
        if let Some(example) = example(&mut campaign, delivery, &title, &finding.clause).await? {
            let is_explained = match &example.failing.observation {
                Observation::Parsed(parsed) => {
                    let delivery = &example.failing.delivery;
                    let sample = campaign.sample(delivery.clone(), parsed);
                    campaign.knowledge.explains(&sample)
                }
                _ => false,
            };
            if !is_explained {
                remaining.push(example);
            }
        }
    }
    let greeting = campaign.asker().greeting.clone();
    campaign.close().await;
    Ok(Diagnosis {
        target: adapter.name.clone(),
        asked_as: adapter.asked_as.clone(),
        implementation: greeting.implementation,
        version: greeting.version,
        language: greeting.language,
        homepage: adapter.homepage.clone(),
        platform_decodes: adapter.platform_decodes,
        sources: adapter
            .sources()
            .into_iter()
            .map(|(path, text)| Source { path, text })
            .collect(),
        clauses: clauses.clone(),
        quirks,
        remaining,
        growth,
        undecided,
        n_tried: tally.n_streams,
        n_deviating: tally.n_deviating,
        n_explained: tally.n_explained,
    })
}

/// Asks streams on which equally good quirks differ, until none is left or asking decides nothing.
async fn tell_apart(
    campaign: &mut Campaign<'_>,
    plan: &Plan,
    whole_only: bool,
) -> Result<Vec<Undecided>, String> {
    let features = campaign.knowledge.features.clone();
    let generator = Generator::new(
        plan.seed.wrapping_add(2),
        features.input,
        whole_only,
        plan.seeds.clone(),
    );
    let mut undecided: Vec<Undecided> = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let quirks = campaign.knowledge.quirks().to_vec();
        let mut deciding = Vec::new();
        for &quirk in &quirks {
            for other in alternatives(campaign, quirk) {
                let pair = [quirk, other];
                if let Some(delivery) = deciding_stream(&generator, &features, &quirks, pair)
                    .filter(|delivery| !whole_only || delivery.cuts().is_empty())
                {
                    deciding.push((pair, delivery));
                }
            }
        }
        deciding.retain(|(pair, _)| {
            let names = pair.map(|quirk| quirk.name.to_owned());
            !undecided.iter().any(|undecided| undecided.names == names)
        });
        if deciding.is_empty() {
            break;
        }
        let deliveries: Vec<Delivery> = deciding
            .iter()
            .map(|(_, delivery)| delivery.clone())
            .collect();
        let samples = campaign.ask_and_learn(&deliveries).await?;
        for ((pair, delivery), sample) in deciding.into_iter().zip(&samples) {
            let knows = campaign.knowledge.explains(sample);
            let [quirk, other] = pair;
            let with_other = replaced(&quirks, quirk, other);
            if !knows
                && !sample.is_explained_by(&quirks, &features)
                && !sample.is_explained_by(&with_other, &features)
            {
                let names = pair.map(|quirk| quirk.name.to_owned());
                undecided.push(Undecided { names, delivery });
            }
        }
    }
    let known = campaign.knowledge.quirks().to_vec();
    undecided.retain(|undecided| {
        let is_known = |name: &String| known.iter().any(|quirk| quirk.name == name);
        undecided.names.iter().any(is_known)
    });
    Ok(undecided)
}

fn alternatives(campaign: &Campaign<'_>, quirk: &'static Quirk) -> Vec<&'static Quirk> {
    let knowledge = &campaign.knowledge;
    diagnosis::alternatives(
        knowledge.evidence(),
        &knowledge.features,
        knowledge.quirks(),
        quirk,
    )
}

/// A stream on which the set looks different with the other quirk in the place of the one.
fn deciding_stream(
    generator: &Generator,
    features: &Features,
    quirks: &[&'static Quirk],
    [quirk, other]: [&'static Quirk; 2],
) -> Option<Delivery> {
    let with_other = replaced(quirks, quirk, other);
    let decides = |delivery: &Delivery| {
        let case = replay::case(delivery.bytes().into());
        let sample = crate::quirk::sample::Sample::conforming(case, delivery.clone(), true);
        sample.deviation_under(quirks, features) != sample.deviation_under(&with_other, features)
    };
    let examples = [quirk, other].map(Quirk::delivery);
    let is_askable =
        |delivery: &Delivery| features.input == Input::Bytes || delivery.text_chunks().is_some();
    examples
        .into_iter()
        .chain((0..N_TRIED).map(|number| generator.delivery(number)))
        .filter(is_askable)
        .find(decides)
}

fn replaced(
    quirks: &[&'static Quirk],
    quirk: &'static Quirk,
    other: &'static Quirk,
) -> Vec<&'static Quirk> {
    let replace = |&known: &&'static Quirk| if known == quirk { other } else { known };
    quirks.iter().map(replace).collect()
}

/// The smallest stream that shows a quirk: one that the search minimised, if it did.
fn smallest(
    campaign: &Campaign<'_>,
    findings: &[Finding],
    quirk: &'static Quirk,
) -> Option<Delivery> {
    // A stream that takes few quirks shows more of each than a short one that takes many.
    let minimised = findings
        .iter()
        .map(|finding| (finding.fingerprint.quirk_names(), &finding.delivery))
        .filter(|(names, _)| names.contains(&quirk.name))
        .map(|(names, delivery)| (names.len(), delivery));
    let learnt = campaign.knowledge.smallest(quirk);
    minimised
        .chain(
            learnt
                .iter()
                .map(|(sample, named)| (named.len(), &sample.delivery)),
        )
        .min_by_key(|(n_quirks, delivery)| {
            (*n_quirks, delivery.bytes().len(), delivery.cuts().len())
        })
        .map(|(_, delivery)| delivery)
        .cloned()
}

/// What the target does with a stream, if it deviates on it.
async fn example(
    campaign: &mut Campaign<'_>,
    delivery: Delivery,
    title: &str,
    clause: &str,
) -> Result<Option<Example>, String> {
    let asked = campaign
        .asker()
        .ask_all(std::slice::from_ref(&delivery))
        .await?;
    let Some(Ok(observation)) = asked.into_iter().next() else {
        return Ok(None);
    };
    let case = replay::case(delivery.bytes().into());
    let features = &campaign.knowledge.features;
    let Verdict::Deviates(mismatches) = parser::judge(&case, &delivery, features, &observation)
    else {
        return Ok(None);
    };
    Ok(Some(Example {
        title: title.to_owned(),
        clause: clause.to_owned(),
        case,
        failing: Failing {
            delivery,
            observation,
            mismatches,
            level: Level::Must,
        },
    }))
}
