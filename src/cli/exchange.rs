//! What is played to a client or a server, to the lines of `ssespec cases` that show it.

use std::io::{self, Write};

use crate::case::client::ClientCase;
use crate::case::server::{Pace, Retry, ServerCase, Then};
use crate::report::escape;
use crate::script::{Ending, Transport};

/// What the application emits; what must arrive follows from it.
pub fn emitted(out: &mut dyn Write, case: &ServerCase, width: usize) -> io::Result<()> {
    const SHOWN: usize = 5;
    for event in case.events.iter().take(SHOWN) {
        let retry = event.retry.as_ref().map(|retry| match retry {
            Retry::Number(number) => number.to_string(),
            Retry::Text(text) => text.clone(),
        });
        let fields = [
            ("comment", &event.comment),
            ("type", &event.event_type),
            ("id", &event.id),
            ("retry", &retry),
            ("data", &event.data),
        ];
        let there = fields.iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!(
                "{name} {}",
                escape::quoted(value.as_bytes(), width / 2)
            ))
        });
        writeln!(
            out,
            "  emits       {}",
            there.collect::<Vec<_>>().join("  ")
        )?;
    }
    if let more @ 1.. = case.events.len().saturating_sub(SHOWN) {
        writeln!(out, "              and {more} more")?;
    }
    let pace = match case.pace {
        Pace::Free => "all at once",
        Pace::Asked => "each once the one before was seen on the wire",
    };
    let then = match case.then {
        Then::Close => "ends the stream",
        Then::Hold => "leaves the stream open",
        Then::Fail => "raises an error",
    };
    writeln!(out, "              {pace}; then the application {then}")
}

/// What the origin plays.
pub fn script(out: &mut dyn Write, case: &ClientCase, width: usize) -> io::Result<()> {
    let over = match case.connect.transport {
        Transport::Plain => "",
        Transport::Tls => "TLS",
        Transport::Http2 => "HTTP/2 over TLS",
        Transport::Http2Cleartext => "HTTP/2 without TLS",
    };
    if !over.is_empty() {
        writeln!(out, "  over        {over}")?;
    }
    for (name, value) in &case.connect.headers {
        writeln!(
            out,
            "  its header  {}: {}",
            escape::prose(name),
            escape::prose(value)
        )?;
    }
    let refused = |request: usize| case.refusals.contains(&request);
    for (index, response) in case.responses.iter().enumerate() {
        if refused(index) {
            writeln!(out, "  before request {}      the port refuses", index + 1)?;
        }
        let status = response
            .status
            .map_or("no head".to_owned(), |status| status.to_string());
        let body = escape::quoted(&response.body(), width);
        let then = match response.then {
            Ending::Close => "close",
            Ending::Reset => "reset",
            Ending::Truncate => "truncate",
            Ending::Hold => "hold",
        };
        writeln!(
            out,
            "  answer to request {}   {status}  {body}  then {then}",
            index + 1
        )?;
    }
    if refused(case.responses.len()) {
        writeln!(out, "  then        the port refuses")?;
    }
    let returns = match (case.returns, case.may_give_up) {
        (true, false) => "must",
        (true, true) => "may",
        (false, _) => "must not",
    };
    writeln!(out, "  afterwards  the target {returns} go on")
}
