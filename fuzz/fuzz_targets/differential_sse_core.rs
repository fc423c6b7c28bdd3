//! The published crate sse-core against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::SSE_CORE;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&SSE_CORE, stream));
