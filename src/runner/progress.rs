//! What is learnt of one target, answer by answer, to the report on it; survives an interruption.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::evidence::{self, Observed, Run};
use super::{server_transcript, transcript};
use crate::baseline::{self, Baseline};
use crate::case::Kind;
use crate::clause::Role;
use crate::corpus::Corpus;
use crate::observation::{Features, Observation};
use crate::outcome::{self, FailOn, Outcome};
use crate::report::{AskedCase, CaseResult, Counts, FailingResult, Source, TargetReport, Trouble};
use crate::target::adapter::Adapter;
use crate::target::message::Greeting;
use crate::target::session::Job;
use crate::verdict::sweep::Sweep;
use crate::verdict::{client, parser, server};

/// After this many deliveries of one case that killed or hung a process, its other deliveries are not asked.
const MAX_DEATHS_PER_CASE: usize = 2;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// In which role the target is asked.
    pub role: Role,
    /// All deliveries, or the whole one alone.
    pub all_deliveries: bool,
    /// The target can be asked whole streams only, so that nothing is left out if just these are.
    pub whole_is_all: bool,
    /// For the random cuts.
    pub seed: u64,
    /// For each answer, counted from the previous one.
    pub deadline: Duration,
    /// Stop asking a target after this many bad outcomes.
    pub max_fail: Option<usize>,
    /// What counts as bad.
    pub fail_on: FailOn,
}

impl Options {
    /// Every delivery that the target can be asked is asked.
    fn is_everything(&self) -> bool {
        self.all_deliveries || self.whole_is_all
    }
}

/// What is known so far of a run against one target; survives an interruption.
pub struct Progress {
    corpus: Arc<Corpus>,
    /// The cases as the report shows them, in the order of the corpus.
    asked: Arc<[Arc<AskedCase>]>,
    /// What is known to deviate.
    pub(super) baseline: Arc<Baseline>,
    options: Options,
    features: Features,
    states: Vec<State>,
    n_deliveries: usize,
    n_bad: usize,
    /// Requests in a row whose answers broke the protocol even when asked alone.
    pub(super) n_broken_in_a_row: usize,
    /// Why not everything was asked.
    pub trouble: Option<Trouble>,
    /// What the adapter said of itself.
    greeting: Option<Greeting>,
    /// How the origin keeps chunk boundaries.
    boundaries: &'static str,
    /// A client that waits too long of its own accord to be judged by its coming back.
    is_too_slow: bool,
    /// What the scripts of a client took one by one, added up.
    own_time: Duration,
    started: Instant,
}

enum State {
    NotAsked,
    Asking {
        observed: Vec<Option<Observed>>,
        n_deaths: usize,
    },
    Done(Box<CaseResult>),
}

impl Progress {
    /// Before anything is asked.
    pub fn new(
        corpus: Arc<Corpus>,
        asked: Arc<[Arc<AskedCase>]>,
        baseline: Arc<Baseline>,
        options: Options,
    ) -> Self {
        let states = corpus.cases.iter().map(|_| State::NotAsked).collect();
        Self {
            corpus,
            asked,
            baseline,
            options,
            features: Features::default(),
            states,
            n_deliveries: 0,
            n_bad: 0,
            n_broken_in_a_row: 0,
            trouble: None,
            greeting: None,
            boundaries: "",
            is_too_slow: false,
            own_time: Duration::ZERO,
            started: Instant::now(),
        }
    }

    /// Takes in what the adapter says of itself. Returns how many cases there are to ask.
    pub(super) fn greet(&mut self, greeting: &Greeting) -> usize {
        self.features = greeting.features.clone();
        self.greeting = Some(greeting.clone());
        self.states.len()
    }

    /// How many cases are done, and how many there are.
    pub fn n_done(&self) -> (usize, usize) {
        let is_done = |state: &&State| matches!(state, State::Done(_));
        let n_done = self.states.iter().filter(is_done).count();
        (n_done, self.states.len())
    }

    /// The outcomes so far.
    pub fn counts(&self) -> Counts {
        Counts::of_outcomes(self.states.iter().filter_map(|state| match state {
            State::Done(result) => Some(&result.outcome),
            State::NotAsked | State::Asking { .. } => None,
        }))
    }

    /// Whether the target has said what it is.
    pub fn has_begun(&self) -> bool {
        self.greeting.is_some()
    }

    /// What the scripts of a client took one by one, added up; many are played at once.
    pub fn own_time(&self) -> Duration {
        self.own_time
    }

    /// In which role the target is asked.
    pub(super) fn role(&self) -> Role {
        self.options.role
    }

