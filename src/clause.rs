//! The standard's requirements on event streams (cases/clauses.yaml), each with a stable id, a level and an anchor.

use serde::Deserialize;

/// One requirement of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// A stable id, such as `line.crlf-split`.
    pub id: String,
    /// The fragment of the standard's page that holds the text.
    pub anchor: String,
    /// Who has to meet it.
    pub roles: Vec<Role>,
    /// How binding it is.
    pub level: Level,
    /// How it can be seen.
    pub observe: Vec<Observe>,
    /// The requirement in our words.
    pub requirement: String,
    /// The text is ambiguous and this is the reading taken.
    #[serde(default)]
    pub reading: bool,
    /// Why a row that is not a plain "must" has its level.
    #[serde(default)]
    pub basis: Option<String>,
    /// What can be said against the reading taken, where there is one.
    #[serde(default)]
    pub against: Option<String>,
    /// Why no case can show whether it is met.
    #[serde(default)]
    pub untestable: Option<String>,
    /// The web-platform-tests file that covers it.
    #[serde(default)]
    pub wpt: Option<String>,
}

impl Clause {
    /// The address of the text.
    pub fn url(&self) -> String {
        match self.anchor.strip_suffix(" (iana)") {
            Some(anchor) => format!("https://html.spec.whatwg.org/multipage/iana.html{anchor}"),
            None => format!(
                "https://html.spec.whatwg.org/multipage/server-sent-events.html{}",
                self.anchor
            ),
        }
    }
}

/// Who has to meet a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Bytes to events.
    Parser,
    /// Connects and reconnects.
    Client,
    /// Writes streams.
    Server,
    /// A client with the standard's script interface.
    Browser,
}

impl Role {
    /// Its name in files and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parser => "parser",
            Self::Client => "client",
            Self::Server => "server",
            Self::Browser => "browser",
        }
    }
}

/// How binding a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The text does not decide.
    Open,
    /// Allowed.
    May,
    /// A deviation is a warning.
    Should,
    /// A deviation is a fail.
    Must,
}

/// How a clause can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Observe {
    /// By a parser alone.
    Bytes,
    /// By an HTTP client.
    Network,
    /// In what a server writes.
    Wire,
    /// In a browser.
    Browser,
}

/// All clauses, in the order of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clauses {
    clauses: Vec<Clause>,
}

impl From<Vec<Clause>> for Clauses {
    fn from(clauses: Vec<Clause>) -> Self {
        Self { clauses }
    }
}

impl Clauses {
    /// The clauses in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Clause> {
        self.clauses.iter()
    }

    /// The clause with this id.
    pub fn find(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == id)
    }
}
