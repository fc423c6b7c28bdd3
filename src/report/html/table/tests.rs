//! Where targets with given results stand.

use super::*;
use crate::baseline::Kind;
use crate::delivery::Delivery;
use crate::observation::{Observation, Parsed};
use crate::outcome::Outcome;
use crate::report::FailingResult;
use crate::verdict::sweep::Failing;
use std::sync::Arc;

fn result(clauses: &[&str], outcome: Outcome) -> CaseResult {
    let case = AskedCase {
        id: format!("parser/{}", clauses.join("-")),
        role: Role::Parser,
        why: String::new(),
        clauses: clauses.iter().map(|&id| id.to_owned()).collect(),
        level: Level::Must,
        stream: b"".as_slice().into(),
        cuts: None,
        answers: Vec::new(),
    };
    CaseResult {
        case: Arc::new(case),
        outcome,
        n_deliveries: 1,
        n_deviating: 0,
        failing: None,
    }
}

fn known(kind: Kind) -> Outcome {
    Outcome::KnownFailure {
        reason: String::new(),
        kind,
        issue: None,
        level: Level::Must,
    }
}

fn late() -> CaseResult {
    let late = Mismatch::Late {
        index: 0,
        complete: 0,
        chunk: 1,
    };
    let failing = Failing {
        delivery: Delivery::whole(b"".as_slice().into()),
        observation: Observation::Parsed(Parsed::default()),
        mismatches: vec![late],
        level: Level::Should,
    };
    CaseResult {
        failing: Some(FailingResult {
            failing,
            exchange: Vec::new(),
            quirk: None,
        }),
        ..result(&["a"], Outcome::Warn)
    }
}

fn target(results: Vec<CaseResult>) -> TargetReport {
    TargetReport {
        name: "target".to_owned(),
        implementation: String::new(),
        version: "1".to_owned(),
        language: String::new(),
        asked_as: String::new(),
        homepage: String::new(),
        is_tutorial: false,
        sources: Vec::new(),
        role: Role::Parser,
        platform_decodes: false,
        trouble: None,
        results,
        n_not_asked: 0,
        stale: Vec::new(),
        n_not_examined: 0,
        setup_seconds: 0.0,
        seconds: 0.0,
        n_deliveries: 0,
        quirks: Vec::new(),
    }
}

fn report(targets: Vec<TargetReport>) -> Report {
    let clause = |(id, level): (&str, Level)| Clause {
        id: id.to_owned(),
        anchor: "#a".to_owned(),
        roles: vec![Role::Parser],
        level,
        observe: Vec::new(),
        requirement: String::new(),
        reading: false,
        basis: None,
        against: None,
        untestable: None,
        wpt: None,
    };
    let levels = [
        ("a", Level::Must),
        ("b", Level::Must),
        ("may", Level::May),
        (LIVENESS, Level::Should),
    ];
    let results = targets.iter().flat_map(|target| &target.results);
    Report {
        version: String::new(),
        corpus_hash: String::new(),
        seed: 0,
        platform: String::new(),
        clauses: levels.into_iter().map(clause).collect::<Vec<_>>().into(),
        cases: results.map(|result| Arc::clone(&result.case)).collect(),
        targets,
    }
}

/// How a target with these results stands on `a`, `b`, `may` and `line.liveness`.
#[track_caller]
fn check(results: Vec<CaseResult>, expected: [Standing; 4]) {
    let report = report(vec![target(results)]);
    let standings = Standings::of(&report);
    let requirements = standings.requirements.iter();
    let found: Vec<Option<Standing>> = requirements
        .map(|requirement| requirement.cells[0].map(|cell| cell.standing))
        .collect();
    assert_eq!(found, expected.map(Some));
}

#[test]
fn a_deviation_counts_against_the_clause_that_its_case_names_first() {
    use Standing::{Conforms, Deviates, NotShown};
    check(
        vec![
            result(&["a", "b"], Outcome::Fail),
            result(&["b"], Outcome::Pass),
        ],
        [Deviates, NotShown, NotShown, NotShown],
    );
    check(
        vec![result(&["a", "b"], Outcome::Pass)],
        [Conforms, Conforms, NotShown, NotShown],
    );
}

#[test]
fn one_bug_among_deliberate_deviations_is_a_deviation() {
    use Standing::{ByDesign, Deviates, NotShown, Room};
    let by_design = || result(&["a"], known(Kind::ByDesign));
    check(vec![by_design()], [ByDesign, NotShown, NotShown, NotShown]);
    check(
        vec![by_design(), result(&["a"], known(Kind::Bug))],
        [Deviates, NotShown, NotShown, NotShown],
    );
    check(
        vec![result(&["may"], Outcome::Recorded)],
        [NotShown, NotShown, Room, NotShown],
    );
}

#[test]
fn lateness_counts_against_liveness_alone() {
    use Standing::{Conforms, Deviates, NotShown};
    check(vec![late()], [Conforms, NotShown, NotShown, Deviates]);
}

#[test]
fn bars_count_what_binds_and_end_with_what_is_not_shown() {
    let report = report(vec![target(vec![
        result(&["a"], Outcome::Pass),
        result(&["may"], Outcome::Recorded),
    ])]);
    let share = Standings::of(&report).peers[0].share;
    assert_eq!(
        (share.conforms, share.not_shown, share.percent()),
        (1, 2, 33)
    );
}

#[test]
fn who_stands_alone_has_two_or_more_against_it() {
    let with = |outcome| target(vec![result(&["a"], outcome)]);
    let recipe = TargetReport {
        is_tutorial: true,
        ..with(Outcome::Fail)
    };
    let mut targets = vec![with(Outcome::Fail), with(Outcome::Pass), recipe];
    let split = |targets: &[TargetReport]| {
        let report = report(targets.to_vec());
        let standings = Standings::of(&report);
        let cells = &standings.requirements[0].cells;
        standings.split(|index| cells[index].map(|cell| cell.standing))
    };
    let one_each = split(&targets);
    assert!(one_each.is_disputed && !one_each.has_odd_one_out);
    targets.push(with(Outcome::Pass));
    assert!(split(&targets).has_odd_one_out);
}

#[test]
fn namesakes_have_keys_of_their_own() {
    let report = report(vec![
        target(Vec::new()),
        target(Vec::new()),
        target(Vec::new()),
    ]);
    let standings = Standings::of(&report);
    let keys: Vec<&str> = standings
        .peers
        .iter()
        .map(|peer| peer.key.as_str())
        .collect();
    assert_eq!(keys, ["target", "target@1", "target@1-2"]);
}
