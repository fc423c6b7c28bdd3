//! A URL as people type it to what a connection and a request need of it.

use crate::mask;

/// An `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `https`.
    pub is_secure: bool,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, in ASCII.
    pub path: String,
    /// User and password, as they stood in the URL.
    pub user_info: Option<String>,
}

impl Address {
    /// Reads a URL; without a scheme it is `http`, as with curl.
    ///
    /// # Errors
    ///
    /// One sentence that does not repeat what may be a credential.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            other => return Err(format!("the scheme `{other}` is neither http nor https")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user_info, authority) = match authority.rsplit_once('@') {
            Some((user_info, authority)) => (Some(user_info.to_owned()), authority),
            None => (None, authority),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                let number = port.parse().ok().filter(|_| !port.starts_with('+'));
                let number = number.ok_or_else(|| format!("`{port}` is no port"))?;
                (host, number)
            }
            _ => (authority, if is_secure { 443 } else { 80 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-._~:%".contains(c);
        if host.is_empty() {
            return Err("the URL has no host".to_owned());
        }
        if !host.chars().all(is_host) {
            return Err(format!(
                "the host `{host}` has a character that none may have (write an international name in its `xn--` form)"
            ));
        }
        let path = if path.starts_with('/') {
            encoded(path)
        } else {
            format!("/{}", encoded(path))
        };
        Ok(Self {
            is_secure,
            host: host.to_owned(),
            port,
            path,
            user_info,
        })
    }

    /// Where a `Location` leads from here.
    ///
    /// # Errors
    ///
    /// One sentence on why it leads nowhere.
    pub fn resolve(&self, location: &str) -> Result<Self, String> {
        let location = location.trim();
        let scheme = if self.is_secure { "https" } else { "http" };
        if let Some((before, _)) = location.split_once("://")
            && before.chars().all(|c| c.is_ascii_alphanumeric())
        {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{scheme}:{location}"));
        }
        let location = location.split('#').next().unwrap_or_default();
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let path = match location.chars().next() {
            None => self.path.clone(),
            Some('/') => location.to_owned(),
            Some('?') => format!("{path}{location}"),
            Some(_) => {
                let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
                format!("{folder}{location}")
            }
        };
        Ok(Self {
            path: without_dots(&encoded(&path)),
            ..self.clone()
        })
    }

    /// Scheme, host and port are those of the other.
    pub fn has_same_origin(&self, other: &Self) -> bool {
        (self.is_secure, &self.host, self.port) == (other.is_secure, &other.host, other.port)
    }

    /// What stands in the request line.
    pub fn target(&self) -> String {
        self.path.clone()
    }

    /// The whole, without user and password.
    pub fn uri(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority(), self.path)
    }

    /// The whole, without credentials, to be shown.
    pub fn masked(&self) -> String {
        mask::url(&self.uri())
    }

    /// Host, and port where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let default = if self.is_secure { 443 } else { 80 };
        if self.port == default {
            self.bracketed()
        } else {
            self.host_and_port()
        }
    }

    /// Host and port, to be shown and to be looked up.
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.bracketed(), self.port)
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// What may not stand in a request line is percent-encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// `/a/../b` is `/b`.
fn without_dots(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (path, String::new()),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => (),
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}{query}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_curl_reads_them() {
        for (text, uri) in [
            ("localhost:8080/x", "http://localhost:8080/x"),
            ("https://a.b?c=d#e", "https://a.b/?c=d"),
            ("HTTP://me:pw@a.b:80/c d", "http://a.b/c%20d"),
            ("http://[::1]:9/é", "http://[::1]:9/%C3%A9"),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.uri(), uri);
        }
        let user_info = Address::parse("http://me:p@w@a.b")
            .expect("a URL")
            .user_info;
        assert_eq!(user_info.as_deref(), Some("me:p@w"));
        for bad in [
            "ftp://a",
            "http://",
            "http://a:b/",
            "http://a b/",
            "http://ü/",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn redirects_are_resolved() {
        let from = Address::parse("https://a.b/c/d?e").expect("a URL");
        for (location, uri) in [
            ("http://x/y", "http://x/y"),
            ("//x/y", "https://x/y"),
            ("/y", "https://a.b/y"),
            ("y?z", "https://a.b/c/y?z"),
            ("../y", "https://a.b/y"),
            ("?z", "https://a.b/c/d?z"),
            ("#f", "https://a.b/c/d?e"),
        ] {
            assert_eq!(from.resolve(location).expect(location).uri(), uri);
        }
    }
}
