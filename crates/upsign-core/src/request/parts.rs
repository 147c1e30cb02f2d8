//! The requests for the parts of one multipart upload, which are signed together.

use std::borrow::Cow;

use crate::credentials::Credentials;
use crate::error::{PresignError, Unsupported};
use crate::request::PresignRequest;
use crate::request::headers::{InvalidHeader, SignedHeaders};
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::Operation;
use crate::request::part::{PartNumber, UploadId};
use crate::request::presigned::{PresignedRequest, PresignedUrl};
use crate::target::Target;
use crate::time::Timestamp;

/// The `UploadPart` requests of one multipart upload, to be signed together.
///
/// The requests differ in the part number, the length and the checksum. Each binds its exact `content-length`, so that the sum
/// of the signed lengths is the size of the object.
///
/// ```
/// use upsign_core::{ExpiresIn, PartChecksum, PartNumber, PartToSign, PresignParts, Target};
///
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let first = PartToSign::new(PartNumber::new(1)?, 8 << 20)
///     .with_checksum(PartChecksum::new("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")?);
/// let second = PartToSign::new(PartNumber::new(2)?, 3_222_784);
/// let parts =
///     PresignParts::new(target, "videos/a.mp4".parse()?, "VXBsb2FkSWQ".parse()?, ExpiresIn::from_secs(900)?, [first, second]);
///
/// // What a client must send with the URL of a part.
/// let request = parts.request(&parts.parts()[1])?;
/// assert_eq!(request.headers().get("content-length"), Some("3222784"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignParts {
    target: Target,
    key: ObjectKey,
    upload_id: UploadId,
    expires_in: ExpiresIn,
    short_credentials: ShortCredentials,
    headers: SignedHeaders,
    parts: Vec<PartToSign>,
}

/// A part whose upload is to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartToSign {
    /// The number of the part.
    pub number: PartNumber,
    /// The exact length in bytes, which is signed as `content-length`.
    pub len: u64,
    /// The checksum of the bytes, if the store is to compare it.
    pub checksum: Option<PartChecksum>,
}

impl PartToSign {
    /// Creates a part of `len` bytes without a checksum.
    #[must_use]
    pub const fn new(number: PartNumber, len: u64) -> Self {
        Self { number, len, checksum: None }
    }

    /// Binds the checksum of the bytes.
    #[must_use]
    pub fn with_checksum(self, checksum: PartChecksum) -> Self {
        Self { checksum: Some(checksum), ..self }
    }
}

/// The checksum of a part as a header: `x-amz-checksum-…` or `content-md5`.
///
/// ```
/// use upsign_core::{InvalidPartChecksum, PartChecksum};
/// let checksum = PartChecksum::new("x-amz-checksum-crc32", "NSRBwg==")?;
/// assert_eq!((checksum.header(), checksum.as_base64()), ("x-amz-checksum-crc32", "NSRBwg=="));
/// assert_eq!(PartChecksum::new("content-type", "NSRBwg=="), Err(InvalidPartChecksum::Header("content-type")));
/// # Ok::<(), InvalidPartChecksum>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartChecksum {
    header: &'static str,
    base64: Box<str>,
}

/// The reason why a header is not the checksum of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPartChecksum {
    /// The header does not carry a checksum.
    #[error("`{0}` is not the header of a checksum: expected content-md5 or x-amz-checksum-…")]
    Header(&'static str),
    /// The value is empty, longer than 128 characters, or contains a character that base64 does not use.
    #[error("a checksum must be 1 to 128 characters of base64")]
    Value,
}

/// SHA-512, the longest checksum of S3, has 88 characters.
const MAX_CHECKSUM_LEN: usize = 128;

impl PartChecksum {
    /// Creates a checksum from the lowercase name of its header and its value in base64.
    ///
    /// Whether the value has the length that the algorithm requires is not checked: stores answer 400 to such a part.
    ///
    /// # Errors
    /// Returns an error if the header does not carry a checksum, or if the value is not text in base64.
    pub fn new(header: &'static str, base64: &str) -> Result<Self, InvalidPartChecksum> {
        if !is_checksum_header(header) {
            return Err(InvalidPartChecksum::Header(header));
        }
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if !(1..=MAX_CHECKSUM_LEN).contains(&base64.len()) || !base64.bytes().all(is_base64) {
            return Err(InvalidPartChecksum::Value);
        }
        Ok(Self { header, base64: base64.into() })
    }

