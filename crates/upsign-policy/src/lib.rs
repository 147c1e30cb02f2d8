//! The upload policy: what callers may upload, and to which keys.
//!
//! An [`UploadPolicy`] is built once, from a [`KeyTemplate`], the allowed content types, a maximum size and optional
//! settings. For each upload, [`UploadPolicy::authorize`] takes the verified caller, the [`UploadRequest`] of the client and
//! generated [`Ids`]. It returns a [`Permit`], which contains one complete request to sign, or the reason for the denial
//! ([`Denied`]).
//!
//! ```
//! use upsign_policy::{Bodyless, Denied, Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
//!
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "users/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg", "image/png"])
//!     .max_size(10 << 20) // 10 MiB
//!     .build()?;
//!
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! // A program uses its clock and a random number generator.
//! let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
//!
//! let request = UploadRequest::described().with_content_type("image/png").with_content_length(48_213);
//! let permit = policy.authorize(&caller, &request, &ids)?;
//! assert_eq!(permit.key(), "users/alice/07070707-0707-4707-8707-070707070707.png");
//! let headers = permit.headers().unwrap();
//! assert_eq!(headers.get("content-length"), Some("48213"));
//! assert_eq!(headers.get("if-none-match"), Some("*"));
//!
//! let html = UploadRequest::described().with_content_type("text/html").with_content_length(1);
//! let denied: Denied = policy.authorize(&caller, &html, &ids).unwrap_err();
//! assert_eq!(denied.code(), "content-type-not-allowed");
//! assert_eq!(denied.to_string(), "the content type text/html is not allowed; allowed here: image/jpeg, image/png");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | question | types |
//! | --- | --- |
//! | What is the key? | [`KeyTemplate`], [`Placeholder`], [`IdName`], [`KeyOptions`], [`encode_claim`] |
//! | Which files are allowed? | [`ContentRules`], [`ContentType`], [`SizeLimit`], [`Checksums`] |
//! | How is the file sent, and until when? | [`UploadMethod`], [`Bodyless`], [`LifetimeOptions`] |
//! | What happens after the upload? | [`ConfirmationOptions`], [`Gate`], [`Inspection`] |
//! | What is stored with the object? | [`FileNameOptions`], [`Disposition`], [`StorageOptions`], [`HeaderOptions`], [`LockOptions`], [`MetadataOptions`], [`TagOptions`] |
//! | What is decided? | [`Permit`], [`SignableRequest`], [`Denied`] |
//!
//! The types of `upsign-core` that the signatures of this crate name are re-exported here, and all of them in [`types`].
//!
//! # What this crate is not
//!
//! It does not sign, does not handle HTTP or tokens, and reads neither a clock nor random numbers. It does not know who owns
//! the resource that an id names; the `Authorize` trait of `upsign` asks the application.
//!
//! Neighboring crates: `upsign` combines a policy with a signer; `upsign-config` builds it from `upsign.toml`;
//! `upsign-documents` derives the bucket policy, CORS rules and other documents from it.

mod content;
mod decision;
mod encoding;
mod key;
mod multipart;
mod object;
mod policy;
mod spelling;

pub use content::content_type::{ContentType, InvalidContentType};
pub use content::rules::{ContentRules, InvalidContentRules};
pub use content::size::{InvalidSizeLimit, SizeLimit};
pub use content::type_range::TypeRange;
pub use decision::denied::{Denied, DeniedKind, MultipartConflict};
pub use decision::multipart::MultipartRequest;
pub use decision::permit::{Permit, SignableRequest};
pub use decision::request::UploadRequest;
pub use encoding::tilde::{decode_claim, encode_claim};
pub use key::id_name::{IdName, InvalidIdName};
pub use key::ids::{Ids, uuid_v4, uuid_v7};
pub use key::placeholder::Placeholder;
pub use key::sealed::{SealKeys, SealNonce, SealedId};
pub use key::template::{InvalidKeyTemplate, KeyMismatch, KeyParts, KeyTemplate};
pub use multipart::checksum::{ChecksumKind, MultipartChecksum};
pub use multipart::planned_size::PlannedSize;
pub use multipart::resume_window::{InvalidResumeWindow, ResumeWindow};
pub use object::checksum::{
    Checksum, ChecksumAlgorithm, Checksums, InvalidChecksum, InvalidChecksumAlgorithm,
};
pub use object::content_headers::{
    BucketOwner, CacheExpiry, ContentEncoding, ContentLanguage, InvalidBucketOwner, InvalidCacheExpiry,
    InvalidContentEncoding, InvalidContentLanguage, InvalidWebsiteRedirect, WebsiteRedirect,
};
pub use object::disposition::{Disposition, InvalidDisposition};
pub use object::encryption_context::{EncryptionContext, InvalidEncryptionContext};
pub use object::file_name::{FileName, FileNames, InvalidFileName};
pub use object::metadata::{InvalidMetadata, Metadata};
pub use object::other_headers::{InvalidOtherHeader, OtherHeaders};
pub use object::retention::{InvalidLockMode, InvalidRetention, LockMode, Retention};
pub use object::storage::{
    CacheControl, CannedAcl, Encryption, InvalidCacheControl, InvalidCannedAcl, InvalidKmsKeyId,
    InvalidStorageClass, KmsKey, KmsKeyId, StorageClass,
};
pub use object::tags::{InvalidTag, Tags};
pub use policy::{
    Bodyless, ClientMetadata, ConfirmationOptions, FileNameOptions, FilesOptions, FormOptions, Gate,
    HeaderOptions, Inspection, InvalidSuccessRedirect, InvalidUploadPolicy, KeyOptions, LifetimeOptions,
    LockOptions, MetadataOptions, MultipartMode, MultipartOptions, PolicyWarning, ReadKey, Replace,
    SharedContent, SizeBound, StorageOptions, SuccessRedirect, SuccessStatus, TagOptions, Unbounded,
    UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

#[doc(no_inline)]
pub use upsign_core as types;
#[doc(no_inline)]
pub use upsign_core::{
    Capabilities, ExpiresIn, Identity, InvalidHeader, InvalidMultipartPlan, InvalidPostPolicy, InvalidQuery,
    IssuerName, MaxSizeBinding, MultipartPlan, ObjectKey, Pairs, PostPolicy, PresignRequest,
    ShortCredentials, SignedHeaders, Target, Timestamp,
};
#[doc(no_inline)]
pub use uuid::Uuid;
