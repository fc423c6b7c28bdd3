//! A report's outcomes to where each target stands on each requirement: the numbers behind bars, matrix and lists.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::standing::{self, Standing};
use crate::clause::{Clause, Level, Role};
use crate::report::{AskedCase, CaseResult, Report, TargetReport, Trouble};
use crate::verdict::Mismatch;

/// What an event that only comes late breaks, whatever its case is about.
const LIVENESS: &str = "line.liveness";

/// Where everybody stands on everything.
pub struct Standings<'a> {
    /// The targets, in the report's order.
    pub peers: Vec<Peer<'a>>,
    /// The standard's requirements in their order, then what cases name beyond them.
    pub requirements: Vec<Requirement<'a>>,
}

/// A target among the others.
pub struct Peer<'a> {
    /// What the run learnt of it.
    pub target: &'a TargetReport,
    /// What links call it: its name, told apart from namesakes.
    pub key: String,
    /// Its bar.
    pub share: Share,
}

/// How many of the requirements that bind a target it is shown to meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub conforms: usize,
    pub by_design: usize,
    pub deviates: usize,
    pub not_shown: usize,
}

impl Share {
    /// All requirements that bind the target.
    pub fn total(&self) -> usize {
        self.conforms + self.by_design + self.deviates + self.not_shown
    }

    /// Rounded down, so that 100 means every requirement.
    pub fn percent(&self) -> usize {
        (self.conforms * 100).checked_div(self.total()).unwrap_or(0)
    }
}

/// A requirement and who meets it.
pub struct Requirement<'a> {
    /// The clause's id.
    pub id: &'a str,
    /// The clause, if the report's table has it.
    pub clause: Option<&'a Clause>,
    /// Whom it concerns.
    pub roles: Vec<Role>,
    /// How binding it is.
    pub level: Level,
    /// The cases that name it.
    pub cases: Vec<&'a AskedCase>,
    /// One for each target; nothing where its role is not concerned.
    pub cells: Vec<Option<Cell<'a>>>,
}

impl Requirement<'_> {
    /// Whether a case asks this role for it.
    pub fn is_asked(&self, role: Role) -> bool {
        self.cases.iter().any(|case| case.role == role)
    }

    /// Whether a deviation from it is a fault.
    pub fn is_binding(&self) -> bool {
        matches!(self.level, Level::Must | Level::Should)
    }
}

/// Where one target stands on one requirement.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    /// Where.
    pub standing: Standing,
    /// The deviation with the shortest stream.
    pub example: Option<&'a CaseResult>,
    /// Why nothing is shown.
    pub reason: Option<&'a str>,
}

/// What one target's results say of one requirement.
#[derive(Default)]
struct Tally<'a> {
    has_passed: bool,
    deviating: Vec<&'a CaseResult>,
    deviates_from_another: bool,
    reason: Option<&'a str>,
}

impl<'a> Standings<'a> {
    /// Weighs every result of the report.
    pub fn of(report: &'a Report) -> Self {
        let mut requirements = requirements(report);
        let mut peers = Vec::new();
        let mut keys = HashSet::new();
        for target in &report.targets {
            let tallies = tallies(report, target);
            let mut share = Share::default();
            for requirement in &mut requirements {
                let cell = requirement
                    .roles
                    .contains(&target.role)
                    .then(|| cell(target, requirement, tallies.get(requirement.id)));
                if let Some(cell) = cell.filter(|_| requirement.is_binding()) {
                    share.add(cell.standing);
                }
                requirement.cells.push(cell);
            }
            let key = free_key(target, &keys);
            keys.insert((target.role, key.clone()));
            peers.push(Peer { target, key, share });
        }
        Self {
            peers,
            requirements,
        }
    }

    /// The standings that a reader must know; room is rarely left.
    pub fn words(&self) -> impl Iterator<Item = Standing> {
        let cells = self
            .requirements
            .iter()
            .flat_map(|requirement| &requirement.cells);
        let leaves_room = cells.flatten().any(|cell| cell.standing == Standing::Room);
        let all = Standing::ALL.into_iter();
        all.filter(move |&standing| standing != Standing::Room || leaves_room)
    }

