//! Findings of searches to JSON and back: schema 1 of the kind `findings`, described by `src/report/findings.schema.json`.

use std::io;

use serde::{Deserialize, Serialize};

use super::asked::{Answer, Clause};
use super::delivery::Chunks;
use super::mismatch::{Beside, Mismatch};
use super::observed::Observation;
use super::result::Level;
use super::shape::Role;
use super::{read_document, write_document};
use crate::clause;
use crate::report::found;
use crate::verdict::sweep;

/// The version of the schema that is written, and the only one that is read.
pub const SCHEMA: u64 = 1;
/// What tells such a document from a report of `ssespec run`.
pub const KIND: &str = "findings";

/// Writes the findings as one JSON document.
///
/// # Errors
///
/// What `out` gives.
pub fn write(out: &mut dyn io::Write, findings: &found::Findings) -> io::Result<()> {
    write_document(out, &Findings::from(findings))
}

/// Reads what [`write`] wrote; the schema's version has been looked at.
///
/// # Errors
///
/// One sentence: the place where it is not as the schema says.
pub fn read(text: &str) -> Result<found::Findings, String> {
    let findings: Findings = read_document(text)?;
    findings.into_report()
}

/// See [`found::Findings`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    schema: u64,
    kind: String,
    version: String,
    clauses: Vec<Clause>,
    targets: Vec<Searched>,
}

/// See [`found::Searched`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Searched {
    name: String,
    implementation: String,
    version: String,
    language: String,
    asked_as: String,
    homepage: String,
    role: Role,
    searches: Vec<Search>,
    findings: Vec<Finding>,
}

/// See [`found::Search`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    by: String,
    platform: String,
    /// In decimal digits: many readers of JSON lose the low bits of a 64-bit number.
    seed: String,
    streams: u64,
    deviating: u64,
    explained: u64,
    unread: u64,
    seconds: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_looked_for: Vec<String>,
}

/// See [`found::Finding`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    fingerprint: String,
    sentence: String,
    clause: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative>,
    /// For readers of the file; told anew when we read it.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
    standing: Standing,
    known: bool,
    /// What the application of a server was told to emit, an event a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emitted: Vec<String>,
    chunks: Chunks,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<Chunks>,
    /// What the application of a server must emit before, an emission a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emitted_before: Vec<String>,
    expected: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Failing>,
    seen_by: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Alternative {
    name: String,
    sentence: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    Stable,
    NeedsHistory,
    Flaky,
}

/// See [`sweep::Failing`]; its stream is the finding's.
#[derive(Serialize, Deserialize)]
struct Failing {
    level: Level,
    observed: Observation,
    mismatches: Vec<Mismatch>,
}

impl From<&found::Findings> for Findings {
    fn from(findings: &found::Findings) -> Self {
        Self {
            schema: SCHEMA,
            kind: KIND.to_owned(),
            version: findings.version.clone(),
            clauses: findings.clauses.iter().map(Clause::from).collect(),
            targets: findings.targets.iter().map(Searched::from).collect(),
        }
    }
}

