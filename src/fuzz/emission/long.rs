//! A length to an emission of that length, for each way in which an application may emit much.

use crate::case::server::Emitted;
use crate::fuzz::growth::{LONG, MANY};
use crate::observation::server::Offers;

/// An emission that can have any length.
#[derive(Clone, Copy, Debug)]
pub struct Long {
    /// A name for reports.
    pub name: &'static str,
    /// The clause that growth is filed under.
    pub clause: &'static str,
    unit: &'static str,
    place: Place,
}

/// Where the length is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Data,
    EventType,
    Id,
    Comment,
    Events,
}

/// What has been slow somewhere, or could be.
const ALL: [Long; 10] = [
    long("emitted-data", LONG, "a", Place::Data),
    long("emitted-data-lines", MANY, "a\n", Place::Data),
    long("emitted-line-feeds", MANY, "\n", Place::Data),
    long("emitted-carriage-returns", MANY, "\r", Place::Data),
    long("emitted-spaces", LONG, " ", Place::Data),
    long("emitted-type", LONG, "a", Place::EventType),
    long("emitted-id", LONG, "a", Place::Id),
    long("emitted-comment", LONG, "a", Place::Comment),
    long("emitted-comment-lines", MANY, "a\n", Place::Comment),
    long("emitted-events", MANY, "data: a\n\n", Place::Events),
];

const fn long(name: &'static str, clause: &'static str, unit: &'static str, place: Place) -> Long {
    Long {
        name,
        clause,
        unit,
        place,
    }
}

/// Those for which a server's interface has a way.
pub fn offered(offers: &Offers) -> impl Iterator<Item = Long> + use<> {
    let offers = offers.clone();
    ALL.into_iter().filter(move |long| match long.place {
        Place::Data | Place::Events => true,
        Place::EventType => offers.event_type,
        Place::Id => offers.id,
        Place::Comment => offers.comment,
    })
}

impl Long {
    /// An emission of about so many bytes; never empty.
    pub fn events(self, length: usize) -> Vec<Emitted> {
        let n_units = length / self.unit.len();
        let text = Some(self.unit.repeat(n_units));
        let one = Emitted {
            data: Some("a".to_owned()),
            ..Emitted::default()
        };
        match self.place {
            Place::Data => vec![Emitted { data: text, ..one }],
            Place::EventType => vec![Emitted {
                event_type: text,
                ..one
            }],
            Place::Id => vec![Emitted { id: text, ..one }],
            Place::Comment => vec![Emitted {
                comment: text,
                ..one
            }],
            Place::Events => vec![one; n_units.max(1)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emissions_have_the_length_that_is_asked_for() {
        let offers = Offers {
            event_type: true,
            id: true,
            comment: true,
            ..Offers::default()
        };
        assert_eq!(offered(&offers).count(), ALL.len());
        for long in ALL {
            let events = long.events(4096);
            let n_bytes: usize = events.iter().flat_map(Emitted::texts).map(str::len).sum();
            match long.place {
                Place::Events => assert_eq!(events.len(), 4096 / "data: a\n\n".len()),
                _ => assert!(n_bytes.abs_diff(4096) < 8, "{}: {n_bytes}", long.name),
            }
        }
    }

    #[test]
    fn what_an_interface_has_no_way_for_is_left_out() {
        let names: Vec<_> = offered(&Offers::default()).map(|long| long.name).collect();
        assert!(!names.contains(&"emitted-id"), "{names:?}");
        assert!(names.contains(&"emitted-data"), "{names:?}");
    }
}
