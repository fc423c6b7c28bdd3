//! The published parsers, each driven as its documentation shows and as its adapter in `adapters/rust` does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventsource_stream::Eventsource as _;
use futures::executor::block_on;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use ssespec::delivery::Delivery;
use ssespec::observation::{EventTypeView, Features, Number, ObservedEvent, Parsed, Text, View};

use crate::differential::{Known, Peer};

const NOT_UTF_8: Known = Known {
    reason: "what is not UTF-8 is an error",
    concerns: |delivery| std::str::from_utf8(delivery.bytes()).is_err(),
};

/// async-sse 5 and sse-codec 0.3: the same code, a few years apart.
const OF_SSE_CODEC: &[Known] = &[
    NOT_UTF_8,
    Known {
        reason: "the space after the colon of retry stays, and retry is read as other integers are",
        concerns: |delivery| holds(delivery, b"retry"),
    },
    Known {
        reason: "a byte order mark is taken off the first line that starts with one, wherever it stands",
        concerns: |delivery| holds(delivery, b"\xEF\xBB\xBF"),
    },
    Known {
        reason: "a CR at the end of a chunk is forgotten",
        concerns: |delivery| delivery.chunks().any(|chunk| chunk.ends_with(b"\r")),
    },
    Known {
        reason: "id and event without a colon are ignored, and an empty event is an empty type",
        concerns: |delivery| {
            has_line(delivery, |line| {
                line == b"id" || line == b"event" || line == b"event:" || line == b"event: "
            })
        },
    },
];

pub const ASYNC_SSE: Peer = Peer {
    name: "async-sse",
    features: Features {
        progress: true,
        ..Features::FULL
    },
    known: OF_SSE_CODEC,
    read: |delivery, parsed| {
        let (chunks, chunk) = chunks(delivery);
        let mut items = async_sse::decode(stream::iter(chunks).into_async_read());
        loop {
            match block_on(items.try_next()) {
                Ok(Some(async_sse::Event::Message(message))) => {
                    let id = message.id().clone();
                    let event_type = message.name().clone();
                    let data = Text(message.into_bytes());
                    push(parsed, &chunk, (Some(event_type), Some(data), id), None);
                }
                Ok(Some(async_sse::Event::Retry(time))) => {
                    parsed.reconnection_time = Some(Number::new(&time.as_millis().to_string()));
                }
                Ok(None) => break,
                Err(error) => return parsed.error = Some(error.to_string().into()),
            }
        }
    },
};

pub const SSE_CODEC: Peer = Peer {
    name: "sse-codec",
    features: Features {
        progress: true,
        ..Features::FULL
    },
    known: OF_SSE_CODEC,
    read: |delivery, parsed| {
        let (chunks, chunk) = chunks(delivery);
        let mut items = sse_codec::decode_stream(stream::iter(chunks).into_async_read());
        loop {
            match block_on(items.try_next()) {
                Ok(Some(sse_codec::Event::Message { id, event, data })) => {
                    push(parsed, &chunk, (Some(event), Some(data.into()), id), None);
                }
                Ok(Some(sse_codec::Event::Retry { retry })) => {
                    parsed.reconnection_time = Some(retry.into());
                }
                Ok(None) => break,
                Err(error) => return parsed.error = Some(error.to_string().into()),
            }
        }
    },
};

pub const EVENTSOURCE_STREAM: Peer = Peer {
    name: "eventsource-stream",
    features: Features {
        reconnection_time: View::Block,
        ..Features::FULL
    },
    known: &[
        Known {
            reason: "a byte order mark panics",
            concerns: |delivery| delivery.bytes().starts_with(b"\xEF\xBB\xBF"),
        },
        Known {
            reason: "everything after a malformed byte is held back until the stream ends, and then it is an error",
            concerns: NOT_UTF_8.concerns,
        },
        Known {
            reason: "a CR at the end of what has arrived ends its line only with the next byte",
            concerns: |delivery| delivery.chunks().any(|chunk| chunk.ends_with(b"\r")),
        },
        Known {
            reason: "the last event ID changes only with an event",
            concerns: |delivery| holds(delivery, b"id"),
        },
        Known {
            reason: "a plus sign before the digits of retry is accepted",
            concerns: |delivery| holds(delivery, b"retry:+") || holds(delivery, b"retry: +"),
        },
    ],
    read: |delivery, parsed| {
        let (chunks, chunk) = chunks(delivery);
        let mut events = stream::iter(chunks).eventsource();
        while let Some(item) = block_on(events.next()) {
            match item {
                Ok(event) => {
                    let time = event
                        .retry
                        .map(|time| Number::new(&time.as_millis().to_string()));
                    let shown = (Some(event.event), Some(event.data.into()), Some(event.id));
                    push(parsed, &chunk, shown, time);
                }
                Err(error) => {
                    parsed.error = Some(error.to_string().into());
                    break;
                }
            }
        }
        parsed.last_event_id = Some(events.last_event_id().into());
    },
};

