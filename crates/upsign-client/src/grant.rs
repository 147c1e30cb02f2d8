//! What the API grants for a multipart upload.

use std::collections::BTreeMap;
use std::fmt;

use crate::api::ApiError;
use crate::error::UploadError;
use crate::plan::PartLayout;

/// The number of parallel parts if neither the caller nor the API states one.
const DEFAULT_PARTS_AT_ONCE: u8 = 4;

/// A multipart upload that the API granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MultipartGrant {
    pub(crate) key: String,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) token: UploadToken,
    pub(crate) layout: PartLayout,
    pub(crate) parts_at_once: Option<u8>,
    /// Whether the API promised to confirm the object.
    pub(crate) confirm: bool,
    pub(crate) expires_at: String,
}

/// The token of an upload. It is useless without the token of the same caller, but not printed either.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UploadToken(pub(crate) String);

impl MultipartGrant {
    /// Returns the number of parts that the API permits at the same time.
    pub(crate) fn allowed_parts(&self) -> u8 {
        self.parts_at_once.unwrap_or(DEFAULT_PARTS_AT_ONCE)
    }

    /// Returns whether the API refused the upload token because it has expired.
    pub(crate) fn has_expired(&self, error: &ApiError) -> bool {
        error.is_of_expired_token(&self.expires_at)
    }

    /// Replaces the refusal of an expired token with [`UploadError::Expired`].
    pub(crate) fn error_of_expiry(&self, error: UploadError) -> UploadError {
        match error {
            UploadError::Api(error) if self.has_expired(&error) => {
                UploadError::Expired { key: self.key.clone(), expires_at: self.expires_at.clone() }
            }
            error => error,
        }
    }
}

impl fmt::Debug for UploadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadToken([redacted])")
    }
}
