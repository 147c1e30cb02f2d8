//! AWS account IDs.

use std::str::FromStr;

/// An AWS account ID: twelve decimal digits, as in `123456789012`.
///
/// ```
/// use upsign_documents::AccountId;
/// assert!("123456789012".parse::<AccountId>().is_ok());
/// assert!("1234-5678-9012".parse::<AccountId>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Box<str>);

/// The text is not an AWS account ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an AWS account ID has twelve digits, as in 123456789012")]
#[non_exhaustive]
pub struct InvalidAccountId;

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.into())) } else { Err(InvalidAccountId) }
    }
}

upsign_core::text_type!(AccountId);

impl AccountId {
    /// Returns a reference to the account that a stack is deployed to, for documents inside of a stack.
    pub(crate) fn reference(placeholder: &impl ToString) -> Self {
        Self(placeholder.to_string().into())
    }

    /// Returns the twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
