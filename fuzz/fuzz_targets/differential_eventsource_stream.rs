//! The published crate eventsource-stream against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::EVENTSOURCE_STREAM;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&EVENTSOURCE_STREAM, stream));
