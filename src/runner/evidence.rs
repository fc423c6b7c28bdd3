//! Cases and answers to what a report shows of them: the question, the exchange, the quirk that does the same.

use std::sync::Arc;

use crate::case::{Case, Kind};
use crate::corpus::Corpus;
use crate::delivery::{Cutting, Delivery};
use crate::observation::client::ClientRun;
use crate::observation::server::ServerRun;
use crate::observation::{Features, Observation};
use crate::outcome::Outcome;
use crate::quirk::Quirk;
use crate::quirk::diagnosis::{self, Rigour};
use crate::quirk::sample::{SHORT, Sample};
use crate::report::{AskedCase, CaseResult, Line, Speaker, TargetQuirk};
use crate::target::message::{self, Answered};

/// What a target did with a job, and the JSON that says so.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The facts.
    pub observation: Observation,
    /// The target's answer, or its start; empty if there was none.
    pub raw: String,
    /// All that a client or a server did.
    pub run: Option<Run>,
}

/// What a target did in a role with more than one answer.
#[derive(Clone, Debug)]
pub enum Run {
    /// A client, while a script was played to it.
    Client(ClientRun),
    /// A server, while its application emitted.
    Server(ServerRun),
}

impl From<Answered> for Observed {
    fn from(answered: Answered) -> Self {
        Self {
            observation: Observation::Parsed(answered.parsed),
            raw: answered.raw,
            run: None,
        }
    }
}

/// The cases of a corpus as reports show them.
pub fn asked_cases(corpus: &Corpus) -> Arc<[Arc<AskedCase>]> {
    let asked = |case: &Case| {
        let (stream, cuts, answers) = match &case.kind {
            Kind::Parser(case) => (
                Arc::clone(&case.stream),
                case.written_cuts.clone(),
                case.answers.clone(),
            ),
            Kind::Client(case) => {
                let events = case.answers.iter().map(|answer| answer.events.clone());
                (case.stream().into(), None, events.collect())
            }
            // The stream is the server's own.
            Kind::Server(case) => (Vec::new().into(), None, vec![case.shown()]),
        };
        Arc::new(AskedCase {
            id: case.id.clone(),
            role: case.role(),
            why: case.why.clone(),
            clauses: case.clauses.clone(),
            level: case.level,
            stream,
            cuts,
            answers,
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

/// Names the quirks that do the same as the target, in each deviation that has some.
///
/// They must also conform wherever the target passes. Returns those that have named something.
pub(super) fn name_quirks(
    results: &mut [CaseResult],
    corpus: &Corpus,
    features: &Features,
) -> Vec<TargetQuirk> {
    let find = |id: &str| corpus.cases.iter().find(|case| case.id == id);
    // All answers of a target tell the last event ID at the end, or none does.
    let tells_last_event_id = results.iter().any(|result| {
        let observation = result
            .failing
            .as_ref()
            .map(|failing| &failing.failing.observation);
        matches!(observation, Some(Observation::Parsed(parsed)) if parsed.last_event_id.is_some())
    });
    let mut samples = Vec::new();
    for result in results.iter() {
        let Some(case) = find(&result.case.id) else {
            continue;
        };
        // A client's requests say more than its events, and a model of a parser makes none.
        let Some(parser_case) = case.parser() else {
            continue;
        };
        if result.outcome == Outcome::Pass && parser_case.stream.len() <= SHORT {
            // Byte by byte shows the quirks that need a cut; other deliveries would add little and cost much.
            let cuts = (1..parser_case.stream.len()).collect();
            let stream = Arc::clone(&parser_case.stream);
            let byte_by_byte = Delivery::new(Cutting::ByteByByte, Arc::clone(&stream), cuts);
            for delivery in [Delivery::whole(stream), byte_by_byte] {
                samples.push(Sample::conforming(
                    parser_case.clone(),
                    delivery,
                    tells_last_event_id,
                ));
            }
        }
    }
    let mut places = Vec::new();
    for (place, result) in results.iter().enumerate() {
        let (Some(case), Some(failing)) = (find(&result.case.id), &result.failing) else {
            continue;
        };
        let Some(parser_case) = case.parser() else {
            continue;
        };
        if let Observation::Parsed(parsed) = &failing.failing.observation {
            places.push((place, samples.len()));
            samples.push(Sample::new(
                parser_case.clone(),
                failing.failing.delivery.clone(),
                &case.clauses,
                features,
                parsed,
            ));
        }
    }
    if places.is_empty() {
        return Vec::new();
    }
    let quirks = diagnosis::fit(&samples, features, &[], Rigour::Strict);
    let mut shown = Vec::new();
    for (place, sample) in places {
        let named = diagnosis::name(&samples[sample], &quirks, features);
        shown.extend(named.iter().map(|quirk| quirk.name));
        let join = |part: fn(&&'static Quirk) -> &'static str, between: &str| {
            named.iter().map(part).collect::<Vec<_>>().join(between)
        };
        if let (Some(failing), false) = (&mut results[place].failing, named.is_empty()) {
            failing.quirk = Some((
                join(|quirk| quirk.name, " + "),
                join(|quirk| quirk.sentence, " "),
            ));
        }
    }
    let is_shown = |quirk: &&&Quirk| shown.contains(&quirk.name);
    quirks
        .iter()
        .filter(is_shown)
        .map(|quirk| TargetQuirk {
            name: quirk.name.to_owned(),
            sentence: quirk.sentence.to_owned(),
            clause: quirk.clause.to_owned(),
        })
        .collect()
}
