//! A target's quirks to a list: each with its clause, its smallest stream and its cases, and how much all of them explain.

use maud::{Markup, html};

use super::standing::size;
use super::table::Peer;
use super::{implementation, link, rich};
use crate::report::terminal::plural;
use crate::report::{CaseResult, Report, TargetQuirk, TargetReport, escape};

/// The list; nothing for a target that deviates nowhere, or like no quirk.
pub fn section(report: &Report, peer: &Peer<'_>) -> Markup {
    let target = peer.target;
    if target.quirks.is_empty() {
        return html! {};
    }
    html! {
        h4 { "Diagnosis" }
        p.about { (share(target)) }
        ul.groups {
            @for quirk in &target.quirks {
                @let results = results_of(target, quirk);
                @if let Some(smallest) = results.first() {
                    li {
                        p { span.mark.d {} code { (escape::prose(&quirk.name)) } ": " (rich(&quirk.sentence)) }
                        p.about {
                            "Clause "
                            a href=(link::clause(&quirk.clause)) { code { (escape::prose(&quirk.clause)) } }
                            @if let Some(clause) = report.clauses.find(&quirk.clause) {
                                " " (implementation::level(clause.level))
                            }
                            " · " (plural(results.len(), "case")) " · the smallest is "
                            a href=(link::result(smallest, peer)) { (escape::prose(&smallest.case.id)) }
                        }
                        (implementation::example(smallest))
                    }
                }
            }
        }
    }
}

/// How much of what the target does wrong its quirks explain, in a sentence.
fn share(target: &TargetReport) -> String {
    let deviates = |result: &&CaseResult| result.failing.is_some();
    let n_deviating = target.results.iter().filter(deviates).count();
    let is_explained = |result: &&CaseResult| result.quirk().is_some();
    let n_explained = target.results.iter().filter(is_explained).count();
    let quirks = plural(target.quirks.len(), "quirk");
    let do_the_same = match target.quirks.len() {
        1 => " does the same",
        _ => ", each alone or with others, do the same",
    };
    format!(
        "{quirks} of the model{do_the_same} as it in {} of the {} in which it deviates.",
        escape::count(n_explained),
        plural(n_deviating, "case")
    )
}

/// The cases that a quirk explains: alone before with others, the smallest stream first.
fn results_of<'a>(target: &'a TargetReport, quirk: &TargetQuirk) -> Vec<&'a CaseResult> {
    let is_named = |result: &&'a CaseResult| result.quirk_names().any(|name| name == quirk.name);
    let mut results: Vec<_> = target.results.iter().filter(is_named).collect();
    results.sort_by_key(|result| (result.quirk_names().count(), size(result)));
    results
}
