//! Requests on standard input, to answers on standard output: the parser's side of the adapter protocol.
//!
//! No SSE logic lives here or in the adapters: what an implementation says is passed on as it says it.

#[cfg(feature = "client")]
pub mod client;
mod delivery;
mod message;
mod observation;
#[cfg(feature = "server")]
pub mod server;

use std::any::Any;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::panic::{self, AssertUnwindSafe};

use message::{AllFeatures, Answer, Initialize, Initialized, ParseAll, Refusal, Reply, Request};

pub use delivery::{Chunks, Delivery, Progress};
pub use message::{EventType, Features, Shown};
pub use observation::{Event, Observation};

/// The thing under test, and what of it can be seen.
pub struct Implementation {
    pub name: &'static str,
    pub version: &'static str,
    pub features: Features,
}

impl Implementation {
    fn describe(&self) -> Initialized<AllFeatures> {
        Initialized::new(self.name, self.version, "parser", self.features.into())
    }
}

/// Answers requests until `shutdown` or the end of the input, each `parse` with what the function observes.
pub fn serve(
    implementation: &Implementation,
    parse: fn(&Delivery, &mut Observation),
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let answer = answer(implementation, parse, &line);
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
        if matches!(answer.result, Some(Reply::ShutDown {})) {
            break;
        }
        // Half a request may be buffered: the harness must not wait for answers while we wait for its other half.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        line.clear();
    }
    output.flush()
}

fn answer(
    implementation: &Implementation,
    parse: fn(&Delivery, &mut Observation),
    line: &[u8],
) -> Answer {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return Answer::refuse(None, Refusal::not_a_request(&error)),
    };
    let reply = match request.method.as_str() {
        "initialize" => request
            .params()
            .and_then(|asked: Initialize| asked.check("parser"))
            .map(|()| Reply::Initialized(implementation.describe())),
        "parse" => request
            .params()
            .map(|delivery| Reply::Parsed(observe(parse, &delivery))),
        "parseAll" => request
            .params()
            .map(|ParseAll { streams }| Reply::AllParsed {
                results: streams
                    .iter()
                    .map(|delivery| observe(parse, delivery))
                    .collect(),
            }),
        "shutdown" => Ok(Reply::ShutDown {}),
        method => Err(Refusal::unknown_method(method)),
    };
    match reply {
        Ok(reply) => Answer::reply(request.id, reply),
        Err(refusal) => Answer::refuse(request.id, refusal),
    }
}

/// Runs one parse; the observation stands outside of it, so that a panic leaves the events so far.
fn observe(parse: fn(&Delivery, &mut Observation), delivery: &Delivery) -> Observation {
    let mut observation = Observation::default();
    // The message goes into the observation; on standard error, thousands of them would slow a fuzzer down tenfold.
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| parse(delivery, &mut observation)));
    drop(panic::take_hook());
    if let Err(payload) = outcome {
        observation.error = Some(format!("panicked: {}", panic_message(payload.as_ref())));
    }
    observation
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    if let Some(message) = payload.downcast_ref::<String>() {
        message
    } else if let Some(message) = payload.downcast_ref::<&str>() {
        message
    } else {
        "(no message)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPLEMENTATION: Implementation = Implementation {
        name: "echo",
        version: "1.2.3",
        features: Features {
            event_type: EventType::Raw,
            last_event_id: Shown::None,
            reconnection_time: Shown::Block,
            comments: false,
            progress: true,
        },
    };

    /// Gives each chunk back as an event, and panics at "!".
    fn echo(delivery: &Delivery, observation: &mut Observation) {
        let progress = Progress::default();
        for chunk in delivery.chunks(&progress) {
            let data =
                String::from_utf8(chunk.expect("a delivery has no errors").to_vec()).expect("text");
            assert_ne!(data, "!", "no shouting");
            observation.events.push(Event {
                data: Some(data),
                chunk: Some(progress.chunk()),
                ..Event::default()
            });
        }
    }

    #[track_caller]
    fn check(request: &str, expected: &str) {
        let answer = answer(&IMPLEMENTATION, echo, request.as_bytes());
        assert_eq!(
            serde_json::to_string(&answer).expect("an answer is JSON"),
            expected
        );
    }

    #[test]
    fn initialize_tells_what_can_be_seen() {
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":0,"role":"parser"}}"#,
            concat!(
                r#"{"jsonrpc":"2.0","id":1,"result":{"implementation":"echo","version":"1.2.3","language":"Rust","#,
                r#""role":"parser","features":{"input":"bytes","eventType":"raw","lastEventId":"none","#,
                r#""reconnectionTime":"block","comments":false,"progress":true,"batch":true}}}"#,
            ),
        );
    }

    #[test]
    fn a_role_that_is_not_on_offer_is_refused() {
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":0,"role":"client"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"only a parser, only version 0"}}"#,
        );
    }

    #[test]
    fn an_empty_chunk_is_passed_on() {
        check(
            r#"{"jsonrpc":"2.0","id":2,"method":"parse","params":{"chunks":["YQ==",""]}}"#,
            r#"{"jsonrpc":"2.0","id":2,"result":{"events":[{"data":"a","chunk":0},{"data":"","chunk":1}]}}"#,
        );
    }

    #[test]
    fn a_panic_leaves_the_events_so_far_and_the_other_streams() {
        let request = r#"{"jsonrpc":"2.0","id":3,"method":"parseAll","params":{"streams":[{"chunks":["YQ==","IQ=="]},{"chunks":[]}]}}"#;
        let answer = answer(&IMPLEMENTATION, echo, request.as_bytes());
        let Some(Reply::AllParsed { results }) = answer.result else {
            panic!("not an answer to parseAll")
        };
        assert_eq!(results[0].events.len(), 1);
        assert!(
            results[0]
                .error
                .as_ref()
                .is_some_and(|error| error.starts_with("panicked: "))
        );
        assert!(results[1].error.is_none());
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_id() {
        check(
            r#"{"jsonrpc":"2.0","id":"x","method":"connect"}"#,
            r#"{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"unknown method `connect`"}}"#,
        );
    }
}
