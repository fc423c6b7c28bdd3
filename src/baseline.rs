//! The known deviations of one implementation (known-failures.yaml), each with a reason.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::corpus::file;
use crate::corpus::{Fault, IdGlob};

/// The known deviations of one implementation.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// One known deviation, or a family of them.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which cases it covers.
    pub glob: IdGlob,
    /// Accident or policy.
    pub kind: Kind,
    /// Why the implementation deviates.
    pub reason: String,
    /// The upstream issue.
    pub issue: Option<String>,
    /// It deviates only in some deliveries.
    pub chunk_sensitive: bool,
    /// It comes and goes, because the implementation races with itself or draws lots: that it conforms is no news.
    pub flaky: bool,
}

/// Accident or policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nobody wants it.
    Bug,
    /// Documented or deliberate.
    ByDesign,
}

/// The reason that an update gives where nothing explains the deviation.
pub const NOT_EXAMINED: &str = "not examined, first seen with";

/// An entry as written: one reason for one glob or a list of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    r#match: OneOrMore,
    kind: Kind,
    reason: String,
    issue: Option<String>,
    #[serde(default, rename = "chunk-sensitive")]
    chunk_sensitive: bool,
    #[serde(default)]
    flaky: bool,
}

struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GlobsVisitor;
        impl<'de> Visitor<'de> for GlobsVisitor {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a glob over case ids, or a list of them")
            }

            fn visit_str<E>(self, glob: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![glob.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
                let mut globs = Vec::new();
                while let Some(glob) = seq.next_element()? {
                    globs.push(glob);
                }
                Ok(OneOrMore(globs))
            }
        }
        deserializer.deserialize_any(GlobsVisitor)
    }
}

impl Baseline {
    /// Reads a file's text; `name` is for messages. An empty file is an empty baseline.
    ///
    /// # Errors
    ///
    /// What is wrong, and where.
    pub fn parse(name: &str, file_text: &str) -> Result<Self, Fault> {
        let raw: Option<Vec<RawEntry>> =
            serde_yaml::from_str(file_text).map_err(|error| file::fault(name, &error))?;
        let mut entries = Vec::new();
        for raw in raw.unwrap_or_default() {
            for text in raw.r#match.0 {
                let line = 1 + file_text
                    .lines()
                    .position(|line| line.contains(&text))
                    .unwrap_or(0);
                let fault = |message| Fault {
                    file: name.to_owned(),
                    line,
                    column: 3,
                    message,
                };
                if raw.reason.trim().is_empty() {
                    return Err(fault(format!(
                        "`{text}` has no reason: say why the implementation deviates"
                    )));
                }
                entries.push(Entry {
                    glob: IdGlob::new(&text).map_err(fault)?,
                    kind: raw.kind,
                    reason: raw.reason.clone(),
                    issue: raw.issue.clone(),
                    chunk_sensitive: raw.chunk_sensitive,
                    flaky: raw.flaky,
                });
            }
        }
        Ok(Self { entries })
    }

    /// The first entry that covers a case.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.glob.matches(id))
    }
}

/// A new entry for an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// A case id or a glob.
    pub glob: String,
    /// The quirk, or [`NOT_EXAMINED`] and the version.
    pub reason: String,
    /// It deviates only in some deliveries.
    pub chunk_sensitive: bool,
}

/// What a run learnt about one case, for [`cover`].
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// The case's id.
    pub id: &'a str,
    /// Deviates and is in no entry: the reason to write. `None` for a case that conforms or is covered.
    pub new_reason: Option<String>,
    /// It deviates only in some deliveries.
    pub chunk_sensitive: bool,
}

/// The fewest new entries that cover every new deviation and match no other case.
///
/// A folder, or the cases whose names start alike, become a glob where all of them deviate for the same reason.
pub fn cover(standings: &[Standing<'_>]) -> Vec<NewEntry> {
    let mut entries: Vec<NewEntry> = Vec::new();
    for standing in standings {
        let Some(reason) = &standing.new_reason else {
            continue;
        };
        let is_covered = |entry: &NewEntry| match entry.glob.strip_suffix('*') {
            Some(prefix) => standing.id.starts_with(prefix),
            None => entry.glob == standing.id,
        };
        if entries.iter().any(is_covered) {
            continue;
        }
        // The shortest prefix first: the widest glob that is still true.
        let widest = standing
            .id
            .match_indices('/')
            .map(|(slash, _)| &standing.id[..=slash])
            .find(|prefix| {
                let mut inside = standings
                    .iter()
                    .filter(|other| other.id.starts_with(*prefix));
                let alike = |other: &Standing<'_>| {
                    other.new_reason.as_ref() == Some(reason)
                        && other.chunk_sensitive == standing.chunk_sensitive
                };
                inside.clone().count() > 1 && inside.all(alike)
            });
        entries.push(NewEntry {
            glob: widest.map_or_else(|| standing.id.to_owned(), |prefix| format!("{prefix}*")),
            reason: reason.clone(),
            chunk_sensitive: standing.chunk_sensitive,
        });
    }
    // One reason after the other, each where it first came up: that is how a maintainer works through the list.
    let first: Vec<String> = entries.iter().map(|entry| entry.reason.clone()).collect();
    entries.sort_by_key(|entry| {
        (
            first.iter().position(|reason| *reason == entry.reason),
            entry.chunk_sensitive,
        )
    });
    entries
}

