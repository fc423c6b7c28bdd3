//! Hostile text to Markdown that shows it and does nothing else, in a table, a paragraph or a `<summary>`.
//!
//! Everything stands in `<code>`, where neither mentions nor issue numbers become links, and every character that means something to Markdown or HTML is written as a number.

use crate::report::escape;

/// Visible text, cut to a width.
pub fn code(text: &str, width: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<code>{}</code>", encoded(&escape::shortened(text, width)))
}

/// A link with one of our own words, or nothing where the address is not one of the web.
pub fn link(word: &str, address: &str) -> String {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let is_plain = address.chars().all(|c| c.is_ascii_graphic());
    if is_web && is_plain && address.len() <= MAX_ADDRESS {
        format!("<a href=\"{}\">{word}</a>", encoded(address))
    } else {
        String::new()
    }
}

/// Visible lines in a fence that none of them can close.
pub fn fenced(lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// Longer addresses are left out.
const MAX_ADDRESS: usize = 500;

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // The comment parts what else would look like an address of electronic mail.
            '@' => encoded.push_str("&#64;<!-- -->"),
            // "www." would become a link.
            '.' if ends_with_www(&encoded) => encoded.push_str("&#46;"),
            '&' | '<' | '>' | '"' | '\'' | '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '(' | ')'
            | '{' | '}' | '|' | '#' | '!' | '$' | ':' | '^' => {
                encoded.push_str(&format!("&#{};", u32::from(c)));
            }
            c => encoded.push(c),
        }
    }
    encoded
}

fn ends_with_www(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 3 && bytes[bytes.len() - 3..].eq_ignore_ascii_case(b"www")
}

fn longest_run(line: &str) -> usize {
    let runs = line.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_code_means_anything() {
        assert_eq!(
            code("</code>|`@a` **b** www.c", 80),
            "<code>&#60;/code&#62;&#124;&#96;&#64;<!-- -->a&#96; &#42;&#42;b&#42;&#42; www&#46;c</code>"
        );
        assert_eq!(
            code("a\n\u{202e}b", 80),
            "<code>a&#92;n&#92;u&#123;202e&#125;b</code>"
        );
        assert_eq!(code("", 80), "");
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert_eq!(
            link("issue", "https://a.b/?c=\"<d>\""),
            "<a href=\"https&#58;//a.b/?c=&#34;&#60;d&#62;&#34;\">issue</a>"
        );
        for address in ["javascript:alert(1)", "https://a b", "https://é", ""] {
            assert_eq!(link("issue", address), "");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let lines = ["a ```` b".to_owned(), "```".to_owned()];
        assert_eq!(fenced(&lines), "`````text\na ```` b\n```\n`````\n");
    }
}
