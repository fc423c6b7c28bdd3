//! The standard's requirements to a page: level, text, anchor, cases, and who stands where.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};

use super::standing::Standing;
use super::table::{Cell, Peer, Requirement, Standings};
use super::{implementation, link, matrix, rich};
use crate::clause::Clause;
use crate::report::terminal::plural;
use crate::report::{AskedCase, Report, escape};

/// Where each target stands on each case, by the case's id.
type ByCase<'a> = HashMap<&'a str, Vec<Option<Standing>>>;

/// The page.
pub fn page(report: &Report, standings: &Standings<'_>) -> Markup {
    let by_case = by_case(report);
    let families = || {
        let requirements = &standings.requirements;
        requirements.chunk_by(|a, b| matrix::family(a.id) == matrix::family(b.id))
    };
    html! {
        section.page #requirements aria-labelledby="requirements-title" {
            h2 #requirements-title tabindex="-1" { "Requirements" }
            p.lead { "What the standard asks of event streams, in our words, with the cases that ask for it." }
            div.filter-place {}
            @for family in families() {
                section.family {
                    h3 { (escape::prose(matrix::family(family[0].id))) }
                    @for requirement in family { (article(standings, requirement, &by_case)) }
                }
            }
        }
    }
}

fn by_case(report: &Report) -> ByCase<'_> {
    let mut by_case: ByCase<'_> = HashMap::new();
    for (index, target) in report.targets.iter().enumerate() {
        for result in &target.results {
            let standings = by_case.entry(&result.case.id).or_default();
            standings.resize(report.targets.len(), None);
            standings[index] = Some(Standing::of(&result.outcome));
        }
    }
    by_case
}

fn article(
    standings: &Standings<'_>,
    requirement: &Requirement<'_>,
    by_case: &ByCase<'_>,
) -> Markup {
    let standing = |index: usize| requirement.cells[index].map(|cell| cell.standing);
    let split = standings.split(standing);
    let there = (0..standings.peers.len()).filter_map(standing);
    let roles: Vec<&str> = requirement.roles.iter().map(|role| role.name()).collect();
    html! {
        article.clause id=(link::id(&link::clause(requirement.id))) data-role=(roles.join(" "))
            data-has=(matrix::letters(there)) data-disputed[split.is_disputed] data-odd[split.has_odd_one_out] {
            h4 tabindex="-1" { a href=(link::clause(requirement.id)) { code { (escape::prose(requirement.id)) } } }
            p.about {
                (implementation::level(requirement.level)) " " (roles.join(", "))
                @if let Some(clause) = requirement.clause { (source(clause)) }
            }
            @match requirement.clause {
                Some(clause) => p.requirement { (rich(&clause.requirement)) },
                None => p.requirement { "Named by cases; this report’s table of requirements does not have it." },
            }
            (stands(standings, requirement))
            (cases(standings, requirement, by_case))
        }
    }
}

/// Where the requirement comes from.
fn source(clause: &Clause) -> Markup {
    let url = clause.url();
    let anchor = clause.anchor.split(' ').next().unwrap_or_default();
    html! {
        " · "
        @match link::external(&url) {
            Some(url) => a href=(url) rel="noreferrer" { "standard, " (escape::prose(anchor)) },
            None => (escape::prose(&url)),
        }
        @if clause.reading {
            " · " span.reading title="The text is ambiguous, and this is the reading taken." { "our reading" }
        }
        @if let Some(basis) = &clause.basis { " · " (escape::prose(basis)) }
        @if let Some(reason) = &clause.untestable { " · untestable: " (escape::prose(reason)) }
        @if let Some(file) = &clause.wpt { " · web-platform-tests: " (escape::prose(file)) }
    }
}

/// Who conforms and who does not; of those who show nothing, why.
fn stands(standings: &Standings<'_>, requirement: &Requirement<'_>) -> Markup {
    let with = |wanted: Standing| {
        let peers = standings.peers.iter().zip(&requirement.cells);
        let with = peers.filter_map(move |(peer, cell)| {
            cell.filter(|cell| cell.standing == wanted)
                .map(|cell| (peer, cell))
        });
        with.collect::<Vec<_>>()
    };
    html! {
        @if !requirement.cases.is_empty() && requirement.cells.iter().any(Option::is_some) {
            ul.stands {
                @for standing in Standing::ALL {
                    @let peers = with(standing);
                    @if !peers.is_empty() {
                        li {
                            span class={ "mark " (standing.letter()) } {}
                            (standing.word()) " (" (peers.len()) "): "
                            @if standing == Standing::NotShown { (reasons(&peers)) } @else { (names(&peers)) }
                        }
                    }
                }
            }
        }
    }
}

fn names(peers: &[(&Peer<'_>, Cell<'_>)]) -> Markup {
    html! {
        @for (index, (peer, cell)) in peers.iter().enumerate() {
            @if index > 0 { ", " }
            @match cell.example {
                Some(example) => a href=(link::result(example, peer)) { (escape::prose(&peer.target.name)) },
                None => (escape::prose(&peer.target.name)),
            }
        }
    }
}

fn reasons(peers: &[(&Peer<'_>, Cell<'_>)]) -> Markup {
    let mut by_reason: BTreeMap<&str, Vec<(&Peer<'_>, Cell<'_>)>> = BTreeMap::new();
    for (peer, cell) in peers {
        let reason = cell.reason.unwrap_or_default();
        by_reason.entry(reason).or_default().push((peer, *cell));
    }
    html! {
        @for (index, (reason, peers)) in by_reason.iter().enumerate() {
            @if index > 0 { "; " }
            (names(peers)) " (" (escape::prose(reason)) ")"
        }
    }
}

fn cases(standings: &Standings<'_>, requirement: &Requirement<'_>, by_case: &ByCase<'_>) -> Markup {
    html! {
        @match requirement.cases.len() {
            0 => p.about { "No case of this run asks for it." },
            n => details {
                summary { (plural(n, "case")) }
                ul.plain { @for case in &requirement.cases { (self::case(standings, case, by_case)) } }
            },
        }
    }
}

fn case(standings: &Standings<'_>, case: &AskedCase, by_case: &ByCase<'_>) -> Markup {
    let standing = |index: usize| by_case.get(case.id.as_str()).and_then(|on| on[index]);
    let split = standings.split(standing);
    let there = || (0..standings.peers.len()).filter_map(standing);
    let n =
        |wanted: &dyn Fn(Standing) -> bool| there().filter(|&standing| wanted(standing)).count();
    let n_judged = n(&|standing| standing != Standing::NotShown);
    let n_conforming = n(&|standing| standing == Standing::Conforms);
    html! {
        li data-has=(matrix::letters(there())) data-disputed[split.is_disputed] data-odd[split.has_odd_one_out] {
            a href=(link::case(&case.id)) { (escape::prose(&case.id)) }
            @if n_judged > 0 { " " span.about { (n_conforming) " of " (n_judged) " conform" } }
        }
    }
}
