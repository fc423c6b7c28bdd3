//! What an application emitted to the few words that tell one fault from another: which field, what kind of character.

use std::collections::BTreeSet;
use std::fmt;

use crate::case::server::{Emitted, Retry};

/// A longer text is long: so many bytes fill a buffer somewhere.
const LONG: usize = 1000;
/// A larger time does not fit into every language's smallest integer.
const LARGE: i64 = i32::MAX as i64;

/// A field of an event, and a kind of character in it.
pub type Trait = (Field, Kind);

/// A field as an application gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the fields of the format")]
pub enum Field {
    Data,
    EventType,
    Id,
    Retry,
    Comment,
}

/// What is odd about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Kind {
    Plain,
    Empty,
    LineFeed,
    CarriageReturn,
    CarriageReturnLineFeed,
    Nul,
    /// U+FEFF.
    Mark,
    /// What other formats take for the end of a line: VT, FF, FS, GS, RS, NEL, U+2028, U+2029.
    OtherLineEnd,
    Control,
    Space,
    Colon,
    Punctuation,
    NonAscii,
    Astral,
    Noncharacter,
    Long,
    Zero,
    Negative,
    Large,
    NoNumber,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::EventType => "type",
            Self::Id => "id",
            Self::Retry => "retry",
            Self::Comment => "comment",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Empty => "empty",
            Self::LineFeed => "LF",
            Self::CarriageReturn => "CR",
            Self::CarriageReturnLineFeed => "CRLF",
            Self::Nul => "NUL",
            Self::Mark => "BOM",
            Self::OtherLineEnd => "other line end",
            Self::Control => "control",
            Self::Space => "space",
            Self::Colon => "colon",
            Self::Punctuation => "punctuation",
            Self::NonAscii => "non-ASCII",
            Self::Astral => "astral",
            Self::Noncharacter => "noncharacter",
            Self::Long => "long",
            Self::Zero => "zero",
            Self::Negative => "negative",
            Self::Large => "large",
            Self::NoNumber => "no number",
        })
    }
}

/// All traits of an event; each field that it has gives at least one.
pub fn of(event: &Emitted) -> BTreeSet<Trait> {
    let mut traits = BTreeSet::new();
    for (field, text) in [
        (Field::Data, &event.data),
        (Field::EventType, &event.event_type),
        (Field::Id, &event.id),
        (Field::Comment, &event.comment),
    ] {
        let kinds = text.iter().flat_map(|text| of_text(text));
        traits.extend(kinds.map(|kind| (field, kind)));
    }
    let kinds = event.retry.iter().flat_map(of_retry);
    traits.extend(kinds.map(|kind| (Field::Retry, kind)));
    traits
}

/// What a minimised emission is named after: whatever is odd in it, else the fields that it has besides plain data.
pub fn named(events: &[Emitted]) -> BTreeSet<Trait> {
    let all: BTreeSet<Trait> = events.iter().flat_map(of).collect();
    let keep = |keep: fn(&Trait) -> bool| {
        let kept: BTreeSet<Trait> = all.iter().copied().filter(keep).collect();
        (!kept.is_empty()).then_some(kept)
    };
    let mut odd = keep(|(_, kind)| *kind != Kind::Plain);
    for traits in odd.iter_mut() {
        let pairs: Vec<Trait> = traits.iter().copied().collect();
        for (field, kind) in pairs {
            // CR LF is no lone CR beside a lone LF.
            if kind == Kind::CarriageReturnLineFeed {
                traits.remove(&(field, Kind::CarriageReturn));
                traits.remove(&(field, Kind::LineFeed));
            }
        }
    }
    odd.or_else(|| keep(|(field, _)| *field != Field::Data))
        .unwrap_or(all)
}

/// Whether what a fault was named after stands in what was emitted, so that it would show there too.
pub fn is_in(named: &BTreeSet<Trait>, emitted: &BTreeSet<Trait>) -> bool {
    named.iter().all(|(field, kind)| {
        emitted
            .iter()
            .any(|(f, k)| f == field && (k == kind || *kind == Kind::Plain))
    })
}

/// The traits as words.
pub fn listed(traits: &BTreeSet<Trait>) -> String {
    let words = traits.iter().map(|(field, kind)| format!("{field} {kind}"));
    words.collect::<Vec<_>>().join(" + ")
}

fn of_text(text: &str) -> BTreeSet<Kind> {
    let mut kinds: BTreeSet<Kind> = text.chars().map(of_char).collect();
    if text.contains("\r\n") {
        kinds.insert(Kind::CarriageReturnLineFeed);
    }
    if text.is_empty() {
        kinds.insert(Kind::Empty);
    }
    if text.len() > LONG {
        kinds.insert(Kind::Long);
    }
    if kinds.len() > 1 {
        kinds.remove(&Kind::Plain);
    }
    kinds
}

fn of_char(c: char) -> Kind {
    match c {
        '\n' => Kind::LineFeed,
        '\r' => Kind::CarriageReturn,
        '\0' => Kind::Nul,
        '\u{FEFF}' => Kind::Mark,
        '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            Kind::OtherLineEnd
        }
        ' ' | '\t' => Kind::Space,
        ':' => Kind::Colon,
        c if c.is_control() => Kind::Control,
        c if c.is_ascii_punctuation() => Kind::Punctuation,
        c if c.is_ascii() => Kind::Plain,
        c if u32::from(c) & 0xFFFE == 0xFFFE => Kind::Noncharacter,
        c if u32::from(c) > 0xFFFF => Kind::Astral,
        _ => Kind::NonAscii,
    }
}

fn of_retry(retry: &Retry) -> BTreeSet<Kind> {
    match retry {
        Retry::Number(0) => [Kind::Zero].into(),
        Retry::Number(number) if *number < 0 => [Kind::Negative].into(),
        Retry::Number(number) if *number > LARGE => [Kind::Large].into(),
        Retry::Number(_) => [Kind::Plain].into(),
        Retry::Text(text) => {
            let mut kinds = of_text(text);
            if retry.digits().is_none() {
                kinds.insert(Kind::NoNumber);
                kinds.remove(&Kind::Plain);
            }
            kinds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &str, id: Option<&str>) -> Emitted {
        Emitted {
            data: Some(data.to_owned()),
            id: id.map(str::to_owned),
            ..Emitted::default()
        }
    }

    #[test]
    fn a_fault_is_named_after_what_is_odd() {
        let named = |data, id| listed(&named(&[event(data, id)]));
        assert_eq!(named("a", Some("\n")), "id LF");
        assert_eq!(named("a", Some("a\r\nb")), "id CRLF");
        assert_eq!(named("a", Some("a")), "id plain");
        assert_eq!(named("a", None), "data plain");
        assert_eq!(named("", Some("\0")), "data empty + id NUL");
    }

    #[test]
    fn a_known_fault_is_looked_for_in_what_was_emitted() {
        let known = named(&[event("a", Some("\n"))]);
        assert!(is_in(&known, &of(&event("x", Some("1\r\n2: ")))));
        assert!(!is_in(&known, &of(&event("x\n", Some("1")))));
        // Whatever becomes of a plain id becomes of every id.
        let known = named(&[event("a", Some("a"))]);
        assert!(is_in(&known, &of(&event("a", Some("\0")))));
        assert!(!is_in(&known, &of(&event("a", None))));
    }
}
