//! The command line: one file per command. Only this room prints, reads the environment or decides an exit code.

pub mod against;
pub mod cases;
pub mod check_adapter;
pub mod diagnose;
mod exchange;
mod exhaust;
pub mod explain;
mod flags;
pub mod fuzz;
pub mod lint;
mod literal;
pub mod parse;
pub mod report;
pub mod run;
pub mod serve;
mod step_summary;
mod stop;
mod targets;
pub mod test_service;
mod written;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// A conformance harness and fuzzer for Server-Sent Events (text/event-stream).
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  ssespec run -- node adapter.mjs                Test an implementation: does it conform, and if not, where?
  ssespec lint URL                               Examine a live endpoint: what arrives, and when?
  curl -N URL | ssespec parse --explain          See what a conforming client makes of a stream, line by line
  ssespec cases -k '*nul*'                       Read the cases about a topic

Exit codes: 0 all as expected; 1 a deviation, or a known failure that no longer fails; 2 nothing could be judged.";

#[derive(Subcommand)]
enum Command {
    /// Run the corpus against targets and say who conforms to what
    Run(run::Args),
    /// Run the client cases in a browser that you open yourself
    Serve(serve::Args),
    /// List and explain the cases, or show which clauses they cover
    Cases(cases::Args),
    /// Show what a conforming parser makes of a stream
    Parse(parse::Args),
    /// Examine a live endpoint: what arrives, when, and what is wrong with it
    Lint(Box<lint::Args>),
    /// Merge, compare and render JSON reports
    Report(report::Args),
    /// Search targets for deviations with random streams; keep each distinct one, as small as it gets
    Fuzz(fuzz::Args),
    /// Name the quirks of targets: what each does wrong, shown on the smallest stream, and what stays unexplained
    Diagnose(diagnose::Args),
    /// Compare on every stream of up to N tokens: a target with the reference, or our three parsers with each other
    Exhaust(exhaust::Args),
    /// Offer a client adapter to harnesses that speak the protocol of LaunchDarkly's sse-contract-tests
    TestService(test_service::Args),
    /// Walk the author of an adapter through its first mistakes
    CheckAdapter(check_adapter::Args),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let mut out = anstream::stdout();
    let result = match command_line.command {
        Some(Command::Run(args)) => run::run(&args, &mut out),
        Some(Command::Serve(args)) => serve::run(&args, &mut out),
        Some(Command::Cases(args)) => cases::run(&args, &mut out),
        Some(Command::Parse(args)) => parse::run(&args, &mut out),
        Some(Command::Lint(args)) => lint::run(&args, &mut out),
        Some(Command::Report(args)) => report::run(&args, &mut out),
        Some(Command::Fuzz(args)) => fuzz::run(&args, &mut out),
        Some(Command::Diagnose(args)) => diagnose::run(&args, &mut out),
        Some(Command::Exhaust(args)) => exhaust::run(&args, &mut out),
        Some(Command::TestService(args)) => test_service::run(&args, &mut out),
        Some(Command::CheckAdapter(args)) => check_adapter::run(&args, &mut out),
        None if Path::new("adapters").is_dir() || Path::new("adapter.yaml").is_file() => {
            run::run(&run::Args::default(), &mut out)
        }
        None => {
            _ = CommandLine::command().print_help();
            Ok(2)
        }
    };
    _ = out.flush();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(sentence) => {
            anstream::eprintln!("error: {sentence}");
            ExitCode::from(2)
        }
    }
}

/// What a target or tool said, line by line, with nothing in it that could steer a terminal.
fn prose(text: &str) -> String {
    text.lines()
        .map(crate::report::escape::prose)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The terminal's width, or 80 where there is none.
fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(60, 200))
}

/// Many tasks at once, on every core.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime cannot start: {error}"))
}

/// How many cores there are, or two where nobody can tell.
fn n_cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// A number with its digits in groups.
fn count(number: u64) -> String {
    crate::report::escape::count(usize::try_from(number).unwrap_or(usize::MAX))
}

/// A report that was shown, or the sentence on why not. A reader that has seen enough and closes the pipe is no error.
fn shown(written: io::Result<()>) -> Result<(), String> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}"))
        }
        _ => Ok(()),
    }
}
