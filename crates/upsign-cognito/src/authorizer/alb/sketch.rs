//! Counting of ids in constant memory.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

/// Counts how often ids are used: a count-min sketch that ages.
///
/// Each id has one counter in each of 4 rows, and its count is the smallest of them. Other ids share its counters, so a count
/// can be too high, never too low. Only the smallest counters of an id are incremented, which keeps the excess low
/// ("conservative update"). The hash is keyed at random, so nobody can choose ids that share the counters of another.
///
/// All counts are halved after [`USES_PER_AGE`] uses: soon during a flood, so that the rows never fill up, and late without one.
pub(super) struct Sketch {
    keys: RandomState,
    /// The rows, one after the other. Empty until the first use.
    counters: Vec<u8>,
    uses: usize,
    draws: u64,
}

const ROWS: usize = 4;
/// Together 512 KiB.
const COUNTERS_PER_ROW: usize = 1 << 17;
/// Different ids, this many fill 26 % of each row: about 1 of 200 new ids then has a count that is too high.
const USES_PER_AGE: usize = 40_000;

impl Default for Sketch {
    fn default() -> Self {
        Self { keys: RandomState::new(), counters: Vec::new(), uses: 0, draws: 0 }
    }
}

impl Sketch {
    /// Counts a use of `id`, and returns its number of uses.
    pub(super) fn add(&mut self, id: &str) -> u8 {
        if self.counters.is_empty() {
            self.counters = vec![0; ROWS * COUNTERS_PER_ROW];
        }
        if self.uses >= USES_PER_AGE {
            self.uses = 0;
            self.counters.iter_mut().for_each(|counter| *counter /= 2);
        }
        self.uses += 1;
        let places = self.places(id);
        let least = |counters: &[u8]| places.iter().filter_map(|place| counters.get(*place)).min().copied();
        let count = least(&self.counters).unwrap_or_default().saturating_add(1);
        for place in places {
            if let Some(counter) = self.counters.get_mut(place) {
                *counter = (*counter).max(count);
            }
        }
        count
    }

    /// Returns a number that nobody can predict, another one each time.
    pub(super) fn draw(&mut self, id: &str) -> u32 {
        self.draws = self.draws.wrapping_add(1);
        u32::try_from(self.keys.hash_one((self.draws, id)) >> 32).unwrap_or_default()
    }

    /// Returns the counter of `id` in each row.
    fn places(&self, id: &str) -> [usize; ROWS] {
        std::array::from_fn(|row| {
            // A row index is below 2^17, so the remainder fits.
            let hash = self.keys.hash_one((row, id)) % COUNTERS_PER_ROW as u64;
            row * COUNTERS_PER_ROW + usize::try_from(hash).unwrap_or_default()
        })
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sketch").field("uses", &self.uses).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_counted_and_age() {
        let mut sketch = Sketch::default();
        assert_eq!([(); 3].map(|()| sketch.add("a")), [1, 2, 3]);
        for n in 0..USES_PER_AGE {
            sketch.add(&n.to_string());
        }
        assert!(sketch.add("a") <= 3, "halved, and one use more");
    }

    #[test]
    fn single_uses_of_many_ids_are_rarely_counted_twice() {
        let mut sketch = Sketch::default();
        let mut too_high = 0;
        for n in 0..200_000 {
            too_high += usize::from(sketch.add(&n.to_string()) > 1);
        }
        assert!(too_high < 2_000, "{too_high}");
        for _ in 0..1_000 {
            sketch.add("a");
        }
        assert_eq!(sketch.add("a"), u8::MAX);
    }

    #[test]
    fn draws_differ() {
        let mut sketch = Sketch::default();
        let low = (0..1_000).filter(|_| sketch.draw("a") < u32::MAX / 4).count();
        assert!((150..350).contains(&low), "{low}");
    }
}
