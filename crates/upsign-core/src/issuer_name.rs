//! The name that a deployment gives to an issuer.

use std::str::FromStr;

/// The short name that a deployment gives to an issuer of identities, such as `staff` or `customers`.
///
/// A service that accepts callers of several issuers gives each issuer a name. A key template writes it with `{issuer}`, so
/// that two callers with the same subject have different keys: the URL of an issuer is too long for a key, and can change.
///
/// The name has 1 to 32 characters: letters `a` to `z`, digits and `-`, starting with a letter. A key therefore contains it
/// unchanged.
///
/// ```
/// use upsign_core::{InvalidIssuerName, IssuerName};
///
/// let name: IssuerName = "customers".parse()?;
/// assert_eq!(name, "customers");
/// assert!("https://issuer.example".parse::<IssuerName>().is_err());
/// # Ok::<(), InvalidIssuerName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerName(Box<str>);

impl IssuerName {
    const MAX_BYTES: usize = 32;

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerName {
    type Err = InvalidIssuerName;

    fn from_str(text: &str) -> Result<Self, InvalidIssuerName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = text.len() <= Self::MAX_BYTES
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(allowed);
        if is_name { Ok(Self(text.into())) } else { Err(InvalidIssuerName(())) }
    }
}

crate::text_type!(IssuerName);

/// The error for a text that is not an [`IssuerName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of an issuer must have 1 to 32 characters of a-z, 0-9 and `-`, starting with a letter, for example `customers`"
)]
pub struct InvalidIssuerName(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_names_are_short_lowercase_words() {
        let longest = "a".repeat(32);
        for name in ["a", "staff", "z9", "b2b-partners", "a--", &longest] {
            assert_eq!(name.parse::<IssuerName>().unwrap(), *name);
        }
        let too_long = "a".repeat(33);
        for text in
            ["", "9a", "-a", "Staff", "sTaff", "a_b", "a.b", "a/b", "a b", " a", "a\n", "é", "aé", &too_long]
        {
            assert_eq!(text.parse::<IssuerName>(), Err(InvalidIssuerName(())), "{text:?}");
        }
    }
}
