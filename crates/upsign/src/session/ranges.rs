//! Sets of part numbers.

use std::fmt;

use upsign_core::PartNumber;

/// A set of part numbers. `Display` writes ascending ranges, such as `3,7-9`.
///
/// ```
/// use upsign::session::PartRanges;
/// use upsign::types::PartNumber;
///
/// let numbers = [9, 3, 7, 8].map(|number| PartNumber::new(number).unwrap());
/// let ranges = PartRanges::new(numbers);
/// assert_eq!((ranges.to_string(), ranges.len()), ("3,7-9".to_owned(), 4));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartRanges(Vec<(PartNumber, PartNumber)>);

impl PartRanges {
    /// Creates a set of part numbers in any order.
    #[must_use]
    pub fn new(numbers: impl IntoIterator<Item = PartNumber>) -> Self {
        let mut numbers: Vec<_> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut ranges: Vec<(PartNumber, PartNumber)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if number.get() <= last.get() + 1 => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        Self(ranges)
    }

    /// Returns the ranges in ascending order, each with its first and its last number.
    #[must_use]
    pub fn ranges(&self) -> &[(PartNumber, PartNumber)] {
        &self.0
    }

    /// Returns the number of part numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|(first, last)| usize::from(last.get() - first.get()) + 1).sum()
    }

    /// Returns `true` if the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for PartRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            if first == last {
                write!(f, "{separator}{first}")?;
            } else {
                write!(f, "{separator}{first}-{last}")?;
            }
        }
        Ok(())
    }
}
