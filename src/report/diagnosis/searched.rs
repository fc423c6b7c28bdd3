//! A diagnosis to the findings of a search, for every format that these have.

use super::{Diagnosis, Example};
use crate::case::{Answer, ExpectedEnd};
use crate::clause::Role;
use crate::delivery::Delivery;
use crate::report::found::{Finding, Search, Searched, Standing};

/// The quirks first, then what they leave, then what grows; `search` says who searched, and where.
pub fn searched(diagnosis: &Diagnosis, search: Search) -> Searched {
    let by = search.by.clone();
    let quirks = diagnosis.quirks.iter().map(|quirk| Finding {
        sentence: quirk.sentence.clone(),
        alternatives: quirk.alternatives.clone(),
        ..finding(
            format!("quirk {}", quirk.name),
            &quirk.clause,
            quirk.example.as_ref(),
            &by,
        )
    });
    let remaining = diagnosis.remaining.iter().map(|example| {
        let title = example.title.clone();
        finding(title, &example.clause, Some(example), &by)
    });
    let growth = diagnosis.growth.iter().map(|growth| Finding {
        sentence: growth.sentence.clone(),
        delivery: growth.delivery.clone(),
        ..finding(growth.title.clone(), &growth.clause, None, &by)
    });
    Searched {
        name: diagnosis.target.clone(),
        implementation: diagnosis.implementation.clone(),
        version: diagnosis.version.clone(),
        language: diagnosis.language.clone(),
        asked_as: diagnosis.asked_as.clone(),
        homepage: diagnosis.homepage.clone(),
        role: Role::Parser,
        findings: quirks.chain(remaining).chain(growth).collect(),
        searches: vec![Search {
            n_streams: diagnosis.n_tried,
            n_deviating: diagnosis.n_deviating,
            n_explained: diagnosis.n_explained,
            ..search
        }],
    }
}

fn finding(fingerprint: String, clause: &str, example: Option<&Example>, by: &str) -> Finding {
    let nothing = || Answer {
        reason: None,
        events: Vec::new(),
        end: ExpectedEnd::default(),
    };
    Finding {
        sentence: format!("Nothing known does the same ({fingerprint})."),
        fingerprint,
        clause: clause.to_owned(),
        alternatives: Vec::new(),
        standing: Standing::Stable,
        is_known: false,
        emitted: Vec::new(),
        delivery: example.map_or_else(
            || Delivery::whole(Vec::new().into()),
            |example| example.failing.delivery.clone(),
        ),
        history: Vec::new(),
        emitted_before: Vec::new(),
        expected: example.map_or_else(nothing, |example| example.case.answers[0].clone()),
        failing: example.map(|example| example.failing.clone()),
        seen_by: vec![by.to_owned()],
    }
}
