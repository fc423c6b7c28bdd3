//! `ssespec run`: the corpus against targets, to reports and an exit code.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use tokio::sync::Semaphore;

use crate::baseline::{self, Baseline, Standing};
use crate::corpus::{Corpus, IdGlob};
use crate::outcome::{FailOn, Outcome};
use crate::report::{self, Report, TargetReport, Trouble};
use crate::runner::{self, Options, Progress};
use crate::target::adapter::Adapter;
use crate::target::setup;

/// The flags of `ssespec run`.
#[derive(Debug, Parser)]
pub struct Args {
    /// Folders with adapter.yaml, or names of adapters below ./adapters; every adapter if none is given
    targets: Vec<String>,
    /// Only the cases whose id matches; `*` matches anything [may be repeated]
    #[arg(short = 'k', value_name = "GLOB")]
    keep: Vec<String>,
    /// Add the case files below this folder [may be repeated]
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Only targets in this role
    #[arg(long, value_enum, default_value_t = RoleArg::Parser)]
    role: RoleArg,
    /// Try each stream in all its deliveries, or whole only
    #[arg(long, value_enum, default_value_t = Deliveries::All)]
    deliveries: Deliveries,
    /// The baseline of the one target [default: known-failures.yaml beside adapter.yaml]
    #[arg(long, value_name = "FILE")]
    known_failures: Option<PathBuf>,
    /// Add what deviates now to the baseline of each target
    #[arg(long)]
    update_known_failures: bool,
    /// Which deviations end the run with exit code 1
    #[arg(long, value_enum, default_value_t = FailOnArg::Fail)]
    fail_on: FailOnArg,
    /// A missing tool is an error, not a skip
    #[arg(long)]
    require_all: bool,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// Write a report; the format is json or terminal [may be repeated]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// How many targets to ask at once [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Stop asking a target after N bad outcomes
    #[arg(long, value_name = "N")]
    max_fail: Option<usize>,
    /// For the random cuts
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Seconds for each answer
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// How many groups of deviations to show for each target
    #[arg(long, value_enum, default_value_t = Show::Ten)]
    show: Show,
    /// A program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl Default for Args {
    fn default() -> Self {
        Self::parse_from(["run"])
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Parser,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Deliveries {
    All,
    Whole,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOnArg {
    Fail,
    Warn,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Show {
    Ten,
    All,
}

/// A report that is asked for: its file is open before the run starts, so a bad path costs no run.
struct Wanted {
    format: Format,
    path: PathBuf,
    part: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Json,
    Terminal,
}

/// Runs the command. Returns the exit code.
///
/// # Errors
///
/// One sentence where nothing could be judged (exit code 2).
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let fail_on = match args.fail_on {
        FailOnArg::Fail => FailOn::Fail,
        FailOnArg::Warn => FailOn::Warn,
    };
    if !(args.timeout > 0.0 && args.timeout < 1e6) {
        return Err("--timeout takes a positive number of seconds".to_owned());
    }
    let options = Options {
        all_deliveries: args.deliveries == Deliveries::All,
        seed: args.seed,
        deadline: Duration::from_secs_f64(args.timeout),
        max_fail: args.max_fail,
        fail_on,
    };
    let corpus = Arc::new(select(args)?);
    let is_named = !args.targets.is_empty() || !args.command.is_empty();
    let adapters = adapters(args)?;
    let baselines = adapters
        .iter()
        .map(|adapter| read_baseline(args, adapter))
        .collect::<Result<Vec<_>, _>>()?;
    let wanted = wanted_reports(args, is_named)?;
    for adapter in adapters.iter().filter(|_| is_named || args.require_all) {
        if let Some(tool) = setup::missing_tool(adapter) {
            return Err(format!(
                "`{}` needs `{tool}`, which is not on the PATH; install it",
                adapter.name
            ));
        }
    }
    let jobs: Vec<(Adapter, Arc<Baseline>)> = adapters
        .into_iter()
        .zip(baselines.iter().cloned())
        .collect();
    let targets = ask_all(args, options, &corpus, &jobs)?;
    let n_never_asked = targets
        .iter()
        .filter(|target| is_broken(target) && target.results.is_empty())
        .count();
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        corpus_hash: corpus.hash.clone(),
        seed: args.seed,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        n_selected: corpus.cases.len(),
        targets,
    };
    if args.update_known_failures {
        update_baselines(args, &report, &jobs, out)?;
    }
    let terminal = report::terminal::Options {
        width: width(),
        show_all: args.show == Show::All,
    };
    let shown = report::terminal::write(out, &report, &terminal);
    write_reports(&report, &wanted, &terminal)?;
    shown.map_err(|error| format!("standard output: {error}"))?;
    if is_named && n_never_asked > 0 {
        // Its sentence is in the report above; a script that reads only standard error gets it as well.
        for target in &report.targets {
            if let Some(Trouble::Error(sentence)) = &target.trouble {
                anstream::eprintln!("error: {}: {}", prose(&target.name), prose(sentence));
            }
        }
        return Ok(2);
    }
    Ok(u8::from(report.targets.iter().any(|target| {
        is_bad(target, fail_on, args.update_known_failures)
    })))
}

fn select(args: &Args) -> Result<Corpus, String> {
    let mut corpus = Corpus::load(&args.corpus).map_err(|error| error.to_string())?;
    let globs = args
        .keep
        .iter()
        .map(|glob| IdGlob::new(glob))
        .collect::<Result<Vec<_>, _>>()?;
    corpus.select(&globs);
    if corpus.cases.is_empty() {
        return Err(format!(
            "no case matches {}; `ssespec cases` lists the ids",
            args.keep.join(" or ")
        ));
    }
    Ok(corpus)
}

fn adapters(args: &Args) -> Result<Vec<Adapter>, String> {
    let mut adapters = Vec::new();
    for target in &args.targets {
        adapters.push(Adapter::find(target)?);
    }
    if !args.command.is_empty() {
        adapters.push(Adapter::from_command(&args.command));
    }
    if adapters.is_empty() {
        adapters = Adapter::all()?;
    }
    if adapters.is_empty() {
        return Err(
            "there is no target: name one, give a command after `--`, or run where ./adapters is"
                .to_owned(),
        );
    }
    if args.known_failures.is_some() && adapters.len() > 1 {
        return Err("--known-failures is for one target; name it".to_owned());
    }
    Ok(adapters)
}

fn baseline_path(args: &Args, adapter: &Adapter) -> Option<PathBuf> {
    args.known_failures
        .clone()
        .or_else(|| adapter.known_failures.clone())
}

fn read_baseline(args: &Args, adapter: &Adapter) -> Result<Arc<Baseline>, String> {
    let Some(path) = baseline_path(args, adapter) else {
        return Ok(Arc::default());
    };
    let shown = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => Baseline::parse(&shown, &text)
            .map(Arc::new)
            .map_err(|fault| fault.to_string()),
        // Only a file that was asked for by name must exist, unless it is to be written.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && (args.known_failures.is_none() || args.update_known_failures) =>
        {
            Ok(Arc::default())
        }
        Err(error) => Err(format!("{shown}: cannot be read: {error}")),
    }
}

fn wanted_reports(args: &Args, is_named: bool) -> Result<Vec<Wanted>, String> {
    let mut asked = args.report.clone();
    if asked.is_empty() && !is_named {
        std::fs::create_dir_all("reports/latest")
            .map_err(|error| format!("reports/latest: {error}"))?;
        asked = vec![
            "json=reports/latest/report.json".to_owned(),
            "terminal=reports/latest/report.txt".to_owned(),
        ];
    }
    asked.iter().map(|text| wanted_report(text)).collect()
}

fn wanted_report(text: &str) -> Result<Wanted, String> {
    let (format, path) = text.split_once('=').ok_or_else(|| {
        format!("--report {text}: write FORMAT=PATH, for example json=report.json")
    })?;
    let format = match format {
        "json" => Format::Json,
        "terminal" => Format::Terminal,
        other => {
            return Err(format!(
                "--report {text}: unknown format `{other}`; known: json, terminal"
            ));
        }
    };
    let path = PathBuf::from(path);
    if path.as_os_str() == "-" {
        return Ok(Wanted {
            format,
            path,
            part: None,
        });
    }
    if path.is_dir() {
        return Err(format!(
            "--report {text}: {} is a folder; name a file in it",
            path.display()
        ));
    }
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::write(&part, "")
        .map_err(|error| format!("--report {text}: cannot be written: {error}"))?;
    Ok(Wanted {
        format,
        path,
        part: Some(part),
    })
}

fn write_reports(
    report: &Report,
    wanted: &[Wanted],
    terminal: &report::terminal::Options,
) -> Result<(), String> {
    let mut sentences = Vec::new();
    for Wanted { format, path, part } in wanted {
        let mut bytes = Vec::new();
        let written = match format {
            Format::Json => report::json::write(&mut bytes, report),
            Format::Terminal => report::terminal::write(
                &mut anstream::StripStream::new(&mut bytes),
                report,
                terminal,
            ),
        };
        let written = written.and_then(|()| match part {
            None => io::stdout().write_all(&bytes),
            // Renamed only when whole, so that an older report is never half overwritten.
            Some(part) => std::fs::write(part, &bytes).and_then(|()| std::fs::rename(part, path)),
        });
        if let Err(error) = written {
            sentences.push(format!(
                "{}: the report cannot be written: {error}",
                path.display()
            ));
        }
    }
    if sentences.is_empty() {
        Ok(())
    } else {
        Err(sentences.join("\n"))
    }
}

/// Sets up and asks every target, some at once; Ctrl-C ends the asking and keeps what is known.
fn ask_all(
    args: &Args,
    options: Options,
    corpus: &Arc<Corpus>,
    jobs: &[(Adapter, Arc<Baseline>)],
) -> Result<Vec<TargetReport>, String> {
    let n_cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let n_at_once = args.jobs.unwrap_or(n_cores).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot start: {error}"))?;
    let no_setup = args.no_setup;
    let to_set_up: Vec<&str> = jobs
        .iter()
        .filter(|(adapter, _)| !no_setup && setup::is_needed(adapter))
        .map(|(a, _)| a.name.as_str())
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
        let (stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                _ = stop.send(true);
            }
            // The sender must outlive the run: a closed channel would look like a stop.
            std::future::pending::<()>().await;
        });
        let mut handles = Vec::new();
        for (adapter, baseline) in jobs.iter().cloned() {
            let (permits, corpus, status) = (
                Arc::clone(&permits),
                Arc::clone(corpus),
                Arc::clone(&status),
            );
            let mut stopped = stopped.clone();
            handles.push(tokio::spawn(async move {
                let progress = Arc::new(Mutex::new(Progress::new(corpus, baseline, options)));
                let mut setup_seconds = 0.0;
                let asking = async {
                    let Ok(_permit) = permits.acquire().await else {
                        return;
                    };
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
                    _ = stopped.wait_for(|stop| *stop) => true,
                };
                if was_stopped {
                    trouble(&progress, Trouble::Error("interrupted".to_owned()));
                }
                let taken = lock(&progress).take();
                let report = taken.into_report(&adapter, setup_seconds);
                status.done(&report);
                report
            }));
        }
        let mut reports = Vec::new();
        for handle in handles {
            reports.push(
                handle
                    .await
                    .map_err(|error| format!("a task of ours failed: {error}"))?,
            );
        }
        Ok::<_, String>(reports)
    });
    status.clear();
    reports
}

