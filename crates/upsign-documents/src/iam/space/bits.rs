//! Sets of small numbers.

/// A set of numbers below a bound that the caller knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Returns the numbers below `count` for which `test` holds.
    pub(super) fn of(count: usize, test: impl Fn(usize) -> bool) -> Self {
        let mut bits = Self::default();
        (0..count).filter(|number| test(*number)).for_each(|number| bits.insert(number));
        bits
    }

    pub(super) fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let mut words = long.0.clone();
        words.iter_mut().zip(&short.0).for_each(|(word, more)| *word |= more);
        Self(words)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut words: Vec<u64> = self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect();
        while words.last() == Some(&0) {
            words.pop();
        }
        Self(words)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        let mut words: Vec<u64> = self.0.iter().zip(others).map(|(one, other)| one & !other).collect();
        while words.last() == Some(&0) {
            words.pop();
        }
        Self(words)
    }
}
