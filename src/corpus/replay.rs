//! A stream to what the reference makes of it: events, end state, and what the events alone do not tell.

use std::sync::Arc;

use crate::case::{Answer, ExpectedEnd, ExpectedEvent, ParserCase, Trace, TracedEvent};
use crate::event_stream::OwnedEvent;
use crate::event_stream::decode::ByteOrderMark;
use crate::event_stream::interpreter::{self, Interpreter, Step};
use crate::event_stream::lines::{Line, Lines};

/// The reference's answer to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The events.
    pub events: Vec<OwnedEvent>,
    /// What stands behind them.
    pub trace: Trace,
    /// The last event ID string at the end.
    pub last_event_id: String,
    /// The reconnection time at the end, in milliseconds.
    pub reconnection_time: Option<u64>,
}

/// A stream as a case whose answer is the reference's: for streams that nobody wrote an answer for.
pub fn case(stream: Arc<[u8]>) -> ParserCase {
    let replay = replay(&stream);
    let expected = |event: OwnedEvent| ExpectedEvent {
        names_last_event_id: !event.last_event_id.is_empty(),
        event_type: event.event_type,
        data: event.data,
        last_event_id: event.last_event_id,
    };
    ParserCase {
        stream,
        written_cuts: None,
        answers: vec![Answer {
            reason: None,
            events: replay.events.into_iter().map(expected).collect(),
            end: ExpectedEnd {
                last_event_id: Some(replay.last_event_id),
                // A larger one may be taken exactly, saturated, or ignored (reading 6).
                reconnection_time: replay
                    .reconnection_time
                    .filter(|&time| time < 1 << 53)
                    .map(|time| time.to_string()),
            },
        }],
        trace: replay.trace,
    }
}

/// Runs a whole stream through the reference.
pub fn replay(stream: &[u8]) -> Replay {
    replay_from(stream, "")
}

/// Runs a whole stream through the reference, which starts with this last event ID string.
pub fn replay_from(stream: &[u8], last_event_id: &str) -> Replay {
    let mut rest = stream;
    let mut lines = Lines::default();
    lines.hold(ByteOrderMark::default().strip(&mut rest));
    let mut interpreter = Interpreter::default();
    interpreter.set_last_event_id(last_event_id);
    let mut events = Vec::new();
    let mut trace = Trace::default();
    let (mut own_id, mut own_retry) = (None, None);
    while let Some(line) = lines.next_line(&mut rest) {
        let Line::Whole(line) = line else {
            unreachable!("there is no limit")
        };
        match interpreter::Line::of(line) {
            interpreter::Line::Field { name: b"id", value } if !value.contains(&0) => {
                own_id = Some(String::from_utf8_lossy(value).into_owned());
            }
            interpreter::Line::Field {
                name: b"retry",
                value,
            } => {
                own_retry = interpreter::reconnection_time(value)
                    .map(milliseconds)
                    .or(own_retry);
            }
            _ => (),
        }
        let step = interpreter.interpret(line);
        if step == Step::Dispatch {
            events.push(interpreter.dispatched().into_owned());
            let complete_at = stream.len() - rest.len();
            trace.events.push(TracedEvent {
                own_id: own_id.take(),
                own_retry: own_retry.take(),
                complete_at,
            });
        } else if line.is_empty() {
            trace.id_outside_events |= own_id.take().is_some();
            trace.retry_outside_events |= own_retry.take().is_some();
        }
    }
    // What is not committed must not show, which events alone do not tell (reading 20).
    trace.id_outside_events |= own_id.is_some() || is_id(unterminated(stream));
    trace.retry_outside_events |= own_retry.is_some();
    interpreter.end_of_stream();
    Replay {
        events,
        trace,
        last_event_id: interpreter.last_event_id().to_owned(),
        reconnection_time: interpreter.reconnection_time().map(milliseconds),
    }
}

/// What stands behind the last line end.
fn unterminated(stream: &[u8]) -> &[u8] {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = stream.iter().rposition(is_line_end);
    &stream[start.map_or(0, |end| end + 1)..]
}

/// An `id` field that counts.
fn is_id(line: &[u8]) -> bool {
    matches!(interpreter::Line::of(line), interpreter::Line::Field { name: b"id", value } if !value.contains(&0))
}

fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_committed_is_outside_of_all_events() {
        for (end, is_outside) in [
            ("", false),
            ("data: b\n", false),
            ("id: 2\n", true),
            ("id: 2\ndata: b\n", true),
            ("id: 2", true),
            ("id: \0", false),
            ("idx: 2", false),
        ] {
            let replay = replay(format!("id: 1\ndata: a\n\n{end}").as_bytes());
            assert_eq!(replay.trace.id_outside_events, is_outside, "{end:?}");
            assert_eq!(replay.last_event_id, "1");
        }
    }

    #[test]
    fn the_trace_tells_own_fields_from_kept_ones_and_where_events_were_complete() {
        let replay = replay(b"\xEF\xBB\xBFid: 1\nretry: 5\ndata: a\r\n\r\ndata: b\n\nid: 2\n\n");
        let own: Vec<_> = replay
            .trace
            .events
            .iter()
            .map(|e| (e.own_id.as_deref(), e.own_retry, e.complete_at))
            .collect();
        assert_eq!(own, [(Some("1"), Some(5), 29), (None, None, 38)]);
        assert!(replay.trace.id_outside_events);
        assert!(!replay.trace.retry_outside_events);
        assert_eq!(
            (replay.last_event_id.as_str(), replay.reconnection_time),
            ("2", Some(5))
        );
    }
}
