//! What a live endpoint answered, as bytes with times, to findings, an account of how the events arrived, and one sentence.
//!
//! The reference of [`event_stream`](crate::event_stream) says what the bytes mean; this room looks at each line beside it.
//! It reads no socket, no file and no clock, and it cannot fail.

pub mod arrival;
pub mod comparison;
pub mod exchange;
pub mod finding;
pub mod head;
pub mod loss;
pub mod rule;
pub mod session;
mod stream;
pub mod verdict;
