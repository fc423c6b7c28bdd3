//! Raw case files to cases: ids, clauses, expectations, each checked against the reference.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Fault;
use super::client;
use super::file::{self, CaseFile, Pieces, RawAnswer, RawCase, RawEnd, RawEvent};
use super::replay::{self, Replay};
use super::server;
use crate::case::{Answer, Case, ExpectedEnd, ExpectedEvent, Kind, ParserCase};
use crate::clause::Clauses;

/// A case file's text, and the path that its cases' ids start with.
pub struct Source {
    /// The path to show in messages.
    pub file: String,
    /// The path without `.yaml`, relative to the corpus.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Turns files into cases. All faults of all files are found in one go.
pub fn load(sources: &[Source], clauses: &Clauses) -> Result<Vec<Case>, Vec<Fault>> {
    let mut cases = Vec::new();
    let mut faults = Vec::new();
    let mut first_seen: HashMap<String, String> = HashMap::new();
    for source in sources {
        let file = match file::parse(&source.file, &source.text) {
            Ok(file) => file,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        for (raw, line) in file.cases.iter().zip(case_lines(&source.text, &file)) {
            let at = |message| Fault {
                file: source.file.clone(),
                line,
                column: 5,
                message,
            };
            match build(source, &file, raw, clauses) {
                Ok(case) => {
                    if let Some(first) =
                        first_seen.insert(case.id.clone(), format!("{}:{line}", source.file))
                    {
                        faults.push(at(format!(
                            "duplicate id `{}`: the first is at {first}; rename one",
                            case.id
                        )));
                    }
                    cases.push(case);
                }
                Err(message) => faults.push(at(message)),
            }
        }
    }
    if faults.is_empty() {
        Ok(cases)
    } else {
        Err(faults)
    }
}

/// The line of each case's `name`, found in the text: the YAML reader gives positions for its own errors only.
fn case_lines(text: &str, file: &CaseFile) -> Vec<usize> {
    let mut lines = text.lines().enumerate();
    file.cases
        .iter()
        .map(|case| {
            let is_name = |line: &str| {
                let line = line.trim_start().trim_start_matches('-').trim_start();
                line.strip_prefix("name:")
                    .is_some_and(|name| name.trim().trim_matches('"').starts_with(&case.name))
            };
            lines
                .find(|(_, line)| is_name(line))
                .map_or(1, |(number, _)| number + 1)
        })
        .collect()
}

fn build(
    source: &Source,
    file: &CaseFile,
    raw: &RawCase,
    clauses: &Clauses,
) -> Result<Case, String> {
    let name_is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if raw.name.is_empty() || !raw.name.bytes().all(name_is_plain) {
        return Err(format!(
            "the name `{}` must be of a-z, 0-9 and hyphens",
            raw.name
        ));
    }
    let named = raw.clauses.as_ref().unwrap_or(&file.clauses);
    let [first, ..] = named.as_slice() else {
        return Err(format!(
            "case `{}` names no clause: add `clauses: [..]` to it or to its file",
            raw.name
        ));
    };
    for id in named {
        if clauses.find(id).is_none() {
            let nearest = clauses
                .iter()
                .map(|clause| (strsim::damerau_levenshtein(&clause.id, id), &clause.id))
                .min();
            let nearest = nearest.map_or("", |(_, id)| id);
            return Err(format!("unknown clause `{id}` (did you mean `{nearest}`?)"));
        }
    }
    let case = |kind| Case {
        id: format!("{}/{}", source.path, raw.name),
        why: raw.why.clone(),
        clauses: named.clone(),
        level: clauses.find(first).expect("checked above").level,
        disputes: raw.disputes.clone(),
        kind,
    };
    if let Some(emit) = &raw.emit {
        return Ok(case(Kind::Server(Box::new(server::build(raw, emit)?))));
    }
    if let Some(key) = server_key(raw) {
        return Err(format!(
            "case `{}` has `{key}`, which goes with `emit`",
            raw.name
        ));
    }
    if let Some(connections) = &raw.connections {
        return Ok(case(Kind::Client(Box::new(client::build(
            raw,
            connections,
        )?))));
    }
    if let Some(key) = client_key(raw) {
        return Err(format!(
            "case `{}` has `{key}`, which goes with `connections`",
            raw.name
        ));
    }
    let (stream, written_cuts) = stream(raw)?;
    let replay = replay::replay(&stream);
    let answers = answers(raw)?;
    let agrees = answers.iter().any(|answer| is_reference(answer, &replay));
    match (&raw.disputes, agrees) {
        (None, false) => return Err(contradiction(&raw.name, &answers, &replay)),
        (Some(_), true) => {
            return Err(format!(
                "case `{}` says `disputes`, but the reference gives the same answer",
                raw.name
            ));
        }
        _ => (),
    }
    Ok(case(Kind::Parser(ParserCase {
        stream: stream.into(),
        written_cuts,
        answers,
        trace: replay.trace,
    })))
}

/// A key that only a server case may have.
fn server_key(raw: &RawCase) -> Option<&'static str> {
    let keys = [
        (raw.serve.is_some(), "serve"),
        (raw.ask.is_some(), "ask"),
        (raw.checks.is_some(), "checks"),
    ];
    let there = keys.into_iter().find(|(is_there, _)| *is_there);
    there.map(|(_, key)| key)
}

/// A key that only a client case may have.
pub(super) fn client_key(raw: &RawCase) -> Option<&'static str> {
    let one_of = raw.one_of.iter().flatten();
    let in_answers = |is_there: fn(&RawAnswer) -> bool| one_of.clone().any(is_there);
    [
        (
            raw.requests.is_some() || in_answers(|a| a.requests.is_some()),
            "requests",
        ),
        (
            raw.reports.is_some() || in_answers(|a| a.reports.is_some()),
            "reports",
        ),
        (raw.returns.is_some(), "returns"),
        (raw.close_on.is_some(), "close_on"),
        (raw.connect.is_some(), "connect"),
        (raw.may_give_up, "may_give_up"),
        (raw.script.is_some(), "script"),
        (raw.facts.is_some(), "facts"),
    ]
    .into_iter()
    .find_map(|(is_there, key)| is_there.then_some(key))
}

