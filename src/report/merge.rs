//! Several reports to one that holds their targets side by side.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::terminal::plural;
use super::{AskedCase, CaseResult, Report, TargetReport};
use crate::clause::{Clause, Clauses};

/// A report and what the user calls it.
pub struct Part {
    /// The file it came from.
    pub name: String,
    /// What it says.
    pub report: Report,
}

/// One report made of several.
pub struct Merged {
    /// All cases and all targets.
    pub report: Report,
    /// One sentence for each target that stood in two of them.
    pub replaced: Vec<String>,
}

/// Puts the targets of all reports side by side, in the order of the reports.
///
/// One report has one corpus, seed and version of ssespec, so reports that disagree on one of these are not merged.
/// Where two hold the same implementation under the same name and role, the later is kept, if it loses nothing that the earlier measured.
///
/// # Errors
///
/// One sentence on what the reports disagree on.
pub fn merge(parts: Vec<Part>) -> Result<Merged, String> {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Err("there is no report to merge".to_owned());
    };
    let mut report = first.report;
    // The file that each target came from, in the same order.
    let mut origins = vec![first.name.clone(); report.targets.len()];
    let mut replaced = Vec::new();
    for part in parts {
        check_agreement(&first.name, &report, &part)?;
        report.clauses = all_clauses(&report.clauses, &part.report.clauses);
        add_platform(&mut report, &part.report);
        add_cases(&mut report.cases, part.report.cases, &part.name)?;
        for target in part.report.targets {
            let is_same =
                |other: &TargetReport| other.name == target.name && other.role == target.role;
            let Some(place) = report.targets.iter().position(is_same) else {
                report.targets.push(target);
                origins.push(part.name.clone());
                continue;
            };
            let earlier = Origin {
                file: &origins[place],
                target: &report.targets[place],
            };
            let later = Origin {
                file: &part.name,
                target: &target,
            };
            let takes_its_place = later.replaces(&earlier)?;
            let kept = if takes_its_place { &later } else { &earlier };
            replaced.push(format!(
                "{} is in {} and in {}: the one in {} is kept",
                target_name(&target),
                earlier.file,
                later.file,
                kept.file
            ));
            if takes_its_place {
                origins[place].clone_from(&part.name);
                report.targets[place] = target;
            }
        }
    }
    Ok(Merged { report, replaced })
}

fn check_agreement(first_name: &str, first: &Report, part: &Part) -> Result<(), String> {
    let (name, report) = (&part.name, &part.report);
    for (what, ours, theirs) in [
        ("different corpora", &first.corpus_hash, &report.corpus_hash),
        (
            "different seeds",
            &first.seed.to_string(),
            &report.seed.to_string(),
        ),
        (
            "different versions of ssespec",
            &first.version,
            &report.version,
        ),
    ] {
        if ours != theirs {
            return Err(format!(
                "{first_name} and {name} cannot be merged, because they were made with {what}, {ours} and {theirs}; `ssespec report diff` compares such reports"
            ));
        }
    }
    Ok(())
}

/// A target and the file it came from.
struct Origin<'a> {
    file: &'a str,
    target: &'a TargetReport,
}

impl Origin<'_> {
    /// Whether it takes the place of the earlier one, or the sentence on why neither can stand for both.
    fn replaces(&self, earlier: &Self) -> Result<bool, String> {
        let (old, new) = (earlier.target, self.target);
        // A target that was never asked, because a tool was missing, say, gives way to one that was.
        if new.results.is_empty() || old.results.is_empty() {
            return Ok(!new.results.is_empty());
        }
        let name = target_name(new);
        let about = |target: &TargetReport| format!("{} {}", target.implementation, target.version);
        if about(old) != about(new) {
            return Err(format!(
                "{name} is {} in {} and {} in {}: a report has one version of it; `ssespec report diff` compares them",
                about(old),
                earlier.file,
                about(new),
                self.file
            ));
        }
        let asked: HashSet<&str> = new.results.iter().map(id).collect();
        let n_lost = old
            .results
            .iter()
            .map(id)
            .filter(|id| !asked.contains(id))
            .count();
        if n_lost == 0 {
            return Ok(true);
        }
        Err(format!(
            "{name} is in {} and in {}, and the later has no result for {} that the earlier asked: leave one of them out",
            earlier.file,
            self.file,
            plural(n_lost, "case")
        ))
    }
}

fn id(result: &CaseResult) -> &str {
    &result.case.id
}

fn target_name(target: &TargetReport) -> String {
    format!("`{}` ({})", target.name, target.role.name())
}

/// The first table, then what only the second has.
pub(super) fn all_clauses(first: &Clauses, second: &Clauses) -> Clauses {
    let is_missing = |clause: &&Clause| first.find(&clause.id).is_none();
    let missing = second.iter().filter(is_missing);
    let all: Vec<_> = first.iter().chain(missing).cloned().collect();
    all.into()
}

fn add_platform(report: &mut Report, other: &Report) {
    let known: Vec<&str> = report.platform.split(", ").collect();
    let new: Vec<&str> = other
        .platform
        .split(", ")
        .filter(|platform| !known.contains(platform))
        .collect();
    report.platform = [known, new].concat().join(", ");
}

/// Adds the cases that the other report selected besides, each behind the case that it follows there.
fn add_cases(
    cases: &mut Vec<Arc<AskedCase>>,
    others: Vec<Arc<AskedCase>>,
    file: &str,
) -> Result<(), String> {
    let known: HashMap<&str, &AskedCase> = cases
        .iter()
        .map(|case| (case.id.as_str(), &**case))
        .collect();
    // What comes before the first case that both have, and what follows each of these.
    let mut leading = Vec::new();
    let mut first_known = None;
    let mut following: HashMap<String, Vec<Arc<AskedCase>>> = HashMap::new();
    let mut last_known: Option<String> = None;
    for case in others {
        match known.get(case.id.as_str()) {
            Some(same) if same.stream == case.stream && same.answers == case.answers => {
                first_known.get_or_insert_with(|| case.id.clone());
                last_known = Some(case.id.clone());
            }
            Some(_) => {
                return Err(format!(
                    "{file} has another case `{}` than the reports before it, of the same corpus: one of them was changed by hand",
                    case.id
                ));
            }
            None => match &last_known {
                None => leading.push(case),
                Some(id) => following.entry(id.clone()).or_default().push(case),
            },
        }
    }
    let mut all = Vec::new();
    for case in cases.drain(..) {
        if first_known.as_ref() == Some(&case.id) {
            all.append(&mut leading);
        }
        let next = following.remove(&case.id);
        all.push(case);
        all.extend(next.unwrap_or_default());
    }
    // Two reports without a common case.
    all.append(&mut leading);
    *cases = all;
    Ok(())
}
