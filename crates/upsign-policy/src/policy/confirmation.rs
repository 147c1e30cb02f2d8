//! The checks of what happens after an upload, and the keys of objects that are not confirmed yet.

use upsign_core::{InvalidHeader, IssuerName, ObjectKey, SignedHeaders, Timestamp};

use crate::content::size::SizeLimit;
use crate::key::placeholder::Placeholder;
use crate::key::sealed::SealKeys;
use crate::key::template::{KeyParts, KeyTemplate};
use crate::object::object_field::ObjectField;
use crate::object::tags::Tags;
use crate::policy::UploadPolicy;
use crate::policy::error::InvalidUploadPolicy;
use crate::policy::multipart::is_of_every_call;
use crate::policy::options::confirmation::{ConfirmationOptions, Gate, Inspection};
use crate::policy::options::method::Bodyless;
use crate::policy::options::replace::Replace;

impl UploadPolicy {
    /// Returns what happens after the bytes of an upload have arrived.
    #[must_use]
    pub const fn confirmation(&self) -> &ConfirmationOptions {
        &self.confirmation
    }

    /// Returns the template of the keys to which clients upload, if objects are copied to their final keys
    /// ([`template`](Self::template)) once they are confirmed ([`Gate::Pending`]).
    #[must_use]
    pub const fn pending_template(&self) -> Option<&KeyTemplate> {
        match self.confirmation.gate() {
            Gate::Pending(template) => Some(template),
            Gate::None | Gate::Tag => None,
        }
    }

    /// Returns the template of the keys to which clients upload: the [`pending_template`](Self::pending_template), or
    /// [`template`](Self::template).
    #[must_use]
    pub const fn upload_template(&self) -> &KeyTemplate {
        match self.pending_template() {
            Some(pending) => pending,
            None => self.template(),
        }
    }

    /// Returns the templates that together have every key of an object that is not confirmed yet, as
    /// [`key_templates`](Self::key_templates) does for final keys. It is empty without [`Gate::Pending`].
    #[must_use]
    pub fn pending_templates(&self) -> Vec<KeyTemplate> {
        self.pending_template().map(|template| self.for_issuers(template)).unwrap_or_default()
    }

    /// Returns the folders of objects that are not confirmed yet, each with its last `/`. No final key is in one of them. It is
    /// empty without [`Gate::Pending`].
    #[must_use]
    pub fn pending_prefixes(&self) -> Vec<String> {
        let prefix = |template: &KeyTemplate| template.lifecycle_prefix().map(str::to_owned);
        self.pending_templates().iter().filter_map(prefix).collect()
    }

    /// Returns the ARNs, with wildcards, of the objects of each of the [`pending_templates`](Self::pending_templates).
    #[must_use]
    pub fn pending_object_arns(&self) -> Vec<String> {
        let arn = |template: &KeyTemplate| self.target.object_arn(&template.arn_pattern());
        self.pending_templates().iter().map(arn).collect()
    }

