//! What differs from an older report, to foldable blocks: regressions first.

use super::block::Document;
use super::{details, inline, name};
use crate::report::diff::text::totals;
use crate::report::diff::{Change, Difference, TargetDifference, kind};
use crate::report::group;
use crate::report::terminal::plural;
use crate::report::{Trouble, escape};

/// A table with more rows is no summary.
const MAX_ROWS: usize = 50;

/// Adds the changes of every target.
pub fn push(document: &mut Document, difference: &Difference<'_>) {
    document.push("line", &format!("{}\n\n", totals(difference)));
    if !difference.altered_cases.is_empty() {
        let n = plural(difference.altered_cases.len(), "case");
        let line =
            format!("Not compared, because another question stands under the same id: {n}.\n\n");
        document.push("line", &line);
    }
    for target in &difference.targets {
        push_lost(document, target);
        push_moved(document, target, "worse", &target.regressions);
    }
    for target in &difference.targets {
        push_moved(document, target, "fixed", &target.fixed);
        push_moved(document, target, "other changes", &target.other);
    }
    for (side, targets) in [
        ("older", &difference.only_old),
        ("newer", &difference.only_new),
    ] {
        if !targets.is_empty() {
            let names: Vec<String> = targets.iter().take(MAX_ROWS).map(|t| name(t)).collect();
            let rest = match targets.len().saturating_sub(MAX_ROWS) {
                0 => String::new(),
                n => format!(" and {} more", escape::count(n)),
            };
            let line = format!("Only in the {side} report: {}{rest}\n\n", names.join(", "));
            document.push("target list", &line);
        }
    }
}

fn push_lost(document: &mut Document, target: &TargetDifference<'_>) {
    if let (Some(_), Some(Trouble::Error(_))) = (target.lost, &target.new.trouble) {
        let line = format!(
            "{} could be asked before, and not everything now: see below.\n\n",
            name(target.new)
        );
        document.push("lost target", &line);
    }
}

fn push_moved(
    document: &mut Document,
    target: &TargetDifference<'_>,
    what: &'static str,
    changes: &[Change<'_>],
) {
    if changes.is_empty() {
        return;
    }
    let mut body = "| case | was | is | cause |\n|---|---|---|---|\n".to_owned();
    for change in &changes[..changes.len().min(MAX_ROWS)] {
        let cause = match &change.new.failing {
            Some(_) => inline::code(&group::title(change.new), 80),
            None => String::new(),
        };
        body.push_str(&format!(
            "| {} | {} | {} | {cause} |\n",
            inline::code(&change.new.case.id, 100),
            kind(change.old),
            kind(&change.new.outcome)
        ));
    }
    if changes.len() > MAX_ROWS {
        let n = escape::count(changes.len() - MAX_ROWS);
        body.push_str(&format!("\nand {n} more\n"));
    }
    let versions = match (&target.old.version, &target.new.version) {
        (old, new) if old == new => String::new(),
        (old, new) => format!(", {} to {}", inline::code(old, 40), inline::code(new, 40)),
    };
    let summary = format!(
        "{}: {what}, {}{versions}",
        name(target.new),
        plural(changes.len(), "case")
    );
    document.push("change list", &details(&summary, &body));
}
