//! A played server case to lines that a reader can follow: what was on the wire and what the application was told, with times.

use crate::mask::mask;
use crate::observation::Text;
use crate::observation::server::{BodyEnd, Happened, Head, Moment, ServerRun};
use crate::report::{Line, Speaker};

/// The lines of a run.
pub fn lines(run: &ServerRun) -> Vec<Line> {
    let names_clients = run.sides.len() > 1;
    let line = |moment: &Moment| {
        let (from, text) = what(&moment.what);
        let client = if names_clients {
            format!("client {}: ", moment.client + 1)
        } else {
            String::new()
        };
        let at = moment.at.as_secs_f64();
        Line {
            from,
            text: format!("{at:>7.3} s  {client}{}", mask(&text)),
        }
    };
    run.moments.iter().map(line).collect()
}

fn what(happened: &Happened) -> (Speaker, String) {
    use Speaker::{Harness, Target};
    match happened {
        Happened::Asked(head) => (Harness, String::from_utf8_lossy(head).trim_end().to_owned()),
        Happened::Head(head) => (Target, head_text(head)),
        Happened::Body(start, n_bytes) => {
            let left_out = if start.len() < *n_bytes {
                format!("… ({n_bytes} bytes)")
            } else {
                String::new()
            };
            (Target, format!("\"{}\"{left_out}", start.escape_ascii()))
        }
        Happened::Ended(end) => (
            Target,
            match end {
                BodyEnd::Open => "stays open".to_owned(),
                BodyEnd::Complete => "the body is complete".to_owned(),
                BodyEnd::Closed => "the connection ends, and with it the body".to_owned(),
                BodyEnd::Cut(how) => format!("the body breaks off: {how}"),
                BodyEnd::Fault(sentence) => sentence.clone(),
                BodyEnd::Left => "the client has left".to_owned(),
            },
        ),
        Happened::Told(id) => (
            Target,
            format!(
                "the application is told of the request, last event ID {}",
                text(id.as_ref())
            ),
        ),
        Happened::Emit(index) => (
            Harness,
            format!("the application emits event {}", index + 1),
        ),
        Happened::NotSeen(index) => (
            Harness,
            format!(
                "event {} is not on the wire, and the next is due",
                index + 1
            ),
        ),
        Happened::Rejected(index, message) => (
            Target,
            format!("refuses event {}: {}", index + 1, text(Some(message))),
        ),
        Happened::Disconnected => (
            Target,
            "the application is told that the client has left".to_owned(),
        ),
        Happened::Left => (Harness, "the client leaves".to_owned()),
    }
}

fn head_text(head: &Head) -> String {
    let mut text = format!("HTTP/1.{} {}", head.minor_version, head.status);
    for (name, value) in &head.headers {
        text.push_str(&format!(
            "\n{}: {}",
            name.escape_ascii(),
            value.escape_ascii()
        ));
    }
    text
}

fn text(text: Option<&Text>) -> String {
    text.map_or("none".to_owned(), |text| {
        format!("\"{}\"", text.0.escape_ascii())
    })
}
