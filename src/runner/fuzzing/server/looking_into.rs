//! A fault of a server that is news to a finding: the smallest emission that shows it, its name, whether it comes again.

use std::collections::BTreeSet;

use super::asker::{Answer, Asked, Fault, faults};
use super::{Before, ServerCampaign};
use crate::case::server::Emitted;
use crate::delivery::Delivery;
use crate::fuzz::case_file::{Finding, Question, Standing};
use crate::fuzz::emission::fewer;
use crate::fuzz::emission::traits::{self, Field, Kind, Trait};
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::history::History;
use crate::observation::Observation;
use crate::observation::server::ServerRun;
use crate::verdict::Class;

/// Proposals that are tried at once.
const AT_ONCE: usize = 16;
/// How often a finding is replayed, each time in a fresh process.
const N_REPLAYS: usize = 3;
/// A process that dies or hangs costs much, so fewer steps are tried.
const MAX_STEPS_OF_DEATH: usize = 60;
/// The same where each step begins with all that must be emitted before.
const MAX_STEPS_AFTER_HISTORY: usize = 60;

/// What must stay while an emission becomes smaller.
enum Shown {
    /// A fault of this class that nothing known explains.
    News(&'static str),
    /// A fault of this class.
    Class(&'static str),
    /// A death with this fingerprint.
    Death(Fingerprint),
}

impl ServerCampaign<'_> {
    /// Looks into a fault of this class. Returns whether it was worth it. `before` makes the emissions that were asked before
    /// in the same process.
    pub(super) async fn look_into(
        &mut self,
        events: &[Emitted],
        class: &'static str,
        before: Before<'_>,
    ) -> Result<bool, String> {
        let news = Shown::News(class);
        let mut start = events.to_vec();
        if events.len() > 1 {
            // By itself each event tells what it is to blame for.
            let alone: Vec<_> = events.iter().map(|event| vec![event.clone()]).collect();
            let asked = self.asker.ask_all(&alone).await?;
            let shows = |shown: &Shown| {
                let mut pairs = alone.iter().zip(&asked);
                pairs.position(|(events, asked)| self.shows(events, asked, shown).is_some())
            };
            match shows(&news) {
                Some(at) => start = alone[at].clone(),
                // What one event does by itself makes others look wrong that stand beside it.
                None if alone
                    .iter()
                    .zip(&asked)
                    .any(|(e, asked)| has_fault(e, asked)) =>
                {
                    return Ok(true);
                }
                None => (),
            }
        }
        let fresh = self.shows_in_fresh_process(&[], &start, &news);
        if fresh.await?.is_none() {
            return self.look_for_history(start, class, before).await;
        }
        let minimal = self.minimise(start, &news, usize::MAX).await?;
        let fresh = self.shows_in_fresh_process(&[], &minimal, &news);
        let Some((run, fault)) = fresh.await? else {
            return self.look_for_history(minimal, class, before).await;
        };
        let named = traits::named(&minimal);
        let fingerprint = fingerprint(class, &minimal, &named);
        self.known.push((class, named.clone(), fingerprint.clone()));
        if !self.found.insert(fingerprint.clone()) {
            return Ok(false);
        }
        let mut n_shown = 1;
        for _ in 1..N_REPLAYS {
            let shown = Shown::Class(class);
            let again = self.shows_in_fresh_process(&[], &minimal, &shown);
            n_shown += usize::from(again.await?.is_some());
        }
        let standing = match n_shown {
            N_REPLAYS => Standing::Stable,
            _ => Standing::Flaky,
        };
        let body = run.sides.first().map(|side| side.body.clone());
        self.tell(Finding {
            sentence: format!("{class}: {}.", fault.sentence),
            clause: clause(class, &named).to_owned(),
            delivery: Delivery::whole(body.unwrap_or_default().into()),
            ..self.finding(fingerprint, minimal, standing)
        });
        Ok(true)
    }

    /// Looks into an emission that kills or hangs a process.
    pub(super) async fn look_into_death(
        &mut self,
        events: Vec<Emitted>,
        observation: &Observation,
    ) -> Result<(), String> {
        let fingerprint = Fingerprint::of_death(observation);
        if !self.found.insert(fingerprint.clone()) {
            return Ok(());
        }
        let shown = Shown::Death(fingerprint.clone());
        let minimal = self.minimise(events, &shown, MAX_STEPS_OF_DEATH).await?;
        self.tell(Finding {
            sentence: format!("The process is lost ({fingerprint})."),
            ..self.finding(fingerprint, minimal, Standing::Stable)
        });
        Ok(())
    }

    /// A fault that a fresh process does not show: with what was emitted before, or not at all.
    async fn look_for_history(
        &mut self,
        events: Vec<Emitted>,
        class: &'static str,
        before: Before<'_>,
    ) -> Result<bool, String> {
        let news = Shown::News(class);
        let mut all = before();
        let after_all = self.shows_in_fresh_process(&all, &events, &news).await?;
        let needs_history = !all.is_empty() && after_all.is_some();
        if !needs_history {
            all.clear();
        }
        let mut history = History::new(all);
        while let Some(less) = history.proposal() {
            let suffices = self.shows_in_fresh_process(&less, &events, &news);
            history.take(suffices.await?.is_some());
        }
        let history = history.into_best();
        let (events, standing, when) = if needs_history {
            let events = self.minimise_after(&history, events, &news).await?;
            let when = "but only after what was emitted before";
            (events, Standing::NeedsHistory, when)
        } else {
            (events, Standing::Flaky, "and in a fresh process not")
        };
        let named = traits::named(&events);
        let fingerprint = fingerprint(class, &events, &named);
        if needs_history {
            self.known.push((class, named.clone(), fingerprint.clone()));
        }
        if self.found.insert(fingerprint.clone()) {
            self.tell(Finding {
                sentence: format!("{class}, {when}."),
                clause: clause(class, &named).to_owned(),
                emitted_before: history,
                ..self.finding(fingerprint, events, standing)
            });
        }
        Ok(needs_history)
    }

    /// The smallest emission that still shows it after these; each try costs a process.
    async fn minimise_after(
        &self,
        history: &[Vec<Emitted>],
        events: Vec<Emitted>,
        shown: &Shown,
    ) -> Result<Vec<Emitted>, String> {
        let offers = &self.asker.greeting.features.offers;
        let mut best = events;
        let mut n_steps = 0;
        'smaller: loop {
            for proposal in fewer::proposals(&best, offers) {
                if n_steps == MAX_STEPS_AFTER_HISTORY {
                    break 'smaller;
                }
                n_steps += 1;
                let still = self.shows_in_fresh_process(history, &proposal, shown);
                if still.await?.is_some() {
                    best = proposal;
                    continue 'smaller;
                }
            }
            break;
        }
        Ok(best)
    }

