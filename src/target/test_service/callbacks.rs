//! What a test service posts, to reports in the order of their numbers: a listener on loopback.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::http::{self, Answer, Asked};
use super::message;
use crate::observation::client::Report;
use crate::target::conversation::Reported;

/// A listener for callbacks. Dropping it closes its port.
pub struct Callbacks {
    base: String,
    streams: Arc<Mutex<Streams>>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Streams {
    heard: HashMap<String, Stream>,
    /// Something was called back, on whichever stream.
    has_heard: bool,
}

/// The callbacks of one stream.
struct Stream {
    reports: Option<mpsc::UnboundedSender<Reported>>,
    next: u64,
    early: BTreeMap<u64, Report>,
    is_closing: bool,
    fault: Option<String>,
}

impl Callbacks {
    /// Listens on a free loopback port.
    ///
    /// # Errors
    ///
    /// There is none.
    pub async fn listen() -> Result<Self, String> {
        let no_port = |error| format!("the listener for callbacks has no loopback port: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_port)?;
        let base = format!("http://{}/", listener.local_addr().map_err(no_port)?);
        let streams = Arc::new(Mutex::new(Streams::default()));
        let shared = Arc::clone(&streams);
        let answer = move |asked: Asked| {
            let answer = lock(&shared).answer(&asked);
            async move { answer }
        };
        Ok(Self {
            base,
            streams,
            listening: tokio::spawn(http::serve(listener, answer)),
        })
    }

    /// Where the callbacks of a stream are posted.
    pub fn url(&self, stream: &str) -> String {
        format!("{}{stream}", self.base)
    }

    /// Hears the callbacks of a stream from now on.
    pub fn hear(&self, stream: &str) -> mpsc::UnboundedReceiver<Reported> {
        let (sender, reports) = mpsc::unbounded_channel();
        let heard = Stream {
            reports: Some(sender),
            next: 1,
            early: BTreeMap::new(),
            is_closing: false,
            fault: None,
        };
        lock(&self.streams).heard.insert(stream.to_owned(), heard);
        reports
    }

    /// The stream is about to be closed, so that errors are no news any more.
    pub fn closes(&self, stream: &str) {
        if let Some(stream) = lock(&self.streams).heard.get_mut(stream) {
            stream.is_closing = true;
        }
    }

    /// No more is heard of a stream.
    pub fn forget(&self, stream: &str) {
        lock(&self.streams).heard.remove(stream);
    }

    /// No more is heard of any stream.
    pub fn forget_all(&self) {
        for stream in lock(&self.streams).heard.values_mut() {
            stream.reports = None;
        }
    }

    /// What is wrong with the callbacks of a stream.
    pub fn fault(&self, stream: &str) -> Option<String> {
        lock(&self.streams).heard.get(stream)?.fault()
    }

    /// Something was called back, on whichever stream.
    pub fn have_come(&self) -> bool {
        lock(&self.streams).has_heard
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock(streams: &Mutex<Streams>) -> std::sync::MutexGuard<'_, Streams> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Streams {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.method == "HEAD" {
            return Answer::status(200);
        }
        let place = asked.path.trim_start_matches('/').rsplit_once('/');
        let Some((stream, number)) = place else {
            return Answer::with_body(
                404,
                "a callback goes to callbackUrl, a slash and its number",
            );
        };
        let Some(stream) = self.heard.get_mut(stream) else {
            return Answer::with_body(404, "this stream is closed, or there never was one");
        };
        if asked.method != "POST" {
            return Answer::with_body(405, "a callback is a POST");
        }
        self.has_heard = true;
        match stream.take(number, &asked.body) {
            Ok(()) => Answer::status(202),
            Err(sentence) => {
                let answer = Answer::with_body(400, sentence.as_str());
                // Nothing that follows can be trusted.
                stream.fault.get_or_insert(sentence);
                stream.reports = None;
                answer
            }
        }
    }
}

impl Stream {
    /// Takes a callback in, and passes on all that are next by now.
    fn take(&mut self, number: &str, body: &[u8]) -> Result<(), String> {
        let shown: String = number.chars().take(40).collect();
        let number: u64 = number.parse().map_err(|_| {
            format!("a callback has the number {shown:?}: they are numbered 1, 2, 3 and so on")
        })?;
        let report = message::report(body)
            .map_err(|sentence| format!("callback {number} is no callback: {sentence}"))?;
        // A callback that is posted again is the same one, except that a service which counts from 0 loses none.
        if number >= self.next {
            self.early.entry(number).or_insert(report);
        } else if number == 0 {
            self.pass_on(report);
        }
        while let Some(report) = self.early.remove(&self.next) {
            self.next += 1;
            self.pass_on(report);
        }
        Ok(())
    }

    fn pass_on(&self, report: Report) {
        // What a client says of a connection that is being closed says nothing of events.
        if self.is_closing && matches!(report, Report::Error { .. }) {
            return;
        }
        if let Some(reports) = &self.reports {
            _ = reports.send((Instant::now(), report));
        }
    }

    fn fault(&self) -> Option<String> {
        self.fault.clone().or_else(|| {
            let early = self.early.keys().next()?;
            Some(format!(
                "callback {early} came, and callback {} did not: they are numbered 1, 2, 3 and so on",
                self.next
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{ObservedEvent, Text};

    fn post(number: &str, data: &str) -> Asked {
        Asked {
            method: "POST".to_owned(),
            path: format!("/c1/{number}"),
            body: format!(r#"{{"kind":"event","event":{{"type":"","data":"{data}","id":""}}}}"#)
                .into_bytes(),
        }
    }

    /// What comes out of one stream whose callbacks are posted in this order.
    fn heard(numbers: &[&str]) -> (String, Option<String>) {
        let (sender, mut reports) = mpsc::unbounded_channel();
        let mut streams = Streams::default();
        let stream = Stream {
            reports: Some(sender),
            next: 1,
            early: BTreeMap::new(),
            is_closing: false,
            fault: None,
        };
        streams.heard.insert("c1".to_owned(), stream);
        for number in numbers {
            streams.answer(&post(number, number));
        }
        let mut data = String::new();
        #[expect(clippy::disallowed_methods, reason = "no future is blocked on here")]
        while let Ok((_, report)) = reports.try_recv() {
            let Report::Event(ObservedEvent {
                data: Some(Text(bytes)),
                ..
            }) = report
            else {
                continue;
            };
            data.push_str(&String::from_utf8_lossy(&bytes));
        }
        (data, streams.heard["c1"].fault())
    }

    #[test]
    fn callbacks_are_put_into_the_order_of_their_numbers() {
        assert_eq!(heard(&["2", "3", "1", "4"]), ("1234".to_owned(), None));
    }

    #[test]
    fn a_callback_that_is_posted_again_counts_once() {
        assert_eq!(heard(&["1", "2", "1", "2", "3"]), ("123".to_owned(), None));
    }

    #[test]
    fn a_service_that_counts_from_0_loses_nothing() {
        assert_eq!(heard(&["0", "1", "2"]), ("012".to_owned(), None));
    }

    #[test]
    fn a_gap_is_named() {
        let (data, fault) = heard(&["1", "3", "4"]);
        assert_eq!(data, "1");
        let sentence = fault.expect("a gap is a fault");
        assert!(
            sentence.starts_with("callback 3 came, and callback 2 did not"),
            "{sentence}"
        );
    }

    #[test]
    fn a_number_that_is_none_is_named() {
        let (_, fault) = heard(&["one"]);
        let sentence = fault.expect("no number is a fault");
        assert!(
            sentence.starts_with("a callback has the number \"one\""),
            "{sentence}"
        );
    }
}
