//! What a target did: facts only, no judgement.

pub mod client;
pub mod server;

use std::fmt;

/// Text as a target gave it: meant to be UTF-8, but nothing is taken on trust.
///
/// A lone surrogate arrives here as the three bytes that UTF-8 forbids, so it is an observation and not a lost message.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(pub Vec<u8>);

impl Text {
    /// The text, if it is well-formed.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// A number of a target, exactly: decimal digits without leading zeros, or the text it gave if that is no whole number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// Reads a JSON number or a decimal string; `1e3` and `1000` are the same number.
    pub fn new(text: &str) -> Self {
        Self(whole_number(text).unwrap_or_else(|| text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Expands mantissa and exponent to plain digits; `None` if the number is not whole, negative, or absurdly large.
fn whole_number(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let n_zeros = usize::try_from(exponent)
        .ok()?
        .checked_sub(fraction.len())?;
    if n_zeros > 1000 {
        return None;
    }
    let digits = format!("{whole}{fraction}{}", "0".repeat(n_zeros));
    let digits = digits.trim_start_matches('0');
    Some(if digits.is_empty() {
        "0".to_owned()
    } else {
        digits.to_owned()
    })
}

/// An event that came out of a parser.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ObservedEvent {
    /// The type as the target showed it; `None` if it showed none.
    pub event_type: Option<Text>,
    /// The data; `None` if the target gave an event without any.
    pub data: Option<Text>,
    /// The last event ID string, or only the block's own id, as the target's features say.
    pub last_event_id: Option<Text>,
    /// The block's own reconnection time, where the target shows it with the event.
    pub reconnection_time: Option<Number>,
    /// The index of the chunk after which the event came out; the number of chunks if only at the end.
    pub chunk: Option<usize>,
}

/// What a parser made of one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Parsed {
    /// The events in their order.
    pub events: Vec<ObservedEvent>,
    /// The last event ID string at the end of the stream.
    pub last_event_id: Option<Text>,
    /// The reconnection time at the end of the stream, in milliseconds.
    pub reconnection_time: Option<Number>,
    /// The implementation raised an error after these events.
    pub error: Option<Text>,
}

/// What a target did with a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// It parsed the stream.
    Parsed(Parsed),
    /// Alone, twice, the delivery ended a process that still answers an empty stream.
    Crashed(Death),
    /// Alone, twice, the delivery got no answer from a process that still answers an empty stream.
    Hung(Death),
}

/// The end of a process, as far as we can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Death {
    /// "signal 11", "exit code 134", "no answer within 5 s".
    pub how: String,
    /// The last lines of its log (standard error).
    pub log: Vec<String>,
}

/// What a target can show, so that nothing is skipped in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// What it reads.
    pub input: Input,
    /// How it names an event without a type.
    pub event_type: EventTypeView,
    /// Which id it shows with an event.
    pub last_event_id: View,
    /// Which reconnection time it shows.
    pub reconnection_time: View,
    /// It says after which chunk an event came out.
    pub progress: bool,
    /// It takes many streams in one request.
    pub batch: bool,
    /// A client that returns by itself after a lost connection.
    pub reconnects: bool,
    /// A client with the standard's interface: it reports opens and errors.
    pub event_source_api: bool,
    /// A client that can be closed inside the handlers of the application.
    pub closes_in_handlers: bool,
    /// It shows comments.
    pub comments: bool,
    /// A client that takes headers of the application's own.
    pub headers: bool,
    /// A client that takes a method and a body for its requests.
    pub post: bool,
    /// A client that takes a last event ID to begin with.
    pub initial_last_event_id: bool,
    /// A client that takes a reconnection time to begin with.
    pub initial_reconnection_time: bool,
    /// A page that runs the scripts of cases.
    pub scripts: bool,
    /// A client that keeps credentials, and sends them where it is told to.
    pub with_credentials: bool,
    /// A client that can be given a certificate to trust.
    pub tls: bool,
    /// A client that speaks HTTP/2 over TLS.
    pub http2: bool,
    /// A client that speaks HTTP/2 without TLS, by prior knowledge.
    pub http2_cleartext: bool,
    /// What a server can be told to do.
    pub offers: server::Offers,
}

impl Features {
    /// Everything is shown as the standard has it.
    pub const FULL: Self = Self {
        input: Input::Bytes,
        event_type: EventTypeView::Default,
        last_event_id: View::Stream,
        reconnection_time: View::Stream,
        progress: true,
        batch: false,
        reconnects: true,
        event_source_api: true,
        closes_in_handlers: true,
        comments: true,
        headers: true,
        post: true,
        initial_last_event_id: true,
        initial_reconnection_time: true,
        scripts: true,
        with_credentials: true,
        tls: true,
        http2: true,
        http2_cleartext: true,
        offers: server::Offers {
            event_type: true,
            id: true,
            retry: true,
            retry_text: true,
            comment: true,
            without_data: true,
            heartbeat: Some(server::Heartbeat::Set),
            timeout: true,
            disconnects: true,
            headers: true,
            status: true,
            at_once: None,
        },
    };
}

impl Default for Features {
    /// What holds for a target that names no features.
    fn default() -> Self {
        Self {
            last_event_id: View::None,
            reconnection_time: View::None,
            progress: false,
            reconnects: false,
            event_source_api: false,
            comments: false,
            headers: false,
            post: false,
            initial_last_event_id: false,
            initial_reconnection_time: false,
            scripts: false,
            with_credentials: false,
            tls: false,
            http2: false,
            http2_cleartext: false,
            offers: server::Offers::default(),
            ..Self::FULL
        }
    }
}

/// What a target reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Bytes: it decodes, or the platform's decoder that its documentation shows does.
    Bytes,
    /// Text: the harness decodes.
    Text,
}

/// How a target names the type of an event that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTypeView {
    /// "message".
    Default,
    /// As written: absent, null and "" are equal.
    Raw,
}

/// How much of a piece of state a target shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The state of the stream, as the standard has it.
    Stream,
    /// Only what the event's own block says.
    Block,
    /// Nothing.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_kept_exactly() {
        for (text, number) in [
            ("0", "0"),
            ("000", "0"),
            ("5000", "5000"),
            ("5e3", "5000"),
            ("1.8446744073709552e19", "18446744073709552000"),
            ("1e+21", "1000000000000000000000"),
            ("5.0", "5"),
            ("5.5", "5.5"),
            ("-5", "-5"),
            ("Infinity", "Infinity"),
        ] {
            assert_eq!(Number::new(text).as_str(), number, "{text}");
        }
    }
}
