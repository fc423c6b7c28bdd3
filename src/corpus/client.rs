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
mod tests;
