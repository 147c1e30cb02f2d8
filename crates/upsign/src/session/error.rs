//! Why a call that continues an upload fails.

use upsign_core::{InvalidExpiresIn, InvalidHeader, InvalidQuery, ObjectKey, PartNumber, PresignError};
use upsign_objects::{ETag, ObjectError};
use upsign_policy::ChecksumAlgorithm;

use crate::announce::AnnounceError;
use crate::authorize::AuthorizeError;
use crate::confirm::{InspectError, InvalidReceipt, ReceiptTooLong};
use crate::quota::{QuotaDenied, QuotaStoreError};
use crate::rate::{RateLimitUnavailable, TooManyRequests};
use crate::session::parts::{InvalidChecksumCount, InvalidPartLengths, InvalidPartNumbers};
use crate::session::ranges::PartRanges;
use crate::session::rejection::InvalidUploadToken;
use crate::session::wrong_part::{WrongPart, describe};

/// The reason why a call that continues an upload failed. The upload itself can be continued, unless the reason says otherwise.
///
/// Each variant is either a *client error* or a *service fault*; [`is_service_fault`](Self::is_service_fault) distinguishes the
/// two. The message of a client error can be sent to the client: it contains neither the bucket nor anything that the store
/// answered. That of a service fault is for the operator.
///
/// ```
/// use upsign::TooManyRequests;
/// use upsign::session::{PartRanges, SessionError};
/// use upsign::types::PartNumber;
///
/// let missing = PartRanges::new([7, 3, 8].map(|number| PartNumber::new(number).unwrap()));
/// let error = SessionError::PartsMissing { missing, part_count: 12 };
/// assert_eq!((error.code(), error.status()), ("parts-missing", 409));
/// assert_eq!(error.to_string(), "3 of 12 parts are missing: 3,7-8");
/// assert_eq!(SessionError::from(TooManyRequests::new(30)).retry_after(), Some(30));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The upload token is not valid for this caller and this call. A client error; [`InvalidUploadToken::reason`] is for the log.
    #[error(transparent)]
    Token(#[from] InvalidUploadToken),
    /// The caller may no longer use the route of the upload. A client error.
    #[error("the caller may not use the route of this upload")]
    RouteForbidden,
    /// The application's [`Authorize`](crate::Authorize) implementation no longer permits the upload. A client error.
    #[error("the application does not permit to continue this upload")]
    Forbidden,
    /// The application's [`Authorize`](crate::Authorize) implementation failed. A service fault; retrying may help.
    #[error("the authorization of this upload is unavailable")]
    AuthorizerUnavailable(#[from] AuthorizeError),
    /// The caller sent too many requests. A client error; the caller may retry after the stated time.
    #[error(transparent)]
    TooManyRequests(#[from] TooManyRequests),
    /// The request could not be counted against the rate limit, which fails closed. A service fault; retrying may help.
    #[error(transparent)]
    RateLimitUnavailable(#[from] RateLimitUnavailable),
    /// The object would exceed the quota: its upload is not reserved any more, because it was rejected or deleted before, or the
    /// object is a further one that was uploaded with the same URL. A client error; the object stays unconfirmed, and the caller may
    /// retry after the stated time.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaDenied),
    /// The upload could not be counted or released, and the quota fails closed. A service fault; repeat the request.
    #[error("the quota of this upload is unavailable")]
    QuotaUnavailable(#[from] QuotaStoreError),
    /// The [`Inspect`](crate::confirm::Inspect) implementation has no verdict. A service fault; the object stays unconfirmed, and
    /// repeating the request may help.
    #[error("the inspection of the object is unavailable")]
    InspectorUnavailable(#[from] InspectError),
    /// The policy has objects inspected, and the issuer has no inspector. A service fault: set one by
    /// [`UploadIssuer::with_inspector`](crate::UploadIssuer::with_inspector).
    #[error("the policy has objects inspected, but the issuer has no inspector")]
    MissingInspector,
    /// The [`Announce`](crate::Announce) implementation failed. A service fault; repeat the request, which announces again.
    #[error("what became of the upload could not be announced")]
    AnnouncementUnavailable(#[from] AnnounceError),
    /// The bucket has no versioning, and the gate of the policy is a tag, or confirmed objects that can be replaced are read through
    /// CloudFront. A service fault: enable versioning, because only a version names what was confirmed.
    #[error(
        "the bucket has no versioning, without which a confirmed object can neither be tagged nor read through CloudFront"
    )]
    VersionsRequired,
    /// The headers of the copy to the final key cannot be signed. A service fault, which the policy rules out when it is built.
    #[error("the headers of the copy to the final key are not valid")]
    PromotionHeaders(#[source] InvalidHeader),
    /// The receipt would be too long. A service fault.
    #[error(transparent)]
    ReceiptTooLong(#[from] ReceiptTooLong),
    /// The receipt is not valid for this service. A client error; [`InvalidReceipt::reason`] is for the log.
    #[error(transparent)]
    Receipt(#[from] InvalidReceipt),
    /// The [`AuthorizeRead`](crate::read::AuthorizeRead) implementation does not permit to read the object. A client error.
    #[error("the caller may not read this object")]
    ReadForbidden,
    /// The object was replaced since it was confirmed, so it was not deleted. A client error.
    #[error("the object was replaced since it was confirmed")]
    ObjectChanged,
    /// The query of the URL cannot be signed. A service fault, which the form of receipts rules out.
    #[error("the query of the URL is not valid")]
    ReadQuery(#[source] InvalidQuery),
    /// The part numbers are not valid. A client error.
    #[error(transparent)]
    PartNumbers(#[from] InvalidPartNumbers),
    /// The lengths of parts are missing, not allowed or not possible. A client error.
    #[error(transparent)]
    PartLengths(#[from] InvalidPartLengths),
    /// The number of checksums is not the number of parts. A client error.
    #[error(transparent)]
    ChecksumCount(#[from] InvalidChecksumCount),
    /// A checksum is required. A client error. Holds the number of the part, or `None` for that of the whole object.
    #[error("a {algorithm} checksum of {} is required", subject(*.part))]
    ChecksumRequired {
        /// The part, or `None` for the whole object.
        part: Option<PartNumber>,
        /// The algorithm of the upload.
        algorithm: ChecksumAlgorithm,
    },
    /// The upload has no checksum, or none that is compared here. A client error.
    #[error("a checksum of {} is not allowed: {}", subject(*.part), allowed(*.algorithm))]
    ChecksumNotAllowed {
        /// The part, or `None` for the whole object.
        part: Option<PartNumber>,
        /// The algorithm with which a checksum would be allowed.
        algorithm: Option<ChecksumAlgorithm>,
    },
    /// A checksum is not base64 of the algorithm's length. A client error.
    #[error("the checksum of {} is not a {algorithm} checksum: {} bytes in base64 with padding", subject(*.part), .algorithm.len())]
    ChecksumInvalid {
        /// The part, or `None` for the whole object.
        part: Option<PartNumber>,
        /// The algorithm of the upload.
        algorithm: ChecksumAlgorithm,
    },
    /// The store lacks parts that the request lists. A client error: upload them and complete again.
    #[error("{} of {part_count} parts are missing: {missing}", .missing.len())]
    PartsMissing {
        /// The parts that are missing.
        missing: PartRanges,
        /// The number of parts of the upload.
        part_count: u16,
    },
    /// The request does not list every part of the upload, or a part that the store has. A client error: complete again with all
    /// parts. The code is that of [`PartsMissing`](Self::PartsMissing).
    #[error(
        "the request lists {} of {part_count} parts: add {unlisted}, each with its ETag",
        usize::from(*.part_count).saturating_sub(.unlisted.len())
    )]
    PartsUnlisted {
        /// The parts that the request does not list.
        unlisted: PartRanges,
        /// The number of parts of the upload.
        part_count: u16,
    },
    /// The object would be smaller than the policy permits. Only possible if the size was not known when the upload began. A
    /// client error: abort, or upload more.
    #[error("the object has {size} bytes, but at least {min} are required")]
    TooSmall {
        /// The size in bytes.
        size: u64,
        /// The minimum size in bytes.
        min: u64,
    },
    /// The uploaded parts are together larger than the policy permits. Only possible if nothing bound their lengths. A client error:
    /// the upload was aborted.
    #[error("the parts have {size} bytes, but at most {max} are permitted: the upload was aborted")]
    TooLarge {
        /// The size in bytes.
        size: u64,
        /// The maximum size in bytes.
        max: u64,
    },
    /// Uploaded parts differ from the plan or from what the client stated. A client error: upload them again.
    #[error("{}", describe(.0))]
    PartMismatch(Vec<WrongPart>),
    /// The store computed another checksum of the object than the client stated. A client error: find the wrong part by its
    /// checksum, upload it again, and complete again.
    #[error(
        "the store computed another checksum of the object than the request states: compare the checksums of the parts, upload \
         those that differ again, and complete again"
    )]
    ChecksumMismatch,
    /// An object that is not this upload's has the key. A client error: begin again.
    #[error("another object has the key of this upload")]
    ObjectExists,
    /// The store detected a conflict with another request for the same key. A client error: begin again.
    #[error("the upload conflicted with another request: begin a new upload")]
    Conflict,
    /// The upload cannot be aborted, because it is complete. A client error.
    #[error("the upload is complete")]
    AlreadyCompleted {
        /// The key of the object.
        key: ObjectKey,
        /// Its size in bytes.
        size: u64,
        /// Its entity tag.
        etag: ETag,
    },
    /// The upload was aborted, or the store has removed it. A client error: begin again.
    #[error("the upload no longer exists: it was aborted, or not continued in time")]
    Gone,
    /// Whether the upload is complete is not known. A service fault; repeat the request.
    #[error("it is not known whether the upload is complete")]
    Uncertain(#[source] ObjectError),
    /// The store did not answer, or refused the service. A service fault. Retrying may help if
    /// [`ObjectError::retry_may_help`] is `true`.
    #[error("a call to the store failed")]
    Store(#[source] ObjectError),
    /// The URLs could not be signed. A service fault; retrying may help.
    #[error("the parts could not be signed")]
    Presign(#[from] PresignError),
    /// The signing backend returned an expiry outside the range that S3 accepts. A service fault.
    #[error("the presigned request has an invalid lifetime")]
    Lifetime(#[from] InvalidExpiresIn),
}

impl SessionError {
    /// Returns `true` if the service failed and `false` if the client's request was at fault.
    #[must_use]
    pub fn is_service_fault(&self) -> bool {
        self.status() >= 500
    }

    /// Returns a stable kebab-case code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(_) => "upload-token-invalid",
            Self::RouteForbidden => "route-forbidden",
            Self::Forbidden => "forbidden",
            Self::AuthorizerUnavailable(_) => "authorization-unavailable",
            Self::TooManyRequests(_) => "too-many-requests",
            Self::RateLimitUnavailable(_) => "rate-limit-unavailable",
            Self::QuotaExceeded(_) => "quota-exceeded",
            Self::QuotaUnavailable(_) => "quota-unavailable",
            Self::InspectorUnavailable(_) => "inspection-unavailable",
            Self::AnnouncementUnavailable(_) => "announcement-unavailable",
            Self::VersionsRequired => "versions-required",
            Self::Receipt(_) => "receipt-invalid",
            Self::ReadForbidden => "read-forbidden",
            Self::ObjectChanged => "object-changed",
            Self::MissingInspector
            | Self::PromotionHeaders(_)
            | Self::ReceiptTooLong(_)
            | Self::ReadQuery(_) => "internal",
            Self::PartNumbers(_) => "part-numbers-invalid",
            Self::PartLengths(_) => "part-lengths-invalid",
            Self::ChecksumRequired { .. } => "checksum-required",
            Self::ChecksumNotAllowed { .. } => "checksum-not-allowed",
            Self::ChecksumCount(_) | Self::ChecksumInvalid { .. } => "checksum-invalid",
            Self::PartsMissing { .. } | Self::PartsUnlisted { .. } => "parts-missing",
            Self::TooSmall { .. } => "too-small",
            Self::TooLarge { .. } => "too-large",
            Self::PartMismatch(_) => "part-mismatch",
            Self::ChecksumMismatch => "checksum-mismatch",
            Self::ObjectExists => "object-exists",
            Self::Conflict => "upload-conflict",
            Self::AlreadyCompleted { .. } => "upload-completed",
            Self::Gone => "upload-gone",
            Self::Uncertain(_) => "completion-uncertain",
            Self::Store(error) => store_code(error),
            Self::Presign(PresignError::CredentialsTooShort { .. }) => "credentials-too-short",
            Self::Presign(_) => "signing-unavailable",
            Self::Lifetime(_) => "internal",
        }
    }

    /// Returns the HTTP status with which `upsign-http` answers this error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Token(_)
            | Self::RouteForbidden
            | Self::Forbidden
            | Self::Receipt(_)
            | Self::ReadForbidden => 403,
            Self::TooLarge { .. } => 413,
            Self::TooManyRequests(_) | Self::QuotaExceeded(_) => 429,
            Self::PartNumbers(_)
            | Self::PartLengths(_)
            | Self::ChecksumCount(_)
            | Self::ChecksumRequired { .. }
            | Self::ChecksumNotAllowed { .. }
            | Self::ChecksumInvalid { .. }
            | Self::TooSmall { .. } => 400,
            Self::PartsMissing { .. }
            | Self::PartsUnlisted { .. }
            | Self::PartMismatch(_)
            | Self::ChecksumMismatch
            | Self::ObjectExists
            | Self::Conflict
            | Self::ObjectChanged
            | Self::AlreadyCompleted { .. } => 409,
            Self::Gone => 410,
            Self::AuthorizerUnavailable(_)
            | Self::RateLimitUnavailable(_)
            | Self::QuotaUnavailable(_)
            | Self::InspectorUnavailable(_)
            | Self::AnnouncementUnavailable(_)
            | Self::Uncertain(_)
            | Self::Presign(_) => 503,
            Self::Store(error) => store_status(error),
            Self::VersionsRequired
            | Self::MissingInspector
            | Self::PromotionHeaders(_)
            | Self::ReceiptTooLong(_)
            | Self::ReadQuery(_)
            | Self::Lifetime(_) => 500,
        }
    }

    /// Returns the seconds for `Retry-After`, or `None` if the same request would fail again.
    ///
    /// A rate limit and a store state their own time. A completion of unknown outcome is worth a repetition after 5 seconds,
    /// credentials that are about to expire after 30, and other faults that may pass after 10.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests(limit) => Some(limit.retry_after),
            Self::QuotaExceeded(denied) => Some(denied.retry_after),
            Self::Uncertain(_) => Some(5),
            Self::Presign(PresignError::CredentialsTooShort { .. }) => Some(30),
            Self::AuthorizerUnavailable(_)
            | Self::RateLimitUnavailable(_)
            | Self::QuotaUnavailable(_)
            | Self::InspectorUnavailable(_)
            | Self::AnnouncementUnavailable(_)
            | Self::Presign(_) => Some(10),
            Self::Store(error) => store_retry_after(error),
            _ => None,
        }
    }
}

/// Returns the code of a failed call to the store.
pub(crate) fn store_code(error: &ObjectError) -> &'static str {
    if error.retry_may_help() { "store-unavailable" } else { "store-refused" }
}

/// Returns the HTTP status of a failed call to the store. A refusal that repeats, such as `AccessDenied`, is a defect of the
/// configuration.
pub(crate) fn store_status(error: &ObjectError) -> u16 {
    if error.retry_may_help() { 503 } else { 500 }
}

/// Returns the seconds for `Retry-After` after a failed call to the store.
pub(crate) fn store_retry_after(error: &ObjectError) -> Option<u32> {
    error.retry_may_help().then(|| error.retry_after().unwrap_or(10))
}

fn subject(part: Option<PartNumber>) -> String {
    part.map_or_else(|| "the whole object".to_owned(), |number| format!("part {number}"))
}

fn allowed(algorithm: Option<ChecksumAlgorithm>) -> String {
    match algorithm {
        Some(algorithm) => format!("the algorithm of the upload is {algorithm}"),
        None => "the upload has none".to_owned(),
    }
}
