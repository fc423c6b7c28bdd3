//! `ssespec fuzz`: random streams against targets, to findings in a folder and an exit code.

mod campaigns;
mod replay;
pub mod reported;
mod saved;
mod searching;
mod shown;
mod status;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use super::flags::{self, RoleArg};
use super::written::Wanted;
use super::{n_cores, runtime, targets};
use crate::clause::Role;
use crate::corpus::Corpus;
use crate::fuzz::seeds;
use crate::runner::fuzzing::Plan;
use campaigns::Campaigns;
use reported::Reported;
use saved::Saved;

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
    let deadline = flags::deadline(args.timeout)?;
    let corpus = Corpus::load(&args.corpus).map_err(|error| error.to_string())?;
    if let Some(folder) = &args.export_seeds {
        return saved::export_seeds(folder, &corpus, out);
    }
    let role = args.role.map(Role::from);
    let none = "there is no target to fuzz";
    let targets = targets::find(&args.targets, &args.command, args.stdin, role, none)?;
    let runtime = runtime()?;
    if let Some(path) = &args.replay {
        let finding = replay::read(path, &corpus.clauses)?;
        let asked = replay::replay(&finding, &targets, args.no_setup, deadline, out);
        return runtime.block_on(asked);
    }
    let shard = flags::shard(args.shard.as_deref())?;
    let time = args.for_time.as_deref().map(flags::time).transpose()?;
    let saved = Saved::open(&args.save, &args.known, &corpus.clauses)?;
    let wanted = Wanted::open_for_findings(&args.report)?;
    let jobs = match args.jobs {
        Some(0) => return Err("--jobs takes a number from 1".to_owned()),
        Some(jobs) => jobs,
        None => (n_cores() / targets.len()).max(1),
    };
    // Who sends a report down a pipe wants nothing else in it.
    let mut err = anstream::stderr();
    let out: &mut (dyn Write + Send) = if wanted.takes_stdout() { &mut err } else { out };
    let by = reported::by(args.machine.as_deref(), args.shard.as_deref());
    let mut emissions = seeds::emissions(&corpus);
    emissions.extend(saved.emissions());
    let reported = Reported::new(&targets, &corpus.clauses, args.seed, by);
    let campaigns = Campaigns {
        // Each campaign sets its own role, its end, and what is known of its target.
        plan: Plan {
            role: Role::Parser,
            seed: args.seed,
            shard,
            runs: args.runs,
            until: None,
            jobs,
            deadline,
            is_replayed: true,
            seeds: seeds::of_corpus(&corpus),
            known: BTreeSet::new(),
        },
        time,
        emissions,
        no_setup: args.no_setup,
        targets: &targets,
    };
    campaigns.run(&runtime, saved, reported, wanted, out)
}
