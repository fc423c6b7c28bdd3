//! The parser never panics, and what it makes of a stream does not depend on where it is cut.
#![no_main]

use ssespec::event_stream::{OwnedEvent, Parser};

libfuzzer_sys::fuzz_target!(|stream: &[u8]| {
    let mut expected = None;
    for delivery in ssespec_fuzz::deliveries(stream) {
        let mut parser = Parser::new();
        let events: Vec<OwnedEvent> = delivery
            .chunks()
            .flat_map(|chunk| parser.feed(chunk))
            .collect();
        parser.end_of_stream();
        let read = (
            events,
            parser.last_event_id().to_owned(),
            parser.reconnection_time(),
        );
        assert_eq!(
            *expected.get_or_insert_with(|| read.clone()),
            read,
            "{delivery:?}"
        );
    }
});
