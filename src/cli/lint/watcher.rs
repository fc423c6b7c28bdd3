//! What comes to what is shown and recorded of it at once.

use std::io::{self, Write};
use std::time::Duration;

use super::recording::Recorder;
use crate::event_stream::Event;
use crate::lint::exchange::{Came, End};
use crate::lint::head::Head;
use crate::mask::Secrets;
use crate::report::escape;
use crate::report::lint::{json, terminal};

/// How events are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Not at all.
    Nothing,
    /// One line each, cut to a width.
    Lines(usize),
    /// One JSON object each.
    Json,
}

/// Shows and records.
pub struct Watcher<'a> {
    out: Option<&'a mut dyn Write>,
    show: Show,
    recorder: Option<Recorder>,
    secrets: &'a Secrets,
    /// The first fault of the output or of the recording.
    fault: Option<io::Error>,
}

impl<'a> Watcher<'a> {
    /// Shows on `out`, and records if there is a recorder.
    pub fn new(
        out: Option<&'a mut dyn Write>,
        show: Show,
        recorder: Option<Recorder>,
        secrets: &'a Secrets,
    ) -> Self {
        Self {
            out,
            show,
            recorder,
            secrets,
            fault: None,
        }
    }

    /// The head came.
    pub fn head(&mut self, at: Duration, head: &Head) {
        let recorded = self
            .recorder
            .as_mut()
            .map(|recorder| recorder.head(at, head));
        self.note(recorded);
    }

    /// Bytes came.
    pub fn bytes(&mut self, came: Came, bytes: &[u8]) {
        let recorded = self
            .recorder
            .as_mut()
            .map(|recorder| recorder.bytes(came, bytes));
        self.note(recorded);
    }

    /// They completed an event.
    pub fn event(&mut self, at: Option<Duration>, event: &Event<'_>) {
        let Some(out) = self.out.as_deref_mut() else {
            return;
        };
        let line = match self.show {
            Show::Nothing => return,
            Show::Lines(width) => {
                terminal::event(at, event, width, &|text| self.secrets.mask(text))
            }
            Show::Json => json::event(at, event, &|text| self.secrets.mask(text)),
        };
        // Whoever watches a live stream must not wait for a buffer to fill.
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        self.note(Some(written));
    }

    /// It ended.
    ///
    /// # Errors
    ///
    /// One sentence if something could not be shown or recorded.
    pub fn end(&mut self, at: Duration, end: &End) -> Result<(), String> {
        let recorded = self.recorder.take().map(|recorder| recorder.end(at, end));
        self.note(recorded);
        match &self.fault {
            // Whoever reads, `head` for one, has seen enough.
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!(
                "cannot write: {}",
                escape::prose(&error.to_string())
            )),
            _ => Ok(()),
        }
    }

    /// Nobody reads what is shown, or the disk is full.
    pub fn has_no_reader(&self) -> bool {
        self.fault.is_some()
    }

    fn note(&mut self, written: Option<io::Result<()>>) {
        if let (Some(Err(error)), None) = (written, &self.fault) {
            self.fault = Some(error);
        }
    }
}
