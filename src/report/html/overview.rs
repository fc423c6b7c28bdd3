//! Standings to the first screen: a bar for each implementation, recipes apart, and what the bars mean.

use maud::{Markup, html};

use super::implementation::{self, Detail};
use super::standing::Standing;
use super::table::{Peer, Share, Standings};
use super::{link, news, payload};
use crate::clause::Role;
use crate::report::{Report, escape};

/// The page. With one target it holds all that there is to say of it.
pub fn page(report: &Report, older: Option<&Report>, standings: &Standings<'_>) -> Markup {
    let news = news::section(report, older, standings);
    let roles = standings.roles();
    let is_alone = standings.peers.len() == 1;
    html! {
        section.page #overview aria-labelledby="overview-title" {
            h2 #overview-title tabindex="-1" { @if is_alone { "Does it conform?" } @else { "Who conforms" } }
            @if standings.peers.is_empty() { p.lead { "No target was asked." } }
            @else {
                p.lead {
                    "How many of the standard’s requirements "
                    @if is_alone { "it" } @else { "each implementation" }
                    " is shown to meet."
                }
                @if !is_alone { @if let Some(summary) = &news.summary {
                    p.notice { (summary) " " a href="#news" { "What is new" } }
                } }
                (key())
                @for &role in &roles {
                    section.role data-role=(role.name()) {
                        @if roles.len() > 1 { h3 { (title(role)) } }
                        (ranking(standings, role, false))
                        @if !standings.ranked(role, true).is_empty() {
                            section.by-hand {
                                h3 { "By hand, tutorial style" }
                                p { "Written by us after recipes that tutorials show: the faults belong to the recipe, not to a library." }
                                (ranking(standings, role, true))
                            }
                        }
                    }
                }
            }
            @if is_alone {
                (news.markup)
                @for peer in &standings.peers { (implementation::section(report, peer, Detail::Example)) }
                (definitions())
            } @else {
                (definitions())
                (news.markup)
            }
        }
    }
}

/// A role's implementations as a heading.
pub fn title(role: Role) -> &'static str {
    match role {
        Role::Parser => "Parsers",
        Role::Client => "Clients",
        Role::Server => "Servers",
        Role::Browser => "Browsers",
    }
}

/// What each part of a bar means, in the order of the bars.
fn key() -> Markup {
    html! {
        ul.key aria-label="Key" {
            @for standing in Standing::ALL.iter().filter(|&&standing| standing != Standing::Room) {
                li {
                    svg.bar aria-hidden="true" height="14" { rect class=(standing.letter()) width="100%" height="14" {} }
                    (standing.word())
                }
            }
        }
    }
}

fn ranking(standings: &Standings<'_>, role: Role, is_tutorial: bool) -> Markup {
    html! {
        ol.ranking { @for (_, peer) in standings.ranked(role, is_tutorial) { li { (bar(peer)) } } }
    }
}

fn bar(peer: &Peer<'_>) -> Markup {
    let share = &peer.share;
    html! {
        p.who {
            a href=(link::target(peer)) { (escape::prose(&peer.target.name)) }
            " " span.about { (payload::about(peer.target)) }
        }
        p.percent { (share.percent()) " %" }
        (drawn(share))
        p.figures { (figures(share)) }
        (implementation::trouble(peer.target.trouble.as_ref()))
    }
}

fn figures(share: &Share) -> String {
    let Share {
        conforms,
        by_design,
        deviates,
        not_shown,
    } = share;
    let mut words = vec![format!("{conforms} of {} shown to conform", share.total())];
    if *by_design > 0 {
        words.push(format!("{by_design} deviate by design"));
    }
    if *deviates > 0 {
        words.push(format!("{deviates} deviate"));
    }
    if *not_shown > 0 {
        words.push(format!("{not_shown} not shown"));
    }
    words.join(", ")
}

/// The bar. The content security policy allows no style attributes, so that its parts are rectangles of a drawing.
fn drawn(share: &Share) -> Markup {
    let parts = [
        ('c', share.conforms),
        ('b', share.by_design),
        ('d', share.deviates),
        ('n', share.not_shown),
    ];
    let percent = |n: usize| {
        #[expect(clippy::cast_precision_loss, reason = "some hundred requirements")]
        let share = 100.0 * n as f64 / share.total().max(1) as f64;
        format!("{share:.2}%")
    };
    let mut before = 0;
    html! {
        svg.bar role="img" aria-label=(figures(share)) height="14" {
            @for (letter, n) in parts {
                @if n > 0 {
                    rect class=(letter) x=(percent(before)) width=(percent(n)) height="14" {}
                    @if before > 0 { rect.gap x=(percent(before)) width="2" height="14" {} }
                }
                @let () = before += n;
            }
        }
    }
}

/// The patterns that tell the parts of a bar apart without colour.
pub fn patterns() -> Markup {
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" {
            pattern #pattern-d width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.ground.d width="6" height="6" {}
                rect.figure.d width="2" height="6" {}
            }
            pattern #pattern-b width="6" height="6" patternUnits="userSpaceOnUse" {
                rect.ground.b width="6" height="6" {}
                circle.figure.b cx="3" cy="3" r="1.4" {}
            }
            pattern #pattern-n width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)" {
                rect.ground.n width="5" height="5" {}
                rect.figure.n width="1" height="5" {}
            }
        }
    }
}

fn definitions() -> Markup {
    html! {
        section.definitions aria-labelledby="definitions-title" {
            h3 #definitions-title { "What the words mean" }
            dl {
                dt { "shown to conform" }
                dd { "At least one case that names the requirement passed, and no case that names it deviates." }
                dt { "deviates" }
                dd { "A case that names the requirement first deviates. An event that is right and comes late counts against " code { "line.liveness" } " alone." }
                dt { "deviates by design" }
                dd { "It deviates, and all of these deviations are on record as documented or deliberate." }
                dt { "not shown" }
                dd { "Anything else: no case asks for it, the implementation does not show what the cases look at, it could not be asked, or the only deviation is in a case that is first about another requirement." }
                dt { "counted" }
                dd { "What binds the role: each “must” and “should” of the standard. What it merely allows or leaves open is in the tables, and not in the bars." }
                dt { "disagreement" }
                dd { "At least one library conforms and at least one deviates. " strong { "Odd one out" } ": exactly one library deviates while two or more conform, or exactly one conforms while two or more deviate. Recipes have no say." }
            }
        }
    }
}
