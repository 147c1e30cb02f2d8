//! The key of an object that is found by its content.

use upsign_core::{Identity, ObjectKey, Timestamp};
use uuid::Uuid;

use crate::content::content_type::ContentType;
use crate::decision::denied::Denied;
use crate::key::ids::Ids;
use crate::key::placeholder::Placeholder;
use crate::object::checksum::Checksum;
use crate::policy::UploadPolicy;
use crate::policy::check::CheckedRequest;

impl UploadPolicy {
    /// Returns whether the key of an object follows from the caller and from the SHA-256 of the content alone, so that the object can
    /// be found again without anything that was kept of its upload.
    ///
    /// The template then contains `{sha256}` and, besides literal text, only `{issuer}`, `{sub}`, `{group}` and `{claim:NAME}`.
    ///
    /// ```
    /// use upsign_policy::{Bodyless, ChecksumAlgorithm, Checksums, Target, UploadPolicy};
    /// # let target = Target::aws("lfs-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let policy = |key: &str| {
    ///     UploadPolicy::builder(target.clone(), key.parse().unwrap(), Bodyless::Refuse)
    ///         .content_types(["application/octet-stream"])
    ///         .max_size(1 << 30)
    ///         .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
    ///         .build()
    /// };
    /// assert!(policy("lfs/{sub}/{sha256}")?.finds_by_content());
    /// assert!(!policy("lfs/{sub}/{date}/{sha256}")?.finds_by_content());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn finds_by_content(&self) -> bool {
        let is_known = |placeholder: &Placeholder| {
            matches!(
                placeholder,
                Placeholder::Sha256
                    | Placeholder::Issuer
                    | Placeholder::Subject
                    | Placeholder::Group
                    | Placeholder::Claim(_)
            )
        };
        self.template().uses(&Placeholder::Sha256) && self.template().placeholders().all(is_known)
    }

    /// Returns the final key of the object of `caller` with this content, or `None` unless the policy
    /// [finds objects by their content](Self::finds_by_content). `sha256` is a checksum of that algorithm.
    ///
    /// It is the key of every grant for this caller and content: nothing of a request but its checksum is part of it.
    ///
    /// # Errors
    /// Returns [`Denied`] if the caller lacks a value of the template, such as a claim or its one group, or if the key is too long.
    pub fn content_key(&self, caller: &Identity, sha256: &Checksum) -> Result<Option<ObjectKey>, Denied> {
        if !self.finds_by_content() {
            return Ok(None);
        }
        let checked = CheckedRequest {
            // Neither the type nor the ids are part of such a key.
            content_type: ContentType::octet_stream(),
            content_length: None,
            file_name: None,
            extension: None,
            checksum: Some(sha256.clone()),
            parts: None,
            disposition: None,
            precondition: None,
            metadata: self.metadata.fixed.clone(),
            tags: self.tags.fixed.clone(),
        };
        let ids = Ids::new(Timestamp::UNIX_EPOCH, Uuid::nil());
        let (final_key, _) = self.keys(caller, &ids, &checked, None)?;
        Ok(Some(final_key))
    }
}
