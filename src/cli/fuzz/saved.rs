//! Findings to files and back, and seeds for other fuzzers.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::case::Kind;
use crate::case::server::Emitted;
use crate::clause::{Clauses, Role};
use crate::cli::written::write_whole;
use crate::corpus::Corpus;
use crate::corpus::load::{self, Source};
use crate::fuzz::case_file::{self, Finding, Known, Question};
use crate::fuzz::fingerprint::Fingerprint;
use crate::fuzz::seeds;

/// The findings of a folder, and others that are known.
pub struct Saved {
    folder: PathBuf,
    /// What is no news, by target and role.
    known: Vec<Known>,
    seeds: Vec<Arc<[u8]>>,
    emissions: Vec<Vec<Emitted>>,
}

impl Saved {
    /// Reads what is there. The folder itself is made when something is found.
    ///
    /// # Errors
    ///
    /// One sentence on the first file that cannot be read as a finding.
    pub fn open(folder: &Path, known: &[PathBuf], clauses: &Clauses) -> Result<Self, String> {
        let mut saved = Self {
            folder: folder.to_owned(),
            known: Vec::new(),
            seeds: Vec::new(),
            emissions: Vec::new(),
        };
        if folder.exists() && !folder.is_dir() {
            return Err(format!("--save {}: is no folder", folder.display()));
        }
        let mut paths = Vec::new();
        if folder.is_dir() {
            paths = findings_below(folder)?;
        }
        for path in known {
            if path.is_dir() {
                paths.extend(findings_below(path)?);
            } else {
                paths.push(path.clone());
            }
        }
        for path in paths {
            let file = read(&path, clauses)?;
            saved.known.push(file.known);
            for case in file.cases {
                match case {
                    Kind::Parser(case) => saved.seeds.push(case.stream),
                    Kind::Server(case) => saved.emissions.push(case.events),
                    Kind::Client(_) => (),
                }
            }
        }
        Ok(saved)
    }

    /// What is known of a target in a role.
    pub fn known(&self, target: &str, role: Role) -> BTreeSet<Fingerprint> {
        let is_its = |known: &&Known| known.target == target && known.role == role.name();
        let its = self.known.iter().filter(is_its);
        its.map(|known| known.fingerprint.clone()).collect()
    }

    /// The streams of what is known.
    pub fn seeds(&self) -> Vec<Arc<[u8]>> {
        self.seeds.clone()
    }

    /// What applications emitted in what is known of servers.
    pub fn emissions(&self) -> Vec<Vec<Emitted>> {
        self.emissions.clone()
    }

    /// Keeps a finding: a case file, and the stream beside it. Returns where.
    ///
    /// # Errors
    ///
    /// One sentence: it cannot be written.
    pub fn save(&self, finding: &Finding) -> Result<PathBuf, String> {
        let slug: String = finding
            .target
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '-'
                }
            })
            .take(60)
            .collect();
        let slug = slug.trim_matches('-');
        let folder = self.folder.join(match &finding.question {
            Question::Parser => slug.to_owned(),
            // A target may have findings of the same name in several roles.
            Question::Client | Question::Server(_) => {
                format!("{slug}-{}", finding.question.role().name())
            }
        });
        let path = folder.join(format!("{}.yaml", finding.file_name()));
        let failed = |error: std::io::Error| {
            format!(
                "{}: the finding cannot be saved, so it is shown above in full: {error}",
                path.display()
            )
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        write_whole(&path, finding.to_yaml().as_bytes()).map_err(failed)?;
        write_whole(&path.with_extension("sse"), finding.delivery.bytes()).map_err(failed)?;
        Ok(path)
    }
}

/// A file of a finding.
pub struct File {
    /// All of it.
    pub text: String,
    /// What the comments at its top say.
    pub known: Known,
    /// The cases in it, the finding's last.
    pub cases: Vec<Kind>,
}

/// Reads the file of a finding.
///
/// # Errors
///
/// One sentence.
pub fn read(path: &Path, clauses: &Clauses) -> Result<File, String> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{shown}: cannot be read: {error}"))?;
    let known = case_file::known(&text).map_err(|sentence| format!("{shown}: {sentence}"))?;
    let source = Source {
        file: shown.clone(),
        path: "finding".to_owned(),
        text: text.clone(),
    };
    let cases = load::load(&[source], clauses).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("\n")
    })?;
    if cases.is_empty() {
        return Err(format!("{shown}: holds no case"));
    }
    let cases = cases.into_iter().map(|case| case.kind).collect();
    Ok(File { text, known, cases })
}

fn findings_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut folders = vec![folder.to_owned()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| format!("{}: cannot be read: {error}", folder.display()))?;
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// Writes seeds and a dictionary for other fuzzers.
///
/// # Errors
///
/// One sentence: they cannot be written.
pub fn export_seeds(folder: &Path, corpus: &Corpus, out: &mut dyn Write) -> Result<u8, String> {
    let failed = |error: std::io::Error| format!("--export-seeds {}: {error}", folder.display());
    let (raw, go) = (folder.join("corpus"), folder.join("go"));
    std::fs::create_dir_all(&raw).map_err(failed)?;
    std::fs::create_dir_all(&go).map_err(failed)?;
    let seeds = seeds::of_corpus(corpus);
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(raw.join(format!("{number:04}.sse")), seed).map_err(failed)?;
        std::fs::write(go.join(format!("{number:04}")), seeds::go_corpus_file(seed))
            .map_err(failed)?;
    }
    std::fs::write(folder.join("event-stream.dict"), seeds::dictionary()).map_err(failed)?;
    writeln!(
        out,
        "{} seeds below {}: corpus/ for libFuzzer and AFL++ (-i), go/ for testdata/fuzz/FuzzNAME of `go test -fuzz`; \
         event-stream.dict for -dict= and -x",
        seeds.len(),
        folder.display()
    )
    .map_err(|error| format!("standard output: {error}"))?;
    Ok(0)
}
