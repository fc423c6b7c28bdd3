//! What lint saw to text for a terminal, JSON, Markdown and HTML. All that a server sent is hostile and is made visible first.

mod chart;
pub mod html;
pub mod json;
pub mod markdown;
pub mod masked;
pub mod terminal;

use super::escape;
use super::terminal::plural;
use crate::lint::arrival::MAX_READS;
use crate::lint::exchange::{End, Seen};
use crate::lint::finding::Finding;
use crate::lint::session::Session;
use crate::lint::verdict::time;

/// The widest text of a line that stands in a finding.
const LINE_WIDTH: usize = 60;
/// How many implementations are named beside a risk.
const N_LOSSES: usize = 3;

/// Facts on one answer, each with a word for it, visible and short enough for a terminal of 80 columns.
fn facts(seen: &Seen) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let arrival = &seen.arrival;
    if seen.is_timed {
        let of = |at: Option<_>| at.map_or("never".to_owned(), time);
        let (byte, event) = (of(arrival.first_byte), of(arrival.first_event));
        facts.push((
            "time",
            format!("first byte {byte}, event {event}; {}", end(seen)),
        ));
        if let Some(gaps) = arrival.gaps() {
            facts.push((
                "gaps",
                format!(
                    "median {}, p95 {}, max {} between events; silence {}",
                    time(gaps.median),
                    time(gaps.p95),
                    time(gaps.max),
                    time(arrival.longest_silence)
                ),
            ));
        }
        if let Some((middle, most)) = arrival.events_per_read() {
            let rest = if arrival.n_reads > MAX_READS {
                format!(" (of the first {})", escape::count(MAX_READS))
            } else {
                String::new()
            };
            let n_reads = escape::count(arrival.n_reads);
            facts.push((
                "reads",
                format!("{n_reads}; events in one: median {middle}, max {most}{rest}"),
            ));
        }
    }
    let mut bytes = escape::count(seen.n_bytes);
    if seen.n_wire_bytes != seen.n_bytes {
        let wire = escape::count(seen.n_wire_bytes);
        bytes.push_str(&format!(" from {wire} on the wire"));
    }
    let lines = usize::try_from(seen.n_lines).unwrap_or(usize::MAX);
    facts.push(("bytes", format!("{bytes}, {}", plural(lines, "line"))));
    if let Some(head) = &seen.head {
        let media_type = head.header("content-type").unwrap_or("no Content-Type");
        let offered = seen.offered.join(", ");
        let encoding = match (head.encoding(), offered.as_str()) {
            (Some(encoding), "") => format!("; {encoding}"),
            (Some(encoding), offered) => format!("; got {encoding}, offered {offered}"),
            (None, "" | "identity") => String::new(),
            (None, offered) => format!("; got no coding, offered {offered}"),
        };
        let answer = format!("{} {}, {media_type}{encoding}", head.version, head.status);
        facts.push(("answer", escape::prose(&answer)));
    }
    facts
}

fn end(seen: &Seen) -> String {
    let at = time(seen.arrival.end);
    match &seen.end {
        End::Complete => format!("the server ended it at {at}"),
        End::Broken(_) => format!("it broke at {at}"),
        End::Stopped(why) => format!("we stopped at {at} ({why})"),
    }
}

/// What caused a finding, visible: the line, the words, how often.
fn cause(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(place) = &finding.place {
        let shown = escape::quoted(&place.start, LINE_WIDTH);
        let rest = if place.n_bytes > place.start.len() && !shown.contains('…') {
            format!("… ({} bytes)", escape::count(place.n_bytes))
        } else {
            String::new()
        };
        parts.push(format!("line {} {shown}{rest}", place.line));
    }
    if !finding.detail.is_empty() {
        parts.push(escape::prose(&finding.detail));
    }
    if finding.count > 1 {
        parts.push(format!("{} times", escape::count(finding.count)));
    }
    parts.join("; ")
}

/// Who is known to break on a risk.
fn losses(finding: &Finding, n_named: usize) -> String {
    let losses = finding.losses();
    let names: Vec<String> = losses
        .iter()
        .take(n_named)
        .map(|loss| loss.name())
        .collect();
    match losses.len() {
        0 => String::new(),
        n if n > n_named => format!("{} and {} more", names.join(", "), n - n_named),
        _ => names.join(", "),
    }
}

/// The first lines of a body that is no stream, visible.
fn preview(session: &Session, n_lines: usize, width: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(&session.seen.preview);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .take(n_lines)
        .map(|line| escape::shortened(line, width))
        .collect()
}
