//! How far the campaigns are, as one line on standard error that is rewritten on a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::report::escape;
use crate::runner::fuzzing::Tally;

/// More often nobody can read it.
const BETWEEN: Duration = Duration::from_millis(200);
/// Where nobody watches, a line now and then shows that it is alive.
const BETWEEN_PLAIN: Duration = Duration::from_secs(60);

/// The line.
pub struct Status {
    started: Instant,
    is_terminal: bool,
    state: Mutex<State>,
}

struct State {
    tallies: Vec<Tally>,
    n_found: usize,
    shown: Instant,
}

impl Status {
    /// Nothing has been done yet.
    pub fn new(started: Instant) -> Self {
        Self {
            started,
            is_terminal: io::stderr().is_terminal(),
            state: Mutex::new(State {
                tallies: Vec::new(),
                n_found: 0,
                shown: started,
            }),
        }
    }

    /// Takes in how far a target is.
    pub fn progress(&self, place: usize, tally: Tally) {
        let mut state = self.lock();
        if state.tallies.len() <= place {
            state.tallies.resize_with(place + 1, Tally::default);
        }
        state.tallies[place] = tally;
        let between = if self.is_terminal {
            BETWEEN
        } else {
            BETWEEN_PLAIN
        };
        if state.shown.elapsed() < between {
            return;
        }
        state.shown = Instant::now();
        let n_streams: u64 = state.tallies.iter().map(|tally| tally.n_streams).sum();
        let mut quirks: Vec<_> = state
            .tallies
            .iter()
            .flat_map(|tally| tally.exercised.keys())
            .collect();
        quirks.sort_unstable();
        quirks.dedup();
        let seconds = self.started.elapsed().as_secs_f64();
        let number = |n: f64| escape::count(n as usize);
        let text = format!(
            "{} streams, {}/s, {} findings, {} quirks exercised",
            number(n_streams as f64),
            number(n_streams as f64 / seconds.max(0.001)),
            state.n_found,
            quirks.len(),
        );
        if self.is_terminal {
            _ = write!(io::stderr(), "\r\x1b[K{text}");
        } else {
            _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Takes in a finding.
    pub fn found(&self) {
        self.lock().n_found += 1;
    }

    /// How far a target was when last heard of.
    pub fn tally(&self, place: usize) -> Tally {
        self.lock().tallies.get(place).cloned().unwrap_or_default()
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.is_terminal {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
