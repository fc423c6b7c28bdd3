//! Rules on the answer's status, headers and framing.

use super::{Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "http.status",
        severity: Severity::Fail,
        what: "A client takes an event stream from status 200 alone and fails the connection at any other.",
        advice: "Answer the request that was made with 200, or look in the body for what the server has against it.",
        clause: Some("resp.200"),
    },
    Rule {
        id: "http.content-type-missing",
        severity: Severity::Fail,
        what: "The answer has no Content-Type, and a conforming client then fails the connection.",
        advice: "Send `Content-Type: text/event-stream`.",
        clause: Some("resp.type.missing"),
    },
    Rule {
        id: "http.content-type-wrong",
        severity: Severity::Fail,
        what: "The answer's Content-Type is not text/event-stream, and a conforming client then fails the connection.",
        advice: "Send `Content-Type: text/event-stream`.",
        clause: Some("resp.type.wrong"),
    },
    Rule {
        id: "http.charset",
        severity: Severity::Warn,
        what: "The Content-Type names a charset other than UTF-8, and clients decode as UTF-8 whatever it says.",
        advice: "Encode the stream as UTF-8 and leave the charset out.",
        clause: Some("resp.type.charset-other"),
    },
    Rule {
        id: "http.cacheable",
        severity: Severity::Warn,
        what: "The headers let caches keep this answer, so that a later client may get an old stream or none until it ends.",
        advice: "Send `Cache-Control: no-store`, or `no-cache`.",
        clause: None,
    },
    Rule {
        id: "http.cache-control-missing",
        severity: Severity::Info,
        what: "Nothing in the headers forbids to cache or to transform this stream.",
        advice: "Send `Cache-Control: no-store, no-transform`, which also keeps proxies from compressing it.",
        clause: None,
    },
    Rule {
        id: "http.from-cache",
        severity: Severity::Warn,
        what: "The headers say that a cache gave this answer, so it is not what the application emits now.",
        advice: "Keep the cache in front of this endpoint from storing it.",
        clause: None,
    },
    Rule {
        id: "http.content-length",
        severity: Severity::Info,
        what: "The answer has a Content-Length, so all of it was there before its head was sent.",
        advice: "If events are to come one by one, write them as they happen, without a length.",
        clause: None,
    },
    Rule {
        id: "http.unknown-encoding",
        severity: Severity::Fail,
        what: "The answer has a Content-Encoding that was not offered, so a client that decodes what it asked for cannot read it.",
        advice: "Encode only as the request's Accept-Encoding offers, or not at all.",
        clause: None,
    },
    Rule {
        id: "http.compressed",
        severity: Severity::Info,
        what: "The stream is compressed, so each event arrives only when the compressor is flushed behind it.",
        advice: "See in the arrival whether it is; if it is not, flush behind each event or send the stream uncompressed.",
        clause: None,
    },
    Rule {
        id: "http.body-broken",
        severity: Severity::Fail,
        what: "The connection or its encoding broke in mid-body, so what was still to come is lost.",
        advice: "Look for a time limit or a crash on the server or on a proxy at the time shown.",
        clause: None,
    },
    Rule {
        id: "http.version",
        severity: Severity::Info,
        what: "The answer came over HTTP/1, where a browser opens no more than six connections to one origin, streams of all tabs among them.",
        advice: "Serve streams over HTTP/2 where a page may hold several of them.",
        clause: None,
    },
    Rule {
        id: "http.proxy-seen",
        severity: Severity::Info,
        what: "The headers name what stands in front of the application, and each of these may hold bytes back.",
        advice: "If events come late, ask the origin beside it: --against.",
        clause: None,
    },
];
