//! A report to the summary page of a GitHub Actions step.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::outcome::FailOn;
use crate::report::{Report, markdown};

/// What GitHub takes for one step, less a little for its own reckoning.
const MAX_BYTES: usize = (1 << 20) - (4 << 10);
/// Less room is not worth a summary.
const MIN_BYTES: usize = 4 << 10;

/// Adds the report where `$GITHUB_STEP_SUMMARY` points to, if it is set; says in one sentence why it cannot.
pub fn append(report: &Report, fail_on: FailOn) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    let path = PathBuf::from(path);
    if let Err(sentence) = append_to(&path, report, fail_on) {
        anstream::eprintln!(
            "warning: the step summary {} cannot be written: {sentence}",
            path.display()
        );
    }
}

fn append_to(path: &Path, report: &Report, fail_on: FailOn) -> Result<(), String> {
    // Earlier commands of the same step may have written to it.
    let n_bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let room = MAX_BYTES.saturating_sub(usize::try_from(n_bytes).unwrap_or(usize::MAX));
    if room < MIN_BYTES {
        return Err("it is full".to_owned());
    }
    let mut text = Vec::new();
    let gap = if n_bytes > 0 { "\n" } else { "" };
    text.extend_from_slice(gap.as_bytes());
    let options = markdown::Options {
        older: None,
        fail_on,
        max_bytes: room - gap.len(),
    };
    markdown::write(&mut text, report, &options)
        .and_then(|()| OpenOptions::new().append(true).create(true).open(path))
        .and_then(|mut file| file.write_all(&text))
        .map_err(|error| error.to_string())
}
