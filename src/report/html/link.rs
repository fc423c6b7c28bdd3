//! Names to the fragments that lead to them, and addresses from elsewhere to links that are safe to follow.

use crate::report::{CaseResult, escape};

use super::table::Peer;

/// The page of a case.
pub fn case(id: &str) -> String {
    format!("#case/{}", path(id))
}

/// The page of a case, opened at a target.
pub fn result(result: &CaseResult, peer: &Peer<'_>) -> String {
    format!("{}/{}", case(&result.case.id), segment(&peer.key))
}

/// Where a requirement stands.
pub fn clause(id: &str) -> String {
    format!("#clause/{}", segment(id))
}

/// Where a target's deviations are listed.
pub fn target(peer: &Peer<'_>) -> String {
    let role = peer.target.role.name();
    format!("#target/{role}/{}", segment(&peer.key))
}

/// An element's id, given the link to it.
pub fn id(link: &str) -> &str {
    link.trim_start_matches('#')
}

/// An address that a browser may follow: of the web, and with every character visible.
pub fn external(url: &str) -> Option<&str> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    (is_web && escape::prose(url) == url && !url.contains(char::is_whitespace)).then_some(url)
}

/// Each part between slashes by itself, so that the path still reads as one.
pub fn path(id: &str) -> String {
    let segments: Vec<String> = id.split('/').map(segment).collect();
    segments.join("/")
}

/// As the script's `encodeURIComponent` writes it: the two are compared.
pub fn segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_slashes_and_loses_everything_else_that_is_hostile() {
        assert_eq!(case("parser/a b/\"<é"), "#case/parser/a%20b/%22%3C%C3%A9");
        assert_eq!(segment("node ./adapter.mjs"), "node%20.%2Fadapter.mjs");
    }

    #[test]
    fn only_visible_addresses_of_the_web_become_links() {
        assert_eq!(
            external("https://a.example/?b=<c>"),
            Some("https://a.example/?b=<c>")
        );
        for bad in [
            "javascript:alert(1)",
            "https://a\u{202e}b",
            "https://a b",
            "//a",
            "",
        ] {
            assert_eq!(external(bad), None, "{bad}");
        }
    }
}
