//! What conforms and what was observed, to two columns of text side by side.

use crate::case::{Answer, ExpectedEvent};
use crate::observation::{Observation, ObservedEvent, Parsed};
use crate::report::comparison::{index_of, sentences, shown_events};
use crate::report::escape;
use crate::verdict::Mismatch;
use crate::verdict::sweep::Failing;

/// How many rows of events are shown before the equal ones around the first difference are left out.
const N_ROWS: usize = 8;
/// Stands between two cells that differ.
const DIFFERS: &str = " ≠ ";
const SAME: &str = "   ";
/// State at the end of the stream that is not there, though it should be.
const NO_ID: &str = "at the end: (no id)";
const NO_RETRY: &str = "at the end: (no retry)";
/// State at the end of the stream that the target does not show, or shows with its events.
const NOT_SHOWN: &str = "at the end: (not shown by itself)";

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Visible text, no wider than asked.
    pub text: String,
    /// It shows a difference.
    pub differs: bool,
}

/// Both sides, event by event, then the end state, then what two columns do not show.
pub fn side_by_side(expected: &Answer, failing: &Failing, width: usize) -> Vec<Row> {
    let mismatches = &failing.mismatches;
    let sides = Sides {
        width: (width.saturating_sub(escape::columns(DIFFERS))) / 2,
    };
    let mut rows = vec![sides.row("expected", "observed", false)];
    let nothing = Parsed::default();
    let parsed = match &failing.observation {
        Observation::Parsed(parsed) => parsed,
        Observation::Crashed(_) | Observation::Hung(_) => &nothing,
    };
    let differs = |index| {
        mismatches
            .iter()
            .any(|mismatch| index_of(mismatch) == Some(index))
    };
    let n_events = expected.events.len().max(parsed.events.len());
    let shown = shown_events(
        n_events,
        (0..n_events).find(|&index| differs(index)),
        N_ROWS,
    );
    if shown.start > 0 {
        rows.push(plain(format!("... {} before, equal", shown.start)));
    }
    for index in shown.clone() {
        let cells = (
            expected.events.get(index).map(expected_parts),
            parsed.events.get(index).map(observed_parts),
        );
        sides.event(cells, differs(index), &mut rows);
    }
    if shown.end < n_events {
        rows.push(plain(format!("... {} after", n_events - shown.end)));
    }
    if n_events == 0 && matches!(failing.observation, Observation::Parsed(_)) {
        rows.push(sides.row("(no event)", "(no event)", false));
    }
    sides.end(expected, mismatches, parsed, &mut rows);
    let sentences = mismatches.iter().flat_map(|m| sentences(m, width));
    rows.extend(sentences.map(|text| Row {
        text,
        differs: true,
    }));
    rows
}

fn plain(text: String) -> Row {
    Row {
        text,
        differs: false,
    }
}

/// One event's type, data and last event ID.
type Parts = [Shown; 3];

/// Text in a cell: a word about it, or the text itself, which can be long.
enum Shown {
    Word(String),
    Text(Vec<u8>),
    Nothing,
}

impl Shown {
    fn within(&self, width: usize) -> String {
        match self {
            Self::Word(word) => escape::shortened(word, width),
            Self::Text(text) => escape::quoted(text, width),
            Self::Nothing => String::new(),
        }
    }
}

fn expected_parts(event: &ExpectedEvent) -> Parts {
    [
        event_type(event.event_type.as_bytes()),
        Shown::Text(event.data.clone().into_bytes()),
        id(event.last_event_id.as_bytes()),
    ]
}

fn observed_parts(event: &ObservedEvent) -> Parts {
    let data = match &event.data {
        Some(data) => Shown::Text(data.0.clone()),
        None => Shown::Word("(no data)".to_owned()),
    };
    [
        match &event.event_type {
            Some(text) => event_type(&text.0),
            None => Shown::Word("(no type)".to_owned()),
        },
        data,
        event
            .last_event_id
            .as_ref()
            .map_or(Shown::Nothing, |text| id(&text.0)),
    ]
}

fn event_type(text: &[u8]) -> Shown {
    let is_word = !text.is_empty()
        && text.len() <= 40
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
    if is_word {
        Shown::Word(escape::bytes(text))
    } else {
        Shown::Text(text.to_vec())
    }
}

