//! Rules on the stream itself: what a conforming client ignores, replaces or discards.

use super::{Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "stream.invalid-utf8",
        severity: Severity::Fail,
        what: "Bytes that are not UTF-8 reach every client as U+FFFD, so the text that was meant is lost.",
        advice: "Encode as UTF-8, and never cut a text between the bytes of one character.",
        clause: Some("decode.invalid.replace"),
    },
    Rule {
        id: "stream.near-miss-field",
        severity: Severity::Fail,
        what: "A field name is one of the four but for case, spaces or a byte order mark, and a client ignores the whole line.",
        advice: "Write `data`, `event`, `id` or `retry` in lower case at the start of the line, with the colon right behind.",
        clause: Some("kind.name-exact"),
    },
    Rule {
        id: "stream.stray-line",
        severity: Severity::Fail,
        what: "A line without a colon is taken for the name of an unknown field and ignored, as happens to the second line of a text that was not split.",
        advice: "Put `data: ` in front of every line of a text that has several.",
        clause: Some("kind.no-colon"),
    },
    Rule {
        id: "stream.unknown-field",
        severity: Severity::Warn,
        what: "A field that the format does not have is ignored by every client.",
        advice: "Send it inside of the data, or as a comment if nobody is to read it.",
        clause: Some("kind.unknown"),
    },
    Rule {
        id: "stream.white-space-line",
        severity: Severity::Fail,
        what: "A line of white space is no blank line, so it does not end the event, which runs on into the next.",
        advice: "End each event with an empty line.",
        clause: Some("line.whitespace-not-blank"),
    },
    Rule {
        id: "stream.event-lost-at-end",
        severity: Severity::Fail,
        what: "The stream ends without a blank line behind its last block, and a conforming client then discards that block.",
        advice: "Write the blank line with the event, not in front of the next one.",
        clause: Some("eof.discard"),
    },
    Rule {
        id: "stream.nul-in-id",
        severity: Severity::Fail,
        what: "An id that holds NUL is ignored, so a client that reconnects asks for an older event.",
        advice: "Take NUL out of ids.",
        clause: Some("id.nul-ignored"),
    },
    Rule {
        id: "stream.retry-unusable",
        severity: Severity::Warn,
        what: "A retry that is not made of ASCII digits alone is ignored, so the client keeps its own reconnection time.",
        advice: "Write whole milliseconds: `retry: 3000`.",
        clause: Some("retry.trailing"),
    },
    Rule {
        id: "stream.no-event",
        severity: Severity::Warn,
        what: "The stream ended and gave no event at all.",
        advice: "Look at the lines above: each says why it dispatched nothing.",
        clause: Some("stream.empty"),
    },
    Rule {
        id: "stream.done-marker",
        severity: Severity::Info,
        what: "The stream says its end with `data: [DONE]`, which is a habit of language model interfaces and no part of the format.",
        advice: "Clients must know it and must not parse it as JSON.",
        clause: None,
    },
    Rule {
        id: "stream.silence",
        severity: Severity::Info,
        what: "For 15 seconds or more nothing came, so a client cannot tell a quiet stream from a dead connection.",
        advice: "Send a comment line every 15 seconds or so.",
        clause: None,
    },
    Rule {
        id: "stream.long-silence",
        severity: Severity::Warn,
        what: "For 60 seconds or more nothing came, which is a common limit at which proxies cut the connection.",
        advice: "Send a comment line every 15 seconds or so.",
        clause: None,
    },
];
