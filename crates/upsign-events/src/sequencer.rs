//! The order of the events of one key.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The place of an event among the events of one key, as a hexadecimal number of 1 to 64 digits.
///
/// Two deliveries of one event have equal sequencers. Sequencers of different keys cannot be compared.
///
/// ```
/// use std::cmp::Ordering;
/// use upsign_events::Sequencer;
/// let earlier: Sequencer = "0055AED6DCD90281E5".parse()?;
/// let later: Sequencer = "0055aed6dcd90281e6".parse()?;
/// assert_eq!(earlier.order(&later), Some(Ordering::Less));
/// # Ok::<(), upsign_events::InvalidSequencer>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sequencer(Box<str>);

/// The text is not a sequencer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sequencer must be 1 to 64 hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidSequencer;

impl Sequencer {
    const MAX_LEN: usize = 64;

    /// Returns the digits, in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares two events of one key. Returns `None` if their order is unknown.
    ///
    /// "The sequencers can be of different lengths. So, to compare these values, first right pad the shorter value with zeros, and
    /// then do a lexicographical comparison", S3 documents today. It documented to pad on the left before, as numbers are compared.
    /// Both give the same order for sequencers of equal length, which S3 sends for one key. If they differ, this crate does not
    /// guess: the order is unknown.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let width = self.0.len().max(other.0.len());
        let left = |text: &str| format!("{text:0>width$}");
        let right = |text: &str| format!("{text:0<width$}");
        let by_value = left(&self.0).cmp(&left(&other.0));
        let by_prefix = right(&self.0).cmp(&right(&other.0));
        (by_value == by_prefix).then_some(by_value)
    }
}

impl FromStr for Sequencer {
    type Err = InvalidSequencer;

    fn from_str(text: &str) -> Result<Self, InvalidSequencer> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if fits { Ok(Self(text.to_ascii_uppercase().into())) } else { Err(InvalidSequencer) }
    }
}

impl fmt::Debug for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequencer({})", self.0)
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequencer(text: &str) -> Sequencer {
        text.parse().unwrap()
    }

    #[test]
    fn sequencers_of_equal_length_are_compared_as_numbers() {
        for (one, other, order) in [
            ("0A", "0a", Ordering::Equal),
            ("617F08299329D189", "617f0831b8b9d3a7", Ordering::Less),
            ("00B", "00A", Ordering::Greater),
            // One is an extension of the other by zeros, to which both rules agree only if it is zero.
            ("000", "0", Ordering::Equal),
            ("0F", "F0F", Ordering::Less),
        ] {
            assert_eq!(sequencer(one).order(&sequencer(other)), Some(order), "{one} {other}");
            assert_eq!(sequencer(other).order(&sequencer(one)), Some(order.reverse()), "{other} {one}");
        }
    }

    #[test]
    fn order_is_unknown_where_the_documented_rules_differ() {
        for (one, other) in [("F", "10"), ("A", "A0"), ("0A", "00B")] {
            assert_eq!(sequencer(one).order(&sequencer(other)), None, "{one} {other}");
        }
    }

    #[test]
    fn malformed_sequencers_are_rejected() {
        for text in ["", "0x1", "g", "é", " 1", &"1".repeat(65)] {
            assert_eq!(text.parse::<Sequencer>(), Err(InvalidSequencer), "{text:?}");
        }
    }
}
