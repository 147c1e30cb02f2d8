//! Options for what happens after the bytes of an upload have arrived.

use upsign_core::ExpiresIn;

use crate::key::template::KeyTemplate;
use crate::multipart::resume_window::ResumeWindow;

/// Whether the content of an object is inspected before it is confirmed.
///
/// TOML key: `inspect`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Inspection {
    /// No: the size, the type, the checksum and the encryption are compared, not the content.
    #[default]
    None,
    /// The first and the last bytes must be those of a file of the signed type.
    Magic,
    /// The inspector of the application decides, for example a virus scanner.
    Hook,
}

impl Inspection {
    /// Every kind of inspection.
    pub const ALL: [Self; 3] = [Self::None, Self::Magic, Self::Hook];

    /// Returns the value in `upsign.toml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Magic => "magic",
            Self::Hook => "hook",
        }
    }
}

/// What keeps readers from an object until it is confirmed.
///
/// TOML keys: `pending_key`, `gate`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gate {
    /// Nothing: the object can be read as soon as it is stored.
    #[default]
    None,
    /// Uploads are stored under keys of this template, which nobody may read. Confirming one copies it to its final key.
    ///
    /// The template must have the placeholders of the final key, so that each of the two keys gives the other, and a literal
    /// folder that no final key can be in.
    Pending(KeyTemplate),
    /// The bucket policy denies reading objects without the tag `upsign=confirmed`, which confirming an object sets.
    Tag,
}

impl Gate {
    /// The key of the tag of [`Gate::Tag`].
    pub const TAG: &'static str = "upsign";
}

/// Options for what happens after the bytes of an upload have arrived: whether clients confirm it, what keeps readers from it
/// until then, and who may delete it.
///
/// TOML keys: `confirm`, `confirm_within`, `inspect`, `pending_key`, `gate`, `claim`, `delete`, `read_expires_in`.
///
/// ```
/// use upsign_policy::{Bodyless, ConfirmationOptions, Gate, Inspection, Target, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let policy = UploadPolicy::builder(target, "articles/{article_id}/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg"])
///     .max_size(10 << 20)
///     .confirmation(
///         ConfirmationOptions::new()
///             .with_confirm(true)
///             .with_gate(Gate::Pending("pending/{article_id}/{id}.{ext}".parse()?))
///             .with_inspection(Inspection::Magic),
///     )
///     .build()?;
/// assert_eq!(policy.pending_template().unwrap(), "pending/{article_id}/{id}.{ext}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmationOptions {
    confirm: bool,
    confirm_within: ResumeWindow,
    inspection: Inspection,
    gate: Gate,
    claim: bool,
    delete: bool,
    delete_if_match: bool,
    read_expires_in: ExpiresIn,
}

/// 5 minutes: enough to start a download, and short enough that a URL in a log or a history is soon worthless.
const DEFAULT_READ_EXPIRY: ExpiresIn = match ExpiresIn::from_secs(300) {
    Ok(expiry) => expiry,
    Err(_) => ExpiresIn::MAX,
};

impl ConfirmationOptions {
    /// Returns the defaults: uploads are not confirmed, and everything else is off. A client has 24 hours to confirm, and a URL
    /// to read is valid for 5 minutes.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            confirm: false,
            confirm_within: ResumeWindow::DEFAULT,
            inspection: Inspection::None,
            gate: Gate::None,
            claim: false,
            delete: false,
            delete_if_match: false,
            read_expires_in: DEFAULT_READ_EXPIRY,
        }
    }

    /// Sets whether clients can confirm their uploads. Every grant then has an upload token. Default: `false`.
    #[must_use]
    pub const fn with_confirm(mut self, confirm: bool) -> Self {
        self.confirm = confirm;
        self
    }

    /// Sets how long after its grant expires an upload with one request can be confirmed. A multipart upload is confirmed within
    /// the time in which it can be continued. Default: 24 hours.
    #[must_use]
    pub const fn with_confirm_within(mut self, window: ResumeWindow) -> Self {
        self.confirm_within = window;
        self
    }

    /// Sets whether the content is inspected. It needs a [`Gate`], because anybody could read the object before it is inspected.
    /// Default: [`Inspection::None`].
    #[must_use]
    pub const fn with_inspection(mut self, inspection: Inspection) -> Self {
        self.inspection = inspection;
        self
    }

    /// Sets what keeps readers from an object until it is confirmed. Default: [`Gate::None`].
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Sets whether each object states what was granted, in the metadata `x-amz-meta-upsign` with a message authentication code.
    /// A consumer of events can then confirm an object without its upload token. Default: `false`.
    ///
    /// The claim takes up to [`ConfirmationOptions::CLAIM_BYTES`] of the 2,048 bytes that S3 allows for metadata.
    #[must_use]
    pub const fn with_claim(mut self, claim: bool) -> Self {
        self.claim = claim;
        self
    }

    /// Sets whether callers may delete their uploads. Default: `false`.
    #[must_use]
    pub const fn with_delete(mut self, delete: bool) -> Self {
        self.delete = delete;
        self
    }

    /// Sets whether the store honors `If-Match` on `DeleteObject`
    /// ([`Capabilities::delete_if_match`](upsign_core::Capabilities::delete_if_match)). A receipt then deletes its object and no other
    /// in a bucket without versions too. Default: `false`: the object is looked at before, and one that is put to the key in between is
    /// deleted.
    #[must_use]
    pub const fn with_delete_if_match(mut self, delete_if_match: bool) -> Self {
        self.delete_if_match = delete_if_match;
        self
    }

    /// Sets how long a URL to read a confirmed object is valid. Default: 300 seconds.
    #[must_use]
    pub const fn with_read_expires_in(mut self, expires_in: ExpiresIn) -> Self {
        self.read_expires_in = expires_in;
        self
    }

    /// Returns whether clients can confirm their uploads.
    #[must_use]
    pub const fn confirm(&self) -> bool {
        self.confirm
    }

    /// Returns how long after its grant expires an upload with one request can be confirmed.
    #[must_use]
    pub const fn confirm_within(&self) -> ResumeWindow {
        self.confirm_within
    }

    /// Returns whether the content is inspected.
    #[must_use]
    pub const fn inspection(&self) -> Inspection {
        self.inspection
    }

    /// Returns what keeps readers from an object until it is confirmed.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns whether each object states what was granted.
    #[must_use]
    pub const fn claim(&self) -> bool {
        self.claim
    }

    /// Returns whether callers may delete their uploads.
    #[must_use]
    pub const fn delete(&self) -> bool {
        self.delete
    }

    /// Returns whether the store honors `If-Match` on `DeleteObject`.
    #[must_use]
    pub const fn delete_if_match(&self) -> bool {
        self.delete_if_match
    }

    /// Returns how long a URL to read a confirmed object is valid.
    #[must_use]
    pub const fn read_expires_in(&self) -> ExpiresIn {
        self.read_expires_in
    }
}

impl ConfirmationOptions {
    /// The maximum length of a claim in bytes, with its name: what remains of the 2,048 bytes of S3 is for other metadata.
    pub const CLAIM_BYTES: usize = 576;

    /// The name of the metadata with the claim, without `x-amz-meta-`.
    pub const CLAIM_NAME: &'static str = "upsign";
}

impl Default for ConfirmationOptions {
    fn default() -> Self {
        Self::new()
    }
}
