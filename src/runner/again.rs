//! Runs that say too little because the machine was slow: what rests on time is played a second time, when less goes on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::case::client::ClientCase;
use crate::observation::client::{ClientRun, Happened, RunEnd};
use crate::target::session::Job;

/// With a larger lag, a delay that is too short may look long enough, and an answer in time late.
const HARMLESS: Duration = Duration::from_millis(100);

/// What is played a second time.
#[derive(Default)]
pub struct Again(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    jobs: VecDeque<Job>,
    /// The first runs, with the lag while they were played, by case.
    first: HashMap<usize, (ClientRun, Duration)>,
    is_second_round: bool,
}

impl Again {
    /// The run that counts, if it is known already: of two, the one that was played with the smaller lag.
    pub fn counts(
        &self,
        job: &Job,
        case: Option<&ClientCase>,
        run: ClientRun,
        lag: Duration,
    ) -> Option<ClientRun> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.is_second_round {
            return Some(match inner.first.remove(&job.case) {
                Some((first, least)) if least < lag => first,
                _ => run,
            });
        }
        if lag <= HARMLESS || !case.is_some_and(|case| rests_on_time(case, &run)) {
            return Some(run);
        }
        inner.jobs.push_back(job.clone());
        inner.first.insert(job.case, (run, lag));
        None
    }

    /// Whether a case that could not be played is played again: where things were late, what did not connect in time may
    /// when less goes on.
    pub fn puts_off(&self, job: &Job, lag: Duration) -> bool {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_put_off = !inner.is_second_round && lag > HARMLESS;
        if is_put_off {
            inner.jobs.push_back(job.clone());
        }
        is_put_off
    }

    /// What has to be played again; from now on every run counts.
    pub fn second_round(&self) -> VecDeque<Job> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.is_second_round = true;
        std::mem::take(&mut inner.jobs)
    }
}

/// Whether the verdict on a run rests on how long something took.
fn rests_on_time(case: &ClientCase, run: &ClientRun) -> bool {
    let mut requests = case.answers.iter().flat_map(|answer| &answer.requests);
    let mut moments = run.moments.iter();
    // Coming back is proof, keeping away is not; and who comes late has not seen that it was refused.
    let has_kept_away = run.end == RunEnd::Quiet && run.requests().count() <= case.responses.len();
    has_kept_away
        || matches!(run.end, RunEnd::Silent(_))
        || requests.any(|request| request.after.is_some())
        || moments.any(|moment| {
            matches!(
                moment.what,
                Happened::WaitedInVain(_)
                    | Happened::KeptOpen
                    | Happened::Refuses
                    // It has not read for seconds, and that may be the machine's doing.
                    | Happened::BoundaryUnknown(_)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::observation::client::Moment;

    const SLOW: Duration = Duration::from_millis(500);
    const QUICK: Duration = Duration::from_millis(5);

    fn run(end: RunEnd, what: Option<Happened>) -> ClientRun {
        let at = Duration::ZERO;
        ClientRun {
            moments: what.into_iter().map(|what| Moment { at, what }).collect(),
            end,
        }
    }

    /// Whether each of some cases is played again after such a run.
    fn is_played_again(id: &str, run: ClientRun, lag: Duration) -> bool {
        let corpus = Corpus::embedded();
        let place = corpus.cases.iter().position(|case| case.id == id);
        let case = place.expect("a case");
        let job = Job {
            case,
            place: 0,
            delivery: corpus.cases[case].deliveries(false, 0).remove(0),
        };
        let again = Again::default();
        let is_unknown = again
            .counts(&job, corpus.cases[case].client(), run, lag)
            .is_none();
        assert_eq!(again.second_round().len(), usize::from(is_unknown));
        is_unknown
    }

    #[test]
    fn what_rests_on_time_is_played_again_if_it_was_played_slowly() {
        let timed = "client/delay/is-not-changed-by-an-invalid-value";
        let untimed = "client/request/is-a-get";
        let sentinel = || run(RunEnd::Sentinel, None);
        assert!(is_played_again(timed, sentinel(), SLOW));
        assert!(!is_played_again(timed, sentinel(), QUICK));
        assert!(!is_played_again(untimed, sentinel(), SLOW));
        let silent = run(RunEnd::Silent(SLOW), None);
        assert!(is_played_again(untimed, silent, SLOW));
        let kept_open = run(RunEnd::Sentinel, Some(Happened::KeptOpen));
        assert!(is_played_again(untimed, kept_open, SLOW));
    }

    #[test]
    fn of_two_runs_the_one_with_the_smaller_lag_counts() {
        let corpus = Corpus::embedded();
        let place = corpus
            .cases
            .iter()
            .position(|case| case.client().is_some())
            .expect("a case");
        let job = Job {
            case: place,
            place: 0,
            delivery: corpus.cases[place].deliveries(false, 0).remove(0),
        };
        let case = corpus.cases[place].client();
        let second = |lag| {
            let again = Again::default();
            let first = run(RunEnd::Silent(SLOW), None);
            assert_eq!(again.counts(&job, case, first, SLOW), None);
            assert_eq!(again.second_round().len(), 1);
            again.counts(&job, case, run(RunEnd::Sentinel, None), lag)
        };
        let end = |run: Option<ClientRun>| run.map(|run| run.end);
        assert_eq!(end(second(QUICK)), Some(RunEnd::Sentinel));
        assert_eq!(end(second(SLOW * 2)), Some(RunEnd::Silent(SLOW)));
    }

    #[test]
    fn what_could_not_be_played_is_played_again_once_if_things_were_late() {
        let corpus = Corpus::embedded();
        let job = Job {
            case: 0,
            place: 0,
            delivery: corpus.cases[0].deliveries(false, 0).remove(0),
        };
        let again = Again::default();
        assert!(!again.puts_off(&job, QUICK));
        assert!(again.puts_off(&job, SLOW));
        assert_eq!(again.second_round().len(), 1);
        assert!(!again.puts_off(&job, SLOW));
    }
}
