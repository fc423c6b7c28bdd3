//! A conformance harness and fuzzer for Server-Sent Events (`text/event-stream`).
//!
//! ```text
//! cases/*.yaml                                               implementation
//!      |                                                          |  adapter
//!   corpus --> case --+--> delivery ---------------> target --> observation
//!                     |                                          |
//!                     +------------ expected ----------------> verdict
//!                                                                |
//!                               known-failures.yaml -> baseline -+
//!                                                                |
//!                                                             outcome --> report
//! ```
//!
//! Two ways in for a Rust program: [`event_stream`] parses and writes event streams; [`check()`](check::check) holds any
//! parser written in Rust to the whole corpus, inside `cargo test`.
//!
//! The modules, in reading order:

pub mod event_stream;

#[cfg(feature = "corpus")]
pub mod baseline;
#[cfg(feature = "corpus")]
pub mod case;
#[cfg(feature = "corpus")]
pub mod check;
#[cfg(feature = "corpus")]
pub mod clause;
#[cfg(feature = "corpus")]
pub mod corpus;
#[cfg(feature = "corpus")]
pub mod delivery;
#[cfg(feature = "corpus")]
pub mod fuzz;
#[cfg(feature = "corpus")]
pub mod observation;
#[cfg(feature = "corpus")]
pub mod outcome;
#[cfg(feature = "corpus")]
pub mod quirk;
#[cfg(feature = "corpus")]
pub mod reference;
#[cfg(feature = "corpus")]
pub mod script;
#[cfg(feature = "corpus")]
pub mod verdict;
#[cfg(feature = "corpus")]
pub use check::check;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod exhaust;
#[cfg(feature = "cli")]
pub mod fetch;
#[cfg(feature = "cli")]
pub mod lint;
#[cfg(feature = "cli")]
pub mod mask;
#[cfg(feature = "cli")]
pub mod origin;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "cli")]
pub mod runner;
#[cfg(feature = "cli")]
pub mod target;
