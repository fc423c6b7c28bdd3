//! `ssespec report diff`: what changed from one report to another.

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;

use super::Show;
use crate::cli::{shown, width};
use crate::report::{diff, terminal};

/// The flags of `ssespec report diff`.
#[derive(Debug, Parser)]
pub struct Args {
    /// The older JSON report
    old: PathBuf,
    /// The newer JSON report
    new: PathBuf,
    /// How many cases of each kind to list for each target
    #[arg(long, value_enum, default_value_t = Show::Ten)]
    show: Show,
}

/// Runs the command. Returns the exit code.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, String> {
    let (old, new) = (super::read(&args.old)?, super::read(&args.new)?);
    let difference = diff::compare(&old, &new);
    let options = terminal::Options {
        width: width(),
        show_all: args.show == Show::All,
    };
    shown(diff::text::write(out, &difference, &options).and_then(|()| out.flush()))?;
    Ok(u8::from(difference.has_regressions()))
}
