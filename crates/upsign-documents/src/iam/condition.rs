//! Conditions of policy statements.

use super::IamOperator;

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
