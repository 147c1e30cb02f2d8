//! The bodies of the calls that follow an upload: to confirm it, to read its object and to delete it.

use std::fmt;

use http::HeaderMap;
use upsign::confirm::DeleteProof;
use upsign::read::ReadRequest;
use upsign_core::ExpiresIn;
use upsign_json::Json;

use crate::invalid_body::InvalidBody;
use crate::session_body::{MAX_ITEMS, UPLOAD_TOKEN, members, unknown};
use crate::upload_body::text;

/// The member with the receipt of a confirmed upload.
const RECEIPT: &str = "receipt";

/// The content of the body of `/uploads/confirm`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfirmBody {
    /// The upload token, unchecked. It is a secret of the caller, so `Debug` does not show it.
    pub upload_token: Box<str>,
}

/// The content of the body of `/uploads/read-url`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadBody {
    /// The receipt, unchecked. `Debug` does not show it.
    pub receipt: Box<str>,
    /// The member `expiresIn`: the lifetime of the URL that the client wants. The service can shorten it.
    pub expires_in: Option<ExpiresIn>,
    /// Whether the client wants the browser to save the object instead of displaying it: `"disposition": "attachment"`.
    pub attachment: bool,
}

/// The content of the body of `DELETE /uploads`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteBody {
    /// What proves that the upload is the caller's.
    pub proof: DeleteBodyProof,
}

/// What proves that an upload is the caller's, unchecked. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an upload is confirmed, or it is not")]
pub enum DeleteBodyProof {
    /// The receipt of a confirmed upload.
    Receipt(Box<str>),
    /// The token of an upload that is not confirmed yet.
    UploadToken(Box<str>),
}

impl ConfirmBody {
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

impl ReadBody {
    /// Reads `{"receipt": "…", "expiresIn": 60, "disposition": "attachment"}` of at most `max_bytes` bytes. Only `receipt` is
    /// required.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use upsign_http::ReadBody;
    ///
    /// let body = ReadBody::read_up_to(8 << 10, &HeaderMap::new(), br#"{"receipt": "AQID", "expiresIn": 60}"#)?;
    /// assert_eq!(body.expires_in.map(|lifetime| lifetime.as_secs()), Some(60));
    /// assert!(!body.attachment);
    /// # Ok::<(), upsign_http::InvalidBody>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, if `receipt` is missing, if `expiresIn` is
    /// not a whole number of seconds from 1 to 604,800, or if `disposition` is not `attachment`.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut receipt, mut expires_in, mut attachment) = (None, None, false);
        for (name, value) in members(max_bytes, MAX_ITEMS, headers, body)? {
            match name.as_ref() {
                RECEIPT => receipt = Some(text(RECEIPT, value)?),
                "expiresIn" => expires_in = Some(lifetime(&value)?),
                "disposition" => attachment = is_attachment(&value)?,
                _ => return Err(unknown(&["disposition", "expiresIn", RECEIPT])),
            }
        }
        let receipt = receipt.ok_or(InvalidBody::Missing(RECEIPT))?;
        Ok(Self { receipt, expires_in, attachment })
    }

    /// Returns the request for [`UploadService::read_url`](upsign::UploadService::read_url).
    #[must_use]
    pub fn request(&self) -> ReadRequest {
        let request = match self.expires_in {
            Some(expires_in) => ReadRequest::new().with_expires_in(expires_in),
            None => ReadRequest::new(),
        };
        if self.attachment { request.with_attachment() } else { request }
    }
}

impl DeleteBody {
    /// Reads `{"receipt": "…"}` or `{"uploadToken": "…"}` of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// Returns [`InvalidBody`] as [`UploadBody::read`](crate::UploadBody::read) does, or if the body has not exactly one of the
    /// two members.
    pub fn read_up_to(max_bytes: usize, headers: &HeaderMap, body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut receipt, mut token) = (None, None);
        for (name, value) in members(max_bytes, MAX_ITEMS, headers, body)? {
            match name.as_ref() {
                RECEIPT => receipt = Some(text(RECEIPT, value)?),
                UPLOAD_TOKEN => token = Some(text(UPLOAD_TOKEN, value)?),
                _ => return Err(unknown(&[RECEIPT, UPLOAD_TOKEN])),
            }
        }
        let proof = match (receipt, token) {
            (Some(receipt), None) => DeleteBodyProof::Receipt(receipt),
            (None, Some(token)) => DeleteBodyProof::UploadToken(token),
            (None, None) | (Some(_), Some(_)) => return Err(InvalidBody::OneProof),
        };
        Ok(Self { proof })
    }

    /// Returns the proof for [`UploadService::delete_upload`](upsign::UploadService::delete_upload).
    #[must_use]
    pub fn proof(&self) -> DeleteProof<'_> {
        match &self.proof {
            DeleteBodyProof::Receipt(receipt) => DeleteProof::Receipt(receipt),
            DeleteBodyProof::UploadToken(token) => DeleteProof::Token(token),
        }
    }
}

fn lifetime(value: &Json<'_>) -> Result<ExpiresIn, InvalidBody> {
    let invalid = InvalidBody::Type("expiresIn", "a whole number of seconds from 1 to 604800");
    value.as_u64().and_then(|seconds| ExpiresIn::from_secs(seconds).ok()).ok_or(invalid)
}

fn is_attachment(value: &Json<'_>) -> Result<bool, InvalidBody> {
    match value.as_str() {
        Some("attachment") => Ok(true),
        _ => Err(InvalidBody::Type("disposition", "the text `attachment`, or absent")),
    }
}

impl fmt::Debug for ConfirmBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmBody").finish_non_exhaustive()
    }
}

impl fmt::Debug for ReadBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBody")
            .field("expires_in", &self.expires_in)
            .field("attachment", &self.attachment)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DeleteBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeleteBody").field("proof", &self.proof).finish()
    }
}

impl fmt::Debug for DeleteBodyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receipt(_) => "Receipt(..)",
            Self::UploadToken(_) => "UploadToken(..)",
        })
    }
}
