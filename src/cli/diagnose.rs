//! `ssespec diagnose`: targets to their quirks, each on the smallest stream, as text for a terminal or for an issue.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::fuzz::{parsers, time};
use super::width;
use crate::clause::Role;
use crate::corpus::Corpus;
use crate::fuzz::seeds;
use crate::report::diagnosis;
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
    /// Write a page that is fit for an issue upstream: markdown=PATH, or markdown=- for standard output
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
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
    if !(args.timeout > 0.0 && args.timeout < 1e6) {
        return Err("--timeout takes a positive number of seconds".to_owned());
    }
    let limit = time(&args.for_time)?;
    let reports = args
        .report
        .iter()
        .map(|text| match text.split_once('=') {
            Some(("markdown", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => Err(format!(
                "--report {text}: write markdown=PATH, or markdown=- for standard output"
            )),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let adapters = parsers(&args.targets, &args.command, args.stdin, "diagnose")?;
    let corpus = Corpus::load(&[]).map_err(|error| error.to_string())?;
    let n_cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let plan = Plan {
        role: Role::Parser,
        seed: args.seed,
        shard: (0, 1),
        runs: Some(args.runs),
        until: None,
        jobs: args.jobs.unwrap_or(n_cores).max(1),
        deadline: Duration::from_secs_f64(args.timeout),
        // A start can cost a second, and it is the quirks that are asked for.
        is_replayed: false,
        seeds: seeds::of_corpus(&corpus),
        known: BTreeSet::new(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot start: {error}"))?;
    let at_output = |error: io::Error| format!("standard output: {error}");
    let is_on_output = reports.iter().any(|path| path.as_os_str() == "-");
    let (mut pages, mut errors, mut deviates) = (Vec::new(), Vec::new(), false);
    for adapter in &adapters {
        let diagnosed = runtime.block_on(async {
            setup::prepare(adapter, args.no_setup).await?;
            tokio::select! {
                diagnosed = diagnosing::diagnose(adapter, &plan, limit, &corpus.clauses) => diagnosed,
                _ = tokio::signal::ctrl_c() => Err("interrupted".to_owned()),
            }
        });
        match diagnosed {
            Ok(found) => {
                deviates |= !found.quirks.is_empty() || !found.remaining.is_empty();
                // Of two texts on standard output, the one that was asked for.
                if !is_on_output {
                    diagnosis::write(out, &found, width()).map_err(at_output)?;
                }
                pages.push(diagnosis::markdown(&found));
            }
            Err(sentence) => errors.push(format!("{}: {sentence}", adapter.name)),
        }
    }
    let page = pages.join("\n");
    for path in &reports {
        if path.as_os_str() == "-" {
            out.write_all(page.as_bytes()).map_err(at_output)?;
        } else {
            std::fs::write(path, &page).map_err(|error| {
                format!("{}: the report cannot be written: {error}", path.display())
            })?;
        }
    }
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    Ok(u8::from(deviates))
}
