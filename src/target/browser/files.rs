//! The page's files, embedded in the binary: the browser's own EventSource needs nothing else.

/// An HTML page.
pub const PAGE: &str = "text/html; charset=utf-8";
/// A script.
pub const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Drives the browser's own EventSource.
pub const OWN_EVENT_SOURCE: &str = include_str!("own_event_source.js");

/// The content type and text of a file of the page.
pub fn file(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "/" => (PAGE, include_str!("page.html")),
        "/page.js" => (SCRIPT, include_str!("page.js")),
        "/progress.js" => (SCRIPT, include_str!("progress.js")),
        "/page.css" => ("text/css; charset=utf-8", include_str!("page.css")),
        _ => return None,
    })
}
