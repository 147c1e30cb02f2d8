//! Explains what a presigned URL or a signed form allows.

mod address;
mod azure;
mod bindings;
mod config;
mod dates;
mod forms;
mod json;
mod oddity;
mod parameters;
mod path;
mod signer;
mod table;
mod validity;

pub use bindings::{Binding, Bound, BoundPart};
pub use config::{ConfigMatch, IssuedBy, KeyCaller, NamedPolicy, Rule};
pub use oddity::{Oddity, OddityKind, Severity};
pub use signer::{Signer, SignerKind};
pub use table::ODDITIES;
use upsign_core::Timestamp;
pub use validity::{Validity, ValidityState};

use crate::form::SignedForm;
use crate::redacted::Redacted;
use crate::subject::{SignedRequest, Subject};
use crate::url::{Location, SignatureScheme};

/// What a presigned URL or a signed form says, and what is odd about it.
///
/// ```
/// use upsign_diagnose::{Explanation, Subject, ValidityState};
///
/// let url = "https://examplebucket.s3.eu-central-1.amazonaws.com/a%252Fb.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
///     &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z\
///     &X-Amz-Expires=900&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=\
///     aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
/// let explained = Explanation::of(&Subject::read(url.as_bytes())?, "2026-01-01T00:20:00Z".parse()?);
///
/// assert_eq!(explained.method, Some("PUT".into()));
/// assert_eq!(explained.validity.state, ValidityState::Expired { seconds: 300 });
/// let codes: Vec<&str> = explained.oddities.iter().map(|oddity| oddity.code()).collect();
/// assert_eq!(codes, ["expired", "double-encoded-key"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Whether it is a URL or a form.
    pub kind: ExplainedKind,
    /// The scheme of the signature.
    pub scheme: SignatureScheme,
    /// The method: that which was stated with the URL, or which its parameters and headers imply. `None` if neither tells.
    pub method: Option<Box<str>>,
    /// The address without its query, if it is known.
    pub address: Option<Redacted>,
    /// Where it leads, if the address is known.
    pub location: Option<Location>,
    /// The bucket, the access point, or the container.
    pub bucket: Option<Redacted>,
    /// The key, decoded. In a form it may contain `${filename}`.
    pub key: Option<Redacted>,
    /// Who signed.
    pub signer: Signer,
    /// The region, or the set of regions, for which it is signed.
    pub signing_region: Option<Redacted>,
    /// When it is valid, and what that means now.
    pub validity: Validity,
    /// The headers, or the fields, that the client must send.
    pub required: Vec<Required>,
    /// Settings of the object in the query, which S3 reads there: metadata, ACL, storage class and overrides of the response.
    pub settings: Vec<(Redacted, Redacted)>,
    /// What of an upload is bound, and what is not. Empty for other operations.
    pub bindings: Vec<Binding>,
    /// What is odd, the worst first.
    pub oddities: Vec<Oddity>,
}

/// What was explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExplainedKind {
    /// A URL.
    Url,
    /// A form.
    Form,
}

impl ExplainedKind {
    /// Returns a stable name for programs: `url` or `form`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Form => "form",
        }
    }
}

/// A header or a field that the client must send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Required {
    /// The name.
    pub name: Redacted,
    /// The value, or `None` if it is not known: a URL contains the names of signed headers only.
    pub value: Option<Redacted>,
    /// `true` if clients send it by themselves: `host`, and `content-length` of a known body.
    pub is_automatic: bool,
}

impl Explanation {
    /// Explains a URL or a form at the time `at`.
    #[must_use]
    pub fn of(subject: &Subject, at: Timestamp) -> Self {
        let mut explained = match subject {
            Subject::Url(request) => of_url(request, at),
            Subject::Form(form) => of_form(form, at),
        };
        explained.oddities.sort_by_key(|oddity| {
            let row = ODDITIES.iter().position(|kind| *kind == oddity.kind);
            (oddity.kind.severity, row)
        });
        explained.oddities.dedup();
        explained.shorten();
        explained
    }
}

impl Explanation {
    /// Keeps the first oddities: a form can have thousands of fields, and nobody reads more.
    fn shorten(&mut self) {
        let more = self.oddities.len().saturating_sub(MAX_ODDITIES);
        self.oddities.truncate(MAX_ODDITIES);
        if let Some(last) = self.oddities.last_mut().filter(|_| more > 0) {
            last.sentence = Redacted::new(&format!("{}; {more} more are not shown", last.sentence.as_str()));
        }
    }
}

/// The largest number of oddities of one explanation.
const MAX_ODDITIES: usize = 32;

fn of_url(request: &SignedRequest, at: Timestamp) -> Explanation {
    let url = &request.url;
    let scheme = if url.is_https() { "https" } else { "http" };
    let method = request.method.as_deref().or_else(|| url.method_hint());
    let mut oddities = Vec::new();
    dates::check_url(url, at, &mut oddities);
    signer::check_url(url, &mut oddities);
    parameters::check(url, &mut oddities);
    address::check_url(url, &mut oddities);
    path::check(url, &mut oddities);
    Explanation {
        kind: ExplainedKind::Url,
        scheme: url.scheme(),
        method: method.map(Into::into),
        address: Some(Redacted::new(&format!("{scheme}://{}{}", url.host(), url.raw_path()))),
        location: Some(url.location().clone()),
        bucket: url.bucket().map(Redacted::new),
        key: url.key().map(Redacted::new),
        signer: Signer::of_url(url),
        signing_region: url.signing_region().map(Redacted::new),
        validity: Validity::new(url.signed_at(), url.expires_at(), at),
        required: bindings::required_headers(request),
        settings: parameters::settings(url),
        bindings: bindings::of_url(request, method),
        oddities,
    }
}

fn of_form(form: &SignedForm, at: Timestamp) -> Explanation {
    let address = form.url().map(|url| {
        let scheme = if url.is_https { "https" } else { "http" };
        Redacted::new(&format!("{scheme}://{}{}", url.host, url.raw_path))
    });
    let mut oddities = Vec::new();
    dates::check_form(form, at, &mut oddities);
    signer::check_form(form, &mut oddities);
    address::check_form(form, &mut oddities);
    forms::check(form, &mut oddities);
    Explanation {
        kind: ExplainedKind::Form,
        scheme: form.scheme(),
        method: Some("POST".into()),
        address,
        location: form.location().cloned(),
        bucket: form.bucket().map(Redacted::new),
        key: form.key().map(Redacted::new),
        signer: Signer::of_form(form),
        signing_region: form.credential_scope().and_then(|scope| scope.region).map(Redacted::new),
        validity: Validity::new(form.signed_at(), form.expires_at(), at),
        required: forms::required_fields(form),
        settings: Vec::new(),
        bindings: forms::bindings(form),
        oddities,
    }
}
