//! Seeds to streams on which an implementation may deviate, deviations to fingerprints, and the smallest stream of each.
//!
//! Nothing here asks a target: `runner::fuzzing` does, with what it finds here.

pub mod case_file;
pub mod case_text;
pub mod emission;
pub mod fingerprint;
pub mod generate;
pub mod growth;
pub mod history;
pub mod knowledge;
pub mod minimise;
pub mod patience;
mod random;
pub mod seeds;
mod tokens;
