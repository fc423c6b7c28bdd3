//! Options with curl's names to a request, to the same as a command without credentials, and to the credentials themselves.

use std::fs;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::fetch::{Address, OFFERED, Options, Protocol, Request};
use crate::mask::{self, Secrets};
use crate::report::{command, escape};

/// The options of curl that lint takes.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options of curl")]
// Its name is taken by the command's own.
#[group(id = "curl")]
pub struct Args {
    /// The method; POST where there is a body
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    method: Option<String>,
    /// A header, `Name: value`; `Name:` takes out one of ours [repeatable]
    #[arg(
        short = 'H',
        long = "header",
        value_name = "HEADER",
        allow_hyphen_values = true
    )]
    headers: Vec<String>,
    /// A body, or @FILE for the one in a file, without its line ends [repeatable: joined by &]
    #[arg(
        short = 'd',
        long,
        alias = "data-ascii",
        value_name = "DATA",
        allow_hyphen_values = true
    )]
    data: Vec<String>,
    /// A body, as it is
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    data_raw: Vec<String>,
    /// A body, or @FILE for the one in a file, as it is
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    data_binary: Vec<String>,
    /// A body of JSON, with its Content-Type
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    json: Vec<String>,
    /// User and password, for Basic authentication
    #[arg(
        short = 'u',
        long,
        value_name = "USER:PASSWORD",
        allow_hyphen_values = true
    )]
    user: Option<String>,
    /// Cookies: `name=value; name=value`
    #[arg(short = 'b', long, value_name = "COOKIES", allow_hyphen_values = true)]
    cookie: Vec<String>,
    /// The User-Agent
    #[arg(short = 'A', long, value_name = "NAME")]
    user_agent: Option<String>,
    /// Take any certificate
    #[arg(short = 'k', long)]
    insecure: bool,
    /// Follow redirects
    #[arg(short = 'L', long)]
    location: bool,
    /// Trust these PEM certificates and not the system's
    #[arg(long, value_name = "FILE")]
    cacert: Option<String>,
    /// Connect to ADDRESS in place of HOST [repeatable]
    #[arg(long, value_name = "HOST:PORT:ADDRESS")]
    resolve: Vec<String>,
    /// HTTP/1.1, where the server would choose HTTP/2
    #[arg(long = "http1.1", conflicts_with = "http2")]
    http1: bool,
    /// HTTP/2 where the server has it, which is what we ask for anyway
    #[arg(long)]
    http2: bool,
    /// HTTP/2 without asking, also in clear text
    #[arg(long, conflicts_with_all = ["http1", "http2"])]
    http2_prior_knowledge: bool,
    /// Offer compression, which we do anyway; -H 'Accept-Encoding:' does not
    #[arg(long)]
    compressed: bool,
    /// The same as --for
    #[arg(
        short = 'm',
        long,
        value_name = "SECONDS",
        conflicts_with = "for_seconds"
    )]
    pub max_time: Option<f64>,
    /// Accepted: we never buffer
    #[arg(short = 'N', long)]
    no_buffer: bool,
    /// Accepted
    #[arg(short = 's', long)]
    silent: bool,
    /// Accepted
    #[arg(short = 'S', long)]
    show_error: bool,
    /// Accepted: we always read the head
    #[arg(short = 'i', long)]
    include: bool,
}

/// A request, and how to speak of it.
pub struct Asked {
    /// What to ask for.
    pub request: Request,
    /// The codings that it offers.
    pub offered: Vec<String>,
    /// The same as a command, without credentials.
    pub command: String,
}

