//! Targets to a search in each, all at once, and to what is told of it: findings as they come, tallies and reports at the end.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::reported::Reported;
use super::saved::Saved;
use super::searching;
use super::shown::{write_finding, write_tally};
use super::status::Status;
use crate::case::server::Emitted;
use crate::clause::Role;
use crate::cli::written::Wanted;
use crate::cli::{stop, width};
use crate::fuzz::case_file::Finding;
use crate::runner::fuzzing::{News, Plan, Tally};
use crate::target::adapter::Adapter;
use crate::target::setup;

/// What is searched, and how.
pub struct Campaigns<'a> {
    /// What all campaigns have in common.
    pub plan: Plan,
    /// How long each takes.
    pub time: Option<Duration>,
    /// What the applications of servers start from.
    pub emissions: Vec<Vec<Emitted>>,
    /// Whether dependencies are there already.
    pub no_setup: bool,
    /// Each target, in its role.
    pub targets: &'a [(Adapter, Role)],
}

/// What became of each target: its tally, or why it could not be searched. Nothing where the search was ended early.
type Results = Option<Vec<Result<Tally, String>>>;

impl Campaigns<'_> {
    /// Searches all targets and tells of it. Returns the exit code: 1 if there is a finding that is news.
    ///
    /// # Errors
    ///
    /// One sentence: nothing was found, and a target could not be searched, or a report not be written.
    pub fn run(
        &self,
        runtime: &Runtime,
        saved: Saved,
        reported: Reported,
        wanted: Wanted,
        out: &mut (dyn Write + Send),
    ) -> Result<u8, String> {
        let started = Instant::now();
        let status = Status::new(started);
        let shared = Mutex::new(Shared {
            saved,
            reported,
            out,
            n_new: 0,
            unsaved: Vec::new(),
        });
        let results = runtime.block_on(async {
            tokio::select! {
                results = self.search(&shared, &status) => Some(results),
                _ = stop::asked_for() => None,
            }
        });
        status.clear();
        let mut shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (tallies, mut errors) = self.settle(&results, &status, started.elapsed(), &mut shared);
        // The reports come first: whatever cannot be shown after them, they are whole.
        let written = wanted.write_findings(&shared.reported.findings(), width());
        let mut show = || -> io::Result<()> {
            for (name, tally) in &tallies {
                write_tally(name, tally, shared.out)?;
            }
            if results.is_none() {
                writeln!(shared.out, "interrupted")?;
            }
            let (n_new, seconds) = (shared.n_new, started.elapsed().as_secs_f64());
            writeln!(shared.out, "{n_new} new findings in {seconds:.1} s")
        };
        let shown = show();
        for sentence in shared.unsaved {
            anstream::eprintln!("error: {sentence}");
        }
        errors.extend(written.err());
        errors.extend(shown.err().map(|error| format!("standard output: {error}")));
        if errors.is_empty() || shared.n_new > 0 {
            errors
                .iter()
                .for_each(|error| anstream::eprintln!("error: {error}"));
            return Ok(u8::from(shared.n_new > 0));
        }
        Err(errors.join("\nerror: "))
    }

    async fn search(
        &self,
        shared: &Mutex<Shared<'_>>,
        status: &Status,
    ) -> Vec<Result<Tally, String>> {
        let campaigns = self.targets.iter().enumerate();
        let campaigns = campaigns.map(|(place, (adapter, role))| async move {
            setup::prepare(adapter, self.no_setup).await?;
            let mut plan = Plan {
                role: *role,
                until: self.time.map(|time| Instant::now() + time),
                ..self.plan.clone()
            };
            {
                let shared = lock(shared);
                plan.known = shared.saved.known(&adapter.name, plan.role);
                plan.seeds.extend(shared.saved.seeds());
            }
            let listener = |news: News| match news {
                News::Greeted(greeting) => lock(shared).reported.greeted(place, &greeting),
                News::Progress(tally) => status.progress(place, tally),
                News::Known(finding) => lock(shared).reported.found(place, &finding, true),
                News::Found(finding) => {
                    status.clear();
                    lock(shared).found(place, &finding);
                    status.found();
                }
            };
            searching::search(adapter, &plan, self.emissions.clone(), &listener).await
        });
        futures_util::future::join_all(campaigns).await
    }

    /// The tally of each target, also of one that failed, and why those failed that did.
    fn settle(
        &self,
        results: &Results,
        status: &Status,
        time: Duration,
        shared: &mut Shared<'_>,
    ) -> (Vec<(&str, Tally)>, Vec<String>) {
        let (mut tallies, mut errors) = (Vec::new(), Vec::new());
        for (place, (adapter, _)) in self.targets.iter().enumerate() {
            let (tally, trouble) = match results.as_ref().map(|results| &results[place]) {
                Some(Ok(tally)) => (tally.clone(), None),
                Some(Err(sentence)) => {
                    errors.push(format!("{}: {sentence}", adapter.name));
                    (status.tally(place), Some(sentence.clone()))
                }
                None => (status.tally(place), Some("interrupted".to_owned())),
            };
            shared.reported.ended(place, &tally, time, trouble);
            tallies.push((adapter.name.as_str(), tally));
        }
        (tallies, errors)
    }
}

/// What all campaigns write to.
struct Shared<'a> {
    saved: Saved,
    reported: Reported,
    out: &'a mut (dyn Write + Send),
    n_new: usize,
    /// Why findings could not be saved.
    unsaved: Vec<String>,
}

impl Shared<'_> {
    fn found(&mut self, place: usize, finding: &Finding) {
        self.n_new += 1;
        self.reported.found(place, finding, false);
        let path = self.saved.save(finding);
        // A finding that cannot be kept is at least shown; standard output that is gone shows nothing more anyway.
        _ = write_finding(finding, path.as_ref().ok(), self.out);
        if let Err(sentence) = path {
            _ = writeln!(self.out, "{}", finding.to_yaml());
            self.unsaved.push(sentence);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
