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
use crate::observation::{Features, Input, Number, Parsed, Text, View};
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
            let exact = own.retry_text.map(|text| Number::new(&text));
            event.reconnection_time = exact.or(own.retry.map(number));
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

/// Such an implementation in the middle of a stream, for walks over many streams that start alike.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct State(Model);

/// An event that it gave.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The type.
    pub event_type: &'a [u8],
    /// The data.
    pub data: &'a [u8],
    /// The last event ID.
    pub last_event_id: &'a [u8],
}

impl State {
    /// At the start of a stream.
    pub fn new(quirks: &[&Quirk]) -> Self {
        let mut choices = Choices::default();
        for quirk in quirks {
            (quirk.set)(&mut choices);
        }
        Self(Model::new(choices))
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.0.feed(chunk);
    }

    /// The events since they were last forgotten.
    pub fn events(&self) -> impl ExactSizeIterator<Item = Shown<'_>> {
        self.0.events.iter().map(|event| Shown {
            event_type: event.event_type.as_ref().map_or(b"", |text| &text.0),
            data: event.data.as_ref().map_or(b"", |text| &text.0),
            last_event_id: event.last_event_id.as_ref().map_or(b"", |text| &text.0),
        })
    }

    /// Forgets the events, which were looked at.
    pub fn forget_events(&mut self) {
        if !self.0.events.is_empty() {
            self.0.events.clear();
            self.0.own.clear();
        }
    }

    /// It reads no further: it ended the stream, or raised an error.
    pub fn has_stopped(&self) -> bool {
        self.0.stop.is_some()
    }

    /// The last event ID string.
    pub fn last_event_id(&self) -> &[u8] {
        &self.0.block.last_event_id
    }

    /// The reconnection time in milliseconds.
    pub fn reconnection_time(&self) -> Option<i128> {
        self.0.block.reconnection_time
    }
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

#[cfg(test)]
mod tests;
