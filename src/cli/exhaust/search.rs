//! The units of a plan to what was found in all of them: many at once, a line of progress, an early end, a state file.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::Target;
use crate::cli::written::write_whole;
use crate::cli::{count, stop};
use crate::exhaust::ask::Asker;
use crate::exhaust::state::State;
use crate::exhaust::walk::Walk;
use crate::exhaust::{Found, Plan};
use crate::target::adapter::Adapter;

/// How often the line of progress is rewritten.
const PERIOD: Duration = Duration::from_millis(200);
/// How often a search says how far it is where there is no terminal, and writes its state.
const RARELY: Duration = Duration::from_secs(20);

/// A search under way.
pub struct Search {
    plan: Arc<Plan>,
    state: State,
    file: Option<PathBuf>,
    target: String,
    started: Instant,
    /// What this run has done.
    n_streams: u64,
}

/// How a search ended.
pub enum End {
    /// Every unit is done.
    Complete,
    /// Some are not; the sentence says why.
    Early(String),
}

/// A unit's place among those of the plan, and what was found in it; or why nothing more can be.
type Answer = Result<(usize, Found), String>;

impl Search {
    /// Goes on from a state, and keeps it in a file if one is given.
    pub fn new(plan: Arc<Plan>, target: &Target, state: State, file: Option<PathBuf>) -> Self {
        Self {
            plan,
            state,
            file,
            target: target.name().to_owned(),
            started: Instant::now(),
            n_streams: 0,
        }
    }

