//! What fuzzing a server needs: a seed to what its application emits, the traits that tell faults apart, the smallest emission.

pub mod fewer;
pub mod generate;
pub mod long;
pub mod traits;
