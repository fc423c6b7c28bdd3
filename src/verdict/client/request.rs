//! A client's request against what must be true of it, to sentences about it.

use std::time::Duration;

use crate::case::client::ExpectedRequest;
use crate::observation::client::ObservedRequest;

/// Says what is wrong with a request that came so long after the end of the answer before it.
pub fn judge(
    expected: &ExpectedRequest,
    request: &ObservedRequest,
    since: Option<Duration>,
    say: &mut dyn FnMut(String),
) {
    let mut differs = |what: &str, expected: &str, observed: &str| {
        if expected != observed {
            say(format!("its {what} is {observed:?}, not {expected:?}"));
        }
    };
    if let Some(method) = &expected.method {
        differs("method", method, &request.method);
    }
    if let Some(path) = &expected.path {
        differs("path", path, &request.path);
    }
    if let Some(body) = expected.body.as_ref().filter(|body| **body != request.body) {
        let (observed, expected) = (shown_body(&request.body), shown_body(body));
        say(format!("its body is {observed}, and should be {expected}"));
    }
    for (name, value) in &expected.headers {
        let values: Vec<&[u8]> = request.values(name).collect();
        if values != [value.as_slice()] {
            let shown = |bytes: &[u8]| shown(name, bytes);
            let observed = match values.as_slice() {
                [] => "is not there".to_owned(),
                [value] => format!("is {}", shown(value)),
                values => format!("is there {} times", values.len()),
            };
            say(format!(
                "its header {name} {observed}, and should be {}",
                shown(value)
            ));
        }
    }
    for name in &expected.without {
        if let Some(value) = request.values(name).next() {
            say(format!(
                "it has the header {name}: {}, and should not",
                shown(name, value)
            ));
        }
    }
    if let (Some(after), Some(since)) = (expected.after, since) {
        // A clock is read on both sides: 5 ms or 1 %, whichever is more.
        let allowed = after.saturating_sub((after / 100).max(5));
        if since < Duration::from_millis(allowed) {
            say(format!(
                "it came {} ms after the connection had ended, and should wait at least {after} ms",
                since.as_millis()
            ));
        }
    }
}

/// Whether a header holds what reports must not show.
pub fn is_credential(name: &[u8]) -> bool {
    let names = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
    ];
    names
        .iter()
        .any(|credential| name.eq_ignore_ascii_case(credential.as_bytes()))
}

/// The value of a header as a sentence shows it.
fn shown(name: &str, value: &[u8]) -> String {
    if is_credential(name.as_bytes()) {
        "***".to_owned()
    } else {
        format!("\"{}\"", value.escape_ascii())
    }
}

/// A body as a sentence shows it.
fn shown_body(body: &[u8]) -> String {
    /// A reader looks at the start of long bodies only.
    const MAX_BYTES: usize = 60;
    match body.get(..MAX_BYTES) {
        Some(start) => format!("\"{}\"… ({} bytes)", start.escape_ascii(), body.len()),
        None => format!("\"{}\"", body.escape_ascii()),
    }
}

#[cfg(test)]
mod tests;
