//! Uploads that last longer than one request: what the service remembers of them, in a token that the client keeps.
//!
//! A multipart upload consists of many requests of the client to the service: for the URLs of parts, for the status, and to
//! complete or abort it. The service stores nothing between them. With the first answer, it gives the client an
//! [`UploadToken`] that contains the [`UploadSession`], and the client sends it with every later request.
//!
//! ```
//! use upsign::policy::{PlannedSize, ResumeWindow};
//! use upsign::session::{SessionGate, SessionMethod, SessionUpload, TokenKeys, UploadSession};
//! use upsign::types::{MultipartPlan, Provider, Target};
//! use upsign::{Identity, RouteName, Timestamp};
//!
//! // A program reads the secret from its configuration.
//! let keys = TokenKeys::new("production", [b"an example secret of 32 bytes or more"])?;
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
//!
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let upload = SessionUpload {
//!     route: Some("videos".parse()?),
//!     bucket: target.resource(),
//!     endpoint: target.endpoint_url().into(),
//!     key: "videos/alice/1.mp4".parse()?,
//!     method: SessionMethod::Multipart("VXBsb2FkSWQ".parse()?), // from the answer to CreateMultipartUpload
//!     content_type: "video/mp4".parse()?,
//!     size: PlannedSize::Exact(MultipartPlan::new(1 << 30, None, &Provider::Aws.capabilities())?),
//!     min_size: 0,
//!     checksum: None,
//!     checksum_value: None,
//!     gate: SessionGate::None,
//!     account: None,
//! };
//! let session = UploadSession::begin(upload, &caller, at, ResumeWindow::from_secs(86_400)?);
//! let token = keys.sign(&session)?;
//!
//! // A later request carries the token, and its caller was verified again.
//! let target_of = |route: Option<&RouteName>| match route {
//!     Some(name) if *name == "videos" => Some(target.clone()),
//!     _ => None,
//! };
//! let resumed = keys.verify(token.expose(), &caller, at.saturating_add(3_600), target_of)?;
//! assert_eq!(resumed, session);
//!
//! let bob = Identity::from_verified("https://issuer.example", "bob")?;
//! assert!(keys.verify(token.expose(), &bob, at, target_of).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a token is good for
//!
//! - It does not identify its holder. Every later request also needs the caller's own credentials, and
//!   [`TokenKeys::verify`] accepts the token for the issuer and the subject that began the upload only.
//! - It binds the route, the bucket and its store, the key, the upload id, the size, the part size, the content type and the
//!   checksum, so a client can change none of them after the upload was authorized.
//! - It expires at a fixed time, at most seven days after it was issued ([`ResumeWindow`]). Nothing extends it.
//! - It is signed, not encrypted: the client can read the payload. It contains nothing that the URLs of the parts do not
//!   contain, except the caller's issuer and subject.
//! - It cannot be revoked by itself. Abort the upload at the store, or remove the key that signed it.
//!
//! An [`UploadService`](crate::UploadService) repeats the checks that may have changed since: the [`Access`](crate::Access) of the
//! route, and the application's decision ([`Authorize::authorize_later`](crate::Authorize::authorize_later)).
//!
//! # The calls
//!
//! | call | calls to the store | result |
//! | --- | --- | --- |
//! | [`UploadService::issue`](crate::UploadService::issue) | `CreateMultipartUpload` | [`MultipartGrant`](crate::MultipartGrant) with the token |
//! | [`presign_parts`](crate::UploadService::presign_parts) | none | [`PartUrls`], each for the exact length of its part |
//! | [`upload_status`](crate::UploadService::upload_status) | `ListParts`, `HeadObject` after the end | [`UploadStatus`] |
//! | [`complete_upload`](crate::UploadService::complete_upload) | `ListParts`, `CompleteMultipartUpload`, `HeadObject` if the outcome is not known | [`CompletedObject`] |
//! | [`ticket_counted`](crate::UploadService::ticket_counted) | `ListParts` to complete | a [`Ticket`] for one call without credentials |
//! | [`abort_upload`](crate::UploadService::abort_upload) | `AbortMultipartUpload`, `HeadObject` | nothing |
//! | [`confirm_upload`](crate::UploadService::confirm_upload) | `HeadObject`; with an inspection, `GetObject`; with a gate, `CopyObject` and `DeleteObject`, or `PutObjectTagging` | [`Confirmation`](crate::confirm::Confirmation) |
//! | [`delete_upload`](crate::UploadService::delete_upload) | `HeadObject`, `DeleteObject`, `AbortMultipartUpload` | [`DeletedUpload`](crate::confirm::DeletedUpload) |
//!
//! Every call can be repeated after its answer was lost, and gives an equal answer. Whether an upload is complete is never concluded
//! from an error of the store: the service looks at the object, and compares its size, its entity tag and its checksum with what
//! the token and the client state. The key contains an id that was generated for the upload, so no other upload has it.
//!
//! Two clients of one caller can use the same token. Of each part, the store keeps what was sent last, so the client that completes
//! the upload with the entity tags of its own parts receives the object, and the other one learns which parts differ, or that
//! another object has the key.
//!
//! # Format
//!
//! A token is the base64url form without padding (RFC 4648 section 5) of these bytes. Numbers are big-endian.
//!
//! | offset | bytes | content |
//! | ---: | ---: | --- |
//! | 0 | 1 | the version, 2 |
//! | 1 | 8 | the id of the key |
//! | 9 | 8 | issued at, in seconds since 1970-01-01T00:00:00Z |
//! | 17 | 8 | expires at, likewise |
//! | 25 | 8 | the size of the object in bytes, or its maximum |
//! | 33 | 8 | the part size in bytes; the number of parts follows from both |
//! | 41 | 1 | flags, see below |
//! | 42 | 1 | more flags, see below |
//! | 43 | | the smallest size in 8 bytes; the value of the checksum, preceded by its length in one byte; the account of the quota in 16 bytes: each only if its flag is set |
//! | | | eight texts, or nine with the final key of a pending object, each preceded by its length in two bytes: issuer, subject, route (empty for the unnamed route), bucket (name or ARN), URL of the store's endpoint, key, upload id, content type, final key |
//! | end − 32 | 32 | HMAC-SHA-256 of everything before it |
//!
//! | bits of the flags | meaning |
//! | ---: | --- |
//! | 0 to 3 | the checksum algorithm: 0 none, 1 sha256, 2 sha1, 3 crc32, 4 crc32c, 5 crc64nvme, 6 md5, 7 sha512, 8 amz-md5, 9 xxhash64, 10 xxhash3, 11 xxhash128 |
//! | 4 and 5 | the kind of the checksum: 0 none, 1 of the full object, 2 composite, 3 of each part only |
//! | 6 | 1 if the size is a maximum |
//! | 7 | 1 if the object is uploaded with one request: the upload id is empty, and the plan has one part |
//!
//! | bits of the further flags | meaning |
//! | ---: | --- |
//! | 0 | 1 if the smallest size follows: the size is a maximum |
//! | 1 | 1 if the value of the checksum follows |
//! | 2 | 1 if the object is pending: a confirmed object is copied to the final key, the ninth text |
//! | 3 | 1 if the one request is a form, 0 for a `PUT` |
//! | 4 | 1 if a confirmed object gets a tag; not together with bit 2 |
//! | 5 | 1 if the account of the quota follows |
//! | 6 | 1 if the parts have any length: the size is a maximum, and the part size means nothing |
//!
//! A session has exactly one encoding. Padding, other characters, non-zero unused bits of the last character, further bytes,
//! and texts that are not in canonical form are rejected. A token has at most [`UploadToken::MAX_LEN`] characters, which is
//! checked before it is decoded.
//!
//! # Keys
//!
//! Each secret gives a signing key and a key id by HKDF with SHA-256 (RFC 5869). The salt is `upsign`. The `info` is
//! `upload-token/v2/mac` for the key of 32 bytes and `upload-token/v2/key-id` for the id of 8 bytes, in both cases followed by
//! a zero byte and the name of the deployment. Tickets have keys of their own, with `ticket/v1`. A token of another deployment, or of another purpose derived from the same
//! secret, therefore has another key, and the id reveals neither the secret nor where it is stored.

mod assembled;
mod calls;
pub(crate) mod checksum;
pub(crate) mod codec;
mod complete;
mod error;
mod evidence;
pub(crate) mod flags;
#[doc(hidden)]
pub mod fuzzing;
pub(crate) mod keys;
mod parts;
mod ranges;
mod rejection;
mod review;
mod stated;
mod status;
mod ticket;
mod token;
mod upload;
mod uploads;
mod wrong_part;

pub use calls::TicketUpload;
pub use calls::UploadPlace;
pub(crate) use calls::{NEEDED_TO_LOOK, is_hidden_object};
pub use complete::{ClientPart, CompleteRequest, CompletedObject};
pub use error::SessionError;
pub(crate) use error::{store_code, store_retry_after, store_status};
pub use keys::{InvalidTokenKeys, TokenKeys};
pub use parts::{
    InvalidChecksumCount, InvalidPartLengths, InvalidPartNumbers, PartUrl, PartUrls, PartsRequest,
};
pub use ranges::PartRanges;
pub use rejection::{InvalidUploadToken, TokenRejection};
pub use status::{OpenUpload, UploadState, UploadStatus};
pub use ticket::{Ticket, TicketCall};
pub use token::{UploadToken, UploadTokenTooLong};
pub use upload::{SessionCall, SessionGate, SessionMethod, SessionUpload, UploadSession};
pub use uploads::StoreAccess;
pub use wrong_part::{PartDifference, WrongPart};
// How long an upload lasts is part of the policy.
pub use upsign_policy::{InvalidResumeWindow, ResumeWindow};
