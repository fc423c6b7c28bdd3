//! What a target does wrong, quirk by quirk: the facts of a diagnosis, to text for a terminal or for an issue upstream.

mod markdown;
pub mod others;
mod searched;
mod terminal;

pub use markdown::markdown;
pub use searched::searched;
pub use terminal::write;

use super::{Source, found};
use crate::case::ParserCase;
use crate::clause::Clauses;
use crate::delivery::Delivery;
use crate::observation::Observation;
use crate::verdict::danger;
use crate::verdict::sweep::Failing;

/// All that is known of a target.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The target's name.
    pub target: String,
    /// The words of the command line that name it.
    pub asked_as: String,
    /// The implementation's own name.
    pub implementation: String,
    /// Its version, read from the installed package.
    pub version: String,
    /// Its language.
    pub language: String,
    /// Where it lives.
    pub homepage: String,
    /// The platform's decoder stands in front of it.
    pub platform_decodes: bool,
    /// How it was driven.
    pub sources: Vec<Source>,
    /// The standard's requirements.
    pub clauses: Clauses,
    /// The quirks that together do the same as the target, as far as anybody could tell.
    pub quirks: Vec<NamedQuirk>,
    /// Streams that nothing explains, minimised.
    pub remaining: Vec<Example>,
    /// Time and memory that grow faster than the input.
    pub growth: Vec<Growth>,
    /// Streams on which both of two quirks are wrong, though nothing else tells them apart.
    pub undecided: Vec<Undecided>,
    /// Streams that were not used to find the quirks.
    pub n_tried: u64,
    /// Those on which the target deviates.
    pub n_deviating: u64,
    /// Those of them on which the quirks do the same.
    pub n_explained: u64,
}

/// A quirk of the target.
#[derive(Clone, Debug)]
pub struct NamedQuirk {
    /// Its name.
    pub name: String,
    /// What an implementation with it does.
    pub sentence: String,
    /// The clause that it breaks.
    pub clause: String,
    /// Quirks that the target's features cannot tell from it: name and sentence.
    pub alternatives: Vec<(String, String)>,
    /// A minimal stream on which it shows.
    pub example: Option<Example>,
}

/// A stream whose repetition costs more and more.
#[derive(Clone, Debug)]
pub struct Growth {
    /// What it is called.
    pub title: String,
    /// What was measured.
    pub sentence: String,
    /// The clause it is filed under.
    pub clause: String,
    /// The shortest of the streams.
    pub delivery: Delivery,
}

/// Two quirks and the stream that would decide between them.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// Their names.
    pub names: [String; 2],
    /// They differ here, and the target does something else again.
    pub delivery: Delivery,
}

/// A stream on which the target deviates.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it is called, where no quirk names it.
    pub title: String,
    /// The clause it is filed under.
    pub clause: String,
    /// The stream and what conforms.
    pub case: ParserCase,
    /// What the target did, and what is wrong with it.
    pub failing: Failing,
}

impl Example {
    /// A sentence that a reader must see before posting anything, where the stream may harm somebody.
    pub fn warning(&self) -> Option<&'static str> {
        match self.failing.observation {
            Observation::Parsed(_) => danger::warning(&self.title, &self.clause),
            Observation::Crashed(_) | Observation::Hung(_) => Some(danger::WARNING),
        }
    }
}

impl Diagnosis {
    /// A sentence that a reader must see first, where something of it may harm somebody.
    pub fn warning(&self) -> Option<&'static str> {
        let quirks = self
            .quirks
            .iter()
            .filter_map(|quirk| quirk.example.as_ref());
        let warning = quirks.chain(&self.remaining).find_map(Example::warning);
        warning.or_else(|| (!self.growth.is_empty()).then_some(danger::WARNING))
    }

    /// How much of what the target does wrong is explained, in a sentence.
    pub fn share(&self) -> String {
        found::share(self.n_tried, self.n_deviating, self.n_explained)
    }
}
