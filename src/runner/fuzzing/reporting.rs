//! Findings and tallies to what reports are made from.

use super::Tally;
use crate::corpus::replay;
use crate::fuzz::case_file::{Finding, Question, Standing};
use crate::fuzz::case_text;
use crate::report::found;

/// A finding as reports have it.
pub fn finding(finding: &Finding, is_known: bool, seen_by: &str) -> found::Finding {
    let mut case = replay::case(finding.delivery.bytes().into());
    found::Finding {
        fingerprint: finding.fingerprint.to_string(),
        sentence: finding.sentence.clone(),
        clause: finding.clause.clone(),
        alternatives: Vec::new(),
        standing: match finding.standing {
            Standing::Stable => found::Standing::Stable,
            Standing::NeedsHistory => found::Standing::NeedsHistory,
            Standing::Flaky => found::Standing::Flaky,
        },
        is_known,
        emitted: match &finding.question {
            Question::Server(events) => case_text::emitted(events),
            Question::Parser | Question::Client => Vec::new(),
        },
        delivery: finding.delivery.clone(),
        history: finding.history.clone(),
        emitted_before: finding
            .emitted_before
            .iter()
            .map(|events| case_text::emitted(events).join("; "))
            .collect(),
        expected: case.answers.swap_remove(0),
        failing: finding.failing.clone(),
        seen_by: vec![seen_by.to_owned()],
    }
}

/// What a search has come to; `search` says who searched, and where.
pub fn search(tally: &Tally, search: found::Search) -> found::Search {
    found::Search {
        n_streams: tally.n_streams,
        n_deviating: tally.n_deviating,
        n_explained: tally.n_explained,
        n_unread: tally.n_unread,
        not_looked_for: tally.not_looked_for.clone(),
        ..search
    }
}
