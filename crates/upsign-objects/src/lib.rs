//! The calls that an upload service makes to an S3 store: looking at an object, assembling multipart uploads, copying,
//! tagging and deleting.
//!
//! [`ObjectCalls`] is the trait to depend on and to mock. `HttpObjects`, with the feature `http`, is the implementation. It signs
//! each request with any [`Presigner`](upsign_core::Presigner) and sends it with one HTTP client. It does not use the AWS SDK, so
//! that a function that makes these calls stays small.
//!
//! ```
//! # #[cfg(feature = "http")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use upsign_core::{Credentials, PartNumber, SignedHeaders, Target};
//! use upsign_objects::{CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, HttpObjects, ListParts, ObjectCalls};
//! use upsign_sigv4::SigV4;
//!
//! let target = Target::aws("uploads".parse()?, "eu-central-1".parse()?);
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let store = HttpObjects::new(target, SigV4::new().with_credentials(credentials));
//! let now = "2026-01-31T12:00:00Z".parse()?;
//!
//! let mut headers = SignedHeaders::new();
//! headers.insert("content-type", "video/mp4")?;
//! let key: upsign_core::ObjectKey = "raw/film.mp4".parse()?;
//! let upload_id = store.create_multipart_upload(&CreateMultipartUpload::new(key.clone(), headers), now).await?;
//! // A client uploads the parts by presigned URLs. Then the service compares sizes and completes the upload.
//! let list = store.list_parts(&ListParts::new(key.clone(), upload_id.clone()), now).await?;
//! let parts = list.parts.iter().map(|part| CompletedPart::new(part.number, part.etag.clone()));
//! let size = list.parts.iter().map(|part| part.size).sum();
//! let call = CompleteMultipartUpload::new(key, upload_id, parts).with_if_absent().with_object_size(size);
//! let object = store.complete_multipart_upload(&call, now).await?;
//! println!("stored with entity tag {}", object.etag);
//! # Ok(())
//! # }
//! ```
//!
//! # What is here
//!
//! | call | input → result |
//! | --- | --- |
//! | look | [`HeadObject`] → [`ObjectHead`], [`GetObject`] → [`ObjectRange`], [`GetObjectTagging`] → [`ObjectTags`] |
//! | multipart uploads | [`CreateMultipartUpload`] → [`UploadId`], [`ListParts`] → [`PartList`], [`CompleteMultipartUpload`] → [`CompletedUpload`], [`AbortMultipartUpload`] |
//! | change | [`CopyObject`] → [`CopiedObject`], [`PutObjectTagging`], [`DeleteObject`] → [`DeletedObject`] |
//! | values | [`ETag`], [`VersionId`], [`Checksum`] |
//! | failures | [`ObjectError`] with its [`CallFailure`], [`StoreError`] and [`ErrorCode`] |
//!
//! `HttpObjects` documents time limits and retries.
//!
//! | feature | adds | default |
//! | --- | --- | --- |
//! | `http` | `HttpObjects`, with the HTTP client reqwest | no |
//!
//! # What this crate is not
//!
//! It is no S3 client: it neither uploads nor lists objects, and reads ranges that fit into memory. It decides nothing: a policy
//! says which headers an upload gets. Like every library of upsign, it reads no clock; callers pass the time.
//!
//! Neighboring crates: `upsign-core` has keys, targets and the traits of signers, and `upsign-sigv4` signs.

mod calls;
mod error;
#[cfg(feature = "http")]
mod http;
mod values;

pub use calls::ObjectCalls;
pub use calls::abort::AbortMultipartUpload;
pub use calls::complete::{CompleteMultipartUpload, CompletedPart, CompletedUpload};
pub use calls::copy::{CopiedObject, CopyObject, CopySource};
pub use calls::create::CreateMultipartUpload;
pub use calls::delete::{DeleteObject, DeletedObject};
pub use calls::get::{GetObject, ObjectRange};
pub use calls::head::{HeadObject, ObjectHead};
pub use calls::list_parts::{ListParts, PartList, UploadedPart};
pub use calls::tagging::{GetObjectTagging, ObjectTags, PutObjectTagging};
pub use error::{CallFailure, ErrorCode, InvalidAnswer, InvalidCall, InvalidXml, ObjectError, StoreError};
#[cfg(feature = "http")]
pub use http::{HttpObjects, TimeLimits};
pub use values::checksum::{Checksum, ChecksumAlgorithm, ChecksumType, InvalidChecksum};
pub use values::etag::{ETag, InvalidETag};
pub use values::version_id::{InvalidVersionId, VersionId};

#[doc(no_inline)]
pub use upsign_core::{
    Bucket, InvalidHeader, InvalidQuery, ObjectKey, PartNumber, PresignError, SignedHeaders, Target,
    Timestamp, Unsupported, UploadId,
};
