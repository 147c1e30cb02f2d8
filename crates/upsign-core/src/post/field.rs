//! Validation of form fields.

/// The reason why a field or a condition cannot be part of a [`PostPolicy`](crate::PostPolicy).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPostPolicy {
    /// The name is not a token (RFC 9110, section 5.6.2).
    #[error("the name of a form field must consist of letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The field is set by the policy or by the signature.
    #[error("the field `{0}` is reserved for the policy or the signature")]
    Reserved(Box<str>),
    /// A field of this name is already present.
    #[error("the field `{0}` is given twice")]
    Repeated(Box<str>),
    /// The value contains a carriage return, a line feed or a NUL character.
    #[error("the value of `{0}` must not contain a line break or a NUL character")]
    Value(Box<str>),
    /// No form could satisfy all conditions on this field, or the field's value violates a condition.
    #[error("the conditions on `{0}` contradict each other or the value of the field")]
    Contradiction(Box<str>),
    /// The value contains `${filename}` at another position than its end.
    #[error(
        "`${{filename}}` is allowed only at the end of the value of `{0}`: S3 replaces it before it checks the policy"
    )]
    FileName(Box<str>),
    /// The value of `success_action_status` is not one of those that S3 supports. S3 would ignore it and answer 204.
    #[error("success_action_status must be 200, 201 or 204")]
    Status,
}

/// Fields that the policy or the signature sets. S3 ignores the letter case of names.
const RESERVED: [&str; 17] = [
    "awsaccesskeyid",
    "bucket",
    "content-length-range",
    "file",
    "googleaccessid",
    "key",
    "policy",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
    "x-goog-algorithm",
    "x-goog-credential",
    "x-goog-date",
    "x-goog-signature",
];

pub(crate) fn check_name(name: &str) -> Result<(), InvalidPostPolicy> {
    if crate::request::headers::is_token(name) { Ok(()) } else { Err(InvalidPostPolicy::Name) }
}

pub(crate) fn check_value(name: &str, value: &str) -> Result<(), InvalidPostPolicy> {
    if value.contains(['\r', '\n', '\0']) { Err(InvalidPostPolicy::Value(name.into())) } else { Ok(()) }
}

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}