impl Args {
    /// The request for this URL. What is a credential in it is noted in `secrets`.
    ///
    /// # Errors
    ///
    /// One sentence on the first option that is no good.
    pub fn request(&self, url: &str, secrets: &mut Secrets) -> Result<Asked, String> {
        let address = Address::parse(url)?;
        note_url(url, &address, secrets);
        let body = self.body()?;
        let method = match (&self.method, &body) {
            (Some(method), _) => method.clone(),
            (None, Some(_)) => "POST".to_owned(),
            (None, None) => "GET".to_owned(),
        };
        let mut headers: Vec<(String, String)> = [
            ("Accept", "text/event-stream"),
            ("Cache-Control", "no-cache"),
            ("User-Agent", concat!("ssespec/", env!("CARGO_PKG_VERSION"))),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        set(&mut headers, "Accept-Encoding", Some(OFFERED.join(", ")));
        if let Some(name) = &self.user_agent {
            set(&mut headers, "User-Agent", Some(name.clone()));
        }
        if body.is_some() {
            let content_type = if self.json.is_empty() {
                "application/x-www-form-urlencoded"
            } else {
                "application/json"
            };
            set(&mut headers, "Content-Type", Some(content_type.to_owned()));
        }
        if let Some(user) = self.user.as_ref().or(address.user_info.as_ref()) {
            let value = format!("Basic {}", BASE64_STANDARD.encode(user));
            set(&mut headers, "Authorization", Some(value));
            note_user(user, secrets);
        }
        if !self.cookie.is_empty() {
            if let Some(file) = self.cookie.iter().find(|cookie| !cookie.contains('=')) {
                let file = escape::prose(file);
                return Err(format!(
                    "-b {file}: files of cookies are not read; write `name=value`"
                ));
            }
            set(&mut headers, "Cookie", Some(self.cookie.join("; ")));
        }
        let mut given = Vec::new();
        for header in &self.headers {
            let (name, value) = header_of(header)?;
            // The first of a name takes out ours, further ones stand beside it.
            if !given.contains(&name.to_ascii_lowercase()) {
                set(&mut headers, &name, None);
                given.push(name.to_ascii_lowercase());
            }
            headers.extend(value.map(|value| (name, value)));
        }
        for (name, value) in &headers {
            note_header(name, value, secrets);
        }
        if let Some(body) = &body {
            secrets.add(String::from_utf8_lossy(body).trim());
        }
        let offered = headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"))
            .flat_map(|(_, value)| value.split(','))
            .map(|coding| coding.split(';').next().unwrap_or_default())
            .map(|coding| coding.trim().to_ascii_lowercase())
            .collect();
        Ok(Asked {
            command: self.command(&address, secrets),
            offered,
            request: Request {
                method,
                address,
                headers,
                body: body.unwrap_or_default(),
                options: self.options()?,
            },
        })
    }

    fn body(&self) -> Result<Option<Vec<u8>>, String> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for data in &self.data {
            let mut part = content(data, "-d")?;
            if data.starts_with('@') {
                part.retain(|byte| !b"\r\n\0".contains(byte));
            }
            parts.push(part);
        }
        parts.extend(self.data_raw.iter().map(|data| data.clone().into_bytes()));
        for data in &self.data_binary {
            parts.push(content(data, "--data-binary")?);
        }
        if !self.json.is_empty() {
            let json: Result<Vec<_>, _> = self
                .json
                .iter()
                .map(|data| content(data, "--json"))
                .collect();
            parts.push(json?.concat());
        }
        Ok((!parts.is_empty()).then(|| parts.join(&b'&')))
    }

    fn options(&self) -> Result<Options, String> {
        let authorities = match &self.cacert {
            Some(file) => Some(
                fs::read(file)
                    .map_err(|error| format!("--cacert {}: {error}", escape::prose(file)))?,
            ),
            None => None,
        };
        let resolve: Result<Vec<_>, String> =
            self.resolve.iter().map(|text| resolve(text)).collect();
        Ok(Options {
            insecure: self.insecure,
            authorities,
            resolve: resolve?,
            protocol: match (self.http1, self.http2_prior_knowledge) {
                (true, _) => Protocol::Http1,
                (_, true) => Protocol::Http2,
                _ => Protocol::Any,
            },
            follow: self.location,
        })
    }

