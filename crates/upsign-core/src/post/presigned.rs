//! Signed browser forms.

use std::fmt;

use crate::credentials::Credentials;
use crate::request::lifetime::ExpiryPrecision;
use crate::time::Timestamp;

/// A signed browser form: everything a client needs to send it, except the file.
///
/// The client sends all fields as `multipart/form-data`, followed by the file in a field named `file`. Anyone who has
/// the fields can use them until they expire. `Debug` omits the policy, the signature and the session token.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedPost {
    /// The URL to which the form is sent.
    pub url: Box<str>,
    /// The name and the value of each field, in the order in which to send them. Treat them as a secret.
    pub fields: Vec<(Box<str>, Box<str>)>,
    /// The instant from which S3 rejects the form.
    pub expires_at: Timestamp,
    /// Whether S3 may reject the form before `expires_at`.
    pub expiry_precision: ExpiryPrecision,
}

impl PresignedPost {
    /// Sets the precision of the expiry to that of the credentials that signed the form.
    #[must_use]
    pub fn with_precision_of(self, credentials: &Credentials) -> Self {
        Self { expiry_precision: ExpiryPrecision::of(credentials), ..self }
    }
}

impl fmt::Debug for PresignedPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = |name: &str| {
            ["policy", "x-amz-signature", "x-amz-security-token", "x-goog-signature"]
                .iter()
                .any(|field| field.eq_ignore_ascii_case(name))
        };
        let shown: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_ref(), if secret(name) { "[redacted]" } else { value.as_ref() }))
            .collect();
        f.debug_struct("PresignedPost")
            .field("url", &self.url)
            .field("fields", &shown)
            .field("expires_at", &self.expires_at)
            .field("expiry_precision", &self.expiry_precision)
            .finish()
    }
}
