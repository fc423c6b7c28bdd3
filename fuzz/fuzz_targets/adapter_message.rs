//! The codec of the adapter protocol never panics, whatever a target writes.
#![no_main]

use ssespec::clause::Role;
use ssespec::target::message;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    _ = message::event(line);
    let Ok(message) = message::read(line) else {
        return;
    };
    let Some(result) = message.result else { return };
    _ = message::greeting(result, Role::Parser);
    _ = message::parsed(result);
    for n_streams in 0..3 {
        if let Ok(answers) = message::all_parsed(result, n_streams) {
            assert_eq!(answers.len(), n_streams);
        }
    }
});