impl Findings {
    fn into_report(self) -> Result<found::Findings, String> {
        let clauses = self.clauses.into_iter().map(clause::Clause::from);
        Ok(found::Findings {
            version: self.version,
            clauses: clauses.collect::<Vec<_>>().into(),
            targets: self
                .targets
                .into_iter()
                .map(Searched::into_report)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl From<&found::Searched> for Searched {
    fn from(target: &found::Searched) -> Self {
        Self {
            name: target.name.clone(),
            implementation: target.implementation.clone(),
            version: target.version.clone(),
            language: target.language.clone(),
            asked_as: target.asked_as.clone(),
            homepage: target.homepage.clone(),
            role: target.role.into(),
            searches: target.searches.iter().map(Search::from).collect(),
            findings: target.findings.iter().map(Finding::from).collect(),
        }
    }
}

impl Searched {
    fn into_report(self) -> Result<found::Searched, String> {
        Ok(found::Searched {
            name: self.name,
            implementation: self.implementation,
            version: self.version,
            language: self.language,
            asked_as: self.asked_as,
            homepage: self.homepage,
            role: self.role.into(),
            searches: self
                .searches
                .into_iter()
                .map(Search::into_report)
                .collect::<Result<_, _>>()?,
            findings: self
                .findings
                .into_iter()
                .map(Finding::into_report)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl From<&found::Search> for Search {
    fn from(search: &found::Search) -> Self {
        Self {
            by: search.by.clone(),
            platform: search.platform.clone(),
            seed: search.seed.to_string(),
            streams: search.n_streams,
            deviating: search.n_deviating,
            explained: search.n_explained,
            unread: search.n_unread,
            seconds: search.seconds,
            trouble: search.trouble.clone(),
            not_looked_for: search.not_looked_for.clone(),
        }
    }
}

impl Search {
    fn into_report(self) -> Result<found::Search, String> {
        let seed = self.seed.parse().map_err(|_| {
            format!(
                "the report is wrong at the search by {:?}: its seed {:?} is no number",
                self.by, self.seed
            )
        })?;
        Ok(found::Search {
            by: self.by,
            platform: self.platform,
            seed,
            n_streams: self.streams,
            n_deviating: self.deviating,
            n_explained: self.explained,
            n_unread: self.unread,
            seconds: self.seconds,
            trouble: self.trouble,
            not_looked_for: self.not_looked_for,
        })
    }
}

impl From<&found::Finding> for Finding {
    fn from(finding: &found::Finding) -> Self {
        let alternative = |(name, sentence): &(String, String)| Alternative {
            name: name.clone(),
            sentence: sentence.clone(),
        };
        Self {
            fingerprint: finding.fingerprint.clone(),
            sentence: finding.sentence.clone(),
            clause: finding.clause.clone(),
            alternatives: finding.alternatives.iter().map(alternative).collect(),
            warning: finding.warning(),
            standing: match finding.standing {
                found::Standing::Stable => Standing::Stable,
                found::Standing::NeedsHistory => Standing::NeedsHistory,
                found::Standing::Flaky => Standing::Flaky,
            },
            known: finding.is_known,
            emitted: finding.emitted.clone(),
            chunks: (&finding.delivery).into(),
            history: finding.history.iter().map(Chunks::from).collect(),
            emitted_before: finding.emitted_before.clone(),
            expected: (&finding.expected).into(),
            failing: finding.failing.as_ref().map(|failing| {
                let beside = Beside {
                    answer: &finding.expected,
                    observation: &failing.observation,
                };
                let mismatches = failing.mismatches.iter();
                Failing {
                    level: failing.level.into(),
                    observed: (&failing.observation).into(),
                    mismatches: mismatches.map(|m| Mismatch::of(m, &beside)).collect(),
                }
            }),
            seen_by: finding.seen_by.clone(),
        }
    }
}

impl Finding {
    fn into_report(self) -> Result<found::Finding, String> {
        let wrong = |what: String| {
            format!(
                "the report is wrong at the finding {:?}: {what}",
                self.fingerprint
            )
        };
        let delivery = self.chunks.into_report().map_err(wrong)?;
        let expected = self.expected.into();
        let failing = match self.failing {
            None => None,
            Some(failing) => {
                let observation = failing.observed.into_report().map_err(wrong)?;
                let beside = Beside {
                    answer: &expected,
                    observation: &observation,
                };
                let mismatches = failing.mismatches.into_iter();
                let mismatches = mismatches.map(|mismatch| mismatch.into_report(&beside));
                Some(sweep::Failing {
                    delivery: delivery.clone(),
                    mismatches: mismatches.collect::<Result<_, _>>().map_err(wrong)?,
                    level: failing.level.into(),
                    observation,
                })
            }
        };
        let history = self.history.into_iter().map(Chunks::into_report);
        Ok(found::Finding {
            history: history.collect::<Result<_, _>>().map_err(wrong)?,
            emitted_before: self.emitted_before,
            sentence: self.sentence,
            clause: self.clause,
            alternatives: self
                .alternatives
                .into_iter()
                .map(|alternative| (alternative.name, alternative.sentence))
                .collect(),
            standing: match self.standing {
                Standing::Stable => found::Standing::Stable,
                Standing::NeedsHistory => found::Standing::NeedsHistory,
                Standing::Flaky => found::Standing::Flaky,
            },
            is_known: self.known,
            emitted: self.emitted,
            delivery,
            expected,
            failing,
            seen_by: self.seen_by,
            fingerprint: self.fingerprint,
        })
    }
}
