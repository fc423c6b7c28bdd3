//! All answers of one run to the findings, the verdict and what to do next.

use super::comparison::{self, Difference};
use super::exchange::Seen;
use super::finding::{self, Finding};
use super::rule::Severity;
use super::verdict;

/// One run of lint.
#[derive(Clone, Debug)]
pub struct Session {
    /// What was asked, without credentials.
    pub source: String,
    /// The same as a command, without credentials.
    pub command: String,
    /// The first answer.
    pub seen: Seen,
    /// The second address and its answer.
    pub against: Option<(String, Seen)>,
    /// The answer after a reconnect.
    pub again: Option<Seen>,
    /// All findings, the worst first.
    pub findings: Vec<Finding>,
    /// One sentence. May hold what the server sent, as it came.
    pub verdict: String,
    /// One command.
    pub next: String,
}

impl Session {
    /// Brings all answers together.
    pub fn new(
        source: String,
        command: String,
        seen: Seen,
        against: Option<(String, Difference, Seen)>,
        again: Option<Seen>,
    ) -> Self {
        let mut findings = seen.findings.clone();
        if let Some((_, difference, origin)) = &against {
            let more = comparison::against(&seen, origin, *difference).sorted();
            // What the comparison explains is not said a second time.
            let explains = more
                .iter()
                .any(|finding| finding.rule.id.starts_with("delivery."));
            findings.retain(|finding| !explains || !finding.rule.id.starts_with("delivery."));
            findings.extend(more);
        }
        if let Some(again) = &again {
            findings.extend(comparison::reconnect(&seen, again).sorted());
        }
        finding::sort(&mut findings);
        let verdict = verdict::sentence(&seen, &findings);
        let mut session = Self {
            source,
            command,
            seen,
            against: against.map(|(name, _, origin)| (name, origin)),
            again,
            findings,
            verdict,
            next: String::new(),
        };
        session.next = session.next_command();
        session
    }

    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.first().map(Finding::severity)
    }

    /// The bursts have no cause that this run has shown.
    pub fn is_cause_unknown(&self) -> bool {
        verdict::is_cause_unknown(&self.seen, &self.findings)
    }

    fn next_command(&self) -> String {
        let is_live = !self.command.is_empty();
        let is_compressed = self
            .seen
            .head
            .as_ref()
            .is_some_and(|head| head.encoding().is_some());
        let worst = self.findings.first();
        let about = |finding: &Finding| format!("ssespec lint --explain {}", finding.rule.id);
        match worst {
            Some(finding) if finding.severity() == Severity::Fail => about(finding),
            _ if is_live && self.is_cause_unknown() && self.against.is_none() => {
                let address = if is_compressed {
                    &self.source
                } else {
                    "ORIGIN-URL"
                };
                format!("{} --against {address}", self.command)
            }
            Some(finding) if finding.severity() > Severity::Info => about(finding),
            _ if is_live && self.again.is_none() && !self.seen.last_event_id.is_empty() => {
                format!("{} --reconnect", self.command)
            }
            _ if is_live => format!("{} --record stream.jsonl", self.command),
            _ => "ssespec run".to_owned(),
        }
    }
}
