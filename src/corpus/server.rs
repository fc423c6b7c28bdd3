//! A raw server case to a server case, checked: what must arrive follows from what is emitted.

use super::file::{Pieces, RawCase, RawEnd};
use super::load::client_key;
use super::server_file::{
    RawAsk, RawCheck, RawEmitted, RawLeaves, RawMethod, RawPace, RawReads, RawRetry, RawServe,
    RawThen,
};
use crate::case::server::{Check, Emitted, Pace, Reading, Retry, SENTINEL, ServerCase, Then};

/// More clients than any case needs.
const MAX_CLIENTS: usize = 8;
/// More events than any case needs: a slip in `times` must not eat the machine.
const MAX_EVENTS: usize = 100_000;
/// More bytes than any case needs.
const MAX_BYTES: usize = 32 << 20;

/// Builds the case.
///
/// # Errors
///
/// One sentence on what is wrong.
pub fn build(raw: &RawCase, emit: &[RawEmitted]) -> Result<ServerCase, String> {
    let name = &raw.name;
    let other_roles = [
        (raw.stream.is_some(), "stream"),
        (raw.chunks.is_some(), "chunks"),
        (raw.events.is_some(), "events"),
        (raw.end != RawEnd::default(), "end"),
        (raw.one_of.is_some(), "one_of"),
        (raw.connections.is_some(), "connections"),
        (raw.disputes.is_some(), "disputes"),
    ];
    let parsers = other_roles.iter().find(|(is_there, _)| *is_there);
    if let Some(key) = parsers.map(|(_, key)| *key).or_else(|| client_key(raw)) {
        return Err(format!(
            "case `{name}` has `emit`, so it has no `{key}`: what must arrive follows from what is emitted"
        ));
    }
    let (no_serve, no_ask) = (RawServe::default(), RawAsk::default());
    let serve = raw.serve.as_ref().unwrap_or(&no_serve);
    let ask = raw.ask.as_ref().unwrap_or(&no_ask);
    let reading = match (ask.leaves, ask.reads) {
        (None, None | Some(RawReads::AtOnce)) => Reading::AtOnce,
        (None, Some(RawReads::Slow)) => Reading::Slow,
        (Some(RawLeaves::Active), None) => Reading::LeavesActive,
        (Some(RawLeaves::Idle), None) => Reading::LeavesIdle,
        (Some(_), Some(_)) => {
            return Err(format!("case `{name}`: a client reads or leaves, not both"));
        }
    };
    let case = ServerCase {
        events: events(name, emit)?,
        pace: match serve.pace {
            Some(RawPace::Asked) => Pace::Asked,
            Some(RawPace::Free) | None => Pace::Free,
        },
        then: match serve.then {
            Some(RawThen::Hold) => Then::Hold,
            Some(RawThen::Fail) => Then::Fail,
            Some(RawThen::Close) | None => Then::Close,
        },
        heartbeat: serve.heartbeat,
        timeout: serve.timeout,
        status: serve.status,
        answer_headers: answer_headers(name, &serve.headers)?,
        is_head: matches!(ask.method, Some(RawMethod::Head)),
        headers: headers(name, &ask.headers)?,
        n_clients: ask.clients.unwrap_or(1),
        reading,
        checks: raw.checks.iter().flatten().map(check).collect(),
    };
    coherent(name, &case).map(|()| case)
}

