//! The builder of policies.

use upsign_core::{Query, SignedHeaders, Target};

use crate::content::rules::{ContentRules, InvalidContentRules};
use crate::content::size::{InvalidSizeLimit, SizeLimit};
use crate::key::template::KeyTemplate;
use crate::object::checksum::Checksums;
use crate::object::disposition::Disposition;
use crate::policy::UploadPolicy;
use crate::policy::error::InvalidUploadPolicy;
use crate::policy::options::confirmation::ConfirmationOptions;
use crate::policy::options::file_name::FileNameOptions;
use crate::policy::options::files::FilesOptions;
use crate::policy::options::form::FormOptions;
use crate::policy::options::header::HeaderOptions;
use crate::policy::options::key::KeyOptions;
use crate::policy::options::lifetime::LifetimeOptions;
use crate::policy::options::lock::LockOptions;
use crate::policy::options::metadata::MetadataOptions;
use crate::policy::options::method::{Bodyless, UploadMethod};
use crate::policy::options::multipart::{MultipartMode, MultipartOptions};
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;
use crate::policy::options::storage::StorageOptions;
use crate::policy::options::tag::TagOptions;
use crate::policy::options::unbounded::Unbounded;
use crate::policy::settings::check;

/// Builds an [`UploadPolicy`]; see [`UploadPolicy::builder`].
///
/// Each method takes one group of related settings, in the order of the keys of `[upload]` in `upsign.toml`. Calling a
/// method again replaces the group. Only the content types ([`content_types`](Self::content_types) or
/// [`content`](Self::content)) and the size ([`max_size`](Self::max_size) or [`size`](Self::size)) are mandatory.
///
/// ```
/// use upsign_core::{ExpiresIn, Target};
/// use upsign_policy::*;
/// let policy = UploadPolicy::builder(
///         Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?),
///         "reports/{sub}/{id}/{filename}".parse()?,
///         Bodyless::Refuse,
///     )
///     .content_types(["application/pdf"])
///     .max_size(50 << 20)
///     .lifetime(LifetimeOptions::new().expires_in(ExpiresIn::from_secs(300)?))
///     .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
///     .file_names(FileNameOptions::new().handling(FileNames::Mend))
///     .disposition(Disposition::Attachment)
///     .storage(StorageOptions::new().encryption(Encryption::S3))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct UploadPolicyBuilder {
    target: Target,
    template: KeyTemplate,
    bodyless: Bodyless,
    keys: KeyOptions,
    /// An error is kept until `build`, so that a chain of calls needs no `?` in between.
    content: Option<Result<ContentRules, InvalidContentRules>>,
    size: Option<Result<SizeLimit, InvalidSizeLimit>>,
    size_bound: SizeBound,
    unbounded: Unbounded,
    method: UploadMethod,
    lifetime: LifetimeOptions,
    no_overwrite: Option<bool>,
    replace: Option<Replace>,
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
}

impl UploadPolicyBuilder {
    pub(super) fn new(target: Target, template: KeyTemplate, bodyless: Bodyless) -> Self {
        Self {
            target,
            template,
            bodyless,
            keys: KeyOptions::new(),
            content: None,
            size: None,
            size_bound: SizeBound::Exact,
            unbounded: Unbounded::Refuse,
            method: UploadMethod::Put,
            lifetime: LifetimeOptions::new(),
            no_overwrite: None,
            replace: None,
            checksums: Checksums::None,
            file_names: FileNameOptions::new(),
            disposition: Disposition::Unset,
            storage: StorageOptions::new(),
            headers: HeaderOptions::new(),
            lock: LockOptions::new(),
            form: FormOptions::new(),
            multipart: None,
            confirmation: ConfirmationOptions::new(),
            files: FilesOptions::new(),
            metadata: MetadataOptions::new(),
            tags: TagOptions::new(),
        }
    }

    /// Sets the rules for the values of the key's placeholders: which ids clients may supply, which groups are eligible,
    /// and whether callers may share content.
    pub fn keys(mut self, options: KeyOptions) -> Self {
        self.keys = options;
        self
    }

    /// Sets the allowed content types, for example `image/jpeg` or `image/*`, with their usual file extensions.
    ///
    /// It replaces an earlier [`content`](Self::content). An invalid list fails in [`build`](Self::build), with
    /// [`InvalidUploadPolicy::Content`].
    pub fn content_types<S: AsRef<str>>(mut self, types: impl IntoIterator<Item = S>) -> Self {
        self.content = Some(ContentRules::new(types));
        self
    }

