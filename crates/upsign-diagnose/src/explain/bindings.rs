//! What of an upload a signature binds, and what it leaves to the client.

use std::fmt;

use upsign_core::Provider;

use crate::explain::{Required, azure};
use crate::redacted::Redacted;
use crate::subject::SignedRequest;
use crate::url::{SignatureScheme, SignedUrl};

/// A property of an upload, and whether it is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Binding {
    /// The property.
    pub part: BoundPart,
    /// Whether it is bound.
    pub bound: Bound,
    /// One sentence for people.
    pub sentence: Redacted,
}

/// A property of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BoundPart {
    /// The size in bytes.
    Size,
    /// The content type.
    Type,
    /// Whether an existing object may be replaced.
    Overwrite,
    /// The bytes, by a checksum.
    Checksum,
}

impl BoundPart {
    /// Returns a stable name for programs: `size`, `type`, `overwrite` or `checksum`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Type => "type",
            Self::Overwrite => "overwrite",
            Self::Checksum => "checksum",
        }
    }
}

impl fmt::Display for BoundPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether a property of an upload is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bound {
    /// To one value.
    Exactly,
    /// To a range, or to values with a common beginning.
    Partly,
    /// The client chooses.
    No,
}

impl Bound {
    /// Returns a stable name for programs: `exactly`, `partly` or `no`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exactly => "exactly",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }
}

impl Binding {
    pub(super) fn new(part: BoundPart, bound: Bound, sentence: &str) -> Self {
        Self { part, bound, sentence: Redacted::new(sentence) }
    }
}

/// Returns the signed headers, with their values as far as they came with the URL.
pub(super) fn required_headers(request: &SignedRequest) -> Vec<Required> {
    let names = request.url.signed_headers().into_iter().map(str::to_ascii_lowercase);
    let required = names.map(|name| {
        let value = match &*name {
            "host" => Some(Redacted::new(&request.url.canonical_host())),
            _ => request.header(&name).map(|value| shown(&name, value)),
        };
        let is_automatic = matches!(&*name, "host" | "content-length");
        Required { name: Redacted::new(&name), value, is_automatic }
    });
    required.collect()
}

/// Returns the value of a header or a field without its secret, which the name alone may tell.
pub(super) fn shown(name: &str, value: &str) -> Redacted {
    let line = Redacted::new(&format!("{name}: {value}"));
    let value = line.as_str().get(name.len() + 2..).unwrap_or_default();
    Redacted::new(value)
}

/// Returns what a URL binds of an upload. Empty for requests that send no object.
pub(super) fn of_url(request: &SignedRequest, method: Option<&str>) -> Vec<Binding> {
    let url = &request.url;
    if !matches!(method, Some("PUT") | None) || !may_upload(url) {
        return Vec::new();
    }
    let is_signed = |name: &str| url.signed_headers().iter().any(|it| it.eq_ignore_ascii_case(name));
    vec![size(url, &is_signed), content_type(url, &is_signed), overwrite(url, &is_signed), checksum(url)]
}

/// Returns whether the URL can send an object or a part of one.
fn may_upload(url: &SignedUrl) -> bool {
    let is_of_parts = url.parameter("uploadId").is_some() && url.parameter("partNumber").is_none();
    match url.scheme() {
        SignatureScheme::CloudFrontCanned | SignatureScheme::CloudFrontCustom => false,
        SignatureScheme::AzureSas => azure::may_upload(url),
        // The end of a multipart upload, or a list of its parts.
        _ => !is_of_parts,
    }
}

fn size(url: &SignedUrl, is_signed: &dyn Fn(&str) -> bool) -> Binding {
    if is_signed("content-length") {
        return Binding::new(
            BoundPart::Size,
            Bound::Exactly,
            "the size is signed: the body must have exactly that many bytes",
        );
    }
    if is_signed("x-goog-content-length-range") {
        return Binding::new(BoundPart::Size, Bound::Partly, "the size must be in the signed range");
    }
    if url.parameter("max-content-length").is_some() {
        return Binding::new(BoundPart::Size, Bound::Partly, "the size has a signed maximum");
    }
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
    let of_s3 = if url.location().provider == Some(Provider::Aws) { " (5 GB at S3)" } else { "" };
    let sentence = format!("the size is not bound: the store accepts up to its own maximum{of_s3}");
    Binding::new(BoundPart::Size, Bound::No, &sentence)
}

fn content_type(url: &SignedUrl, is_signed: &dyn Fn(&str) -> bool) -> Binding {
    // Both sign a line for the type, also if it is empty:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#ConstructingTheAuthenticationHeader
    if matches!(url.scheme(), SignatureScheme::SigV2 | SignatureScheme::Goog2) {
        return Binding::new(
            BoundPart::Type,
            Bound::Exactly,
            "the content type is signed, and the URL does not show its value: often none, then the client must send none",
        );
    }
    if is_signed("content-type") {
        return Binding::new(
            BoundPart::Type,
            Bound::Exactly,
            "the content type is signed: the client must send the same text",
        );
    }
    Binding::new(
        BoundPart::Type,
        Bound::No,
        "the content type is not bound: the client may send any, also text/html",
    )
}

fn overwrite(url: &SignedUrl, is_signed: &dyn Fn(&str) -> bool) -> Binding {
    if url.parameter("partNumber").is_some() {
        return Binding::new(
            BoundPart::Overwrite,
            Bound::Partly,
            "the request uploads one part; it replaces no object by itself",
        );
    }
    if is_signed("if-none-match") {
        return Binding::new(
            BoundPart::Overwrite,
            Bound::Exactly,
            "an existing object is not replaced: if-none-match is signed",
        );
    }
    if url.scheme() == SignatureScheme::AzureSas && azure::creates_only(url) {
        return Binding::new(
            BoundPart::Overwrite,
            Bound::Exactly,
            "an existing blob is not replaced: the signature permits creating, and not writing",
        );
    }
    if is_signed("if-match") {
        return Binding::new(
            BoundPart::Overwrite,
            Bound::Exactly,
            "only the object with the signed ETag is replaced",
        );
    }
    if is_signed("x-goog-if-generation-match") {
        return Binding::new(
            BoundPart::Overwrite,
            Bound::Exactly,
            "only the signed generation of the object is replaced",
        );
    }
    Binding::new(
        BoundPart::Overwrite,
        Bound::No,
        "overwriting is not prevented: until it expires, the URL replaces the object each time",
    )
}

fn checksum(url: &SignedUrl) -> Binding {
    let is_checksum = |name: &&str| {
        let name = name.to_ascii_lowercase();
        (name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-mode")
            || matches!(&*name, "content-md5" | "x-goog-hash")
    };
    if let Some(name) = url.signed_headers().into_iter().find(is_checksum) {
        return Binding::new(BoundPart::Checksum, Bound::Exactly, &format!("the bytes are bound by {name}"));
    }
    match url.parameter("X-Amz-Content-Sha256") {
        Some(hash) if hash.len() == 64 => Binding::new(
            BoundPart::Checksum,
            Bound::Exactly,
            "the bytes are bound by the hash of the payload",
        ),
        _ => Binding::new(
            BoundPart::Checksum,
            Bound::No,
            "the bytes are not bound: the payload is unsigned, and no checksum is",
        ),
    }
}
