//! Reasons for which a caller is rejected.

use std::borrow::Cow;
use std::sync::Arc;

use upsign_core::Timestamp;
use upsign_json::InvalidJson;

use crate::age::Age;
use crate::config::token_use::{TokenKind, TokenUse};
use crate::excerpt::Excerpt;
use crate::explanation::{difference, names_or_none, not_compact, trusted_issuers};
use crate::token::pasted::PastedText;

/// The reason a token or an event does not identify a caller.
///
/// `Display` is for the operator's log. It can quote the value that was wrong as an [`Excerpt`], shortened and escaped, but
/// never a signature or a whole token. Do not send it to the caller: every [unauthenticated](Rejection::kind) caller
/// gets the same response, so that a forger learns nothing from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The request has no `Authorization` header.
    #[error("the request has no authorization header")]
    NoAuthorization,
    /// The request has more than one `Authorization` header. Two readers could pick different ones.
    #[error("the request has more than one authorization header")]
    SeveralAuthorizations,
    /// The `Authorization` header is not `Bearer`, a space and a token.
    #[error("the authorization header is not `Bearer <token>`")]
    NotBearer,
    /// The text contains a token, but is not one. The code is that of a header or a token in another form.
    #[error("{mistake}")]
    PastedText {
        /// What the text is.
        mistake: PastedText,
        /// Whether it is in an `Authorization` header. The code is then `not-bearer`, otherwise `not-compact`.
        in_header: bool,
    },
    /// The token is longer than the [configured maximum](crate::VerifierConfig::with_max_token_bytes).
    #[error("the token has {bytes} bytes, more than the maximum of {max}")]
    TokenTooLong {
        /// The length of the token.
        bytes: usize,
        /// The maximum.
        max: usize,
    },
    /// The token is not three parts of base64url without padding (RFC 7515, section 7.1).
    #[error("this is not a JWT: {}", not_compact(*parts))]
    NotCompact {
        /// The number of parts between dots. If it is 3, one of them is not base64url.
        parts: usize,
    },
    /// The header of the token is not a JSON object, or not a strict one.
    #[error("the token's header is {0}")]
    HeaderJson(InvalidJson),
    /// The header has a parameter that this crate does not support or that has the wrong type.
    #[error("the token's header has an unsupported or malformed `{parameter}`")]
    HeaderParameter {
        /// The name of the parameter.
        parameter: &'static str,
    },
    /// The algorithm is not one of [`VerifierConfig::with_algorithms`](crate::VerifierConfig::with_algorithms).
    #[error("the token's algorithm {alg} is not allowed")]
    Algorithm {
        /// The `alg` of the header; empty if it is absent or not a string.
        alg: Excerpt,
    },
    /// The header has no `kid`, or one that is not a string.
    #[error("the token's header has no key id (`kid`)")]
    NoKid,
    /// The issuer publishes no usable key with this `kid`. The operator can check which keys are used with `upsign jwks`.
    #[error("the issuer publishes no usable key with the key id {kid}")]
    UnknownKid {
        /// The `kid` of the header.
        kid: Excerpt,
    },
    /// The JWKS publishes the key for other algorithms than the token's.
    #[error("the key {kid} is not published for the token's algorithm")]
    KeyMismatch {
        /// The `kid` of the header.
        kid: Excerpt,
    },
    /// The signature is not that of the key with the token's `kid`.
    #[error("the signature is not valid")]
    Signature,
    /// The payload of the token is not a JSON object, or not a strict one.
    #[error("the token's payload is {0}")]
    ClaimsJson(InvalidJson),
    /// A mandatory claim is absent.
    #[error("the claim `{claim}` is missing")]
    MissingClaim {
        /// The name of the claim.
        claim: Cow<'static, str>,
    },
    /// A claim has the wrong type, or a value outside its range.
    #[error("the claim `{claim}` is {problem}")]
    InvalidClaim {
        /// The name of the claim.
        claim: Cow<'static, str>,
        /// What was found, and what was expected.
        problem: Cow<'static, str>,
    },
    /// The token was issued by another issuer, for example by another user pool.
    #[error(
        "issuer mismatch: the token was issued by {found}, expected {expected}{}",
        difference(found, expected)
    )]
    Issuer {
        /// The `iss` of the token.
        found: Excerpt,
        /// The configured issuer.
        expected: Box<str>,
    },
    /// The token names an issuer that is not configured. With a single verifier, the token's key is unknown as well. Nothing of the
    /// token was verified.
    #[error(
        "the token names the issuer {found}, which is not configured; configured: {}",
        trusted_issuers(found, trusted)
    )]
    UnknownIssuer {
        /// The `iss` of the token.
        found: Excerpt,
        /// The configured issuers, by their preferred names. The message shows the first ones.
        trusted: Arc<[Box<str>]>,
    },
    /// One of several verifiers rejected the token. It is the one that trusts the issuer that the token names, but whether
    /// that issuer signed the token may not have been verified. The code is that of the rejection.
    #[error("{rejection} (issuer {issuer})")]
    ByIssuer {
        /// The configured issuer.
        issuer: Box<str>,
        /// The reason.
        rejection: Box<Rejection>,
    },
    /// The token says that it is neither an access token nor an id token.
    #[error("the token use {found} is neither `access` nor `id`")]
    UnknownTokenUse {
        /// The `token_use` of the token, or the `typ` of a Keycloak token.
        found: Excerpt,
    },
    /// The token is an id token where only access tokens are accepted, or the other way around.
    #[error("this is an {found} token, expected an {} token: the token use is `{found}`", expected.as_str())]
    TokenUse {
        /// The kind of the token.
        found: TokenKind,
        /// The configured token use.
        expected: TokenUse,
    },
    /// The token was issued to a client that is not configured.
    #[error(
        "the token was issued to the app client {found}, which is not one of the configured client ids: {expected}"
    )]
    Client {
        /// The client of the token.
        found: Excerpt,
        /// The configured client ids, with commas.
        expected: Box<str>,
    },
    /// The token was issued for another API (RFC 7519, section 4.1.3).
    #[error("the token is for the audience {found}, but the configured audiences are: {expected}")]
    Audience {
        /// The `aud` of the token.
        found: Excerpt,
        /// The accepted audiences, with commas.
        expected: Box<str>,
    },
    /// The token has expired, with leeway taken into account. The client can refresh it and try again.
    #[error("the token expired {} ago, at {at}", Age(*seconds_ago))]
    Expired {
        /// The `exp` of the token.
        at: Timestamp,
        /// The seconds since then.
        seconds_ago: u64,
    },
    /// The token is not valid yet.
    #[error("the token is not valid before {at}, which is in {}", Age(*seconds_ahead))]
    NotYetValid {
        /// The `nbf` of the token.
        at: Timestamp,
        /// The seconds until then.
        seconds_ahead: u64,
    },
    /// The token was issued in the future. Usually a clock is wrong: this host's, or that of an emulator that issued it.
    #[error("the token was issued at {at}, which is {} in the future", Age(*seconds_ahead))]
    IssuedLater {
        /// The `iat` of the token.
        at: Timestamp,
        /// The seconds until then.
        seconds_ahead: u64,
    },
    /// The caller is not in any of the required groups. The token itself is valid.
    #[error(
        "the caller is in none of the required groups: found {}, expected one of {expected}",
        names_or_none(found)
    )]
    Groups {
        /// The groups of the caller, with spaces; empty if it has none.
        found: Excerpt,
        /// The required groups, with commas.
        expected: Box<str>,
    },
    /// The token has none of the required scopes, and is valid otherwise.
    #[error(
        "the token has none of the required scopes: found {}, expected one of {expected}",
        names_or_none(found)
    )]
    Scopes {
        /// The scopes of the token, with spaces; empty if it has none.
        found: Excerpt,
        /// The required scopes, with commas.
        expected: Box<str>,
    },
    /// The text of the event is not JSON, or not strict JSON.
    #[error("the event is {0}")]
    EventJson(InvalidJson),
    /// The event is not one of the kinds that `upsign-cognito` reads.
    #[error("expected an event of API Gateway (REST or HTTP API), an Application Load Balancer or AppSync")]
    UnsupportedEvent,
    /// A part of the event contradicts another part or its own format.
    #[error("the event's {part} is malformed")]
    MalformedEvent {
        /// The part of the event.
        part: &'static str,
    },
    /// The kind of event never carries the configured identity source.
    #[error("this kind of event does not carry the configured identity source")]
    OtherEvent,
    /// The event has no claims of the configured authorizer. Usually the route has no authorizer.
    #[error("the event has no claims of the configured authorizer; the route may have none")]
    NoClaims,
    /// The caller is an unauthenticated identity (a guest) of the identity pool.
    #[error("the caller is a guest of the identity pool")]
    Guest,
    /// The signed header comes from another load balancer.
    #[error("load balancer mismatch: the header was signed for {found}, expected {expected}")]
    Signer {
        /// The `signer` of the header.
        found: Excerpt,
        /// The configured load balancer.
        expected: Box<str>,
    },
    /// The load balancer's key id is not a UUID, so that no URL is built from it.
    #[error("the load balancer's key id is not a UUID")]
    KeyId,
}

