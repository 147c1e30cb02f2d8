//! The policy: its settings, and the decision about one request.

mod authorize;
mod builder;
mod check;
mod confirmation;
mod content_key;
mod coverage;
mod error;
mod form;
mod google;
mod multipart;
mod options;
mod samples;
mod settings;
mod warning;

use upsign_core::{ExpiresIn, Query, ShortCredentials, SignedHeaders, Target};

use crate::content::rules::ContentRules;
use crate::content::size::SizeLimit;
use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;
use crate::key::template::KeyTemplate;
use crate::multipart::checksum::MultipartChecksum;
use crate::object::checksum::Checksums;
use crate::object::content_headers::{BucketOwner, WebsiteRedirect};
use crate::object::disposition::Disposition;
use crate::object::encryption_context::EncryptionContext;
use crate::object::file_name::FileNames;
use crate::object::object_field::ObjectField;
use crate::object::retention::Retention;
use crate::object::storage::{CannedAcl, Encryption, StorageClass};
use crate::object::tags::Tags;

pub use builder::UploadPolicyBuilder;
pub use confirmation::ReadKey;
pub use error::InvalidUploadPolicy;
pub use options::confirmation::{ConfirmationOptions, Gate, Inspection};
pub use options::file_name::FileNameOptions;
pub use options::files::FilesOptions;
pub use options::form::{FormOptions, InvalidSuccessRedirect, SuccessRedirect, SuccessStatus};
pub use options::header::HeaderOptions;
pub use options::key::{KeyOptions, SharedContent};
pub use options::lifetime::LifetimeOptions;
pub use options::lock::LockOptions;
pub use options::metadata::{ClientMetadata, MetadataOptions};
pub use options::method::{Bodyless, UploadMethod};
pub use options::multipart::{MultipartMode, MultipartOptions};
pub use options::replace::Replace;
pub use options::size_bound::SizeBound;
pub use options::storage::StorageOptions;
pub use options::tag::TagOptions;
pub use options::unbounded::Unbounded;
pub use warning::PolicyWarning;

/// What callers may upload, and to which keys.
///
/// A policy makes decisions and does not sign: [`authorize`](UploadPolicy::authorize) turns a client's request into a
/// [`Permit`](crate::Permit), which contains the complete request to sign, or returns [`Denied`](crate::Denied). It is
/// immutable and can be shared between threads.
///
/// ```
/// use upsign_policy::{Bodyless, Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// let policy = UploadPolicy::builder(
///         Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
///         "articles/{article_id}/raw/{id}.{ext}".parse()?,
///         Bodyless::Refuse,
///     )
///     .content_types(["image/jpeg", "image/png", "image/webp"])
///     .max_size(10 << 20)
///     .build()?;
///
/// let caller = Identity::from_verified("https://issuer.example", "3f2504e0")?;
/// let mut byte = 0;
/// let ids = Ids::generate(Timestamp::UNIX_EPOCH, policy.id_names(), || { byte += 1; uuid_v4([byte; 16]) });
/// let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// let permit = policy.authorize(&caller, &image, &ids)?;
/// assert_eq!(
///     permit.key(),
///     "articles/02020202-0202-4202-8202-020202020202/raw/01010101-0101-4101-8101-010101010101.jpg",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPolicy {
    target: Target,
    template: KeyTemplate,
    bodyless: Bodyless,
    keys: KeyOptions,
    content: ContentRules,
    size: SizeLimit,
    size_bound: SizeBound,
    unbounded: Unbounded,
    /// The query parameters of every `PUT`.
    query: Query,
    method: UploadMethod,
    lifetime: LifetimeOptions,
    replace: Replace,
    /// Whether several uploads may have the same key, because replacing was chosen explicitly.
    may_share_keys: bool,
    checksums: Checksums,
    file_names: FileNameOptions,
    disposition: Disposition,
    storage: StorageOptions,
    headers: HeaderOptions,
    lock: LockOptions,
    form: FormOptions,
    multipart: Option<MultipartOptions>,
    confirmation: ConfirmationOptions,
    files: FilesOptions,
    metadata: MetadataOptions,
    tags: TagOptions,
    /// The headers of every described request that do not depend on the request.
    fixed_headers: SignedHeaders,
    /// The headers of the copy to a final key that do not depend on the time. It is empty without [`Gate::Pending`].
    fixed_copy_headers: SignedHeaders,
    signed_header_names: Box<[Box<str>]>,
    part_header_names: Box<[Box<str>]>,
}