    /// The roles that were asked, in their order.
    pub fn roles(&self) -> Vec<Role> {
        let mut roles: Vec<Role> = self.peers.iter().map(|peer| peer.target.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// The targets of a role, libraries or recipes, with their places in the report: who conforms most comes first.
    pub fn ranked(&self, role: Role, is_tutorial: bool) -> Vec<(usize, &Peer<'a>)> {
        let mut peers: Vec<_> = self
            .peers
            .iter()
            .enumerate()
            .filter(|(_, peer)| peer.target.role == role && peer.target.is_tutorial == is_tutorial)
            .collect();
        peers.sort_by_key(|(_, peer)| {
            let share = peer.share;
            let is_unknown = share.not_shown == share.total();
            let n_faults = share.deviates + share.by_design;
            (
                is_unknown,
                Reverse(share.conforms),
                n_faults,
                &peer.target.name,
            )
        });
        peers
    }

    /// How the libraries part over something, given where each target stands on it. Recipes have no say.
    pub fn split(&self, standing: impl Fn(usize) -> Option<Standing>) -> Split {
        let (mut n_conforming, mut n_deviating) = (0, 0);
        for (index, peer) in self.peers.iter().enumerate() {
            match standing(index) {
                _ if peer.target.is_tutorial => (),
                Some(Standing::Conforms) => n_conforming += 1,
                Some(standing) if standing.is_deviation() => n_deviating += 1,
                _ => (),
            }
        }
        Split {
            is_disputed: n_conforming > 0 && n_deviating > 0,
            has_odd_one_out: matches!((n_conforming, n_deviating), (1, 2..) | (2.., 1)),
        }
    }
}

/// How the libraries part over something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Some conform and some deviate.
    pub is_disputed: bool,
    /// One stands alone against two or more.
    pub has_odd_one_out: bool,
}

impl Share {
    fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Conforms => self.conforms += 1,
            Standing::ByDesign => self.by_design += 1,
            Standing::Deviates => self.deviates += 1,
            // A binding requirement leaves no room.
            Standing::Room | Standing::NotShown => self.not_shown += 1,
        }
    }
}

fn requirements(report: &Report) -> Vec<Requirement<'_>> {
    let requirement = |id, clause, roles, level| Requirement {
        id,
        clause,
        roles,
        level,
        cases: Vec::new(),
        cells: Vec::new(),
    };
    let mut requirements = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for clause in report.clauses.iter() {
        places.insert(&clause.id, requirements.len());
        let roles = clause.roles.clone();
        requirements.push(requirement(&clause.id, Some(clause), roles, clause.level));
    }
    for case in &report.cases {
        for id in &case.clauses {
            let place = *places.entry(id).or_insert_with(|| {
                requirements.push(requirement(id, None, vec![case.role], case.level));
                requirements.len() - 1
            });
            requirements[place].cases.push(&**case);
        }
    }
    requirements
}

fn tallies<'a>(report: &'a Report, target: &'a TargetReport) -> HashMap<&'a str, Tally<'a>> {
    let judges_liveness = report.clauses.find(LIVENESS).is_some();
    let mut tallies: HashMap<&str, Tally<'_>> = HashMap::new();
    for result in &target.results {
        let clauses = &result.case.clauses;
        let standing = Standing::of(&result.outcome);
        if standing.is_deviation() && judges_liveness && is_only_late(result) {
            tallies.entry(LIVENESS).or_default().deviating.push(result);
            for id in clauses.iter().filter(|id| *id != LIVENESS) {
                tallies.entry(id).or_default().has_passed = true;
            }
            continue;
        }
        for (index, id) in clauses.iter().enumerate() {
            let tally = tallies.entry(id).or_default();
            match standing {
                Standing::Conforms => tally.has_passed = true,
                Standing::NotShown => {
                    tally.reason = tally.reason.or(standing::reason(&result.outcome))
                }
                _ if index == 0 => tally.deviating.push(result),
                // The deviation may have nothing to do with it.
                _ => tally.deviates_from_another = true,
            }
        }
    }
    tallies
}

/// Every event is right and some come late: proven where lateness alone makes the deviation less binding than its case.
fn is_only_late(result: &CaseResult) -> bool {
    result.failing.as_ref().is_some_and(|failing| {
        let is_late = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Late { .. });
        failing.failing.level < result.case.level && failing.failing.mismatches.iter().all(is_late)
    })
}

fn cell<'a>(
    target: &'a TargetReport,
    requirement: &Requirement<'a>,
    tally: Option<&Tally<'a>>,
) -> Cell<'a> {
    let none = Tally::default();
    let tally = tally.unwrap_or(&none);
    let example = tally
        .deviating
        .iter()
        .copied()
        .min_by_key(|result| standing::size(result));
    let standing = if example.is_some() {
        let all = |wanted| {
            let mut deviating = tally.deviating.iter();
            deviating.all(|result| Standing::of(&result.outcome) == wanted)
        };
        match () {
            () if all(Standing::Room) => Standing::Room,
            () if all(Standing::ByDesign) => Standing::ByDesign,
            () => Standing::Deviates,
        }
    } else if tally.has_passed && !tally.deviates_from_another {
        Standing::Conforms
    } else {
        Standing::NotShown
    };
    let why_not_asked = match &target.trouble {
        Some(Trouble::Skipped(reason) | Trouble::Error(reason)) => reason,
        None if !requirement.is_asked(target.role) => "no case of this run asks for it",
        None if tally.deviates_from_another => {
            "it deviates in a case that asks for another requirement too"
        }
        None => "not asked",
    };
    Cell {
        standing,
        example,
        reason: (standing == Standing::NotShown).then(|| tally.reason.unwrap_or(why_not_asked)),
    }
}

/// A name that no target of the same role has yet.
fn free_key(target: &TargetReport, taken: &HashSet<(Role, String)>) -> String {
    let with_version = format!("{}@{}", target.name, target.version);
    let numbered = (2..).map(|number| format!("{with_version}-{number}"));
    let mut keys = [target.name.clone(), with_version.clone()]
        .into_iter()
        .chain(numbered);
    let is_free = |key: &String| !taken.contains(&(target.role, key.clone()));
    keys.find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests;
