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
#[derive(Clone, Copy)]
pub struct Number<'a> {
    text: &'a str,
    value: Value,
}

#[derive(Clone, Copy)]
enum Value {
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// Finite: a fraction, an exponent, `-0`, or an integer outside the ranges above.
    Float(f64),
}

impl<'a> Number<'a> {
    /// Reads `text`, which must follow the grammar of RFC 8259, section 6. Returns `None` if it is too large for `f64`.
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        // The grammar allows neither `+1` nor `007`, which the integer parsers of the standard library would accept. They
        // refuse fractions and exponents.
        let value = if let Ok(value) = text.parse() {
            Value::Unsigned(value)
        } else if let Some(value) = text.parse().ok().filter(|value: &i64| *value < 0) {
            Value::Negative(value)
        } else {
            Value::Float(text.parse().ok().filter(|value: &f64| value.is_finite())?)
        };
        Some(Self { text, value })
    }

    /// Returns the number as the document spells it.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the value if the number is written as an integer from 0 to 2^64 - 1.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        match self.value {
            Value::Unsigned(value) => Some(value),
            Value::Negative(_) | Value::Float(_) => None,
        }
    }

    /// Returns the value if the number is written as an integer from -2^63 to 2^63 - 1. `-0` is not an integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.value {
            Value::Unsigned(value) => value.try_into().ok(),
            Value::Negative(value) => Some(value),
            Value::Float(_) => None,
        }
    }

    /// Returns the nearest `f64`, which is always finite.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest f64 is what is documented")]
    pub const fn as_f64(&self) -> f64 {
        match self.value {
            Value::Unsigned(value) => value as f64,
            Value::Negative(value) => value as f64,
            Value::Float(value) => value,
        }
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Number<'_> {}

impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.text)
    }
}

impl From<Number<'_>> for serde_json::Number {
    /// Converts an integer exactly and any other number to the nearest `f64`, whatever features `serde_json` has.
    fn from(number: Number<'_>) -> Self {
        match number.value {
            Value::Unsigned(value) => value.into(),
            Value::Negative(value) => value.into(),
            // A float is finite, so the alternative is never used.
            Value::Float(value) => Self::from_f64(value).unwrap_or_else(|| 0.into()),
        }
    }
}
