//! All that was asked before to the least of it that a finding needs, by way of proposals that somebody tries.

/// How often less is tried.
const MAX_STEPS: usize = 60;

/// Leaves out halves, quarters and so on, down to single questions.
#[derive(Clone, Debug)]
pub struct History<T> {
    best: Vec<T>,
    length: usize,
    at: usize,
    n_steps: usize,
}

impl<T: Clone> History<T> {
    /// Starts with a history that suffices.
    pub fn new(all: Vec<T>) -> Self {
        Self {
            length: all.len().div_ceil(2),
            best: all,
            at: 0,
            n_steps: 0,
        }
    }

    /// What to try next; none once nothing more can be left out, or enough was tried.
    pub fn proposal(&mut self) -> Option<Vec<T>> {
        if self.at >= self.best.len() {
            self.length /= 2;
            self.at = 0;
        }
        if self.length == 0 || self.best.is_empty() || self.n_steps == MAX_STEPS {
            return None;
        }
        self.n_steps += 1;
        Some([&self.best[..self.at], &self.best[self.end()..]].concat())
    }

    /// Takes in whether the proposal suffices too.
    pub fn take(&mut self, suffices: bool) {
        let end = self.end();
        if suffices {
            self.best.drain(self.at..end);
        } else {
            self.at = end;
        }
    }

    /// The least so far.
    pub fn into_best(self) -> Vec<T> {
        self.best
    }

    fn end(&self) -> usize {
        (self.at + self.length).min(self.best.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n_all: usize, needed: &[usize]) {
        let mut history = History::new((0..n_all).collect());
        while let Some(less) = history.proposal() {
            history.take(needed.iter().all(|question| less.contains(question)));
        }
        assert_eq!(history.into_best(), needed);
    }

    #[test]
    fn what_is_not_needed_is_left_out() {
        check(1, &[0]);
        check(7, &[6]);
        check(127, &[31]);
        check(40, &[3, 20]);
        check(5, &[]);
    }

    #[test]
    fn it_ends_where_everything_is_needed() {
        let mut history = History::new((0..1000).collect::<Vec<_>>());
        let mut n_tried = 0;
        while history.proposal().is_some() {
            history.take(false);
            n_tried += 1;
        }
        assert_eq!((n_tried, history.into_best().len()), (MAX_STEPS, 1000));
    }
}
