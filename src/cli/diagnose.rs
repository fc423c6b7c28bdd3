//! `ssespec diagnose`: targets to their quirks, each on the smallest stream, as text for a terminal or for an issue.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::fuzz::reported;
use super::written::{OpenFile, Wanted};
use super::{flags, n_cores, report, runtime, stop, targets, width};
use crate::clause::Role;
use crate::corpus::Corpus;
use crate::fuzz::seeds;
use crate::report::Report;
use crate::report::diagnosis;
use crate::report::diagnosis::others::Others;
use crate::report::found::Findings;
use crate::runner::diagnosing;
use crate::runner::fuzzing::Plan;
use crate::target::setup;

/// The flags of `ssespec diagnose`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folders with adapter.yaml, or names of adapters below ./adapters
    targets: Vec<String>,
    /// For the random streams
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Random streams to learn from, and as many to check with
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    runs: u64,
    /// Spend no more than about this time on each target
    #[arg(long = "for", value_name = "TIME", default_value = "50s")]
    for_time: String,
    /// How many processes of a target to ask at once [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Write markdown=PATH, a page that is fit for an issue upstream, or json, html, junit, terminal or findings; a path of - is standard output [may be repeated]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// The JSON report that tells how other implementations behave [default: reports/latest/report.json, where it is there]
    #[arg(long, value_name = "REPORT")]
    others: Option<PathBuf>,
    /// Seconds for each answer
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// The program knows no protocol: the stream on standard input, one JSON event a line on standard output
    #[arg(long, requires = "command")]
    stdin: bool,
    /// A program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command. Returns the exit code: 1 if a target deviates.
///
/// # Errors
///
/// One sentence where no target could be asked (exit code 2).
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let deadline = flags::deadline(args.timeout)?;
    let limit = flags::time(&args.for_time)?;
    let (pages, others): (Vec<_>, Vec<_>) = args
        .report
        .iter()
        .cloned()
        .partition(|text| text.starts_with("markdown="));
    let wanted = Wanted::open_for_findings(&others)?;
    let reports = pages
        .iter()
        .map(|text| match text.split_once('=') {
            Some((_, path)) if !path.is_empty() => OpenFile::new(Path::new(path)),
            _ => Err(format!(
                "--report {text}: write markdown=PATH, or markdown=- for standard output"
            )),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let last = last_report(args.others.as_deref())?;
    let role = Some(Role::Parser);
    let none = "there is no target to diagnose";
    let targets = targets::find(&args.targets, &args.command, args.stdin, role, none)?;
    let corpus = Corpus::load(&[]).map_err(|error| error.to_string())?;
    let plan = Plan {
        role: Role::Parser,
        seed: args.seed,
        shard: (0, 1),
        runs: Some(args.runs),
        until: None,
        jobs: args.jobs.unwrap_or_else(n_cores).max(1),
        deadline,
        // A start can cost a second, and it is the quirks that are asked for.
        is_replayed: false,
        seeds: seeds::of_corpus(&corpus),
        known: BTreeSet::new(),
    };
    let runtime = runtime()?;
    let at_output = |error: io::Error| format!("standard output: {error}");
    let is_on_output = wanted.takes_stdout() || reports.iter().any(OpenFile::is_stdout);
    let by = reported::by(None, None);
    let mut searched = Vec::new();
    let (mut pages, mut errors, mut deviates) = (Vec::new(), Vec::new(), false);
    let mut stopped = std::pin::pin!(stop::asked_for());
    for (adapter, _) in &targets {
        let started = Instant::now();
        let diagnosed = runtime.block_on(async {
            let diagnosed = async {
                setup::prepare(adapter, args.no_setup).await?;
                diagnosing::diagnose(adapter, &plan, limit, &corpus.clauses).await
            };
            tokio::select! {
                diagnosed = diagnosed => Some(diagnosed),
                _ = &mut stopped => None,
            }
        });
        let Some(diagnosed) = diagnosed else {
            errors.push(format!("{}: interrupted", adapter.name));
            break;
        };
        match diagnosed {
            Ok(found) => {
                deviates |= !found.quirks.is_empty()
                    || !found.remaining.is_empty()
                    || !found.growth.is_empty();
                // Of two texts on standard output, the one that was asked for.
                if !is_on_output {
                    diagnosis::write(out, &found, width()).map_err(at_output)?;
                }
                let others = last
                    .as_ref()
                    .map(|(name, report)| Others::new(report, name, &found.implementation));
                pages.push(diagnosis::markdown(&found, others.as_ref()));
                let search = reported::search(&by, args.seed, started.elapsed(), None);
                searched.push(diagnosis::searched(&found, search));
            }
            Err(sentence) => errors.push(format!("{}: {sentence}", adapter.name)),
        }
    }
    let page = pages.join("\n");
    for file in reports {
        let shown = file.shown();
        if let Err(error) = file.write(page.as_bytes()) {
            errors.push(format!("{shown}: the report cannot be written: {error}"));
        }
    }
    let findings = Findings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        clauses: corpus.clauses.clone(),
        targets: searched,
    };
    errors.extend(wanted.write_findings(&findings, width()).err());
    if !errors.is_empty() {
        return Err(errors.join("\nerror: "));
    }
    Ok(u8::from(deviates))
}

/// The report that a run of everything leaves behind.
const LATEST: &str = "reports/latest/report.json";

/// What the report on other implementations is called, and what it says.
fn last_report(named: Option<&Path>) -> Result<Option<(String, Report)>, String> {
    match named {
        Some(path) => report::read(path).map(|report| Some((path.display().to_string(), report))),
        // It was not asked for: one that cannot be read is as good as none.
        None => Ok(report::read(Path::new(LATEST))
            .ok()
            .map(|report| (LATEST.to_owned(), report))),
    }
}
