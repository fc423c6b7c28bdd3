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
    let deviating = target
        .results
        .iter()
        .filter_map(|result| result.failing.as_ref());
    let (n_deviating, n_explained) = deviating.fold((0, 0), |(all, explained), failing| {
        (all + 1, explained + usize::from(failing.quirk.is_some()))
    });
    format!(
        "{} of the model, each alone or with others, {} the same as it in {} of the {} in which it deviates.",
        plural(target.quirks.len(), "quirk"),
        if target.quirks.len() == 1 {
            "does"
        } else {
            "do"
        },
        escape::count(n_explained),
        plural(n_deviating, "case")
    )
}

/// The cases that a quirk explains: alone before with others, the smallest stream first.
fn results_of<'a>(target: &'a TargetReport, quirk: &TargetQuirk) -> Vec<&'a CaseResult> {
    let is_named = |result: &&'a CaseResult| names(result).contains(&quirk.name.as_str());
    let mut results: Vec<_> = target.results.iter().filter(is_named).collect();
    results.sort_by_key(|result| (names(result).len(), size(result)));
    results
}

/// The quirks that together do the same as the target in a case.
fn names(result: &CaseResult) -> Vec<&str> {
    let failing = result.failing.as_ref();
    let quirk = failing.and_then(|failing| failing.quirk.as_ref());
    quirk.map_or(Vec::new(), |(names, _)| names.split(" + ").collect())
}