impl UploadPolicy {
    /// Returns a builder. [`content_types`](UploadPolicyBuilder::content_types) and
    /// [`max_size`](UploadPolicyBuilder::max_size) must be set; everything else has a default.
    ///
    /// `target` is the bucket, `template` the layout of the keys. Choose [`Bodyless::Refuse`] unless you have clients that
    /// cannot describe the file: a `PUT` without a description binds neither the size nor protection against overwriting.
    pub fn builder(target: Target, template: KeyTemplate, bodyless: Bodyless) -> UploadPolicyBuilder {
        UploadPolicyBuilder::new(target, template, bodyless)
    }

    /// Returns the bucket and its endpoint.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the template of the keys.
    #[must_use]
    pub const fn template(&self) -> &KeyTemplate {
        &self.template
    }

    /// Returns the declared ids, for [`Ids::generate`](crate::Ids::generate).
    #[must_use]
    pub fn id_names(&self) -> &[IdName] {
        self.template.id_names()
    }

    /// Returns the allowed content types.
    #[must_use]
    pub const fn content_rules(&self) -> &ContentRules {
        &self.content
    }

    /// Returns the allowed sizes.
    #[must_use]
    pub const fn size(&self) -> SizeLimit {
        self.size
    }

    /// Returns the maximum size of an upload in bytes.
    #[must_use]
    pub const fn max_size(&self) -> u64 {
        self.size.max()
    }

    /// Returns what a `PUT` binds of the size.
    #[must_use]
    pub const fn size_bound(&self) -> SizeBound {
        self.size_bound
    }

    /// Returns whether a `PUT` may bind no size if the client cannot state one.
    #[must_use]
    pub const fn unbounded(&self) -> Unbounded {
        self.unbounded
    }

