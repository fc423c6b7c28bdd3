//! `ssespec report merge`: the targets of several reports side by side in one.

use std::path::PathBuf;

use clap::Parser;

use super::prose;
use crate::cli::written::OpenFile;
use crate::report::found;
use crate::report::json::{self, Document};
use crate::report::merge::{self, Part};

/// The flags of `ssespec report merge`.
#[derive(Debug, Parser)]
pub struct Args {
    /// JSON reports of the same corpus, seed and version of ssespec, or findings of searches
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
    let (mut parts, mut found_parts) = (Vec::new(), Vec::new());
    for path in &args.reports {
        let name = path.display().to_string();
        match super::read_any(path)? {
            Document::Report(report) => parts.push(Part { name, report }),
            Document::Findings(findings) => found_parts.push(found::merge::Part { name, findings }),
        }
    }
    if let (Some(run), Some(search)) = (parts.first(), found_parts.first()) {
        return Err(prose(&format!(
            "{} is a report of `ssespec run` and {} holds findings of a search: only reports of one kind are merged",
            run.name, search.name
        )));
    }
    if !found_parts.is_empty() {
        let merged = found::merge::merge(found_parts).map_err(|sentence| prose(&sentence))?;
        return write(file, |bytes| json::found::write(bytes, &merged));
    }
    let merged = merge::merge(parts).map_err(|sentence| prose(&sentence))?;
    for sentence in &merged.replaced {
        anstream::eprintln!("{}", prose(sentence));
    }
    write(file, |bytes| json::write(bytes, &merged.report))
}

fn write(
    file: OpenFile,
    render: impl Fn(&mut Vec<u8>) -> std::io::Result<()>,
) -> Result<u8, String> {
    let mut bytes = Vec::new();
    let shown = file.shown();
    render(&mut bytes)
        .and_then(|()| file.write(&bytes))
        .map_err(|error| format!("{shown}: the report cannot be written: {error}"))?;
    Ok(0)
}
