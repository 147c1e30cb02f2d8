//! Why a caller is not let in: a reason for the operator, never for the caller.

use upsign_core::Timestamp;

use crate::{Excerpt, InvalidJson};

/// Why a token or an event names nobody.
///
/// `Display` is for the operator's log: it may quote what was wrong ([`Excerpt`]: short and escaped), never a signature
/// or a whole token. A caller learns none of it: every rejection that [is unauthenticated](Rejection::kind) gets the
/// same answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No `Authorization`.
    #[error("there is no authorization header")]
    NoAuthorization,
    /// `Authorization` more than once.
    #[error("there is more than one authorization header")]
    SeveralAuthorizations,
    /// Not `Bearer`, one space and a token.
    #[error("the authorization header is not `Bearer` and a token")]
    NotBearer,
    /// Longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("the token has {bytes} bytes, more than 8192")]
    TokenTooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not three segments of base64url without padding.
    #[error("the token is not a compact JWS: three segments of base64url without padding")]
    NotCompact,
    /// The header is not a strict JSON object.
    #[error("the token's header is {0}")]
    HeaderJson(InvalidJson),
    /// A header parameter that is not understood, or not of its type.
    #[error("the token's header has a `{parameter}` that cannot be honoured")]
    HeaderParameter {
        /// Its name.
        parameter: &'static str,
    },
    /// An algorithm that is not allowed.
    #[error("the token's algorithm {alg} is not allowed")]
    Algorithm {
        /// What the header says.
        alg: Excerpt,
    },
    /// No `kid`, or not a text.
    #[error("the token names no key")]
    NoKid,
    /// A `kid` that the issuer does not publish.
    #[error("the issuer publishes no usable key {kid}")]
    UnknownKid {
        /// What the header says.
        kid: Excerpt,
    },
    /// The key does not fit the algorithm.
    #[error("the key {kid} is not for the token's algorithm")]
    KeyMismatch {
        /// What the header says.
        kid: Excerpt,
    },
    /// Not signed by that key.
    #[error("the signature does not match")]
    Signature,
    /// The payload is not a strict JSON object.
    #[error("the token's payload is {0}")]
    ClaimsJson(InvalidJson),
    /// A mandatory claim is absent.
    #[error("the claim `{claim}` is missing")]
    MissingClaim {
        /// Its name.
        claim: &'static str,
    },
    /// A claim has the wrong type, or a value outside its range.
    #[error("the claim `{claim}` is not what it has to be")]
    InvalidClaim {
        /// Its name.
        claim: &'static str,
    },
    /// Issued by somebody else.
    #[error("the issuer {found} is not the configured one")]
    Issuer {
        /// What the claim says.
        found: Excerpt,
    },
    /// Neither an access nor an id token.
    #[error("the token use {found} is neither `access` nor `id`")]
    UnknownTokenUse {
        /// What the claim says.
        found: Excerpt,
    },
    /// The wrong kind of token.
    #[error("the token is an {found} token, which is not accepted here")]
    TokenUse {
        /// What the claim says.
        found: crate::TokenKind,
    },
    /// Made for another client.
    #[error("the client {found} is not a configured one")]
    Client {
        /// What the claim says.
        found: Excerpt,
    },
    /// No longer valid.
    #[error("it expired at {at}")]
    Expired {
        /// `exp`.
        at: Timestamp,
    },
    /// Not valid yet.
    #[error("it is valid only from {at} on")]
    NotYetValid {
        /// `nbf`.
        at: Timestamp,
    },
    /// Issued later than now.
    #[error("it was issued at {at}, which is later than now")]
    IssuedLater {
        /// `iat`.
        at: Timestamp,
    },
    /// In none of the required groups.
    #[error("the caller is in none of the required groups")]
    Groups,
    /// Granted none of the required scopes.
    #[error("the caller has none of the required scopes")]
    Scopes,
    /// The event's text is not strict JSON.
    #[error("the event is {0}")]
    EventJson(InvalidJson),
    /// No event of a kind this crate knows.
    #[error("the event is of no supported kind")]
    UnsupportedEvent,
    /// The event contradicts itself or its own format.
    #[error("the event's {part} is malformed")]
    MalformedEvent {
        /// Which part.
        part: &'static str,
    },
    /// The event is not of the kind the configured source appears in.
    #[error("the event's kind does not carry the configured identity source")]
    OtherEvent,
    /// The configured authorizer did not speak.
    #[error("the event carries no claims of the configured authorizer")]
    NoClaims,
    /// An identity pool's guest.
    #[error("the caller is a guest of the identity pool")]
    Guest,
    /// The load balancer is not ours.
    #[error("the load balancer {found} is not the configured one")]
    Signer {
        /// What the header says.
        found: Excerpt,
    },
    /// The load balancer's key id could not be put into a path.
    #[error("the load balancer's key id is not a UUID")]
    KeyId,
}

/// Whose fault a [`Rejection`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// The caller did not prove who they are: 401.
    Unauthenticated,
    /// What arrived is not a request at all: 400.
    BadRequest,
}

