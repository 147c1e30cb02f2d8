//! Errors.

use crate::transport::NoAnswer;

/// A store that cannot be examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedStore {
    /// The target has signatures of Google Cloud Storage.
    #[error(
        "only stores with signatures of AWS can be examined, not those with signatures of Google Cloud Storage"
    )]
    GoogleSignatures,
    /// The target is an access point. Its listings and copies name objects otherwise.
    #[error("access points cannot be examined; examine the bucket itself")]
    AccessPoint,
    /// The target is a directory bucket, whose requests need sessions.
    #[error(
        "directory buckets cannot be examined: their features are certain, and their listings need sessions"
    )]
    DirectoryBucket,
}

/// Nothing could be examined. What had been stored was removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The store did not answer the first request.
    #[error("the store cannot be reached: {0}")]
    Unreachable(NoAnswer),
    /// The store refused the first `PUT`, or the `GET` after it.
    #[error("the store refused the first request: {evidence}")]
    Refused {
        /// The request, and status and code of the answer.
        evidence: String,
        /// The status.
        status: u16,
        /// The code of the answer, or an empty text.
        code: String,
    },
    /// The store accepted an object, and returned other bytes.
    #[error("the store does not return the object that it stored: {evidence}")]
    OtherBytes {
        /// The request, and status of the answer.
        evidence: String,
    },
}
