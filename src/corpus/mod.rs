//! Case files to cases: the corpus embedded in this binary, and a user's own folders beside it.

mod client;
mod client_connect;
mod client_file;
mod client_replay;
#[cfg(feature = "cli")]
pub mod export;
pub mod file;
pub mod http;
pub mod load;
pub mod replay;
mod server;
mod server_file;

use std::fmt;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};

use fnv::FnvHasher;
use globset::{Glob, GlobMatcher};
use include_dir::{Dir, include_dir};

use crate::case::Case;
use crate::clause::{Clauses, Role};
use load::Source;

/// The folders with case files, and their names; what else is below `cases` is for others.
static EMBEDDED: [(&str, Dir<'_>); 3] = [
    ("parser", include_dir!("$CARGO_MANIFEST_DIR/cases/parser")),
    ("client", include_dir!("$CARGO_MANIFEST_DIR/cases/client")),
    ("server", include_dir!("$CARGO_MANIFEST_DIR/cases/server")),
];
const CLAUSES: &str = include_str!("../../cases/clauses.yaml");

/// The cases and the clauses they check.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// All cases, in the order of their ids' files.
    pub cases: Vec<Case>,
    /// The requirement table.
    pub clauses: Clauses,
    /// Tells one state of the corpus from another in reports.
    pub hash: String,
}

/// One thing that is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file as the user named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong, what was expected, what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// Why there is no corpus: every fault of every file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub Vec<Fault>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl Corpus {
    /// The corpus of this version, embedded in the binary, together with the case files below `folders`.
    ///
    /// # Errors
    ///
    /// Files that cannot be read, and everything that is wrong in them.
    pub fn load(folders: &[PathBuf]) -> Result<Self, Error> {
        let clauses: Clauses = serde_yaml::from_str(CLAUSES)
            .map_err(|error| Error(vec![file::fault("cases/clauses.yaml", &error)]))?;
        let mut sources = Vec::new();
        for (name, dir) in &EMBEDDED {
            embedded_sources(name, dir, &mut sources);
        }
        let mut faults = Vec::new();
        for folder in folders {
            folder_sources(folder, folder, &mut sources, &mut faults);
        }
        let mut hasher = FnvHasher::default();
        for source in &sources {
            for part in [&source.path, &source.text] {
                hasher.write(part.as_bytes());
                // No path and no text holds a NUL, so two corpora never run together into the same bytes.
                hasher.write(b"\0");
            }
        }
        match load::load(&sources, &clauses) {
            Ok(cases) if faults.is_empty() => Ok(Self {
                cases,
                clauses,
                hash: format!("{:016x}", hasher.finish()),
            }),
            Ok(_) => Err(Error(faults)),
            Err(more) => {
                faults.extend(more);
                Err(Error(faults))
            }
        }
    }

    /// The embedded corpus.
    ///
    /// # Panics
    ///
    /// If it is bad, which a test rules out.
    pub fn embedded() -> Self {
        match Self::load(&[]) {
            Ok(corpus) => corpus,
            Err(error) => panic!("the embedded corpus is bad:\n{error}"),
        }
    }

    /// Keeps the cases that ask this role. A client is also asked the parser cases, over HTTP.
    pub fn keep_role(&mut self, role: Role) {
        let over_http: Vec<Case> = match role {
            Role::Client => self.cases.iter().filter_map(http::over_http).collect(),
            _ => Vec::new(),
        };
        self.cases.retain(|case| case.role() == role);
        self.cases.extend(over_http);
    }

    /// Keeps the cases whose id one of the globs matches; all if there are none.
    pub fn select(&mut self, globs: &[IdGlob]) {
        if !globs.is_empty() {
            self.cases
                .retain(|case| globs.iter().any(|glob| glob.matches(&case.id)));
        }
    }
}

/// A glob over case ids: `*` matches any run of characters, `/` included; a plain word matches anywhere.
#[derive(Clone, Debug)]
pub struct IdGlob {
    text: String,
    matcher: GlobMatcher,
}

impl IdGlob {
    /// Reads a glob.
    ///
    /// # Errors
    ///
    /// One sentence on what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob =
            Glob::new(text).map_err(|error| format!("`{text}` is not a glob: {}", error.kind()))?;
        Ok(Self {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a plain id, which can match one case only.
    pub fn is_id(&self) -> bool {
        !self.text.contains(['*', '?', '[', '{'])
    }

    /// Whether it matches the id.
    pub fn matches(&self, id: &str) -> bool {
        self.matcher.is_match(id)
    }
}

fn embedded_sources(folder: &str, dir: &Dir<'_>, sources: &mut Vec<Source>) {
    let mut entries: Vec<_> = dir.entries().iter().collect();
    entries.sort_by_key(|entry| entry.path());
    for entry in entries {
        if let Some(dir) = entry.as_dir() {
            embedded_sources(folder, dir, sources);
        } else if let Some(file) = entry.as_file()
            && let Some(path) = case_path(&Path::new(folder).join(file.path()))
        {
            let text = file.contents_utf8().unwrap_or_default().to_owned();
            sources.push(Source {
                file: format!("cases/{path}.yaml"),
                path,
                text,
            });
        }
    }
}

fn folder_sources(root: &Path, folder: &Path, sources: &mut Vec<Source>, faults: &mut Vec<Fault>) {
    let unreadable = |path: &Path, error: &std::io::Error| Fault {
        file: path.display().to_string(),
        line: 1,
        column: 1,
        message: format!("cannot be read: {error}"),
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return faults.push(unreadable(folder, &error)),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            folder_sources(root, &path, sources, faults);
        } else if let Some(id) = path.strip_prefix(root).ok().and_then(case_path) {
            match std::fs::read_to_string(&path) {
                Ok(text) => sources.push(Source {
                    file: path.display().to_string(),
                    path: id,
                    text,
                }),
                Err(error) => faults.push(unreadable(&path, &error)),
            }
        }
    }
}

/// `parser/fields/id.yaml` to `parser/fields/id`; nothing for other files.
fn case_path(path: &Path) -> Option<String> {
    let path = path.to_str()?.replace('\\', "/");
    let stem = path.strip_suffix(".yaml")?;
    (stem != "clauses").then(|| stem.to_owned())
}
