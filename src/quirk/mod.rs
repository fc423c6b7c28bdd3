//! A delivery to what an implementation with named deviations would make of it.
//!
//! Diagnosis looks for the quirks that explain a target; the kill matrix asks whether the corpus notices each of them.
//! The model is a parser of its own: it shares no code with `event_stream`, and without quirks it equals it.

mod catalogue;
pub mod diagnosis;
mod model;
pub mod sample;

use std::fmt;
use std::sync::LazyLock;

use crate::delivery::{Cutting, Delivery};
use crate::observation::{Features, Input, Parsed, Text, View};
use model::choices::Choices;
use model::{Model, number};

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

impl Quirk {
    /// The stream on which it shows, cut as it must be.
    pub fn delivery(&self) -> Delivery {
        let mut cuts: Vec<usize> = Vec::new();
        let mut end = 0;
        for chunk in &self.example[..self.example.len() - 1] {
            end += chunk.len();
            cuts.push(end);
        }
        Delivery::new(Cutting::AsWritten, self.example.concat().into(), cuts)
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
    let mut model = model(quirks);
    for chunk in delivery.chunks() {
        model.feed(chunk);
    }
    model.end_of_stream()
}

/// What such an implementation would show if it showed no more than this. An event without data lines has no data.
pub fn show(quirks: &[&Quirk], delivery: &Delivery, features: &Features) -> Parsed {
    let mut model = model(quirks);
    match features.input {
        Input::Bytes => delivery.chunks().for_each(|chunk| model.feed(chunk)),
        // Where cuts stand that a target of text never sees, it is not asked.
        Input::Text => delivery
            .text_chunks()
            .unwrap_or_default()
            .into_iter()
            .for_each(|chunk| model.feed(chunk.as_bytes())),
    }
    let (mut parsed, own) = model.end_with_own();
    for (event, own) in parsed.events.iter_mut().zip(own) {
        if !own.has_data && event.data.as_ref().is_some_and(|data| data.0.is_empty()) {
            event.data = None;
        }
        if features.last_event_id == View::Block {
            event.last_event_id = own.id.map(Text);
        }
        if features.reconnection_time == View::Block {
            event.reconnection_time = own.retry.map(number);
        }
    }
    parsed
}

fn model(quirks: &[&Quirk]) -> Model {
    let mut choices = Choices::default();
    for quirk in quirks {
        (quirk.set)(&mut choices);
    }
    Model::new(choices)
}

#[cfg(test)]
mod tests;
