//! `ssespec serve`: the client cases in a browser that somebody opens, with progress and report in its page.

use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use clap::Parser;

use super::report::FailOnArg;
use super::{run, runtime, stop};
use crate::report::{Counts, Report, html};
use crate::runner::SharedProgress;
use crate::target::adapter::Adapter;
use crate::target::browser::Browser;
use crate::target::browser::site::Site;

/// The flags of `ssespec serve`.
#[derive(Debug, Parser)]
pub struct Args {
    /// The port of the page on 127.0.0.1 [default: any that is free]
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Only the cases whose id matches; `*` matches anything [may be repeated]
    #[arg(short = 'k', value_name = "GLOB")]
    keep: Vec<String>,
    /// Add the case files below this folder [may be repeated]
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// What is known to deviate in this browser
    #[arg(long, value_name = "FILE")]
    known_failures: Option<PathBuf>,
    /// Which deviations end the run with exit code 1
    #[arg(long, value_enum, default_value_t = FailOnArg::Fail)]
    fail_on: FailOnArg,
    /// Write a report, as `ssespec run` does [default: json=ssespec-report.json and html=ssespec-report.html]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// Seconds for each answer
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    timeout: f64,
    /// End when the run is over, instead of keeping the page until Ctrl-C
    #[arg(long)]
    once: bool,
}

/// Runs the command. Returns the exit code.
///
/// # Errors
///
/// One sentence where nothing could be judged (exit code 2).
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let runtime = runtime()?;
    let site = Arc::new(runtime.block_on(Site::start(args.port, None))?);
    anstream::eprintln!(
        "Open {} in the browser to be tested, and keep the page in front.",
        site.address()
    );
    let browser = Browser {
        program: None,
        module: None,
        site: Some(Arc::clone(&site)),
    };
    let mut reports = args.report.clone();
    if reports.is_empty() {
        reports = ["json=ssespec-report.json", "html=ssespec-report.html"]
            .map(str::to_owned)
            .into();
    }
    let mut run = run::Args::for_page(Adapter::from_browser(browser, "BROWSER"));
    run.keep.clone_from(&args.keep);
    run.corpus.clone_from(&args.corpus);
    run.known_failures.clone_from(&args.known_failures);
    run.fail_on = args.fail_on;
    run.report = reports;
    run.timeout = args.timeout;
    let code = run::run(&run, out)?;
    _ = out.flush();
    if args.report.is_empty() {
        anstream::eprintln!("Written: ssespec-report.json and ssespec-report.html");
    }
    if args.once {
        // The page learns that it is over before its site goes.
        std::thread::sleep(2 * PERIOD);
    } else {
        anstream::eprintln!("The page keeps the report until Ctrl-C.");
        runtime.block_on(stop::asked_for());
    }
    Ok(code)
}

/// How often a page looks how far the run is.
const PERIOD: Duration = Duration::from_millis(500);

/// Tells the page how far the run is, for as long as it is polled.
pub async fn keep_shown(site: Option<&Site>, progress: &SharedProgress) -> Infallible {
    let Some(site) = site else {
        return std::future::pending().await;
    };
    loop {
        show(site, progress);
        tokio::time::sleep(PERIOD / 2).await;
    }
}

/// Tells the page how far the run is.
pub fn show(site: &Site, progress: &SharedProgress) {
    let progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
    let counts = progress.counts();
    let (n_done, n_cases) = progress.n_done();
    site.show(json(&counts, n_done, n_cases, progress.has_begun()));
}

/// Gives the page the report.
pub fn publish(site: &Site, report: &Report) {
    let mut bytes = Vec::new();
    if html::write(&mut bytes, report, None).is_ok() {
        site.publish(bytes);
    }
}

/// The members of a JSON object: numbers alone, so that nothing has to be escaped.
fn json(counts: &Counts, n_done: usize, n_cases: usize, has_begun: bool) -> String {
    let Counts {
        pass,
        fail,
        warn,
        recorded,
        known,
        unexpected_pass,
        skip,
        error,
        ..
    } = counts;
    format!(
        "\"begun\":{has_begun},\"done\":{n_done},\"cases\":{n_cases},\"counts\":{{\"pass\":{pass},\"fail\":{fail},\"warn\":{warn},\
         \"error\":{error},\"known\":{known},\"unexpected pass\":{unexpected_pass},\"recorded\":{recorded},\"skip\":{skip}}}"
    )
}
