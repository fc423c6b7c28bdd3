//! A target's own delays to how long the harness waits for it.

use std::time::Duration;

use crate::case::client::ClientCase;

/// How long to wait for a target, measured on the target itself.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long it waits of its own accord before it comes back; `None` if that is too long to judge.
    pub own_delay: Option<Duration>,
    /// How long it takes to come back when it was told to wait [`SHORT_RETRY`].
    pub short_delay: Duration,
    /// For the first request.
    pub deadline: Duration,
}

/// The reconnection time that most cases set.
pub const SHORT_RETRY: Duration = Duration::from_millis(20);
/// The reconnection time to begin with for a target that takes one, in milliseconds, where the case sets none: no case rests on
/// how long an implementation waits by default, and some double that after every failure.
pub const START: u64 = 100;
/// How late a report may come. On a machine with ten busy processes a core, it took 2 s.
pub const LATE: Duration = Duration::from_secs(5);

impl Patience {
    /// How long the target waits in the state that a case leaves it in.
    fn delay(&self, case: &ClientCase) -> Duration {
        let own = self.own_delay.unwrap_or_default();
        match case.reconnection_time {
            Some(time) => {
                self.short_delay + Duration::from_millis(time).saturating_sub(SHORT_RETRY)
            }
            None => own,
        }
    }

    /// The target must stay away for so long.
    pub fn quiet(&self, case: &ClientCase) -> Duration {
        self.delay(case).mul_f64(1.5) + Duration::from_millis(500)
    }

    /// The target must do something within this time. Many double their delay after an attempt that failed.
    pub fn come_back(&self, case: &ClientCase) -> Duration {
        let longest = self.delay(case).max(self.own_delay.unwrap_or_default());
        longest.mul_f64(2.5) + Duration::from_secs(5)
    }
}