    /// The command again, without credentials.
    fn command(&self, address: &Address, secrets: &Secrets) -> String {
        let mut words = vec!["ssespec lint".to_owned()];
        let mut say = |option: &str, value: &str| {
            let value = command::shell_word(&secrets.mask(value));
            words.push(format!("{option} {value}"));
        };
        if let Some(method) = &self.method {
            say("-X", method);
        }
        for header in &self.headers {
            let (name, value) = header.split_once(':').unwrap_or((header, ""));
            let value = mask::header_value(name.trim(), value.trim());
            say("-H", &format!("{}: {value}", name.trim()));
        }
        if self.user.is_some() {
            say("-u", "***");
        }
        if !self.cookie.is_empty() {
            say("-b", "***");
        }
        if !self.json.is_empty() {
            say("--json", "***");
        } else if [&self.data, &self.data_raw, &self.data_binary]
            .iter()
            .any(|data| !data.is_empty())
        {
            say("-d", "***");
        }
        for text in &self.resolve {
            say("--resolve", text);
        }
        if let Some(file) = &self.cacert {
            say("--cacert", file);
        }
        let flags = [
            (self.insecure, "-k"),
            (self.location, "-L"),
            (self.http1, "--http1.1"),
            (self.http2_prior_knowledge, "--http2-prior-knowledge"),
        ];
        let flags = flags.iter().filter(|(is_set, _)| *is_set);
        words.extend(flags.map(|(_, flag)| (*flag).to_owned()));
        words.push(command::shell_word(&secrets.mask(&address.masked())));
        words.join(" ")
    }
}

/// Sets a header in place of what stands under this name, or takes that out.
pub fn set(headers: &mut Vec<(String, String)>, name: &str, value: Option<String>) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.extend(value.map(|value| (name.to_owned(), value)));
}

fn header_of(text: &str) -> Result<(String, Option<String>), String> {
    // `Name;` is curl's way to send a header without a value.
    let (name, value) = match (text.split_once(':'), text.strip_suffix(';')) {
        (Some((name, value)), _) => (name, Some(value.trim()).filter(|value| !value.is_empty())),
        (None, Some(name)) => (name, Some("")),
        (None, None) => return Err("-H: a header is written `Name: value`".to_owned()),
    };
    Ok((name.trim().to_owned(), value.map(str::to_owned)))
}

/// The bytes of a body: those given, or those in the file behind an `@`.
fn content(data: &str, option: &str) -> Result<Vec<u8>, String> {
    let Some(name) = data.strip_prefix('@') else {
        return Ok(data.as_bytes().to_vec());
    };
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(name).map(|read| bytes = read)
    };
    read.map_err(|error| format!("{option} @{}: {error}", escape::prose(name)))?;
    Ok(bytes)
}

fn resolve(text: &str) -> Result<(String, u16, Vec<SocketAddr>), String> {
    let bad = || format!("--resolve {}: write HOST:PORT:ADDRESS", escape::prose(text));
    let mut parts = text.splitn(3, ':');
    let host = parts
        .next()
        .filter(|host| !host.is_empty())
        .ok_or_else(bad)?;
    let port: u16 = parts
        .next()
        .and_then(|port| port.parse().ok())
        .ok_or_else(bad)?;
    let addresses = parts.next().ok_or_else(bad)?.split(',').map(|address| {
        let address = address.trim_start_matches('[').trim_end_matches(']');
        address
            .parse::<IpAddr>()
            .map(|ip| SocketAddr::new(ip, port))
    });
    let addresses: Vec<SocketAddr> = addresses.collect::<Result<_, _>>().map_err(|_| bad())?;
    Ok((host.to_owned(), port, addresses))
}

fn note_url(url: &str, address: &Address, secrets: &mut Secrets) {
    if let Some(user) = &address.user_info {
        note_user(user, secrets);
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        if mask::is_secret_name(name) {
            secrets.add(value);
        }
    }
}

fn note_user(user: &str, secrets: &mut Secrets) {
    secrets.add(&BASE64_STANDARD.encode(user));
    secrets.add(user);
    secrets.add(user.split_once(':').map_or("", |(_, password)| password));
}

fn note_header(name: &str, value: &str, secrets: &mut Secrets) {
    if !mask::is_secret_name(name) {
        return;
    }
    secrets.add(value);
    secrets.add(value.split_once(' ').map_or("", |(_, secret)| secret));
    if name.eq_ignore_ascii_case("cookie") {
        for (_, value) in value.split(';').filter_map(|part| part.split_once('=')) {
            secrets.add(value.trim());
        }
    }
}
