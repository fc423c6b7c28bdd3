//! A divergence that is news to a finding: does it come again, what is the smallest stream, what is it called?

use super::super::asker::Asked;
use super::{Before, Campaign, parsed};
use crate::clause::{Level, Role};
use crate::corpus::replay;
use crate::delivery::Delivery;
use crate::fuzz::case_file::{Finding, Question, Standing};
use crate::fuzz::fingerprint::{self, Fingerprint, difference};
use crate::fuzz::history::History;
use crate::fuzz::minimise::Minimiser;
use crate::observation::{Observation, Parsed};
use crate::quirk::Quirk;
use crate::quirk::sample::Sample;
use crate::verdict::sweep::Failing;
use crate::verdict::{Verdict, parser};

/// How often a finding is replayed, each time in a fresh process.
const N_REPLAYS: usize = 3;
/// A process that dies or hangs costs much, so fewer steps are tried.
const MAX_STEPS_OF_DEATH: usize = 150;
const MAX_STEPS_OF_HANG: usize = 8;

/// What must stay while a stream becomes smaller.
#[derive(Clone, Debug)]
enum Shown {
    /// The deviation that these quirks make.
    Quirks(Vec<&'static Quirk>),
    /// A first difference of this kind that no known quirk explains.
    Unexplained(&'static str),
    /// A death with this fingerprint.
    Death(Fingerprint),
}

impl Campaign<'_> {
    /// Looks into a divergence that no known quirk explains.
    pub(super) async fn look_into(
        &mut self,
        sample: Sample,
        parsed: Parsed,
        kind: &'static str,
        before: Before<'_>,
    ) -> Result<(), String> {
        let shown = Shown::Unexplained(kind);
        let comes_again = !self.plan.is_replayed
            || self
                .shows_in_fresh_process(&[], &sample.delivery, &shown)
                .await?;
        if !comes_again {
            self.knowledge.in_vain(kind);
            return self.look_for_history(sample, parsed, &shown, before).await;
        }
        let delivery = self.minimise(sample.delivery, &shown, usize::MAX).await?;
        let mut asked = self.asker.ask_all(std::slice::from_ref(&delivery)).await?;
        let Some(Ok(Observation::Parsed(parsed))) = asked.pop() else {
            return Ok(());
        };
        let sample = self.sample(delivery.clone(), &parsed);
        let fingerprint = self.knowledge.learn(&sample);
        let shown = match self.knowledge.name(&sample) {
            quirks if quirks.is_empty() => Shown::Unexplained(kind),
            quirks => Shown::Quirks(quirks),
        };
        self.report(fingerprint, delivery, &shown).await
    }

    /// Reports a quirk that the streams to start from have shown.
    pub(super) async fn report_quirk(&mut self, quirk: &'static Quirk) -> Result<(), String> {
        let Some((sample, quirks)) = self.knowledge.smallest(quirk) else {
            return Ok(());
        };
        let fingerprint = Fingerprint::of_quirks(&quirks);
        if self.found.contains(&fingerprint) {
            return Ok(());
        }
        let delivery = sample.delivery.clone();
        let shown = Shown::Quirks(quirks);
        let delivery = self.minimise(delivery, &shown, usize::MAX).await?;
        self.report(fingerprint, delivery, &shown).await
    }

    /// Looks into a delivery that kills or hangs a process.
    pub(super) async fn look_into_death(
        &mut self,
        delivery: Delivery,
        observation: &Observation,
    ) -> Result<(), String> {
        let fingerprint = Fingerprint::of_death(observation);
        if self.found.contains(&fingerprint) {
            return Ok(());
        }
        let max_steps = match observation {
            Observation::Hung(_) => MAX_STEPS_OF_HANG,
            _ => MAX_STEPS_OF_DEATH,
        };
        let shown = Shown::Death(fingerprint.clone());
        let delivery = self.minimise(delivery, &shown, max_steps).await?;
        // That it dies alone, twice, in a fresh process is what made it a crash.
        self.found.insert(fingerprint.clone());
        let failing = self.failing(&delivery, observation.clone());
        let mut finding = self.finding(fingerprint, delivery, Vec::new(), Standing::Stable);
        finding.failing = failing;
        self.tell(finding);
        Ok(())
    }

    /// What is wrong with an observation, if something is.
    fn failing(&self, delivery: &Delivery, observation: Observation) -> Option<Failing> {
        let case = replay::case(delivery.bytes().into());
        let features = &self.knowledge.features;
        match parser::judge(&case, delivery, features, &observation) {
            Verdict::Deviates(mismatches) => Some(Failing {
                delivery: delivery.clone(),
                observation,
                mismatches,
                level: Level::Must,
            }),
            _ => None,
        }
    }

    async fn report(
        &mut self,
        fingerprint: Fingerprint,
        delivery: Delivery,
        shown: &Shown,
    ) -> Result<(), String> {
        if !self.found.insert(fingerprint.clone()) {
            return Ok(());
        }
        // How often what is known comes has been found out before, and a start can cost a second.
        let is_replayed = self.plan.is_replayed && !self.plan.known.contains(&fingerprint);
        let n_replays = if is_replayed { N_REPLAYS } else { 0 };
        let replays = (0..n_replays).map(|_| self.shows_in_fresh_process(&[], &delivery, shown));
        // All at once: most of the time goes by while an interpreter starts.
        let replays = futures_util::future::try_join_all(replays).await?;
        let standing = if replays.iter().all(|&is_shown| is_shown) {
            Standing::Stable
        } else {
            Standing::Flaky
        };
        let mut asked = self.asker.ask_all(std::slice::from_ref(&delivery)).await?;
        let observed = asked.pop().and_then(Result::ok);
        let failing = observed.and_then(|observed| self.failing(&delivery, observed));
        let mut finding = self.finding(fingerprint, delivery, Vec::new(), standing);
        finding.failing = failing;
        self.tell(finding);
        Ok(())
    }

    /// A divergence that a fresh process does not show: with what was asked before, or not at all.
    async fn look_for_history(
        &mut self,
        sample: Sample,
        parsed: Parsed,
        shown: &Shown,
        before: Before<'_>,
    ) -> Result<(), String> {
        let fingerprint = Fingerprint::of_difference(sample.deviation());
        if !self.found.insert(fingerprint.clone()) {
            return Ok(());
        }
        let delivery = sample.delivery;
        let seen = self.failing(&delivery, Observation::Parsed(parsed));
        let history = before();
        if history.is_empty()
            || !self
                .shows_in_fresh_process(&history, &delivery, shown)
                .await?
        {
            let mut finding = self.finding(fingerprint, delivery, Vec::new(), Standing::Flaky);
            finding.failing = seen;
            self.tell(finding);
            return Ok(());
        }
        let mut history = History::new(history);
        while let Some(less) = history.proposal() {
            let suffices = self.shows_in_fresh_process(&less, &delivery, shown);
            history.take(suffices.await?);
        }
        let history = history.into_best();
        let mut finding = self.finding(fingerprint, delivery, history, Standing::NeedsHistory);
        finding.failing = seen;
        self.tell(finding);
        Ok(())
    }

    /// The smallest delivery that still shows it.
    async fn minimise(
        &mut self,
        delivery: Delivery,
        shown: &Shown,
        max_steps: usize,
    ) -> Result<Delivery, String> {
        let mut minimiser = Minimiser::new(delivery);
        let mut n_steps = 0;
        while n_steps < max_steps {
            let mut proposals = minimiser.proposals();
            if proposals.is_empty() {
                break;
            }
            proposals.truncate(max_steps - n_steps);
            n_steps += proposals.len();
            let asked = if let Shown::Death(_) = shown {
                self.ask_until_shown(&proposals, shown).await?
            } else {
                self.asker.ask_all(&proposals).await?
            };
            let first = proposals
                .iter()
                .zip(&asked)
                .position(|(proposal, asked)| self.shows(proposal, asked, shown));
            minimiser.take(first);
        }
        Ok(minimiser.best().clone())
    }

    /// One after the other up to the first that shows it: each that does costs processes.
    async fn ask_until_shown(
        &mut self,
        proposals: &[Delivery],
        shown: &Shown,
    ) -> Result<Vec<Asked>, String> {
        let mut all = Vec::new();
        for proposal in proposals {
            let mut asked = self.asker.ask_all(std::slice::from_ref(proposal)).await?;
            let is_shown = asked
                .last()
                .is_some_and(|asked| self.shows(proposal, asked, shown));
            all.append(&mut asked);
            if is_shown {
                break;
            }
        }
        Ok(all)
    }

    async fn shows_in_fresh_process(
        &self,
        before: &[Delivery],
        delivery: &Delivery,
        shown: &Shown,
    ) -> Result<bool, String> {
        let asked = self.asker.ask_fresh(before, delivery).await?;
        Ok(self.shows(delivery, &asked, shown))
    }

    fn shows(&self, delivery: &Delivery, asked: &Asked, shown: &Shown) -> bool {
        if let (Shown::Death(fingerprint), Ok(observation)) = (shown, asked) {
            return !matches!(observation, Observation::Parsed(_))
                && Fingerprint::of_death(observation) == *fingerprint;
        }
        let Some(parsed) = parsed(asked) else {
            return false;
        };
        let sample = self.sample(delivery.clone(), parsed);
        sample.deviates()
            && match shown {
                Shown::Quirks(quirks) => sample.is_explained_by(quirks, &self.knowledge.features),
                Shown::Unexplained(kind) => {
                    difference(sample.deviation()) == *kind
                        && !self.knowledge.explains(&sample)
                        && self.knowledge.name(&sample).is_empty()
                }
                Shown::Death(_) => false,
            }
    }

    pub(super) fn finding(
        &self,
        fingerprint: Fingerprint,
        delivery: Delivery,
        history: Vec<Delivery>,
        standing: Standing,
    ) -> Finding {
        let names = fingerprint.quirk_names();
        let quirks: Vec<_> = names
            .iter()
            .filter_map(|name| crate::quirk::find(name))
            .collect();
        let text = fingerprint.to_string();
        let (sentence, clause) = match quirks.first() {
            Some(quirk) => (
                quirks
                    .iter()
                    .map(|quirk| quirk.sentence)
                    .collect::<Vec<_>>()
                    .join(" "),
                quirk.clause,
            ),
            None => {
                let difference = text.rsplit(' ').next().unwrap_or_default();
                let sentence = match (self.plan.role, difference) {
                    (Role::Client, "error") => {
                        "What follows the stream does not come out, or the client gives up."
                            .to_owned()
                    }
                    _ => format!("Nothing known does the same ({text})."),
                };
                (sentence, fingerprint::clause(difference))
            }
        };
        Finding {
            question: match self.plan.role {
                Role::Client => Question::Client,
                _ => Question::Parser,
            },
            target: self.adapter.name.clone(),
            asked_as: self.adapter.asked_as.clone(),
            implementation: self.greeting().about(),
            fingerprint,
            sentence,
            clause: clause.to_owned(),
            delivery,
            history,
            emitted_before: Vec::new(),
            standing,
            seed: self.plan.seed,
            failing: None,
        }
    }

    pub(super) fn tell(&self, finding: Finding) {
        (self.listener)(self.plan.news(finding));
    }
}
