//! A raw client case to a case: a script, its expectations, and what the reference makes of the streams in it.

use std::time::Duration;

use super::client_connect;
use super::client_file::{
    RawCloseOn, RawCoding, RawConnection, RawEnding, RawFraming, RawReport, RawRequest, RawStep,
};
use super::client_replay::replay_all;
use super::file::RawCase;
use super::load;
use crate::case::ExpectedEvent;
use crate::case::client::{ClientAnswer, ClientCase, CloseOn, ExpectedReport, ExpectedRequest};
use crate::event_stream::OwnedEvent;
use crate::script::{Coding, Ending, Framing, Gate, Location, Response, Step};

/// Builds the case, or says in one sentence what is wrong with it.
pub fn build(raw: &RawCase, connections: &[RawConnection]) -> Result<ClientCase, String> {
    let name = &raw.name;
    if raw.stream.is_some() || raw.chunks.is_some() {
        return Err(format!(
            "case `{name}` has `connections`, so its streams stand in them as `chunks`"
        ));
    }
    let (refused, answered): (Vec<_>, Vec<_>) = connections
        .iter()
        .enumerate()
        .partition(|(_, connection)| connection.then == RawEnding::Refuse);
    // A refused connection makes no request, so the next one takes its number.
    let refusals: Vec<usize> = refused
        .iter()
        .enumerate()
        .map(|(n_before, (place, _))| place - n_before)
        .collect();
    check_refusals(raw, &refused, &refusals)?;
    let connections: Vec<&RawConnection> = answered.into_iter().map(|(_, raw)| raw).collect();
    let mut responses = connections
        .iter()
        .map(|connection| response(name, connection))
        .collect::<Result<Vec<_>, _>>()?;
    let returns = raw.returns.unwrap_or(true);
    let close_on = raw.close_on.map(|handler| match handler {
        RawCloseOn::Open => CloseOn::Open,
        RawCloseOn::Event => CloseOn::Event,
        RawCloseOn::Error => CloseOn::Error,
    });
    let disconnect_after = connections
        .iter()
        .position(|connection| connection.disconnect);
    let connect = client_connect::connect_with(name, raw.connect.as_ref())?;
    let replay = replay_all(name, &connect, &responses, returns)?;
    for (response, n_events) in responses.iter_mut().zip(&replay.n_events_by) {
        break_once_heard(response, *n_events);
    }
    let case = ClientCase {
        connect,
        refusals,
        may_give_up: raw.may_give_up,
        answers: answers(raw)?,
        returns,
        close_on,
        disconnect_after,
        trace: replay.trace,
        reconnection_time: replay.reconnection_time,
        script: raw.script.as_ref().map(|lines| lines.join("\n")),
        carries_parser_case: false,
        responses,
    };
    if raw.script.is_some() != raw.facts.is_some() || raw.facts.is_some() && raw.events.is_some() {
        return Err(format!(
            "case `{name}`: a `script` goes with `facts`, and these stand in place of `events`"
        ));
    }
    if case.may_give_up && !returns {
        return Err(format!(
            "case `{name}` says `may_give_up`, which goes with a target that may return"
        ));
    }
    let closes = case.closes();
    if closes && returns {
        return Err(format!(
            "case `{name}` closes the connection, so it needs `returns: false`"
        ));
    }
    let looked_at = case.n_requests_looked_at();
    if looked_at > case.n_requests() {
        return Err(format!(
            "case `{name}` expects {looked_at} requests, but a conforming target makes {}",
            case.n_requests()
        ));
    }
    let agrees = |answer: &ClientAnswer| is_reference(&answer.events.events, &replay.events);
    // A target that closes in the middle hears less than the stream holds.
    match (&raw.disputes, closes || case.answers.iter().any(agrees)) {
        (None, false) if case.script.is_none() => {
            let data: Vec<&str> = replay
                .events
                .iter()
                .map(|event| event.data.as_str())
                .collect();
            Err(format!(
                "case `{name}` contradicts the reference, which makes {} events of its connections, with data {data:?}; \
                 correct it, or say why with `disputes: \"reason\"`",
                data.len()
            ))
        }
        (Some(_), true) => Err(format!(
            "case `{name}` says `disputes`, but the reference gives the same answer"
        )),
        _ => Ok(case),
    }
}

