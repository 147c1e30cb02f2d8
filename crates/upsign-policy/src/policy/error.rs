//! Reasons why the settings of a builder do not form a policy.

use upsign_core::{InvalidHeader, InvalidMultipartPlan, InvalidPostPolicy, InvalidQuery};

use crate::content::content_type::ContentType;
use crate::content::rules::InvalidContentRules;
use crate::content::size::InvalidSizeLimit;
use crate::content::suggestion::DidYouMean;
use crate::content::type_range::TypeRange;
use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;
use crate::object::metadata::InvalidMetadata;

/// The reason why the settings of a builder do not form a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUploadPolicy {
    /// Neither [`content_types`](crate::UploadPolicyBuilder::content_types) nor
    /// [`content`](crate::UploadPolicyBuilder::content) was called.
    #[error("no content type is allowed: name at least one")]
    MissingContent,
    /// Neither [`max_size`](crate::UploadPolicyBuilder::max_size) nor [`size`](crate::UploadPolicyBuilder::size) was called.
    #[error("no maximum size is set")]
    MissingSize,
    /// The list given to [`content_types`](crate::UploadPolicyBuilder::content_types) is invalid.
    #[error("the list of content types is invalid")]
    Content(#[source] InvalidContentRules),
    /// The size given to [`max_size`](crate::UploadPolicyBuilder::max_size) is invalid.
    #[error("the maximum size is invalid")]
    Size(#[source] InvalidSizeLimit),
    /// The maximum size is more than one request can store ([`SizeLimit::MAX_PUT`](crate::SizeLimit::MAX_PUT)), and files are
    /// not uploaded in parts. Holds the maximum size.
    #[error(
        "the maximum size must be at most 5368709120 bytes (5 GiB, the limit of one request), not {0}: use smaller files, or \
         upload them in parts"
    )]
    SizeAboveMaxPut(u64),
    /// The template contains `{ext}`, and no extension is known for an allowed type.
    #[error(
        "no file extension is known for `{range}`{}: list its extensions, or remove `{{ext}}` from the template",
        DidYouMean(.suggestion)
    )]
    NoExtension {
        /// The allowed type.
        range: TypeRange,
        /// The common type that was probably meant, for example `image/jpeg` for `image/jpg`.
        suggestion: Option<ContentType>,
    },
    /// A range includes no inert type, and the policy does not make browsers save the objects, so the range allows no type.
    #[error(
        "the range `{0}` allows no type: ranges include only types that browsers display without executing them; list types exactly, or set disposition to attachment"
    )]
    NothingInert(TypeRange),
    /// Any file is allowed ([`ContentRules::any_file`](crate::ContentRules::any_file)), and browsers would display the objects.
    #[error(
        "any file is allowed, so browsers must save the objects: set disposition to attachment or attachment-named"
    )]
    AnyFileDisplayed,
    /// Bodyless requests are allowed, and the template contains a placeholder that they have no value for.
    #[error(
        "a request without a body has no value for `{0}`: refuse bodyless requests, or remove `{0}` from the template"
    )]
    BodylessKey(Placeholder),
    /// Bodyless requests are allowed, and there is no exact content type to sign for them.
    #[error(
        "a request without a body needs an exact content type to sign: list one, or refuse bodyless requests"
    )]
    BodylessType,
    /// The list of checksum algorithms is empty.
    #[error("the list of checksum algorithms is empty")]
    EmptyChecksums,
    /// The template contains `{sha256}`, and SHA-256 is not the one required checksum. The key would then not depend on
    /// the bytes that S3 stores.
    #[error("a template with `{{sha256}}` must require the checksum sha256 and no other algorithm")]
    Sha256NotRequired,
    /// The template contains `{sha256}` without `{sub}` before it, and shared content is not enabled.
    #[error(
        "`{{sha256}}` without `{{sub}}` before it lets callers share objects: put `{{sub}}` before it, or allow shared content"
    )]
    Sha256WithoutSubject,
    /// Two sources provide the same metadata name: the fixed metadata, the client's names, or the kept file name.
    #[error("the metadata name `{0}` has more than one source")]
    DuplicateMetadataName(Box<str>),
    /// A name in [`ClientMetadata::Named`](crate::ClientMetadata::Named) is not a valid metadata name.
    #[error(
        "a name of client metadata must be 1 to 128 lower-case letters, digits and !#$%&'*+-.^_`|~, without the prefix x-amz-meta-"
    )]
    InvalidClientMetadataName,
    /// The maximum length of file names is 0 or more than the 1024 bytes of a key.
    #[error("the maximum length of file names must be 1 to 1024 bytes, not {0}")]
    FileNameLimit(usize),
    /// The list of groups is empty, or one of them is the empty string.
    #[error("the list of groups is empty or contains an empty name")]
    InvalidGroups,
    /// The list of issuers is empty.
    #[error("the list of issuers is empty: name at least one, or do not set the list")]
    NoIssuers,
    /// [`no_overwrite`](crate::UploadPolicyBuilder::no_overwrite) is on, or
    /// [`replace`](crate::UploadPolicyBuilder::replace) is not [`Replace::Allow`](crate::Replace::Allow), for
    /// [`UploadMethod::Post`](crate::UploadMethod::Post).
    #[error("a form cannot prevent overwriting: allow it, or use the method put")]
    PostCannotPreventOverwrite,
    /// [`SizeBound::Max`](crate::SizeBound::Max) is for a `PUT`, and the method is
    /// [`UploadMethod::Post`](crate::UploadMethod::Post).
    #[error("a form binds a range of sizes by itself: remove size_bound")]
    SizeBoundOfForm,
    /// [`Unbounded::Danger`](crate::Unbounded::Danger) is for a `PUT`, and the method is
    /// [`UploadMethod::Post`](crate::UploadMethod::Post).
    #[error("a form binds a range of sizes by itself: remove unbounded")]
    UnboundedForm,
    /// [`SizeBound::Max`](crate::SizeBound::Max) and [`SizeBound::MaxInParts`](crate::SizeBound::MaxInParts) bind no minimum
    /// size. Holds the minimum.
    #[error("an upload that binds a maximum size does not bind the minimum size of {0} bytes")]
    MinSizeUnbound(u64),
    /// [`SizeBound::MaxInParts`](crate::SizeBound::MaxInParts) is set without
    /// [`MultipartOptions`](crate::MultipartOptions).
    #[error("an upload of unknown size is sent in parts: allow multipart uploads, or bind the exact size")]
    SizeBoundWithoutParts,
    /// [`SizeBound::Max`](crate::SizeBound::Max) is set together with [`MultipartOptions`](crate::MultipartOptions).
    #[error(
        "with multipart uploads, a file of unknown size is sent in parts: bind the maximum size in parts"
    )]
    SizeBoundOfMultipart,
    /// The binding of [`SizeBound::Max`](crate::SizeBound::Max) is that of another store: that of Google Cloud Storage goes with
    /// its own signatures ([`SignatureFamily::Google`](upsign_core::SignatureFamily::Google)) only.
    #[error("the store of this target cannot bind a maximum size in this way: remove size_bound")]
    SizeBoundOfOtherStore,
    /// The target has signatures of Google Cloud Storage, which has nothing that takes the place of this setting. Holds its key
    /// in `upsign.toml`.
    #[error("Google Cloud Storage has no counterpart of {0} with its own signatures")]
    NotAtGoogle(&'static str),
    /// [`MultipartMode::Always`](crate::MultipartMode::Always) is set, and the method is
    /// [`UploadMethod::Post`](crate::UploadMethod::Post).
    #[error(
        "every file would be uploaded in parts, and none sent by a form: upload only large files in parts, or use the method put"
    )]
    MultipartOfForm,
    /// The method is [`UploadMethod::Post`](crate::UploadMethod::Post), and every file is larger than
    /// [`MultipartOptions::above`](crate::MultipartOptions::above).
    #[error(
        "every file has at least {min} bytes and would be uploaded in parts, because that is above {above}: a form would send none"
    )]
    MultipartAboveMinSize {
        /// The size above which files would be sent in parts, in bytes.
        above: u64,
        /// The minimum size of a file in bytes.
        min: u64,
    },
    /// [`MultipartOptions`](crate::MultipartOptions) are set, and the target has signatures of Google Cloud Storage, with which no
    /// part can be signed.
    #[error("Google Cloud Storage has no multipart uploads with its own signatures")]
    MultipartAtGoogle,
    /// [`MultipartOptions`](crate::MultipartOptions) are set, and the template has no `{id}`. Another upload could then have the
    /// same key, and nobody could tell whose object it is.
    #[error(
        "a multipart upload needs a key that no other upload has: add `{{id}}` to the template, in addition to declared ids"
    )]
    MultipartWithoutId,
    /// [`MultipartOptions`](crate::MultipartOptions) are set, and the template contains `{sha256}`. S3 has no SHA-256 of a whole
    /// object in parts.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
    #[error("S3 computes no SHA-256 of a file in parts: remove `{{sha256}}` from the template")]
    MultipartWithSha256,
    /// [`MultipartOptions`](crate::MultipartOptions) are set together with [`Replace::IfMatch`](crate::Replace::IfMatch).
    #[error("a multipart upload always has a new key, so there is no object that it could replace")]
    MultipartIfMatch,
    /// [`MultipartMode::Always`](crate::MultipartMode::Always) is set together with
    /// [`Bodyless::Allow`](crate::Bodyless::Allow).
    #[error("a request without a body cannot begin a multipart upload: refuse bodyless requests")]
    MultipartBodyless,
    /// Files up to this size would be sent with one request, which cannot store them.
    #[error(
        "the store accepts at most {max} bytes in one PUT, so files above that must be sent in parts, not above {above}"
    )]
    MultipartAboveMaxPut {
        /// The size above which files would be sent in parts, in bytes.
        above: u64,
        /// The maximum size of one `PUT` in bytes.
        max: u64,
    },
    /// The number of parts at a time is not 1 to 32. Holds the number.
    #[error("a client can send 1 to 32 parts at a time, not {0}")]
    PartsAtOnce(u8),
    /// A file of the maximum size, or of the minimum size, cannot be divided into parts within the limits of the store.
    #[error("files of the allowed sizes cannot be uploaded in parts")]
    PartSize(#[source] InvalidMultipartPlan),
    /// The store verifies none of the required checksums in multipart uploads.
    #[error("the store verifies none of the required checksums in multipart uploads")]
    MultipartChecksums,
    /// The setting is for uploads that are confirmed, and [`ConfirmationOptions::with_confirm`] is off. Holds its key in
    /// `upsign.toml`.
    ///
    /// [`ConfirmationOptions::with_confirm`]: crate::ConfirmationOptions::with_confirm
    #[error("{0} is for uploads that clients confirm: set confirm, or remove {0}")]
    OnlyConfirmed(&'static str),
    /// Objects are inspected without a [`Gate`](crate::Gate).
    #[error(
        "an object could be read before it is inspected: set pending_key, or gate = \"tag\", or remove inspect"
    )]
    InspectionWithoutGate,
    /// The fixed metadata leaves no room for the claim.
    #[error("the fixed metadata is too large")]
    Metadata(#[source] InvalidMetadata),
    /// A claim is set together with [`Bodyless::Allow`](crate::Bodyless::Allow).
    #[error("a client without a body would not send the claim: refuse bodyless requests, or remove claim")]
    BodylessClaim,
    /// A file of the maximum size cannot be copied to its final key. Holds the maximum size.
    #[error(
        "an object of {0} bytes cannot be copied to its final key, only up to 5368709120 bytes (5 GiB): allow smaller files, or \
         use gate = \"tag\" in place of pending_key"
    )]
    PendingTooLarge(u64),
    /// Objects are copied to final keys that another upload could have.
    #[error("with pending_key, each upload needs a key of its own: add `{{id}}` to both templates")]
    PendingWithoutId,
    /// [`Gate::Pending`](crate::Gate::Pending) is set together with [`Replace::IfMatch`](crate::Replace::IfMatch).
    #[error("with pending_key, each upload has a new key, so there is no object that it could replace")]
    PendingIfMatch,
    /// The template of [`Gate::Pending`](crate::Gate::Pending) has no value for a placeholder of the final key.
    #[error(
        "pending_key must have every placeholder of the key, so that it determines the final key: add `{0}`"
    )]
    PendingLacks(Placeholder),
    /// The template of [`Gate::Pending`](crate::Gate::Pending) has a placeholder that the final key does not have.
    #[error("pending_key has `{0}`, which the key has not: remove it there, or add it to the key")]
    PendingAdds(Placeholder),
    /// The template of [`Gate::Pending`](crate::Gate::Pending) does not begin with a folder.
    #[error("pending_key must begin with a folder of its own, for example `pending/`")]
    PendingWithoutFolder,
    /// A final key could be in the folder of [`Gate::Pending`](crate::Gate::Pending), or the reverse.
    #[error(
        "the keys of pending objects begin with `{pending}` and final keys with `{key}`, so one could be among the others: begin \
         both with different folders, for example `pending/` and `files/`"
    )]
    PendingOverlaps {
        /// The folder of objects that are not confirmed.
        pending: Box<str>,
        /// The literal text with which final keys begin.
        key: Box<str>,
    },
    /// [`Gate::Tag`](crate::Gate::Tag) is set, and clients may set tags.
    #[error("a client could set the tag that lets readers in: remove client_tags, or use pending_key")]
    TagGateWithClientTags,
    /// The fixed tags contain the one of [`Gate::Tag`](crate::Gate::Tag), or leave no room for it.
    #[error("gate = \"tag\" sets the tag `upsign`: remove it from tags, and set at most 9 others")]
    NoRoomForGateTag,
    /// The number of files in one request is not 1 to 255. Holds the number.
    #[error("one request can describe 1 to 255 files, not {0}")]
    MaxFiles(u16),
    /// The total size is set without several files in one request.
    #[error("max_total_size is for several files in one request: set max_files, or remove it")]
    TotalSizeOfOneFile,
    /// The total size is smaller than the maximum size of one file.
    #[error("the files of one request may have {total} bytes together, but a single file may have {max}")]
    TotalSizeBelowMaxSize {
        /// The maximum size of all files together, in bytes.
        total: u64,
        /// The maximum size of one file, in bytes.
        max: u64,
    },
    /// A query parameter of the policy cannot be signed.
    #[error("a query parameter of the policy cannot be signed")]
    Query(#[source] InvalidQuery),
    /// A client may supply an id that the template does not declare.
    #[error("a client may supply `{0}`, but no such id is declared")]
    UndeclaredClientId(IdName),
    /// A client may supply an id whose wire name is a member of the request with another meaning.
    #[error("`{0}` is already a member of the request: declare the id with another name")]
    ReservedClientId(Box<str>),
    /// A client may supply every id of the key, and could thereby choose the key of an existing object. It is possible with
    /// [`Replace::IfMatch`](crate::Replace::IfMatch) or [`Replace::Allow`](crate::Replace::Allow).
    #[error(
        "a client could supply every id of the key and replace an existing object: add `{{id}}` to the template"
    )]
    NoGeneratedId,
    /// No placeholder makes the keys of two uploads differ. It is possible with
    /// [`Replace::IfMatch`](crate::Replace::IfMatch) or [`Replace::Allow`](crate::Replace::Allow).
    #[error(
        "two uploads could get the same key: add `{{id}}`, a declared id or `{{sha256}}`, or allow replacing objects"
    )]
    SharedKey,
    /// Both [`replace`](crate::UploadPolicyBuilder::replace) and [`no_overwrite`](crate::UploadPolicyBuilder::no_overwrite) were
    /// called.
    #[error("replace and no_overwrite are two settings for the same thing: set replace alone")]
    ReplaceTwice,
    /// A lock ([`LockOptions`](crate::LockOptions)) needs a checksum of each upload, or S3 refuses it.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html> (Content-MD5).
    #[error("S3 refuses an upload with Object Lock that has no checksum: require one")]
    LockWithoutChecksum,
    /// The retention would end while a grant is still valid or a multipart upload can be continued, and S3 refuses a date that
    /// has passed.
    #[error(
        "a retention of {days} days can end before the upload does: make it longer, or the time for the upload shorter"
    )]
    LockEndsBeforeGrant {
        /// The length of the retention.
        days: u32,
    },
    /// [`StorageOptions::kms_context`](crate::StorageOptions::kms_context) is set without a KMS key.
    #[error("an encryption context is for encryption with a KMS key")]
    NoKmsForContext,
    /// [`StorageOptions::bucket_key`](crate::StorageOptions::bucket_key) is set without `aws:kms`.
    #[error("a bucket key is for encryption with a KMS key in one layer (aws:kms)")]
    NoKmsForBucketKey,
    /// The policy issues forms, and a form has no field for this setting. Holds its key in `upsign.toml`.
    #[error("a form has no field for {0}: remove it, or use the method put")]
    NotInForms(&'static str),
    /// The setting is for the answer to a form, and the policy issues a `PUT`. Holds its key in `upsign.toml`.
    #[error("{0} is a field of forms: remove it, or use the method post")]
    OnlyInForms(&'static str),
    /// Both [`success_status`](crate::FormOptions::success_status) and
    /// [`success_redirect`](crate::FormOptions::success_redirect) are set. S3 would ignore the status.
    #[error("S3 answers a form with a status or with a redirect: set one of the two")]
    SuccessTwice,
    /// A fixed value cannot be a field of a form.
    #[error("a fixed value of the policy cannot be a form field")]
    Field(#[source] InvalidPostPolicy),
    /// The fixed tags already use every tag that an object may have, and clients may add more.
    #[error("the policy already sets the maximum of {0} tags per object: clients cannot add any")]
    NoRoomForTags(usize),
    /// Even the shortest key is longer than S3 allows.
    #[error("the shortest key of this template and these types has {0} bytes, but S3 allows at most 1024")]
    KeyTooLong(usize),
    /// A fixed header cannot be signed.
    #[error("a fixed header of the policy cannot be signed")]
    Header(#[source] InvalidHeader),
}
