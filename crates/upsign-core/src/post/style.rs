//! Spelling of the form fields that carry the signature.

/// The spelling of the form fields that carry the signature.
///
/// S3 ignores the letter case of field names, but a front end that expects the output of a certain SDK may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PostStyle {
    /// The names that boto3 uses: `policy`, `x-amz-signature`, …
    #[default]
    Lower,
    /// The names that the AWS SDK for JavaScript uses: `Policy`, `X-Amz-Signature`, …, and an additional field
    /// `bucket`.
    Js,
}

/// The names of the fields that carry the signature.
#[derive(Clone, Copy)]
pub(crate) struct FieldNames {
    pub(crate) algorithm: &'static str,
    pub(crate) credential: &'static str,
    pub(crate) date: &'static str,
    pub(crate) security_token: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) signature: &'static str,
}

/// The names for Google Cloud Storage, which has no session tokens.
///
/// Source: <https://cloud.google.com/storage/docs/xml-api/post-object-forms>.
pub(crate) const GOOGLE_FIELD_NAMES: FieldNames = FieldNames {
    algorithm: "x-goog-algorithm",
    credential: "x-goog-credential",
    date: "x-goog-date",
    security_token: "x-goog-security-token",
    policy: "policy",
    signature: "x-goog-signature",
};

impl PostStyle {
    pub(crate) const fn field_names(self) -> FieldNames {
        match self {
            Self::Lower => FieldNames {
                algorithm: "x-amz-algorithm",
                credential: "x-amz-credential",
                date: "x-amz-date",
                security_token: "x-amz-security-token",
                policy: "policy",
                signature: "x-amz-signature",
            },
            Self::Js => FieldNames {
                algorithm: "X-Amz-Algorithm",
                credential: "X-Amz-Credential",
                date: "X-Amz-Date",
                security_token: "X-Amz-Security-Token",
                policy: "Policy",
                signature: "X-Amz-Signature",
            },
        }
    }
}
