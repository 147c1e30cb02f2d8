//! Which part of a presigned URL is where, so that programs can mark it without parsing the URL themselves.

use std::ops::Range;

use crate::url::{AddressStyle, SignatureScheme, SignedUrl};

/// A part of a presigned URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlPart {
    /// What the part says.
    pub kind: UrlPartKind,
    /// Where it is, in bytes of the URL without white space around it.
    pub range: Range<usize>,
}

/// What a part of a presigned URL says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlPartKind {
    /// The host, with its port.
    Host,
    /// The bucket, if it is the start of the path.
    Bucket,
    /// The key of the object.
    Key,
    /// The algorithm of the signature.
    Algorithm,
    /// Who signed: the access key id, or what other schemes have in its place.
    Signer,
    /// The day, the region and the service for which it is signed.
    Scope,
    /// When it was signed.
    SignedAt,
    /// How long it is valid, or until when.
    Expiry,
    /// The names of the signed headers.
    SignedHeaders,
    /// The token of temporary credentials.
    SessionToken,
    /// The signature.
    Signature,
    /// Another parameter, which is signed too.
    Parameter,
}

impl UrlPartKind {
    /// Returns a stable name for programs, such as `signed-headers`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Algorithm => "algorithm",
            Self::Signer => "signer",
            Self::Scope => "scope",
            Self::SignedAt => "signed-at",
            Self::Expiry => "expiry",
            Self::SignedHeaders => "signed-headers",
            Self::SessionToken => "session-token",
            Self::Signature => "signature",
            Self::Parameter => "parameter",
        }
    }
}

impl SignedUrl {
    /// Returns the parts of the URL in their order. They do not overlap; what is between them are separators.
    ///
    /// ```
    /// use upsign_diagnose::{SignedUrl, UrlPartKind};
    ///
    /// let url = "https://s3.eu-central-1.amazonaws.com/photos/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
    ///     AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900\
    ///     &X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    /// let parts = SignedUrl::parse(url)?.parts();
    /// let text = |kind| parts.iter().find(|part| part.kind == kind).map(|part| &url[part.range.clone()]);
    ///
    /// assert_eq!(text(UrlPartKind::Bucket), Some("photos"));
    /// assert_eq!(text(UrlPartKind::Key), Some("a.jpg"));
    /// assert_eq!(text(UrlPartKind::Scope), Some("20260101%2Feu-central-1%2Fs3%2Faws4_request"));
    /// assert_eq!(text(UrlPartKind::Expiry), Some("X-Amz-Expires=900"));
    /// # Ok::<(), upsign_diagnose::NotASignedUrl>(())
    /// ```
    #[must_use]
    pub fn parts(&self) -> Vec<UrlPart> {
        let mut parts = Parts(Vec::new());
        let host = if self.is_https { "https://".len() } else { "http://".len() };
        let path = host + self.host.len();
        parts.add(UrlPartKind::Host, host..path);
        self.add_path(&mut parts, path);
        let mut at = path + self.raw_path.len() + "?".len();
        for pair in self.raw_query.split('&') {
            self.add_parameter(&mut parts, pair, at);
            at += pair.len() + "&".len();
        }
        parts.0
    }

    fn add_path(&self, parts: &mut Parts, at: usize) {
        let path = self.raw_path.strip_prefix('/').unwrap_or(&self.raw_path);
        let start = at + self.raw_path.len() - path.len();
        let in_path = matches!(self.location.style, AddressStyle::Path | AddressStyle::Container);
        let key = match path.split_once('/').filter(|_| in_path) {
            Some((bucket, _)) => {
                parts.add(UrlPartKind::Bucket, start..start + bucket.len());
                start + bucket.len() + "/".len()
            }
            None => start,
        };
        parts.add(UrlPartKind::Key, key..at + self.raw_path.len());
    }

    fn add_parameter(&self, parts: &mut Parts, pair: &str, at: usize) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let kind = self.kind(name);
        let end = at + pair.len();
        if kind == UrlPartKind::Signer
            && let Some((id, separator)) = first_slash(value)
        {
            let slash = end - value.len() + id;
            parts.add(UrlPartKind::Signer, at..slash);
            parts.add(UrlPartKind::Scope, slash + separator..end);
        } else {
            parts.add(kind, at..end);
        }
    }

    fn kind(&self, name: &str) -> UrlPartKind {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is(self.scheme.signature_parameter()) {
            return UrlPartKind::Signature;
        }
        if is("X-Amz-Security-Token") || is("X-Amz-S3session-Token") {
            return UrlPartKind::SessionToken;
        }
        if let Some([credential, date, expires, headers]) = self.scheme.v4_names() {
            return match () {
                () if is(credential) => UrlPartKind::Signer,
                () if is(date) => UrlPartKind::SignedAt,
                () if is(expires) => UrlPartKind::Expiry,
                () if is(headers) => UrlPartKind::SignedHeaders,
                () if is("X-Amz-Algorithm") || is("X-Goog-Algorithm") => UrlPartKind::Algorithm,
                () if is("X-Amz-Region-Set") => UrlPartKind::Scope,
                () => UrlPartKind::Parameter,
            };
        }
        let (signers, expiry): (&[&str], _) = match self.scheme {
            SignatureScheme::AzureSas => (&["skoid"], "se"),
            _ => (&["AWSAccessKeyId", "GoogleAccessId", "Key-Pair-Id"], "Expires"),
        };
        match () {
            () if signers.iter().any(|known| is(known)) => UrlPartKind::Signer,
            () if is(expiry) => UrlPartKind::Expiry,
            () => UrlPartKind::Parameter,
        }
    }
}

/// The parts so far.
struct Parts(Vec<UrlPart>);

impl Parts {
    /// Adds a part unless it is empty.
    fn add(&mut self, kind: UrlPartKind, range: Range<usize>) {
        if !range.is_empty() {
            self.0.push(UrlPart { kind, range });
        }
    }
}

/// Returns where the first slash is in a value, plain or percent-encoded, and its length.
fn first_slash(value: &str) -> Option<(usize, usize)> {
    let [plain, upper, lower] =
        [("/", 1), ("%2F", 3), ("%2f", 3)].map(|(text, len)| value.find(text).map(|at| (at, len)));
    [plain, upper, lower].into_iter().flatten().min()
}