    /// Sets the allowed content types and their file extensions. Use it instead of [`content_types`](Self::content_types)
    /// for types with other extensions than the usual ones.
    pub fn content(mut self, rules: ContentRules) -> Self {
        self.content = Some(Ok(rules));
        self
    }

    /// Allows files of 1 to `bytes` bytes.
    ///
    /// It replaces an earlier [`size`](Self::size). A maximum of 0, or of more than 5 GiB ([`SizeLimit::MAX_PUT`]) without
    /// [`multipart`](Self::multipart), fails in [`build`](Self::build).
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.size = Some(SizeLimit::up_to(bytes));
        self
    }

    /// Sets the allowed sizes. Use it instead of [`max_size`](Self::max_size) to set a minimum size.
    pub fn size(mut self, limit: SizeLimit) -> Self {
        self.size = Some(Ok(limit));
        self
    }

    /// Sets what a `PUT` binds of the size. Default: [`SizeBound::Exact`].
    pub fn size_bound(mut self, bound: SizeBound) -> Self {
        self.size_bound = bound;
        self
    }

    /// Sets whether a `PUT` may bind no size if the client cannot state one. The default is [`Unbounded::Refuse`].
    pub const fn unbounded(mut self, unbounded: Unbounded) -> Self {
        self.unbounded = unbounded;
        self
    }

    /// Sets how clients send the file. Default: [`UploadMethod::Put`].
    pub fn method(mut self, method: UploadMethod) -> Self {
        self.method = method;
        self
    }

    /// Sets how files are uploaded in parts. Default: one request stores each file.
    pub fn multipart(mut self, options: MultipartOptions) -> Self {
        self.multipart = (options.mode != MultipartMode::No).then_some(options);
        self
    }

    /// Sets what happens after the bytes of an upload have arrived: whether clients confirm it, and what keeps readers from it
    /// until then. Default: nothing.
    pub fn confirmation(mut self, options: ConfirmationOptions) -> Self {
        self.confirmation = options;
        self
    }

    /// Sets how many files one request can describe. Default: one, without a list.
    pub const fn files(mut self, options: FilesOptions) -> Self {
        self.files = options;
        self
    }

    /// Sets how long a grant is valid, and what happens if the signing credentials expire earlier.
    pub fn lifetime(mut self, options: LifetimeOptions) -> Self {
        self.lifetime = options;
        self
    }

    /// Sets whether an upload to the key of an existing object fails, by a signed `If-None-Match: *`.
    ///
    /// Default: `true` for a `PUT`; set it to `false` only for a store that does not support the header. A form has no such
    /// field: the default is `false`, and `true` is an error.
    pub fn no_overwrite(mut self, no_overwrite: bool) -> Self {
        self.no_overwrite = Some(no_overwrite);
        self
    }

    /// Sets whether an upload may replace an existing object. Default: [`Replace::Never`] for a `PUT` and [`Replace::Allow`] for
    /// a form.
    ///
    /// [`Replace::IfMatch`] and [`Replace::Allow`] also allow keys that several uploads share, such as `avatars/{sub}`;
    /// `no_overwrite(false)` does not. Setting both this and [`no_overwrite`](Self::no_overwrite) is an error.
    pub fn replace(mut self, replace: Replace) -> Self {
        self.replace = Some(replace);
        self
    }

    /// Sets which checksums a client may or must send. Default: [`Checksums::None`].
    pub fn checksums(mut self, checksums: Checksums) -> Self {
        self.checksums = checksums;
        self
    }

    /// Sets the handling of the file name that a client sends.
    pub fn file_names(mut self, options: FileNameOptions) -> Self {
        self.file_names = options;
        self
    }

    /// Sets `Content-Disposition`. Default: [`Disposition::Unset`], or [`Disposition::Attachment`] if
    /// [any file](ContentRules::any_file) is allowed.
    pub fn disposition(mut self, disposition: Disposition) -> Self {
        self.disposition = disposition;
        self
    }

    /// Sets how S3 stores the object: cache control, encryption, storage class and ACL.
    pub fn storage(mut self, options: StorageOptions) -> Self {
        self.storage = options;
        self
    }

    /// Sets the headers that describe the object to its readers, the expected owner of the bucket, and other headers.
    pub fn headers(mut self, options: HeaderOptions) -> Self {
        self.headers = options;
        self
    }

    /// Sets the protection of every object against deletion (Object Lock).
    pub fn lock(mut self, options: LockOptions) -> Self {
        self.lock = options;
        self
    }

    /// Sets the answer of S3 to a form.
    pub fn form(mut self, options: FormOptions) -> Self {
        self.form = options;
        self
    }

    /// Sets the user-defined metadata of every object, and which metadata clients may set.
    pub fn metadata(mut self, options: MetadataOptions) -> Self {
        self.metadata = options;
        self
    }

    /// Sets the tags of every object, and whether clients may add tags.
    pub fn tags(mut self, options: TagOptions) -> Self {
        self.tags = options;
        self
    }

    /// Checks that the settings agree with each other, and returns the policy.
    ///
    /// # Errors
    /// Returns [`InvalidUploadPolicy`] if a mandatory setting is missing, if a group contains an invalid value, or if two settings
    /// contradict each other. The variants describe each case.
    pub fn build(self) -> Result<UploadPolicy, InvalidUploadPolicy> {
        let replace = match (self.replace, self.no_overwrite) {
            (Some(_), Some(_)) => return Err(InvalidUploadPolicy::ReplaceTwice),
            (Some(replace), None) => replace,
            (None, Some(true)) => Replace::Never,
            (None, Some(false)) => Replace::Allow,
            (None, None) if self.method == UploadMethod::Put => Replace::Never,
            (None, None) => Replace::Allow,
        };
        check(UploadPolicy {
            content: self
                .content
                .ok_or(InvalidUploadPolicy::MissingContent)?
                .map_err(InvalidUploadPolicy::Content)?,
            size: self.size.ok_or(InvalidUploadPolicy::MissingSize)?.map_err(InvalidUploadPolicy::Size)?,
            replace,
            may_share_keys: self.replace.is_some_and(|replace| replace != Replace::Never),
            target: self.target,
            template: self.template,
            bodyless: self.bodyless,
            keys: self.keys,
            size_bound: self.size_bound,
            unbounded: self.unbounded,
            query: Query::new(),
            method: self.method,
            lifetime: self.lifetime,
            checksums: self.checksums,
            file_names: self.file_names,
            disposition: self.disposition,
            storage: self.storage,
            headers: self.headers,
            lock: self.lock,
            form: self.form,
            multipart: self.multipart,
            confirmation: self.confirmation,
            files: self.files,
            metadata: self.metadata,
            tags: self.tags,
            fixed_headers: SignedHeaders::new(),
            fixed_copy_headers: SignedHeaders::new(),
            signed_header_names: Box::default(),
            part_header_names: Box::default(),
        })
    }
}

