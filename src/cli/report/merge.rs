//! `ssespec report merge`: the targets of several reports side by side in one.

use std::path::PathBuf;

use clap::Parser;

use super::prose;
use crate::cli::written::OpenFile;
use crate::report::json;
use crate::report::merge::{self, Part};

/// The flags of `ssespec report merge`.
#[derive(Debug, Parser)]
pub struct Args {
    /// JSON reports of the same corpus, seed and version of ssespec
    #[arg(required = true, num_args = 2.., value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// Where the merged JSON report goes [default: standard output]
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    output: PathBuf,
}

/// Runs the command. Returns the exit code.
pub fn run(args: &Args) -> Result<u8, String> {
    let file = OpenFile::new(&args.output)?;
    let mut parts = Vec::new();
    for path in &args.reports {
        parts.push(Part {
            name: path.display().to_string(),
            report: super::read(path)?,
        });
    }
    let merged = merge::merge(parts).map_err(|sentence| prose(&sentence))?;
    for sentence in &merged.replaced {
        anstream::eprintln!("{}", prose(sentence));
    }
    let mut bytes = Vec::new();
    let shown = file.shown();
    json::write(&mut bytes, &merged.report)
        .and_then(|()| file.write(&bytes))
        .map_err(|error| format!("{shown}: the report cannot be written: {error}"))?;
    Ok(0)
}
