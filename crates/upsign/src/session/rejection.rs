//! Why a token is not accepted.

use upsign_core::Timestamp;

/// The upload token is not accepted.
///
/// The message is the same for every reason, so that an answer tells an attacker nothing about a token that belongs to
/// another caller. [`reason`](Self::reason) is for the service's log.
///
/// ```
/// use upsign::Identity;
/// use upsign::session::{TokenKeys, TokenRejection};
///
/// let keys = TokenKeys::new("production", [b"an example secret of 32 bytes or more"])?;
/// let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// let rejected = keys.verify("AAAA", &caller, "2026-01-01T00:00:00Z".parse()?, |_| None).unwrap_err();
/// assert_eq!(rejected.to_string(), "the upload token is not valid for this request");
/// assert_eq!(rejected.reason(), TokenRejection::TooShort);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upload token is not valid for this request")]
pub struct InvalidUploadToken(TokenRejection);

impl InvalidUploadToken {
    /// Returns the reason, for the service's log. Do not send it to the client.
    #[must_use]
    pub const fn reason(&self) -> TokenRejection {
        self.0
    }
}

impl From<TokenRejection> for InvalidUploadToken {
    fn from(reason: TokenRejection) -> Self {
        Self(reason)
    }
}

/// The reason why an upload token is not accepted. No message contains anything from the token that was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRejection {
    /// The token has more characters than any that this version issues.
    #[error("the upload token has {len} characters, but the longest possible one has {max}")]
    TooLong {
        /// The length of the token.
        len: usize,
        /// The maximum length.
        max: usize,
    },
    /// The token is not base64url without padding, or not in its only canonical form.
    #[error("the upload token is not canonical base64url without padding")]
    Encoding,
    /// The token ends before its signature.
    #[error("the upload token is too short")]
    TooShort,
    /// The token has another version. Another release of the service may have issued it.
    #[error("the upload token has the version {0}, expected 2")]
    Version(u8),
    /// No configured key has the token's key id. The key was removed, or belongs to another deployment.
    #[error("the upload token was signed with a key that is not configured")]
    UnknownKey,
    /// The signature does not match.
    #[error("the signature of the upload token does not match")]
    Signature,
    /// The signature matches, but the payload is not a session in canonical form. Another release of the service may have
    /// issued the token.
    #[error("the payload of the upload token is malformed")]
    Payload,
    /// The upload can no longer be continued.
    #[error("the upload token expired at {0}")]
    Expired(Timestamp),
    /// Another caller began the upload.
    #[error("the upload token was issued to another caller")]
    Caller,
    /// The route of the upload does not exist, or is not the one of the request.
    #[error("the upload token is for another route or for one that does not exist")]
    Route,
    /// The route of the upload now stores in another bucket, or in one of another store.
    #[error("the upload token is for a bucket that the route does not use")]
    Bucket,
    /// The token is for a single `PUT` or form, which has no parts.
    #[error("the upload token is for an upload with one request, which has no parts")]
    SinglePut,
    /// The route does not confirm uploads.
    #[error("the upload token is for a route that does not confirm uploads")]
    NotConfirmable,
    /// The route does not let callers delete uploads.
    #[error("the upload token is for a route that does not delete uploads")]
    NotDeletable,
    /// The ticket is not of the form that this version issues, or was not issued for this upload.
    #[error("the ticket was not issued for this upload")]
    Ticket,
    /// The ticket is for another call.
    #[error("the ticket is for another call")]
    TicketCall,
    /// The ticket has expired.
    #[error("the ticket expired at {0}")]
    TicketExpired(Timestamp),
}
