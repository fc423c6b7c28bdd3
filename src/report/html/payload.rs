//! What the pages of cases show, to JSON that the report's script reads: compressed, every text already visible.
//!
//! The case holds its results, not the target: what targets have in common then stands close together and compresses well.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::comparison::{self, Row};
use super::link;
use super::standing::Standing;
use super::table::Standings;
use crate::clause::Role;
use crate::delivery::{Cutting, Delivery};
use crate::outcome::Outcome;
use crate::report::{AskedCase, CaseResult, Report, Speaker, TargetReport, command, escape};

/// How many columns of a stream are shown before its middle is left out.
const STREAM_WIDTH: usize = 1200;

/// The payload as one word of base64.
///
/// # Errors
///
/// None in practice: it is written to memory.
pub fn compressed(report: &Report, standings: &Standings<'_>) -> io::Result<String> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut out, &Payload::of(report, standings))?;
    Ok(BASE64_STANDARD.encode(out.finish()?))
}

#[derive(Serialize)]
struct Payload {
    targets: Vec<Target>,
    cases: Vec<Case>,
    /// What results say by number, because many say the same.
    texts: Vec<String>,
    /// Quirks by number: name and sentence.
    quirks: Vec<[String; 2]>,
}

#[derive(Serialize)]
struct Target {
    name: String,
    key: String,
    about: String,
    /// The command that asks a case anew, before and after the case's id.
    rerun: [String; 2],
    /// The command takes the delivery behind the id.
    names_delivery: bool,
    /// Each file's path and text.
    sources: Vec<[String; 2]>,
}

#[derive(Serialize)]
struct Case {
    id: String,
    key: String,
    /// The id in a shell command.
    word: String,
    why: String,
    clauses: Vec<Clause>,
    stream: String,
    answers: Vec<Answer>,
    /// A standing for each target; `-` where it has no result.
    standings: String,
    results: Vec<TargetResult>,
}

#[derive(Serialize)]
struct Clause {
    id: String,
    link: String,
}

#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    rows: Vec<SerialRow>,
}

/// Of targets that have more to say than that they pass.
#[derive(Serialize)]
struct TargetResult {
    /// The target's number.
    on: usize,
    /// The outcome's name.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
}

#[derive(Serialize)]
struct Evidence {
    delivery: String,
    /// Only where it is cut: else the case's own shows as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    deviating: usize,
    deliveries: usize,
    rows: Vec<SerialRow>,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quirk: Option<usize>,
    /// Who spoke, and the line.
    exchange: Vec<(&'static str, String)>,
}

/// Label, expected, observed, and whether they differ.
#[derive(Serialize)]
struct SerialRow(String, Vec<String>, Vec<String>, bool);

/// What many results say, each with a number.
#[derive(Default)]
struct Shared {
    texts: Numbered<String>,
    quirks: Numbered<[String; 2]>,
}

impl Shared {
    fn text(&mut self, text: &str) -> usize {
        self.texts.number(escape::prose(text))
    }

