//! Blocks of Markdown to one document that is never longer than allowed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::terminal::plural;

/// Room that is kept for the sentence on what was left out.
const LAST_WORDS: usize = 600;

/// A document that grows until it is full.
pub struct Document {
    text: String,
    max_bytes: usize,
    /// What was left out, by what it is.
    left_out: BTreeMap<&'static str, usize>,
    /// A heading that is written with the first block below it.
    heading: Option<&'static str>,
}

impl Document {
    /// An empty document for so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            text: String::new(),
            max_bytes: max_bytes.saturating_sub(LAST_WORDS),
            left_out: BTreeMap::new(),
            heading: None,
        }
    }

    /// Starts a section; one without a block that fits is left out altogether.
    pub fn section(&mut self, heading: &'static str) {
        self.heading = Some(heading);
    }

    /// Adds a block if it fits as a whole, and counts it as one `what` if not. Returns whether it fits.
    pub fn push(&mut self, what: &'static str, block: &str) -> bool {
        let heading = self.heading.map_or(0, |heading| heading.len() + 6);
        if self.text.len() + heading + block.len() > self.max_bytes {
            *self.left_out.entry(what).or_default() += 1;
            return false;
        }
        if let Some(heading) = self.heading.take() {
            _ = write!(self.text, "\n### {heading}\n\n");
        }
        self.text.push_str(block);
        true
    }

    /// How many bytes are left.
    pub fn room(&self) -> usize {
        self.max_bytes.saturating_sub(self.text.len())
    }

    /// The document, with a sentence on what was left out.
    pub fn finish(mut self) -> String {
        let parts: Vec<String> = self
            .left_out
            .iter()
            .map(|(what, n)| plural(*n, what))
            .collect();
        if !parts.is_empty() {
            _ = write!(
                self.text,
                "\nLeft out, because no more fits here: {}. The JSON report holds everything.\n",
                parts.join(", ")
            );
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_what_is_smaller_still_comes() {
        let mut document = Document::new(LAST_WORDS + 40);
        document.section("Empty");
        document.section("Full");
        assert!(document.push("line", "short\n"));
        assert!(!document.push("list", &"x".repeat(40)));
        assert!(!document.push("list", &"x".repeat(40)));
        assert!(document.push("line", "short\n"));
        assert_eq!(
            document.finish(),
            "\n### Full\n\nshort\nshort\n\nLeft out, because no more fits here: 2 lists. The JSON report holds everything.\n"
        );
    }
}
