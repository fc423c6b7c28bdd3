//! Events to a conforming stream that every conforming parser reads back unchanged, or a refusal.

use std::fmt;
use std::time::Duration;

/// An event to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewEvent<'a> {
    /// The event's type; empty for "message".
    pub event_type: &'a str,
    /// The data. Always written, so that the event is dispatched even if it is empty.
    pub data: &'a str,
    /// A new last event ID; `Some("")` resets it.
    pub id: Option<&'a str>,
    /// A new reconnection time, in whole milliseconds.
    pub reconnection_time: Option<Duration>,
}

/// Why a value cannot be written: the format has no way to carry it (clause `server.no-injection`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A CR or LF in an event type would end its line.
    LineEndInEventType,
    /// A CR or LF in an id would end its line.
    LineEndInId,
    /// An id with a NUL is ignored by parsers (clause `server.id-no-nul`).
    NulInId,
    /// A CR in the data would come back as LF.
    CarriageReturnInData,
    /// A CR or LF in a comment would end its line.
    LineEndInComment,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LineEndInEventType => "an event type cannot hold CR or LF",
            Self::LineEndInId => "an id cannot hold CR or LF",
            Self::NulInId => "an id cannot hold NUL: parsers ignore it",
            Self::CarriageReturnInData => "data cannot hold CR: it would come back as LF",
            Self::LineEndInComment => "a comment cannot hold CR or LF",
        })
    }
}

impl std::error::Error for Refused {}

/// Appends one event to a stream. On refusal nothing is appended.
///
/// # Errors
///
/// A value that the format cannot carry.
pub fn write_event(stream: &mut String, event: &NewEvent<'_>) -> Result<(), Refused> {
    if event.event_type.contains(LINE_ENDS) {
        return Err(Refused::LineEndInEventType);
    }
    if event.id.is_some_and(|id| id.contains(LINE_ENDS)) {
        return Err(Refused::LineEndInId);
    }
    if event.id.is_some_and(|id| id.contains('\0')) {
        return Err(Refused::NulInId);
    }
    if event.data.contains('\r') {
        return Err(Refused::CarriageReturnInData);
    }
    if !event.event_type.is_empty() {
        write_field(stream, "event", event.event_type);
    }
    if let Some(id) = event.id {
        write_field(stream, "id", id);
    }
    if let Some(time) = event.reconnection_time {
        write_field(stream, "retry", &time.as_millis().to_string());
    }
    for line in event.data.split('\n') {
        write_field(stream, "data", line);
    }
    stream.push('\n');
    Ok(())
}

/// Appends a comment line: it keeps a connection alive and is otherwise ignored (clause `server.keepalive`).
///
/// # Errors
///
/// A line end in the comment.
pub fn write_comment(stream: &mut String, comment: &str) -> Result<(), Refused> {
    if comment.contains(LINE_ENDS) {
        return Err(Refused::LineEndInComment);
    }
    // A space, as after a field's colon, for the reader's eye; parsers drop the line whole.
    stream.extend([": ", comment, "\n"]);
    Ok(())
}

const LINE_ENDS: [char; 2] = ['\r', '\n'];

fn write_field(stream: &mut String, name: &str, value: &str) {
    // The space is always written: a value may start with one of its own (clause `server.leading-space`).
    stream.extend([name, ": ", value, "\n"]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_stream::Parser;

    #[test]
    fn what_is_written_is_read_back_unchanged() {
        let event = NewEvent {
            event_type: " spaced: type",
            data: "\n two\n\u{2028}lines\n",
            id: Some(" 7 "),
            reconnection_time: Some(Duration::from_millis(1500)),
        };
        let mut stream = String::new();
        write_event(&mut stream, &event).expect("everything in it can be carried");
        write_comment(&mut stream, "still here").expect("a plain comment");
        write_event(&mut stream, &NewEvent::default()).expect("an empty event");
        let mut parser = Parser::new();
        let events = parser.feed(stream.as_bytes());
        assert_eq!(events.len(), 2);
        assert_eq!(
            (events[0].event_type.as_str(), events[0].data.as_str()),
            (event.event_type, event.data)
        );
        assert_eq!(events[0].last_event_id, " 7 ");
        assert_eq!(events[1].data, "");
        assert_eq!(parser.reconnection_time(), event.reconnection_time);
    }

    #[test]
    fn what_the_format_cannot_carry_is_refused_and_nothing_is_written() {
        let refusals = [
            (
                NewEvent {
                    event_type: "a\nb",
                    ..NewEvent::default()
                },
                Refused::LineEndInEventType,
            ),
            (
                NewEvent {
                    id: Some("a\rb"),
                    ..NewEvent::default()
                },
                Refused::LineEndInId,
            ),
            (
                NewEvent {
                    id: Some("\0"),
                    ..NewEvent::default()
                },
                Refused::NulInId,
            ),
            (
                NewEvent {
                    data: "a\r\nb",
                    ..NewEvent::default()
                },
                Refused::CarriageReturnInData,
            ),
        ];
        for (event, refused) in refusals {
            let mut stream = String::new();
            assert_eq!(write_event(&mut stream, &event), Err(refused));
            assert_eq!(stream, "");
        }
        assert_eq!(
            write_comment(&mut String::new(), "a\nb"),
            Err(Refused::LineEndInComment)
        );
    }
}
