//! The serialized shapes of a run and its targets, kept apart from the types that the rest of the crate works with.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::asked::{AskedCase, Clause};
use super::result::CaseResult;
use crate::clause;
use crate::report;

/// See [`report::Report`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    schema: u64,
    version: String,
    corpus_hash: String,
    /// In decimal digits: many readers of JSON lose the low bits of a 64-bit number.
    seed: String,
    platform: String,
    /// For readers of the file; counted anew when we read it.
    #[serde(skip_deserializing)]
    totals: Option<Counts>,
    clauses: Vec<Clause>,
    cases: Vec<AskedCase>,
    targets: Vec<Target>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    implementation: String,
    version: String,
    language: String,
    asked_as: String,
    homepage: String,
    role: Role,
    /// Written by us after the recipe that tutorials show.
    tutorial: bool,
    platform_decodes: bool,
    sources: Vec<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
    #[serde(skip_deserializing)]
    counts: Option<Counts>,
    not_asked: usize,
    stale: Vec<String>,
    not_examined: usize,
    setup_seconds: f64,
    seconds: f64,
    deliveries: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quirks: Vec<Quirk>,
    results: Vec<CaseResult>,
}

/// See [`report::TargetQuirk`].
#[derive(Serialize, Deserialize)]
struct Quirk {
    name: String,
    sentence: String,
    clause: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    pass: usize,
    fail: usize,
    warn: usize,
    recorded: usize,
    known_failure: usize,
    unexpected_pass: usize,
    skip: usize,
    error: usize,
    not_asked: usize,
}

#[derive(Serialize, Deserialize)]
struct Source {
    path: String,
    text: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Parser,
    Client,
    Server,
    Browser,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Trouble {
    Skipped(String),
    Error(String),
}

impl From<&report::Report> for Report {
    fn from(report: &report::Report) -> Self {
        let counts = report.targets.iter().map(report::Counts::of);
        Self {
            schema: super::SCHEMA,
            version: report.version.clone(),
            corpus_hash: report.corpus_hash.clone(),
            seed: report.seed.to_string(),
            platform: report.platform.clone(),
            totals: Some(
                counts
                    .fold(report::Counts::default(), report::Counts::plus)
                    .into(),
            ),
            clauses: report.clauses.iter().map(Clause::from).collect(),
            cases: report.cases.iter().map(|case| (&**case).into()).collect(),
            targets: report.targets.iter().map(Target::from).collect(),
        }
    }
}

impl Report {
    /// The report, or what contradicts itself in it.
    pub fn into_report(self) -> Result<report::Report, String> {
        let seed = self.seed.parse();
        let cases = self
            .cases
            .into_iter()
            .map(|case| case.into_report().map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let by_id = cases
            .iter()
            .map(|case| (case.id.clone(), Arc::clone(case)))
            .collect();
        Ok(report::Report {
            version: self.version,
            corpus_hash: self.corpus_hash,
            seed: seed.map_err(|_| {
                format!(
                    "the report is wrong at `seed`: {:?} is no number",
                    self.seed
                )
            })?,
            platform: self.platform,
            clauses: self
                .clauses
                .into_iter()
                .map(clause::Clause::from)
                .collect::<Vec<_>>()
                .into(),
            cases,
            targets: self
                .targets
                .into_iter()
                .map(|target| target.into_report(&by_id))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl From<&report::TargetReport> for Target {
    fn from(target: &report::TargetReport) -> Self {
        Self {
            name: target.name.clone(),
            implementation: target.implementation.clone(),
            version: target.version.clone(),
            language: target.language.clone(),
            asked_as: target.asked_as.clone(),
            homepage: target.homepage.clone(),
            role: target.role.into(),
            tutorial: target.is_tutorial,
            platform_decodes: target.platform_decodes,
            sources: target.sources.iter().map(Source::from).collect(),
            trouble: target.trouble.as_ref().map(|trouble| match trouble {
                report::Trouble::Skipped(reason) => Trouble::Skipped(reason.clone()),
                report::Trouble::Error(reason) => Trouble::Error(reason.clone()),
            }),
            counts: Some(report::Counts::of(target).into()),
            not_asked: target.n_not_asked,
            stale: target.stale.clone(),
            not_examined: target.n_not_examined,
            setup_seconds: target.setup_seconds,
            seconds: target.seconds,
            deliveries: target.n_deliveries,
            quirks: target.quirks.iter().map(Quirk::from).collect(),
            results: target.results.iter().map(CaseResult::from).collect(),
        }
    }
}

impl Target {
    fn into_report(
        self,
        cases: &HashMap<String, Arc<report::AskedCase>>,
    ) -> Result<report::TargetReport, String> {
        let results = self
            .results
            .into_iter()
            .map(|result| result.into_report(cases));
        Ok(report::TargetReport {
            results: results.collect::<Result<_, _>>()?,
            name: self.name,
            implementation: self.implementation,
            version: self.version,
            language: self.language,
            asked_as: self.asked_as,
            homepage: self.homepage,
            role: self.role.into(),
            is_tutorial: self.tutorial,
            platform_decodes: self.platform_decodes,
            sources: self.sources.into_iter().map(Source::into).collect(),
            trouble: self.trouble.map(|trouble| match trouble {
                Trouble::Skipped(reason) => report::Trouble::Skipped(reason),
                Trouble::Error(reason) => report::Trouble::Error(reason),
            }),
            n_not_asked: self.not_asked,
            stale: self.stale,
            n_not_examined: self.not_examined,
            setup_seconds: self.setup_seconds,
            seconds: self.seconds,
            n_deliveries: self.deliveries,
            quirks: self.quirks.into_iter().map(Quirk::into).collect(),
        })
    }
}

impl From<&report::TargetQuirk> for Quirk {
    fn from(quirk: &report::TargetQuirk) -> Self {
        Self {
            name: quirk.name.clone(),
            sentence: quirk.sentence.clone(),
            clause: quirk.clause.clone(),
        }
    }
}

impl From<Quirk> for report::TargetQuirk {
    fn from(quirk: Quirk) -> Self {
        Self {
            name: quirk.name,
            sentence: quirk.sentence,
            clause: quirk.clause,
        }
    }
}

impl From<&report::Source> for Source {
    fn from(source: &report::Source) -> Self {
        Self {
            path: source.path.clone(),
            text: source.text.clone(),
        }
    }
}

impl From<Source> for report::Source {
    fn from(source: Source) -> Self {
        Self {
            path: source.path,
            text: source.text,
        }
    }
}

impl From<clause::Role> for Role {
    fn from(role: clause::Role) -> Self {
        match role {
            clause::Role::Parser => Self::Parser,
            clause::Role::Client => Self::Client,
            clause::Role::Server => Self::Server,
            clause::Role::Browser => Self::Browser,
        }
    }
}

impl From<Role> for clause::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Parser => Self::Parser,
            Role::Client => Self::Client,
            Role::Server => Self::Server,
            Role::Browser => Self::Browser,
        }
    }
}

impl From<report::Counts> for Counts {
    fn from(counts: report::Counts) -> Self {
        Self {
            pass: counts.pass,
            fail: counts.fail,
            warn: counts.warn,
            recorded: counts.recorded,
            known_failure: counts.known,
            unexpected_pass: counts.unexpected_pass,
            skip: counts.skip,
            error: counts.error,
            not_asked: counts.not_asked,
        }
    }
}
