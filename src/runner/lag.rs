//! How late things happen at the moment, our own and the target's: a loaded machine needs more time, and fewer plays at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

/// How long the sleeps are whose lateness is measured.
const SLEEP: Duration = Duration::from_millis(50);
/// What is older says nothing about the moment.
const RECENT: Duration = Duration::from_secs(3);
/// Nobody looks further back than a play can last.
const KEPT: Duration = Duration::from_secs(90);
/// So many times the lag is added to every wait.
const MULTIPLE: u32 = 5;
/// But no more than this: a target that has hung also answers late.
const MAX_ALLOWANCE: Duration = Duration::from_secs(10);
/// With this lag, as many are played at once as there may be; with twice as much, half as many.
const HARMLESS: Duration = Duration::from_millis(50);
/// A machine that is slower than we can measure still plays some.
const MIN_AT_ONCE: usize = 8;
/// So many times as many may be under way while nothing happens in most of them.
const WITH_IDLE: usize = 4;

/// The lag of this machine and of a target, measured as long as this lives.
pub struct Lag {
    late: Arc<Mutex<Late>>,
    measuring: AbortHandle,
    do_answers_count: bool,
    n_idle: AtomicUsize,
}

/// A play in which nothing happens: as long as this lives, it makes room for another.
pub struct Idle<'a>(&'a AtomicUsize);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When something was late, and by how much.
struct Late {
    samples: VecDeque<(Instant, Duration)>,
    /// When the sleep that is under way should be over.
    due: Instant,
}

impl Lag {
    /// Measures from now on; `do_answers_count` unless an answer of the target costs it something.
    pub fn measure(do_answers_count: bool) -> Self {
        let late = Arc::new(Mutex::new(Late {
            samples: VecDeque::new(),
            due: Instant::now() + SLEEP,
        }));
        let shared = Arc::clone(&late);
        let measuring = tokio::spawn(async move {
            loop {
                let due = Instant::now() + SLEEP;
                with(&shared, |late| late.due = due);
                tokio::time::sleep_until(due.into()).await;
                let now = Instant::now();
                with(&shared, |late| {
                    late.add(now, now.saturating_duration_since(due))
                });
            }
        });
        Self {
            late,
            measuring: measuring.abort_handle(),
            do_answers_count,
            n_idle: AtomicUsize::new(0),
        }
    }

    /// The target took so long for an answer.
    pub fn note(&self, took: Duration) {
        if self.do_answers_count {
            with(&self.late, |late| late.add(Instant::now(), took));
        }
    }

    /// The worst of the last seconds.
    pub fn recent(&self) -> Duration {
        let now = Instant::now();
        self.since(now.checked_sub(RECENT).unwrap_or(now))
    }

    /// The worst since then.
    pub fn since(&self, since: Instant) -> Duration {
        with(&self.late, |late| late.worst(since, Instant::now()))
    }

    /// How much longer to wait for whatever a target has to do.
    pub fn allowance(&self) -> Duration {
        (self.recent() * MULTIPLE).min(MAX_ALLOWANCE)
    }

    /// Nothing happens in one of the plays.
    pub fn idle(&self) -> Idle<'_> {
        self.n_idle.fetch_add(1, Ordering::Relaxed);
        Idle(&self.n_idle)
    }

    /// How many to play at once, of so many at most that are not idle.
    pub fn at_once(&self, most: usize) -> usize {
        let n_idle = self.n_idle.load(Ordering::Relaxed);
        (at_once(most, self.recent()) + n_idle).min(most * WITH_IDLE)
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.measuring.abort();
    }
}

impl Late {
    fn add(&mut self, now: Instant, late: Duration) {
        let is_old = |(at, _): &(Instant, Duration)| now.saturating_duration_since(*at) > KEPT;
        while self.samples.front().is_some_and(is_old) {
            self.samples.pop_front();
        }
        self.samples.push_back((now, late));
    }

    fn worst(&self, since: Instant, now: Instant) -> Duration {
        let recent = self.samples.iter().rev().take_while(|(at, _)| *at >= since);
        let overdue = now.saturating_duration_since(self.due);
        recent.map(|(_, late)| *late).fold(overdue, Duration::max)
    }
}

fn at_once(most: usize, lag: Duration) -> usize {
    let share = HARMLESS.as_secs_f64() / lag.max(HARMLESS).as_secs_f64();
    let few = MIN_AT_ONCE.min(most);
    let part = (most as f64 * share) as usize;
    part.clamp(few, most)
}

fn with<T>(late: &Mutex<Late>, act: impl FnOnce(&mut Late) -> T) -> T {
    act(&mut late.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_the_time_asked_for_counts_and_so_does_a_sleep_that_is_not_over() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let ms = Duration::from_millis;
        let mut late = Late {
            samples: VecDeque::new(),
            due: at(1_050),
        };
        late.add(at(100), ms(70));
        late.add(at(500), ms(30));
        late.add(at(1_000), ms(10));
        assert_eq!(late.worst(at(0), at(1_000)), ms(70));
        assert_eq!(late.worst(at(200), at(1_000)), ms(30));
        assert_eq!(late.worst(at(2_000), at(1_000)), ms(0));
        assert_eq!(late.worst(at(200), at(1_250)), ms(200));
        late.add(at(100_000), ms(1));
        assert_eq!(late.samples.len(), 1);
    }

    #[test]
    fn the_later_things_are_the_fewer_are_played() {
        let ms = Duration::from_millis;
        assert_eq!(at_once(128, ms(0)), 128);
        assert_eq!(at_once(128, ms(50)), 128);
        assert_eq!(at_once(128, ms(200)), 32);
        assert_eq!(at_once(128, ms(60_000)), 8);
        assert_eq!(at_once(2, ms(60_000)), 2);
    }

    #[tokio::test]
    async fn a_play_in_which_nothing_happens_makes_room_for_another() {
        let lag = Lag::measure(true);
        let mut idle: Vec<Idle<'_>> = (0..3).map(|_| lag.idle()).collect();
        assert_eq!(lag.at_once(2), 5);
        idle.pop();
        assert_eq!(lag.at_once(2), 4);
        idle.extend((0..100).map(|_| lag.idle()));
        assert_eq!(lag.at_once(2), 8);
    }

    #[tokio::test]
    async fn a_thread_that_is_kept_busy_shows() {
        let lag = Lag::measure(true);
        tokio::time::sleep(Duration::from_millis(80)).await;
        std::thread::sleep(Duration::from_millis(300));
        assert!(lag.recent() >= Duration::from_millis(200));
        assert!(lag.allowance() >= Duration::from_millis(1_000));
        assert!(lag.since(Instant::now() + Duration::from_secs(1)) < Duration::from_secs(1));
    }
}
