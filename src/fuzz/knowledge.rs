//! What is known of a target, divergence by divergence: the quirks that explain it, and what they do not explain yet.

use std::collections::BTreeMap;

use super::fingerprint::{Fingerprint, difference};
use super::patience::Patience;
use crate::observation::Features;
use crate::quirk::Quirk;
use crate::quirk::diagnosis::{self, Rigour};
use crate::quirk::sample::Sample;

/// So many streams that nothing explains are kept for the search; more would only slow it down.
const MAX_UNEXPLAINED: usize = 12;

/// Grows with each stream that is taken in. The same streams in the same order give the same knowledge.
#[derive(Debug)]
pub struct Knowledge {
    /// What the target shows.
    pub features: Features,
    evidence: Vec<Sample>,
    quirks: Vec<&'static Quirk>,
    unexplained: Vec<Sample>,
    patience: BTreeMap<&'static str, Patience>,
}

/// What a divergence is to somebody who knows this much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// These known quirks do the same.
    Explained(Vec<&'static Quirk>),
    /// Much like others that were looked into and taught nothing.
    Tiresome,
    /// Worth a look; the kind and place of its first difference.
    New(&'static str),
}

impl Knowledge {
    /// Knows nothing yet.
    pub fn new(features: Features) -> Self {
        Self {
            features,
            evidence: Vec::new(),
            quirks: Vec::new(),
            unexplained: Vec::new(),
            patience: BTreeMap::new(),
        }
    }

    /// The quirks that explain the target so far.
    pub fn quirks(&self) -> &[&'static Quirk] {
        &self.quirks
    }

    /// All that a set of quirks is held to.
    pub fn evidence(&self) -> &[Sample] {
        &self.evidence
    }

    /// Minimised streams that nothing explains.
    pub fn unexplained(&self) -> impl Iterator<Item = &Sample> {
        let is_unexplained = |sample: &&Sample| !self.explains(sample);
        self.unexplained.iter().filter(is_unexplained)
    }

    /// Whether an implementation with all the known quirks would look the same here.
    pub fn explains(&self, sample: &Sample) -> bool {
        sample.is_explained_by(&self.quirks, &self.features)
    }

    /// The known quirks that do the same as the target here.
    pub fn name(&self, sample: &Sample) -> Vec<&'static Quirk> {
        diagnosis::name(sample, &self.quirks, &self.features)
    }

    /// What a divergence is.
    pub fn consider(&mut self, sample: &Sample) -> Novelty {
        if self.explains(sample) {
            return Novelty::Explained(self.name(sample));
        }
        let named = self.name(sample);
        if !named.is_empty() {
            return Novelty::Explained(named);
        }
        let kind = difference(sample.deviation());
        let patience = self.patience.entry(kind).or_default();
        if patience.skips() {
            return Novelty::Tiresome;
        }
        Novelty::New(kind)
    }

    /// Takes in many streams at once, deviating and conforming, and looks for what explains them.
    pub fn learn_all(&mut self, samples: Vec<Sample>) {
        self.evidence.extend(samples);
        self.fit();
    }

    /// Takes in a minimised stream that nothing explained. Returns what it is found to be.
    pub fn learn(&mut self, sample: &Sample) -> Fingerprint {
        let kind = difference(sample.deviation());
        self.evidence.push(sample.clone());
        self.fit();
        let named = self.name(sample);
        let patience = self.patience.entry(kind).or_default();
        if named.is_empty() {
            self.evidence.pop();
            if self.unexplained.len() < MAX_UNEXPLAINED {
                self.unexplained.push(sample.clone());
            }
            patience.lose();
            return Fingerprint::of_difference(sample.deviation());
        }
        patience.regain();
        Fingerprint::of_quirks(&named)
    }

    /// Takes in a stream on which the target conforms, if the known quirks say that it should not.
    pub fn doubt(&mut self, sample: Sample) {
        if self.quirks.is_empty() || self.explains(&sample) {
            return;
        }
        let patience = self.patience.entry("conforms").or_default();
        if patience.skips() {
            return;
        }
        self.evidence.push(sample.clone());
        self.fit();
        let is_explained = self.explains(&sample);
        let patience = self.patience.entry("conforms").or_default();
        if is_explained {
            patience.regain();
        } else {
            patience.lose();
        }
    }

    /// Takes note that a divergence of this kind taught nothing.
    pub fn in_vain(&mut self, kind: &'static str) {
        self.patience.entry(kind).or_default().lose();
    }

    /// Looks once more, with what was put aside.
    pub fn review(&mut self) {
        let unexplained = std::mem::take(&mut self.unexplained);
        let n_known = self.evidence.len();
        self.evidence.extend(unexplained);
        self.fit();
        if self.evidence.iter().all(|sample| self.explains(sample)) {
            return;
        }
        self.quirks = diagnosis::fit_thoroughly(&self.evidence, &self.features, &self.quirks);
        // What was learnt step by step may be a dead end that the whole evidence leads past.
        let afresh = diagnosis::fit_thoroughly(&self.evidence, &self.features, &[]);
        let n_explained = |quirks: &[&'static Quirk]| {
            let explained = |sample: &&Sample| sample.is_explained_by(quirks, &self.features);
            self.evidence.iter().filter(explained).count()
        };
        if n_explained(&afresh) > n_explained(&self.quirks) {
            self.quirks = afresh;
        }
        let put_aside = self.evidence.split_off(n_known);
        for sample in put_aside {
            if self.explains(&sample) {
                self.evidence.push(sample);
            } else {
                self.unexplained.push(sample);
            }
        }
    }

    fn fit(&mut self) {
        self.quirks = diagnosis::fit(&self.evidence, &self.features, &self.quirks, Rigour::Best);
    }

    /// The smallest stream that takes this quirk, and the known quirks that it takes.
    pub fn smallest(&self, quirk: &'static Quirk) -> Option<(&Sample, Vec<&'static Quirk>)> {
        let takes = |sample: &'_ Sample| {
            let named = self.name(sample);
            named.contains(&quirk).then_some(named)
        };
        self.evidence
            .iter()
            .filter(|sample| sample.deviates())
            .filter_map(|sample| takes(sample).map(|named| (sample, named)))
            .min_by_key(|(sample, named)| (named.len(), sample.size()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Corpus, replay};
    use crate::fuzz::generate::Generator;
    use crate::fuzz::seeds;
    use crate::observation::Input;
    use crate::quirk::{find, show};

    fn sample(quirks: &[&Quirk], delivery: crate::delivery::Delivery) -> Sample {
        let parsed = show(quirks, &delivery, &Features::FULL);
        let case = replay::case(delivery.bytes().into());
        Sample::new(case, delivery, &[], &Features::FULL, &parsed)
    }

    /// A target that is a model is found out in full, stream by stream.
    #[test]
    fn quirks_are_learnt_one_after_the_other() {
        let names = [
            "bom-kept-when-split",
            "space-all-removed",
            "id-digits-only",
            "retry-plus-accepted",
        ];
        let quirks: Vec<&'static Quirk> = names.map(|name| find(name).expect("a quirk")).to_vec();
        let corpus = Corpus::embedded();
        let generator = Generator::new(3, Input::Bytes, false, seeds::of_corpus(&corpus));
        let mut knowledge = Knowledge::new(Features::FULL);
        let examples = crate::quirk::all().iter().map(Quirk::delivery);
        let start = examples.filter(|delivery| delivery.bytes().len() < 100);
        knowledge.learn_all(start.map(|delivery| sample(&quirks, delivery)).collect());
        let mut fingerprints = Vec::new();
        for index in 0..12_000 {
            let sample = sample(&quirks, generator.delivery(index));
            if !sample.deviates() {
                knowledge.doubt(sample);
            } else if matches!(knowledge.consider(&sample), Novelty::New(_)) {
                fingerprints.push(knowledge.learn(&sample).to_string());
            }
        }
        let mut found: Vec<&str> = knowledge.quirks().iter().map(|quirk| quirk.name).collect();
        found.sort_unstable();
        let mut expected = names.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{fingerprints:?}");
    }

    #[test]
    fn what_teaches_nothing_is_looked_into_less_and_less() {
        // An event that nobody's model makes.
        let delivery = crate::delivery::Delivery::whole(b"data: a\n\n".as_slice().into());
        let mut parsed = show(&[], &delivery, &Features::FULL);
        parsed.events[0].data = Some("surprise".into());
        let case = replay::case(delivery.bytes().into());
        let sample = Sample::new(case, delivery, &[], &Features::FULL, &parsed);
        let mut knowledge = Knowledge::new(Features::FULL);
        let mut n_looked_into = 0;
        for _ in 0..1000 {
            if knowledge.consider(&sample) == Novelty::New("event-data") {
                n_looked_into += 1;
                assert_eq!(
                    knowledge.learn(&sample).to_string(),
                    "unexplained event-data"
                );
            }
        }
        assert!((5..12).contains(&n_looked_into), "{n_looked_into}");
        assert!(knowledge.quirks().is_empty());
    }
}
