//! The fast parser, the literal one and the model without quirks make the same of a stream.
#![no_main]

use std::time::Duration;

use ssespec::event_stream::Parser;
use ssespec::event_stream::literal::Literal;
use ssespec::observation::Observation;
use ssespec::{quirk, reference};

libfuzzer_sys::fuzz_target!(|stream: &[u8]| {
    let mut parser = Parser::new();
    let (events, literal) = Literal::default().events(stream);
    assert_eq!(parser.feed(stream), events);
    assert_eq!(parser.last_event_id(), literal.last_event_id);
    assert_eq!(
        parser.reconnection_time(),
        literal.reconnection_time.map(Duration::from_millis)
    );
    for delivery in ssespec_fuzz::deliveries(stream) {
        let model = Observation::Parsed(quirk::observe(&[], &delivery));
        assert_eq!(model, reference::observe(&delivery), "{delivery:?}");
    }
});
