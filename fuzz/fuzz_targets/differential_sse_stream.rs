//! The published crate sse-stream against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::SSE_STREAM;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&SSE_STREAM, stream));
