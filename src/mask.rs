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

/// Whether a header, or a parameter of a query, holds a credential, by its name.
pub fn is_secret_name(name: &str) -> bool {
    const SECRET: &[&str] = &[
        "auth",
        "cookie",
        "credential",
        "key",
        "passphrase",
        "passwd",
        "password",
        "secret",
        "session",
        "signature",
        "token",
    ];
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|secret| name.contains(secret))
}

/// A header's value, masked where its name says that it is a credential; the scheme of an Authorization stays.
pub fn header_value(name: &str, value: &str) -> String {
    if !is_secret_name(name) {
        return mask(&url(value));
    }
    match value.split_once(' ') {
        Some((scheme, _)) if ["basic", "bearer", "digest"].contains(&&*scheme.to_lowercase()) => {
            format!("{scheme} {MASK}")
        }
        _ => MASK.to_owned(),
    }
}

/// A URL without user, password and the values of parameters that are credentials by their names.
pub fn url(url: &str) -> String {
    let (before, query) = match url.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (url, None),
    };
    let mut masked = match before.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            match authority.rsplit_once('@') {
                Some((_, host)) => format!("{scheme}://{MASK}@{host}{path}"),
                None => before.to_owned(),
            }
        }
        None => before.to_owned(),
    };
    if let Some(query) = query {
        let parameter = |parameter: &str| match parameter.split_once('=') {
            Some((name, _)) if is_secret_name(name) => format!("{name}={MASK}"),
            _ => parameter.to_owned(),
        };
        let parameters: Vec<String> = query.split('&').map(parameter).collect();
        masked = format!("{masked}?{}", parameters.join("&"));
    }
    masked
}

/// Credentials that are known word for word, to be found wherever a server repeats them.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Shorter texts stand in other words by chance.
    const SHORTEST: usize = 4;

    /// Notes a credential.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= Self::SHORTEST && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
            // A secret that holds another goes first.
            self.0.sort_by_key(|known| std::cmp::Reverse(known.len()));
        }
    }

    /// The text without them, and without whatever else looks like a credential.
    pub fn mask(&self, text: &str) -> String {
        let replace = |text: String, secret: &String| text.replace(secret, MASK);
        mask(&self.0.iter().fold(text.to_owned(), replace))
    }

    /// The start of a longer text without them, and without one that is cut at its end.
    pub fn mask_start(&self, start: &str) -> String {
        let masked = self.mask(start);
        let cut = self
            .0
            .iter()
            .filter_map(|secret| cut(masked.as_bytes(), secret.as_bytes()))
            .filter(|&n| n >= Self::SHORTEST)
            .max();
        match cut.map(|n| masked.len() - n) {
            Some(at) if masked.is_char_boundary(at) => format!("{}{MASK}", &masked[..at]),
            _ => masked,
        }
    }

    /// Bytes without them, as long as they were before, so that what they stand in keeps its shape.
    pub fn blank(&self, bytes: &mut [u8]) {
        for secret in &self.0 {
            let mut from = 0;
            while let Some(at) = memchr::memmem::find(&bytes[from..], secret.as_bytes()) {
                bytes[from + at..from + at + secret.len()].fill(b'*');
                from += at + secret.len();
            }
        }
    }

    /// The next bytes of a stream without them, also where one runs over the edge; `last` holds how the stream went on so far.
    ///
    /// What has been handed on before cannot be taken back: fewer than four characters of a credential may stay.
    pub fn blank_next(&self, last: &mut Vec<u8>, bytes: &mut [u8]) {
        let longest = self.0.iter().map(String::len).max().unwrap_or(0);
        let n_last = last.len();
        last.extend_from_slice(bytes);
        let mut whole = last.clone();
        self.blank(&mut whole);
        // One that begins at the end is blanked before it is whole.
        let cuts = self
            .0
            .iter()
            .filter_map(|secret| cut(&whole, secret.as_bytes()));
        if let Some(n) = cuts.filter(|&n| n >= Self::SHORTEST).max() {
            let at = whole.len() - n;
            whole[at..].fill(b'*');
        }
        bytes.copy_from_slice(&whole[n_last..]);
        last.drain(..last.len().saturating_sub(longest));
    }
}

/// How many bytes at the end of a text are the start of a secret, but not all of it.
fn cut(text: &[u8], secret: &[u8]) -> Option<usize> {
    let longest = text.len().min(secret.len().saturating_sub(1));
    (1..=longest).rev().find(|&n| text.ends_with(&secret[..n]))
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
    fn names_say_what_is_a_credential() {
        for (name, value, expected) in [
            ("Authorization", "Bearer abc", "Bearer ***"),
            ("authorization", "abc def", "***"),
            ("X-Api-Key", "abc", "***"),
            ("Set-Cookie", "a=b", "***"),
            ("Accept", "text/event-stream", "text/event-stream"),
        ] {
            assert_eq!(header_value(name, value), expected);
        }
        assert_eq!(
            url("https://me:p@w@a.b/c?key=1&x=2&Api_Token=3&secret"),
            "https://***@a.b/c?key=***&x=2&Api_Token=***&secret"
        );
    }

    #[test]
    fn known_credentials_are_found_wherever_they_stand() {
        let mut secrets = Secrets::default();
        secrets.add("hunter22");
        secrets.add("abc");
        assert_eq!(secrets.mask("no hunter22, abc"), "no ***, abc");
        let mut bytes = *b"data: hunter22\n";
        secrets.blank(&mut bytes);
        assert_eq!(&bytes, b"data: ********\n");
        assert_eq!(secrets.mask_start("no hunte"), "no ***");
        assert_eq!(secrets.mask_start("no hun"), "no hun");
    }

    #[test]
    fn a_credential_that_comes_in_parts_is_blanked() {
        let mut secrets = Secrets::default();
        secrets.add("hunter22");
        let stream = b"data: hunter22 hunter2 hunt\n";
        for size in 4..stream.len() {
            let (mut last, mut seen) = (Vec::new(), Vec::new());
            for chunk in stream.chunks(size) {
                let mut chunk = chunk.to_vec();
                secrets.blank_next(&mut last, &mut chunk);
                seen.extend_from_slice(&chunk);
            }
            let seen = String::from_utf8(seen).expect("ASCII");
            assert!(!seen.contains("hunter22"), "{size}: {seen}");
            // The least that is left of it, and no more.
            assert!(!seen.contains("ter22"), "{size}: {seen}");
            assert_eq!(seen.len(), stream.len());
        }
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
