//! Findings of several machines to one list in which each stands once, with all who saw it.

use super::{Finding, Findings, Searched};

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
        let missing = findings
            .clauses
            .iter()
            .filter(|clause| merged.clauses.find(&clause.id).is_none());
        let clauses: Vec<_> = merged.clauses.iter().chain(missing).cloned().collect();
        merged.clauses = clauses.into();
        for target in findings.targets {
            match merged
                .targets
                .iter_mut()
                .find(|known| is_same(known, &target))
            {
                Some(known) => add(known, target),
                None => merged.targets.push(target),
            }
        }
    }
    Ok(merged)
}

fn is_same(a: &Searched, b: &Searched) -> bool {
    let about = |of: &Searched| {
        (
            of.name.clone(),
            of.role,
            of.implementation.clone(),
            of.version.clone(),
        )
    };
    about(a) == about(b)
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
