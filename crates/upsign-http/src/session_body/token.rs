//! The bodies that consist of little more than the upload token.

use std::fmt;

use http::HeaderMap;
use upsign_core::PartNumber;

use crate::invalid_body::InvalidBody;
use crate::session_body::{MAX_ITEMS, UPLOAD_TOKEN, members, part_number, unknown};
use crate::upload_body::text;

/// The content of the body of `/uploads/status`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusBody {
    /// The upload token, unchecked. It is a secret of the caller, so `Debug` does not show it.
    pub upload_token: Box<str>,
    /// The member `after`: list only the parts with higher numbers, because an earlier answer listed the others.
    pub after: Option<PartNumber>,
}

/// The content of the body of `/uploads/abort`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbortBody {
    /// The upload token, unchecked. It is a secret of the caller, so `Debug` does not show it.
    pub upload_token: Box<str>,
}

impl StatusBody {
    /// Reads `{"uploadToken": "…", "after": 7}` of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, if `uploadToken` is missing, or if
    /// `after` is not a part number.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut token, mut after) = (None, None);
        for (name, value) in members(max_bytes, MAX_ITEMS, headers, body)? {
            match name.as_ref() {
                UPLOAD_TOKEN => token = Some(text(UPLOAD_TOKEN, value)?),
                "after" => after = Some(part_number(&value, || "after".to_owned())?),
                _ => return Err(unknown(&["after", UPLOAD_TOKEN])),
            }
        }
        Ok(Self { upload_token: token.ok_or(InvalidBody::Missing(UPLOAD_TOKEN))?, after })
    }
}

impl AbortBody {
    /// Reads `{"uploadToken": "…"}` of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, or if `uploadToken` is missing.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let mut token = None;
        for (name, value) in members(max_bytes, MAX_ITEMS, headers, body)? {
            match name.as_ref() {
                UPLOAD_TOKEN => token = Some(text(UPLOAD_TOKEN, value)?),
                _ => return Err(unknown(&[UPLOAD_TOKEN])),
            }
        }
        Ok(Self { upload_token: token.ok_or(InvalidBody::Missing(UPLOAD_TOKEN))? })
    }
}

impl fmt::Debug for StatusBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusBody").field("after", &self.after).finish_non_exhaustive()
    }
}

impl fmt::Debug for AbortBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortBody").finish_non_exhaustive()
    }
}
