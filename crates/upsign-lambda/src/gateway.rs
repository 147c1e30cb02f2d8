//! The callers that a gateway has identified.

use std::fmt;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use upsign_cognito::authorizer::{EventIdentity, IdentitySource};
use upsign_core::{Identity, Timestamp, TokenHeader};
use upsign_http::{Authenticate, AuthenticateError, AuthenticateRequest, ClaimLog, bearer_challenge};

/// Where a gateway states the identity of callers, and where these have sent their token.
pub(crate) struct GatewayCallers {
    source: IdentitySource,
    pub(crate) token_header: TokenHeader,
    claims: ClaimLog,
}

impl GatewayCallers {
    pub(crate) const fn new(source: IdentitySource, token_header: TokenHeader) -> Self {
        Self { source, token_header, claims: ClaimLog::new() }
    }

    /// Reads the caller from the event, which [`Authenticate`] does not receive.
    pub(crate) fn identify(&self, event: &Value, headers: &HeaderMap, at: Timestamp) -> FromEvent<'_> {
        FromEvent { caller: self.caller(event, headers, at), callers: self }
    }

    /// Returns the caller that the gateway has authenticated.
    ///
    /// A request with several values of the header with the token is rejected, as it is where the function verifies the token:
    /// which of them the gateway has verified is not known.
    fn caller(
        &self,
        event: &Value,
        headers: &HeaderMap,
        at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        let header = &self.token_header;
        if headers.get_all(header.as_str()).iter().count() > 1 {
            let reason = format!("the request has more than one {header} header");
            return Err(AuthenticateError::Rejected { code: "several-authorizations", reason });
        }
        let caller = self.source.identify(event, at)?;
        if let EventIdentity::User(user) = &caller {
            // Nothing else shows why this user has no groups, or why the expiry was not checked again.
            for reason in user.unreadable() {
                self.claims.log(reason, at);
            }
        }
        caller.identity().cloned().ok_or_else(|| {
            let reason = self.source.explain(&caller);
            let reason = reason.unwrap_or_else(|| "the event names no user".to_owned());
            AuthenticateError::Rejected { code: "no-user", reason }
        })
    }

    /// Returns the header with the token. Callers of IAM sign their requests, and have none.
    const fn header(&self) -> Option<&TokenHeader> {
        match self.source {
            IdentitySource::Iam(_) => None,
            _ => Some(&self.token_header),
        }
    }
}

/// The caller that an event states, or the reason why it states none.
pub(crate) struct FromEvent<'a> {
    caller: Result<Identity, AuthenticateError>,
    callers: &'a GatewayCallers,
}

impl fmt::Debug for FromEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromEvent").finish_non_exhaustive()
    }
}

#[async_trait]
impl Authenticate for FromEvent<'_> {
    async fn authenticate(
        &self,
        _request: &AuthenticateRequest<'_>,
        _at: Timestamp,
    ) -> Result<Identity, AuthenticateError> {
        self.caller.clone()
    }

    fn challenge(&self) -> Option<HeaderValue> {
        self.callers.header().map(bearer_challenge)
    }

    fn token_header(&self) -> Option<&TokenHeader> {
        self.callers.header()
    }
}