/// The kind of response that a [`Rejection`] calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// The caller is not authenticated: 401.
    Unauthenticated,
    /// The event is not a valid request: 400.
    BadRequest,
    /// The caller is authenticated, but lacks a required group or scope: 403. Groups and scopes are checked after the
    /// signature, issuer, client and expiry.
    Forbidden,
}

impl Rejection {
    /// Returns [`MissingClaim`](Self::MissingClaim).
    #[must_use]
    pub fn missing_claim(claim: &str) -> Self {
        Self::MissingClaim { claim: claim.to_owned().into() }
    }

    /// Returns [`InvalidClaim`](Self::InvalidClaim). The message is `the claim <claim> is <problem>`.
    #[must_use]
    pub fn invalid_claim(claim: &str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidClaim { claim: claim.to_owned().into(), problem: problem.into() }
    }

    /// Every code, in the order of the variants.
    pub const CODES: &'static [&'static str] = &[
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
        "unknown-issuer",
        "unknown-token-use",
        "token-use",
        "client",
        "audience",
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

    /// Returns a stable code for programs and alarms: the name of the variant in kebab case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAuthorization => "no-authorization",
            Self::SeveralAuthorizations => "several-authorizations",
            Self::NotBearer | Self::PastedText { in_header: true, .. } => "not-bearer",
            Self::NotCompact { .. } | Self::PastedText { in_header: false, .. } => "not-compact",
            Self::TokenTooLong { .. } => "token-too-long",
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
            Self::UnknownIssuer { .. } => "unknown-issuer",
            Self::ByIssuer { rejection, .. } => rejection.code(),
            Self::UnknownTokenUse { .. } => "unknown-token-use",
            Self::TokenUse { .. } => "token-use",
            Self::Client { .. } => "client",
            Self::Audience { .. } => "audience",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::IssuedLater { .. } => "issued-later",
            Self::Groups { .. } => "groups",
            Self::Scopes { .. } => "scopes",
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

    /// Returns the kind of response that the rejection calls for.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        match self {
            Self::EventJson(_) | Self::UnsupportedEvent | Self::MalformedEvent { .. } => {
                RejectionKind::BadRequest
            }
            Self::Groups { .. } | Self::Scopes { .. } => RejectionKind::Forbidden,
            Self::ByIssuer { rejection, .. } => rejection.kind(),
            _ => RejectionKind::Unauthenticated,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// One value of each variant, in order. The match in `code` does not compile without a new variant, which then makes
    /// the tests below fail until it is listed here and in `CODES`.
    fn one_of_each() -> Vec<Rejection> {
        let (at, found) = (Timestamp::UNIX_EPOCH, Excerpt::new("x\n"));
        vec![
            Rejection::NoAuthorization,
            Rejection::SeveralAuthorizations,
            Rejection::NotBearer,
            Rejection::TokenTooLong { bytes: 9_000, max: 8_192 },
            Rejection::NotCompact { parts: 1 },
            Rejection::HeaderJson(InvalidJson::Syntax),
            Rejection::HeaderParameter { parameter: "crit" },
            Rejection::Algorithm { alg: found.clone() },
            Rejection::NoKid,
            Rejection::UnknownKid { kid: found.clone() },
            Rejection::KeyMismatch { kid: found.clone() },
            Rejection::Signature,
            Rejection::ClaimsJson(InvalidJson::Duplicate),
            Rejection::missing_claim("sub"),
            Rejection::invalid_claim("sub", "a number, expected a text"),
            Rejection::Issuer { found: found.clone(), expected: "https://i".into() },
            Rejection::UnknownIssuer { found: found.clone(), trusted: ["https://i".into()].into() },
            Rejection::UnknownTokenUse { found: found.clone() },
            Rejection::TokenUse { found: TokenKind::Id, expected: TokenUse::Access },
            Rejection::Client { found: found.clone(), expected: "a, b".into() },
            Rejection::Audience { found: found.clone(), expected: "a, b".into() },
            Rejection::Expired { at, seconds_ago: 90 },
            Rejection::NotYetValid { at, seconds_ahead: 90 },
            Rejection::IssuedLater { at, seconds_ahead: 90 },
            Rejection::Groups { found: found.clone(), expected: "a, b".into() },
            Rejection::Scopes { found: found.clone(), expected: "a, b".into() },
            Rejection::EventJson(InvalidJson::Depth),
            Rejection::UnsupportedEvent,
            Rejection::MalformedEvent { part: "body" },
            Rejection::OtherEvent,
            Rejection::NoClaims,
            Rejection::Guest,
            Rejection::Signer { found, expected: "arn".into() },
            Rejection::KeyId,
        ]
    }

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let codes: Vec<&str> = one_of_each().iter().map(Rejection::code).collect();
        assert_eq!(codes, Rejection::CODES);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        let is_kebab = |code: &str| {
            code.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        assert!(codes.into_iter().all(is_kebab));
    }

    #[test]
    fn messages_are_one_line_in_lower_case_without_full_stop() {
        for rejection in one_of_each() {
            let message = rejection.to_string();
            assert!(!message.is_empty() && !message.contains('\n') && !message.ends_with('.'), "{message}");
            assert!(message.starts_with(|first: char| first.is_lowercase()), "{message}");
        }
    }

    #[test]
    fn messages_say_what_was_found() {
        let at = Timestamp::from_unix(1_767_225_600).unwrap();
        for (rejection, message) in [
            (
                Rejection::NotCompact { parts: 1 },
                "this is not a JWT: a token is three parts joined by dots (eyJ….eyJ….abc), this has 1",
            ),
            (
                Rejection::NotCompact { parts: 3 },
                "this is not a JWT: one of its three parts is not base64url without padding",
            ),
            (
                Rejection::NotCompact { parts: 5 },
                "this is not a JWT: five parts joined by dots are an encrypted token (JWE), such as a refresh token of Cognito, or an access token that was requested without an audience from Auth0; send an access token for this API, or the id token",
            ),
            (
                Rejection::TokenUse { found: TokenKind::Id, expected: TokenUse::Access },
                "this is an id token, expected an access token: the token use is `id`",
            ),
            (
                Rejection::Client { found: Excerpt::new("web"), expected: "app, api".into() },
                "the token was issued to the app client `web`, which is not one of the configured client ids: app, api",
            ),
            (
                Rejection::Groups { found: Excerpt::new("readers"), expected: "editors, admins".into() },
                "the caller is in none of the required groups: found `readers`, expected one of editors, admins",
            ),
            (
                Rejection::Expired { at, seconds_ago: 12_000 },
                "the token expired 3 h 20 min ago, at 2026-01-01T00:00:00Z",
            ),
            (
                Rejection::NotYetValid { at, seconds_ahead: 300 },
                "the token is not valid before 2026-01-01T00:00:00Z, which is in 5 min",
            ),
            (
                Rejection::IssuedLater { at, seconds_ahead: 90 },
                "the token was issued at 2026-01-01T00:00:00Z, which is 1 min 30 s in the future",
            ),
        ] {
            assert_eq!(rejection.to_string(), message);
        }
    }

    #[test]
    fn only_malformed_events_are_bad_requests_and_only_groups_and_scopes_forbid() {
        let of = |kind| {
            let all = one_of_each().into_iter().filter(|rejection| rejection.kind() == kind);
            all.map(|rejection| rejection.code()).collect::<Vec<_>>()
        };
        assert_eq!(of(RejectionKind::BadRequest), ["event-json", "unsupported-event", "malformed-event"]);
        assert_eq!(of(RejectionKind::Forbidden), ["groups", "scopes"]);
    }
}