/// A refused connection has nothing but its end.
fn check_refusals(
    raw: &RawCase,
    refused: &[(usize, &RawConnection)],
    refusals: &[usize],
) -> Result<(), String> {
    let name = &raw.name;
    let has_more = |(_, connection): &(usize, &RawConnection)| {
        connection.status.is_some()
            || !connection.chunks.is_empty()
            || !connection.headers.is_empty()
            || connection.location.is_some()
            || connection.no_head
            || connection.disconnect
    };
    if refused.iter().any(has_more) {
        return Err(format!(
            "case `{name}`: a connection that is refused has nothing but `then: refuse`"
        ));
    }
    if refusals.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(format!(
            "case `{name}` refuses twice in a row: once is until the target has tried"
        ));
    }
    if !refusals.is_empty() && raw.returns == Some(false) {
        return Err(format!(
            "case `{name}` refuses a connection, after which a target returns"
        ));
    }
    Ok(())
}

fn response(case: &str, raw: &RawConnection) -> Result<Response, String> {
    let status = raw.status.unwrap_or(200);
    if !(200..=599).contains(&status) {
        return Err(format!("case `{case}`: {status} is no final status"));
    }
    let mut headers = Vec::new();
    for line in &raw.headers {
        let line = &line.0;
        let colon = line.iter().position(|&byte| byte == b':');
        let Some((name, value)) = colon.map(|colon| line.split_at(colon)) else {
            return Err(format!(
                "case `{case}`: a header is written \"name: value\""
            ));
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let value = value[1..].strip_prefix(b" ").unwrap_or(&value[1..]);
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return Err(format!("case `{case}`: the header {name} holds a line end"));
        }
        headers.push((name, value.to_vec()));
    }
    let is_given = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let is_left_out = raw.without.iter().any(|name| name == "content-type");
    if let Some(other) = raw.without.iter().find(|name| *name != "content-type") {
        return Err(format!(
            "case `{case}`: an answer has no header {other} that it could be without"
        ));
    }
    if !is_given("content-type") && !is_left_out && status != 204 {
        headers.insert(
            0,
            ("content-type".to_owned(), b"text/event-stream".to_vec()),
        );
    }
    let framing = match raw.framing {
        Some(RawFraming::Chunked) => Framing::Chunked,
        None if status == 200 => Framing::Chunked,
        Some(RawFraming::Length) | None => Framing::Length,
        Some(RawFraming::UntilClose) => Framing::UntilClose,
        Some(RawFraming::Http10) => Framing::Http10,
    };
    let then = match raw.then {
        // A refused connection has no answer.
        RawEnding::Close | RawEnding::Refuse => Ending::Close,
        RawEnding::Reset => Ending::Reset,
        RawEnding::Truncate => Ending::Truncate,
        RawEnding::Hold => Ending::Hold,
    };
    if then == Ending::Truncate && matches!(framing, Framing::UntilClose | Framing::Http10) {
        return Err(format!(
            "case `{case}`: a body that ends with its connection cannot be truncated"
        ));
    }
    if then == Ending::Hold && framing == Framing::Length {
        return Err(format!(
            "case `{case}`: a body with a Content-Length cannot be held open"
        ));
    }
    let steps = raw.chunks.iter().map(|step| match step {
        RawStep::Chunk(pieces) => Step::Write(pieces.0.clone()),
        RawStep::Pause(time) => Step::Pause(Duration::from_millis(*time)),
        RawStep::AwaitOpens(n) => Step::Gate(Gate::Opens(*n)),
        RawStep::AwaitEvents(n) => Step::Gate(Gate::Events(*n)),
        RawStep::Disconnect => Step::Gate(Gate::Disconnect),
    });
    if let Some(status) = raw
        .interim
        .iter()
        .find(|status| !(102..=199).contains(*status))
    {
        return Err(format!(
            "case `{case}`: {status} is no status that may stand before the final one"
        ));
    }
    Ok(Response {
        interim: raw.interim.clone(),
        coding: raw.coding.map(|coding| match coding {
            RawCoding::Gzip => Coding::Gzip,
            RawCoding::GzipUnfinished => Coding::GzipUnfinished,
        }),
        status: (!raw.no_head).then_some(status),
        headers,
        location: raw.location.as_ref().map(|location| {
            let is_as_written = location.contains(':') || location.starts_with(['.', '?']);
            if raw.other_origin {
                Location::OtherOrigin(location.clone())
            } else if is_as_written {
                Location::AsWritten(location.clone())
            } else {
                Location::Below(location.clone())
            }
        }),
        framing,
        steps: steps.collect(),
        then,
    })
}

