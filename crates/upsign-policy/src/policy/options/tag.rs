//! Options for tags.

use crate::object::tags::Tags;
use crate::policy::error::InvalidUploadPolicy;

/// Options for the tags of an object.
///
/// TOML keys: `tags`, `client_tags`.
///
/// ```
/// use upsign_policy::{TagOptions, Tags};
/// let mut fixed = Tags::new();
/// fixed.insert("state", "unscanned")?;
/// let tags = TagOptions::new().fixed(fixed).client(true);
/// # Ok::<(), upsign_policy::InvalidTag>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagOptions {
    pub(in crate::policy) fixed: Tags,
    pub(in crate::policy) client: bool,
}

impl TagOptions {
    /// Returns the defaults: no tags, and clients may not set any.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the tags that every object gets. Default: none.
    #[must_use]
    pub fn fixed(mut self, tags: Tags) -> Self {
        self.fixed = tags;
        self
    }

    /// Sets whether a client may add tags, up to the 10 that S3 allows per object. Default: `false`.
    #[must_use]
    pub const fn client(mut self, allowed: bool) -> Self {
        self.client = allowed;
        self
    }

    pub(in crate::policy) fn check(&self) -> Result<(), InvalidUploadPolicy> {
        if self.client && self.fixed.iter().len() >= Tags::MAX {
            return Err(InvalidUploadPolicy::NoRoomForTags(Tags::MAX));
        }
        Ok(())
    }
}
