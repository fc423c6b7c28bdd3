//! What lint saw to JSON: one object, or one a line.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Session, cause, escape, preview};
use crate::event_stream::Event;
use crate::lint::arrival::{Evidence, Pattern};
use crate::lint::exchange::{End, Seen};
use crate::lint::finding::Finding;

/// The shape's version.
const SCHEMA: u32 = 1;
/// Columns of the arrival chart.
const N_COLUMNS: usize = 100;

/// The whole session.
///
/// # Errors
///
/// None.
pub fn document(session: &Session) -> io::Result<Vec<u8>> {
    let mut value = summary(session);
    value["findings"] = session.findings.iter().map(finding).collect();
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    Ok(without_controls(&text).into_bytes())
}

/// Findings and summary, one object a line.
///
/// # Errors
///
/// What `out` gives.
pub fn lines(out: &mut dyn io::Write, session: &Session) -> io::Result<()> {
    for found in &session.findings {
        let line = json!({ "finding": finding(found) });
        writeln!(out, "{}", without_controls(&line.to_string()))?;
    }
    let line = json!({ "summary": summary(session) });
    writeln!(out, "{}", without_controls(&line.to_string()))
}

/// One event on one line.
pub fn event(at: Option<Duration>, event: &Event<'_>, mask: &dyn Fn(&str) -> String) -> String {
    let line = json!({ "event": {
        "at": at.map(|at| at.as_secs_f64()),
        "type": mask(event.event_type),
        "data": mask(event.data),
        "lastEventId": mask(event.last_event_id),
        "bytes": event.data.len(),
    } });
    without_controls(&line.to_string())
}

fn summary(session: &Session) -> Value {
    let mut value = json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "source": session.source,
        "command": session.command,
        "verdict": session.verdict,
        "next": session.next,
        "answer": seen(&session.seen),
    });
    if let Some((name, origin)) = &session.against {
        value["against"] = json!({ "source": name, "answer": seen(origin) });
    }
    if let Some(again) = &session.again {
        value["again"] = seen(again);
    }
    if !session.seen.is_stream {
        value["body"] = preview(session, 5, 200).into();
    }
    value
}

fn finding(finding: &Finding) -> Value {
    let losses = finding.losses();
    let losses = losses.iter().map(|loss| {
        json!({
            "implementation": loss.implementation,
            "version": loss.version,
            "language": loss.language,
            "case": loss.case,
            "what": loss.what,
        })
    });
    json!({
        "severity": finding.severity().word(),
        "rule": finding.rule.id,
        "clause": finding.rule.clause,
        "count": finding.count,
        "line": finding.place.as_ref().map(|place| place.line),
        "text": finding.place.as_ref().map(|place| escape::bytes(&place.start)),
        "cause": cause(finding),
        "what": finding.rule.what,
        "advice": finding.rule.advice,
        "lostBy": losses.collect::<Vec<_>>(),
    })
}

fn seen(seen: &Seen) -> Value {
    let arrival = &seen.arrival;
    let seconds = |at: Option<Duration>| at.map(|at| at.as_secs_f64());
    let (end, reason) = match &seen.end {
        End::Complete => ("complete", None),
        End::Broken(sentence) => ("broken", Some(sentence.as_str())),
        End::Stopped(why) => ("stopped", Some(*why)),
    };
    let head = seen.head.as_ref().map(
        |head| json!({ "version": head.version, "status": head.status, "headers": head.headers }),
    );
    let gaps = arrival.gaps().map(|gaps| {
        json!({
            "median": gaps.median.as_secs_f64(),
            "p95": gaps.p95.as_secs_f64(),
            "max": gaps.max.as_secs_f64(),
        })
    });
    let bursts = arrival.bursts();
    let burst = |burst: &crate::lint::arrival::Burst| {
        json!({
            "start": burst.start.as_secs_f64(),
            "end": burst.end.as_secs_f64(),
            "events": burst.n_events,
            "bytes": burst.n_bytes,
            "cutsAnEvent": burst.cuts_an_event,
        })
    };
    let per_read = arrival.events_per_read();
    json!({
        "head": head,
        "end": { "how": end, "why": reason, "at": arrival.end.as_secs_f64() },
        "isStream": seen.is_stream,
        "events": seen.n_events,
        "lines": seen.n_lines,
        "bytes": seen.n_bytes,
        "wireBytes": seen.n_wire_bytes,
        "offered": seen.offered,
        "lastEventId": seen.last_event_id,
        "reconnectionTime": seen.reconnection_time.map(|time| time.as_millis().to_string()),
        "arrival": seen.is_timed.then(|| json!({
            "head": seconds(arrival.head),
            "firstByte": seconds(arrival.first_byte),
            "firstEvent": seconds(arrival.first_event),
            "longestSilence": arrival.longest_silence.as_secs_f64(),
            "gaps": gaps,
            "reads": arrival.n_reads,
            "eventsPerRead": per_read.map(|(median, max)| json!({ "median": median, "max": max })),
            "pattern": pattern(&seen.pattern),
            "bursts": bursts.iter().take(N_COLUMNS).map(burst).collect::<Vec<_>>(),
            "strip": arrival.strip(N_COLUMNS),
        })),
    })
}

fn pattern(pattern: &Pattern) -> Value {
    match pattern {
        Pattern::Unknown => json!({ "kind": "unknown" }),
        Pattern::Even => json!({ "kind": "even" }),
        Pattern::Bursts { n, evidence } => {
            let evidence = evidence.map(|evidence| match evidence {
                Evidence::EqualBytes { n_bytes, n_cut } => {
                    json!({ "kind": "equal bytes", "bytes": n_bytes, "cut": n_cut })
                }
                Evidence::EqualTime { period } => {
                    json!({ "kind": "equal time", "period": period.as_secs_f64() })
                }
                Evidence::AllAtEnd => json!({ "kind": "all at the end" }),
            });
            json!({ "kind": "bursts", "bursts": n, "evidence": evidence })
        }
    }
}

/// What steers a terminal is escaped; a line end of the layout stays.
fn without_controls(text: &str) -> String {
    let escaped = |c: char| match c {
        '\n' => c.to_string(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}