/// Lets a connection break only after what came over it has been reported: what is read and not yet handed on when a
/// connection breaks may be lost in the HTTP library below (the streams of Fetch drop it), and whether it is depends on
/// how busy the machine is.
fn break_once_heard(response: &mut Response, n_events: usize) {
    let breaks = matches!(response.then, Ending::Reset | Ending::Truncate);
    if breaks && n_events > 0 && !response.steps.is_empty() {
        response.steps.push(Step::Gate(Gate::Heard(n_events)));
    }
}

fn answers(raw: &RawCase) -> Result<Vec<ClientAnswer>, String> {
    let events = load::answers(raw)?;
    let overriding = |index: usize| raw.one_of.as_ref().map(|answers| &answers[index]);
    events
        .into_iter()
        .enumerate()
        .map(|(index, events)| {
            let of = overriding(index);
            let own_requests = of.and_then(|answer| answer.requests.as_ref());
            let requests = own_requests
                .or(raw.requests.as_ref())
                .map_or(&[][..], Vec::as_slice);
            let reports = of
                .and_then(|answer| answer.reports.as_ref())
                .or(raw.reports.as_ref());
            Ok(ClientAnswer {
                requests: requests
                    .iter()
                    .map(request)
                    .collect::<Result<_, String>>()?,
                reports: reports.map(|reports| reports.iter().map(report).collect()),
                events,
            })
        })
        .collect()
}

fn request(raw: &RawRequest) -> Result<ExpectedRequest, String> {
    let lower = |name: &String| {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Err(format!("a header's name is written in lower case: {name}"))
        } else {
            Ok(name.clone())
        }
    };
    Ok(ExpectedRequest {
        method: raw.method.clone(),
        path: raw.path.clone(),
        body: raw.body.as_ref().map(|body| body.0.clone()),
        headers: raw
            .headers
            .iter()
            .map(|(name, value)| Ok((lower(name)?, value.0.clone())))
            .collect::<Result<_, String>>()?,
        without: raw.without.iter().map(lower).collect::<Result<_, _>>()?,
        after: raw.after,
    })
}

fn report(raw: &RawReport) -> ExpectedReport {
    match raw {
        RawReport::Open => ExpectedReport::Open,
        RawReport::Event => ExpectedReport::Event,
        RawReport::Error => ExpectedReport::Error,
        RawReport::Fatal => ExpectedReport::Fatal,
    }
}

