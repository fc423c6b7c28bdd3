//! A finding to a case file that the corpus loader accepts, with a head that says where it comes from, and back.

use std::fmt::Write as _;

use super::case_text::{
    hex_chunks, on_one_line, pieces, quoted, read_hex_chunks, write_answer, write_emitted,
};
use super::fingerprint::Fingerprint;
use crate::case::Kind;
use crate::case::server::Emitted;
use crate::clause::Role;
use crate::corpus::replay;
use crate::delivery::{Cutting, Delivery};
use crate::verdict::danger;
use crate::verdict::sweep::Failing;

/// The first line of every finding. Another number is another version.
const FIRST_LINE: &str = "# ssespec finding, format ";
const FORMAT: &str = "1";

/// A divergence that was found: all that a file says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who was asked, and how.
    pub question: Question,
    /// The target's name.
    pub target: String,
    /// The words of the command line that name it.
    pub asked_as: String,
    /// The implementation and its version.
    pub implementation: String,
    /// What tells it from others.
    pub fingerprint: Fingerprint,
    /// What the implementation does, in a sentence.
    pub sentence: String,
    /// The clause it is filed under.
    pub clause: String,
    /// The minimised stream; what a server wrote.
    pub delivery: Delivery,
    /// What must be asked before in the same process; mostly nothing.
    pub history: Vec<Delivery>,
    /// What a server's application must emit before in the same process; mostly nothing.
    pub emitted_before: Vec<Vec<Emitted>>,
    /// Whether it comes again.
    pub standing: Standing,
    /// The seed of the search.
    pub seed: u64,
    /// What the target did with it, where it was just asked; a file does not keep it.
    pub failing: Option<Failing>,
}

/// Who was asked, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A parser got the stream.
    Parser,
    /// A client got the stream over HTTP.
    Client,
    /// A server's application emitted this, minimised.
    Server(Vec<Emitted>),
}

impl Question {
    /// The role of the target.
    pub fn role(&self) -> Role {
        match self {
            Self::Parser => Role::Parser,
            Self::Client => Role::Client,
            Self::Server(_) => Role::Server,
        }
    }
}

/// What replays in a fresh process came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It came every time.
    Stable,
    /// It comes only after other streams.
    NeedsHistory,
    /// It comes and goes.
    Flaky,
}

impl Standing {
    /// A word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::NeedsHistory => "needs history",
            Self::Flaky => "flaky",
        }
    }
}

impl Finding {
    /// The name of its files, without what comes after the point.
    pub fn file_name(&self) -> String {
        self.fingerprint.slug()
    }

    /// It is about time or memory that grows, which one stream does not show.
    pub fn is_growth(&self) -> bool {
        self.fingerprint.to_string().starts_with("growth ")
    }

