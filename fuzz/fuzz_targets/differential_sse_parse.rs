//! The published crate sse-parse against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::SSE_PARSE;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&SSE_PARSE, stream));