pub const SSE_CORE: Peer = Peer {
    name: "sse-core",
    features: Features::FULL,
    known: &[Known {
        reason: "the reconnection time is a u32",
        concerns: |delivery| holds(delivery, b"retry"),
    }],
    read: |delivery, parsed| {
        let (chunks, chunk) = chunks(delivery);
        let mut items = sse_core::SseStream::disconnected();
        items.attach_with_id(stream::iter(chunks), None);
        while let Some(item) = block_on(items.next()) {
            match item {
                Ok(sse_core::SseEvent::Message(message)) => {
                    let id = message.last_event_id.as_deref().map(str::to_owned);
                    let shown = (
                        Some(message.event.into_owned()),
                        Some(message.data.into()),
                        id,
                    );
                    push(parsed, &chunk, shown, None);
                }
                Ok(sse_core::SseEvent::Retry(time)) => {
                    parsed.reconnection_time = Some(u64::from(time).into());
                }
                Err(error) => {
                    parsed.error = Some(error.to_string().into());
                    break;
                }
            }
        }
        parsed.last_event_id = Some(items.last_event_id().map_or("", |id| id).into());
    },
};

pub const SSE_PARSE: Peer = Peer {
    name: "sse-parse",
    features: Features::FULL,
    known: &[],
    read: |delivery, parsed| {
        let mut parser = sse_parse::SseParser::new();
        let take = |parser: &mut sse_parse::SseParser, parsed: &mut Parsed, chunk: usize| {
            while let Some(event) = parser.next_event() {
                parsed.events.push(ObservedEvent {
                    event_type: Some(event.event.into()),
                    data: Some(event.data.into()),
                    last_event_id: Some(event.id.into()),
                    chunk: Some(chunk),
                    ..ObservedEvent::default()
                });
            }
        };
        for (index, chunk) in delivery.chunks().enumerate() {
            parser.feed(chunk);
            take(&mut parser, parsed, index);
        }
        parser.finish();
        take(&mut parser, parsed, delivery.cuts().len() + 1);
        parsed.last_event_id = Some(parser.last_event_id().into());
        parsed.reconnection_time = parser
            .retry()
            .map(|time| Number::new(&time.as_millis().to_string()));
    },
};

pub const SSE_STREAM: Peer = Peer {
    name: "sse-stream",
    features: Features {
        event_type: EventTypeView::Raw,
        last_event_id: View::Block,
        reconnection_time: View::Block,
        ..Features::FULL
    },
    known: &[
        Known {
            reason: "by design, a known field that is not UTF-8 is an error",
            concerns: NOT_UTF_8.concerns,
        },
        Known {
            reason: "by design, a block without data is returned too",
            concerns: |delivery| {
                has_line(delivery, |line| {
                    [&b"id"[..], b"event", b"retry"]
                        .iter()
                        .any(|name| line.starts_with(name))
                })
            },
        },
    ],
    read: |delivery, parsed| {
        let (chunks, chunk) = chunks(delivery);
        let mut blocks = sse_stream::SseByteStream::new(stream::iter(chunks));
        while let Some(item) = block_on(blocks.next()) {
            match item {
                Ok(block) => {
                    let shown = (block.event, block.data.map(Text::from), block.id);
                    push(parsed, &chunk, shown, block.retry.map(Number::from));
                }
                Err(error) => return parsed.error = Some(error.to_string().into()),
            }
        }
    },
};

type Chunk<'a> = Result<&'a [u8], io::Error>;

/// The chunks one by one, and which of them was handed out last: their number once the end has been seen.
fn chunks(
    delivery: &Delivery,
) -> (
    impl Iterator<Item = Chunk<'_>> + Send + Sync + Unpin,
    Arc<AtomicUsize>,
) {
    let chunks: Vec<&[u8]> = delivery.chunks().collect();
    let chunk = Arc::new(AtomicUsize::new(0));
    let handed_out = Arc::clone(&chunk);
    let n_chunks = chunks.len();
    let mut chunks = chunks.into_iter().enumerate();
    let one_by_one = std::iter::from_fn(move || {
        let next = chunks.next();
        let index = next.as_ref().map_or(n_chunks, |(index, _)| *index);
        handed_out.store(index, Ordering::Relaxed);
        next.map(|(_, chunk)| Ok(chunk))
    });
    (one_by_one, chunk)
}

fn push(
    parsed: &mut Parsed,
    chunk: &AtomicUsize,
    (event_type, data, last_event_id): (Option<String>, Option<Text>, Option<String>),
    reconnection_time: Option<Number>,
) {
    parsed.events.push(ObservedEvent {
        event_type: event_type.map(Text::from),
        data,
        last_event_id: last_event_id.map(Text::from),
        reconnection_time,
        chunk: Some(chunk.load(Ordering::Relaxed)),
    });
}

fn holds(delivery: &Delivery, bytes: &[u8]) -> bool {
    delivery
        .bytes()
        .windows(bytes.len())
        .any(|window| window == bytes)
}

fn has_line(delivery: &Delivery, is_meant: impl FnMut(&[u8]) -> bool) -> bool {
    let bytes = delivery.bytes();
    bytes
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(bytes)
        .split(|byte| b"\r\n".contains(byte))
        .any(is_meant)
}