    /// Returns the name of the header in lowercase.
    #[must_use]
    pub const fn header(&self) -> &'static str {
        self.header
    }

    /// Returns the value in base64.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.base64
    }
}

fn is_checksum_header(name: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let algorithm = name.strip_prefix("x-amz-checksum-");
    name == "content-md5"
        || algorithm.is_some_and(|algorithm| {
            // These two headers state what a checksum is, and carry none.
            !matches!(algorithm, "" | "algorithm" | "type" | "mode") && algorithm.bytes().all(is_name)
        })
}

impl PresignParts {
    /// Creates the requests for `parts` of an upload, without further headers.
    ///
    /// If the credentials expire before `expires_in` has passed, the lifetime is shortened ([`ShortCredentials::Clamp`]).
    #[must_use]
    pub fn new(
        target: Target,
        key: ObjectKey,
        upload_id: UploadId,
        expires_in: ExpiresIn,
        parts: impl IntoIterator<Item = PartToSign>,
    ) -> Self {
        Self {
            target,
            key,
            upload_id,
            expires_in,
            short_credentials: ShortCredentials::Clamp,
            headers: SignedHeaders::new(),
            parts: parts.into_iter().collect(),
        }
    }

    /// Sets headers that every part is sent with, such as `x-amz-expected-bucket-owner`. The signatures bind them.
    ///
    /// `content-length` and the header of a part's checksum cannot be among them: the parts have their own.
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Sets what happens if the credentials expire before the requests would.
    #[must_use]
    pub fn with_short_credentials(self, short_credentials: ShortCredentials) -> Self {
        Self { short_credentials, ..self }
    }

    /// Returns the request for one part, which is signed for itself.
    ///
    /// # Errors
    /// Returns [`InvalidHeader::Repeated`] if the headers of every part contain `content-length` or the part's checksum.
    pub fn request(&self, part: &PartToSign) -> Result<PresignRequest, InvalidHeader> {
        let mut headers = self.headers.clone();
        headers.insert("content-length", &part.len.to_string())?;
        if let Some(checksum) = &part.checksum {
            headers.insert(checksum.header, &checksum.base64)?;
        }
        let operation = Operation::UploadPart { upload_id: self.upload_id.clone(), part_number: part.number };
        Ok(PresignRequest::new(self.target.clone(), operation, self.key.clone(), self.expires_in)
            .with_headers(headers)
            .with_short_credentials(self.short_credentials))
    }

    /// Returns the requests with a lifetime that does not exceed that of the credentials at the time `at`, as
    /// [`PresignRequest::limited_by`] does.
    ///
    /// # Errors
    /// Returns [`PresignError::CredentialsTooShort`] or [`PresignError::UnknownExpiry`] under the same conditions.
    pub fn limited_by(
        &self,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<Cow<'_, Self>, PresignError> {
        let expires_in = self.short_credentials.lifetime(self.expires_in, credentials, at)?;
        if expires_in == self.expires_in {
            return Ok(Cow::Borrowed(self));
        }
        Ok(Cow::Owned(Self { expires_in, ..self.clone() }))
    }

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }

    /// Returns the headers that every part is sent with, in addition to `content-length` and the checksum of the part.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
    }

    /// Returns the parts, in the order in which they were given.
    #[must_use]
    pub fn parts(&self) -> &[PartToSign] {
        &self.parts
    }

    /// Returns the lifetime of the URLs.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }

    /// Returns what happens if the credentials expire before the requests would.
    #[must_use]
    pub const fn short_credentials(&self) -> ShortCredentials {
        self.short_credentials
    }

    /// Returns the request for a part, or the error of a signer.
    pub(crate) fn request_to_sign(&self, part: &PartToSign) -> Result<PresignRequest, Unsupported> {
        let unsupported =
            |error| Unsupported::new("upsign-core", format!("the headers of every part: {error}"));
        self.request(part).map_err(unsupported)
    }
}

