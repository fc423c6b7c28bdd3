//! One finding to the lines that show it: what it is, the stream, both sides, who saw it, the command that asks again.

use super::{Finding, Findings, Searched};
use crate::clause::Role;
use crate::report::example::{self, Line, line};
use crate::report::terminal::{level, plural};
use crate::report::{command, escape};

/// A longer stream is no word of a command line.
const MAX_COMMAND: usize = 1 << 10;

/// The lines that show a finding; the comparison is no wider than `width`.
pub fn lines(findings: &Findings, target: &Searched, finding: &Finding, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(warning) = finding.warning() {
        lines.push(line("warning", warning.to_owned()));
    }
    lines.push(line("what", escape::prose(&finding.sentence)));
    for (name, sentence) in &finding.alternatives {
        let text = format!("{name}: {sentence} (this target does not show which)");
        lines.push(line("or", escape::prose(&text)));
    }
    let clause = escape::prose(&finding.clause);
    lines.push(line(
        "clause",
        format!("{clause} ({})", level(findings.level(finding))),
    ));
    if let Some(clause) = findings.clauses.find(&finding.clause) {
        lines.push(line("standard", escape::prose(&clause.url())));
    }
    for emitted in &finding.emitted {
        lines.push(line("emitted", escape::shortened(emitted, 3 * width)));
    }
    let label = match finding.emitted.is_empty() {
        true => "stream",
        false => "wire",
    };
    lines.push(line(label, escape::stream(&finding.delivery, 3 * width)));
    let before = before(finding, width);
    if !before.is_empty() {
        let streams = plural(before.len(), "other stream");
        lines.push(line("after", format!("{streams} in the same process")));
        lines.extend(before.into_iter().map(|text| line("before", text)));
    }
    if let Some(failing) = &finding.failing {
        lines.extend(example::compared(&finding.expected, failing, width));
        lines.extend(example::logged(failing, width));
    }
    lines.push(line("seen by", escape::prose(&finding.seen_by.join(", "))));
    if let Some(command) = rerun(target, finding) {
        lines.push(line("rerun", command));
    }
    lines
}

/// What must be asked before in the same process, a line each.
pub fn before(finding: &Finding, width: usize) -> Vec<String> {
    let streams = finding.history.iter();
    let streams = streams.map(|delivery| escape::delivery(delivery, width));
    let emitted = finding.emitted_before.iter();
    let emitted = emitted.map(|emitted| escape::shortened(emitted, width));
    streams.chain(emitted).collect()
}

/// What the target was given, in a line: the stream, or the emissions.
pub fn given(finding: &Finding, width: usize) -> String {
    match finding.emitted.is_empty() {
        true => escape::stream(&finding.delivery, width),
        false => escape::shortened(&finding.emitted.join("; "), width),
    }
}

/// The command that shows it again, where one stream on a command line does.
pub fn rerun(target: &Searched, finding: &Finding) -> Option<String> {
    let is_one_stream = target.role == Role::Parser
        && finding.history.is_empty()
        && finding.failing.is_some()
        && finding.delivery.bytes().len() <= MAX_COMMAND;
    is_one_stream.then(|| command::parse(&finding.delivery, &target.asked_as))
}
