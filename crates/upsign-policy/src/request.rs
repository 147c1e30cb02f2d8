//! What a caller asks for.

/// One request to upload, as the caller stated it. Texts are as they came; nothing is checked yet.
///
/// ```
/// use upsign_policy::UploadRequest;
/// let nothing_said = UploadRequest::bodyless();
/// let described = UploadRequest::described().with_content_type("image/jpeg").with_content_length(123_456);
/// assert!(nothing_said.is_bodyless() && !described.is_bodyless());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    pub(crate) bodyless: bool,
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) content_length: Option<u64>,
    pub(crate) file_name: Option<Box<str>>,
    pub(crate) checksum: Option<(Box<str>, Box<str>)>,
    pub(crate) content_disposition: Option<Box<str>>,
    pub(crate) metadata: Vec<(Box<str>, Box<str>)>,
    pub(crate) tags: Vec<(Box<str>, Box<str>)>,
    pub(crate) ids: Vec<(Box<str>, Box<str>)>,
}

impl UploadRequest {
    /// A request that says nothing about the file: it had no body at all.
    #[must_use]
    pub fn bodyless() -> Self {
        Self { bodyless: true, ..Self::described() }
    }

    /// A request that had a body, with nothing in it yet.
    #[must_use]
    pub const fn described() -> Self {
        Self {
            bodyless: false,
            content_type: None,
            content_length: None,
            file_name: None,
            checksum: None,
            content_disposition: None,
            metadata: Vec::new(),
            tags: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// The same with a content type. This and every other statement makes the request a described one.
    #[must_use]
    pub fn with_content_type(self, content_type: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, content_type: Some(content_type.into()), ..self }
    }

    /// The same with the exact size of the file in bytes.
    #[must_use]
    pub fn with_content_length(self, bytes: u64) -> Self {
        Self { bodyless: false, content_length: Some(bytes), ..self }
    }

    /// The same with the name of the file.
    #[must_use]
    pub fn with_file_name(self, name: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, file_name: Some(name.into()), ..self }
    }

    /// The same with a checksum: the algorithm's name, as in `sha256`, and the value in base64.
    #[must_use]
    pub fn with_checksum(self, algorithm: impl Into<Box<str>>, base64: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, checksum: Some((algorithm.into(), base64.into())), ..self }
    }

    /// The same with a wish for `Content-Disposition`.
    #[must_use]
    pub fn with_content_disposition(self, text: impl Into<Box<str>>) -> Self {
        Self { bodyless: false, content_disposition: Some(text.into()), ..self }
    }

    /// The same with one more entry of user-defined metadata, the name without `x-amz-meta-`.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.metadata.push((name.into(), value.into()));
        Self { bodyless: false, ..self }
    }

    /// The same with one more tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.tags.push((key.into(), value.into()));
        Self { bodyless: false, ..self }
    }

    /// The same, naming an existing id to go under: the wire name, as in `articleId`, and a UUID. Only a policy that
    /// [lets clients do so](crate::UploadPolicyBuilder::client_may_supply) takes it.
    #[must_use]
    pub fn with_id(mut self, wire_name: impl Into<Box<str>>, uuid: impl Into<Box<str>>) -> Self {
        self.ids.push((wire_name.into(), uuid.into()));
        Self { bodyless: false, ..self }
    }

    /// Whether the request said nothing about the file.
    #[must_use]
    pub const fn is_bodyless(&self) -> bool {
        self.bodyless
    }

    /// The content type as stated.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The size as stated.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// The file's name as stated.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }
}