    /// A sentence that a reader must see first, where the finding may harm somebody.
    pub fn warning(&self) -> Option<&'static str> {
        danger::warning(&self.fingerprint.to_string(), &self.clause)
    }

    /// The case file.
    pub fn to_yaml(&self) -> String {
        let mut text = format!("{FIRST_LINE}{FORMAT}\n");
        if let Some(warning) = self.warning() {
            _ = writeln!(text, "# {warning}");
        }
        for (key, value) in [
            ("target", self.target.as_str()),
            ("role", self.question.role().name()),
            ("asked-as", &self.asked_as),
            ("implementation", &self.implementation),
            ("fingerprint", &self.fingerprint.to_string()),
            ("what", &self.sentence),
            ("standing", self.standing.words()),
            ("seed", &self.seed.to_string()),
            (
                "replay",
                &format!("ssespec fuzz --replay {}.yaml", self.file_name()),
            ),
        ] {
            _ = writeln!(text, "# {key}: {}", on_one_line(value));
        }
        for delivery in &self.history {
            _ = writeln!(text, "# before: {}", hex_chunks(delivery));
        }
        _ = writeln!(text, "clauses: [{}]\ncases:", self.clause);
        for (number, emitted) in self.emitted_before.iter().enumerate() {
            _ = writeln!(text, "  - name: before-{}", number + 1);
            text.push_str("    why: \"It must be emitted before, in the same process.\"\n");
            write_emitted(&mut text, emitted);
        }
        _ = writeln!(text, "  - name: {}", self.fingerprint.slug());
        _ = writeln!(text, "    why: {}", quoted(&on_one_line(&self.why())));
        if let Question::Server(emitted) = &self.question {
            write_emitted(&mut text, emitted);
            return text;
        }
        let case = replay::case(self.delivery.bytes().into());
        if self.delivery.cuts().is_empty() {
            _ = writeln!(text, "    stream: {}", pieces(self.delivery.bytes()));
        } else {
            let chunks: Vec<String> = self.delivery.chunks().map(pieces).collect();
            _ = writeln!(text, "    chunks: [{}]", chunks.join(", "));
        }
        write_answer(&mut text, &case);
        text
    }

    fn why(&self) -> String {
        if let Question::Server(_) = self.question {
            return format!("{} deviates here: {}", self.implementation, self.sentence);
        }
        format!(
            "What the reference makes of a stream on which {} deviates: {}",
            self.implementation, self.sentence
        )
    }

    /// Reads a case file that [`Finding::to_yaml`] wrote; `cases` are those in it, of which the last is the finding's.
    ///
    /// # Errors
    ///
    /// One sentence: no finding, or one of another version.
    pub fn read(text: &str, cases: &[Kind]) -> Result<Self, String> {
        let head = Head::read(text)?;
        let (case, before) = cases.split_last().ok_or("holds no case")?;
        let emitted_before = before.iter().filter_map(|case| match case {
            Kind::Server(case) => Some(case.events.clone()),
            Kind::Parser(_) | Kind::Client(_) => None,
        });
        let history = head.all("before").map(read_hex_chunks);
        let (question, delivery) = match case {
            Kind::Parser(case) => {
                let delivery = match &case.written_cuts {
                    Some(cuts) => {
                        Delivery::new(Cutting::AsWritten, case.stream.clone(), cuts.clone())
                    }
                    None => Delivery::whole(case.stream.clone()),
                };
                let question = match head.one("role").as_str() {
                    "client" => Question::Client,
                    _ => Question::Parser,
                };
                (question, delivery)
            }
            Kind::Server(case) => {
                let question = Question::Server(case.events.clone());
                (question, Delivery::whole(Vec::new().into()))
            }
            Kind::Client(_) => return Err("holds a script for clients, and no stream".to_owned()),
        };
        Ok(Self {
            question,
            target: head.one("target"),
            asked_as: head.one("asked-as"),
            implementation: head.one("implementation"),
            fingerprint: Fingerprint::read(&head.one("fingerprint")),
            sentence: head.one("what"),
            clause: String::new(),
            delivery,
            history: history.collect::<Result<_, _>>()?,
            emitted_before: emitted_before.collect(),
            standing: match head.one("standing").as_str() {
                "flaky" => Standing::Flaky,
                "needs history" => Standing::NeedsHistory,
                _ => Standing::Stable,
            },
            seed: head.one("seed").parse().unwrap_or(0),
            failing: None,
        })
    }
}

/// What the head of a finding's file says it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The target's name.
    pub target: String,
    /// The name of the role in which it was asked.
    pub role: String,
    /// What tells the finding from others.
    pub fingerprint: Fingerprint,
}

/// Reads the head of a finding's file.
///
/// # Errors
///
/// One sentence: no finding, or one of another version.
pub fn known(text: &str) -> Result<Known, String> {
    let head = Head::read(text)?;
    let role = head.one("role");
    Ok(Known {
        target: head.one("target"),
        // Files of an earlier version name none.
        role: if role.is_empty() {
            Role::Parser.name().to_owned()
        } else {
            role
        },
        fingerprint: Fingerprint::read(&head.one("fingerprint")),
    })
}

struct Head<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Head<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let first = text.lines().next().unwrap_or_default();
        match first.strip_prefix(FIRST_LINE) {
            Some(FORMAT) => (),
            Some(other) => {
                return Err(format!(
                    "is a finding of format {other}, and this version reads format {FORMAT}"
                ));
            }
            None => {
                return Err(format!(
                    "is no finding of `ssespec fuzz`: its first line is not `{FIRST_LINE}{FORMAT}`"
                ));
            }
        }
        let lines = text.lines().map_while(|line| line.strip_prefix("# "));
        Ok(Self(
            lines.filter_map(|line| line.split_once(": ")).collect(),
        ))
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(k, _)| *k == key)
            .map(|(_, value)| *value)
    }

    fn one(&self, key: &str) -> String {
        self.all(key).next().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests;
