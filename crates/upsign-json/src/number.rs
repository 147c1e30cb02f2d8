//! Numbers, without silent rounding.

use std::fmt;

/// A JSON number as the document spells it.
///
/// | text | [`as_u64`](Self::as_u64) | [`as_i64`](Self::as_i64) | [`as_f64`](Self::as_f64) |
/// | --- | --- | --- | --- |
/// | `7` | 7 | 7 | 7.0 |
/// | `-7` | none | -7 | -7.0 |
/// | `18446744073709551615` | 2^64 - 1 | none | 2^64 (rounded) |
/// | `18446744073709551616` | none | none | 2^64 |
/// | `7.0`, `7e0` | none | none | 7.0 |
/// | `-0` | none | none | -0.0 |
///
/// Every number is within the range of `f64`; the reader refuses `1e400` as a syntax error. Two numbers are equal if
/// their texts are equal: `1.0` is not equal to `1`.
///
/// ```
/// use upsign_json::{Json, Limits, read};
/// let Json::Number(size) = read(b"48213", Limits::new(64, 0))? else { panic!() };
/// assert_eq!((size.as_u64(), size.text()), (Some(48_213), "48213"));
/// let Json::Number(size) = read(b"48213.0", Limits::new(64, 0))? else { panic!() };
/// assert_eq!((size.as_u64(), size.as_f64()), (None, 48_213.0));
/// # Ok::<(), upsign_json::InvalidJson>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number<'a> {
    /// Invariant: follows the grammar of RFC 8259, section 6, and is within the range of `f64`. The grammar allows neither
    /// `+1` nor `007`, which the number parsers of the standard library would accept.
    text: &'a str,
}

impl<'a> Number<'a> {
    /// Creates a number from a text that follows the grammar. Returns `None` if it is outside the range of `f64`.
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        // Without an exponent, fewer digits than this are always in range.
        const MAX_DIGITS: usize = 308;
        let number = Self { text };
        let may_overflow = text.len() > MAX_DIGITS || text.contains(['e', 'E']);
        (!may_overflow || number.as_f64().is_finite()).then_some(number)
    }

    /// Returns the number as the document spells it.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the value if the number is written as an integer from 0 to 2^64 - 1.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// Returns the value if the number is written as an integer from -2^63 to 2^63 - 1. `-0` is not an integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if self.text == "-0" { None } else { self.text.parse().ok() }
    }

    /// Returns the nearest `f64`, which is always finite.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        // The parser of `f64` accepts every JSON number, so the default is never used.
        self.text.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.text)
    }
}

impl From<Number<'_>> for serde_json::Number {
    /// Converts an integer exactly and any other number to the nearest `f64`, regardless of the features of `serde_json`.
    fn from(number: Number<'_>) -> Self {
        if let Some(value) = number.as_u64() {
            value.into()
        } else if let Some(value) = number.as_i64() {
            value.into()
        } else {
            // The value is finite, so the default is never used.
            Self::from_f64(number.as_f64()).unwrap_or_else(|| 0.into())
        }
    }
}
