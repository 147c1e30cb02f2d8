//! Signed tokens.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use upsign_core::{Identity, Target, Timestamp};

use crate::route::RouteName;
use crate::session::codec;
use crate::session::keys::{KEY_ID_LEN, TAG_LEN, TokenKeys};
use crate::session::rejection::{InvalidUploadToken, TokenRejection};
use crate::session::upload::UploadSession;

/// The version of tokens that this release issues and accepts.
const VERSION: u8 = 2;

/// Maximum number of bytes of a token, before they are encoded as text. The longest values of everything but the upload id
/// need less than 7 KiB.
const MAX_BYTES: usize = 9_216;

/// A signed [`UploadSession`], which the client sends with every request for a multipart upload.
///
/// `Debug` does not show it, so that it stays out of logs. [`expose`](Self::expose) returns the text.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadToken(Box<str>);

/// The session is too long for a token. Only the upload id, which the store chooses, has no limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upload token would be too long: the upload id of the store has {upload_id_len} bytes")]
#[non_exhaustive]
pub struct UploadTokenTooLong {
    /// The length of the upload id in bytes.
    pub upload_id_len: usize,
}

impl UploadToken {
    /// The maximum length of a token in characters.
    pub const MAX_LEN: usize = (MAX_BYTES * 4).div_ceil(3);

    /// Returns the token as text, of `A-Z`, `a-z`, `0-9`, `-` and `_`. Send it to the client only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UploadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadToken([redacted])")
    }
}

impl TokenKeys {
    /// Signs a session with the first key.
    ///
    /// Signing is deterministic: one session gives one token. [`verify`](Self::verify) accepts every token that this method
    /// returns until it expires.
    ///
    /// # Errors
    /// Returns an error if the store's upload id is longer than about 2,400 bytes.
    pub fn sign(&self, session: &UploadSession) -> Result<UploadToken, UploadTokenTooLong> {
        let upload_id_len = session.upload.upload_id().map_or(0, |id| id.as_str().len());
        let too_long = UploadTokenTooLong { upload_id_len };
        let payload = codec::encode(session).ok_or(too_long)?;
        if 1 + KEY_ID_LEN + payload.len() + TAG_LEN > MAX_BYTES {
            return Err(too_long);
        }
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.upload_token().signing.id);
        bytes.extend_from_slice(&payload);
        bytes.extend_from_slice(&self.upload_token().signing.tag(&bytes));
        Ok(UploadToken(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// Returns the session of a token that `caller` sent at the instant `at`.
    ///
    /// `caller` must have been authenticated for this request. `target_of` returns where the route stores objects now, or
    /// `None` if there is no such route or if the request is for another one; its argument is `None` for the unnamed route.
    ///
    /// # Errors
    /// Returns the same error for every reason: the token is malformed, is not signed with one of the keys, has expired, was
    /// issued to another caller, or is for a route or a bucket that does not match. Answer 403.
    pub fn verify(
        &self,
        token: &str,
        caller: &Identity,
        at: Timestamp,
        target_of: impl FnOnce(Option<&RouteName>) -> Option<Target>,
    ) -> Result<UploadSession, InvalidUploadToken> {
        let session = self.open(token)?;
        if at >= session.expires_at {
            return Err(TokenRejection::Expired(session.expires_at).into());
        }
        if !session.belongs_to(caller) {
            return Err(TokenRejection::Caller.into());
        }
        match target_of(session.upload.route.as_ref()) {
            None => Err(TokenRejection::Route.into()),
            Some(target) if !session.upload.is_at(&target) => Err(TokenRejection::Bucket.into()),
            Some(_) => Ok(session),
        }
    }

    /// Returns the session of a token whose signature matches.
    pub(crate) fn open(&self, token: &str) -> Result<UploadSession, TokenRejection> {
        if token.len() > UploadToken::MAX_LEN {
            return Err(TokenRejection::TooLong { len: token.len(), max: UploadToken::MAX_LEN });
        }
        // The engine refuses padding and unused bits that are not zero, so no two texts give the same bytes.
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenRejection::Encoding)?;
        let (message, tag) = bytes.split_last_chunk().ok_or(TokenRejection::TooShort)?;
        let (version, rest) = message.split_first().ok_or(TokenRejection::TooShort)?;
        if *version != VERSION {
            return Err(TokenRejection::Version(*version));
        }
        let (key_id, payload) = rest.split_first_chunk().ok_or(TokenRejection::TooShort)?;
        let key = self.upload_token().with_id(*key_id).ok_or(TokenRejection::UnknownKey)?;
        if !key.verifies(message, tag) {
            return Err(TokenRejection::Signature);
        }
        codec::decode(payload).ok_or(TokenRejection::Payload)
    }
}
