//! Rules on when events arrive, and on what a second request shows.

use super::{Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "delivery.bursts",
        severity: Severity::Warn,
        what: "The events came in bursts with pauses between, so a reader sees nothing and then much at once.",
        advice: "From here the producer cannot be told from a proxy: ask the origin beside it with --against.",
        clause: None,
    },
    Rule {
        id: "delivery.buffer",
        severity: Severity::Warn,
        what: "The bursts are equal in bytes and end in the middle of events, as what passes through a buffer of fixed size does.",
        advice: "Flush behind each event, and switch response buffering off in each proxy (nginx: `X-Accel-Buffering: no`); --against tells which of them it is.",
        clause: None,
    },
    Rule {
        id: "delivery.timer",
        severity: Severity::Warn,
        what: "The bursts start at equal intervals, as what a timer flushes does.",
        advice: "Look for a flush interval in the application and in each proxy; --against tells which of them it is.",
        clause: None,
    },
    Rule {
        id: "delivery.all-at-end",
        severity: Severity::Warn,
        what: "All events came at once, right before the end of the stream.",
        advice: "See whether the application writes only when it has all, or whether a proxy holds the answer back: --against tells them apart.",
        clause: None,
    },
    Rule {
        id: "delivery.held-back",
        severity: Severity::Warn,
        what: "The same request gets its events evenly from the origin and in bursts or late from here, so what stands between them holds them back.",
        advice: "Switch response buffering off in the proxy (nginx: `proxy_buffering off`, or `X-Accel-Buffering: no` from the application).",
        clause: None,
    },
    Rule {
        id: "delivery.compression-holds",
        severity: Severity::Warn,
        what: "The same request gets its events evenly without compression and in bursts or late with it, so the compressor is not flushed.",
        advice: "Flush the compressor behind each event, or do not compress text/event-stream.",
        clause: None,
    },
    Rule {
        id: "delivery.producer-bursts",
        severity: Severity::Info,
        what: "Both addresses give their events in bursts, so nothing between them is the cause.",
        advice: "Look at what stands behind the second address: the application, or its own output buffer.",
        clause: None,
    },
    Rule {
        id: "against.differs",
        severity: Severity::Info,
        what: "The two addresses did not give the same number of events.",
        advice: "If both should give the same, compare them with --record and `ssespec parse`.",
        clause: None,
    },
    Rule {
        id: "against.unusable",
        severity: Severity::Warn,
        what: "The second address gave no event stream, so nothing can be compared.",
        advice: "Ask it alone: `ssespec lint` with that address.",
        clause: None,
    },
    Rule {
        id: "reconnect.no-ids",
        severity: Severity::Info,
        what: "No event has an id, so a client that reconnects cannot say what it has seen.",
        advice: "Give each event an id if a client is to go on where it was.",
        clause: Some("req.last-event-id.omit"),
    },
    Rule {
        id: "reconnect.no-resume",
        severity: Severity::Warn,
        what: "Asked again with Last-Event-ID, the server sent events again that the client had seen.",
        advice: "Read Last-Event-ID and go on behind that event.",
        clause: Some("req.last-event-id"),
    },
    Rule {
        id: "reconnect.refused",
        severity: Severity::Warn,
        what: "Asked again with Last-Event-ID, the server gave no event stream, so the client fails for good.",
        advice: "Answer with 200 and a stream; 204 says that the client shall not come back.",
        clause: Some("resp.fail-on-reconnect"),
    },
];
