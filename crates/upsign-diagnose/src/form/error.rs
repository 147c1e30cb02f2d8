//! Why fields are not a signed form.

use crate::redacted::Redacted;
use crate::url::NotASignedUrl;

/// The reason why fields are not a [`SignedForm`](crate::SignedForm).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotASignedForm {
    /// No field belongs to a signature.
    #[error(
        "the fields contain no signature: expected x-amz-algorithm, x-amz-credential, policy and x-amz-signature"
    )]
    Unsigned,
    /// The signature is made by an unknown algorithm.
    #[error("unknown algorithm {found:?}; expected AWS4-HMAC-SHA256, GOOG4-RSA-SHA256 or GOOG4-HMAC-SHA256")]
    Algorithm {
        /// The algorithm of the form.
        found: Redacted,
    },
    /// A field that every signed form has is absent.
    #[error("the form is incomplete: the field {missing} is absent; pass all fields of the answer")]
    Truncated {
        /// The name of the field.
        missing: &'static str,
    },
    /// The field `policy` is not base64.
    #[error("the field policy is not base64; pass it as the service answered it")]
    PolicyEncoding,
    /// The decoded policy is not a policy document.
    #[error("the decoded field policy is not a policy: expected JSON with expiration and conditions")]
    PolicyDocument,
    /// The address of the form is no URL.
    #[error("the address of the form: {0}")]
    Url(NotASignedUrl),
}

impl NotASignedForm {
    pub(crate) fn algorithm(found: &str) -> Self {
        Self::Algorithm { found: Redacted::new(&found.chars().take(40).collect::<String>()) }
    }

    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Algorithm { .. } => "algorithm",
            Self::Truncated { .. } => "truncated",
            Self::PolicyEncoding => "policy-encoding",
            Self::PolicyDocument => "policy-document",
            Self::Url(error) => error.code(),
        }
    }
}
