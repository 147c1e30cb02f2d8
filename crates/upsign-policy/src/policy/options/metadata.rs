//! Options for user-defined metadata.

use crate::encoding::token::is_token;
use crate::object::metadata::Metadata;
use crate::policy::error::InvalidUploadPolicy;

/// Options for the user-defined metadata of an object.
///
/// TOML keys: `metadata`, `client_metadata`.
///
/// ```
/// use upsign_policy::{ClientMetadata, Metadata, MetadataOptions};
/// let mut fixed = Metadata::new();
/// fixed.insert("app", "gallery")?;
/// let metadata = MetadataOptions::new().fixed(fixed).client(ClientMetadata::Named(["title".into()].into()));
/// # Ok::<(), upsign_policy::InvalidMetadata>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataOptions {
    pub(in crate::policy) fixed: Metadata,
    pub(in crate::policy) client: ClientMetadata,
}

/// Which user-defined metadata a client may set.
///
/// [`MetadataOptions`] has an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientMetadata {
    /// Clients cannot set metadata.
    #[default]
    None,
    /// Entries with these names, lower-case and without `x-amz-meta-`.
    Named(Box<[Box<str>]>),
    /// Entries with any name.
    Any,
}

impl MetadataOptions {
    /// Returns the defaults: no metadata, and clients may not set any.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the metadata that every object gets. Default: none.
    #[must_use]
    pub fn fixed(mut self, metadata: Metadata) -> Self {
        self.fixed = metadata;
        self
    }

    /// Sets which metadata a client may set. Default: [`ClientMetadata::None`].
    #[must_use]
    pub fn client(mut self, client: ClientMetadata) -> Self {
        self.client = client;
        self
    }

    /// Checks the names. `reserved` are the names that the policy itself uses: for the kept file name and the claim.
    pub(in crate::policy) fn check(&self, reserved: &[&str]) -> Result<(), InvalidUploadPolicy> {
        let taken = |name: &str| reserved.contains(&name) || self.fixed.get(name).is_some();
        if let Some(reserved) = reserved.iter().find(|name| self.fixed.get(name).is_some()) {
            return Err(InvalidUploadPolicy::DuplicateMetadataName((*reserved).into()));
        }
        let ClientMetadata::Named(names) = &self.client else { return Ok(()) };
        for (index, name) in names.iter().enumerate() {
            let lower_case = name.to_ascii_lowercase() == **name;
            if !is_token(name)
                || name.len() > Metadata::MAX_NAME
                || !lower_case
                || name.starts_with("x-amz-meta-")
            {
                return Err(InvalidUploadPolicy::InvalidClientMetadataName);
            }
            if taken(name) || names.iter().skip(index + 1).any(|other| other == name) {
                return Err(InvalidUploadPolicy::DuplicateMetadataName(name.clone()));
            }
        }
        Ok(())
    }
}
