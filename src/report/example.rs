//! One result to the lines that show it: the case and why it is right, the stream, both sides, the clause, the command that asks again.

use std::fmt;

use super::terminal::{comparison, level, plural};
use super::{AskedCase, CaseResult, FailingResult, Report, Speaker, TargetReport, command, escape};
use crate::case::Answer;
use crate::clause::Role;
use crate::observation::Observation;
use crate::verdict::sweep::Failing;

/// How many lines of a dead process's log are shown.
const N_LOG_LINES: usize = 5;

/// A line of an example: visible text that can steer no terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the text is; empty for a row of the comparison.
    pub label: &'static str,
    /// Visible text.
    pub text: String,
    /// It shows a difference.
    pub differs: bool,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.label {
            "" => f.write_str(&self.text),
            label => write!(f, "{label:<9} {}", self.text),
        }
    }
}

/// The lines that show a result; the comparison is no wider than `width`.
pub fn lines(
    report: &Report,
    target: &TargetReport,
    result: &CaseResult,
    width: usize,
) -> Vec<Line> {
    let case = &result.case;
    let delivery = match &result.failing {
        Some(failing) => format!("@{}", failing.failing.delivery.cutting),
        None => String::new(),
    };
    let mut lines = vec![
        line("case", format!("{}{delivery}", escape::prose(&case.id))),
        line("why", escape::prose(&case.why)),
    ];
    if result.is_chunk_sensitive() {
        let n_deliveries = plural(result.n_deliveries, "delivery").replace("ys", "ies");
        let n_deviating = result.n_deviating;
        let text = format!("chunk-sensitive: deviates in {n_deviating} of {n_deliveries}");
        lines.push(line("cuts", text));
    }
    if let Some(failing) = &result.failing {
        push_deviation(&mut lines, case, failing, width);
    }
    let clause = escape::prose(&case.clauses[0]);
    lines.push(line("clause", format!("{clause} ({})", level(case.level))));
    lines.push(line("standard", escape::prose(&report.url(case))));
    lines.push(line("rerun", rerun(target, result, &delivery)));
    lines
}

/// The command that shows the one delivery again, or asks the whole case where none is known to deviate.
fn rerun(target: &TargetReport, result: &CaseResult, delivery: &str) -> String {
    let asked = command::shell_word(&format!("{}{delivery}", result.case.id));
    if matches!(target.role, Role::Client | Role::Server) {
        let role = target.role.name();
        let case = command::shell_word(&result.case.id);
        let words = command::target_words(&target.asked_as, &format!("--role {role} -k {case}"));
        format!("ssespec run {words}")
    } else if result.failing.is_some() {
        let words = command::target_words(&target.asked_as, "");
        format!("ssespec parse --case {asked} --against {words}")
    } else {
        let words = command::target_words(&target.asked_as, &format!("-k {asked}"));
        format!("ssespec run {words}")
    }
}

fn push_deviation(lines: &mut Vec<Line>, case: &AskedCase, failing: &FailingResult, width: usize) {
    let deviation = &failing.failing;
    // A server's stream is its own: it stands in the exchange.
    if case.role != Role::Server {
        let stream = escape::stream(&deviation.delivery, 3 * width);
        lines.push(line("stream", stream));
    }
    lines.extend(compared(case.expected(), deviation, width));
    if matches!(case.role, Role::Client | Role::Server) {
        lines.extend(transcript(failing, width));
    }
    lines.extend(logged(deviation, width));
}

/// What conforms beside what was observed, row by row.
pub(super) fn compared(
    expected: &Answer,
    failing: &Failing,
    width: usize,
) -> impl Iterator<Item = Line> {
    let rows = comparison::side_by_side(expected, failing, width);
    rows.into_iter().map(|row| Line {
        label: "",
        text: row.text,
        differs: row.differs,
    })
}

/// The last words of a process that died.
pub(super) fn logged(failing: &Failing, width: usize) -> impl Iterator<Item = Line> {
    let log = match &failing.observation {
        Observation::Crashed(death) | Observation::Hung(death) => death.log.as_slice(),
        Observation::Parsed(_) => &[],
    };
    let first = log.len().saturating_sub(N_LOG_LINES);
    let shown = log[first..].iter();
    shown.map(move |text| line("log", escape::shortened(text, width - 10)))
}

/// What happened, line by line: a client's deviation is seldom in its events.
fn transcript(failing: &FailingResult, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for said in &failing.exchange {
        let from = match said.from {
            Speaker::Harness => "  ",
            Speaker::Target => "> ",
        };
        for text in said.text.lines() {
            let text = escape::shortened(text, width - 12);
            lines.push(line("exchange", format!("{from}{text}")));
        }
    }
    lines
}

/// A line with nothing in it that differs.
pub(super) fn line(label: &'static str, text: String) -> Line {
    Line {
        label,
        text,
        differs: false,
    }
}
