//! What a run adds to the baselines of its targets: an entry for all that deviates now.

use std::io::Write;

use super::selection::Job;
use super::{Args, baseline_path};
use crate::baseline::{self, Standing};
use crate::outcome::Outcome;
use crate::report::{self, Report};

/// Adds what deviates now to the baseline of each target.
///
/// # Errors
///
/// A file that cannot be read or written.
pub fn update(
    args: &Args,
    report: &Report,
    jobs: &[Job],
    out: &mut dyn Write,
) -> Result<(), String> {
    for (target, job) in report.targets.iter().zip(jobs) {
        let Some(path) = baseline_path(args, &job.adapter) else {
            return Err("--update-known-failures needs --known-failures FILE for a target given as a command or a test service".to_owned());
        };
        let standings: Vec<Standing<'_>> = target.results.iter().filter_map(standing).collect();
        let entries = baseline::cover(&standings);
        if entries.is_empty() {
            continue;
        }
        let shown = path.display().to_string();
        let old = if path.exists() {
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{shown}: cannot be read: {error}"))?
        } else {
            String::new()
        };
        std::fs::write(&path, baseline::append(&old, &entries))
            .map_err(|error| format!("{shown}: cannot be written: {error}"))?;
        _ = writeln!(out, "{shown}: {} new entries", entries.len());
    }
    Ok(())
}

/// What an update must know of a result; nothing where nothing was judged.
fn standing(result: &report::CaseResult) -> Option<Standing<'_>> {
    let new_reason = match result.outcome {
        Outcome::Skip { .. } | Outcome::Error { .. } => return None,
        Outcome::Fail | Outcome::Warn => {
            let quirk = result
                .failing
                .as_ref()
                .and_then(|failing| failing.quirk.as_ref());
            Some(match quirk {
                Some((name, sentence)) => format!("{name}: {sentence}"),
                None => format!("{} {}", baseline::NOT_EXAMINED, env!("CARGO_PKG_VERSION")),
            })
        }
        _ => None,
    };
    Some(Standing {
        id: &result.case.id,
        new_reason,
        chunk_sensitive: result.is_chunk_sensitive(),
    })
}
