//! What a published parser makes of a stream, against the reference: each distinct divergence is said once.
//!
//! A fuzzer stops at its first finding, and most peers have many. So a divergence is printed and the search goes on.
//! With `STOP_AT_DIVERGENCE` in the environment a new one is a crash, which libFuzzer keeps and makes smaller.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use ssespec::corpus::replay;
use ssespec::delivery::Delivery;
use ssespec::observation::{Features, Observation, Parsed};
use ssespec::verdict::{Mismatch, Part, Verdict, parser};

/// A published parser in this process.
pub struct Peer {
    /// The crate.
    pub name: &'static str,
    /// What its interface shows, and how.
    pub features: Features,
    /// Where it is known to part from the standard. What else it does there is not looked at.
    pub known: &'static [Known],
    /// Reads a stream.
    pub read: fn(&Delivery, &mut Parsed),
}

/// A known reason to diverge.
pub struct Known {
    /// One sentence.
    pub reason: &'static str,
    /// Whether it may show in a delivery.
    pub concerns: fn(&Delivery) -> bool,
}

/// Compares in three deliveries.
pub fn compare(peer: &Peer, stream: &[u8]) {
    let case = replay::case(stream.into());
    for delivery in crate::deliveries(stream) {
        let mut parsed = Parsed::default();
        let finding = match caught(|| (peer.read)(&delivery, &mut parsed)) {
            Err(message) => format!("it panics: {message}"),
            Ok(()) => {
                let observation = Observation::Parsed(parsed);
                match parser::judge(&case, &delivery, &peer.features, &observation) {
                    Verdict::Conforms | Verdict::NotShown(_) => continue,
                    Verdict::Deviates(mismatches) => kind(&mismatches),
                }
            }
        };
        let known = peer
            .known
            .iter()
            .position(|known| (known.concerns)(&delivery));
        let is_first = match known {
            Some(place) => KNOWN_SAID.fetch_or(1 << place, Ordering::Relaxed) >> place & 1 == 0,
            None => is_new_kind(&finding),
        };
        let is_new = known.is_none();
        if is_first {
            let sentence = match known {
                Some(place) => format!("known: {}", peer.known[place].reason),
                None => format!("NEW: {finding}"),
            };
            let chunks: Vec<String> = delivery
                .chunks()
                .map(|chunk| format!("\"{}\"", chunk.escape_ascii()))
                .collect();
            eprintln!("{}: {sentence}\n    on {}", peer.name, chunks.join(" "));
        }
        assert!(
            !is_new || !stops(),
            "{} diverges from the reference: {finding}",
            peer.name
        );
    }
}

fn stops() -> bool {
    static STOPS: OnceLock<bool> = OnceLock::new();
    *STOPS.get_or_init(|| std::env::var_os("STOP_AT_DIVERGENCE").is_some())
}

/// A bit for each known reason that was said. No text is compared: libFuzzer would learn our sentences from that.
static KNOWN_SAID: AtomicU64 = AtomicU64::new(0);

fn is_new_kind(finding: &str) -> bool {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.insert(finding.to_owned())
}

/// What the first difference is about, without its place and its values: those make every stream another divergence.
fn kind(mismatches: &[Mismatch]) -> String {
    match mismatches.first() {
        Some(Mismatch::Event { parts, .. }) => match parts.first() {
            Some(Part::EventType { .. }) => "the type of an event differs".to_owned(),
            Some(Part::Data { .. }) => "the data of an event differs".to_owned(),
            Some(Part::LastEventId { .. }) => "the last event ID of an event differs".to_owned(),
            _ => "the reconnection time of an event differs".to_owned(),
        },
        Some(Mismatch::Missing { .. }) => "an event is missing".to_owned(),
        Some(Mismatch::Unexpected { .. }) => "an event was not asked for".to_owned(),
        Some(Mismatch::Late { .. }) => "an event comes late".to_owned(),
        Some(Mismatch::EndLastEventId { .. }) => "the last event ID at the end differs".to_owned(),
        Some(Mismatch::EndReconnectionTime { .. }) => {
            "the reconnection time at the end differs".to_owned()
        }
        Some(Mismatch::Error(_)) => "it raises an error".to_owned(),
        other => format!("{other:?}"),
    }
}

thread_local! {
    static IN_PEER: Cell<bool> = const { Cell::new(false) };
    static PANICKED_AT: Cell<Option<String>> = const { Cell::new(None) };
}

/// Runs what may panic; the sentence says what the panic was and where.
fn caught(read: impl FnOnce()) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // libfuzzer-sys has set a hook that aborts: right for our own panics, not for those of a peer.
        let ours = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IN_PEER.get() {
                PANICKED_AT.set(info.location().map(|location| {
                    let file = location.file().rsplit("/src/").next().unwrap_or_default();
                    format!("{file}:{}", location.line())
                }));
            } else {
                ours(info);
            }
        }));
    });
    IN_PEER.set(true);
    let read = panic::catch_unwind(panic::AssertUnwindSafe(read));
    IN_PEER.set(false);
    read.map_err(|payload| {
        let place = PANICKED_AT.take().unwrap_or_default();
        format!("{} ({place})", without_values(message(&*payload)))
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}

/// The words of a message before the first value in it.
fn without_values(message: &str) -> &str {
    let end = message.find(|c: char| c.is_ascii_digit() || "\"'`".contains(c));
    message[..end.unwrap_or(message.len())].trim_end()
}
