//! The quirks by name: each choice off the standard, the clause it breaks, a short stream on which it shows, and a
//! sentence.

/// A table of quirks: slot, type of its choices, then a row for each choice.
macro_rules! quirks {
    ($($slot:ident: $choice:ty {
        $($variant:ident, $name:literal, $clause:literal, $example:expr, $sentence:literal;)+
    })+) => {
        pub const QUIRKS: &[crate::quirk::Quirk] = &[$($(
            crate::quirk::Quirk {
                name: $name,
                clause: $clause,
                sentence: $sentence,
                slot: stringify!($slot),
                example: &$example,
                set: |choices| choices.$slot = <$choice>::$variant,
            },
        )+)+];
    };
}

mod blocks;
mod data;
mod decode;
mod fields;
mod ids;
mod lines;
mod retry;

use super::Quirk;

/// The tables in the order of the stages of the model.
pub const TABLES: &[&[Quirk]] = &[
    decode::QUIRKS,
    lines::QUIRKS,
    fields::QUIRKS,
    data::QUIRKS,
    ids::QUIRKS,
    retry::QUIRKS,
    blocks::QUIRKS,
];