    /// The cases.
    pub(super) fn corpus(&self) -> Arc<Corpus> {
        Arc::clone(&self.corpus)
    }

    /// Takes in how the origin keeps chunk boundaries, and whether the target waits too long of its own accord.
    pub(super) fn note_origin(&mut self, boundaries: &'static str, is_too_slow: bool) {
        self.boundaries = boundaries;
        self.is_too_slow = is_too_slow;
    }

    /// Starts the clock anew: set-up is over.
    pub fn restart_clock(&mut self) {
        self.started = Instant::now();
    }

    /// Takes everything out and leaves an empty progress behind.
    pub fn take(&mut self) -> Self {
        let empty = Self::new(
            Arc::clone(&self.corpus),
            Arc::clone(&self.asked),
            Arc::clone(&self.baseline),
            self.options,
        );
        std::mem::replace(self, empty)
    }

    /// The report on what is known.
    pub fn into_report(
        self,
        adapter: &Adapter,
        sources: Vec<Source>,
        setup_seconds: f64,
    ) -> TargetReport {
        let mut results = Vec::new();
        let mut n_not_asked = 0;
        for state in self.states {
            match state {
                State::Done(result) => results.push(*result),
                State::NotAsked | State::Asking { .. } => n_not_asked += 1,
            }
        }
        // An entry is stale only if everything it could match was asked, in all deliveries.
        let complete = self.options.is_everything() && n_not_asked == 0;
        let stale = if complete {
            let outcomes: Vec<(&str, &Outcome)> = results
                .iter()
                .map(|result| (result.case.id.as_str(), &result.outcome))
                .collect();
            outcome::stale(&self.baseline, &outcomes)
        } else {
            Vec::new()
        };
        let is_unexamined = |result: &&CaseResult| matches!(&result.outcome, Outcome::KnownFailure { reason, .. } if reason.starts_with(baseline::NOT_EXAMINED));
        let greeting = self.greeting.as_ref();
        TargetReport {
            name: match greeting {
                // A test service has a name of its own; all that we know before is where it is.
                Some(greeting) if adapter.test_service.is_some() => greeting.implementation.clone(),
                _ => adapter.name.clone(),
            },
            implementation: greeting
                .map(|greeting| greeting.implementation.clone())
                .unwrap_or_default(),
            version: greeting
                .map(|greeting| greeting.version.clone())
                .unwrap_or_default(),
            language: greeting
                .map(|greeting| greeting.language.clone())
                .unwrap_or_default(),
            asked_as: adapter.asked_as.clone(),
            homepage: adapter.homepage.clone(),
            is_tutorial: adapter.is_tutorial,
            sources,
            role: self.options.role,
            platform_decodes: adapter.platform_decodes,
            trouble: self.trouble,
            n_not_asked,
            stale: stale
                .into_iter()
                .map(|entry| entry.glob.as_str().to_owned())
                .collect(),
            n_not_examined: results.iter().filter(is_unexamined).count(),
            setup_seconds,
            seconds: self.started.elapsed().as_secs_f64(),
            n_deliveries: self.n_deliveries,
            quirks: evidence::name_quirks(&mut results, &self.corpus, &self.features),
            results,
        }
    }

    /// The jobs of a case, or none if it is done, skipped, or has killed enough processes.
    pub(super) fn jobs_of(&mut self, index: usize) -> Vec<Job> {
        let corpus = Arc::clone(&self.corpus);
        let case = &corpus.cases[index];
        if !matches!(self.states[index], State::NotAsked) {
            return Vec::new();
        }
        let not_shown = match &case.kind {
            Kind::Parser(parser) => parser::not_shown(parser, &case.clauses[0], &self.features),
            Kind::Client(client) => client::not_shown(client, &self.features),
            Kind::Server(server) => server::not_shown(server, &self.features),
        };
        let too_slow = case.client().is_some_and(|case| {
            self.is_too_slow && (case.reconnection_time.is_none() || !case.returns)
        });
        let reason = not_shown.map(|what| what.to_string()).or_else(|| {
            too_slow.then(|| "its own reconnect delay is too long to judge".to_owned())
        });
        if let Some(reason) = reason {
            let result = self.result(index, Outcome::Skip { reason });
            self.finish(index, result);
            return Vec::new();
        }
        let deliveries = case.deliveries(self.options.all_deliveries, self.options.seed);
        self.states[index] = State::Asking {
            observed: vec![None; deliveries.len()],
            n_deaths: 0,
        };
        let job = |(place, delivery)| Job {
            case: index,
            place,
            delivery,
        };
        deliveries.into_iter().enumerate().map(job).collect()
    }