fn coherent(name: &str, case: &ServerCase) -> Result<(), String> {
    let refused = |sentence: &str| Err(format!("case `{name}`: {sentence}"));
    if !(1..=MAX_CLIENTS).contains(&case.n_clients) {
        return refused(&format!("`clients` is 1 to {MAX_CLIENTS}"));
    }
    if case.pace == Pace::Asked && case.events.iter().any(|event| event.data.is_none()) {
        return refused(
            "with `pace: asked` each event has data, since the next waits until it is seen",
        );
    }
    if case.leaves() && (case.pace == Pace::Free || case.then != Then::Hold) {
        return refused("a client that leaves needs `pace: asked` and `then: hold`");
    }
    if case.checks(Check::Notices) != case.leaves() {
        return refused("`notices` and `leaves` go together");
    }
    if case.checks(Check::NoBody) && !case.is_head {
        return refused("`no-body` is about a HEAD");
    }
    let asked_only = [Check::Flush, Check::HeadersFirst];
    if case.pace == Pace::Free && asked_only.iter().any(|&check| case.checks(check)) {
        return refused("`flush` and `headers-first` need `pace: asked`");
    }
    if case.checks(Check::Heartbeat) && (case.heartbeat.is_none() || case.then != Then::Hold) {
        return refused("`heartbeat` is looked at where `serve` has it, and `then: hold`");
    }
    if case.checks(Check::Heartbeat) && case.events.iter().any(|event| event.data.is_none()) {
        return refused(
            "with `heartbeat` each event has data, since heartbeats count once all are seen",
        );
    }
    if case.status.is_some() != case.checks(Check::Refusal) {
        return refused("`refusal` is looked at where `serve` has a `status`");
    }
    if case.status.is_some() && !case.events.is_empty() {
        return refused("an application that answers with a status of its own emits nothing");
    }
    if case.events.is_empty() && case.status.is_none() && case.then != Then::Fail {
        return refused("it emits nothing, and neither fails nor answers with a status");
    }
    if case.answer_headers.is_empty() && case.checks(Check::Headers) {
        return refused("`headers` is looked at where `serve` has some");
    }
    let has_id = case.headers.iter().any(|(name, _)| name == "last-event-id");
    if case.checks(Check::LastEventId) && !has_id {
        return refused("`last-event-id` is looked at where the request has it");
    }
    Ok(())
}

