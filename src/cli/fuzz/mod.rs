//! `ssespec fuzz`: random streams against targets, to findings in a folder and an exit code.

mod replay;
pub mod reported;
mod saved;
mod searching;
mod shown;
mod status;
mod targets;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::written::Wanted;
use super::{stop, width};
use crate::clause::Role;
use crate::corpus::Corpus;
use crate::fuzz::case_file::Finding;
use crate::fuzz::seeds;
use crate::runner::fuzzing::{News, Plan};
use crate::target::adapter::Adapter;
use crate::target::setup;
use reported::Reported;
use saved::Saved;
use shown::{write_finding, write_tally};
use status::Status;
use targets::RoleArg;

/// The flags of `ssespec fuzz`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folders with adapter.yaml, or names of adapters below ./adapters
    targets: Vec<String>,
    /// For the random streams
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Stop after N streams for each target, over all shards [default: go on until Ctrl-C or SIGTERM]
    #[arg(long, value_name = "N", conflicts_with = "for_time")]
    runs: Option<u64>,
    /// Stop after this time, such as 90s, 10m or 8h
    #[arg(long = "for", value_name = "TIME")]
    for_time: Option<String>,
    /// How many processes of each target to ask at once [default: one for each core, shared by the targets]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Take only the Kth of N parts of the streams, such as 1/4
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Where findings are kept; those that are there already are no news
    #[arg(long, value_name = "DIR", default_value = "findings")]
    save: PathBuf,
    /// More findings that are no news: a folder of them, or one [may be repeated]
    #[arg(long, value_name = "DIR|FILE")]
    known: Vec<PathBuf>,
    /// Write the findings; the format is json, terminal, html, junit, markdown or findings, a path of - is standard output [may be repeated]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// Who saw the findings, for reports that are merged [default: the name of this machine]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// In this role [default: the target's only one, or parser]
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// Start from the case files below this folder too [may be repeated]
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Seconds for each answer
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// Ask the targets a finding again, three times, each in a fresh process
    #[arg(long, value_name = "FILE", conflicts_with_all = ["runs", "for_time", "shard", "export_seeds"])]
    replay: Option<PathBuf>,
    /// Write seeds and a dictionary for libFuzzer, AFL++ and `go test -fuzz` into this folder, and stop
    #[arg(long, value_name = "DIR")]
    export_seeds: Option<PathBuf>,
    /// The program knows no protocol: the stream on standard input, one JSON event a line on standard output
    #[arg(long, requires = "command")]
    stdin: bool,
    /// A program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command. Returns the exit code: 1 if there is a finding that is news.