impl Rejection {
    /// Every code, in the order of the variants.
    pub const CODES: [&'static str; 32] = [
        "no-authorization",
        "several-authorizations",
        "not-bearer",
        "token-too-long",
        "not-compact",
        "header-json",
        "header-parameter",
        "algorithm",
        "no-kid",
        "unknown-kid",
        "key-mismatch",
        "signature",
        "claims-json",
        "missing-claim",
        "invalid-claim",
        "issuer",
        "unknown-token-use",
        "token-use",
        "client",
        "expired",
        "not-yet-valid",
        "issued-later",
        "groups",
        "scopes",
        "event-json",
        "unsupported-event",
        "malformed-event",
        "other-event",
        "no-claims",
        "guest",
        "signer",
        "key-id",
    ];

    /// A stable name for programs and alarms.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAuthorization => "no-authorization",
            Self::SeveralAuthorizations => "several-authorizations",
            Self::NotBearer => "not-bearer",
            Self::TokenTooLong { .. } => "token-too-long",
            Self::NotCompact => "not-compact",
            Self::HeaderJson(_) => "header-json",
            Self::HeaderParameter { .. } => "header-parameter",
            Self::Algorithm { .. } => "algorithm",
            Self::NoKid => "no-kid",
            Self::UnknownKid { .. } => "unknown-kid",
            Self::KeyMismatch { .. } => "key-mismatch",
            Self::Signature => "signature",
            Self::ClaimsJson(_) => "claims-json",
            Self::MissingClaim { .. } => "missing-claim",
            Self::InvalidClaim { .. } => "invalid-claim",
            Self::Issuer { .. } => "issuer",
            Self::UnknownTokenUse { .. } => "unknown-token-use",
            Self::TokenUse { .. } => "token-use",
            Self::Client { .. } => "client",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::IssuedLater { .. } => "issued-later",
            Self::Groups => "groups",
            Self::Scopes => "scopes",
            Self::EventJson(_) => "event-json",
            Self::UnsupportedEvent => "unsupported-event",
            Self::MalformedEvent { .. } => "malformed-event",
            Self::OtherEvent => "other-event",
            Self::NoClaims => "no-claims",
            Self::Guest => "guest",
            Self::Signer { .. } => "signer",
            Self::KeyId => "key-id",
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        match self {
            Self::EventJson(_) | Self::UnsupportedEvent | Self::MalformedEvent { .. } => {
                RejectionKind::BadRequest
            }
            _ => RejectionKind::Unauthenticated,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::TokenKind;

    /// One of each, in order. A variant that is missing here is missed by the match in `code`, and so by `CODES`.
    fn each() -> Vec<Rejection> {
        let (at, found) = (Timestamp::UNIX_EPOCH, Excerpt::of("x\n"));
        vec![
            Rejection::NoAuthorization,
            Rejection::SeveralAuthorizations,
            Rejection::NotBearer,
            Rejection::TokenTooLong { bytes: 9_000 },
            Rejection::NotCompact,
            Rejection::HeaderJson(InvalidJson::Syntax),
            Rejection::HeaderParameter { parameter: "crit" },
            Rejection::Algorithm { alg: found.clone() },
            Rejection::NoKid,
            Rejection::UnknownKid { kid: found.clone() },
            Rejection::KeyMismatch { kid: found.clone() },
            Rejection::Signature,
            Rejection::ClaimsJson(InvalidJson::Duplicate),
            Rejection::MissingClaim { claim: "sub" },
            Rejection::InvalidClaim { claim: "sub" },
            Rejection::Issuer { found: found.clone() },
            Rejection::UnknownTokenUse { found: found.clone() },
            Rejection::TokenUse { found: TokenKind::Id },
            Rejection::Client { found: found.clone() },
            Rejection::Expired { at },
            Rejection::NotYetValid { at },
            Rejection::IssuedLater { at },
            Rejection::Groups,
            Rejection::Scopes,
            Rejection::EventJson(InvalidJson::Depth),
            Rejection::UnsupportedEvent,
            Rejection::MalformedEvent { part: "body" },
            Rejection::OtherEvent,
            Rejection::NoClaims,
            Rejection::Guest,
            Rejection::Signer { found },
            Rejection::KeyId,
        ]
    }

    #[test]
    fn every_code_is_listed_once_and_in_kebab_case() {
        let codes: Vec<&str> = each().iter().map(Rejection::code).collect();
        assert_eq!(codes, Rejection::CODES);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        let is_kebab = |code: &str| {
            code.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        assert!(codes.into_iter().all(is_kebab));
    }

    #[test]
    fn every_reason_is_one_line_of_prose() {
        for why in each() {
            let said = why.to_string();
            assert!(!said.is_empty() && !said.contains('\n') && !said.ends_with('.'), "{said}");
            assert!(said.starts_with(|first: char| first.is_lowercase()), "{said}");
        }
    }

    #[test]
    fn whose_fault_it_is() {
        let bad: Vec<&str> = each()
            .iter()
            .filter(|why| why.kind() == RejectionKind::BadRequest)
            .map(Rejection::code)
            .collect();
        assert_eq!(bad, ["event-json", "unsupported-event", "malformed-event"]);
    }
}
