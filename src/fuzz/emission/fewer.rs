//! An emission that shows something to smaller and plainer ones that somebody tries: fewer events, fields, characters.

use crate::case::server::{Emitted, Retry};
use crate::observation::server::Offers;

/// The character that nobody stumbles over.
const PLAIN: &str = "a";
/// In a long text so many places are tried for each length of what is left out.
const MAX_PLACES: usize = 64;

/// Emissions with less in them, the boldest first; none if nothing can be left out any more.
///
/// Whoever takes the first that still shows what it is about, and starts anew, ends with an emission that needs
/// every event, every field, and every character that is not plain.
pub fn proposals(events: &[Emitted], offers: &Offers) -> Vec<Vec<Emitted>> {
    let mut proposals = Vec::new();
    if events.len() > 1 {
        proposals.extend(events.iter().map(|event| vec![event.clone()]));
        if events.len() > 2 {
            proposals.extend((0..events.len()).map(|at| {
                let mut fewer = events.to_vec();
                fewer.remove(at);
                fewer
            }));
        }
    }
    for (at, event) in events.iter().enumerate() {
        let with = |event: Emitted| {
            let mut with = events.to_vec();
            with[at] = event;
            with
        };
        proposals.extend(fewer_fields(event, offers).into_iter().map(with));
    }
    for (at, event) in events.iter().enumerate() {
        for field in [data, event_type, id, comment] {
            let Some(text) = field(&mut event.clone()).clone() else {
                continue;
            };
            proposals.extend(plainer(&text).into_iter().map(|text| {
                let mut with = events.to_vec();
                *field(&mut with[at]) = Some(text);
                with
            }));
        }
        let retries = event.retry.iter().flat_map(plainer_retry);
        proposals.extend(retries.map(|retry| {
            let mut with = events.to_vec();
            with[at].retry = Some(retry);
            with
        }));
    }
    proposals
}

fn data(event: &mut Emitted) -> &mut Option<String> {
    &mut event.data
}

fn event_type(event: &mut Emitted) -> &mut Option<String> {
    &mut event.event_type
}

fn id(event: &mut Emitted) -> &mut Option<String> {
    &mut event.id
}

fn comment(event: &mut Emitted) -> &mut Option<String> {
    &mut event.comment
}

/// The event with one field less, as far as the interface allows.
fn fewer_fields(event: &Emitted, offers: &Offers) -> Vec<Emitted> {
    let mut fewer = Vec::new();
    let mut propose = |less: Emitted| {
        let is_possible = less.data.is_some() || offers.without_data;
        if less != *event && less != Emitted::default() && is_possible {
            fewer.push(less);
        }
    };
    for field in [comment, id, event_type, data] {
        let mut less = event.clone();
        *field(&mut less) = None;
        propose(less);
    }
    propose(Emitted {
        retry: None,
        ..event.clone()
    });
    fewer
}

/// Texts with less in them, or with plainer characters; none for a plain one.
fn plainer(text: &str) -> Vec<String> {
    if text == PLAIN {
        return Vec::new();
    }
    // The empty text is no plain one: it has faults of its own.
    let mut plainer = vec![PLAIN.to_owned()];
    let chars: Vec<char> = text.chars().collect();
    let is_uniform = chars.iter().all(|c| *c == 'a');
    let mut length = chars.len();
    while length > 0 {
        let step = match is_uniform {
            // Wherever something is left out, the same stays.
            true => chars.len(),
            false => length.max(chars.len().div_ceil(MAX_PLACES)),
        };
        for at in (0..chars.len()).step_by(step) {
            let end = (at + length).min(chars.len());
            let join = |middle: &str| {
                let (before, after) = (chars[..at].iter(), chars[end..].iter());
                before
                    .copied()
                    .chain(middle.chars())
                    .chain(after.copied())
                    .collect::<String>()
            };
            plainer.push(join(""));
            let is_plain = chars[at..end].iter().all(char::is_ascii_alphanumeric);
            let in_their_place = PLAIN.repeat(end - at);
            if !is_plain || (length == chars.len() && text != in_their_place) {
                plainer.push(join(&in_their_place));
            }
        }
        length /= 2;
    }
    plainer.retain(|plainer| plainer != text);
    plainer
}

fn plainer_retry(retry: &Retry) -> Vec<Retry> {
    let smaller = match retry {
        Retry::Number(number) => {
            let near = [1, 0, -1, 1 << 31, 1 << 32];
            let smaller = near.into_iter().take_while(|smaller| smaller != number);
            return smaller.map(Retry::Number).collect();
        }
        Retry::Text(text) => text,
    };
    let mut plainer_texts = vec!["1".to_owned()];
    plainer_texts.extend(plainer(smaller));
    plainer_texts.retain(|text| text != smaller && smaller != "1");
    plainer_texts.into_iter().map(Retry::Text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Features;

    fn minimise(events: Vec<Emitted>, shows: impl Fn(&[Emitted]) -> bool) -> Vec<Emitted> {
        let mut best = events;
        assert!(shows(&best));
        while let Some(smaller) = proposals(&best, &Features::FULL.offers)
            .into_iter()
            .find(|proposal| shows(proposal))
        {
            best = smaller;
        }
        best
    }

    fn event(data: &str, id: &str) -> Emitted {
        Emitted {
            data: Some(data.to_owned()),
            id: Some(id.to_owned()),
            retry: Some(Retry::Number(5000)),
            comment: Some("a comment".to_owned()),
            ..Emitted::default()
        }
    }

    #[test]
    fn what_is_left_is_needed() {
        let events = vec![
            event("one\ntwo", "1"),
            event("three", "x\r\ndata: y"),
            event("", ""),
        ];
        let shows = |events: &[Emitted]| {
            let has_it = |event: &Emitted| {
                event.data.is_some() && event.id.as_deref().is_some_and(|id| id.contains('\n'))
            };
            events.iter().any(has_it)
        };
        let expected = Emitted {
            data: Some("a".to_owned()),
            id: Some("\n".to_owned()),
            ..Emitted::default()
        };
        assert_eq!(minimise(events, shows), [expected]);
    }

    #[test]
    fn a_long_text_becomes_as_short_as_it_may() {
        let events = vec![event(&"xyz".repeat(4000), "1")];
        let shows = |events: &[Emitted]| {
            let is_long =
                |event: &Emitted| event.data.as_ref().is_some_and(|data| data.len() > 1024);
            events.iter().any(is_long)
        };
        let minimal = minimise(events, shows);
        assert_eq!(minimal[0].data, Some("a".repeat(1025)));
        assert_eq!(minimal[0].id, None);
    }

    #[test]
    fn an_empty_text_stays_where_it_matters() {
        let events = vec![event("a", "xy")];
        let shows = |events: &[Emitted]| {
            let is_empty = |event: &Emitted| event.id.as_deref() == Some("");
            events.iter().any(is_empty)
        };
        let minimal = minimise(vec![event("a", "")], shows);
        assert_eq!(minimal[0].id.as_deref(), Some(""));
        assert!(!shows(&events));
    }
}
