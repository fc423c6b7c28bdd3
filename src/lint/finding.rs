//! What a rule found, once for each rule: how often, and where first.

use super::loss::{self, Loss};
use super::rule::{self, Rule, Severity};

/// How much of a line is kept to be shown.
const SHOWN: usize = 200;

/// A rule that something broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How often.
    pub count: usize,
    /// The first line that caused it.
    pub place: Option<Place>,
    /// What was seen, in words; empty where the line says it. May hold what the server sent, as it came.
    pub detail: String,
}

impl Finding {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// The implementations in which our own runs saw this risk come true.
    pub fn losses(&self) -> Vec<Loss> {
        loss::of(self.rule.id).collect()
    }
}

/// A line of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u64,
    /// The line's start, as it came.
    pub start: Vec<u8>,
    /// The line's full length.
    pub n_bytes: usize,
}

impl Place {
    /// A line without its end.
    pub fn of(number: u64, line: &[u8]) -> Self {
        Self {
            line: number,
            start: line[..line.len().min(SHOWN)].to_vec(),
            n_bytes: line.len(),
        }
    }
}

/// Findings as they come up.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Notes a finding on a line.
    pub fn on_line(&mut self, id: &'static str, number: u64, line: &[u8], detail: &str) {
        if let Some(known) = self.known(id) {
            known.count += 1;
            return;
        }
        self.push(id, Some(Place::of(number, line)), detail.to_owned());
    }

    /// Notes a finding on the answer as a whole; the first detail stays.
    pub fn note(&mut self, id: &'static str, detail: String) {
        match self.known(id) {
            Some(known) => known.count += 1,
            None => self.push(id, None, detail),
        }
    }

    /// Whether a rule has found something.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|finding| finding.rule.id == id)
    }

    /// All of them, the worst first.
    pub fn sorted(mut self) -> Vec<Finding> {
        sort(&mut self.0);
        self.0
    }

    fn known(&mut self, id: &str) -> Option<&mut Finding> {
        self.0.iter_mut().find(|finding| finding.rule.id == id)
    }

    fn push(&mut self, id: &'static str, place: Option<Place>, detail: String) {
        self.0.push(Finding {
            rule: rule::named(id),
            count: 1,
            place,
            detail,
        });
    }
}

/// The worst first, then those on the answer as a whole, then by their lines.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        let line = finding.place.as_ref().map_or(0, |place| place.line);
        (std::cmp::Reverse(finding.severity()), line, finding.rule.id)
    });
}
