//! The head of an answer, and what its status and headers say to a client of event streams.

use super::finding::Findings;

/// The most that a head may take before lint gives up on it.
pub const MAX_BYTES: usize = 256 << 10;

/// Status and headers, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The protocol: `HTTP/1.1`, `HTTP/2`.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
}

/// What was asked for, as far as it matters for judging the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The method; empty where nobody knows.
    pub method: String,
    /// The content codings that were offered.
    pub offered: Vec<String>,
}

impl Head {
    /// Reads the head that `curl -i` prints, up to its blank line: the head, and how many bytes it takes.
    ///
    /// `None` means that the blank line is not there yet, or that these bytes are no head at all.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        if !bytes.starts_with(b"HTTP/") {
            return None;
        }
        let mut head = Self::default();
        let mut at = 0;
        loop {
            let end = at + bytes[at..].iter().position(|&byte| byte == b'\n')?;
            let line = bytes[at..end]
                .strip_suffix(b"\r")
                .unwrap_or(&bytes[at..end]);
            let line = String::from_utf8_lossy(line);
            at = end + 1;
            if line.is_empty() {
                return Some((head, at));
            }
            if head.version.is_empty() {
                let mut words = line.split_whitespace();
                head.version = words.next()?.to_owned();
                head.status = words.next()?.parse().ok()?;
            } else if let Some((name, value)) = line.split_once(':') {
                let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
                head.headers.push((name, value));
            }
        }
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All values of a header.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The last Content-Type's essence in lower case, and its parameters.
    pub fn media_type(&self) -> Option<(String, &str)> {
        let value = self.values("content-type").last()?;
        let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
        Some((essence.trim().to_ascii_lowercase(), parameters.trim()))
    }

    /// A conforming client takes the body for an event stream.
    pub fn announces_a_stream(&self) -> bool {
        self.status == 200
            && self
                .media_type()
                .is_some_and(|(essence, _)| essence == "text/event-stream")
    }

    /// The content coding, unless it is `identity`.
    pub fn encoding(&self) -> Option<String> {
        let value = self.header("content-encoding")?.trim().to_ascii_lowercase();
        (!value.is_empty() && value != "identity").then_some(value)
    }

    /// What stands in front of the application, as far as the headers say.
    pub fn proxies(&self) -> Vec<String> {
        const TELLING: &[&str] = &[
            "server",
            "via",
            "x-cache",
            "cf-ray",
            "x-served-by",
            "x-amz-cf-id",
            "x-varnish",
            "x-envoy-upstream-service-time",
            "fly-request-id",
            "x-vercel-id",
            "x-accel-buffering",
        ];
        let of = |name: &&str| {
            let value = self.header(name)?;
            Some(format!("{name}: {value}"))
        };
        TELLING.iter().filter_map(of).collect()
    }
}

/// Notes what the head does wrong.
pub(super) fn judge(head: &Head, asked: &Asked, findings: &mut Findings) {
    if head.status != 200 {
        findings.note("http.status", format!("status {}", head.status));
    } else {
        media_type(head, findings);
    }
    caching(head, asked, findings);
    if let Some(length) = head.header("content-length") {
        findings.note("http.content-length", format!("Content-Length: {length}"));
    }
    if let Some(encoding) = head.encoding() {
        let detail = format!("Content-Encoding: {encoding}");
        // Nobody knows what was offered where only the answer is there.
        if asked.method.is_empty() || asked.offered.contains(&encoding) {
            findings.note("http.compressed", detail);
        } else {
            findings.note("http.unknown-encoding", detail);
        }
    }
    if head.version.starts_with("HTTP/1") {
        findings.note("http.version", head.version.clone());
    }
    let proxies = head.proxies();
    if !proxies.is_empty() {
        findings.note("http.proxy-seen", proxies.join(", "));
    }
}

fn media_type(head: &Head, findings: &mut Findings) {
    match head.media_type() {
        None => findings.note("http.content-type-missing", String::new()),
        Some((essence, _)) if essence != "text/event-stream" => {
            findings.note(
                "http.content-type-wrong",
                format!("Content-Type: {essence}"),
            );
        }
        Some((_, parameters)) => {
            let charset = parameters
                .split(';')
                .filter_map(|parameter| parameter.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
                .map(|(_, value)| value.trim().trim_matches('"'));
            if let Some(charset) = charset
                && !["utf-8", "utf8"].contains(&charset.to_ascii_lowercase().as_str())
            {
                findings.note("http.charset", format!("charset={charset}"));
            }
        }
    }
}

fn caching(head: &Head, asked: &Asked, findings: &mut Findings) {
    let control = head
        .values("cache-control")
        .collect::<Vec<_>>()
        .join(", ")
        .to_ascii_lowercase();
    let says = |directive: &str| {
        control
            .split(',')
            .any(|part| part.trim().split('=').next() == Some(directive))
    };
    let max_age = control
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .filter(|(name, _)| ["max-age", "s-maxage"].contains(name))
        .filter_map(|(_, value)| value.parse::<u64>().ok())
        .max();
    let forbids = says("no-store") || says("no-cache") || says("private");
    // Caches keep the answers to GET alone.
    let is_get = ["", "GET"].contains(&asked.method.as_str());
    if is_get && !forbids && (says("public") || max_age.is_some_and(|seconds| seconds > 0)) {
        findings.note("http.cacheable", format!("Cache-Control: {control}"));
    } else if is_get && control.is_empty() {
        findings.note("http.cache-control-missing", String::new());
    }
    let is_hit = |value: &str| {
        value
            .to_ascii_lowercase()
            .split([',', ' '])
            .any(|word| word == "hit")
    };
    let age = head.header("age").filter(|age| *age != "0");
    let hit = ["x-cache", "cf-cache-status"]
        .iter()
        .find_map(|name| Some((name, head.header(name).filter(|value| is_hit(value))?)));
    match (age, hit) {
        (Some(age), _) => findings.note("http.from-cache", format!("Age: {age}")),
        (None, Some((name, value))) => {
            findings.note("http.from-cache", format!("{name}: {value}"));
        }
        (None, None) => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_that_curl_prints_is_read() {
        let text =
            b"HTTP/2 200 \r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\r\ndata: a\n\n";
        let (head, n) = Head::parse(text).expect("a head");
        assert_eq!((head.version.as_str(), head.status), ("HTTP/2", 200));
        assert_eq!(&text[n..], b"data: a\n\n");
        assert!(head.announces_a_stream());
        assert_eq!(Head::parse(b"data: a\n\n"), None);
        assert_eq!(Head::parse(b"HTTP/1.1 200 OK\r\na: b\r\n"), None);
    }
}
