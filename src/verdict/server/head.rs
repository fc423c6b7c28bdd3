//! The head of an answer to what is wrong with it, one sentence for each check.

use crate::case::server::ServerCase;
use crate::observation::server::{BodyEnd, Head, Side};

/// Clients give up on any other type.
pub fn content_type(head: &Head) -> Option<String> {
    match essence(head) {
        (values, essence) if values.len() == 1 && essence == "text/event-stream" => None,
        (values, _) if values.is_empty() => Some("it has no Content-Type".to_owned()),
        (values, _) => Some(format!(
            "its Content-Type is {:?}, and should be text/event-stream",
            values.join(", ")
        )),
    }
}

/// A stream is UTF-8 whatever its head says.
pub fn charset(head: &Head) -> Option<String> {
    let (values, _) = essence(head);
    let parameters = values.iter().flat_map(|value| value.split(';').skip(1));
    let mut charsets = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_owned())
    });
    let other = charsets.find(|charset| !charset.eq_ignore_ascii_case("utf-8"))?;
    Some(format!(
        "its charset is {other:?}, and a stream is UTF-8 whatever it says"
    ))
}

/// What a cache is told.
pub fn cache_control(head: &Head) -> Option<String> {
    let values = head.values("cache-control");
    let values: Vec<String> = values
        .map(|v| String::from_utf8_lossy(v).to_ascii_lowercase())
        .collect();
    let directives = values.iter().flat_map(|value| value.split(','));
    let keeps_off = |directive: &str| matches!(directive.trim(), "no-store" | "no-cache");
    if directives.into_iter().any(keeps_off) {
        return None;
    }
    Some(match values.as_slice() {
        [] => "it has no Cache-Control, so that a cache on the way may keep the stream".to_owned(),
        values => format!(
            "its Cache-Control is {:?}, which lets a cache keep the stream",
            values.join(", ")
        ),
    })
}

/// How the end of the body is told.
pub fn framing(head: &Head) -> Option<String> {
    let is_there = |name| head.values(name).next().is_some();
    if head.status == 204 && (is_there("transfer-encoding") || is_there("content-length")) {
        return Some("its status is 204, which has no body, and its head tells of one".to_owned());
    }
    match (
        is_there("transfer-encoding"),
        is_there("content-length"),
        head.minor_version,
    ) {
        (true, true, _) => Some("it has both Transfer-Encoding and Content-Length".to_owned()),
        (true, _, 0) => Some("it has a Transfer-Encoding in HTTP/1.0".to_owned()),
        _ => None,
    }
}

/// The headers that the application has set.
pub fn headers(case: &ServerCase, head: &Head) -> Option<String> {
    let is_missing = |(name, value): &&(String, String)| {
        let mut values = head.values(name);
        !values.any(|v| v.trim_ascii() == value.as_bytes())
    };
    let (name, value) = case.answer_headers.iter().find(is_missing)?;
    let got: Vec<String> = head
        .values(name)
        .map(|v| String::from_utf8_lossy(v).into_owned())
        .collect();
    Some(if got.is_empty() {
        format!("its head lacks the header that the application has set: {name}: {value}")
    } else {
        format!(
            "its {name} is {:?}, and the application has set {value:?}",
            got.join(", ")
        )
    })
}

/// The status that the application has chosen, in place of a stream.
pub fn refusal(case: &ServerCase, side: &Side) -> Option<String> {
    let wanted = case.status?;
    let got = side.head.as_ref()?.status;
    if got != wanted {
        return Some(format!(
            "its status is {got}, and the application answers with {wanted}"
        ));
    }
    let is_open = matches!(side.end, BodyEnd::Open);
    is_open.then(|| format!("its status is {wanted}, and its answer does not end"))
}

fn essence(head: &Head) -> (Vec<String>, String) {
    let values = head.values("content-type");
    let values: Vec<String> = values
        .map(|v| String::from_utf8_lossy(v).into_owned())
        .collect();
    let first = values.first().map_or("", String::as_str);
    let essence = first.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    (values, essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_looked_at() {
        let head = |name: &str, value: &str| Head {
            status: 200,
            minor_version: 1,
            headers: vec![(name.as_bytes().to_vec(), value.as_bytes().to_vec())],
        };
        assert_eq!(
            content_type(&head("content-type", "Text/Event-Stream; charset=utf-8")),
            None
        );
        assert!(content_type(&head("content-type", "text/html")).is_some());
        assert_eq!(
            charset(&head(
                "content-type",
                "text/event-stream; charset=\"UTF-8\""
            )),
            None
        );
        assert!(charset(&head("content-type", "text/event-stream;charset=latin1")).is_some());
        assert_eq!(
            cache_control(&head("cache-control", "private, No-Store")),
            None
        );
        assert!(cache_control(&head("cache-control", "public")).is_some());
    }
}
