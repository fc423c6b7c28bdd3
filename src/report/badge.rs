//! A report to a badge: the JSON that shields.io reads from an endpoint, and the same badge as SVG.

use std::io;

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::BytesText;
use serde::Serialize;

use super::{CaseResult, Counts, Report, TargetReport};
use crate::clause::Level;
use crate::outcome::Outcome;

/// Writes what a shields.io endpoint badge shows.
///
/// # Errors
///
/// What `out` gives.
pub fn json(out: &mut dyn io::Write, report: &Report) -> io::Result<()> {
    let badge = Badge::of(report);
    let endpoint = Endpoint {
        schema_version: 1,
        label: &badge.label,
        message: &badge.message,
        color: badge.colour.name,
    };
    serde_json::to_writer(&mut *out, &endpoint)?;
    writeln!(out)
}

/// Writes the badge as one picture that loads nothing.
///
/// # Errors
///
/// What `out` gives.
pub fn svg(out: &mut dyn io::Write, report: &Report) -> io::Result<()> {
    let badge = Badge::of(report);
    let title = format!("{}: {}", badge.label, badge.message);
    let (left, right) = (
        text_width(&badge.label) + 10,
        text_width(&badge.message) + 10,
    );
    let width = left + right;
    let mut writer = Writer::new(&mut *out);
    writer
        .create_element("svg")
        .with_attribute(("xmlns", "http://www.w3.org/2000/svg"))
        .with_attribute(("width", width.to_string().as_str()))
        .with_attribute(("height", "20"))
        .with_attribute(("viewBox", format!("0 0 {width} 20").as_str()))
        .with_attribute(("role", "img"))
        .with_attribute(("aria-label", title.as_str()))
        .write_inner_content(|writer| {
            writer
                .create_element("title")
                .write_text_content(text(&title))?;
            for (x, width, fill) in [(0, left, "#555"), (left, right, badge.colour.fill)] {
                writer
                    .create_element("rect")
                    .with_attribute(("x", x.to_string().as_str()))
                    .with_attribute(("width", width.to_string().as_str()))
                    .with_attribute(("height", "20"))
                    .with_attribute(("fill", fill))
                    .write_empty()?;
            }
            writer
                .create_element("g")
                .with_attribute(("fill", "#fff"))
                .with_attribute(("font-family", "Verdana,DejaVu Sans,sans-serif"))
                .with_attribute(("font-size", "11"))
                .write_inner_content(|writer| {
                    for (x, words) in [(5, &badge.label), (left + 5, &badge.message)] {
                        writer
                            .create_element("text")
                            .with_attribute(("x", x.to_string().as_str()))
                            .with_attribute(("y", "14"))
                            // Whatever font there is, the words fill the room that was made for them.
                            .with_attribute(("textLength", text_width(words).to_string().as_str()))
                            .write_text_content(text(words))?;
                    }
                    Ok(())
                })?;
            Ok(())
        })?;
    writeln!(out)
}

/// The shape that shields.io asks for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u32,
    label: &'a str,
    message: &'a str,
    color: &'a str,
}

struct Badge {
    label: String,
    message: String,
    colour: &'static Colour,
}

/// A colour of shields.io, and its value; dark enough for white words.
struct Colour {
    name: &'static str,
    fill: &'static str,
}

/// From this percentage of the cases on. Only a target without any deviation is `brightgreen`.
const COLOURS: [(usize, Colour); 4] = [
    (90, colour("yellowgreen", "#6a7d00")),
    (75, colour("yellow", "#8f6f00")),
    (50, colour("orange", "#b35309")),
    (0, colour("red", "#c0392b")),
];
const CONFORMS: Colour = colour("brightgreen", "#2d7d0a");
const UNKNOWN: Colour = colour("lightgrey", "#6b6b6b");

const fn colour(name: &'static str, fill: &'static str) -> Colour {
    Colour { name, fill }
}

impl Badge {
    fn of(report: &Report) -> Self {
        let first_role = report.targets.first().map(|target| target.role);
        let same_role = first_role.filter(|&first| {
            let mut targets = report.targets.iter();
            targets.all(|target| target.role == first)
        });
        let label = match same_role {
            Some(of_all) => format!("SSE {}", of_all.name()),
            None => "SSE".to_owned(),
        };
        let standings: Vec<Standing> = report.targets.iter().map(Standing::of).collect();
        let asked = || standings.iter().filter(|standing| standing.is_asked);
        let n_asked = asked().count();
        let n_conform = asked().filter(|standing| standing.conforms).count();
        let message = match standings.as_slice() {
            _ if n_asked == 0 => "not tested".to_owned(),
            [alone] => alone.message(),
            _ if n_asked == standings.len() => format!("{n_conform} of {n_asked} conform"),
            _ => format!(
                "{n_conform} of {n_asked} conform, {} not tested",
                standings.len() - n_asked
            ),
        };
        // Of several targets the worst gives the colour, so that a badge never flatters.
        let worst = asked().map(Standing::colour).max_by_key(|(rank, _)| *rank);
        Self {
            label,
            message,
            colour: worst.map_or(&UNKNOWN, |(_, colour)| colour),
        }
    }
}

/// How one target stands.
struct Standing {
    is_asked: bool,
    /// Nothing deviates, and nothing was left unasked; what it does not show is no deviation.
    conforms: bool,
    n_pass: usize,
    n_skip: usize,
    n_cases: usize,
}

impl Standing {
    fn of(target: &TargetReport) -> Self {
        let counts = Counts::of(target);
        let n_pass = counts.pass + counts.unexpected_pass;
        let is_bad = |result: &CaseResult| match &result.outcome {
            Outcome::Fail | Outcome::Warn | Outcome::Error { .. } => true,
            // Where the standard leaves room there is no fault.
            Outcome::KnownFailure { level, .. } => *level >= Level::Should,
            _ => false,
        };
        Self {
            is_asked: !target.results.is_empty(),
            conforms: n_pass > 0 && target.n_not_asked == 0 && !target.results.iter().any(is_bad),
            n_pass,
            n_skip: counts.skip,
            n_cases: target.n_cases(),
        }
    }

    fn message(&self) -> String {
        match self.n_skip {
            _ if !self.conforms => format!("{} of {} cases", self.n_pass, self.n_cases),
            0 => "conforms".to_owned(),
            n => format!("conforms, {n} not shown"),
        }
    }

    /// The higher the first, the worse.
    fn colour(&self) -> (usize, &'static Colour) {
        if self.conforms {
            return (0, &CONFORMS);
        }
        let percent = self.n_pass * 100 / self.n_cases.max(1);
        let found = COLOURS.iter().position(|(from, _)| percent >= *from);
        let index = found.unwrap_or(COLOURS.len() - 1);
        (1 + index, &COLOURS[index].1)
    }
}

fn text(words: &str) -> BytesText<'_> {
    BytesText::from_escaped(partial_escape(words))
}

/// About as wide as Verdana at 11 pixels sets it.
fn text_width(words: &str) -> usize {
    let tenths = |c: char| match c {
        'i' | 'j' | 'l' | ',' | '.' | ':' | '\'' => 33,
        ' ' | 'f' | 'r' | 't' => 42,
        'm' | 'w' | 'M' | 'W' => 100,
        'A'..='Z' => 78,
        _ => 69,
    };
    words.chars().map(tenths).sum::<usize>().div_ceil(10)
}