    /// What is known at the end.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Searches until every unit is done, a target cannot be asked, or somebody ends it.
    ///
    /// # Errors
    ///
    /// The state cannot be written.
    pub async fn run(
        &mut self,
        target: &Target,
        n_jobs: usize,
        deadline: Duration,
    ) -> Result<End, String> {
        self.started = Instant::now();
        let units: Arc<[u64]> = self.plan.units().collect();
        let work = Work {
            plan: Arc::clone(&self.plan),
            units: Arc::clone(&units),
            next: Arc::new(AtomicUsize::new(self.state.n_units)),
            stop: Arc::new(AtomicBool::new(false)),
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        let n_workers = n_jobs.min(units.len().saturating_sub(self.state.n_units));
        for _ in 0..n_workers {
            match target {
                Target::Reference => work.clone().walk(sender.clone()),
                Target::Adapter(adapter) => {
                    work.clone()
                        .ask(Arc::clone(adapter), deadline, sender.clone())
                }
            }
        }
        drop(sender);
        let milliseconds_before = self.state.milliseconds;
        let end = self.collect(receiver, milliseconds_before).await;
        work.stop.store(true, Ordering::Relaxed);
        self.clear_line();
        self.keep(milliseconds_before)?;
        Ok(match end? {
            _ if self.state.n_units == units.len() => End::Complete,
            None => End::Early("a thread of ours failed".to_owned()),
            Some(sentence) => {
                let n_left = self.plan.n_streams() - self.state.found.n_streams;
                let how = match &self.file {
                    Some(_) => "the same command goes on from here",
                    None => "--state FILE keeps a search from starting anew",
                };
                End::Early(format!(
                    "{sentence}; {} streams were not tried ({how})",
                    count(n_left)
                ))
            }
        })
    }

    /// Takes in what the workers find, in the order of the units. The sentence is on why not everything was searched.
    async fn collect(
        &mut self,
        mut receiver: UnboundedReceiver<Answer>,
        milliseconds_before: u64,
    ) -> Result<Option<String>, String> {
        let mut early: BTreeMap<usize, Found> = BTreeMap::new();
        let mut ticks = tokio::time::interval(PERIOD);
        let mut last = Instant::now();
        let interrupted = stop::asked_for();
        tokio::pin!(interrupted);
        loop {
            tokio::select! {
                biased;
                _ = &mut interrupted => return Ok(Some("interrupted".to_owned())),
                _ = ticks.tick() => {
                    self.show(last.elapsed() >= RARELY);
                    if last.elapsed() >= RARELY {
                        last = Instant::now();
                        self.keep(milliseconds_before)?;
                    }
                }
                answer = receiver.recv() => match answer {
                    None => return Ok(None),
                    Some(Err(sentence)) => return Ok(Some(sentence)),
                    Some(Ok((place, found))) => {
                        self.n_streams += found.n_streams;
                        early.insert(place, found);
                        while let Some(found) = early.remove(&self.state.n_units) {
                            self.state.found.merge(found);
                            self.state.n_units += 1;
                        }
                    }
                },
            }
        }
    }

    /// Writes the state.
    fn keep(&mut self, milliseconds_before: u64) -> Result<(), String> {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.state.milliseconds = milliseconds_before.saturating_add(elapsed);
        let Some(file) = &self.file else {
            return Ok(());
        };
        let text = self.state.to_text(&self.target, &self.plan);
        write_whole(file, text.as_bytes())
            .map_err(|error| format!("--state {}: {error}", file.display()))
    }

    /// Says how far the search is: a line that is rewritten on a terminal, now and then a line elsewhere.
    fn show(&self, is_rare: bool) {
        let is_terminal = io::stderr().is_terminal();
        if !is_terminal && !is_rare {
            return;
        }
        let n_all = self.plan.n_streams();
        let n_done = self.state.found.n_streams;
        let seconds = self.started.elapsed().as_secs_f64();
        let per_second = self.n_streams as f64 / seconds.max(1e-3);
        let left = (n_all.saturating_sub(n_done)) as f64 / per_second.max(1e-3);
        let percent = 100.0 * n_done as f64 / n_all as f64;
        let left = match self.n_streams {
            0 => "starting".to_owned(),
            _ => format!("{}/s, {} left", rate(per_second), duration(left)),
        };
        let line = format!(
            "{percent:.1}% of {n_all} streams, {left}, {} kinds of differences",
            self.state.found.differences.len()
        );
        let (before, after) = if is_terminal {
            ("\r\x1b[K", "")
        } else {
            ("", "\n")
        };
        _ = write!(io::stderr(), "{before}{line}{after}");
        _ = io::stderr().flush();
    }

    fn clear_line(&self) {
        if io::stderr().is_terminal() {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// What the workers share.
#[derive(Clone)]
struct Work {
    plan: Arc<Plan>,
    units: Arc<[u64]>,
    /// The place of the next unit that nobody has taken.
    next: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn take(&self) -> Option<(usize, u64)> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        Some((place, *self.units.get(place)?))
    }

    /// Walks units in a thread of its own.
    fn walk(self, sender: UnboundedSender<Answer>) {
        thread::spawn(move || {
            let mut walk = Walk::new(&self.plan, &[]);
            while let Some((place, unit)) = self.take() {
                if sender.send(Ok((place, walk.unit(unit)))).is_err() {
                    break;
                }
            }
        });
    }

    /// Asks a process of its own about units.
    fn ask(self, adapter: Arc<Adapter>, deadline: Duration, sender: UnboundedSender<Answer>) {
        tokio::spawn(async move {
            let mut asker = Asker::new(&adapter, deadline);
            while let Some((place, unit)) = self.take() {
                let found = asker.unit(&self.plan, unit).await;
                let failed = found.is_err();
                let answer = found
                    .map(|found| (place, found))
                    .map_err(|sentence| format!("{}: {sentence}", adapter.name));
                if sender.send(answer).is_err() || failed {
                    break;
                }
            }
            asker.close().await;
        });
    }
}

/// A number of streams a second, to two digits.
pub fn rate(per_second: f64) -> String {
    match per_second {
        n if n >= 1e6 => format!("{:.1} million", n / 1e6),
        n if n >= 1e4 => format!("{:.0} thousand", n / 1e3),
        n => format!("{n:.0}"),
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 2.0 * 86400.0 => format!("{:.0} days", s / 86400.0),
        s if s >= 7200.0 => format!("{:.0} h", s / 3600.0),
        s if s >= 120.0 => format!("{:.0} min", s / 60.0),
        s => format!("{s:.0} s"),
    }
}
