//! `ssespec run`: the corpus against targets, to reports and an exit code.

mod asking;
mod baselines;
mod browsers;
mod selection;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, ValueEnum};

use super::flags::{self, RoleArg};
use super::report::{FailOnArg, Show};
use super::written::{Source, Wanted};
use super::{prose, serve, shown, step_summary, width};
use crate::baseline::Baseline;
use crate::clause::Role;
use crate::outcome::{FailOn, Outcome};
use crate::report::{self, Report, TargetReport, Trouble};
use crate::runner::progress::Options;
use crate::target::adapter::Adapter;
use crate::target::setup;
use browsers::BrowserArg;
use selection::Job;

/// The flags of `ssespec run`.
#[derive(Debug, Parser)]
pub struct Args {
    /// Folders with adapter.yaml, or names of adapters below ./adapters; every adapter if none is given
    targets: Vec<String>,
    /// Only the cases whose id matches; `*` matches anything [may be repeated]
    #[arg(short = 'k', value_name = "GLOB")]
    pub(super) keep: Vec<String>,
    /// Add the case files below this folder [may be repeated]
    #[arg(long, value_name = "DIR")]
    pub(super) corpus: Vec<PathBuf>,
    /// Only in this role [default: in each role that a named target has; without targets, all parsers and servers; a bare command is a parser]
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// Test the EventSource of this browser, started without a window; or, in it, the targets that are pages
    #[arg(long, value_enum, value_name = "BROWSER", conflicts_with_all = ["command", "stdin"])]
    browser: Option<BrowserArg>,
    /// A LaunchDarkly test service that runs on this machine, such as http://127.0.0.1:8000; implies --role client [may be repeated]
    #[arg(long, value_name = "URL")]
    test_service: Vec<String>,
    /// Try each stream in all its deliveries, or whole only
    #[arg(long, value_enum, default_value_t = Deliveries::All)]
    deliveries: Deliveries,
    /// The baseline of the one target [default: known-failures.yaml beside adapter.yaml]
    #[arg(long, value_name = "FILE")]
    pub(super) known_failures: Option<PathBuf>,
    /// Add what deviates now to the baseline of each target
    #[arg(long)]
    update_known_failures: bool,
    /// Which deviations end the run with exit code 1
    #[arg(long, value_enum, default_value_t = FailOnArg::Fail)]
    pub(super) fail_on: FailOnArg,
    /// A missing tool is an error, not a skip
    #[arg(long)]
    require_all: bool,
    /// Do not install dependencies
    #[arg(long)]
    no_setup: bool,
    /// Write a report; the format is json, terminal, html, junit, markdown, findings or badge, a path of - is standard output [may be repeated]
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
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
    pub(super) timeout: f64,
    /// How many groups of deviations to show for each target
    #[arg(long, value_enum, default_value_t = Show::Ten)]
    show: Show,
    /// The program knows no protocol: the stream on standard input, one JSON event a line on standard output
    #[arg(long, requires = "command")]
    stdin: bool,
    /// A program that speaks the adapter protocol, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
    /// A page that somebody opens, instead of all that
    #[arg(skip)]
    page: Option<Box<Adapter>>,
}

impl Args {
    /// A run against a page that somebody opens.
    pub(super) fn for_page(page: Adapter) -> Self {
        Self {
            page: Some(Box::new(page)),
            ..Self::default()
        }
    }

    fn names_targets(&self) -> bool {
        let named = [&self.targets, &self.command, &self.test_service];
        named.iter().any(|words| !words.is_empty()) || self.browser.is_some() || self.page.is_some()
    }
}

impl Default for Args {
    fn default() -> Self {
        Self::parse_from(["run"])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Deliveries {
    All,
    Whole,
}

/// Runs the command. Returns the exit code.
///
/// # Errors
///
/// One sentence where nothing could be judged (exit code 2).
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let fail_on = FailOn::from(args.fail_on);
    let deadline = flags::deadline(args.timeout)?;
    let options = Options {
        // Each job sets its own.
        role: Role::Parser,
        // A program that reads its standard input sees no chunks.
        all_deliveries: args.deliveries == Deliveries::All && !args.stdin,
        whole_is_all: args.stdin,
        seed: args.seed,
        deadline,
        max_fail: args.max_fail,
        fail_on,
    };
    if args.stdin && !(args.targets.is_empty() && args.test_service.is_empty()) {
        return Err(
            "--stdin is for one command after `--`; run the other targets without it".to_owned(),
        );
    }
    let is_named = args.names_targets();
    let (questions, jobs) = selection::select(args)?;
    let wanted = wanted_reports(args, is_named)?;
    for Job { adapter, .. } in jobs.iter().filter(|_| is_named || args.require_all) {
        if let Some(tool) = setup::missing_tool(adapter) {
            return Err(setup::missing_tool_sentence(adapter, tool));
        }
    }
    let targets = asking::ask_all(args, options, &questions, &jobs)?;
    let n_never_asked = targets
        .iter()
        .filter(|target| is_broken(target) && target.results.is_empty())
        .count();
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        corpus_hash: questions[0].corpus.hash.clone(),
        seed: args.seed,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        clauses: questions[0].corpus.clauses.clone(),
        cases: questions
            .iter()
            .flat_map(|of_role| of_role.asked.iter().cloned())
            .collect(),
        targets,
    };
    if let Some(site) = args.page.as_deref().and_then(Adapter::site) {
        serve::publish(site, &report);
    }
    // Who sends a report down a pipe wants nothing else in it.
    let mut err = anstream::stderr();
    let out: &mut dyn Write = if wanted.takes_stdout() { &mut err } else { out };
    let updated = if args.update_known_failures {
        baselines::update(args, &report, &jobs, out)
    } else {
        Ok(())
    };
    let source = Source {
        searched: None,
        report: &report,
        older: None,
        fail_on,
        terminal: report::terminal::Options {
            width: width(),
            show_all: args.show == Show::All,
        },
    };
    let shown = if wanted.shows_terminal() {
        Ok(())
    } else {
        shown(report::terminal::write(out, &report, &source.terminal))
    };
    step_summary::append(&report, fail_on);
    // What was measured is shown and written in every way that works before the first error ends the command.
    wanted.write(&source).and(shown).and(updated)?;
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

/// Opens the reports that are asked for; a run of everything leaves some behind unasked.
fn wanted_reports(args: &Args, is_named: bool) -> Result<Wanted, String> {
    if !args.report.is_empty() || is_named {
        return Wanted::open(&args.report);
    }
    std::fs::create_dir_all("reports/latest")
        .map_err(|error| format!("reports/latest: {error}"))?;
    Wanted::open(&[
        "json=reports/latest/report.json".to_owned(),
        "terminal=reports/latest/report.txt".to_owned(),
        "html=reports/latest/report.html".to_owned(),
        "markdown=reports/latest/report.md".to_owned(),
    ])
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
