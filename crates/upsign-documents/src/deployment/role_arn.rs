//! ARNs of IAM roles.

use std::str::FromStr;

/// The ARN of one IAM role, as in `arn:aws:iam::123456789012:role/scanner`. It contains no wildcard.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
///
/// ```
/// use upsign_documents::RoleArn;
/// assert!("arn:aws:iam::123456789012:role/scanner".parse::<RoleArn>().is_ok());
/// assert!("arn:aws:iam::123456789012:role/*".parse::<RoleArn>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn(Box<str>);

/// The text is not the ARN of one IAM role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ARN of an IAM role has the form arn:aws:iam::123456789012:role/NAME, without wildcards")]
#[non_exhaustive]
pub struct InvalidRoleArn;

impl FromStr for RoleArn {
    type Err = InvalidRoleArn;

    fn from_str(text: &str) -> Result<Self, InvalidRoleArn> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "iam", "", account, role] = parts.as_slice() else {
            return Err(InvalidRoleArn);
        };
        let is_partition = partition.starts_with("aws")
            && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte);
        let is_name = |name: &str| !name.is_empty() && !name.ends_with('/') && name.bytes().all(allowed);
        let is_role = role.strip_prefix("role/").is_some_and(is_name);
        if is_partition && is_account && is_role { Ok(Self(text.into())) } else { Err(InvalidRoleArn) }
    }
}

upsign_core::text_type!(RoleArn);

impl RoleArn {
    /// Returns the ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