    /// Returns a folder of objects of this policy that are not confirmed and in which a final key of `other` could be, with the
    /// literal text with which that key begins. Returns `None` if the folders do not overlap, or if the policies have different
    /// buckets.
    ///
    /// A service has no two such routes: readers of the one would read what the other has not confirmed, and the lifecycle rule of
    /// the one would remove objects of the other. [`build`](crate::UploadPolicyBuilder::build) checks a policy with itself.
    ///
    /// ```
    /// use upsign_policy::{Bodyless, ConfirmationOptions, Gate, Target, UploadPolicy};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let policy = |key: &str| -> Result<_, Box<dyn std::error::Error>> {
    /// #     let builder = UploadPolicy::builder(target.clone(), key.parse()?, Bodyless::Refuse);
    /// #     Ok(builder.content_types(["image/jpeg"]).max_size(10 << 20))
    /// # };
    /// let gate = Gate::Pending("pending/{id}".parse()?);
    /// let photos = policy("photos/{id}")?.confirmation(ConfirmationOptions::new().with_confirm(true).with_gate(gate)).build()?;
    /// let avatars = policy("pending/avatars/{id}")?.build()?;
    /// assert_eq!(photos.pending_overlap(&avatars), Some(("pending/".into(), "pending/avatars/".into())));
    /// assert_eq!(avatars.pending_overlap(&photos), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pending_overlap(&self, other: &Self) -> Option<(String, String)> {
        let same_bucket = self.target.resource() == other.target.resource()
            && self.target.endpoint_url() == other.target.endpoint_url();
        if !same_bucket || self.pending_template().is_none() {
            return None;
        }
        let prefixes = other.key_prefixes();
        self.pending_prefixes().into_iter().find_map(|folder| {
            let prefix = prefixes.iter().find(|prefix| overlap(&folder, prefix))?;
            Some((folder, prefix.clone()))
        })
    }

    /// Parses a key of this policy back: the one to which a client uploaded, or the final one. Returns `None` if no upload of this
    /// policy has this key.
    ///
    /// Nothing is verified: anybody who may write to the bucket can make a key of this form.
    #[must_use]
    pub fn read_key(&self, key: &str) -> Option<ReadKey> {
        if let Some(pending) = self.pending_template()
            && let Ok(parts) = pending.parse_key(key)
        {
            return self.of_parts(parts, true);
        }
        self.of_parts(self.template.parse_key(key).ok()?, false)
    }

    fn of_parts(&self, parts: KeyParts, is_pending: bool) -> Option<ReadKey> {
        // An issuer that is not listed cannot upload, so no key of this policy names it.
        let is_allowed = |name: &IssuerName| self.issuers().is_none_or(|listed| listed.contains(name));
        if !parts.issuer.as_ref().is_none_or(is_allowed) {
            return None;
        }
        let key = self.template.key_of(&parts)?;
        let upload_key = self.upload_template().key_of(&parts)?;
        Some(ReadKey { parts, is_pending, key, upload_key })
    }

    /// Returns the headers of the `CopyObject` that gives an object its final key at the time `at`, except those that name the
    /// source and the condition. It is empty without [`Gate::Pending`].
    ///
    /// They contain the [`call_headers`](Self::call_headers) and every setting that S3 does not copy with the object: the ACL, the
    /// storage class, the website redirect, the lock and the encryption.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    ///
    /// # Errors
    /// Returns [`InvalidHeader`] if a header cannot be signed, which [`build`](crate::UploadPolicyBuilder::build) rules out.
    pub fn promotion_headers(&self, at: Timestamp) -> Result<SignedHeaders, InvalidHeader> {
        let mut headers = self.fixed_copy_headers.clone();
        if self.pending_template().is_some() {
            self.lock.add_retain_until(&mut headers, at)?;
        }
        Ok(headers)
    }

    /// Divides the headers of an object into those of the upload and those of the copy to its final key.
    pub(super) fn divided_by_gate(
        &self,
        headers: SignedHeaders,
    ) -> Result<(SignedHeaders, SignedHeaders), InvalidHeader> {
        let (mut of_upload, mut of_copy) = (SignedHeaders::new(), SignedHeaders::new());
        if self.pending_template().is_none() {
            return Ok((headers, of_copy));
        }
        for (name, value) in &headers {
            let field = ObjectField::of_header(name);
            let is_only_of_copy = field.is_some_and(ObjectField::is_only_of_copy);
            if !is_only_of_copy {
                of_upload.insert(name, value)?;
            }
            if is_only_of_copy || field.is_some_and(ObjectField::is_encryption) || is_of_every_call(name) {
                of_copy.insert(name, value)?;
            }
            // S3 compares the owner of the source's bucket on its own.
            if field == Some(ObjectField::ExpectedBucketOwner) {
                of_copy.insert("x-amz-source-expected-bucket-owner", value)?;
            }
        }
        Ok((of_upload, of_copy))
    }

    /// Returns the templates of one issuer each if the template contains `{issuer}` and the issuers are known.
    pub(super) fn for_issuers(&self, template: &KeyTemplate) -> Vec<KeyTemplate> {
        let of = |issuers: &[IssuerName]| issuers.iter().map(|name| template.for_issuer(name)).collect();
        match self.issuers() {
            Some(issuers) if template.contains_issuer() => of(issuers),
            _ => vec![template.clone()],
        }
    }

    /// Checks that the options need each other and that the gate holds.
    pub(super) fn check_confirmation(&self) -> Result<(), InvalidUploadPolicy> {
        let options = &self.confirmation;
        let needs_confirm = [
            ("pending_key", matches!(options.gate(), Gate::Pending(_))),
            ("gate", *options.gate() == Gate::Tag),
            ("inspect", options.inspection() != Inspection::None),
            ("claim", options.claim()),
            ("delete", options.delete()),
        ];
        if let Some((key, _)) = needs_confirm.into_iter().find(|(_, is_set)| *is_set && !options.confirm()) {
            return Err(InvalidUploadPolicy::OnlyConfirmed(key));
        }
        if options.inspection() != Inspection::None && *options.gate() == Gate::None {
            return Err(InvalidUploadPolicy::InspectionWithoutGate);
        }
        // A client that cannot describe its file cannot send headers that it learns from the grant either.
        if options.claim() && self.bodyless == Bodyless::Allow {
            return Err(InvalidUploadPolicy::BodylessClaim);
        }
        match options.gate() {
            Gate::None => Ok(()),
            Gate::Pending(pending) => self.check_pending(pending),
            Gate::Tag => self.check_tag_gate(),
        }
    }

    fn check_pending(&self, pending: &KeyTemplate) -> Result<(), InvalidUploadPolicy> {
        // `CopyObject` copies at most 5 GiB: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
        if self.size.max() > SizeLimit::MAX_PUT {
            return Err(InvalidUploadPolicy::PendingTooLarge(self.size.max()));
        }
        if !self.template.has_upload_id() {
            return Err(InvalidUploadPolicy::PendingWithoutId);
        }
        if self.replace == Replace::IfMatch {
            return Err(InvalidUploadPolicy::PendingIfMatch);
        }
        if let Some(missing) = first_missing(&self.template, pending) {
            return Err(InvalidUploadPolicy::PendingLacks(missing));
        }
        if let Some(extra) = first_missing(pending, &self.template) {
            return Err(InvalidUploadPolicy::PendingAdds(extra));
        }
        let extension = self.content.shortest_extension();
        let shortest = pending.min_len_with_extension(extension);
        if shortest > ObjectKey::MAX_BYTES {
            return Err(InvalidUploadPolicy::KeyTooLong(shortest));
        }
        self.check_prefixes()
    }

    /// Checks that no final key can be in the folder of an object that is not confirmed, and no such object among final keys.
    fn check_prefixes(&self) -> Result<(), InvalidUploadPolicy> {
        let finals = self.key_templates();
        for pending in self.pending_templates() {
            let Some(folder) = pending.lifecycle_prefix() else {
                return Err(InvalidUploadPolicy::PendingWithoutFolder);
            };
            let overlaps = |key: &&KeyTemplate| overlap(folder, key.literal_prefix());
            if let Some(key) = finals.iter().find(overlaps) {
                let (pending, key) = (folder.into(), key.literal_prefix().into());
                return Err(InvalidUploadPolicy::PendingOverlaps { pending, key });
            }
        }
        Ok(())
    }

    fn check_tag_gate(&self) -> Result<(), InvalidUploadPolicy> {
        // A client that may set tags could set the one that lets readers in.
        if self.tags.client {
            return Err(InvalidUploadPolicy::TagGateWithClientTags);
        }
        let is_taken = self.tags.fixed.iter().any(|(key, _)| key == Gate::TAG);
        if is_taken || self.tags.fixed.iter().len() >= Tags::MAX {
            return Err(InvalidUploadPolicy::NoRoomForGateTag);
        }
        Ok(())
    }
}

