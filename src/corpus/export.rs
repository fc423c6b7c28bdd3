//! The corpus to files for tests in other languages: an index in JSON, its schema, and the raw streams.
//!
//! The same corpus gives the same files, byte for byte, so that a difference between two exports shows what changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::Corpus;
use crate::case::{Answer, Case, ExpectedEvent, ParserCase, TracedEvent};
use crate::clause::{Clauses, Level};
use crate::delivery::Cutting;

/// The version of the index's layout.
pub const SCHEMA: u64 = 1;
/// The file that names every case.
pub const INDEX: &str = "index.json";

/// Longer streams and texts are described, so that the index stays small.
const WRITTEN_OUT_UP_TO: usize = 4 << 10;
/// Longer streams have no raw file.
const RAW_UP_TO: usize = 64 << 10;
/// The offsets that are offered for one case.
const MAX_CUTS: usize = 16;

/// One file of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the folder of the export.
    pub path: String,
    /// All of it.
    pub contents: Vec<u8>,
}

/// Every file of the export, in the order of the cases' ids.
pub fn files(corpus: &Corpus) -> Vec<File> {
    // A script of connections is played by this harness only.
    let mut cases: Vec<&Case> = corpus
        .cases
        .iter()
        .filter(|case| case.parser().is_some())
        .collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    let lines: Vec<String> = cases
        .iter()
        .filter_map(|case| line(case, &corpus.clauses))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let index = format!(
        "{{\n\"schema\": {SCHEMA},\n\"ssespec\": \"{version}\",\n\"cases\": [\n{}\n]\n}}\n",
        lines.join(",\n")
    );
    let mut files = vec![
        File {
            path: INDEX.to_owned(),
            contents: index.into_bytes(),
        },
        File {
            path: "index.schema.json".to_owned(),
            contents: include_bytes!("index.schema.json").to_vec(),
        },
    ];
    for case in cases {
        let Some(parser_case) = case.parser() else {
            continue;
        };
        if parser_case.stream.len() <= RAW_UP_TO {
            files.push(File {
                path: raw_path(&case.id),
                contents: parser_case.stream.to_vec(),
            });
        }
    }
    files
}

/// The raw files that an earlier index speaks of; none if it is no index.
pub fn raw_paths(index: &str) -> Vec<String> {
    let index: serde_json::Value = serde_json::from_str(index).unwrap_or_default();
    let cases = index["cases"].as_array().map_or(&[][..], Vec::as_slice);
    cases
        .iter()
        .filter_map(|case| case["id"].as_str())
        // An index that somebody else wrote must not name files elsewhere.
        .filter(|id| {
            id.split('/')
                .all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']))
        })
        .map(raw_path)
        .collect()
}

fn raw_path(id: &str) -> String {
    format!("{id}.sse")
}

#[derive(Serialize)]
struct ExportedCase<'a> {
    id: &'a str,
    why: &'a str,
    clauses: &'a [String],
    level: &'static str,
    reading: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disputes: Option<&'a str>,
    text: bool,
    stream: Described<StreamPiece>,
    cuts: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks: Option<Vec<usize>>,
    #[serde(flatten)]
    expected: Expected<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Expected<'a> {
    One(ExportedAnswer<'a>),
    Several { one_of: Vec<ExportedAnswer<'a>> },
}

#[derive(Serialize)]
struct ExportedAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    events: Vec<ExportedEvent>,
    end: ExportedEnd<'a>,
}

#[derive(Serialize)]
struct ExportedEvent {
    r#type: Described<TextPiece>,
    data: Described<TextPiece>,
    last_event_id: Described<TextPiece>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_id: Option<Described<TextPiece>>,
}

#[derive(Serialize)]
struct ExportedEnd<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_id: Option<Described<TextPiece>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnection_time: Option<&'a str>,
}

/// A string, or the pieces to join where it would be long.
#[derive(Serialize)]
#[serde(untagged)]
enum Described<P> {
    WrittenOut(String),
    Pieces(Vec<P>),
}

#[derive(Serialize)]
struct StreamPiece {
    base64: String,
    times: usize,
}

#[derive(Serialize)]
struct TextPiece {
    text: String,
    times: usize,
}

/// A case on one line of ASCII.
fn line(case: &Case, clauses: &Clauses) -> Option<String> {
    let parser_case = case.parser()?;
    let is_reading = |id: &String| clauses.find(id).is_some_and(|clause| clause.reading);
    let answer = |answer| exported_answer(answer, &parser_case.trace.events);
    let exported = ExportedCase {
        id: &case.id,
        why: &case.why,
        clauses: &case.clauses,
        level: level(case.level),
        reading: case.clauses.iter().any(is_reading),
        disputes: case.disputes.as_deref(),
        text: std::str::from_utf8(&parser_case.stream)
            .is_ok_and(|text| !text.starts_with('\u{FEFF}')),
        stream: stream(&parser_case.stream),
        cuts: cuts(parser_case),
        chunks: parser_case
            .written_cuts
            .as_ref()
            .map(|cuts| chunk_lengths(cuts, parser_case.stream.len())),
        expected: match parser_case.answers.as_slice() {
            [only] => Expected::One(answer(only)),
            several => Expected::Several {
                one_of: several.iter().map(answer).collect(),
            },
        },
    };
    Some(ascii(
        &serde_json::to_string(&exported).expect("strings and numbers are JSON"),
    ))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Open => "open",
        Level::May => "may",
        Level::Should => "should",
        Level::Must => "must",
    }
}

