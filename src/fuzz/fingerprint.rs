//! A deviation to the few words that tell it from others.

use std::fmt;

use crate::observation::{Death, Observation};
use crate::quirk::Quirk;
use crate::verdict::{Mismatch, Part};

/// How many frames of a stack tell one crash from another.
const N_FRAMES: usize = 3;

/// What tells one divergence from another; the text stays the same from run to run and from machine to machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// These quirks do the same.
    pub fn of_quirks(quirks: &[&Quirk]) -> Self {
        let mut names: Vec<&str> = quirks.iter().map(|quirk| quirk.name).collect();
        names.sort_unstable();
        Self(format!("quirk {}", names.join(" ")))
    }

    /// Nothing known does the same: kind and place of the first difference.
    pub fn of_difference(mismatches: &[Mismatch]) -> Self {
        Self(format!("unexplained {}", difference(mismatches)))
    }

    /// What became of something that a server's application emitted, and what is odd about that; in so many events.
    pub fn of_emission(class: &str, traits: &str, n_events: usize) -> Self {
        let several = if n_events > 1 {
            "in several events, "
        } else {
            ""
        };
        Self(format!("server {class} {several}{traits}"))
    }

    /// The process is lost: it died, or no answer came.
    pub fn of_death(observation: &Observation) -> Self {
        match observation {
            Observation::Crashed(death) => Self::of_crash(death),
            _ => Self("hang".to_owned()),
        }
    }

    /// How it died, and where if its log says so.
    fn of_crash(death: &Death) -> Self {
        let frames = frames(&death.log);
        let at = if frames.is_empty() { "" } else { " at " };
        Self(format!(
            "crash {}{at}{}",
            death.how.trim().trim_start_matches("it ended with "),
            frames.join(" < ")
        ))
    }

    /// Time or memory grows faster than the input.
    pub fn of_growth(what: &str, unit: &str) -> Self {
        Self(format!("growth {what} {unit}"))
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn read(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The names of its quirks, if it has some.
    pub fn quirk_names(&self) -> Vec<&str> {
        match self.0.strip_prefix("quirk ") {
            Some(names) => names.split(' ').collect(),
            None => Vec::new(),
        }
    }

    /// Nothing known does the same.
    pub fn is_unexplained(&self) -> bool {
        self.0.starts_with("unexplained")
    }

    /// The words in a form that may stand in a file's name.
    pub fn slug(&self) -> String {
        let text = self.0.strip_prefix("quirk ").unwrap_or(&self.0);
        let mut slug = String::new();
        for c in text.chars().take(80) {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.trim_matches('-').to_owned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Kind and place of the first difference. Which event it is does not count: a smaller stream may show it in another.
pub fn difference(mismatches: &[Mismatch]) -> &'static str {
    match mismatches.first() {
        Some(Mismatch::Event { parts, .. }) => match parts.first() {
            Some(Part::EventType { .. }) => "event-type",
            Some(Part::LastEventId { .. }) => "event-id",
            Some(Part::ReconnectionTime { .. }) => "event-retry",
            Some(Part::Data { .. }) | None => "event-data",
        },
        Some(Mismatch::Missing { .. }) => "missing-event",
        Some(Mismatch::Unexpected { .. }) => "unexpected-event",
        Some(Mismatch::Late { .. }) => "late-event",
        Some(Mismatch::EndLastEventId { .. }) => "end-id",
        Some(Mismatch::EndReconnectionTime { .. }) => "end-retry",
        Some(Mismatch::Emitted { class, .. }) => class.name(),
        Some(Mismatch::Exchange { .. }) => "exchange",
        Some(Mismatch::Error(_)) => "error",
        Some(Mismatch::Crashes(_)) => "crash",
        Some(Mismatch::Hangs(_)) => "hang",
        None => "nothing",
    }
}

/// The clause that a difference of this kind is filed under as long as nobody has said which it breaks.
pub fn clause(difference: &str) -> &'static str {
    match difference {
        "event-type" => "event.set",
        "event-data" => "data.single",
        "event-id" | "end-id" => "id.set",
        "event-retry" | "end-retry" => "retry.set",
        "late-event" => "line.liveness",
        _ => "dispatch.order",
    }
}

/// The first frames of a stack in a log, without addresses and other numbers that change from run to run.
fn frames(log: &[String]) -> Vec<String> {
    let frame = |line: &String| {
        let line = line.trim();
        let is_frame = line.contains("panicked at ")
            || line.starts_with("at ")
            || line.starts_with("File \"")
            || (line.starts_with('#') && line.contains(" in "))
            || (line.contains(".go:") && line.contains("+0x"));
        is_frame.then(|| {
            let line = line.rsplit("panicked at ").next().unwrap_or(line);
            let line = line.split(" +0x").next().unwrap_or(line);
            let mut words = line
                .split_whitespace()
                .filter(|word| !word.starts_with("0x"));
            let place = words.by_ref().collect::<Vec<_>>().join(" ");
            // Folders differ from machine to machine.
            place
                .rsplit('/')
                .next()
                .unwrap_or(&place)
                .trim_end_matches(':')
                .to_owned()
        })
    };
    // Python names the outermost frame first, everybody else the innermost.
    let is_python = |line: &&String| line.trim_start().starts_with("File \"");
    if log.iter().any(|line| is_python(&line)) {
        let lines = log.iter().rev().filter(is_python);
        return lines.filter_map(frame).take(N_FRAMES).collect();
    }
    log.iter().filter_map(frame).take(N_FRAMES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Text;

    #[test]
    fn a_crash_is_told_by_signal_and_frames_and_not_by_addresses() {
        let death = |log: &[&str]| Death {
            how: "it ended with signal 6".to_owned(),
            log: log.iter().map(|line| (*line).to_owned()).collect(),
        };
        let a = Fingerprint::of_crash(&death(&[
            "thread 'main' panicked at /a/b/src/parser.rs:12:5:",
            "byte index 1 is not a char boundary",
        ]));
        assert_eq!(a.to_string(), "crash signal 6 at parser.rs:12:5");
        assert_eq!(
            a,
            Fingerprint::of_crash(&death(&["thread 'x' panicked at /c/src/parser.rs:12:5:"]))
        );
        let asan = Fingerprint::of_crash(&death(&[
            "    #0 0x55d in parse /src/sse.c:7",
            "#1 0x56 in main",
        ]));
        assert_eq!(asan.to_string(), "crash signal 6 at sse.c:7 < #1 in main");
        let frames: Vec<String> = (1..=5)
            .map(|n| format!("  File \"/a/b/f{n}.py\", line {n}, in g{n}"))
            .collect();
        let frames: Vec<&str> = frames.iter().map(String::as_str).collect();
        assert_eq!(
            Fingerprint::of_crash(&death(&frames)).to_string(),
            "crash signal 6 at f5.py\", line 5, in g5 < f4.py\", line 4, in g4 < f3.py\", line 3, in g3"
        );
        assert_eq!(
            Fingerprint::of_crash(&death(&[])).to_string(),
            "crash signal 6"
        );
    }

    #[test]
    fn a_fingerprint_is_read_back_and_names_a_file() {
        let quirks = [crate::quirk::find("bom-is-error").expect("a quirk")];
        let fingerprint = Fingerprint::of_quirks(&quirks);
        assert_eq!(Fingerprint::read(&fingerprint.to_string()), fingerprint);
        assert_eq!(fingerprint.quirk_names(), ["bom-is-error"]);
        assert_eq!(fingerprint.slug(), "bom-is-error");
        let error = Fingerprint::of_difference(&[Mismatch::Error(Text::from("x"))]);
        assert_eq!(
            (error.slug().as_str(), error.is_unexplained()),
            ("unexplained-error", true)
        );
    }
}
