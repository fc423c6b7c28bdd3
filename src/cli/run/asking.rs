//! Adapters to reports on them: set-up and asking of several at once, a line of progress, an early end.

use std::convert::Infallible;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::Args;
use super::selection::{Job, Questions};
use crate::clause::Role;
use crate::cli::{n_cores, prose, runtime, serve, stop, width};
use crate::report::{Source, TargetReport, Trouble};
use crate::runner;
use crate::runner::progress::{Options, Progress};
use crate::target::adapter::Adapter;
use crate::target::setup;

/// Sets up and asks every target, some at once; Ctrl-C or SIGTERM ends the asking and keeps what is known.
pub fn ask_all(
    args: &Args,
    options: Options,
    questions: &[Questions],
    jobs: &[Job],
) -> Result<Vec<TargetReport>, String> {
    let n_at_once = args.jobs.unwrap_or_else(n_cores).max(1);
    let runtime = runtime()?;
    let no_setup = args.no_setup;
    let to_set_up: Vec<&str> = jobs
        .iter()
        .filter(|job| !no_setup && setup::is_needed(&job.adapter))
        .map(|job| job.adapter.name.as_str())
        .collect();
    if !to_set_up.is_empty() {
        anstream::eprintln!(
            "Set-up: installing what these adapters need: {}",
            to_set_up.join(", ")
        );
    }
    let status = Arc::new(Status::new(jobs.len()));
    let reports = runtime.block_on(async {
        let permits = Arc::new(Semaphore::new(n_at_once));
        let (sender, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            stop::asked_for().await;
            _ = sender.send(true);
            // The sender must outlive the run: a closed channel would look like a stop.
            std::future::pending::<()>().await;
        });
        let mut handles = Vec::new();
        for job in jobs.iter().cloned() {
            let Job {
                adapter,
                role,
                baseline,
            } = job;
            let Some(of_role) = questions.iter().find(|of_role| of_role.role == role) else {
                continue;
            };
            let options = Options { role, ..options };
            let (permits, corpus, asked, status) = (
                Arc::clone(&permits),
                Arc::clone(&of_role.corpus),
                Arc::clone(&of_role.asked),
                Arc::clone(&status),
            );
            let mut stopped = stopped.clone();
            handles.push(tokio::spawn(async move {
                let progress =
                    Arc::new(Mutex::new(Progress::new(corpus, asked, baseline, options)));
                let mut setup_seconds = 0.0;
                let asking = async {
                    let Ok(_permit) = permits.acquire().await else {
                        return;
                    };
                    status.begun(&adapter.name, &progress);
                    if let Some(tool) = setup::missing_tool(&adapter) {
                        return trouble(
                            &progress,
                            Trouble::Skipped(format!("`{tool}` is not installed")),
                        );
                    }
                    let started = Instant::now();
                    let prepared = setup::prepare(&adapter, no_setup).await;
                    setup_seconds = started.elapsed().as_secs_f64();
                    match prepared {
                        Err(sentence) => trouble(&progress, Trouble::Error(sentence)),
                        Ok(()) => {
                            lock(&progress).restart_clock();
                            runner::ask(&adapter, &progress, options.deadline).await;
                        }
                    }
                };
                let was_stopped = tokio::select! {
                    () = asking => false,
                    never = serve::keep_shown(adapter.site(), &progress) => match never {},
                    _ = stopped.wait_for(|stop| *stop) => true,
                };
                if was_stopped {
                    trouble(&progress, Trouble::Error("interrupted".to_owned()));
                }
                if let Some(site) = adapter.site() {
                    serve::show(site, &progress);
                }
                let taken = lock(&progress).take();
                let own_time = taken.own_time();
                let report = taken.into_report(&adapter, sources(&adapter), setup_seconds);
                status.done(&adapter.name, &report, own_time);
                report
            }));
        }
        let finished = async {
            let mut reports = Vec::new();
            for handle in handles {
                let report = handle.await;
                reports.push(report.map_err(|error| format!("a task of ours failed: {error}"))?);
            }
            Ok::<_, String>(reports)
        };
        tokio::select! {
            reports = finished => reports,
            never = status.show() => match never {},
        }
    });
    status.clear();
    reports
}

fn sources(adapter: &Adapter) -> Vec<Source> {
    let sources = adapter.sources().into_iter();
    sources.map(|(path, text)| Source { path, text }).collect()
}

fn lock(progress: &runner::SharedProgress) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trouble(progress: &runner::SharedProgress, trouble: Trouble) {
    lock(progress).trouble = Some(trouble);
}

/// Says on standard error how far the run is: one line that is rewritten on a terminal, a line for each target elsewhere.
struct Status {
    n_targets: usize,
    is_terminal: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    n_done: usize,
    running: Vec<(String, runner::SharedProgress)>,
}

impl Status {
    fn new(n_targets: usize) -> Self {
        Self {
            n_targets,
            is_terminal: io::stderr().is_terminal(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self, name: &str, progress: &runner::SharedProgress) {
        let name: String = prose(name).chars().take(24).collect();
        self.state().running.push((name, Arc::clone(progress)));
    }

    /// A target may be called otherwise in its report than when it began.
    fn done(&self, asked: &str, report: &TargetReport, own_time: Duration) {
        let begun: String = prose(asked).chars().take(24).collect();
        let name: String = prose(&report.name).chars().take(24).collect();
        let mut state = self.state();
        state.n_done += 1;
        state.running.retain(|(running, _)| *running != begun);
        if report.role == Role::Client && !report.results.is_empty() {
            self.clear();
            _ = writeln!(io::stderr(), "{}", client_figures(&name, report, own_time));
        } else if !self.is_terminal && self.n_targets > 1 {
            let setup = match report.setup_seconds {
                seconds if seconds >= 1.0 => format!(" after {seconds:.0} s of set-up"),
                _ => String::new(),
            };
            _ = writeln!(
                io::stderr(),
                "[{}/{}] {name}: {} cases in {:.1} s{setup}",
                state.n_done,
                self.n_targets,
                report.results.len(),
                report.seconds,
            );
        }
    }

    /// Rewrites the line a few times a second, for as long as it is polled.
    async fn show(&self) -> Infallible {
        const PERIOD: Duration = Duration::from_millis(200);
        if !self.is_terminal {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(PERIOD).await;
            let line: String = self.line().chars().take(width() - 1).collect();
            _ = write!(io::stderr(), "\r\x1b[K{line}");
            _ = io::stderr().flush();
        }
    }

    fn line(&self) -> String {
        let state = self.state();
        let mut line = format!("[{}/{}]", state.n_done, self.n_targets);
        for (name, progress) in &state.running {
            let (n_done, n_cases) = lock(progress).n_done();
            match n_done {
                0 => line.push_str(&format!("  {name}: starting")),
                _ => line.push_str(&format!("  {name}: {}%", 100 * n_done / n_cases.max(1))),
            }
        }
        line
    }

    fn clear(&self) {
        if self.is_terminal {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// How many scripts were played in which time, beside the time that they would have taken one after another.
fn client_figures(name: &str, report: &TargetReport, own_time: Duration) -> String {
    let n_cases = report.results.len();
    format!(
        "{name}: {n_cases} cases, {:.1} s of their own, in {:.1} s ({:.0} a second)",
        own_time.as_secs_f64(),
        report.seconds,
        n_cases as f64 / report.seconds.max(0.001),
    )
}
