//! What the writer writes, the parser reads back unchanged; what it refuses leaves nothing behind.
#![no_main]

use std::time::Duration;

use ssespec::event_stream::writer::{NewEvent, write_comment, write_event};
use ssespec::event_stream::{OwnedEvent, Parser};

/// Type, data, id, reconnection time in milliseconds, and a comment before it.
type Event<'a> = (&'a str, &'a str, Option<&'a str>, Option<u64>, &'a str);

libfuzzer_sys::fuzz_target!(|events: Vec<Event<'_>>| {
    let (mut stream, mut expected) = (String::new(), Vec::new());
    let (mut last_event_id, mut reconnection_time) = ("", None);
    for (event_type, data, id, milliseconds, comment) in &events {
        let time = milliseconds.map(Duration::from_millis);
        let before = stream.len();
        if write_comment(&mut stream, comment).is_err() {
            assert_eq!(stream.len(), before);
        }
        let before = stream.len();
        let event = NewEvent {
            event_type,
            data,
            id: *id,
            reconnection_time: time,
        };
        if write_event(&mut stream, &event).is_err() {
            assert_eq!(stream.len(), before);
            continue;
        }
        last_event_id = id.unwrap_or(last_event_id);
        reconnection_time = time.or(reconnection_time);
        expected.push(OwnedEvent {
            event_type: if event_type.is_empty() {
                "message"
            } else {
                event_type
            }
            .to_owned(),
            data: (*data).to_owned(),
            last_event_id: last_event_id.to_owned(),
        });
    }
    let mut parser = Parser::new();
    assert_eq!(parser.feed(stream.as_bytes()), expected);
    assert_eq!(parser.last_event_id(), last_event_id);
    assert_eq!(parser.reconnection_time(), reconnection_time);
});
