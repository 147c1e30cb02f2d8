//! A signed POST form, taken apart.

mod check;
mod error;
mod policy;

use std::fmt;

pub use error::NotASignedForm;
pub use policy::{FormCondition, FormPolicy};
use upsign_core::Timestamp;

pub(crate) use check::{FormProblem, condition_of, problems};

use crate::url::{CredentialScope, Location, SignatureScheme, SplitUrl, time};

/// One field of a form.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormField {
    /// The name as written. The case of names does not matter to S3.
    pub name: Box<str>,
    /// The value.
    pub value: Box<str>,
}

impl FormField {
    /// Creates a field.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl fmt::Debug for FormField {
    /// Shows the name only: the value may be a signature or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormField").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The fields of a form with a signed policy, for an upload by POST.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedForm {
    url: Option<SplitUrl>,
    location: Option<Location>,
    fields: Vec<FormField>,
    /// The place of the field `file`, if the input contained it.
    file_at: Option<usize>,
    scheme: SignatureScheme,
    policy: FormPolicy,
}

impl SignedForm {
    /// Takes a form apart. `url` is the address to which the form is sent, if it is known. A field called `file` is only kept as the
    /// position of the file.
    ///
    /// # Errors
    /// Fails if the fields contain no policy, or no signature of a known scheme, or if the policy is not base64 of a policy.
    pub fn new(url: Option<&str>, fields: Vec<FormField>) -> Result<Self, NotASignedForm> {
        let file_at = fields.iter().position(|field| field.name.eq_ignore_ascii_case("file"));
        let fields: Vec<_> = fields.into_iter().filter(|it| !it.name.eq_ignore_ascii_case("file")).collect();
        let scheme = scheme(&fields)?;
        let policy = find(&fields, "policy").ok_or(NotASignedForm::Truncated { missing: "policy" })?;
        let policy = FormPolicy::read(policy)?;
        let url = url.map(SplitUrl::parse).transpose().map_err(NotASignedForm::Url)?;
        let location = url.as_ref().map(|url| Location::of(&url.host, &url.raw_path));
        Ok(Self { url, location, fields, file_at, scheme, policy })
    }

    /// Returns the scheme of the signature: SigV4, SigV2, or version 4 of Google Cloud Storage.
    #[must_use]
    pub const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// Returns the fields in order, without the file.
    #[must_use]
    pub fn fields(&self) -> &[FormField] {
        &self.fields
    }

    /// Returns the value of the first field of this name, in any case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }

    /// Returns the signed policy.
    #[must_use]
    pub const fn policy(&self) -> &FormPolicy {
        &self.policy
    }

    /// Returns where the form is sent, if that is known.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// Returns the bucket: that of the address, or the one that the policy names.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        let of_url = self.location.as_ref().and_then(|location| location.bucket.as_deref());
        of_url.or_else(|| self.policy.exact("bucket")).or_else(|| self.field("bucket"))
    }

    /// Returns the key as written, which may contain `${filename}`.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.field("key")
    }

    /// Returns the parts of the credential, or `None` if it is absent or has another form.
    #[must_use]
    pub fn credential_scope(&self) -> Option<CredentialScope<'_>> {
        let name = match self.scheme {
            SignatureScheme::SigV4 => "x-amz-credential",
            SignatureScheme::Goog4 => "x-goog-credential",
            _ => return None,
        };
        CredentialScope::parse(self.field(name)?, self.scheme)
    }

    /// Returns who signed: the access key id, or the service account.
    #[must_use]
    pub fn signer(&self) -> Option<&str> {
        let of_scope = self.credential_scope().map(|scope| scope.access_key_id);
        of_scope.or_else(|| self.field("AWSAccessKeyId")).or_else(|| self.field("GoogleAccessId"))
    }

    /// Returns when the form was signed, if a field says it.
    #[must_use]
    pub fn signed_at(&self) -> Option<Timestamp> {
        time::basic(self.field("x-amz-date").or_else(|| self.field("x-goog-date"))?)
    }

    /// Returns the instant from which the store refuses the form.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.policy.expires_at()
    }

    /// Returns `true` if the form contains a session token, so that temporary credentials signed it.
    #[must_use]
    pub fn has_session_token(&self) -> bool {
        self.field("x-amz-security-token").is_some()
    }

    pub(crate) const fn url(&self) -> Option<&SplitUrl> {
        self.url.as_ref()
    }

    /// Returns whether fields follow the file. Stores ignore them.
    pub(crate) fn has_fields_after_file(&self) -> bool {
        self.file_at.is_some_and(|at| at < self.fields.len())
    }

    pub(crate) fn signature(&self) -> &str {
        let names = ["x-amz-signature", "x-goog-signature", "signature"];
        names.iter().find_map(|name| self.field(name)).unwrap_or_default()
    }
}

impl fmt::Debug for SignedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedForm")
            .field("scheme", &self.scheme)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

fn find<'a>(fields: &'a [FormField], name: &str) -> Option<&'a str> {
    fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| &*field.value)
}

fn scheme(fields: &[FormField]) -> Result<SignatureScheme, NotASignedForm> {
    let has = |name| find(fields, name).is_some();
    let (scheme, signature) = match (find(fields, "x-amz-algorithm"), find(fields, "x-goog-algorithm")) {
        (Some("AWS4-HMAC-SHA256"), _) => (SignatureScheme::SigV4, "x-amz-signature"),
        (None, Some("GOOG4-RSA-SHA256" | "GOOG4-HMAC-SHA256")) => {
            (SignatureScheme::Goog4, "x-goog-signature")
        }
        (Some(other), _) | (None, Some(other)) => return Err(NotASignedForm::algorithm(other)),
        (None, None) if has("x-amz-signature") || has("x-amz-credential") => {
            return Err(NotASignedForm::Truncated { missing: "x-amz-algorithm" });
        }
        (None, None) if has("AWSAccessKeyId") => (SignatureScheme::SigV2, "signature"),
        (None, None) if has("GoogleAccessId") => (SignatureScheme::Goog2, "signature"),
        (None, None) => return Err(NotASignedForm::Unsigned),
    };
    if find(fields, signature).is_none_or(str::is_empty) {
        return Err(NotASignedForm::Truncated { missing: signature });
    }
    Ok(scheme)
}
