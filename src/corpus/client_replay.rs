//! The connections of a client case to what the reference makes of them.

use super::replay;
use crate::case::Trace;
use crate::case::client::{ConnectWith, SENTINEL};
use crate::event_stream::OwnedEvent;
use crate::script::{Ending, Response};

/// What the reference makes of all streams, one after another.
pub struct Replayed {
    /// The events of all of them.
    pub events: Vec<OwnedEvent>,
    /// How many of them have come by the end of each connection.
    pub n_events_by: Vec<usize>,
    /// How they came about.
    pub trace: Trace,
    /// The reconnection time in the end, in milliseconds; nothing where none was set.
    pub reconnection_time: Option<u64>,
}

/// Reads the streams of all connections as one event source.
///
/// # Errors
///
/// One sentence: the case cannot be played.
pub fn replay_all(
    case: &str,
    connect: &ConnectWith,
    responses: &[Response],
    returns: bool,
) -> Result<Replayed, String> {
    let mut all = Replayed {
        events: Vec::new(),
        n_events_by: Vec::with_capacity(responses.len()),
        trace: Trace::default(),
        reconnection_time: connect.initial_reconnection_time,
    };
    let mut last_event_id = connect.last_event_id.clone().unwrap_or_default();
    for (index, response) in responses.iter().enumerate() {
        if !is_event_stream(response) {
            all.n_events_by.push(all.events.len());
            continue;
        }
        let body = response.body();
        let is_last = index + 1 == responses.len();
        if returns && is_last && response.then == Ending::Hold && !ends_a_block(&body) {
            return Err(format!(
                "case `{case}` holds its last connection in the middle of a block, so that no event could follow"
            ));
        }
        if memchr::memmem::find(&body, SENTINEL.as_bytes()).is_some() {
            return Err(format!("case `{case}` holds the text that ends a case"));
        }
        let replay = replay::replay_from(&body, &last_event_id);
        last_event_id = replay.last_event_id;
        all.reconnection_time = replay.reconnection_time.or(all.reconnection_time);
        all.events.extend(replay.events);
        all.n_events_by.push(all.events.len());
        all.trace.events.extend(replay.trace.events);
        all.trace.id_outside_events |= replay.trace.id_outside_events;
        all.trace.retry_outside_events |= replay.trace.retry_outside_events;
    }
    Ok(all)
}

/// A response that the reference reads as a stream: 200, and the essence of its type by Fetch.
fn is_event_stream(response: &Response) -> bool {
    let types = response
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    // Of several types the last one that can be read counts.
    let mut essence = types.map(|(_, value)| {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        let essence = value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        essence
            .rsplit(',')
            .map(str::trim)
            .find(|essence| essence.contains('/'))
            .unwrap_or_default()
            .to_owned()
    });
    let essence = essence.rfind(|essence| !essence.is_empty());
    response.status == Some(200) && essence.as_deref() == Some("text/event-stream")
}

/// Whether a blank line, or nothing, stands at the end.
pub fn ends_a_block(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(body);
    let text: Vec<u8> = String::from_utf8_lossy(body)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .into_bytes();
    text.is_empty() || text == b"\n" || text.ends_with(b"\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_block_can_be_followed_by_another() {
        for (body, is_whole) in [
            ("", true),
            ("\n", true),
            ("data: a\n\n", true),
            ("data: a\r\n\r\n", true),
            ("data: a\r\r", true),
            ("data: a\n", false),
            ("data: a", false),
        ] {
            assert_eq!(ends_a_block(body.as_bytes()), is_whole, "{body:?}");
        }
    }
}
