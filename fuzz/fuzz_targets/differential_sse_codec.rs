//! The published crate sse-codec against the reference.
#![no_main]

use ssespec_fuzz::differential::compare;
use ssespec_fuzz::peers::SSE_CODEC;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| compare(&SSE_CODEC, stream));
