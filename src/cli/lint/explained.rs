//! A rule's id to what the rule means and who is known to break on it.

use std::io::Write;

use crate::lint::loss;
use crate::lint::rule::{self, Rule};
use crate::report::escape;

/// Explains one rule, or lists all of them for an empty id.
pub fn run(id: &str, out: &mut dyn Write) -> Result<u8, String> {
    let written = if id.is_empty() {
        rule::all().try_for_each(|rule| {
            writeln!(
                out,
                "{:<4}  {:<28}  {}",
                rule.severity.word(),
                rule.id,
                rule.what
            )
        })
    } else {
        let rule = rule::find(id).ok_or_else(|| unknown(id))?;
        write!(out, "{}", text(rule))
    };
    super::super::shown(written).map(|()| 0)
}

fn text(rule: &Rule) -> String {
    let mut text = format!(
        "{}: {}\n\n{} {}\n",
        rule.id,
        rule.severity.word(),
        rule.what,
        rule.advice
    );
    if let Some(clause) = rule.clause {
        text.push_str(&format!("\nClause {clause}: ssespec cases --coverage\n"));
    }
    let losses: Vec<_> = loss::of(rule.id).collect();
    if !losses.is_empty() {
        text.push_str("\nOur own runs saw it go wrong in:\n");
        for loss in losses {
            text.push_str(&format!(
                "  {}: {}, case {}\n",
                loss.name(),
                loss.what,
                loss.case
            ));
        }
    }
    text
}

fn unknown(id: &str) -> String {
    let shown = escape::prose(id);
    let nearest = rule::all().max_by(|a, b| {
        let near = |rule: &Rule| strsim::jaro_winkler(rule.id, id);
        near(a).total_cmp(&near(b))
    });
    let hint = nearest.map_or(String::new(), |rule| {
        format!(" (did you mean `{}`?)", rule.id)
    });
    format!("unknown rule `{shown}`{hint}; `ssespec lint --explain` lists them")
}
