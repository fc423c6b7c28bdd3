//! What a target is told beside the URL, as written, to a value.

use super::client_file::{RawConnect, RawTransport};
use crate::case::client::ConnectWith;
use crate::script::Transport;

/// Reads it, or says in one sentence what is wrong with it.
pub fn connect_with(case: &str, raw: Option<&RawConnect>) -> Result<ConnectWith, String> {
    let Some(raw) = raw else {
        return Ok(ConnectWith::default());
    };
    let body = raw.body.as_ref().map(|body| body.0.clone());
    let body = body
        .map(String::from_utf8)
        .transpose()
        .map_err(|_| format!("case `{case}`: a target is told its `body` as text, hence UTF-8"))?;
    if body.is_some() && raw.method.is_none() {
        return Err(format!(
            "case `{case}`: a `body` goes with a `method`, since a GET has none"
        ));
    }
    Ok(ConnectWith {
        transport: match raw.over {
            None => Transport::Plain,
            Some(RawTransport::Tls) => Transport::Tls,
            Some(RawTransport::Http2) => Transport::Http2,
            Some(RawTransport::Http2Cleartext) => Transport::Http2Cleartext,
        },
        headers: raw.headers.clone().into_iter().collect(),
        with_credentials: raw.with_credentials,
        method: raw.method.clone(),
        body,
        last_event_id: raw.last_event_id.clone(),
        initial_reconnection_time: raw.initial_reconnection_time,
    })
}
