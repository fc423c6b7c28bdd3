//! What lint saw to Markdown: the arrival first, then the findings.

use std::io;

use super::{Session, cause, facts, losses, preview, terminal};
use crate::lint::verdict::CANNOT_TELL;
use crate::report::escape;
use crate::report::markdown::inline;

/// The widest line of a table's cell.
const WIDTH: usize = 300;

/// The whole session.
///
/// # Errors
///
/// None.
pub fn document(session: &Session) -> io::Result<Vec<u8>> {
    let mut text = format!(
        "## {}\n\n{}\n\n",
        inline::code(&session.verdict, WIDTH),
        inline::code(&session.source, WIDTH)
    );
    if session.is_cause_unknown() {
        text.push_str(&format!("{CANNOT_TELL}\n\n"));
    }
    let strips = terminal::strips(session, 80);
    if !strips.is_empty() {
        text.push_str(&inline::fenced(&strips));
        text.push('\n');
    }
    if !session.seen.is_stream {
        text.push_str(&inline::fenced(&preview(session, 5, 200)));
        text.push('\n');
    }
    text.push_str("| | |\n|---|---|\n");
    for (word, fact) in facts(&session.seen) {
        text.push_str(&format!("| {word} | {} |\n", inline::code(&fact, WIDTH)));
    }
    if let Some((name, origin)) = &session.against {
        text.push_str(&format!("| there | {} |\n", inline::code(name, WIDTH)));
        for (word, fact) in facts(origin) {
            let fact = inline::code(&fact, WIDTH);
            text.push_str(&format!("| there: {word} | {fact} |\n"));
        }
    }
    text.push_str("\n### Findings\n\n");
    if session.findings.is_empty() {
        text.push_str("None.\n\n");
    }
    for finding in &session.findings {
        let rule = finding.rule;
        text.push_str(&format!(
            "- **{}** `{}` {}\n",
            rule.severity.word(),
            rule.id,
            inline::code(&cause(finding), WIDTH)
        ));
        text.push_str(&format!("  {}\n  {}\n", rule.what, rule.advice));
        let losses = losses(finding, usize::MAX);
        if !losses.is_empty() {
            text.push_str(&format!(
                "  Seen in our own runs of {}.\n",
                inline::code(&losses, 2_000)
            ));
        }
    }
    text.push_str(&format!(
        "\nNext: {}\n\n",
        inline::code(&escape::prose(&session.next), 1_000)
    ));
    Ok(text.into_bytes())
}
