//! When events came to a chart: time to the right, all events so far upwards, and a mark for each span in which any came.

use std::time::Duration;

use maud::{Markup, html};

use crate::lint::exchange::Seen;
use crate::lint::verdict::time;

const WIDTH: usize = 900;
const HEIGHT: usize = 220;
/// Room for the words below and beside the chart.
const LEFT: usize = 60;
const BELOW: usize = 40;

/// One chart for one or two answers on one scale of time.
pub fn chart(answers: &[(&str, &Seen)]) -> Markup {
    let whole = answers.iter().map(|(_, seen)| seen.arrival.end).max();
    let whole = whole.unwrap_or_default().max(Duration::from_millis(1));
    let most = answers.iter().map(|(_, seen)| seen.n_events).max();
    let most = most.unwrap_or(0).max(1);
    let (right, bottom) = (LEFT + WIDTH, HEIGHT);
    let size = format!("0 0 {} {}", right + 20, bottom + BELOW);
    html! {
        svg viewBox=(size) role="img" aria-labelledby="chart-title" {
            title #chart-title { (spoken(answers)) }
            @for part in 0..=4_usize {
                @let x = LEFT + WIDTH * part / 4;
                line.grid x1=(x) y1="10" x2=(x) y2=(bottom) {}
                text.axis x=(x) y=(bottom + 18) text-anchor=(anchor(part)) {
                    @if part == 0 { "0" } @else { (time(whole.mul_f64(part as f64 / 4.0))) }
                }
            }
            line.grid x1=(LEFT) y1=(bottom) x2=(right) y2=(bottom) {}
            text.axis x=(LEFT - 6) y="18" text-anchor="end" { (most) }
            text.axis x=(LEFT - 6) y=(bottom) text-anchor="end" { "0" }
            @for (index, (name, seen)) in answers.iter().enumerate() {
                polyline class=(class(index)) points=(steps(seen, whole, most)) {}
                text class=(format!("{} name", class(index))) x=(LEFT + 10) y=(30 + 20 * index) {
                    (key(index)) " " (name)
                }
            }
        }
    }
}

/// How a line is told from the other without colour.
fn key(index: usize) -> &'static str {
    if index == 0 { "—" } else { "- -" }
}

fn class(index: usize) -> &'static str {
    if index == 0 { "here" } else { "there" }
}

fn anchor(part: usize) -> &'static str {
    match part {
        0 => "start",
        4 => "end",
        _ => "middle",
    }
}

/// The number of events so far, a step at each time; no more points than can be seen.
fn steps(seen: &Seen, whole: Duration, most: usize) -> String {
    let mut arrival = seen.arrival.clone();
    arrival.end = whole;
    let columns = arrival.strip(WIDTH);
    let y = |n: usize| 10.0 + (HEIGHT - 10) as f64 * (1.0 - n as f64 / most as f64);
    let mut points = format!("{LEFT},{:.1}", y(0));
    let mut n_events = 0;
    for (column, n) in columns.iter().enumerate().filter(|(_, n)| **n > 0) {
        let x = LEFT + column;
        points.push_str(&format!(" {x},{:.1}", y(n_events)));
        n_events += n;
        points.push_str(&format!(" {x},{:.1}", y(n_events)));
    }
    let end = seen.arrival.end.as_secs_f64() / whole.as_secs_f64();
    let x = LEFT as f64 + WIDTH as f64 * end;
    points.push_str(&format!(" {x:.1},{:.1}", y(n_events)));
    points
}

fn spoken(answers: &[(&str, &Seen)]) -> String {
    let of = |(name, seen): &(&str, &Seen)| {
        let first = seen.arrival.first_event.map_or("never".to_owned(), time);
        format!(
            "{name}: {} events, the first after {first}, the end after {}",
            seen.n_events,
            time(seen.arrival.end)
        )
    };
    let parts: Vec<String> = answers.iter().map(of).collect();
    format!("Events so far over time. {}", parts.join(". "))
}