fn exported_answer<'a>(answer: &'a Answer, traced: &[TracedEvent]) -> ExportedAnswer<'a> {
    let event = |(index, event): (usize, &ExpectedEvent)| ExportedEvent {
        r#type: text(&event.event_type),
        data: text(&event.data),
        last_event_id: text(&event.last_event_id),
        // A case that disputes the reference can hold more events than the trace.
        block_id: traced
            .get(index)
            .and_then(|traced| traced.own_id.as_deref())
            .map(text),
    };
    ExportedAnswer {
        reason: answer.reason.as_deref(),
        events: answer.events.iter().enumerate().map(event).collect(),
        end: ExportedEnd {
            last_event_id: answer.end.last_event_id.as_deref().map(text),
            reconnection_time: answer.end.reconnection_time.as_deref(),
        },
    }
}

/// The cuts that the sweep puts empty chunks beside, or those of its blocks where the stream is too long for that.
fn cuts(case: &ParserCase) -> Vec<usize> {
    let sweep = case.deliveries(0);
    let offered = sweep
        .iter()
        .rev()
        .find(|delivery| matches!(delivery.cutting, Cutting::EmptyChunks | Cutting::Blocks(_)));
    let mut cuts = offered.map_or(Vec::new(), |delivery| delivery.cuts().to_vec());
    cuts.retain(|&cut| 0 < cut && cut < case.stream.len());
    cuts.dedup();
    cuts.truncate(MAX_CUTS);
    cuts
}

/// Lengths, so that an empty chunk is a plain 0.
fn chunk_lengths(cuts: &[usize], n_bytes: usize) -> Vec<usize> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(n_bytes));
    starts.zip(ends).map(|(start, end)| end - start).collect()
}

fn stream(bytes: &[u8]) -> Described<StreamPiece> {
    if bytes.len() <= WRITTEN_OUT_UP_TO {
        return Described::WrittenOut(STANDARD.encode(bytes));
    }
    let piece = |(unit, times): (&[u8], usize)| StreamPiece {
        base64: STANDARD.encode(unit),
        times,
    };
    Described::Pieces(pieces(bytes).into_iter().map(piece).collect())
}

fn text(text: &str) -> Described<TextPiece> {
    if text.len() <= WRITTEN_OUT_UP_TO {
        return Described::WrittenOut(text.to_owned());
    }
    let piece = |(unit, times): (&[u8], usize)| TextPiece {
        // A unit starts where another code point could, so no code point is torn.
        text: String::from_utf8_lossy(unit).into_owned(),
        times,
    };
    Described::Pieces(pieces(text.as_bytes()).into_iter().map(piece).collect())
}

/// Takes bytes apart into units and how often each stands there in a row.
///
/// The case as written would tell, but a case is loaded without its spelling.
fn pieces(bytes: &[u8]) -> Vec<(&[u8], usize)> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let is_inside_code_point = (0x80..0xC0).contains(&bytes[at]);
        match repetition(&bytes[at..]) {
            Some((unit, times)) if !is_inside_code_point => {
                if start < at {
                    pieces.push((&bytes[start..at], 1));
                }
                pieces.push((unit, times));
                at += unit.len() * times;
                start = at;
            }
            _ => at += 1,
        }
    }
    if start < at {
        pieces.push((&bytes[start..], 1));
    }
    pieces
}

/// The shortest unit that the bytes start with again and again.
fn repetition(bytes: &[u8]) -> Option<(&[u8], usize)> {
    const MAX_UNIT: usize = 16;
    const MIN_BYTES: usize = 256;
    (1..=MAX_UNIT.min(bytes.len())).find_map(|length| {
        let n_same = bytes[length..]
            .iter()
            .zip(bytes)
            .take_while(|(later, earlier)| later == earlier)
            .count();
        let times = 1 + n_same / length;
        (times > 1 && length * times >= MIN_BYTES).then_some((&bytes[..length], times))
    })
}

/// Escapes all that is not visible ASCII: some readers of lines break at U+2028 or U+0085, and editors hide U+FEFF.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_pieces(bytes: &[u8], expected: &[(&[u8], usize)]) {
        assert_eq!(pieces(bytes), expected);
    }

    #[test]
    fn long_runs_are_found_and_short_ones_stay() {
        let long = [b"data: x".as_slice(), &b"0123456789".repeat(100), b"y\n\n"].concat();
        check_pieces(
            &long,
            &[(b"data: x", 1), (b"0123456789", 100), (b"y\n\n", 1)],
        );
        check_pieces(&b"a".repeat(255), &[(&b"a".repeat(255), 1)]);
        check_pieces(&b"data: x\n\n".repeat(30), &[(b"data: x\n\n", 30)]);
    }

    #[test]
    fn no_code_point_is_torn() {
        let text = format!("a\u{AC}{}b", "\u{20AC}".repeat(300));
        check_pieces(
            text.as_bytes(),
            &[
                ("a\u{AC}".as_bytes(), 1),
                ("\u{20AC}".as_bytes(), 300),
                (b"b", 1),
            ],
        );
    }

    #[test]
    fn an_index_of_others_names_no_file_elsewhere() {
        let index = |id: &str| format!("{{\"cases\": [{{\"id\": {id:?}}}]}}");
        assert_eq!(raw_paths(&index("a/b-1")), ["a/b-1.sse"]);
        for bad in ["../a", "/a", "a//b", "a/./b", "c:/a", "a\\..\\b", ""] {
            assert_eq!(raw_paths(&index(bad)), [""; 0], "{bad}");
        }
        assert_eq!(raw_paths("no JSON"), [""; 0]);
        assert_eq!(raw_paths("[]"), [""; 0]);
    }

    #[test]
    fn a_line_is_visible_ascii() {
        assert_eq!(
            ascii("\"a\u{2028}\u{1F600}\u{7F}\""),
            "\"a\\u2028\\ud83d\\ude00\\u007f\""
        );
    }
}
