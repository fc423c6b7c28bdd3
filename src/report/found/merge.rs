//! Findings of several machines to one list in which each stands once, with all who saw it.

use super::{Finding, Findings, Searched};
use crate::clause::Role;
use crate::report::merge::all_clauses;

/// Findings and the file they came from.
pub struct Part {
    /// The file.
    pub name: String,
    /// What it says.
    pub findings: Findings,
}

/// Lists every target and every finding once: the smallest stream stands for all, and it is known where anybody knew it.
///
/// The versions of an implementation are targets of their own.
///
/// # Errors
///
/// One sentence: two versions of ssespec, whose fingerprints may differ in meaning.
pub fn merge(parts: Vec<Part>) -> Result<Findings, String> {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Err("there is no report to merge".to_owned());
    };
    let mut merged = first.findings;
    for Part { name, findings } in parts {
        if findings.version != merged.version {
            return Err(format!(
                "{} and {name} cannot be merged, because they were made with different versions of ssespec, {} and {}",
                first.name, merged.version, findings.version
            ));
        }
        merged.clauses = all_clauses(&merged.clauses, &findings.clauses);
        for target in findings.targets {
            let is_same = |known: &&mut Searched| identity(known) == identity(&target);
            match merged.targets.iter_mut().find(is_same) {
                Some(known) => add(known, target),
                None => merged.targets.push(target),
            }
        }
    }
    Ok(merged)
}

fn identity(target: &Searched) -> (&str, Role, &str, &str) {
    (
        &target.name,
        target.role,
        &target.implementation,
        &target.version,
    )
}

fn add(known: &mut Searched, other: Searched) {
    for search in other.searches {
        // The same report twice is one search.
        if !known.searches.contains(&search) {
            known.searches.push(search);
        }
    }
    for finding in other.findings {
        let same = |of: &&mut Finding| of.fingerprint == finding.fingerprint;
        match known.findings.iter_mut().find(same) {
            Some(first) => unite(first, finding),
            None => known.findings.push(finding),
        }
    }
}

fn unite(first: &mut Finding, other: Finding) {
    let mut seen_by = std::mem::take(&mut first.seen_by);
    for by in &other.seen_by {
        if !seen_by.contains(by) {
            seen_by.push(by.clone());
        }
    }
    let is_known = first.is_known || other.is_known;
    // What comes every time is worth more than what is small.
    if (other.standing, other.size()) < (first.standing, first.size()) {
        *first = other;
    }
    first.seen_by = seen_by;
    first.is_known = is_known;
}