    /// Returns how long a grant is valid.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.lifetime.expires_in
    }

    /// Returns whether an upload to the key of an existing object fails in every case (`If-None-Match: *`).
    #[must_use]
    pub fn no_overwrite(&self) -> bool {
        self.replace == Replace::Never
    }

    /// Returns whether an upload may replace an existing object.
    #[must_use]
    pub const fn replace(&self) -> Replace {
        self.replace
    }

    /// Returns how clients send the file.
    #[must_use]
    pub const fn method(&self) -> UploadMethod {
        self.method
    }

    /// Returns the declared ids that a client may supply.
    #[must_use]
    pub const fn client_may_supply(&self) -> &[IdName] {
        &self.keys.client_may_supply
    }

    /// Returns the names of the claims that the key contains (`{claim:NAME}`). The
    /// [`Identity`](upsign_core::Identity) of a caller must contain them.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.template.placeholders().filter_map(|placeholder| match placeholder {
            Placeholder::Claim(name) => Some(name.as_ref()),
            _ => None,
        })
    }

    /// Returns what happens if the signing credentials expire before the grant would.
    #[must_use]
    pub const fn short_credentials(&self) -> ShortCredentials {
        self.lifetime.short_credentials
    }

    /// Returns the shortest lifetime of a grant: if the signing credentials expire earlier, the request is refused.
    ///
    /// It is [`expires_in`](Self::expires_in) if grants are not shortened ([`ShortCredentials::Refuse`]), and otherwise the
    /// configured minimum, but never longer than `expires_in`.
    #[must_use]
    pub fn min_expires_in(&self) -> ExpiresIn {
        let LifetimeOptions { expires_in, short_credentials, min_expires_in } = self.lifetime;
        if short_credentials == ShortCredentials::Refuse {
            expires_in
        } else {
            min_expires_in.min(expires_in)
        }
    }

    /// Returns how files are uploaded in parts, or `None` if one request stores each file.
    #[must_use]
    pub const fn multipart(&self) -> Option<&MultipartOptions> {
        self.multipart.as_ref()
    }

    /// Returns how many files one request can describe, and how many bytes they can have together.
    #[must_use]
    pub const fn files(&self) -> FilesOptions {
        self.files
    }

    /// Returns whether some files are stored with one `PUT` each: not with [`UploadMethod::Post`] or [`MultipartMode::Always`].
    #[must_use]
    pub fn has_put(&self) -> bool {
        let is_always = self.multipart.is_some_and(|options| options.mode == MultipartMode::Always);
        self.method == UploadMethod::Put && !is_always
    }

    /// Returns whether some files are sent whole, with one `PUT` or one form each: not with [`MultipartMode::Always`].
    #[must_use]
    pub fn sends_whole_files(&self) -> bool {
        self.has_put() || self.method == UploadMethod::Post
    }

    /// Returns the largest file that a form accepts if its client does not state the size, in bytes: the maximum size of the
    /// policy, or [`MultipartOptions::above`] if larger files are uploaded in parts.
    ///
    /// A form that binds a stated size can be for a larger file, if the client asks for no parts.
    #[must_use]
    pub fn max_form_size(&self) -> u64 {
        let above = self.multipart.map_or(u64::MAX, |options| options.above);
        self.size.max().min(above)
    }

    /// Returns the checksum of a multipart upload whose client names no algorithm, or `None` if it has none.
    #[must_use]
    pub fn multipart_checksum(&self) -> Option<MultipartChecksum> {
        MultipartChecksum::default(&self.checksums, self.multipart?.store())
    }

    /// Returns the checksums that clients can choose for a multipart upload, the preferred ones first. It is empty without
    /// [`multipart`](Self::multipart), or if the store verifies none of those that the policy accepts.
    #[must_use]
    pub fn multipart_checksums(&self) -> Vec<MultipartChecksum> {
        self.multipart.iter().flat_map(|options| self.candidate_checksums(options)).collect()
    }

    /// Returns what happens to a request without a body.
    #[must_use]
    pub const fn bodyless(&self) -> Bodyless {
        self.bodyless
    }

    /// Returns the groups that are eligible for `{group}`, or `None` if every group of a caller is.
    #[must_use]
    pub fn groups(&self) -> Option<&[Box<str>]> {
        self.keys.groups.as_deref()
    }

    /// Returns the maximum length of a file name in bytes of UTF-8.
    #[must_use]
    pub const fn max_file_name(&self) -> usize {
        self.file_names.max_bytes
    }

    /// Returns whether file names that are unsafe in a key or a header are denied or repaired.
    #[must_use]
    pub const fn file_names(&self) -> FileNames {
        self.file_names.handling
    }

    /// Returns whether a browser that downloads the object displays it or saves it, and who decides that.
    #[must_use]
    pub const fn disposition(&self) -> Disposition {
        self.disposition
    }

    /// Returns which checksums a client may or must send.
    #[must_use]
    pub const fn checksums(&self) -> &Checksums {
        &self.checksums
    }

    /// Returns which metadata a client may set.
    #[must_use]
    pub const fn client_metadata(&self) -> &ClientMetadata {
        &self.metadata.client
    }

    /// Returns the encryption that the policy requests, or `None` for the bucket's default.
    #[must_use]
    pub const fn encryption(&self) -> Option<&Encryption> {
        self.storage.encryption.as_ref()
    }

    /// Returns the canned ACL that the policy requests.
    #[must_use]
    pub const fn acl(&self) -> Option<CannedAcl> {
        self.storage.acl
    }

    /// Returns the storage class that the policy requests, or `None` for `STANDARD`.
    #[must_use]
    pub const fn storage_class(&self) -> Option<StorageClass> {
        self.storage.storage_class
    }

    /// Returns the encryption context of the KMS key. It is empty if the policy sets none.
    #[must_use]
    pub const fn kms_context(&self) -> &EncryptionContext {
        &self.storage.kms_context
    }

    /// Returns how long objects are protected against deletion, or `None` for the default of the bucket. The credentials that
    /// sign then need `s3:PutObjectRetention`.
    #[must_use]
    pub const fn retention(&self) -> Option<Retention> {
        self.lock.retention
    }

    /// Returns whether objects are protected until a hold is removed. The credentials that sign then need
    /// `s3:PutObjectLegalHold`.
    #[must_use]
    pub const fn legal_hold(&self) -> bool {
        self.lock.legal_hold
    }

    /// Returns where a website of S3 redirects readers of an object, or `None` if it does not.
    #[must_use]
    pub const fn website_redirect(&self) -> Option<&WebsiteRedirect> {
        self.headers.redirect()
    }

    /// Returns the account that must own the bucket, or `None` if the policy does not state it.
    #[must_use]
    pub const fn expected_bucket_owner(&self) -> Option<&BucketOwner> {
        self.headers.owner()
    }

    /// Returns the settings of the object with their values, each by the key of `upsign.toml` and the value that is sent, in
    /// the order of their headers. The date until which an object is locked is not among them, because it depends on the time
    /// of the grant.
    pub fn fixed_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.fixed_headers.iter().filter(|(name, _)| *name != "if-none-match");
        let headers = headers.map(|(name, value)| match ObjectField::of_header(name) {
            Some(field) => (field.key(), value),
            None => (name, value),
        });
        let of_copy = self.fixed_copy_headers.iter().filter_map(|(name, value)| {
            let field = ObjectField::of_header(name)?;
            field.is_only_of_copy().then_some((field.key(), value))
        });
        headers.chain(of_copy).chain(self.form.fields())
    }

    /// Returns the tags that every object gets.
    #[must_use]
    pub const fn fixed_tags(&self) -> &Tags {
        &self.tags.fixed
    }

    /// Returns whether a client may set tags.
    #[must_use]
    pub const fn client_tags(&self) -> bool {
        self.tags.client
    }

    /// Returns whether requests of this policy can contain tags. The credentials that sign then need `s3:PutObjectTagging`.
    #[must_use]
    pub const fn sets_tags(&self) -> bool {
        self.tags.client || !self.tags.fixed.is_empty()
    }

    /// Returns whether the client's file name becomes part of a header.
    #[must_use]
    pub const fn keeps_file_names(&self) -> bool {
        self.file_names.keep
            || matches!(self.disposition, Disposition::AttachmentNamed | Disposition::InlineNamed)
    }

    /// Returns the name of every header that a `PUT` of a whole file can sign, except `host`: lower-case and sorted.
    ///
    /// The entry `x-amz-meta-*` represents every metadata name, if clients may choose them freely. The result is empty for
    /// [`UploadMethod::Post`], because a form signs no headers, and for [`MultipartMode::Always`], which has no such `PUT`.
    pub fn signed_header_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.signed_header_names.iter().map(AsRef::as_ref)
    }

    /// Returns the name of every header that the `PUT` of a part can sign, except `host`: lower-case and sorted. It is empty
    /// without [`multipart`](Self::multipart).
    ///
    /// Other headers of the upload, such as its content type, are sent once, by the service that creates it.
    pub fn part_header_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.part_header_names.iter().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_permit_and_denial_are_send_and_sync() {
        fn check<T: Send + Sync + 'static>() {}
        check::<UploadPolicy>();
        check::<crate::Permit>();
        check::<crate::Denied>();
    }
}
