//! The operators of conditions.

use std::fmt;
use std::str::FromStr;

/// An operator of a condition, including the suffix `IfExists` and the prefixes `ForAnyValue:` and `ForAllValues:`.
///
/// Parse one from its text, as in `"StringLike".parse()`. Every operator that IAM documents is supported.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
///
/// ```
/// use upsign_documents::IamOperator;
/// assert_eq!("StringEquals".parse(), Ok(IamOperator::STRING_EQUALS));
/// assert_eq!("BoolIfExists".parse(), Ok(IamOperator::BOOL_IF_EXISTS));
/// assert!("StringMatches".parse::<IamOperator>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IamOperator {
    pub(super) test: Test,
    pub(super) if_exists: bool,
    pub(super) set: Option<Quantifier>,
}

/// How the values of a multivalued key are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Quantifier {
    ForAnyValue,
    ForAllValues,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Test {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

/// The text is not a condition operator. Holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a condition operator")]
#[non_exhaustive]
pub struct InvalidIamOperator(pub String);

const TESTS: [(&str, Test); 27] = [
    ("StringEquals", Test::StringEquals),
    ("StringNotEquals", Test::StringNotEquals),
    ("StringEqualsIgnoreCase", Test::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Test::StringNotEqualsIgnoreCase),
    ("StringLike", Test::StringLike),
    ("StringNotLike", Test::StringNotLike),
    ("NumericEquals", Test::NumericEquals),
    ("NumericNotEquals", Test::NumericNotEquals),
    ("NumericLessThan", Test::NumericLessThan),
    ("NumericLessThanEquals", Test::NumericLessThanEquals),
    ("NumericGreaterThan", Test::NumericGreaterThan),
    ("NumericGreaterThanEquals", Test::NumericGreaterThanEquals),
    ("DateEquals", Test::DateEquals),
    ("DateNotEquals", Test::DateNotEquals),
    ("DateLessThan", Test::DateLessThan),
    ("DateLessThanEquals", Test::DateLessThanEquals),
    ("DateGreaterThan", Test::DateGreaterThan),
    ("DateGreaterThanEquals", Test::DateGreaterThanEquals),
    ("Bool", Test::Bool),
    ("BinaryEquals", Test::BinaryEquals),
    ("IpAddress", Test::IpAddress),
    ("NotIpAddress", Test::NotIpAddress),
    ("ArnEquals", Test::ArnEquals),
    ("ArnNotEquals", Test::ArnNotEquals),
    ("ArnLike", Test::ArnLike),
    ("ArnNotLike", Test::ArnNotLike),
    ("Null", Test::Null),
];

impl Test {
    /// Returns the test that this one negates, or `None` if it is not negated.
    pub(super) const fn negates(self) -> Option<Self> {
        Some(match self {
            Self::StringNotEquals => Self::StringEquals,
            Self::StringNotEqualsIgnoreCase => Self::StringEqualsIgnoreCase,
            Self::StringNotLike => Self::StringLike,
            Self::NumericNotEquals => Self::NumericEquals,
            Self::DateNotEquals => Self::DateEquals,
            Self::NotIpAddress => Self::IpAddress,
            Self::ArnNotEquals | Self::ArnNotLike => Self::ArnLike,
            _ => return None,
        })
    }
}

impl IamOperator {
    /// `StringEquals`.
    pub const STRING_EQUALS: Self = Self::of(Test::StringEquals);
    /// `StringNotEquals`.
    pub const STRING_NOT_EQUALS: Self = Self::of(Test::StringNotEquals);
    /// `ForAnyValue:StringEquals`.
    pub const ANY_STRING_EQUALS: Self =
        Self { set: Some(Quantifier::ForAnyValue), ..Self::of(Test::StringEquals) };
    /// `Bool`.
    pub const BOOL: Self = Self::of(Test::Bool);
    /// `BoolIfExists`.
    pub const BOOL_IF_EXISTS: Self = Self { if_exists: true, ..Self::of(Test::Bool) };
    /// `Null`, which tests whether the key is absent (`true`) or present (`false`).
    pub const NULL: Self = Self::of(Test::Null);
    /// `NumericGreaterThan`.
    pub const NUMERIC_GREATER_THAN: Self = Self::of(Test::NumericGreaterThan);
    /// `NumericLessThan`.
    pub const NUMERIC_LESS_THAN: Self = Self::of(Test::NumericLessThan);
    /// `DateLessThan`.
    pub const DATE_LESS_THAN: Self = Self::of(Test::DateLessThan);
    /// `StringLike`.
    pub const STRING_LIKE: Self = Self::of(Test::StringLike);
    /// `ArnLike`.
    pub const ARN_LIKE: Self = Self::of(Test::ArnLike);
    /// `ArnNotLike`.
    pub const ARN_NOT_LIKE: Self = Self::of(Test::ArnNotLike);

    const fn of(test: Test) -> Self {
        Self { test, if_exists: false, set: None }
    }
}

impl FromStr for IamOperator {
    type Err = InvalidIamOperator;

    fn from_str(text: &str) -> Result<Self, InvalidIamOperator> {
        let (set, rest) = if let Some(rest) = text.strip_prefix("ForAnyValue:") {
            (Some(Quantifier::ForAnyValue), rest)
        } else if let Some(rest) = text.strip_prefix("ForAllValues:") {
            (Some(Quantifier::ForAllValues), rest)
        } else {
            (None, text)
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let test = TESTS.iter().find(|(known, _)| *known == name).map(|(_, test)| *test);
        match test {
            Some(Test::Null) if if_exists || set.is_some() => Err(InvalidIamOperator(text.into())),
            Some(test) => Ok(Self { test, if_exists, set }),
            None => Err(InvalidIamOperator(text.into())),
        }
    }
}

impl fmt::Display for IamOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set {
            Some(Quantifier::ForAnyValue) => f.write_str("ForAnyValue:")?,
            Some(Quantifier::ForAllValues) => f.write_str("ForAllValues:")?,
            None => {}
        }
        let name = TESTS.iter().find(|(_, test)| *test == self.test).map_or("", |(name, _)| *name);
        f.write_str(name)?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_round_trip() {
        for (name, test) in TESTS {
            let operator: IamOperator = name.parse().unwrap();
            assert_eq!((operator.test, operator.to_string().as_str()), (test, name));
        }
        for text in ["ForAnyValue:StringLikeIfExists", "ForAllValues:StringEquals", "BoolIfExists"] {
            assert_eq!(text.parse::<IamOperator>().unwrap().to_string(), text);
        }
        for text in ["", "stringequals", "NullIfExists", "ForAnyValue:Null", "ipaddress", "StringMatches"] {
            assert_eq!(text.parse::<IamOperator>(), Err(InvalidIamOperator(text.into())));
        }
    }
}
