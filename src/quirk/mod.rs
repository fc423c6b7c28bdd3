//! A delivery to what an implementation with named deviations would make of it.
//!
//! Diagnosis looks for the quirks that explain a target; the kill matrix asks whether the corpus notices each of them.
//! The model is a parser of its own: it shares no code with `event_stream`, and without quirks it equals it.

mod catalogue;
pub mod diagnosis;
mod model;

use std::fmt;
use std::sync::LazyLock;

use crate::delivery::Delivery;
use crate::observation::Parsed;
use model::Model;
use model::choices::Choices;

/// Tokens whose sequences reach every rule of the standard: for checking parsers on all short streams.
pub const ALPHABET: [&[u8]; 16] = [
    b"data",
    b"data:",
    b"event:",
    b"id:",
    b"retry:",
    b"id",
    b"event",
    b":",
    b" ",
    b"a",
    b"7",
    b"\n",
    b"\r",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xC3",
];

/// One named deviation.
#[derive(Clone, Copy)]
pub struct Quirk {
    /// In kebab case, such as `bom-not-stripped`.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: &'static str,
    /// What an implementation with this quirk does.
    pub sentence: &'static str,
    /// The choice it makes; of two quirks in one slot the later wins.
    pub slot: &'static str,
    /// The chunks of a short stream on which it shows.
    pub example: &'static [&'static [u8]],
    set: fn(&mut Choices),
}

impl fmt::Debug for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Quirk {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Quirk {}

/// Every quirk, slot by slot, in the order in which a stream passes through a parser.
pub fn all() -> &'static [Quirk] {
    static ALL: LazyLock<Vec<Quirk>> = LazyLock::new(|| catalogue::TABLES.concat());
    &ALL
}

/// The quirk with this name.
pub fn find(name: &str) -> Option<&'static Quirk> {
    all().iter().find(|quirk| quirk.name == name)
}

/// What an implementation with these quirks, and no other, makes of a delivery.
///
/// Everything is shown as `Features::FULL` has it; no quirks make the reference.
pub fn observe(quirks: &[&Quirk], delivery: &Delivery) -> Parsed {
    let mut choices = Choices::default();
    for quirk in quirks {
        (quirk.set)(&mut choices);
    }
    let mut model = Model::new(choices);
    for chunk in delivery.chunks() {
        model.feed(chunk);
    }
    model.end_of_stream()
}

#[cfg(test)]
mod tests;
