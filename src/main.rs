//! Reads the command line, runs, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    ssespec::cli::main()
}
