//! A parser case to the client case that carries its stream over HTTP: many clients hide their parser.
//!
//! The first connection sets a short reconnection time, the second carries the stream, the third the sentinel.

use super::client_replay::ends_a_block;
use super::replay;
use crate::case::client::{ClientAnswer, ClientCase, ExpectedRequest, PREAMBLE};
use crate::case::{Answer, Case, ExpectedEnd, Kind, ParserCase};
use crate::script::{Ending, Response, Step};

/// Longer streams say nothing that a shorter one does not, once a network lies between.
const MAX_STREAM: usize = 64 << 10;
/// A stream that sets a longer reconnection time is followed on its own connection: nobody waits that long.
const MAX_WAIT: u64 = 500;

/// The case over HTTP; nothing where the network or the interface of a client cannot carry it.
pub fn over_http(case: &Case) -> Option<Case> {
    let client_case = carry(case.parser()?)?;
    Some(Case {
        id: format!("http/{}", case.id),
        kind: Kind::Client(Box::new(client_case)),
        ..case.clone()
    })
}

/// The script that carries a stream with its written cuts, and what a client must make of it; nothing where the network
/// or the interface of a client cannot carry it.
pub fn carry(parser: &ParserCase) -> Option<ClientCase> {
    let replay = replay::replay(&parser.stream);
    // The case is about the parser. Whether a target comes back with an id that HTTP does not carry is open in the text,
    // and a matter of client/last-event-id.
    let reads_on = replay.reconnection_time.is_some_and(|time| time > MAX_WAIT)
        || !is_carried(&replay.last_event_id);
    let has_handler_name = |answer: &Answer| {
        // The interface has events of its own by these names.
        let types = answer.events.iter().map(|event| event.event_type.as_str());
        types
            .into_iter()
            .any(|name| matches!(name, "open" | "error"))
    };
    if parser.stream.len() > MAX_STREAM
        || reads_on && !ends_a_block(&parser.stream)
        || parser.answers.iter().any(has_handler_name)
    {
        return None;
    }
    let mut chunks = vec![0];
    chunks.extend(parser.written_cuts.iter().flatten());
    chunks.push(parser.stream.len());
    let mut carrier = Response::stream(
        [],
        if reads_on {
            Ending::Hold
        } else {
            Ending::Close
        },
    );
    carrier.steps = chunks
        .windows(2)
        .map(|ends| Step::Write(parser.stream[ends[0]..ends[1]].to_vec()))
        .collect();
    // The block has data, so that whatever a client makes of a block without data is no part of the case.
    let preamble = format!("retry: 10\ndata: {PREAMBLE}\n\n").into_bytes();
    let answers = parser.answers.iter().map(|answer| ClientAnswer {
        requests: if reads_on {
            Vec::new()
        } else {
            requests(&answer.end)
        },
        reports: None,
        events: Answer {
            end: ExpectedEnd::default(),
            ..answer.clone()
        },
    });
    let responses = vec![Response::stream([preamble], Ending::Close), carrier];
    Some(ClientCase {
        trace: replay.trace,
        reconnection_time: replay.reconnection_time.filter(|_| !reads_on).or(Some(10)),
        carries_parser_case: true,
        ..ClientCase::new(responses, answers.collect())
    })
}

/// A stream in these chunks, on one connection that stays open.
pub fn held<'a>(stream: &[u8], chunks: impl Iterator<Item = &'a [u8]>) -> ClientCase {
    let case = replay::case(stream.into());
    let answers = case.answers.into_iter().map(|events| ClientAnswer {
        events,
        ..ClientAnswer::default()
    });
    let response = Response::stream(chunks.map(<[u8]>::to_vec), Ending::Hold);
    ClientCase {
        trace: case.trace,
        ..ClientCase::new(vec![response], answers.collect())
    }
}

/// Whether a header can have this value: it may hold no control characters but the tab.
fn is_carried(id: &str) -> bool {
    !id.bytes()
        .any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// What the request after the stream must show of the state at its end.
fn requests(end: &ExpectedEnd) -> Vec<ExpectedRequest> {
    let id = match end.last_event_id.as_deref() {
        // HTTP does not carry every id; those have cases of their own.
        Some(id) if !id.bytes().all(|byte| byte.is_ascii_graphic()) => None,
        id => id,
    };
    let after = end
        .reconnection_time
        .as_ref()
        .and_then(|time| time.parse().ok());
    if id.is_none() && after.is_none() {
        return Vec::new();
    }
    let name = || "last-event-id".to_owned();
    let mut request = ExpectedRequest {
        after,
        ..ExpectedRequest::default()
    };
    match id {
        Some("") => request.without.push(name()),
        Some(id) => request.headers.push((name(), id.as_bytes().to_vec())),
        None => (),
    }
    vec![
        ExpectedRequest::default(),
        ExpectedRequest::default(),
        request,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;

    #[test]
    fn an_id_that_http_does_not_carry_is_followed_on_its_own_connection() {
        let corpus = Corpus::embedded();
        let carried = |id: &str| {
            let case = corpus.cases.iter().find(|case| case.id == id);
            over_http(case.expect("a case")).and_then(|case| case.client().cloned())
        };
        let with_controls = carried("parser/decode/controls/controls-in-id").expect("a case");
        assert_eq!(with_controls.responses[1].then, Ending::Hold);
        let plain = carried("parser/fields/id-nul/nul-at-the-start").expect("a case");
        assert_eq!(plain.responses[1].then, Ending::Close);
        assert_eq!(plain.n_requests_looked_at(), 3);
    }
}
