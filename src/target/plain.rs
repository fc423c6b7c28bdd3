//! A program that knows no protocol: a stream on its standard input, one JSON event a line on its standard output.

use std::time::Duration;

use super::message::{self, Answered};
use super::process::{CommandLine, Process, Silence};
use crate::delivery::Delivery;
use crate::observation::{Features, Parsed, Text, View};

/// A line of output that is no event is quoted so far.
const MAX_QUOTED: usize = 80;

/// What a program did with a stream.
pub enum Ran {
    /// It ended by itself.
    Ended(Answered),
    /// A signal ended it, it flooded us, or it was silent for too long; and the end of its log.
    Lost(Silence, Vec<String>),
}

/// Gives a stream to a fresh process and reads its events until it ends.
///
/// An exit code other than 0 is the program's own report of an error, beside the events so far.
///
/// # Errors
///
/// One sentence: the program cannot be started, or prints what is no event.
pub async fn run(
    command: &CommandLine,
    delivery: &Delivery,
    deadline: Duration,
) -> Result<Ran, String> {
    let mut process = Process::start(command)?;
    process.send(delivery.bytes().to_vec()).await;
    process.close_input();
    let mut parsed = Parsed::default();
    let mut raw = String::new();
    loop {
        let silence = match process.receive(deadline).await {
            Ok([]) => continue,
            Ok(line) => {
                let event = message::event(line).map_err(|error| {
                    let start = String::from_utf8_lossy(&line[..line.len().min(MAX_QUOTED)]);
                    format!("a line of its output is no event ({error}): {start:?}")
                })?;
                parsed.events.push(event);
                raw.push_str(&String::from_utf8_lossy(line));
                raw.push('\n');
                continue;
            }
            Err(silence) => silence,
        };
        let Silence::Died(how) = &silence else {
            return Ok(Ran::Lost(silence, process.log()));
        };
        if how.starts_with("signal") {
            return Ok(Ran::Lost(silence, process.log()));
        }
        if how != "exit code 0" {
            parsed.error = Some(Text::from(how.as_str()));
        }
        return Ok(Ran::Ended(Answered { parsed, raw }));
    }
}

/// What a program shows, seen from how it answers a plain stream: it says nothing of itself.
///
/// # Errors
///
/// One sentence: it does not give the one event of that stream.
pub async fn features(command: &CommandLine, deadline: Duration) -> Result<Features, String> {
    let stream = Delivery::whole(b"id: 7\ndata: a\n\n".as_slice().into());
    let parsed = match run(command, &stream, deadline).await? {
        Ran::Ended(answered) => answered.parsed,
        Ran::Lost(silence, log) => {
            let sentence = format!("given a stream of one event: {silence}");
            return Err(super::session::with_log(sentence, &log));
        }
    };
    let [event] = parsed.events.as_slice() else {
        return Err(format!(
            "given a stream of one event, it printed {} events{}; it must read the stream from standard input and print \
             one JSON object a line, such as {{\"type\": \"message\", \"data\": \"a\", \"lastEventId\": \"7\"}}",
            parsed.events.len(),
            parsed
                .error
                .as_ref()
                .and_then(Text::as_str)
                .map(|how| format!(" and ended with {how}"))
                .unwrap_or_default()
        ));
    };
    Ok(Features {
        last_event_id: match event.last_event_id {
            Some(_) => View::Stream,
            None => View::None,
        },
        ..Features::default()
    })
}