fn is_reference(expected: &[ExpectedEvent], actual: &[OwnedEvent]) -> bool {
    expected.len() == actual.len()
        && expected.iter().zip(actual).all(|(expected, actual)| {
            expected.event_type == actual.event_type
                && expected.data == actual.data
                && expected.last_event_id == actual.last_event_id
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::file;
    use crate::script::Transport;

    fn built(case: &str) -> Result<ClientCase, String> {
        let text = format!(
            "cases:\n  - name: a\n    {}\n",
            case.replace('\n', "\n    ")
        );
        let mut file = file::parse("x.yaml", &text).map_err(|fault| fault.to_string())?;
        let raw = file.cases.remove(0);
        build(&raw, raw.connections.as_deref().unwrap_or_default())
    }

    #[track_caller]
    fn check_fault(case: &str, sentence: &str) {
        let fault = built(case).expect_err("the case is bad");
        assert!(fault.contains(sentence), "{fault}");
    }

    #[test]
    fn a_connection_breaks_once_its_events_have_been_heard() {
        let case = built(
            "connections:\n  - { chunks: [\"data: a\\n\\n\"], then: close }\n  - { chunks: [\"data: b\\n\\ndata: c\\n\"], then: reset }\n  - { then: truncate }\nevents: [{ data: \"a\" }, { data: \"b\" }]",
        )
        .expect("the case is good");
        let last_steps: Vec<_> = case.responses.iter().map(|r| r.steps.last()).collect();
        assert!(
            matches!(last_steps[0], Some(Step::Write(_))),
            "{last_steps:?}"
        );
        assert_eq!(last_steps[1], Some(&Step::Gate(Gate::Heard(2))));
        assert_eq!(last_steps[2], None, "nothing of it can be lost");
    }

    #[test]
    fn a_script_is_read_step_by_step() {
        let case = built(
            "connections:\n  - { status: 302, location: \"b\", then: close }\n  - { framing: http-1.0, chunks: [\"data: \", { await_opens: 1 }, [{ hex: \"61\" }, { text: \"\\n\\n\" }], { pause: 5 }], then: hold }\nevents: [{ data: \"a\" }]",
        )
        .expect("a good case");
        assert_eq!(
            case.responses[0].location,
            Some(Location::Below("b".to_owned()))
        );
        assert_eq!(case.responses[0].framing, Framing::Length);
        assert_eq!(
            case.responses[1].steps,
            [
                Step::Write(b"data: ".to_vec()),
                Step::Gate(Gate::Opens(1)),
                Step::Write(b"a\n\n".to_vec()),
                Step::Pause(Duration::from_millis(5)),
            ]
        );
        assert!(
            !case.needs_reconnect(),
            "a redirect is no connection of its own"
        );
    }

    #[test]
    fn the_reference_reads_all_connections_as_one_event_source() {
        let case = built(
            "connections: [{ chunks: [\"retry: 20\\nid: 7\\ndata: a\\n\\n\"], then: close }, { chunks: [\"data: b\\n\\n\"], then: hold }]\nevents: [{ data: \"a\", last_event_id: \"7\" }, { data: \"b\", last_event_id: \"7\" }]",
        );
        let case = case.expect("a good case");
        assert_eq!((case.reconnection_time, case.n_requests()), (Some(20), 2));
    }

    #[test]
    fn a_refused_connection_has_no_place_among_the_requests() {
        let case = built(
            "connections: [{ then: refuse }, { chunks: [\"retry: 20\\ndata: a\\n\\n\"], then: close }, { then: refuse }]\nrequests: [{}, {}]\nevents: [{ data: \"a\" }]",
        );
        let case = case.expect("a good case");
        assert_eq!(case.refusals, [0, 1]);
        assert_eq!((case.responses.len(), case.n_requests()), (1, 2));
        assert!(case.needs_reconnect());
    }

    #[test]
    fn what_a_target_is_told_and_how_a_body_is_coded_are_read() {
        let case = built(
            "connect: { over: http2-cleartext, headers: { x-a: \"b\" } }\nconnections: [{ coding: gzip-unfinished, interim: [103], chunks: [\"data: a\\n\\n\"], then: close }]\nevents: [{ data: \"a\" }]",
        );
        let case = case.expect("a good case");
        assert_eq!(case.connect.transport, Transport::Http2Cleartext);
        assert_eq!(case.connect.headers, [("x-a".to_owned(), "b".to_owned())]);
        assert_eq!(case.responses[0].coding, Some(Coding::GzipUnfinished));
        assert_eq!(case.responses[0].interim, [103]);
        assert!(case.script().needs_own_port());
    }

    #[test]
    fn what_a_target_is_told_to_begin_with_is_where_the_reference_begins() {
        let case = built(
            "connect: { method: \"POST\", body: [{ text: \"a\" }, { repeat: \"b\", times: 2 }], last_event_id: \"7\", initial_reconnection_time: 300 }\nconnections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nrequests: [{ method: \"POST\", body: \"abb\" }]\nevents: [{ data: \"a\", last_event_id: \"7\" }]",
        );
        let case = case.expect("a good case");
        assert_eq!(case.connect.body.as_deref(), Some("abb"));
        assert_eq!(
            case.answers[0].requests[0].body.as_deref(),
            Some(&b"abb"[..])
        );
        assert_eq!(case.reconnection_time, Some(300));
        let case = built(
            "connect: { initial_reconnection_time: 300 }\nconnections: [{ chunks: [\"retry: 20\\n\"], then: close }]\nevents: []",
        );
        assert_eq!(case.expect("a good case").reconnection_time, Some(20));
    }

    #[test]
    fn each_fault_is_one_sentence() {
        check_fault(
            "connect: { body: \"a\" }\nconnections: [{ then: close }]\nevents: []",
            "a `body` goes with a `method`",
        );
        check_fault(
            "connect: { method: \"POST\", body: [{ hex: \"ff\" }] }\nconnections: [{ then: close }]\nevents: []",
            "a target is told its `body` as text, hence UTF-8",
        );
        check_fault(
            "connect: { last_event_id: \"7\" }\nconnections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nevents: [{ data: \"a\" }]",
            "contradicts the reference",
        );
        check_fault(
            "connections: [{ status: 200, then: refuse }]\nevents: []",
            "a connection that is refused has nothing but `then: refuse`",
        );
        check_fault(
            "connections: [{ then: refuse }, { then: refuse }]\nevents: []",
            "refuses twice in a row",
        );
        check_fault(
            "connections: [{ then: refuse }]\nreturns: false\nevents: []",
            "refuses a connection, after which a target returns",
        );
        check_fault(
            "connections: [{ interim: [100], then: close }]\nevents: []",
            "100 is no status that may stand before the final one",
        );
        check_fault(
            "connections: [{ then: close }]\nreturns: false\nmay_give_up: true\nevents: []",
            "goes with a target that may return",
        );
        check_fault(
            "connections: [{ chunks: [\"data: a\\n\\n\"], then: close }]\nevents: []",
            "contradicts the reference, which makes 1 events of its connections, with data [\"a\"]",
        );
        check_fault(
            "connections: [{ chunks: [\"data: a\\n\"], then: hold }]\nevents: []",
            "holds its last connection in the middle of a block",
        );
        check_fault(
            "connections: [{ then: close }]\nrequests: [{}, {}, {}]\nevents: []",
            "expects 3 requests, but a conforming target makes 2",
        );
        check_fault(
            "connections: [{ then: close }]\nclose_on: event\nevents: []",
            "needs `returns: false`",
        );
        check_fault(
            "connections: [{ status: 100, then: close }]\nevents: []",
            "100 is no final status",
        );
        check_fault(
            "connections: [{ framing: length, then: hold }]\nevents: []",
            "a body with a Content-Length cannot be held open",
        );
        check_fault(
            "connections: [{ headers: [\"no colon\"], then: close }]\nevents: []",
            "a header is written \"name: value\"",
        );
        check_fault(
            "connections: [{ then: close }]\nrequests: [{ headers: { Accept: \"x\" } }]\nevents: []",
            "a header's name is written in lower case: Accept",
        );
        check_fault(
            "connections: [{ thn: close }]\nevents: []",
            "unknown key `thn` (did you mean `then`?)",
        );
        check_fault(
            "connections: [{ chunks: [{ pause: 1, disconnect: true }], then: close }]\nevents: []",
            "between two chunks stands one of",
        );
    }
}