fn stream(raw: &RawCase) -> Result<(Vec<u8>, Option<Vec<usize>>), String> {
    match (&raw.stream, &raw.chunks) {
        (Some(stream), None) => Ok((stream.0.clone(), None)),
        (None, Some(chunks)) => {
            let ends = chunks.iter().scan(0, |end, chunk| {
                *end += chunk.0.len();
                Some(*end)
            });
            let cuts = ends.take(chunks.len().saturating_sub(1)).collect();
            Ok((
                chunks.iter().flat_map(|chunk| &chunk.0).copied().collect(),
                Some(cuts),
            ))
        }
        _ => Err(format!(
            "case `{}` needs either `stream` or `chunks`",
            raw.name
        )),
    }
}

/// The events and the end of each answer that is allowed.
pub(super) fn answers(raw: &RawCase) -> Result<Vec<Answer>, String> {
    if let Some(facts) = &raw.facts {
        let event = |fact: &String| ExpectedEvent {
            event_type: "message".to_owned(),
            data: fact.clone(),
            last_event_id: String::new(),
            names_last_event_id: false,
        };
        return Ok(vec![Answer {
            reason: None,
            events: facts.iter().map(event).collect(),
            end: ExpectedEnd::default(),
        }]);
    }
    let Some(one_of) = &raw.one_of else {
        let events = raw
            .events
            .as_ref()
            .ok_or_else(|| format!("case `{}` needs `events`", raw.name))?;
        return Ok(vec![Answer {
            reason: None,
            events: expected_events(events)?,
            end: expected_end(&raw.end)?,
        }]);
    };
    let answer = |answer: &RawAnswer| {
        let events = answer.events.as_ref().or(raw.events.as_ref());
        let events = events.ok_or_else(|| format!("case `{}` needs `events`", raw.name))?;
        Ok(Answer {
            reason: Some(answer.reason.clone()),
            events: expected_events(events)?,
            end: expected_end(answer.end.as_ref().unwrap_or(&raw.end))?,
        })
    };
    if one_of.len() < 2 {
        return Err(format!(
            "case `{}`: `one_of` needs at least two answers",
            raw.name
        ));
    }
    one_of.iter().map(answer).collect()
}

