//! The request of a client.

use upsign_core::Pairs;

/// A request for an upload with the values that the client sent. Nothing is checked yet.
///
/// Either the request had no body ([`bodyless`](Self::bodyless)), or it describes the file ([`described`](Self::described)).
///
/// ```
/// use upsign_policy::UploadRequest;
/// let bodyless = UploadRequest::bodyless();
/// let described = UploadRequest::described().with_content_type("image/jpeg").with_content_length(123_456);
/// assert!(bodyless.is_bodyless() && !described.is_bodyless());
/// assert_eq!(described.with_id("articleId", "3f2504e0-4f89-41d3-9a0c-0305e82c3301").id("articleId").map(str::len), Some(36));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    pub(crate) bodyless: bool,
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) content_length: Option<u64>,
    pub(crate) file_name: Option<Box<str>>,
    pub(crate) checksum: Option<(Box<str>, Box<str>)>,
    pub(crate) checksum_algorithm: Option<Box<str>>,
    pub(crate) multipart: Option<bool>,
    pub(crate) free_parts: bool,
    pub(crate) unbound_size: bool,
    pub(crate) content_disposition: Option<Box<str>>,
    pub(crate) if_match: Option<Box<str>>,
    pub(crate) metadata: Vec<(Box<str>, Box<str>)>,
    pub(crate) tags: Vec<(Box<str>, Box<str>)>,
    pub(crate) ids: Vec<(Box<str>, Box<str>)>,
}

impl UploadRequest {
    /// Creates a request without a body, which does not describe the file.
    #[must_use]
    pub fn bodyless() -> Self {
        Self { bodyless: true, ..Self::described() }
    }

    /// Creates a request with a body that does not set any member yet.
    #[must_use]
    pub const fn described() -> Self {
        Self {
            bodyless: false,
            content_type: None,
            content_length: None,
            file_name: None,
            checksum: None,
            checksum_algorithm: None,
            multipart: None,
            free_parts: false,
            unbound_size: false,
            content_disposition: None,
            if_match: None,
            metadata: Vec::new(),
            tags: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// Sets the content type. Like every other `with_…` method, it turns a bodyless request into a described one.
    #[must_use]
    pub fn with_content_type(self, content_type: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, content_type: Some(content_type.into()), ..self }
    }

    /// Sets the exact size of the file in bytes.
    #[must_use]
    pub fn with_content_length(self, bytes: u64) -> Self {
        Self { bodyless: false, content_length: Some(bytes), ..self }
    }

    /// Sets the name of the file.
    #[must_use]
    pub fn with_file_name(self, name: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, file_name: Some(name.into()), ..self }
    }

    /// Sets the checksum of the file: the name of the algorithm, for example `sha256`, and the value in base64.
    #[must_use]
    pub fn with_checksum(self, algorithm: impl Into<Box<str>>, base64: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, checksum: Some((algorithm.into(), base64.into())), ..self }
    }

    /// Sets the algorithm of the checksums that the client will send if the file is uploaded in parts, for example `crc64nvme`.
    /// A policy that uploads no file in parts ignores it.
    #[must_use]
    pub fn with_checksum_algorithm(self, algorithm: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, checksum_algorithm: Some(algorithm.into()), ..self }
    }

    /// Sets whether the client wants to upload the file in parts. Without it, the policy decides by the size.
    #[must_use]
    pub fn with_multipart(self, multipart: bool) -> Self {
        Self { bodyless: false, multipart: Some(multipart), ..self }
    }

    /// Has a file of unknown size uploaded in parts of any length, for adapters of clients that state neither the size of the file nor
    /// that of a part. It has no effect together with [`with_content_length`](Self::with_content_length).
    ///
    /// The URLs of such parts bind no length, so the store can hold more than the maximum size until the upload is completed. The
    /// service adds up the parts before it completes the upload, and aborts one that is too large.
    #[must_use]
    pub fn with_free_parts(self) -> Self {
        Self { bodyless: false, free_parts: true, ..self }
    }

    /// Accepts a `PUT` that binds no size, for adapters of clients that state none. It has no effect unless the policy permits that
    /// ([`Unbounded::Danger`](crate::Unbounded::Danger)).
    #[must_use]
    pub fn with_unbound_size(self) -> Self {
        Self { bodyless: false, unbound_size: true, ..self }
    }

    /// Sets the `Content-Disposition` that the client requests.
    #[must_use]
    pub fn with_content_disposition(self, text: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, content_disposition: Some(text.into()), ..self }
    }

    /// Sets the ETag of the object that the upload replaces, with or without its quotes. The policy must
    /// [allow that](crate::Replace::IfMatch).
    #[must_use]
    pub fn with_if_match(self, etag: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, if_match: Some(etag.into()), ..self }
    }

    /// Adds an entry of user-defined metadata. `name` does not include `x-amz-meta-`.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.metadata.push((name.into(), value.into()));
        Self { bodyless: false, ..self }
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.tags.push((key.into(), value.into()));
        Self { bodyless: false, ..self }
    }

    /// Adds an id that the client supplies: the wire name, for example `articleId`, and a UUID. The policy must
    /// [allow that](crate::KeyOptions::client_may_supply).
    #[must_use]
    pub fn with_id(mut self, wire_name: impl Into<Box<str>>, uuid: impl Into<Box<str>>) -> Self {
        self.ids.push((wire_name.into(), uuid.into()));
        Self { bodyless: false, ..self }
    }

    /// Returns whether the request had no body.
    #[must_use]
    pub const fn is_bodyless(&self) -> bool {
        self.bodyless
    }

    /// Returns the content type as the client sent it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns the size of the file in bytes as the client sent it.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// Returns the file name as the client sent it.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Returns the ETag of the object to replace as the client sent it.
    #[must_use]
    pub fn if_match(&self) -> Option<&str> {
        self.if_match.as_deref()
    }

    /// Returns an id as the client sent it, given by its wire name, for example `articleId`. It need not be a UUID.
    ///
    /// If the client sent the id more than once, the first value is returned; the policy denies such a request.
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<&str> {
        self.ids().find(|(name, _)| *name == wire_name).map(|(_, value)| value)
    }

    /// Returns the wire names and the values of the ids as the client sent them, in the order of the request.
    pub fn ids(&self) -> Pairs<'_> {
        Pairs::from(self.ids.as_slice())
    }
}
