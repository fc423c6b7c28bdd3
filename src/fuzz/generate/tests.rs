//! Random streams: the same for a seed, and rich enough.

use super::*;

fn generator(input: Input) -> Generator {
    let seeds = vec![
        b"data: a\r\n\r\nid: 1\ndata: \xC3\xA9\n\n"
            .as_slice()
            .into(),
    ];
    Generator::new(7, input, false, seeds)
}

#[test]
fn a_stream_depends_on_its_seed_and_number_alone() {
    let (a, b) = (generator(Input::Bytes), generator(Input::Bytes));
    for index in 0..1000 {
        assert_eq!(a.delivery(index), b.delivery(index));
    }
    assert_ne!(a.delivery(1).bytes(), a.delivery(2).bytes());
}

#[test]
fn targets_of_text_get_text() {
    let generator = generator(Input::Text);
    for index in 0..5000 {
        let delivery = generator.delivery(index);
        assert!(
            delivery.text_chunks().is_some(),
            "{:?}",
            delivery.bytes().escape_ascii().to_string()
        );
    }
}

#[test]
fn cuts_lie_inside_the_stream_and_ascend() {
    let generator = generator(Input::Bytes);
    for index in 0..5000 {
        let delivery = generator.delivery(index);
        assert!(delivery.cuts().is_sorted());
        assert!(
            delivery
                .cuts()
                .last()
                .is_none_or(|&last| last <= delivery.bytes().len())
        );
    }
}

#[test]
fn what_a_client_gets_can_be_carried() {
    let corpus = crate::corpus::Corpus::embedded();
    let seeds = super::super::seeds::of_corpus(&corpus);
    let generator = Generator::new(7, Input::Bytes, false, seeds).over_http();
    for index in 0..5000 {
        let delivery = generator.delivery(index);
        let case = replay::case(delivery.bytes().into());
        assert!(
            http::carry(&case).is_some(),
            "{:?}",
            delivery.bytes().escape_ascii().to_string()
        );
        let has_empty_chunk = delivery.chunks().any(<[u8]>::is_empty);
        assert!(!has_empty_chunk || delivery.bytes().is_empty());
    }
}

/// Every quirk of the catalogue, bar those of very long lines, shows on one of so many streams.
#[test]
fn streams_reach_every_quirk() {
    use crate::observation::{Features, View};
    use crate::quirk;
    let corpus = crate::corpus::Corpus::embedded();
    let seeds = super::super::seeds::of_corpus(&corpus);
    let generator = Generator::new(0, Input::Bytes, false, seeds);
    // Some quirks show only in what an event's own block says.
    let own_block = Features {
        last_event_id: View::Block,
        reconnection_time: View::Block,
        ..Features::FULL
    };
    let views = [Features::FULL, own_block];
    let mut unseen: Vec<_> = quirk::all()
        .iter()
        .filter(|quirk| quirk.slot != "long_line")
        .collect();
    for index in 0..40_000 {
        let delivery = generator.delivery(index);
        for features in &views {
            let standard = quirk::show(&[], &delivery, features);
            unseen.retain(|quirk| quirk::show(&[quirk], &delivery, features) == standard);
        }
        if unseen.is_empty() {
            break;
        }
    }
    assert!(unseen.is_empty(), "{unseen:?}");
}