///
/// # Errors
///
/// One sentence where nothing could be fuzzed (exit code 2).
pub fn run(args: &Args, out: &mut (dyn Write + Send)) -> Result<u8, String> {
    if !(args.timeout > 0.0 && args.timeout < 1e6) {
        return Err("--timeout takes a positive number of seconds".to_owned());
    }
    let corpus = Corpus::load(&args.corpus).map_err(|error| error.to_string())?;
    if let Some(folder) = &args.export_seeds {
        return saved::export_seeds(folder, &corpus, out);
    }
    let role = args.role.map(Role::from);
    let targets = targets::find(&args.targets, &args.command, args.stdin, role)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot start: {error}"))?;
    let deadline = Duration::from_secs_f64(args.timeout);
    if let Some(path) = &args.replay {
        return runtime.block_on(replay::replay(path, &targets, args.no_setup, deadline, out));
    }
    let shard = args.shard.as_deref().map_or(Ok((0, 1)), shard)?;
    let time = args.for_time.as_deref().map(time).transpose()?;
    let saved = Saved::open(&args.save, &args.known)?;
    let wanted = Wanted::open_for_findings(&args.report)?;
    // Who sends a report down a pipe wants nothing else in it.
    let mut err = anstream::stderr();
    let out: &mut (dyn Write + Send) = if wanted.takes_stdout() { &mut err } else { out };
    let by = reported::by(args.machine.as_deref(), args.shard.as_deref());
    let n_cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let jobs = match args.jobs {
        Some(0) => return Err("--jobs takes a number from 1".to_owned()),
        Some(jobs) => jobs,
        None => (n_cores / targets.len()).max(1),
    };
    let seeds = seeds::of_corpus(&corpus);
    let mut emissions = seeds::emissions(&corpus);
    emissions.extend(saved.emissions());
    let started = Instant::now();
    let status = Status::new(started);
    let shared = Mutex::new(Shared {
        saved,
        reported: Reported::new(&targets, &corpus.clauses, args.seed, by),
        out,
        n_new: 0,
        unsaved: Vec::new(),
    });
    let results = runtime.block_on(async {
        let mut fuzzing = Vec::new();
        for (place, (adapter, role)) in targets.iter().enumerate() {
            let mut plan = Plan {
                role: *role,
                seed: args.seed,
                shard,
                runs: args.runs,
                until: None,
                jobs,
                deadline,
                is_replayed: true,
                seeds: seeds.clone(),
                known: BTreeSet::new(),
            };
            let (shared, status, emissions) = (&shared, &status, &emissions);
            fuzzing.push(async move {
                setup::prepare(adapter, args.no_setup).await?;
                {
                    let shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    plan.known = shared.saved.known(&adapter.name, plan.role);
                    plan.seeds.extend(shared.saved.seeds());
                }
                plan.until = time.map(|time| Instant::now() + time);
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
                searching::search(adapter, &plan, emissions.clone(), &listener).await
            });
        }
        let all = futures_util::future::join_all(fuzzing);
        tokio::select! {
            results = all => Some(results),
            _ = stop::asked_for() => None,
        }
    });
    status.clear();
    let Shared {
        mut reported,
        out,
        n_new,
        unsaved,
        ..
    } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let at_output = |error: std::io::Error| format!("standard output: {error}");
    let (mut errors, mut tallies) = (Vec::new(), Vec::new());
    for (place, (adapter, _)) in targets.iter().enumerate() {
        let (tally, trouble) = match results.as_ref().map(|results| &results[place]) {
            Some(Ok(tally)) => (tally.clone(), None),
            Some(Err(sentence)) => {
                errors.push(format!("{}: {sentence}", adapter.name));
                (status.tally(place), Some(sentence.clone()))
            }
            None => (status.tally(place), Some("interrupted".to_owned())),
        };
        reported.ended(place, &tally, started.elapsed(), trouble);
        tallies.push((&adapter.name, tally));
    }
    // The reports come first: whatever cannot be shown after them, they are whole.
    let written = wanted.write_findings(&reported.findings(), width());
    for (name, tally) in &tallies {
        write_tally(name, tally, out).map_err(at_output)?;
    }
    if results.is_none() {
        writeln!(out, "interrupted").map_err(at_output)?;
    }
    writeln!(
        out,
        "{n_new} new findings in {:.1} s",
        started.elapsed().as_secs_f64()
    )
    .map_err(at_output)?;
    for sentence in unsaved {
        anstream::eprintln!("error: {sentence}");
    }
    errors.extend(written.err());
    if errors.is_empty() || n_new > 0 {
        errors
            .iter()
            .for_each(|error| anstream::eprintln!("error: {error}"));
        return Ok(if n_new > 0 { 1 } else { 0 });
    }
    Err(errors.join("\nerror: "))
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The targets that are named, all of them parsers whose tools are there.
///
/// # Errors
///
/// One sentence on the first that is none.
pub fn parsers(
    names: &[String],
    command: &[String],
    is_plain: bool,
    verb: &str,
) -> Result<Vec<Adapter>, String> {
    let mut adapters = names
        .iter()
        .map(|name| Adapter::find(name))
        .collect::<Result<Vec<_>, _>>()?;
    match (command, is_plain) {
        ([], _) => (),
        (words, true) => adapters.push(Adapter::from_plain_command(words)),
        (words, false) => adapters.push(Adapter::from_command(words)),
    }
    if adapters.is_empty() {
        return Err(format!(
            "there is no target to {verb}: name one, or give a command after `--`"
        ));
    }
    for adapter in &adapters {
        if !adapter.roles.contains(&Role::Parser) {
            return Err(format!("`{}` is no parser", adapter.name));
        }
        if let Some(tool) = setup::missing_tool(adapter) {
            return Err(setup::missing_tool_sentence(adapter, tool));
        }
    }
    Ok(adapters)
}

/// `2/4` to the second part, counted from 0, of four.
fn shard(text: &str) -> Result<(u64, u64), String> {
    let numbers = text
        .split_once('/')
        .and_then(|(k, n)| Some((k.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match numbers {
        Some((k, n)) if (1..=n).contains(&k) && n <= 1 << 20 => Ok((k - 1, n)),
        _ => Err(format!(
            "--shard {text}: write K/N with K from 1 to N, for example 1/4"
        )),
    }
}

/// `8h` to a time.
pub fn time(text: &str) -> Result<Duration, String> {
    let error = || format!("`{text}` is no time: write a number and s, m or h, for example 8h");
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(error)?;
    let number: f64 = number.parse().map_err(|_| error())?;
    let seconds = match unit {
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(error()),
    };
    if !(seconds > 0.0 && seconds < 1e9) {
        return Err(error());
    }
    Ok(Duration::from_secs_f64(seconds))
}