impl UploadPolicy {
    /// Returns the same policy for another bucket, for example one bucket per tenant.
    ///
    /// The result passes every check of [`UploadPolicyBuilder::build`]. Create it once per bucket and keep it, because the
    /// checks cost more than an upload's decision.
    ///
    /// # Errors
    /// Returns [`InvalidUploadPolicy`] if the settings do not form a policy for this target.
    ///
    /// ```
    /// use upsign_core::Target;
    /// use upsign_policy::{Bodyless, UploadPolicy};
    ///
    /// let bucket_of = |tenant: &str| -> Result<Target, Box<dyn std::error::Error>> {
    ///     Ok(Target::aws(format!("uploads-{tenant}").parse()?, "ap-southeast-1".parse()?))
    /// };
    /// let acme = UploadPolicy::builder(bucket_of("acme")?, "{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
    ///     .content_types(["image/jpeg"])
    ///     .max_size(10 << 20)
    ///     .build()?;
    /// let globex = acme.with_target(bucket_of("globex")?)?;
    /// assert_eq!(globex.target().bucket(), "uploads-globex");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_target(&self, target: Target) -> Result<Self, InvalidUploadPolicy> {
        self.with_target_and_bound(target, self.size_bound)
    }

    /// Returns the same policy for another bucket at a store that binds the size of a `PUT` in another way, for example for
    /// RustFS in place of Google Cloud Storage.
    ///
    /// # Errors
    /// Returns an error if the policy is not valid for the target, for example because it has other signatures, or with this
    /// bound.
    pub fn with_target_and_bound(
        &self,
        target: Target,
        size_bound: SizeBound,
    ) -> Result<Self, InvalidUploadPolicy> {
        check(Self { target, size_bound, ..self.clone() })
    }
}
