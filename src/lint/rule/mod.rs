//! The catalogue of what lint looks for: each rule has an id, a severity, a sentence on what is wrong and one on what to do.

mod delivery;
mod http;
mod risk;
mod stream;

/// How much a finding matters, from the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Legal, but real clients lose it: never a fail.
    Risk,
    /// Works, and is likely to make trouble.
    Warn,
    /// Something does not arrive as it was meant.
    Fail,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Fail, Self::Warn, Self::Risk, Self::Info];

    /// The word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Risk => "risk",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that lint looks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable id, such as `stream.nul-in-id`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is and why it matters, in one sentence.
    pub what: &'static str,
    /// What to do, in one sentence.
    pub advice: &'static str,
    /// The clause that it rests on, if it is one of the standard's.
    pub clause: Option<&'static str>,
}

/// Every rule, topic by topic.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [http::RULES, stream::RULES, delivery::RULES, risk::RULES]
        .into_iter()
        .flatten()
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// The rule with this id, which our own code names.
///
/// # Panics
///
/// If the catalogue has no such rule.
pub(super) fn named(id: &'static str) -> &'static Rule {
    find(id).unwrap_or_else(|| panic!("the catalogue has no rule `{id}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_two_sentences() {
        let mut ids = HashSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            for sentence in [rule.what, rule.advice] {
                let is_one = sentence.ends_with('.') && !sentence.contains(". ");
                assert!(is_one, "{}: not one sentence: {sentence}", rule.id);
            }
            assert_eq!(
                rule.id.starts_with("risk."),
                rule.severity == Severity::Risk,
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn every_clause_named_is_in_the_table() {
        let clauses = Corpus::embedded().clauses;
        for rule in all() {
            let clause = rule.clause.unwrap_or("data.single");
            assert!(clauses.find(clause).is_some(), "{}: {clause}", rule.id);
        }
    }
}
