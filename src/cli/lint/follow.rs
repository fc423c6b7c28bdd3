//! A request, a pipe or a file to what was seen of its answer, with each event shown as it comes.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::input::{self, Input};
use super::watcher::Watcher;
use crate::fetch::{self, Decoder, Request};
use crate::lint::exchange::{Came, End, Exchange, Seen};
use crate::lint::head::Asked;

/// A body that is no stream is waited for no longer than this.
const FOR_OTHER: Duration = Duration::from_secs(2);

/// When to stop reading.
#[derive(Clone)]
pub struct Limits {
    /// So long after the request.
    pub time: Duration,
    /// After so many events.
    pub n_events: usize,
    /// Becomes the name of what ends us early: Ctrl-C, say.
    pub interrupted: watch::Receiver<Option<&'static str>>,
}

/// Ends where the time is over.
const TIME: &str = "time is over";
const EVENTS: &str = "enough events";
/// Whoever reads our output has gone.
const NO_READER: &str = "nobody reads on";

impl Limits {
    /// Waits for what ends us early.
    pub async fn interrupted(&self) -> &'static str {
        let mut interrupted = self.interrupted.clone();
        match interrupted.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(by)) => by,
            // Nobody listens for it any more.
            _ => std::future::pending().await,
        }
    }

    /// What has ended us early.
    pub fn interrupted_by(&self) -> Option<&'static str> {
        *self.interrupted.borrow()
    }
}

/// Sends the request and follows its answer.
///
/// # Errors
///
/// One sentence on why there is no HTTP answer.
pub async fn http(
    request: &Request,
    asked: Asked,
    last_event_id: &str,
    limits: &Limits,
    watcher: &mut Watcher<'_>,
) -> Result<Seen, String> {
    let start = Instant::now();
    let deadline = start + limits.time;
    let mut exchange = Exchange::new(asked, true, last_event_id);
    exchange.stop_after(limits.n_events);
    let mut answer = tokio::select! {
        answer = fetch::open(request) => answer?,
        () = tokio::time::sleep_until(deadline) => {
            let whom = request.address.host_and_port();
            return Err(format!("{whom} gave no answer within {:.0} s", limits.time.as_secs_f64()));
        }
        by = limits.interrupted() => return Err(format!("stopped at {by}, before an answer came")),
    };
    watcher.head(start.elapsed(), &answer.head);
    exchange.head(answer.head.clone(), start.elapsed());
    let encoding = answer.head.encoding();
    let mut decoder = Decoder::of(encoding.as_deref()).unwrap_or_else(|| {
        exchange.cannot_decode();
        Decoder::Identity
    });
    let end = loop {
        let patience = if exchange.is_other() {
            deadline.min(start + FOR_OTHER)
        } else {
            deadline
        };
        let piece = tokio::select! {
            biased;
            by = limits.interrupted() => break End::Stopped(by),
            () = tokio::time::sleep_until(patience) => break End::Stopped(TIME),
            piece = answer.next() => piece,
        };
        let piece = match piece {
            Ok(Some(piece)) => piece,
            Ok(None) => break End::Complete,
            Err(sentence) => {
                break limits
                    .interrupted_by()
                    .map_or(End::Broken(sentence), End::Stopped);
            }
        };
        let mut came = Came {
            at: start.elapsed(),
            number: piece.read,
            n_wire_bytes: piece.bytes.len(),
        };
        let decoded = decoder.decode(&piece.bytes, &mut |bytes| {
            take(&mut exchange, watcher, came, bytes);
            came.n_wire_bytes = 0;
        });
        if came.n_wire_bytes > 0 {
            // It came and gave nothing yet.
            take(&mut exchange, watcher, came, b"");
        }
        if let Err(sentence) = decoded {
            break End::Broken(sentence);
        }
        if let Some(end) = enough(&exchange, limits, watcher) {
            break end;
        }
    };
    finish(exchange, watcher, start.elapsed(), end)
}

