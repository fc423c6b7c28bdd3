//! What a run leaves behind: report files, open before the run starts, and baselines with new entries.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Args, baseline_path};
use crate::baseline::{self, Baseline, Standing};
use crate::outcome::Outcome;
use crate::report::{self, Report};
use crate::target::adapter::Adapter;

/// A report that is asked for: its file is open before the run starts, so a bad path costs no run.
pub struct Wanted {
    format: Format,
    path: PathBuf,
    part: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Html,
    Json,
    Terminal,
}

/// Opens the files of all reports that are asked for.
///
/// # Errors
///
/// One sentence on the first that cannot be written.
pub fn wanted_reports(args: &Args, is_named: bool) -> Result<Vec<Wanted>, String> {
    let mut asked = args.report.clone();
    if asked.is_empty() && !is_named {
        std::fs::create_dir_all("reports/latest")
            .map_err(|error| format!("reports/latest: {error}"))?;
        asked = vec![
            "json=reports/latest/report.json".to_owned(),
            "terminal=reports/latest/report.txt".to_owned(),
        ];
    }
    asked.iter().map(|text| wanted_report(text)).collect()
}

fn wanted_report(text: &str) -> Result<Wanted, String> {
    let (format, path) = text.split_once('=').ok_or_else(|| {
        format!("--report {text}: write FORMAT=PATH, for example json=report.json")
    })?;
    let format = match format {
        "html" => Format::Html,
        "json" => Format::Json,
        "terminal" => Format::Terminal,
        other => {
            return Err(format!(
                "--report {text}: unknown format `{other}`; known: html, json, terminal"
            ));
        }
    };
    let path = PathBuf::from(path);
    if path.as_os_str() == "-" {
        return Ok(Wanted {
            format,
            path,
            part: None,
        });
    }
    if path.is_dir() {
        return Err(format!(
            "--report {text}: {} is a folder; name a file in it",
            path.display()
        ));
    }
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::write(&part, "")
        .map_err(|error| format!("--report {text}: cannot be written: {error}"))?;
    Ok(Wanted {
        format,
        path,
        part: Some(part),
    })
}

/// Writes all reports.
///
/// # Errors
///
/// A sentence for each that cannot be written.
pub fn write_reports(
    report: &Report,
    wanted: &[Wanted],
    terminal: &report::terminal::Options,
) -> Result<(), String> {
    let mut sentences = Vec::new();
    for Wanted { format, path, part } in wanted {
        let mut bytes = Vec::new();
        let written = match format {
            Format::Html => report::html::write(&mut bytes, report, None),
            Format::Json => report::json::write(&mut bytes, report),
            Format::Terminal => report::terminal::write(
                &mut anstream::StripStream::new(&mut bytes),
                report,
                terminal,
            ),
        };
        let written = written.and_then(|()| match part {
            None => io::stdout().write_all(&bytes),
            // Renamed only when whole, so that an older report is never half overwritten.
            Some(part) => std::fs::write(part, &bytes).and_then(|()| std::fs::rename(part, path)),
        });
        if let Err(error) = written {
            sentences.push(format!(
                "{}: the report cannot be written: {error}",
                path.display()
            ));
        }
    }
    if sentences.is_empty() {
        Ok(())
    } else {
        Err(sentences.join("\n"))
    }
}

/// Adds what deviates now to the baseline of each target.
///
/// # Errors
///
/// A file that cannot be read or written.
pub fn update_baselines(
    args: &Args,
    report: &Report,
    jobs: &[(Adapter, Arc<Baseline>)],
    out: &mut dyn Write,
) -> Result<(), String> {
    for (target, (adapter, _)) in report.targets.iter().zip(jobs) {
        let Some(path) = baseline_path(args, adapter) else {
            return Err("--update-known-failures needs --known-failures FILE for a target given as a command".to_owned());
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
