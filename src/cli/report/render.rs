//! `ssespec report render`: a JSON report to other formats.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::{FailOnArg, Show};
use crate::cli::written::{Source, Wanted};
use crate::cli::{shown, width};
use crate::report::found::{self, Findings};
use crate::report::json::Document;
use crate::report::terminal;

/// The flags of `ssespec report render`.
#[derive(Debug, Parser)]
pub struct Args {
    /// A JSON report
    input: PathBuf,
    /// Write a report; the format is json, terminal, html, junit, markdown, findings or badge, a path of - is standard output [may be repeated] [default: terminal=-]
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// An older JSON report, for the formats that say what is new: html and markdown
    #[arg(long, value_name = "REPORT")]
    older: Option<PathBuf>,
    /// A JSON report of `ssespec fuzz`, for the format findings: time and memory that grow faster than the input
    #[arg(long, value_name = "REPORT")]
    searched: Option<PathBuf>,
    /// Which deviations are failures for the formats that tell failures from passes
    #[arg(long, value_enum, default_value_t = FailOnArg::Fail)]
    fail_on: FailOnArg,
    /// How many groups of deviations the terminal format shows for each target
    #[arg(long, value_enum, default_value_t = Show::Ten)]
    show: Show,
}

/// Runs the command. Returns the exit code.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let wanted = Wanted::open(&args.report)?;
    let report = match super::read_any(&args.input)? {
        Document::Report(report) => report,
        Document::Findings(findings) => {
            for (flag, is_given) in [
                ("--older", args.older.is_some()),
                ("--searched", args.searched.is_some()),
            ] {
                if is_given {
                    return Err(format!(
                        "{flag} goes with a report of `ssespec run`, and {} holds findings of a search",
                        args.input.display()
                    ));
                }
            }
            if args.report.is_empty() {
                shown(found::terminal::write(out, &findings, width()).and_then(|()| out.flush()))?;
            }
            return wanted.write_findings(&findings, width()).map(|()| 0);
        }
    };
    let older = args.older.as_deref().map(super::read).transpose()?;
    let searched = args.searched.as_deref().map(searched).transpose()?;
    let source = Source {
        report: &report,
        searched: searched.as_ref(),
        older: older.as_ref(),
        fail_on: args.fail_on.into(),
        terminal: terminal::Options {
            width: width(),
            show_all: args.show == Show::All,
        },
    };
    if args.report.is_empty() {
        shown(terminal::write(out, &report, &source.terminal).and_then(|()| out.flush()))?;
    }
    wanted.write(&source)?;
    Ok(0)
}

fn searched(path: &Path) -> Result<Findings, String> {
    match super::read_any(path)? {
        Document::Findings(findings) => Ok(findings),
        Document::Report(_) => Err(format!(
            "--searched {}: it is a report of `ssespec run`; a JSON report of `ssespec fuzz` is expected",
            path.display()
        )),
    }
}