fn events(case: &str, emit: &[RawEmitted]) -> Result<Vec<Emitted>, String> {
    let mut events = Vec::new();
    let mut n_bytes = 0_usize;
    for raw in emit {
        let text = |pieces: &Option<Pieces>| {
            let text = pieces
                .as_ref()
                .map(|pieces| String::from_utf8(pieces.0.clone()));
            text.transpose().map_err(|_| {
                format!("case `{case}`: an application emits text, so it must be UTF-8")
            })
        };
        let event = Emitted {
            data: text(&raw.data)?,
            event_type: text(&raw.r#type)?,
            id: text(&raw.id)?,
            comment: text(&raw.comment)?,
            retry: raw.retry.as_ref().map(|retry| match retry {
                RawRetry::Number(number) => Retry::Number(*number),
                RawRetry::Text(text) => Retry::Text(text.clone()),
            }),
        };
        if event == Emitted::default() {
            return Err(format!("case `{case}`: an event without any field"));
        }
        if event.texts().any(|text| text.contains(SENTINEL)) {
            return Err(format!("case `{case}` emits the text that ends a case"));
        }
        let times = raw.times.unwrap_or(1);
        let weight: usize = event.texts().map(str::len).sum();
        n_bytes = n_bytes.saturating_add(weight.saturating_mul(times));
        if events.len().saturating_add(times) > MAX_EVENTS || n_bytes > MAX_BYTES {
            return Err(format!(
                "case `{case}` emits more than {MAX_EVENTS} events or {MAX_BYTES} bytes"
            ));
        }
        events.extend(std::iter::repeat_n(event, times));
    }
    Ok(events)
}

fn headers(case: &str, raw: &[Pieces]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let header = |line: &Pieces| {
        let (name, value) = line
            .0
            .iter()
            .position(|&byte| byte == b':')
            .map(|colon| (&line.0[..colon], &line.0[colon + 1..]))?;
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let is_name = name.iter().all(|b| b.is_ascii_lowercase() || *b == b'-');
        let is_value = !value.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        (is_name && is_value).then(|| (String::from_utf8_lossy(name).into_owned(), value.to_vec()))
    };
    raw.iter()
        .map(|line| {
            header(line).ok_or_else(|| {
                format!(
                    "case `{case}`: a header is written \"name: value\", the name in lower case"
                )
            })
        })
        .collect()
}

/// What an application sets is text.
fn answer_headers(case: &str, raw: &[Pieces]) -> Result<Vec<(String, String)>, String> {
    let text = |(name, value): (String, Vec<u8>)| {
        let value = String::from_utf8(value);
        let is_printable = |value: &String| value.bytes().all(|byte| (b' '..0x7F).contains(&byte));
        let value = value.ok().filter(is_printable);
        let value = value.ok_or_else(|| {
            format!("case `{case}`: an application sets headers in ASCII, which all platforms take")
        })?;
        Ok((name, value))
    };
    headers(case, raw)?.into_iter().map(text).collect()
}

fn check(raw: &RawCheck) -> Check {
    match raw {
        RawCheck::Status => Check::Status,
        RawCheck::ContentType => Check::ContentType,
        RawCheck::Charset => Check::Charset,
        RawCheck::CacheControl => Check::CacheControl,
        RawCheck::Framing => Check::Framing,
        RawCheck::Grammar => Check::Grammar,
        RawCheck::NothingAdded => Check::NothingAdded,
        RawCheck::NoBody => Check::NoBody,
        RawCheck::HeadersFirst => Check::HeadersFirst,
        RawCheck::Flush => Check::Flush,
        RawCheck::LastEventId => Check::LastEventId,
        RawCheck::Notices => Check::Notices,
        RawCheck::Heartbeat => Check::Heartbeat,
        RawCheck::Broken => Check::Broken,
        RawCheck::Ends => Check::Ends,
        RawCheck::Headers => Check::Headers,
        RawCheck::Refusal => Check::Refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::file;

    fn built(case: &str) -> Result<ServerCase, String> {
        let text = format!(
            "cases:\n  - name: a\n    {}\n",
            case.replace('\n', "\n    ")
        );
        let mut file = file::parse("x.yaml", &text).map_err(|fault| fault.to_string())?;
        let raw = file.cases.remove(0);
        build(&raw, raw.emit.as_deref().unwrap_or_default())
    }

    #[track_caller]
    fn check_fault(case: &str, sentence: &str) {
        let fault = built(case).expect_err("the case is bad");
        assert!(fault.contains(sentence), "{fault}");
    }

    #[test]
    fn the_sentinel_follows_where_the_stream_ends_by_itself() {
        let case = built("emit: [{ data: \"a\", retry: -1 }, { comment: \"c\", times: 3 }]");
        let case = case.expect("a good case");
        assert_eq!(case.events[0].retry, Some(Retry::Number(-1)));
        assert_eq!((case.events.len(), case.emitted().len()), (4, 5));
        let case = built("emit: [{ data: \"a\" }]\nserve: { then: fail }").expect("a good case");
        assert_eq!(case.emitted().len(), 1);
    }

    #[test]
    fn each_fault_is_one_sentence() {
        check_fault(
            "emit: [{ dat: \"a\" }]",
            "x.yaml:3:14: unknown key `dat` (did you mean `data`?)",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nevents: []",
            "has `emit`, so it has no `events`",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nconnect: { method: \"POST\" }",
            "has `emit`, so it has no `connect`",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nend: { last_event_id: \"1\" }",
            "has `emit`, so it has no `end`",
        );
        check_fault(
            "emit: [{ comment: \"a\" }]\nserve: { heartbeat: 100, then: hold }\nchecks: [heartbeat]",
            "with `heartbeat` each event has data",
        );
        check_fault("emit: [{ data: [{ hex: \"ff\" }] }]", "must be UTF-8");
        check_fault("emit: [{}]", "an event without any field");
        check_fault(
            "emit: [{ comment: \"a\" }]\nserve: { pace: asked }",
            "each event has data",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nask: { leaves: idle }\nchecks: [notices]",
            "needs `pace: asked` and `then: hold`",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nchecks: [flush]",
            "need `pace: asked`",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nask: { headers: [\"A: b\"] }",
            "the name in lower case",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nserve: { status: 204 }\nchecks: [refusal]",
            "a status of its own emits nothing",
        );
        check_fault("emit: []", "it emits nothing, and neither fails nor");
        check_fault(
            "emit: []\nserve: { status: 204 }",
            "`refusal` is looked at where `serve` has a `status`",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nchecks: [headers]",
            "`headers` is looked at where `serve` has some",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nserve: { headers: [\"a: \\u00e4\"] }\nchecks: [headers]",
            "an application sets headers in ASCII",
        );
        check_fault(
            "emit: [{ data: \"a\" }]\nask: { clients: 0 }",
            "`clients` is 1 to 8",
        );
    }
}