    fn quirk(&mut self, name: &str, sentence: &str) -> usize {
        self.quirks.number([name, sentence].map(escape::prose))
    }
}

/// Values in the order in which they came, each once.
#[derive(Default)]
struct Numbered<T> {
    numbers: HashMap<T, usize>,
    values: Vec<T>,
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn number(&mut self, value: T) -> usize {
        if let Some(&number) = self.numbers.get(&value) {
            return number;
        }
        let number = self.values.len();
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

impl Payload {
    fn of(report: &Report, standings: &Standings<'_>) -> Self {
        let mut by_case: HashMap<&str, Vec<(usize, &CaseResult)>> = HashMap::new();
        for (index, target) in report.targets.iter().enumerate() {
            for result in &target.results {
                let results = by_case.entry(&result.case.id).or_default();
                results.push((index, result));
            }
        }
        let mut shared = Shared::default();
        let cases = report.cases.iter().map(|case| {
            let results = by_case.remove(case.id.as_str()).unwrap_or_default();
            Case::of(case, &results, report.targets.len(), &mut shared)
        });
        let cases = cases.collect();
        let targets = standings.peers.iter();
        Self {
            targets: targets
                .map(|peer| Target::of(peer.target, link::segment(&peer.key)))
                .collect(),
            cases,
            texts: shared.texts.values,
            quirks: shared.quirks.values,
        }
    }
}

impl Target {
    fn of(target: &TargetReport, key: String) -> Self {
        let words = command::target_words(&target.asked_as, "");
        let rerun = match target.role {
            Role::Client | Role::Server => [
                format!("ssespec run --role {} -k ", target.role.name()),
                format!(" {words}"),
            ],
            _ => [
                "ssespec parse --case ".to_owned(),
                format!(" --against {words}"),
            ],
        };
        let source = |source: &crate::report::Source| {
            let lines: Vec<String> = source.text.lines().map(visible_code).collect();
            [escape::prose(&source.path), lines.join("\n")]
        };
        Self {
            name: escape::prose(&target.name),
            key,
            about: about(target),
            rerun,
            names_delivery: !matches!(target.role, Role::Client | Role::Server),
            sources: target.sources.iter().map(source).collect(),
        }
    }
}

/// A line of code keeps its tabs as spaces.
fn visible_code(line: &str) -> String {
    escape::prose(&line.replace('\t', "    "))
}

/// Version, language and role in a few words.
pub fn about(target: &TargetReport) -> String {
    let mut words = vec![target.version.as_str(), &target.language];
    words.push(target.role.name());
    words.retain(|word| !word.is_empty());
    if target.platform_decodes {
        words.push("decoded by the platform");
    }
    escape::prose(&words.join(" · "))
}

impl Case {
    fn of(
        case: &AskedCase,
        results: &[(usize, &CaseResult)],
        n_targets: usize,
        shared: &mut Shared,
    ) -> Self {
        let mut standings = vec!['-'; n_targets];
        for (index, result) in results {
            standings[*index] = Standing::of(&result.outcome).letter();
        }
        let cuts = case.cuts.clone().unwrap_or_default();
        let stream = Delivery::new(Cutting::AsWritten, case.stream.clone(), cuts);
        let clause = |id: &String| Clause {
            id: escape::prose(id),
            link: link::clause(id),
        };
        let answer = |answer: &crate::case::Answer| Answer {
            reason: answer.reason.as_deref().map(escape::prose),
            rows: serial(comparison::expected(answer)),
        };
        let has_more = |(_, result): &&(usize, &CaseResult)| result.outcome != Outcome::Pass;
        Self {
            id: escape::prose(&case.id),
            key: link::path(&case.id),
            word: command::shell_word(&case.id),
            why: escape::prose(&case.why),
            clauses: case.clauses.iter().map(clause).collect(),
            stream: escape::delivery(&stream, STREAM_WIDTH),
            answers: case.answers.iter().map(answer).collect(),
            standings: standings.into_iter().collect(),
            results: (results.iter().filter(has_more))
                .map(|(index, result)| TargetResult::of(*index, result, shared))
                .collect(),
        }
    }
}

impl TargetResult {
    fn of(on: usize, result: &CaseResult, shared: &mut Shared) -> Self {
        let (outcome, reason, issue) = match &result.outcome {
            Outcome::Pass => ("pass", None, None),
            Outcome::Fail => ("fail", None, None),
            Outcome::Warn => ("warn", None, None),
            Outcome::Recorded => ("recorded", None, None),
            Outcome::KnownFailure { reason, issue, .. } => {
                ("known failure", Some(reason), issue.as_deref())
            }
            Outcome::UnexpectedPass { reason } => ("unexpected pass", Some(reason), None),
            Outcome::Skip { reason } => ("skip", Some(reason), None),
            Outcome::Error { reason, .. } => ("error", Some(reason), None),
        };
        Self {
            on,
            outcome,
            reason: reason.map(|reason| shared.text(reason)),
            issue: issue.and_then(link::external).map(str::to_owned),
            evidence: Evidence::of(result, reason.map_or("", String::as_str), shared),
        }
    }
}

impl Evidence {
    /// A quirk that the reason names already is not said twice.
    fn of(result: &CaseResult, reason: &str, shared: &mut Shared) -> Option<Self> {
        let shown = result.failing.as_ref()?;
        let failing = &shown.failing;
        let comparison = comparison::compare(result.case.expected(), failing);
        let line = |line: &crate::report::Line| {
            let speaker = match line.from {
                Speaker::Harness => "harness",
                Speaker::Target => "target",
            };
            (speaker, escape::prose(&line.text))
        };
        let is_cut = !failing.delivery.cuts().is_empty();
        let is_news = |(name, _): &&(String, String)| !reason.starts_with(name.as_str());
        let quirk = shown.quirk.as_ref().filter(is_news);
        Some(Self {
            delivery: failing.delivery.cutting.to_string(),
            stream: is_cut.then(|| escape::delivery(&failing.delivery, STREAM_WIDTH)),
            deviating: result.n_deviating,
            deliveries: result.n_deliveries,
            rows: serial(comparison.rows),
            notes: comparison.notes,
            quirk: quirk.map(|(name, sentence)| shared.quirk(name, sentence)),
            exchange: shown.exchange.iter().map(line).collect(),
        })
    }
}

fn serial(rows: Vec<Row>) -> Vec<SerialRow> {
    let serial = |row: Row| SerialRow(row.label, row.expected, row.observed, row.differs);
    rows.into_iter().map(serial).collect()
}
