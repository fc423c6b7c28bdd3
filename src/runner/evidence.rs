//! Cases and answers to what a report shows of them: the question, the exchange, the quirk that does the same.

use std::sync::Arc;

use crate::case::{Case, Kind};
use crate::corpus::Corpus;
use crate::delivery::Delivery;
use crate::observation::{Features, Observation};
use crate::outcome::Outcome;
use crate::quirk::diagnosis;
use crate::report::{AskedCase, CaseResult, FailingResult, Line, Speaker};
use crate::target::message::{self, Answered};

/// What a target did with a job, and the JSON that says so.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The facts.
    pub observation: Observation,
    /// The target's answer, or its start; empty if there was none.
    pub raw: String,
}

impl From<Answered> for Observed {
    fn from(answered: Answered) -> Self {
        Self {
            observation: Observation::Parsed(answered.parsed),
            raw: answered.raw,
        }
    }
}

/// The cases of a corpus as reports show them.
pub fn asked_cases(corpus: &Corpus) -> Arc<[Arc<AskedCase>]> {
    let asked = |case: &Case| {
        let Kind::Parser(parser_case) = &case.kind;
        Arc::new(AskedCase {
            id: case.id.clone(),
            role: case.role(),
            why: case.why.clone(),
            clauses: case.clauses.clone(),
            level: case.level,
            stream: Arc::clone(&parser_case.stream),
            cuts: parser_case.written_cuts.clone(),
            answers: parser_case.answers.clone(),
        })
    };
    corpus.cases.iter().map(asked).collect()
}

/// What was said on the wire about a delivery. An answer is known unless the target died over it.
pub(super) fn exchange(
    delivery: &Delivery,
    features: &Features,
    answer: Option<&Observed>,
) -> Vec<Line> {
    /// A reader looks at the start of a long line only.
    const MAX_LINE: usize = 2 << 10;
    let line = |from, text: &str| {
        let mut end = text.len().min(MAX_LINE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let left_out = text.len() - end;
        let text = match left_out {
            0 => text.to_owned(),
            _ => format!("{}…", &text[..end]),
        };
        Line { from, text }
    };
    let params = message::parse_params(delivery, features.input);
    let mut lines = vec![line(Speaker::Harness, &params)];
    if let Some(raw) = answer
        .map(|answer| &answer.raw)
        .filter(|raw| !raw.is_empty())
    {
        lines.push(line(Speaker::Target, raw));
    }
    lines
}

/// Names the quirk that does the same as the target, in each deviation that has one.
pub(super) fn name_quirks(results: &mut [CaseResult], corpus: &Corpus, features: &Features) {
    let passes = |case: &&Case| {
        results
            .iter()
            .any(|result| result.case.id == case.id && result.outcome == Outcome::Pass)
    };
    let passing: Vec<_> = corpus
        .cases
        .iter()
        .filter(passes)
        .map(|case| match &case.kind {
            Kind::Parser(parser_case) => parser_case,
        })
        .collect();
    let mut failing: Vec<&mut FailingResult> = results
        .iter_mut()
        .filter_map(|result| result.failing.as_mut())
        .collect();
    let (mut places, mut deviations) = (Vec::new(), Vec::new());
    for (place, result) in failing.iter().enumerate() {
        if let Observation::Parsed(parsed) = &result.failing.observation {
            places.push(place);
            deviations.push((&result.failing.delivery, parsed));
        }
    }
    let quirks = diagnosis::explain(&deviations, &passing, features);
    for (place, quirk) in places.into_iter().zip(quirks) {
        failing[place].quirk =
            quirk.map(|quirk| (quirk.name.to_owned(), quirk.sentence.to_owned()));
    }
}
