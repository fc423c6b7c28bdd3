//! What was seen to one sentence that stands alone.

use std::time::Duration;

use super::arrival::{Evidence, Pattern};
use super::exchange::{End, Seen};
use super::finding::Finding;
use super::rule::Severity;

/// What could not be told from one place.
pub const CANNOT_TELL: &str = "cannot tell the producer from a proxy from here; try --against";

/// One sentence on all of it. May hold what the server sent, as it came.
pub fn sentence(seen: &Seen, findings: &[Finding]) -> String {
    let Some(what) = events(seen, findings) else {
        return no_stream(seen);
    };
    let how = arrival(seen, findings);
    let end = match &seen.end {
        End::Complete => "",
        End::Broken(_) => "; then the answer broke",
        // Said beside the times.
        End::Stopped(_) => "",
    };
    format!("{what}{how}{end}")
}

/// The cause of bursts needs evidence that one place does not give.
pub fn is_cause_unknown(seen: &Seen, findings: &[Finding]) -> bool {
    let settled = [
        "delivery.held-back",
        "delivery.compression-holds",
        "delivery.producer-bursts",
    ];
    matches!(seen.pattern, Pattern::Bursts { .. })
        && !findings
            .iter()
            .any(|finding| settled.contains(&finding.rule.id))
}

/// A time as people say it: `120 ms`, `9.8 s`.
pub fn time(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        1..=999 => format!("{ms} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// A number and what it counts.
pub fn count(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{s}")
}

/// How many events, and whether they are what was meant; nothing if this is no stream.
fn events(seen: &Seen, findings: &[Finding]) -> Option<String> {
    if !seen.is_stream {
        return None;
    }
    let n = seen.n_events;
    let events = if n == 0 {
        "no event".to_owned()
    } else {
        count(n, "event")
    };
    let fails: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Fail)
        .collect();
    let is_lost = |finding: &Finding| finding.rule.id == "stream.event-lost-at-end";
    Some(match (n, fails.as_slice()) {
        (0, []) => format!("{events} in {}", time(seen.arrival.end)),
        (1, []) => format!("{events}, valid"),
        (_, []) => format!("{events}, all valid"),
        (_, fails) if fails.iter().all(|finding| is_lost(finding)) => {
            format!("{events} arrived, and the last one is lost")
        }
        (_, [fail]) => format!("{events}, and one thing is wrong: {}", fail.rule.id),
        (_, fails) => format!("{events}, and {} things are wrong", fails.len()),
    })
}

fn arrival(seen: &Seen, findings: &[Finding]) -> String {
    let first = seen.arrival.first_event.unwrap_or_default();
    let after = time(first);
    let has = |id: &str| findings.iter().any(|finding| finding.rule.id == id);
    let how = match &seen.pattern {
        Pattern::Unknown if !seen.is_timed || seen.n_events == 0 => return String::new(),
        Pattern::Unknown => format!("the first after {after}"),
        Pattern::Even => format!("they came evenly, the first after {after}"),
        Pattern::Bursts { n: 1, .. } => format!("all came at once after {after}"),
        Pattern::Bursts { n, .. } => format!("they came in {n} bursts, the first after {after}"),
    };
    let cause = if has("delivery.held-back") {
        ": held back on the way".to_owned()
    } else if has("delivery.compression-holds") {
        ": held back by the compression".to_owned()
    } else if has("delivery.producer-bursts") {
        ": from the origin too".to_owned()
    } else {
        match &seen.pattern {
            Pattern::Bursts {
                evidence: Some(Evidence::EqualBytes { n_bytes, .. }),
                ..
            } => format!(": a buffer of about {n_bytes} bytes, somewhere"),
            Pattern::Bursts {
                evidence: Some(Evidence::EqualTime { period }),
                ..
            } => format!(": one every {}, as a timer does", time(*period)),
            _ => String::new(),
        }
    };
    format!("; {how}{cause}")
}

fn no_stream(seen: &Seen) -> String {
    let Some(head) = &seen.head else {
        return "nothing came".to_owned();
    };
    let start = seen.preview.trim_ascii_start().to_ascii_lowercase();
    let is_html = start.starts_with(b"<!doctype html") || start.starts_with(b"<html");
    let body = match head.media_type() {
        _ if is_html => "an HTML page".to_owned(),
        _ if seen.n_bytes == 0 => "no body".to_owned(),
        Some((essence, _)) => essence,
        None => "a body of no type".to_owned(),
    };
    format!("no event stream: status {} with {body}", head.status)
}
