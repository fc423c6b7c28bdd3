//! A server case to what its adapter is told of it.

use crate::case::server::{Emitted, Pace, Retry, ServerCase, Then};
use crate::observation::server::{Heartbeat, Offers};
use crate::target::server_message::{NewEvent, NewRetry, Serve};

/// What the adapter is told of a case: nothing that is expected.
pub fn serve(case: &ServerCase, emitted: &[Emitted], handle: &str, offers: &Offers) -> Serve {
    let event = |event: &Emitted| NewEvent {
        data: event.data.clone(),
        r#type: event.event_type.clone(),
        id: event.id.clone(),
        retry: event.retry.as_ref().map(|retry| match retry {
            Retry::Number(number) => NewRetry::Number(*number),
            Retry::Text(text) => NewRetry::Text(text.clone()),
        }),
        comment: event.comment.clone(),
    };
    Serve {
        stream: handle.to_owned(),
        events: emitted.iter().map(event).collect(),
        pace: match case.pace {
            Pace::Free => "free",
            Pace::Asked => "asked",
        },
        end: match case.then {
            Then::Close => "close",
            Then::Hold => "hold",
            Then::Fail => "fail",
        },
        heartbeat: case
            .heartbeat
            .filter(|_| offers.heartbeat == Some(Heartbeat::Set)),
        timeout: case.timeout,
        status: case.status,
        headers: case.answer_headers.iter().cloned().collect(),
    }
}
