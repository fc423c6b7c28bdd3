//! Text that may hold credentials, to the same text without them: reports and rerun commands are published.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Stands where a credential stood.
const MASK: &str = "***";

/// What looks like a credential; the group `secret` is what is masked.
static CREDENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"(?:[\w-]*(?:token|secret|passw(?:or)?d|passphrase|credentials?|api[_-]?key|access[_-]?key|private[_-]?key)|authorization|cookie)";
    let patterns = [
        // Authorization: Bearer abc, to the end of the line; the scheme is no secret.
        r#"\bauthorization["']?\s*[=:]\s*["']?(?:[\w-]+\s+)?(?P<authorization>[^\r\n"']+)"#
            .to_owned(),
        // Cookie: a=b; c=d, to the end of the line.
        r#"\bcookie["']?\s*:\s*["']?(?P<cookie>[^\r\n"']+)"#.to_owned(),
        // https://user:password@host
        r"://(?P<url>[^\s/@]+)@".to_owned(),
        // Authorization: Bearer abc, wherever it stands.
        r"\b(?:Bearer|Basic)\s+(?P<scheme>[\w.~+/=-]{6,})".to_owned(),
        // token=abc, "token": "abc", X-Api-Key: abc
        format!(r#"\b{name}["']?\s*[=:]\s*["']?(?P<value>[^\s"'&,;]+)"#),
        // --token abc
        format!(r#"--{name}\s+["']?(?P<flag>[^\s"'-][^\s"']*)"#),
        // Keys that give themselves away by their start.
        r"\b(?P<key>(?:sk-|ghp_|gho_|github_pat_|xox[abp]-|AKIA)[\w-]{8,})".to_owned(),
    ];
    Regex::new(&format!("(?i:{})", patterns.join("|"))).expect("the patterns are constant")
});

/// The text with every credential masked.
pub fn mask(text: &str) -> String {
    let masked = CREDENTIAL.replace_all(text, |found: &Captures<'_>| {
        let all = &found[0];
        let start = found.get(0).map_or(0, |whole| whole.start());
        let secret = [
            "authorization",
            "cookie",
            "url",
            "scheme",
            "value",
            "flag",
            "key",
        ]
        .iter()
        .find_map(|group| found.name(group));
        match secret {
            // "Authorization: Bearer abc": the scheme is no secret, what follows it is.
            Some(secret) if ["bearer", "basic"].contains(&&*secret.as_str().to_lowercase()) => {
                all.to_owned()
            }
            Some(secret) => {
                let (from, to) = (secret.start() - start, secret.end() - start);
                format!("{}{MASK}{}", &all[..from], &all[to..])
            }
            None => all.to_owned(),
        }
    });
    masked.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask(text), expected);
    }

    #[test]
    fn credentials_are_masked_wherever_they_stand() {
        check(
            "curl https://me:pw@localhost/x",
            "curl https://***@localhost/x",
        );
        check(
            "node a.mjs --token abc --fast",
            "node a.mjs --token *** --fast",
        );
        check(
            "node a.mjs --api-key=abc --fast",
            "node a.mjs --api-key=*** --fast",
        );
        check("GET /?access_token=abc&x=1", "GET /?access_token=***&x=1");
        check("X-Api-Key: abc\nAccept: */*", "X-Api-Key: ***\nAccept: */*");
        check(
            r#"{"client_secret": "abc", "a": 1}"#,
            r#"{"client_secret": "***", "a": 1}"#,
        );
        check("PASSWORD='a b'", "PASSWORD='*** b'");
        check("key sk-proj-0123456789 refused", "key *** refused");
    }

    #[test]
    fn an_authorization_header_keeps_its_scheme() {
        check("-H 'Bearer abcdefgh'", "-H 'Bearer ***'");
    }

    #[test]
    fn a_header_is_masked_to_the_end_of_its_line() {
        check(
            "authorization: Bearer abc\ncookie: a=b; c=d\naccept: */*",
            "authorization: Bearer ***\ncookie: ***\naccept: */*",
        );
        check("Proxy-Authorization: abc", "Proxy-Authorization: ***");
        check("set-cookie: a=b; Path=/", "set-cookie: ***");
        check(
            "{\"Authorization\": \"Basic YTpi\", \"a\": 1}",
            "{\"Authorization\": \"Basic ***\", \"a\": 1}",
        );
    }

    #[test]
    fn what_is_no_credential_stays() {
        for text in [
            "node adapter.mjs",
            "parser/fields/data/token",
            "unexpected token < in JSON",
            "a basic test",
            "http://localhost:8080/a@b",
            "--tokens",
        ] {
            check(text, text);
        }
    }
}
