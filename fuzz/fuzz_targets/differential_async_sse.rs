//! The published crate async-sse against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::ASYNC_SSE;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&ASYNC_SSE, stream));
