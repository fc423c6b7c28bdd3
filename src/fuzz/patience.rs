//! How often a look was in vain, to how many of the next chances are let go by.

/// After this many looks in vain the number that is skipped grows no more.
const MAX_DOUBLINGS: u32 = 16;

/// What looking into one kind of thing has come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    n_in_vain: u32,
    n_to_skip: u64,
}

impl Patience {
    /// Whether the chance that has come is let go by.
    pub fn skips(&mut self) -> bool {
        let skips = self.n_to_skip > 0;
        self.n_to_skip -= u64::from(skips);
        skips
    }

    /// A look was in vain: twice as many of the next chances are let go by.
    pub fn lose(&mut self) {
        self.n_in_vain = (self.n_in_vain + 1).min(MAX_DOUBLINGS);
        self.n_to_skip = (1 << self.n_in_vain) - 1;
    }

    /// A look was worth it: the next is taken at once.
    pub fn regain(&mut self) {
        *self = Self::default();
    }
}