fn lock(progress: &runner::SharedProgress) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trouble(progress: &runner::SharedProgress, trouble: Trouble) {
    lock(progress).trouble = Some(trouble);
}

/// Says on standard error what has been done: one line that is rewritten on a terminal, plain lines elsewhere.
struct Status {
    n_targets: usize,
    n_done: Mutex<usize>,
    is_terminal: bool,
}

impl Status {
    fn new(n_targets: usize) -> Self {
        Self {
            n_targets,
            n_done: Mutex::new(0),
            is_terminal: io::stderr().is_terminal(),
        }
    }

    fn done(&self, report: &TargetReport) {
        let mut n_done = self.n_done.lock().unwrap_or_else(PoisonError::into_inner);
        *n_done += 1;
        let name: String = prose(&report.name).chars().take(40).collect();
        let text = format!(
            "[{}/{}] {name}: {} cases in {:.1} s{}",
            *n_done,
            self.n_targets,
            report.results.len(),
            report.seconds,
            if report.setup_seconds >= 1.0 {
                format!(" after {:.0} s of set-up", report.setup_seconds)
            } else {
                String::new()
            },
        );
        if self.is_terminal {
            _ = write!(io::stderr(), "\r\x1b[K{text}");
        } else if self.n_targets > 1 {
            _ = writeln!(io::stderr(), "{text}");
        }
    }

