//! Standings to a table of requirements by implementation, one for each role, that scrolls in its own box.

use maud::{Markup, html};

use super::standing::Standing;
use super::table::{Cell, Peer, Requirement, Standings};
use super::{link, overview};
use crate::clause::Role;
use crate::report::escape;

/// The page.
pub fn page(standings: &Standings<'_>) -> Markup {
    html! {
        section.page #matrix aria-labelledby="matrix-title" {
            h2 #matrix-title tabindex="-1" { "Matrix" }
            p.lead { "Every requirement that was asked, by implementation. A deviation links to its shortest case." }
            (key(standings))
            div.filter-place {}
            @for role in standings.roles() { (table(standings, role)) }
        }
    }
}

/// What each mark means.
fn key(standings: &Standings<'_>) -> Markup {
    html! {
        ul.key aria-label="Key" {
            @for standing in standings.words() {
                li { span class={ "mark " (standing.letter()) } {} (standing.word()) }
            }
        }
    }
}

fn table(standings: &Standings<'_>, role: Role) -> Markup {
    let mut columns = standings.ranked(role, false);
    let n_libraries = columns.len();
    columns.extend(standings.ranked(role, true));
    let n_recipes = columns.len() - n_libraries;
    let rows = standings.requirements.iter();
    let rows: Vec<_> = rows
        .filter(|requirement| requirement.roles.contains(&role) && requirement.is_asked(role))
        .collect();
    let id = format!("matrix-{}", role.name());
    html! {
        section.role data-role=(role.name()) {
            h3 id=(id) { (overview::title(role)) }
            div.scroll role="region" aria-labelledby=(id) tabindex="0" {
                table.matrix {
                    thead {
                        @if n_recipes > 0 && n_libraries > 0 {
                            tr {
                                td {}
                                th scope="colgroup" colspan=(n_libraries) { "Libraries" }
                                th.first scope="colgroup" colspan=(n_recipes) { "By hand" }
                            }
                        }
                        tr {
                            th scope="col" { "Requirement" }
                            @for (place, (_, peer)) in columns.iter().enumerate() {
                                th.name.first[place == n_libraries] scope="col" {
                                    a href=(link::target(peer)) title=(escape::prose(&peer.target.name)) { (escape::prose(&peer.target.name)) }
                                }
                            }
                        }
                    }
                    @for family in rows.chunk_by(|a, b| family(a.id) == self::family(b.id)) {
                        tbody { @for requirement in family { (row(standings, requirement, &columns)) } }
                    }
                }
            }
        }
    }
}

/// `line.crlf-split` to `line`.
pub fn family(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

fn row(
    standings: &Standings<'_>,
    requirement: &Requirement<'_>,
    columns: &[(usize, &Peer<'_>)],
) -> Markup {
    let standing = |index: usize| requirement.cells[index].map(|cell| cell.standing);
    let split = standings.split(standing);
    let cells = columns.iter().map(|(index, _)| standing(*index));
    html! {
        tr data-has=(letters(cells.flatten())) data-disputed[split.is_disputed] data-odd[split.has_odd_one_out] {
            th scope="row" { a href=(link::clause(requirement.id)) { (escape::prose(requirement.id)) } }
            @for (index, peer) in columns {
                @match requirement.cells[*index] {
                    Some(Cell { standing, example: Some(example), .. }) => td class=(standing.letter()) {
                        a href=(link::result(example, peer)) { (standing.word()) }
                    },
                    Some(Cell { standing, .. }) => td class=(standing.letter()) { (standing.word()) },
                    None => td {},
                }
            }
        }
    }
}

/// Each standing that occurs, once: what filters look for.
pub fn letters(standings: impl Iterator<Item = Standing>) -> String {
    let there: Vec<Standing> = standings.collect();
    let occurs = |standing: &&Standing| there.contains(standing);
    let occurring = Standing::ALL.iter().filter(occurs);
    occurring.map(|standing| standing.letter()).collect()
}
