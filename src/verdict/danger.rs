//! What a deviation is called and the clause it is filed under, to whether it may harm somebody.

/// What a reader must see before anything else, where a deviation may harm somebody.
pub const WARNING: &str =
    "possible vulnerability: read the project's security policy before posting";

/// Clauses without which text that should stay in a line leaves it.
const INJECTED: [&str; 2] = ["line.not-eol", "decode.invalid.overlong-eol"];

/// The warning, where it is due: deaths, times and memory that grow too fast, and text that writes fields of its own.
pub fn warning(fingerprint: &str, clause: &str) -> Option<&'static str> {
    let mut words = fingerprint.split(' ');
    let is_fatal = matches!(words.next(), Some("crash" | "hang" | "growth"));
    // Text that ends a line lets whoever chooses the text write fields and events of his own.
    let is_injection = words.any(|name| name.starts_with("line-ends-") || name == "injected")
        || fingerprint.starts_with("line-ends-")
        || INJECTED.contains(&clause);
    (is_fatal || is_injection).then_some(WARNING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deaths_growth_and_injections_are_warned_of_and_nothing_else() {
        for (fingerprint, clause) in [
            ("crash signal 11", "dispatch.order"),
            ("hang", "dispatch.order"),
            ("growth memory events", "dispatch.order"),
            ("quirk data-glued line-ends-at-nul", "data.multi"),
            ("line-ends-as-in-splitlines", "data.multi"),
            ("unexplained event-data", "line.not-eol"),
            ("unexplained injected", "emit.data"),
        ] {
            assert_eq!(warning(fingerprint, clause), Some(WARNING), "{fingerprint}");
        }
        assert_eq!(warning("quirk data-glued", "data.multi"), None);
        assert_eq!(warning("unexplained crash-free", "data.multi"), None);
    }
}
