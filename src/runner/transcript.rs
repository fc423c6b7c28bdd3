//! A played script to lines that a reader can follow: what went over the wire and what the target said, with times.

use crate::mask::mask;
use crate::observation::client::{ClientRun, Happened, Moment, Report};
use crate::observation::{ObservedEvent, Text};
use crate::report::{Line, Speaker};
use crate::script::{Ending, Gate};

/// A reader looks at the start of long bytes only.
const MAX_BYTES: usize = 512;
/// A target that comes back for ever does not fill a report.
const MAX_LINES: usize = 200;
/// So many of them tell how it came to its end.
const LAST_LINES: usize = 20;

/// The lines of a run.
pub fn lines(run: &ClientRun, boundaries: &str) -> Vec<Line> {
    let first = Line {
        from: Speaker::Harness,
        text: format!("chunk boundaries are {boundaries}"),
    };
    let mut lines = vec![first];
    let n_moments = run.moments.len();
    let left_out = match n_moments > MAX_LINES {
        true => MAX_LINES - LAST_LINES..n_moments - LAST_LINES,
        false => 0..0,
    };
    let mut n_asked = 0;
    for (place, moment) in run.moments.iter().enumerate() {
        if matches!(moment.what, Happened::Asked(_)) {
            n_asked += 1;
        }
        if !left_out.contains(&place) {
            lines.push(line(moment, n_asked));
        } else if place == left_out.start {
            lines.push(Line {
                from: Speaker::Harness,
                text: format!("… {} lines are left out", left_out.len()),
            });
        }
    }
    lines
}

fn line(moment: &Moment, n_asked: usize) -> Line {
    let (from, text) = match &moment.what {
        Happened::Asked(request) => {
            let mut text = format!("request {n_asked}: {} /{}", request.method, request.path);
            for (name, value) in &request.headers {
                let is_credential = crate::verdict::client::request::is_credential(name);
                let value = if is_credential {
                    b"***"
                } else {
                    value.as_slice()
                };
                text.push_str(&format!("\n{}: {}", name.escape_ascii(), bytes(value)));
            }
            if !request.body.is_empty() {
                text.push_str(&format!("\n\n{}", bytes(&request.body)));
            }
            (Speaker::Target, text)
        }
        Happened::Head(of, _, head) => (
            Speaker::Harness,
            format!("answer {}:\n{}", of + 1, shown_head(head)),
        ),
        Happened::Sent(of, sent) => (
            Speaker::Harness,
            format!("answer {}: \"{}\"", of + 1, bytes(sent)),
        ),
        Happened::Over(of, ending) => (
            Speaker::Harness,
            format!(
                "answer {}: {}",
                of + 1,
                match ending {
                    Ending::Close => "ends",
                    Ending::Reset => "the connection is reset",
                    Ending::Truncate => "breaks off",
                    Ending::Hold => "is held open",
                }
            ),
        ),
        Happened::BoundaryUnknown(of) => (
            Speaker::Harness,
            format!(
                "answer {}: the target may have read this chunk together with the next",
                of + 1
            ),
        ),
        Happened::Left(of) => (Speaker::Target, format!("closes connection {}", of + 1)),
        Happened::Refuses => (
            Speaker::Harness,
            "refuses connections from now on".to_owned(),
        ),
        Happened::Listens => (Speaker::Harness, "takes connections again".to_owned()),
        Happened::Unheard(why) => (
            Speaker::Target,
            format!("connects, and does not come to a request: {why}"),
        ),
        Happened::WaitedInVain(gate) => (
            Speaker::Harness,
            match gate {
                Gate::Opens(n) => format!("waited in vain for open {n}"),
                Gate::Events(n) | Gate::Heard(n) => format!("waited in vain for event {n}"),
                Gate::Disconnect => "waited in vain".to_owned(),
            },
        ),
        Happened::Disconnected => (Speaker::Target, "says that it has disconnected".to_owned()),
        Happened::KeptOpen => (Speaker::Target, "keeps its connection open".to_owned()),
        Happened::Reported(report) => (Speaker::Target, format!("reports {}", reported(report))),
    };
    Line {
        from,
        text: format!("{:>7.3} s  {}", moment.at.as_secs_f64(), mask(&text)),
    }
}

/// The lines of a head, each escaped.
fn shown_head(head: &[u8]) -> String {
    let lines = head.split(|byte| *byte == b'\n');
    let shown = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let shown = shown.filter(|line| !line.is_empty()).map(bytes);
    shown.collect::<Vec<_>>().join("\n")
}

fn reported(report: &Report) -> String {
    match report {
        Report::Open => "open".to_owned(),
        Report::Event(event) => event_text(event),
        Report::Comment(comment) => format!("comment {}", text(Some(comment))),
        Report::Error { fatal, message } => {
            let kind = if *fatal { "fatal error" } else { "error" };
            format!("{kind} {}", text(Some(message)))
        }
        Report::End => "end".to_owned(),
    }
}

fn event_text(event: &ObservedEvent) -> String {
    format!(
        "event type={} data={} id={}",
        text(event.event_type.as_ref()),
        text(event.data.as_ref()),
        text(event.last_event_id.as_ref())
    )
}

fn text(text: Option<&Text>) -> String {
    text.map_or("none".to_owned(), |text| format!("\"{}\"", bytes(&text.0)))
}

fn bytes(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(MAX_BYTES)];
    let left_out = if shown.len() < bytes.len() { "…" } else { "" };
    format!("{}{left_out}", shown.escape_ascii())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::observation::client::RunEnd;

    #[test]
    fn the_end_of_a_long_run_is_told_as_well_as_its_start() {
        let told = |n_moments: usize| {
            let moment = |n: usize| Moment {
                at: Duration::ZERO,
                what: Happened::Left(n),
            };
            let run = ClientRun {
                moments: (0..n_moments).map(moment).collect(),
                end: RunEnd::Silent(Duration::ZERO),
            };
            lines(&run, "kept")
        };
        let whole = told(MAX_LINES);
        assert_eq!(whole.len(), 1 + MAX_LINES);
        let long = told(1000);
        assert_eq!(long.len(), 1 + MAX_LINES + 1);
        assert!(long[1].text.ends_with("closes connection 1"));
        assert_eq!(long[181].text, "… 800 lines are left out");
        assert!(long[182].text.ends_with("closes connection 981"));
        assert!(long[201].text.ends_with("closes connection 1000"));
    }
}