/// Follows what a pipe or a file gives.
///
/// # Errors
///
/// One sentence on why it cannot be read.
pub async fn input(
    mut input: Input,
    limits: &Limits,
    watcher: &mut Watcher<'_>,
) -> Result<Seen, String> {
    let asked = Asked {
        method: String::new(),
        offered: Vec::new(),
    };
    let mut exchange = Exchange::new(asked, input.is_timed, "");
    exchange.stop_after(limits.n_events);
    let deadline = Instant::now() + limits.time;
    let mut decoder = Decoder::Identity;
    let mut at = Duration::ZERO;
    let mut is_recorded = false;
    let end = loop {
        let item = tokio::select! {
            biased;
            by = limits.interrupted() => break End::Stopped(by),
            () = tokio::time::sleep_until(deadline), if input.is_timed => break End::Stopped(TIME),
            item = input.items.recv() => item,
        };
        match item {
            None => {
                // At Ctrl-C the program before us in the pipe dies of the same signal, perhaps sooner.
                tokio::time::sleep(Duration::from_millis(20)).await;
                break limits.interrupted_by().map_or(End::Complete, End::Stopped);
            }
            Some(input::Item::Failed(sentence)) => return Err(sentence),
            Some(input::Item::Asked(asked, is_timed)) => {
                is_recorded = true;
                exchange = Exchange::new(asked, is_timed, "");
                exchange.stop_after(limits.n_events);
            }
            Some(input::Item::Head(time, head)) => {
                at = time;
                watcher.head(at, &head);
                let encoding = head.encoding();
                exchange.head(head, at);
                decoder = Decoder::of(encoding.as_deref()).unwrap_or_else(|| {
                    exchange.cannot_decode();
                    Decoder::Identity
                });
            }
            Some(input::Item::Decoded(came, bytes)) => {
                at = came.at;
                take(&mut exchange, watcher, came, &bytes);
            }
            Some(input::Item::Bytes(mut came, bytes)) => {
                at = came.at;
                if came.number == 1 && is_decoded(&decoder, &bytes) {
                    // `curl --compressed` has decoded it already and kept the header.
                    decoder = Decoder::Identity;
                }
                let decoded = decoder.decode(&bytes, &mut |bytes| {
                    take(&mut exchange, watcher, came, bytes);
                    came.n_wire_bytes = 0;
                });
                if let Err(sentence) = decoded {
                    break End::Broken(sentence);
                }
            }
            Some(input::Item::End(time, end)) => {
                at = time;
                break end;
            }
        }
        if let Some(end) = enough(&exchange, limits, watcher) {
            break end;
        }
    };
    if input.is_timed && !is_recorded {
        at = input.start.elapsed();
    }
    finish(exchange, watcher, at, end)
}

fn take(exchange: &mut Exchange, watcher: &mut Watcher<'_>, came: Came, bytes: &[u8]) {
    watcher.bytes(came, bytes);
    let at = exchange.is_timed().then_some(came.at);
    exchange.read(came, bytes, |event| watcher.event(at, &event));
}

fn enough(exchange: &Exchange, limits: &Limits, watcher: &Watcher<'_>) -> Option<End> {
    if exchange.n_events() >= limits.n_events {
        Some(End::Stopped(EVENTS))
    } else if watcher.has_no_reader() {
        Some(End::Stopped(NO_READER))
    } else if exchange.has_enough() {
        Some(End::Stopped("no event stream"))
    } else {
        None
    }
}

fn finish(
    exchange: Exchange,
    watcher: &mut Watcher<'_>,
    at: Duration,
    end: End,
) -> Result<Seen, String> {
    watcher.end(at, &end)?;
    Ok(exchange.end(at, end))
}

/// The body does not begin as its Content-Encoding does.
fn is_decoded(decoder: &Decoder, bytes: &[u8]) -> bool {
    match decoder {
        Decoder::Identity => false,
        Decoder::Gzip(_) => !bytes.starts_with(&[0x1F]),
        // A stream begins so; zlib and brotli mostly do not, zstd never does.
        Decoder::Deflate(_) | Decoder::Brotli(_) | Decoder::Zstd(_) => bytes
            .first()
            .is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b':'),
    }
}
