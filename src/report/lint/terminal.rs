//! What lint saw to text for a terminal: a line for each event as it comes, and a summary of twenty lines that stands alone.

use std::io;
use std::time::Duration;

use owo_colors::OwoColorize as _;

use super::{cause, escape, facts, losses, preview};
use crate::event_stream::Event;
use crate::lint::exchange::Seen;
use crate::lint::finding::Finding;
use crate::lint::rule::Severity;
use crate::lint::session::Session;
use crate::lint::verdict::{CANNOT_TELL, count, time};

/// The whole summary has no more lines than this.
const N_LINES: usize = 20;
/// The words on the left take this many columns.
const MARGIN: usize = 9;
/// A strip of fewer columns shows nothing.
const FEW_COLUMNS: usize = 24;
/// From no event to the most of all columns.
const LEVELS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One event on one line, with its time where that means something.
pub fn event(
    at: Option<Duration>,
    event: &Event<'_>,
    width: usize,
    mask: &dyn Fn(&str) -> String,
) -> String {
    let length = match event.data.len() {
        1 => "1 byte".to_owned(),
        n => format!("{} bytes", escape::count(n)),
    };
    let event_type = escape::shortened(&mask(event.event_type), 24);
    let at = at.map_or(String::new(), |at| format!("{:>8.3} s  ", at.as_secs_f64()));
    let start = format!("{at}{event_type:<10} {length:>12}  ");
    let room = width.saturating_sub(escape::columns(&start));
    // What cannot be seen need not be masked, except for a credential that stands on the edge.
    let most = event.data.len().min(8 * width.max(512));
    let is_boundary = |at: &usize| event.data.is_char_boundary(*at);
    let end = (0..=most).rev().find(is_boundary).unwrap_or(0);
    let data = mask(&event.data[..end]);
    let shown = escape::quoted(data.as_bytes(), usize::MAX >> 1);
    if end == event.data.len() && escape::columns(&shown) <= room {
        return format!("{start}{shown}");
    }
    format!("{start}{}…", cut(&shown, room.saturating_sub(1)))
}

/// The last lines, which say all by themselves.
///
/// # Errors
///
/// What `out` gives.
pub fn summary(out: &mut dyn io::Write, session: &Session, width: usize) -> io::Result<()> {
    let mut lines = vec![String::new()];
    let verdict = escape::prose(&session.verdict);
    let bold = |line: String| line.bold().to_string();
    lines.extend(wrapped(&verdict, width).into_iter().map(bold));
    if session.is_cause_unknown() && session.against.is_none() {
        lines.push(CANNOT_TELL.to_owned());
    }
    if session.seen.is_stream {
        lines.extend(strips(session, width));
    } else {
        let body = preview(session, 5, width.saturating_sub(2));
        lines.extend(body.into_iter().map(|line| format!("| {line}")));
    }
    for (word, fact) in facts(&session.seen) {
        lines.push(row(word, &escape::shortened(&fact, width - MARGIN)));
    }
    let room = N_LINES.saturating_sub(lines.len() + 1);
    lines.extend(findings(&session.findings, room, width));
    // A command is never cut: it may run over the edge, so that it can be copied whole.
    lines.push(row("next", &escape::prose(&session.next)));
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// As many findings as there is room for, and how many more there are.
fn findings(findings: &[Finding], room: usize, width: usize) -> Vec<String> {
    if findings.is_empty() {
        return vec![row("findings", "none")];
    }
    let mut lines = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let is_last = index + 1 == findings.len();
        let shown = finding_lines(finding, width);
        // Without room for what to do, the finding itself is still said, or its start.
        let left = room.saturating_sub(lines.len() + usize::from(!is_last));
        let n = match left {
            n if n >= shown.len() => shown.len(),
            0 => 0,
            _ => 1,
        };
        if n == 0 {
            let n_more = findings.len() - index;
            lines.push(row(
                "",
                &format!("and {n_more} more: --json-lines or --report"),
            ));
            return lines;
        }
        lines.extend(shown.into_iter().take(n));
    }
    lines
}