    fn clear(&self) {
        if self.is_terminal {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn update_baselines(
    args: &Args,
    report: &Report,
    jobs: &[(Adapter, Arc<Baseline>)],
    out: &mut dyn Write,
) -> Result<(), String> {
    for (target, (adapter, _)) in report.targets.iter().zip(jobs) {
        let Some(path) = baseline_path(args, adapter) else {
            return Err("--update-known-failures needs --known-failures FILE for a target given as a command".to_owned());
        };
        let standings: Vec<Standing<'_>> = target.results.iter().filter_map(standing).collect();
        let entries = baseline::cover(&standings);
        if entries.is_empty() {
            continue;
        }
        let shown = path.display().to_string();
        let old = if path.exists() {
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{shown}: cannot be read: {error}"))?
        } else {
            String::new()
        };
        std::fs::write(&path, baseline::append(&old, &entries))
            .map_err(|error| format!("{shown}: cannot be written: {error}"))?;
        _ = writeln!(out, "{shown}: {} new entries", entries.len());
    }
    Ok(())
}

/// What an update must know of a result; nothing where nothing was judged.
fn standing(result: &report::CaseResult) -> Option<Standing<'_>> {
    let new_reason = match result.outcome {
        Outcome::Skip { .. } | Outcome::Error { .. } => return None,
        Outcome::Fail | Outcome::Warn => {
            let quirk = result
                .failing
                .as_ref()
                .and_then(|failing| failing.quirk.as_ref());
            Some(match quirk {
                Some((name, sentence)) => format!("{name}: {sentence}"),
                None => format!("{} {}", baseline::NOT_EXAMINED, env!("CARGO_PKG_VERSION")),
            })
        }
        _ => None,
    };
    Some(Standing {
        id: &result.id,
        new_reason,
        chunk_sensitive: result.is_chunk_sensitive(),
    })
}

fn is_broken(target: &TargetReport) -> bool {
    matches!(target.trouble, Some(Trouble::Error(_)))
}

fn is_bad(target: &TargetReport, fail_on: FailOn, updated: bool) -> bool {
    let is_new = |outcome: &Outcome| updated && matches!(outcome, Outcome::Fail | Outcome::Warn);
    is_broken(target)
        || !target.stale.is_empty()
        || target
            .results
            .iter()
            .any(|result| result.outcome.is_bad(fail_on) && !is_new(&result.outcome))
}

/// What a target or tool said, line by line, with nothing in it that could steer a terminal.
fn prose(text: &str) -> String {
    text.lines()
        .map(report::escape::prose)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The terminal's width, or 80 where there is none.
fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(60, 200))
}