/// Returns whether a key can begin with both texts.
///
/// Both readers' permissions and the lifecycle rule that removes what is never confirmed are limited by a prefix. A key begins
/// with two texts only if one of them begins with the other.
fn overlap(folder: &str, prefix: &str) -> bool {
    prefix.starts_with(folder) || folder.starts_with(prefix)
}

/// A key of a policy, parsed back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadKey {
    /// The values in the key.
    pub parts: KeyParts,
    /// Whether the key is one to which clients upload, and not the final one. It is `false` without [`Gate::Pending`].
    pub is_pending: bool,
    /// The final key of the upload.
    pub key: ObjectKey,
    /// The key to which the client uploads.
    pub upload_key: ObjectKey,
}

impl ReadKey {
    /// Returns whether `seal` made the sealed id of this key, with this bucket and for the whole final key. It is `false` without
    /// `{id:sealed}`.
    #[must_use]
    pub fn is_sealed_by(&self, policy: &UploadPolicy, seal: &dyn SealKeys) -> bool {
        let Some(sealed) = self.parts.sealed else { return false };
        let parts = KeyParts { sealed: Some(sealed.without_mac()), ..self.parts.clone() };
        let Some(unsealed_key) = policy.template().key_of(&parts) else { return false };
        seal.verifies(policy.target().resource().as_str(), unsealed_key.as_str(), &sealed.mac)
    }
}

/// Returns the first placeholder of `from` that `other` does not contain.
fn first_missing(from: &KeyTemplate, other: &KeyTemplate) -> Option<Placeholder> {
    from.placeholders().find(|placeholder| !other.uses(placeholder)).cloned()
}
