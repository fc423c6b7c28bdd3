//! The table of losses to the implementations in which our own runs saw a risk come true.
//!
//! `losses.txt` is written from the published matrix by `tests/lint_rules.rs`, which holds it to that matrix and to the
//! known failures of each adapter.

/// One implementation that goes wrong on a legal stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The implementation.
    pub implementation: &'static str,
    /// Its version in our runs.
    pub version: &'static str,
    /// What it is written in.
    pub language: &'static str,
    /// The case that it fails.
    pub case: &'static str,
    /// What went wrong, in a few words.
    pub what: &'static str,
}

impl Loss {
    /// A short name: `openai 3.54.0 (Python)`; a recipe that people write by hand has no version.
    pub fn name(&self) -> String {
        let Self {
            implementation,
            version,
            language,
            ..
        } = self;
        match implementation.split_once(": ") {
            Some((_, recipe)) if *version == "by hand" => {
                format!("by hand in {language}: {recipe}")
            }
            _ => format!("{implementation} {version} ({language})"),
        }
    }
}

/// The cases that show a risk; an implementation that fails one of them, and passes the plain one, is a loss.
pub const CASES: &[(&str, &[&str])] = &[
    (
        "risk.id-only-block",
        &["parser/wild/llm-comments/id-only-block-first"],
    ),
    (
        "risk.retry-only-block",
        &["parser/wild/llm-comments/retry-only-block-first"],
    ),
    (
        "risk.comment-after-id",
        &["parser/wild/llm-comments/comment-after-chunks-with-ids"],
    ),
    (
        "risk.event-without-data",
        &["parser/wild/llm-comments/ping-without-data"],
    ),
    (
        "risk.empty-data",
        &["parser/fields/data-empty/empty-value-between-events"],
    ),
    (
        "risk.no-space",
        &["parser/fields/space/no-space-after-colon"],
    ),
    ("risk.several-data-lines", &["parser/fields/data/two-lines"]),
    ("risk.cr", &["parser/line/endings/two-events-with-cr"]),
    (
        "risk.crlf",
        &["parser/line/endings/crlf-between-all-fields"],
    ),
    (
        "risk.unicode-line-end",
        &[
            "parser/line/not-an-ending/line-separator-inside-data",
            "parser/line/not-an-ending/paragraph-separator-inside-data",
            "parser/line/not-an-ending/next-line-inside-data",
        ],
    ),
    (
        "risk.byte-order-mark",
        &["parser/decode/bom/one-bom-then-plain-blocks"],
    ),
    (
        "risk.line-over-64-kib",
        &["parser/line/long/long-data-line"],
    ),
    (
        "risk.line-over-512-kib",
        &["parser/line/long/very-long-data-line"],
    ),
    // The longest line of the corpus has 1 000 009 bytes: what loses it loses a longer one.
    (
        "risk.line-over-1-mib",
        &["parser/line/long/very-long-data-line"],
    ),
];

/// A stream without any risk: an implementation that fails this one shows nothing about risks.
pub const PLAIN_CASE: &str = "parser/line/endings/two-events-with-lf";

/// The losses of a rule, libraries first.
pub fn of(rule: &str) -> impl Iterator<Item = Loss> {
    all().filter_map(move |(of_rule, loss)| (of_rule == rule).then_some(loss))
}

/// Every loss with its rule.
pub fn all() -> impl Iterator<Item = (&'static str, Loss)> {
    const TABLE: &str = include_str!("losses.txt");
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        let rule = cells.next()?;
        let loss = Loss {
            implementation: cells.next()?,
            version: cells.next()?,
            language: cells.next()?,
            case: cells.next()?,
            what: cells.next()?,
        };
        Some((rule, loss))
    })
}
