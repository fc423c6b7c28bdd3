//! Each kind of line means what the standard says, wherever a chunk ends.

use super::*;
use crate::corpus::Corpus;

fn explain(chunks: &[&[u8]]) -> (Vec<Explained>, Vec<String>) {
    let mut explainer = Explainer::new("");
    let lines = chunks
        .iter()
        .flat_map(|chunk| explainer.feed(chunk))
        .collect();
    (lines, explainer.end_of_stream())
}

#[track_caller]
fn check(stream: &[u8], meanings: &[(&str, &str)]) {
    let (lines, _) = explain(&[stream]);
    let lines: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line.meaning.as_str(), line.clause))
        .collect();
    assert_eq!(lines, meanings);
}

#[test]
fn every_line_says_what_it_meant() {
    check(
        b"\xEF\xBB\xBF: hi\nevent: x\nid: 7\ndata: a\ndata:  b\n\n\nid: 8\n\nevent: y\n\n",
        &[
            ("byte order mark removed; comment: ignored", "kind.comment"),
            ("field event: type \"x\"", "event.set"),
            ("field id: the next blank line commits \"7\"", "id.set"),
            ("field data: appended", "data.single"),
            (
                "field data: appended after a line feed (only one leading space is removed)",
                "data.multi",
            ),
            ("blank: dispatches x", "dispatch.order"),
            (
                "blank: nothing to dispatch (no data)",
                "kind.blank-multiple",
            ),
            ("field id: the next blank line commits \"8\"", "id.set"),
            (
                "blank: nothing to dispatch (no data), id committed",
                "id.commit-nodata",
            ),
            ("field event: type \"y\"", "event.set"),
            (
                "blank: nothing to dispatch (no data), event type \"y\" discarded",
                "event.nodata",
            ),
        ],
    );
}

#[test]
fn what_is_ignored_says_why() {
    check(
        b"Data: a\n data: a\nid: 1\x002\nretry: 5s\nretry: -1\nretry\n{\"a\"}\n \nfoo: 1\n",
        &[
            (
                "unknown field \"Data\": ignored (field names are case-sensitive; did you mean data?)",
                "kind.name-case",
            ),
            (
                "unknown field \" data\": ignored (spaces belong to the field name; did you mean data?)",
                "kind.name-exact",
            ),
            ("id ignored: holds NUL", "id.nul-ignored"),
            ("retry ignored: not only digits", "retry.trailing"),
            ("retry ignored: not only digits", "retry.sign"),
            ("retry ignored: empty", "retry.empty"),
            (
                "unknown field \"{\\\"a\\\"}\": ignored (no colon, so the whole line is the name)",
                "kind.no-colon",
            ),
            (
                "a line of white space: not blank, an unknown field, ignored",
                "line.whitespace-not-blank",
            ),
            ("unknown field \"foo\": ignored", "kind.unknown"),
        ],
    );
}

#[test]
fn the_end_says_what_was_discarded() {
    let (_, end) = explain(&[b"retry: 5\nid: 7\n\nid: 8\ndata: a\nda", b"ta: b"]);
    assert_eq!(
        end,
        [
            "discarded: line 6 has no end: \"data: b\" (line.unterminated-eof)",
            "discarded: an event of 1 data line, no blank line came (eof.discard)",
            "discarded: id \"8\", no blank line came (id.uncommitted-eof)",
            "at the end: last event ID \"7\", reconnection time 5 ms",
        ]
    );
    let (_, end) = explain(&[b"data: a\r", b"\n\r", b"", b"\n"]);
    assert_eq!(
        end,
        ["at the end: last event ID \"\", reconnection time not set"]
    );
}

#[test]
fn cuts_change_nothing() {
    let stream = b"\xEF\xBB\xBFdata: a\r\n\r\nid: 1\rdata: \xE2\x82\xAC\r\rdata";
    let whole = explain(&[stream]);
    for cut in 0..stream.len() {
        let (a, b) = stream.split_at(cut);
        assert_eq!(explain(&[a, b]), whole, "cut at {cut}");
    }
}

#[test]
fn every_clause_named_is_in_the_table() {
    let clauses = Corpus::embedded().clauses;
    let stream = b"data\ndata: a\ndata: b\n\nevent\nevent: a\nevent: b\nid\nid: \0\nretry:1\nretry:\0\nretry:\xff\nretry:1.5\nretry:1 \nretry:x\n\xEF\xBB\xBFdata: x\n";
    for line in explain(&[stream]).0 {
        assert!(clauses.find(line.clause).is_some(), "{}", line.clause);
    }
}