fn id(text: &[u8]) -> Shown {
    if text.is_empty() {
        Shown::Nothing
    } else {
        Shown::Text(text.to_vec())
    }
}

/// Two columns of the same width.
struct Sides {
    width: usize,
}

impl Sides {
    fn row(&self, expected: &str, observed: &str, differs: bool) -> Row {
        let expected = escape::shortened(expected, self.width);
        let padding = " ".repeat(self.width - escape::columns(&expected));
        let mark = if differs { DIFFERS } else { SAME };
        let text = format!(
            "{expected}{padding}{mark}{}",
            escape::shortened(observed, self.width)
        );
        Row { text, differs }
    }

    /// One row if both sides fit, else one for each part.
    fn event(
        &self,
        (expected, observed): (Option<Parts>, Option<Parts>),
        differs: bool,
        rows: &mut Vec<Row>,
    ) {
        let on_one_line = |parts: &Option<Parts>| match parts {
            None => "(no event)".to_owned(),
            Some([event_type, data, id]) => {
                let [event_type, data, id] =
                    [event_type, data, id].map(|part| part.within(self.width));
                let id = if id.is_empty() {
                    id
                } else {
                    format!(" id={id}")
                };
                format!("{event_type} {data}{id}")
            }
        };
        let lines = (on_one_line(&expected), on_one_line(&observed));
        if escape::columns(&lines.0).max(escape::columns(&lines.1)) <= self.width {
            rows.push(self.row(&lines.0, &lines.1, differs));
            return;
        }
        for (index, label) in ["", "  ", "  id="].into_iter().enumerate() {
            let cell = |parts: &Option<Parts>| match parts {
                None if index == 0 => "(no event)".to_owned(),
                None => String::new(),
                Some(parts) => match &parts[index] {
                    Shown::Nothing => String::new(),
                    part => format!("{label}{}", part.within(self.width - label.len())),
                },
            };
            let (expected, observed) = (cell(&expected), cell(&observed));
            if !(expected.is_empty() && observed.is_empty()) {
                rows.push(self.row(&expected, &observed, differs && expected != observed));
            }
        }
    }

    fn end(
        &self,
        expected: &Answer,
        mismatches: &[Mismatch],
        parsed: &Parsed,
        rows: &mut Vec<Row>,
    ) {
        let end = &expected.end;
        if let Some(expected) = &end.last_event_id {
            let differing = mismatches.iter().find_map(|mismatch| match mismatch {
                Mismatch::EndLastEventId { observed, .. } => Some(observed),
                _ => None,
            });
            let observed = differing.unwrap_or(&parsed.last_event_id);
            let width = self.width.saturating_sub(16);
            let of = |text: &[u8]| format!("at the end: id={}", escape::quoted(text, width));
            let absent = if differing.is_some() {
                NO_ID
            } else {
                NOT_SHOWN
            };
            let observed = observed
                .as_ref()
                .map_or(absent.to_owned(), |text| of(&text.0));
            rows.push(self.row(&of(expected.as_bytes()), &observed, differing.is_some()));
        }
        if let Some(expected) = &end.reconnection_time {
            let differing = mismatches.iter().find_map(|mismatch| match mismatch {
                Mismatch::EndReconnectionTime { observed, .. } => Some(observed),
                _ => None,
            });
            let observed = differing.unwrap_or(&parsed.reconnection_time);
            let of = |digits: &str| format!("at the end: retry={digits}");
            let absent = if differing.is_some() {
                NO_RETRY
            } else {
                NOT_SHOWN
            };
            let observed = observed
                .as_ref()
                .map_or(absent.to_owned(), |n| of(n.as_str()));
            rows.push(self.row(&of(expected), &observed, differing.is_some()));
        }
        for mismatch in mismatches {
            let (conforms, deviates) = match mismatch {
                Mismatch::Error(error) => ("(no error)", format!("error: {}", escape::text(error))),
                Mismatch::Crashes(how) => ("(an answer)", format!("crashes: {how}")),
                Mismatch::Hangs(how) => ("(an answer)", format!("hangs: {how}")),
                _ => continue,
            };
            rows.push(self.row(conforms, &deviates, true));
        }
    }
}