fn expected_events(events: &[RawEvent]) -> Result<Vec<ExpectedEvent>, String> {
    let expected = |event: &RawEvent| {
        Ok(ExpectedEvent {
            event_type: event
                .r#type
                .as_ref()
                .map_or(Ok("message".to_owned()), text)?,
            data: text(&event.data)?,
            last_event_id: event
                .last_event_id
                .as_ref()
                .map_or(Ok(String::new()), text)?,
            names_last_event_id: event.last_event_id.is_some(),
        })
    };
    events.iter().map(expected).collect()
}

fn expected_end(end: &RawEnd) -> Result<ExpectedEnd, String> {
    Ok(ExpectedEnd {
        last_event_id: end.last_event_id.as_ref().map(text).transpose()?,
        reconnection_time: end.reconnection_time.as_ref().map(|time| time.0.clone()),
    })
}

fn text(pieces: &Pieces) -> Result<String, String> {
    String::from_utf8(pieces.0.clone()).map_err(|_| "an expected text must be UTF-8".to_owned())
}

fn is_reference(answer: &Answer, replay: &Replay) -> bool {
    let same_event = |(expected, actual): (&ExpectedEvent, &crate::event_stream::OwnedEvent)| {
        expected.event_type == actual.event_type
            && expected.data == actual.data
            && expected.last_event_id == actual.last_event_id
    };
    let time = replay.reconnection_time.map(|time| time.to_string());
    answer.events.len() == replay.events.len()
        && answer.events.iter().zip(&replay.events).all(same_event)
        && answer
            .end
            .last_event_id
            .as_ref()
            .is_none_or(|id| *id == replay.last_event_id)
        && (answer.end.reconnection_time.is_none() || answer.end.reconnection_time == time)
}

/// Both answers, each on one line.
fn contradiction(name: &str, answers: &[Answer], replay: &Replay) -> String {
    let show = |events: &mut dyn Iterator<Item = (&str, &str, &str)>,
                id: Option<&str>,
                time: Option<&str>| {
        let mut line = String::new();
        for (event_type, data, last_event_id) in events {
            let data: String = data.chars().take(60).collect();
            _ = write!(
                line,
                "{{type {event_type:?}, data {data:?}, last_event_id {last_event_id:?}}} "
            );
        }
        if line.is_empty() {
            line.push_str("no events ");
        }
        if let Some(id) = id {
            _ = write!(line, "end.last_event_id {id:?} ");
        }
        if let Some(time) = time {
            _ = write!(line, "end.reconnection_time {time}");
        }
        line.trim_end().to_owned()
    };
    let answer = &answers[0];
    let time = replay.reconnection_time.map(|time| time.to_string());
    let written = show(
        &mut answer.events.iter().map(|e| {
            (
                e.event_type.as_str(),
                e.data.as_str(),
                e.last_event_id.as_str(),
            )
        }),
        answer.end.last_event_id.as_deref(),
        answer.end.reconnection_time.as_deref(),
    );
    let reference = show(
        &mut replay.events.iter().map(|e| {
            (
                e.event_type.as_str(),
                e.data.as_str(),
                e.last_event_id.as_str(),
            )
        }),
        answer
            .end
            .last_event_id
            .as_ref()
            .map(|_| replay.last_event_id.as_str()),
        answer
            .end
            .reconnection_time
            .as_ref()
            .map(|_| time.as_deref().unwrap_or("none")),
    );
    format!(
        "case `{name}` contradicts the reference; correct it, or say why with `disputes: \"reason\"`\n    written:   {written}\n    reference: {reference}"
    )
}
