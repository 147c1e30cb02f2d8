//! Conditions of policy statements and their operators.

use std::fmt;
use std::str::FromStr;

/// A condition of a statement: a test of one key of the request context.
///
/// ```
/// use upsign_documents::{Effect, IamCondition, IamOperator, IamStatement};
/// let tls = IamCondition::new(IamOperator::BOOL, "aws:SecureTransport", ["false"]);
/// let deny = IamStatement::new("Tls", Effect::Deny, ["s3:*"], ["arn:aws:s3:::uploads/*"]).with_condition(tls);
/// assert_eq!(deny.conditions()[0].key(), "aws:SecureTransport");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IamCondition {
    operator: IamOperator,
    key: String,
    values: Vec<String>,
}

/// An operator of a condition, including the suffix `IfExists` and the prefixes `ForAnyValue:` and `ForAllValues:`.
///
/// Parse one from its text, as in `"StringLike".parse()`. The operators for dates, IP addresses and binary values are not
/// supported, because no derived document uses them.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
///
/// ```
/// use upsign_documents::IamOperator;
/// assert_eq!("StringEquals".parse(), Ok(IamOperator::STRING_EQUALS));
/// assert_eq!("BoolIfExists".parse(), Ok(IamOperator::BOOL_IF_EXISTS));
/// assert!("DateLessThan".parse::<IamOperator>().is_err());
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
    Bool,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

/// The text is not a supported condition operator. Holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a supported condition operator")]
#[non_exhaustive]
pub struct InvalidIamOperator(pub String);

const TESTS: [(&str, Test); 18] = [
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
    ("Bool", Test::Bool),
    ("ArnEquals", Test::ArnEquals),
    ("ArnNotEquals", Test::ArnNotEquals),
    ("ArnLike", Test::ArnLike),
    ("ArnNotLike", Test::ArnNotLike),
    ("Null", Test::Null),
];

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

impl IamCondition {
    /// Builds a condition that holds if the operator's test of `key` succeeds for one of `values`. Negated operators such as
    /// `StringNotEquals` must succeed for all values.
    pub fn new<V: Into<String>>(
        operator: IamOperator,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { operator, key: key.to_owned(), values: values.into_iter().map(Into::into).collect() }
    }

    /// Returns the operator.
    #[must_use]
    pub const fn operator(&self) -> IamOperator {
        self.operator
    }

    /// Returns the key, as in `aws:SecureTransport`. IAM ignores its case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the values to compare with.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
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
        for text in ["", "stringequals", "NullIfExists", "ForAnyValue:Null", "IpAddress", "DateLessThan"] {
            assert_eq!(text.parse::<IamOperator>(), Err(InvalidIamOperator(text.into())));
        }
    }
}