fn finding_lines(finding: &Finding, width: usize) -> Vec<String> {
    let severity = finding.severity();
    let word = format!("{:<MARGIN$}", severity.word());
    let word = match severity {
        Severity::Fail => word.red().to_string(),
        Severity::Warn => word.yellow().to_string(),
        Severity::Risk => word.magenta().to_string(),
        Severity::Info => word.dimmed().to_string(),
    };
    let room = width - MARGIN;
    let cause = cause(finding);
    let id = finding.rule.id;
    let first = if cause.is_empty() {
        id.to_owned()
    } else {
        format!("{id}: {cause}")
    };
    let mut lines = Vec::new();
    for (index, line) in wrapped(&first, room).into_iter().enumerate() {
        let line = cut_with_dots(&line, room);
        lines.push(if index == 0 {
            format!("{word}{line}")
        } else {
            row("", &line)
        });
    }
    if severity == Severity::Info {
        return lines;
    }
    let losses = losses(finding, super::N_LOSSES);
    if !losses.is_empty() {
        lines.push(row(
            "",
            &escape::shortened(&format!("seen in {losses}"), room),
        ));
    }
    let advice = wrapped(finding.rule.advice, room);
    lines.extend(advice.iter().map(|line| row("", line)));
    lines
}

/// The arrival strip of each answer, and what a column means.
pub(super) fn strips(session: &Session, width: usize) -> Vec<String> {
    let seen = &session.seen;
    if !seen.is_timed || seen.n_events == 0 {
        return Vec::new();
    }
    // More columns than events would tear an even stream apart.
    let n_columns = seen.n_events.clamp(FEW_COLUMNS, width - MARGIN);
    let mut lines = Vec::new();
    let whole = match &session.against {
        Some((_, origin)) => seen.arrival.end.max(origin.arrival.end),
        None => seen.arrival.end,
    };
    let strip_of = |word: &str, seen: &Seen| row(word, &strip(seen, whole, n_columns));
    match &session.against {
        Some((name, origin)) => {
            lines.push(strip_of("here", seen));
            lines.push(strip_of("there", origin));
            lines.push(row(
                "",
                &escape::shortened(&format!("there: {name}"), width - MARGIN),
            ));
        }
        None => lines.push(strip_of("arrival", seen)),
    }
    let column = time(whole.div_f64(n_columns as f64));
    let most = seen.arrival.strip(n_columns).into_iter().max().unwrap_or(0);
    let end = time(whole);
    let most = count(most, "event");
    let legend = format!("0 to {end}, a column is {column}, at most {most} in one");
    lines.push(row("", &escape::shortened(&legend, width - MARGIN)));
    lines
}

/// Events in each span of time, as heights.
fn strip(seen: &Seen, whole: Duration, n_columns: usize) -> String {
    let mut arrival = seen.arrival.clone();
    arrival.end = whole;
    let columns = arrival.strip(n_columns);
    let most = columns.iter().copied().max().unwrap_or(0).max(1);
    let level = |n: &usize| LEVELS[(n * (LEVELS.len() - 1)).div_ceil(most)];
    columns.iter().map(level).collect()
}

fn row(word: &str, text: &str) -> String {
    format!("{word:<MARGIN$}{text}")
}

/// Cuts visible text, and does not cut an escape of it into something else.
fn cut(visible: &str, width: usize) -> String {
    let mut n = 0;
    let fits = |c: &char| {
        n += escape::columns(&c.to_string());
        n <= width
    };
    let text: String = visible.chars().take_while(fits).collect();
    let unfinished = text.rfind('\\').filter(|at| {
        let escape = &text[*at..];
        escape.len() == 1 || escape.starts_with("\\u{") && !escape.contains('}')
    });
    text[..unfinished.unwrap_or(text.len())].to_owned()
}

fn cut_with_dots(visible: &str, width: usize) -> String {
    if escape::columns(visible) <= width {
        visible.to_owned()
    } else {
        format!("{}…", cut(visible, width.saturating_sub(1)))
    }
}

/// Visible text on lines of at most this width.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if escape::columns(line) + 1 + escape::columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