/// The presigned URLs of the parts of one multipart upload.
///
/// A client sends each part with a `PUT` to its URL, with the headers of [`PresignParts::request`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedParts {
    /// The number of each part and its URL, in the order of the request. Treat the URLs as secrets.
    pub urls: Vec<(PartNumber, PresignedUrl)>,
    /// The instant from which S3 rejects the URLs: of the first one that expires, if they differ.
    pub expires_at: Timestamp,
    /// Whether S3 may reject the URLs before `expires_at`.
    pub expiry_precision: ExpiryPrecision,
}

impl PresignedParts {
    /// Creates the result for `parts`, which are signed at the time `at`, still without URLs. Backends call this, and then
    /// [`push`](Self::push) for each part.
    ///
    /// The expiry is [`Exact`](ExpiryPrecision::Exact) until [`with_precision_of`](Self::with_precision_of) changes it.
    #[must_use]
    pub fn new(parts: &PresignParts, at: Timestamp) -> Self {
        Self {
            urls: Vec::with_capacity(parts.parts.len()),
            expires_at: at.saturating_add(u64::from(parts.expires_in.as_secs())),
            expiry_precision: ExpiryPrecision::Exact,
        }
    }

    /// Appends the URL of a part.
    pub fn push(&mut self, number: PartNumber, url: String) {
        self.urls.push((number, PresignedUrl::new(url)));
    }

    /// Sets the precision of the expiry to that of the credentials that signed the requests.
    #[must_use]
    pub fn with_precision_of(self, credentials: &Credentials) -> Self {
        Self { expiry_precision: ExpiryPrecision::of(credentials), ..self }
    }

    /// Appends a part that was signed for itself. The earliest expiry applies to all.
    pub(crate) fn push_signed(&mut self, number: PartNumber, presigned: PresignedRequest) {
        self.expires_at = self.expires_at.min(presigned.expires_at);
        if presigned.expiry_precision != ExpiryPrecision::Exact {
            self.expiry_precision = presigned.expiry_precision;
        }
        self.urls.push((number, presigned.url));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(parts: impl IntoIterator<Item = PartToSign>) -> PresignParts {
        let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
        let expires_in = ExpiresIn::from_secs(900).unwrap();
        PresignParts::new(target, "k".parse().unwrap(), "id".parse().unwrap(), expires_in, parts)
    }

    #[test]
    fn headers_without_a_checksum_are_rejected() {
        for header in [
            "",
            "content-type",
            "content-length",
            "Content-MD5",
            "x-amz-checksum-",
            "x-amz-checksum-CRC32",
            "x-amz-checksum-algorithm",
            "x-amz-checksum-type",
            "x-amz-checksum-mode",
            "x-amz-meta-checksum",
        ] {
            assert_eq!(PartChecksum::new(header, "AA=="), Err(InvalidPartChecksum::Header(header)));
        }
        for header in
            ["content-md5", "x-amz-checksum-crc64nvme", "x-amz-checksum-sha512", "x-amz-checksum-md5"]
        {
            assert!(PartChecksum::new(header, "AA==").is_ok(), "{header}");
        }
    }

    #[test]
    fn values_that_are_not_base64_are_rejected() {
        let long = "A".repeat(MAX_CHECKSUM_LEN + 1);
        for value in ["", " ", "AA==\n", "AA\r\nx: y", "é", "AA-_", long.as_str()] {
            assert_eq!(PartChecksum::new("content-md5", value), Err(InvalidPartChecksum::Value), "{value:?}");
        }
        assert!(PartChecksum::new("content-md5", &"A".repeat(MAX_CHECKSUM_LEN)).is_ok());
    }

    #[test]
    fn headers_of_one_part_cannot_be_those_of_every_part() {
        for name in ["content-length", "content-md5"] {
            let mut headers = SignedHeaders::new();
            headers.insert(name, "1").unwrap();
            let checksum = PartChecksum::new("content-md5", "AA==").unwrap();
            let part = PartToSign::new(PartNumber::MIN, 1).with_checksum(checksum);
            let request = parts([]).with_headers(headers).request(&part);
            assert_eq!(request, Err(InvalidHeader::Repeated(name.into())));
        }
    }
}
