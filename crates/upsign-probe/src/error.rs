//! Errors.

use crate::report::left_over::LeftOver;
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

/// Nothing could be examined. [`left_over`](Self::left_over) says what could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The store did not answer the first request.
    #[error("the store cannot be reached: {reason}")]
    Unreachable {
        /// Why no answer arrived.
        reason: NoAnswer,
        /// What may have been stored nevertheless.
        left_over: LeftOver,
    },
    /// The store refused the first `PUT`, or the `GET` after it.
    #[error("the store refused a request that every experiment needs: {evidence}")]
    Refused {
        /// The request, and status and code of the answer.
        evidence: String,
        /// The status.
        status: u16,
        /// The code of the answer, or an empty text.
        code: String,
        /// What was stored and could not be removed.
        left_over: LeftOver,
    },
    /// The store accepted an object, and returned other bytes.
    #[error("the store does not return the object that it stored: {evidence}")]
    OtherBytes {
        /// The request, and status of the answer.
        evidence: String,
        /// What was stored and could not be removed.
        left_over: LeftOver,
    },
}

impl ProbeError {
    /// Returns what the run stored and could not remove.
    #[must_use]
    pub const fn left_over(&self) -> &LeftOver {
        match self {
            Self::Unreachable { left_over, .. }
            | Self::Refused { left_over, .. }
            | Self::OtherBytes { left_over, .. } => left_over,
        }
    }
}