    /// The smallest emission that still shows it.
    async fn minimise(
        &mut self,
        events: Vec<Emitted>,
        shown: &Shown,
        max_steps: usize,
    ) -> Result<Vec<Emitted>, String> {
        let offers = self.asker.greeting.features.offers.clone();
        let at_once = match shown {
            Shown::Death(_) => 1,
            _ => AT_ONCE,
        };
        let mut best = events;
        let mut n_steps = 0;
        'smaller: loop {
            for proposals in fewer::proposals(&best, &offers).chunks(at_once) {
                if n_steps >= max_steps {
                    break 'smaller;
                }
                n_steps += proposals.len();
                let asked = self.asker.ask_all(proposals).await?;
                let mut pairs = proposals.iter().zip(&asked);
                let shows = |(events, asked): (&Vec<Emitted>, &Asked)| {
                    self.shows(events, asked, shown).is_some()
                };
                if let Some(at) = pairs.position(shows) {
                    best.clone_from(&proposals[at]);
                    continue 'smaller;
                }
            }
            break;
        }
        Ok(best)
    }

    async fn shows_in_fresh_process(
        &self,
        before: &[Vec<Emitted>],
        events: &[Emitted],
        shown: &Shown,
    ) -> Result<Option<(ServerRun, Fault)>, String> {
        let asked = self.asker.ask_fresh(before, events).await?;
        Ok(self.shows(events, &asked, shown))
    }

    /// The run and the fault in it, if it is what is looked for.
    fn shows(
        &self,
        events: &[Emitted],
        asked: &Asked,
        shown: &Shown,
    ) -> Option<(ServerRun, Fault)> {
        let run = match (asked, shown) {
            (Ok(Answer::Lost(death)), Shown::Death(fingerprint))
                if Fingerprint::of_death(death) == *fingerprint =>
            {
                let nothing = Fault {
                    class: "",
                    index: None,
                    sentence: String::new(),
                };
                return Some((ServerRun::default(), nothing));
            }
            (Ok(Answer::Ran(run)), _) => run,
            _ => return None,
        };
        let is_it = |fault: &Fault| match shown {
            Shown::News(class) => {
                fault.class == *class && self.explanation(events, fault).is_none()
            }
            Shown::Class(class) => fault.class == *class,
            Shown::Death(_) => false,
        };
        let fault = faults(events, run).into_iter().find(is_it)?;
        Some((run.clone(), fault))
    }

    pub(super) fn finding(
        &self,
        fingerprint: Fingerprint,
        events: Vec<Emitted>,
        standing: Standing,
    ) -> Finding {
        Finding {
            question: Question::Server(events),
            target: self.adapter.name.clone(),
            asked_as: self.adapter.asked_as.clone(),
            implementation: self.greeting().about(),
            fingerprint,
            sentence: String::new(),
            clause: "server.grammar".to_owned(),
            delivery: Delivery::whole(Vec::new().into()),
            history: Vec::new(),
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

/// Whether anything is wrong with an answer.
fn has_fault(events: &[Emitted], asked: &Asked) -> bool {
    match asked {
        Ok(Answer::Ran(run)) => !faults(events, run).is_empty(),
        Ok(Answer::Lost(_)) => true,
        Err(_) => false,
    }
}

fn fingerprint(class: &str, events: &[Emitted], named: &BTreeSet<Trait>) -> Fingerprint {
    Fingerprint::of_emission(class, &traits::listed(named), events.len())
}

/// The clause that a fault is filed under.
fn clause(class: &str, named: &BTreeSet<Trait>) -> &'static str {
    if class == Class::Injected.name() {
        return "server.no-injection";
    }
    if class == Class::Added.name() {
        return "server.nothing-added";
    }
    match named.first() {
        Some((Field::Retry, _)) => "server.retry-digits",
        Some((Field::Id, Kind::Nul)) => "server.id-no-nul",
        Some((_, Kind::Space)) => "server.leading-space",
        Some((
            _,
            Kind::LineFeed
            | Kind::CarriageReturn
            | Kind::CarriageReturnLineFeed
            | Kind::OtherLineEnd,
        )) => "server.eol",
        Some((
            _,
            Kind::Mark | Kind::NonAscii | Kind::Astral | Kind::Noncharacter | Kind::Control,
        )) => "server.utf8",
        _ => "server.grammar",
    }
}
