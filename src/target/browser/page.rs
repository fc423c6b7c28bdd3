//! A page in a browser as one end of the adapter protocol: lines in, lines out, until it leaves, freezes or its browser ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::program::Running;
use super::site::{Ends, Said, Site};
use crate::target::process::Silence;

/// A page asks for messages every second; whoever sets a shorter deadline for answers means more than that.
const LEAST_PATIENCE: Duration = Duration::from_secs(4);
/// More of it in one message is no answer to a case.
const MAX_LINE: usize = 32 << 20;

/// A page. Dropping it ends its browser, if that was started for it.
pub struct Page {
    ends: Ends,
    running: Option<Running>,
    lines: VecDeque<Vec<u8>>,
    line: Vec<u8>,
    last_asked: Instant,
    /// A page that does not ask for messages for so long is frozen.
    patience: Duration,
    _site: Arc<Site>,
}

enum Heard {
    Said(Option<Said>),
    Ended(Silence),
    TimeIsUp,
}

impl Page {
    /// Before it is loaded.
    pub(super) fn new(site: Arc<Site>, running: Option<Running>, deadline: Duration) -> Self {
        Self {
            ends: site.expect(),
            running,
            lines: VecDeque::new(),
            line: Vec::new(),
            last_asked: Instant::now(),
            patience: deadline.max(LEAST_PATIENCE),
            _site: site,
        }
    }

    /// The number of the browser's process group, if we have started it.
    pub fn leader(&self) -> Option<u32> {
        self.running.as_ref()?.process.leader()
    }

    /// Waits until it says that it is there.
    pub(super) async fn loads(&mut self, deadline: Duration) -> Result<(), String> {
        let until = Instant::now() + deadline;
        loop {
            match self.hear(until).await {
                Heard::Said(Some(Said::Loaded)) => {
                    self.last_asked = Instant::now();
                    return Ok(());
                }
                Heard::Said(Some(_)) => (),
                Heard::Ended(silence) => {
                    return Err(format!("the browser did not load the page: {silence}"));
                }
                Heard::Said(None) | Heard::TimeIsUp => {
                    return Err(format!(
                        "the browser did not load the page within {} s",
                        deadline.as_secs_f64()
                    ));
                }
            }
        }
    }

    /// Queues lines for it.
    pub fn requests(&self) -> mpsc::Sender<Vec<u8>> {
        self.ends.requests.clone()
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// It left, is frozen, was silent for too long, or its browser ended.
    pub async fn receive(&mut self, deadline: Duration) -> Result<&[u8], Silence> {
        let until = Instant::now() + deadline;
        loop {
            if let Some(line) = self.lines.pop_front() {
                self.line = line;
                return Ok(&self.line);
            }
            let frozen_at = self.last_asked + self.patience;
            match self.hear(until.min(frozen_at)).await {
                Heard::Said(Some(Said::Lines(lines))) if lines.len() > MAX_LINE => {
                    return Err(Silence::Flooded);
                }
                Heard::Said(Some(Said::Lines(lines))) => {
                    let lines = lines.split(|byte| *byte == b'\n');
                    let lines = lines.filter(|line| !line.is_empty());
                    self.lines.extend(lines.map(<[u8]>::to_vec));
                }
                Heard::Said(Some(Said::Asked(at))) => self.last_asked = at,
                Heard::Said(Some(Said::Loaded)) => (),
                Heard::Said(Some(Said::Left) | None) => {
                    return Err(Silence::Died("its page closed or crashed".to_owned()));
                }
                Heard::Ended(silence) => return Err(silence),
                Heard::TimeIsUp => {
                    return Err(Silence::Hung {
                        after: if frozen_at < until {
                            self.patience
                        } else {
                            deadline
                        },
                        half_a_line: false,
                    });
                }
            }
        }
    }

    /// The last lines of its browser's log.
    pub fn log(&self) -> Vec<String> {
        self.running
            .as_ref()
            .map(|running| running.process.log())
            .unwrap_or_default()
    }

    async fn hear(&mut self, until: Instant) -> Heard {
        let Self { ends, running, .. } = self;
        tokio::select! {
            biased;
            said = ends.said.recv() => Heard::Said(said),
            silence = ended(running) => Heard::Ended(silence),
            () = sleep_until(until.into()) => Heard::TimeIsUp,
        }
    }
}

/// Waits for the end of a browser; for ever, where there is none of ours.
async fn ended(running: &mut Option<Running>) -> Silence {
    /// Far longer than any run.
    const AS_LONG_AS_IT_TAKES: Duration = Duration::from_secs(24 * 3600);
    let Some(running) = running else {
        return std::future::pending().await;
    };
    loop {
        // What a browser prints is no message.
        if let Err(silence) = running.process.receive(AS_LONG_AS_IT_TAKES).await {
            return silence;
        }
    }
}
