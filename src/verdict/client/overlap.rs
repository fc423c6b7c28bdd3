//! One connection at a time.

use std::time::Duration;

use crate::observation::client::{ClientRun, Happened};
use crate::script::Ending;

/// Who closes a connection may open the next before the origin has seen that the first is gone; it looks when it writes.
const NOTICED_WITHIN: Duration = Duration::from_millis(250);

/// The requests that came while an earlier connection was still open, by number.
pub(super) fn overlapping(run: &ClientRun) -> Vec<usize> {
    let (mut overlapping, mut open, mut n_asked) = (Vec::new(), Vec::new(), 0);
    for (index, moment) in run.moments.iter().enumerate() {
        match &moment.what {
            Happened::Asked(_) => {
                let soon = moment.at + NOTICED_WITHIN;
                let follows = &run.moments[index..];
                let is_open = |of: &usize| {
                    let mut soon = follows.iter().take_while(|next| next.at <= soon);
                    !soon.any(|next| is_gone(&next.what, *of))
                };
                if open.iter().any(is_open) {
                    overlapping.push(n_asked);
                }
                open.push(n_asked);
                n_asked += 1;
            }
            Happened::Over(_, Ending::Hold) => (),
            // A redirect, or an answer that fails the connection: nothing of it is waited for.
            Happened::Head(of, status, _) if *status != 200 => open.retain(|request| request != of),
            Happened::Over(of, _) | Happened::Left(of) => open.retain(|request| request != of),
            _ => (),
        }
    }
    overlapping
}

/// The origin found that the target's end of a connection is no longer there.
fn is_gone(what: &Happened, connection: usize) -> bool {
    match what {
        Happened::Left(of) | Happened::BoundaryUnknown(of) => *of == connection,
        _ => false,
    }
}