/// Appends entries to a file's text, a reason once for all its globs, and leaves what stands there byte for byte.
pub fn append(text: &str, entries: &[NewEntry]) -> String {
    let mut text = text.to_owned();
    for alike in
        entries.chunk_by(|a, b| a.reason == b.reason && a.chunk_sensitive == b.chunk_sensitive)
    {
        let [first, rest @ ..] = alike else { continue };
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        if rest.is_empty() {
            text.push_str(&format!("- match: \"{}\"\n", first.glob));
        } else {
            text.push_str("- match:\n");
            for entry in alike {
                text.push_str(&format!("    - \"{}\"\n", entry.glob));
            }
        }
        let reason = first.reason.replace('\\', "\\\\").replace('"', "\\\"");
        text.push_str(&format!("  kind: bug\n  reason: \"{reason}\"\n"));
        if first.chunk_sensitive {
            text.push_str("  chunk-sensitive: true\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing<'a>(id: &'a str, reason: Option<&str>) -> Standing<'a> {
        Standing {
            id,
            new_reason: reason.map(str::to_owned),
            chunk_sensitive: false,
        }
    }

    #[track_caller]
    fn check(standings: &[Standing<'_>], expected: &[&str]) {
        let globs: Vec<String> = cover(standings)
            .into_iter()
            .map(|entry| entry.glob)
            .collect();
        assert_eq!(globs, expected);
    }

    #[test]
    fn a_folder_that_deviates_as_a_whole_becomes_one_glob() {
        let bom = Some("bom");
        check(
            &[
                standing("p/a/x", bom),
                standing("p/a/y", bom),
                standing("p/b/z", None),
            ],
            &["p/a/*"],
        );
    }

    #[test]
    fn a_glob_matches_no_passing_case() {
        let bom = Some("bom");
        check(
            &[
                standing("p/a/x", bom),
                standing("p/a/y", None),
                standing("p/a/z", bom),
            ],
            &["p/a/x", "p/a/z"],
        );
    }

    #[test]
    fn an_update_keeps_what_stands_there() {
        let old = "# By hand.\n- match: parser/a\n  kind: by-design\n  reason: documented\n";
        let new = NewEntry {
            glob: "p/b".to_owned(),
            reason: "a \"quote\"".to_owned(),
            chunk_sensitive: true,
        };
        let text = append(old, &[new]);
        assert!(text.starts_with(old));
        let baseline =
            Baseline::parse("known-failures.yaml", &text).expect("what we write we can read");
        assert_eq!(baseline.entries.len(), 2);
        assert_eq!(baseline.entries[1].reason, "a \"quote\"");
        assert!(baseline.entries[1].chunk_sensitive);
    }

    #[test]
    fn one_reason_may_serve_several_globs() {
        let new = |glob: &str| NewEntry {
            glob: glob.to_owned(),
            reason: "r".to_owned(),
            chunk_sensitive: false,
        };
        let text = append("", &[new("p/a"), new("p/b/*")]);
        assert_eq!(
            text,
            "- match:\n    - \"p/a\"\n    - \"p/b/*\"\n  kind: bug\n  reason: \"r\"\n"
        );
        let baseline = Baseline::parse("k.yaml", &text).expect("what we write we can read");
        assert_eq!(baseline.entries.len(), 2);
        assert!(baseline.entry("p/b/c").is_some());
    }

    #[test]
    fn an_entry_without_a_reason_is_refused() {
        let fault = Baseline::parse("k.yaml", "- match: a\n  kind: bug\n  reason: \"\"\n")
            .expect_err("no reason");
        assert_eq!(
            fault.to_string(),
            "k.yaml:1:3: `a` has no reason: say why the implementation deviates"
        );
    }
}
