//! `ssespec report`: JSON reports to one report, to what differs between two, or to another format.

mod diff;
mod merge;
mod render;

use std::io::{Read as _, Write};
use std::path::Path;

use clap::{Parser, Subcommand, ValueEnum};
use flate2::read::GzDecoder;

use super::prose;
use crate::outcome::FailOn;
use crate::report::{Report, json};

/// The commands below `ssespec report`.
#[derive(Debug, Parser)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put the targets of several JSON reports side by side in one
    Merge(merge::Args),
    /// Say what changed from one JSON report to another; exit code 1 if anything got worse
    Diff(diff::Args),
    /// Write a JSON report in other formats
    Render(render::Args),
}

/// Runs the command. Returns the exit code.
///
/// # Errors
///
/// One sentence on a file that cannot be read or written, or on reports that do not fit each other.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    match &args.command {
        Command::Merge(args) => merge::run(args),
        Command::Diff(args) => diff::run(args, out),
        Command::Render(args) => render::run(args, out),
    }
}

/// How much of a long list is shown.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
#[expect(missing_docs, reason = "the help shows the variants as they are")]
pub enum Show {
    Ten,
    All,
}

/// From which level on a deviation is bad.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(missing_docs, reason = "the help shows the variants as they are")]
pub enum FailOnArg {
    Fail,
    Warn,
}

impl From<FailOnArg> for FailOn {
    fn from(fail_on: FailOnArg) -> Self {
        match fail_on {
            FailOnArg::Fail => Self::Fail,
            FailOnArg::Warn => Self::Warn,
        }
    }
}

/// How every gzip file starts.
const GZIP: [u8; 2] = [0x1F, 0x8B];
/// No report unpacks to more: a small file must not fill the memory.
const MAX_REPORT: u64 = 1 << 30;

/// Reads a JSON report, compressed or not; `-` is standard input.
pub fn read(path: &Path) -> Result<Report, String> {
    read_with(path, json::read)
}

/// Reads a JSON report of either kind.
fn read_any(path: &Path) -> Result<json::Document, String> {
    read_with(path, json::read_any)
}

fn read_with<T>(path: &Path, read: fn(&str) -> Result<T, String>) -> Result<T, String> {
    let shown = prose(&path.display().to_string());
    let at_fault = |sentence: &dyn std::fmt::Display| format!("{shown}: {sentence}");
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.map(|_| bytes)
    } else if path.is_dir() {
        return Err(format!("{shown} is a folder; name a JSON report in it"));
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => at_fault(&"there is no such file"),
        _ => at_fault(&format!("cannot be read: {error}")),
    })?;
    let bytes = if bytes.starts_with(&GZIP) {
        let mut text = Vec::new();
        let read = GzDecoder::new(bytes.as_slice())
            .take(MAX_REPORT)
            .read_to_end(&mut text);
        read.map_err(|error| at_fault(&format!("cannot be unpacked: {error}")))?;
        text
    } else {
        bytes
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| at_fault(&"this is no JSON report: it is not UTF-8"))?;
    // A sentence about a report may quote what stands in it.
    read(&text).map_err(|sentence| at_fault(&prose(&sentence)))
}