    /// Whether a job of this case is still worth asking.
    pub(super) fn wants(&self, job: &Job) -> bool {
        match &self.states[job.case] {
            State::Asking { n_deaths, .. } => *n_deaths < MAX_DEATHS_PER_CASE,
            State::NotAsked | State::Done(_) => false,
        }
    }

    /// Takes in what a target did with a job. Returns whether to go on.
    pub(super) fn record(&mut self, job: &Job, answer: Result<Observed, String>) -> bool {
        self.n_deliveries += 1;
        let State::Asking { observed, n_deaths } = &mut self.states[job.case] else {
            return true;
        };
        match answer {
            Err(reason) => {
                let reason = format!(
                    "{}@{}: {reason}",
                    self.corpus.cases[job.case].id, job.delivery.cutting
                );
                self.finish_unasked(job.case, reason);
            }
            Ok(answer) => {
                if let Some(Run::Client(run)) = &answer.run {
                    self.own_time += run.time();
                }
                *n_deaths += usize::from(!matches!(answer.observation, Observation::Parsed(_)));
                observed[job.place] = Some(answer);
                let is_complete =
                    observed.iter().all(Option::is_some) || *n_deaths >= MAX_DEATHS_PER_CASE;
                if is_complete {
                    self.judge(job.case);
                }
            }
        }
        self.options.max_fail.is_none_or(|max| self.n_bad < max)
    }

    /// Takes back what is known of cases whose answers cannot be trusted.
    pub(super) fn retract(&mut self, cases: &[usize], sentence: &str) {
        for &index in cases {
            let reason = format!("{}: {sentence}", self.corpus.cases[index].id);
            self.finish_unasked(index, reason);
        }
    }

    fn judge(&mut self, index: usize) {
        let State::Asking { observed, .. } =
            std::mem::replace(&mut self.states[index], State::NotAsked)
        else {
            return;
        };
        let corpus = Arc::clone(&self.corpus);
        let case = &corpus.cases[index];
        let deliveries = case.deliveries(self.options.all_deliveries, self.options.seed);
        let mut sweep = Sweep::new(case.level);
        let mut is_complete = self.options.is_everything();
        for (delivery, observed) in deliveries.iter().zip(&observed) {
            let Some(Observed {
                observation, run, ..
            }) = observed
            else {
                is_complete = false;
                continue;
            };
            let verdict = match (&case.kind, run, observation) {
                (Kind::Parser(case), ..) => {
                    parser::judge(case, delivery, &self.features, observation)
                }
                (Kind::Client(case), Some(Run::Client(run)), _) => {
                    client::judge(case, &self.features, run)
                }
                (Kind::Server(case), Some(Run::Server(run)), _) => server::judge(case, run),
                (Kind::Client(_) | Kind::Server(_), _, observation) => client::lost(observation),
            };
            sweep.add(delivery, observation, verdict);
        }
        let outcome = outcome::settle(&sweep, self.baseline.entry(&case.id), is_complete);
        let mut result = self.result(index, outcome);
        result.n_deliveries = sweep.n_judged();
        result.n_deviating = sweep.n_deviating();
        result.failing = sweep.failing().map(|failing| {
            let place = deliveries
                .iter()
                .position(|delivery| *delivery == failing.delivery);
            let answer = place.and_then(|place| observed[place].as_ref());
            let run = answer.and_then(|answer| answer.run.as_ref());
            FailingResult {
                failing: failing.clone(),
                exchange: match run {
                    Some(Run::Client(run)) => transcript::lines(run, self.boundaries),
                    Some(Run::Server(run)) => server_transcript::lines(run),
                    None if self.options.role != Role::Parser => Vec::new(),
                    None => evidence::exchange(&failing.delivery, &self.features, answer),
                },
                quirk: None,
            }
        });
        self.finish(index, result);
    }

    fn finish_unasked(&mut self, index: usize, reason: String) {
        let entry = self.baseline.entry(&self.asked[index].id);
        let result = self.result(index, outcome::unasked(reason, entry));
        self.finish(index, result);
    }

    fn result(&self, index: usize, outcome: Outcome) -> CaseResult {
        CaseResult {
            case: Arc::clone(&self.asked[index]),
            outcome,
            n_deliveries: 0,
            n_deviating: 0,
            failing: None,
        }
    }

    fn finish(&mut self, index: usize, result: CaseResult) {
        self.n_bad += usize::from(result.outcome.is_bad(self.options.fail_on));
        self.states[index] = State::Done(Box::new(result));
    }
}
