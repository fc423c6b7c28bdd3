//! A seed and a number to draws that are the same on every platform and in every version.

/// Sebastiano Vigna's SplitMix64.
pub struct Random(u64);

impl Random {
    /// The draws that belong to one stream of one seed.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut random = Self(seed ^ 0x5353_4553_5045_4321);
        let start = random.next() ^ index.wrapping_mul(0xD134_2543_DE82_EF95);
        let mut random = Self(start);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below the bound, which must not be 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }

    /// True in so many of a hundred draws.
    pub fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    /// One of several, which must not be none.
    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}
