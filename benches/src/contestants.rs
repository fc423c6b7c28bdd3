//! The reference and its peers, each driven in the cheapest way that its documentation shows and that gives events.

use std::convert::Infallible;
use std::hint::black_box;
use std::io;

use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures::executor::block_on;
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use ssespec::event_stream::{Item, Parser};

/// What a contestant gave for a stream: what does not agree was not the same work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The events that have data.
    pub n_events: usize,
    /// The bytes of data in all of them.
    pub n_bytes: usize,
}

impl Tally {
    /// Counts an event, no part of which the compiler may leave out; it is looked at where it is, not moved.
    fn count<E>(&mut self, event: &E, data: &str) {
        black_box(event);
        self.n_events += 1;
        self.n_bytes += data.len();
    }
}

/// What a row of the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Finds the ends of lines and does nothing else.
    Limit,
    /// Our own parser.
    Reference,
    /// A published crate.
    Peer,
}

/// A parser and how it reads a stream.
pub struct Contestant {
    /// The crate's name, if it is a peer.
    pub name: &'static str,
    /// What it is measured for.
    pub role: Role,
    /// Reads a stream that comes in these chunks.
    pub read: fn(&[&'static [u8]]) -> Tally,
}

/// All of them, in the order of the table.
pub const ALL: [Contestant; 9] = [
    Contestant {
        name: "bare memchr2 scan",
        role: Role::Limit,
        read: memchr2_scan,
    },
    Contestant {
        name: "ssespec, next",
        role: Role::Reference,
        read: ssespec_next,
    },
    Contestant {
        name: "ssespec, feed",
        role: Role::Reference,
        read: ssespec_feed,
    },
    Contestant {
        name: "sse-core",
        role: Role::Peer,
        read: sse_core,
    },
    Contestant {
        name: "sse-stream",
        role: Role::Peer,
        read: sse_stream,
    },
    Contestant {
        name: "sse-parse",
        role: Role::Peer,
        read: sse_parse,
    },
    Contestant {
        name: "sseer",
        role: Role::Peer,
        read: sseer,
    },
    Contestant {
        name: "eventsource-stream",
        role: Role::Peer,
        read: eventsource_stream,
    },
    Contestant {
        name: "sse-codec",
        role: Role::Peer,
        read: sse_codec,
    },
];

/// Counts line ends, which takes a call for each.
fn memchr2_scan(chunks: &[&'static [u8]]) -> Tally {
    for chunk in chunks {
        for end in memchr::memchr2_iter(b'\r', b'\n', chunk) {
            black_box(end);
        }
    }
    Tally::default()
}

/// Events are borrowed.
fn ssespec_next(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut parser = Parser::new();
    for mut chunk in chunks.iter().copied() {
        while let Some(item) = parser.next(&mut chunk) {
            if let Item::Event(event) = &item {
                tally.count(event, event.data);
            }
        }
    }
    tally
}

/// Events are owned, as those of the peers are.
fn ssespec_feed(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut parser = Parser::new();
    for chunk in chunks {
        for event in parser.feed(chunk) {
            tally.count(&event, &event.data);
        }
    }
    tally
}

fn sse_core(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut decoder = sse_core::SseDecoder::new();
    for mut chunk in chunks.iter().copied() {
        while let Some(event) = decoder.next(&mut chunk) {
            if let sse_core::SseEvent::Message(message) = event.as_ref().expect("no event is large")
            {
                tally.count(message, &message.data);
            }
        }
    }
    tally
}

fn sse_stream(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut blocks = sse_stream::SseByteStream::new(infallible(chunks));
    block_on(async {
        while let Some(block) = blocks.next().await {
            let block = block.as_ref().expect("the stream is valid");
            // A block without data is no event.
            if let Some(data) = &block.data {
                tally.count(block, data);
            }
        }
    });
    tally
}

fn sse_parse(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut parser = sse_parse::SseParser::new();
    for chunk in chunks {
        parser.feed(chunk);
        while let Some(event) = parser.next_event() {
            tally.count(&event, &event.data);
        }
    }
    tally
}

fn sseer(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let bytes = chunks
        .iter()
        .map(|chunk| Ok::<_, Infallible>(Bytes::from_static(chunk)));
    let mut events = sseer::event_stream::EventStream::new(stream::iter(bytes));
    block_on(async {
        while let Some(event) = events.next().await {
            let event = event.as_ref().expect("the stream is valid");
            tally.count(event, &event.data);
        }
    });
    tally
}

fn eventsource_stream(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let mut events = infallible(chunks).eventsource();
    block_on(async {
        while let Some(event) = events.next().await {
            let event = event.as_ref().expect("the stream is valid");
            tally.count(event, &event.data);
        }
    });
    tally
}

fn sse_codec(chunks: &[&'static [u8]]) -> Tally {
    let mut tally = Tally::default();
    let reader = stream::iter(chunks.iter().copied().map(io::Result::Ok)).into_async_read();
    let mut events = sse_codec::decode_stream(reader);
    block_on(async {
        while let Some(event) = events.next().await {
            let event = event.as_ref().expect("the stream is valid");
            if let sse_codec::Event::Message { data, .. } = event {
                tally.count(event, data);
            }
        }
    });
    tally
}

fn infallible(
    chunks: &[&'static [u8]],
) -> impl Stream<Item = Result<&'static [u8], Infallible>> + Unpin {
    stream::iter(chunks.iter().copied().map(Ok))
}
