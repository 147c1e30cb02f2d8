//! The rules that the claims of tokens and of events must satisfy.

use std::borrow::Cow;

use upsign_core::Identity;

use crate::claims::caller;
use crate::claims::kind::{self, TokenType};
use crate::claims::reader::{ClaimSource, Claims};
use crate::config::client_ids::ClientIds;
use crate::config::token_use::TokenKind;
use crate::config::verifier::{Profile, VerifierConfig};
use crate::excerpt::Excerpt;
use crate::explanation::list;
use crate::rejection::Rejection;

/// Who issued a token, of which kind it is, and for which client it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin<'a> {
    /// `iss`, which is one of the names of the configured issuer.
    pub issuer: &'a str,
    /// The kind, if the token shows it.
    pub kind: Option<TokenKind>,
    /// The client, if the token shows it.
    pub client_id: Option<&'a str>,
}

/// The caller that claims describe.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caller {
    /// The identity, with groups, scopes and the configured claims.
    pub identity: Identity,
    /// The user name, if there is one.
    pub username: Option<Box<str>>,
}

/// Checks issuer, kind, audience and client.
///
/// # Errors
/// Returns the [`Rejection`] of the first requirement that the claims do not meet.
pub fn check_origin<'a, M: ClaimSource>(
    claims: Claims<'a, M>,
    config: &VerifierConfig,
) -> Result<Origin<'a>, Rejection> {
    origin(claims, TokenType::Unspecified, config)
}

pub(crate) fn origin<'a, M: ClaimSource>(
    claims: Claims<'a, M>,
    token_type: TokenType,
    config: &VerifierConfig,
) -> Result<Origin<'a>, Rejection> {
    let issuer = issuer(claims.required("iss")?, config)?;
    match config.profile {
        Profile::TokenUseClaim => {
            let kind = kind::by_token_use(claims.required("token_use")?, config)?;
            let client_id = token_use_client(claims, kind, config)?;
            Ok(Origin { issuer, kind: Some(kind), client_id: Some(client_id) })
        }
        Profile::OpenId { requires_type } => {
            let kind = kind::by_openid(claims, token_type, requires_type, config)?;
            let client_id = openid_client(claims, kind, config)?;
            Ok(Origin { issuer, kind, client_id })
        }
    }
}

/// Reads the caller, and checks groups and scopes.
///
/// # Errors
/// Returns the [`Rejection`] of the first claim that is missing, has another form or does not meet a requirement.
pub fn read_caller<M: ClaimSource>(
    claims: Claims<'_, M>,
    origin: &Origin<'_>,
    config: &VerifierConfig,
) -> Result<Caller, Rejection> {
    let subject = subject(claims, &config.subject_claim)?;
    let groups = claims.list(&config.groups)?;
    let scopes = claims.list(&config.scopes)?;
    config.require_groups(&groups)?;
    config.require_scopes(&scopes)?;
    let username = match (config.profile, origin.kind) {
        (Profile::TokenUseClaim, Some(TokenKind::Id)) => "cognito:username",
        (Profile::TokenUseClaim, _) => "username",
        (Profile::OpenId { .. }, _) => "preferred_username",
    };
    let username = claims.optional(username)?.map(Into::into);
    let identity = caller::identity(origin.issuer, config.issuer_name(), &subject, &config.subject_claim)?;
    let identity = identity.with_groups(groups).with_scopes(scopes);
    let identity = caller::with_claims(identity, claims, &config.identity_claims)?;
    Ok(Caller { identity, username })
}

/// Returns the subject. `sub` is a string (RFC 7519, section 4.1.2); another claim, such as the number of a user in a database,
/// can also be a number, because a REST API sends the same claim as text.
fn subject<'a, M: ClaimSource>(claims: Claims<'a, M>, claim: &str) -> Result<Cow<'a, str>, Rejection> {
    if claim == "sub" {
        return claims.required(claim).map(Cow::Borrowed);
    }
    claims.subject(claim).map(Cow::Owned)
}

/// Requires that `iss` is the configured issuer.
fn issuer<'a>(iss: &'a str, config: &VerifierConfig) -> Result<&'a str, Rejection> {
    if config.issuer.is_issuer(iss) {
        Ok(iss)
    } else {
        Err(Rejection::Issuer { found: Excerpt::new(iss), expected: config.issuer.preferred_name().into() })
    }
}

/// Returns the client of a token with the claim `token_use`: the `client_id` of an access token, or the `aud` of an id token.
fn token_use_client<'a, M: ClaimSource>(
    claims: Claims<'a, M>,
    kind: TokenKind,
    config: &VerifierConfig,
) -> Result<&'a str, Rejection> {
    let claim = match kind {
        TokenKind::Access => "client_id",
        TokenKind::Id => "aud",
    };
    let found = claims.required(claim)?;
    check_client(found, config)?;
    if kind == TokenKind::Access {
        let audiences = claims.one_or_more("aud")?;
        match (&config.audiences, audiences) {
            (Some(expected), Some(named)) => check_audience(&named, expected)?,
            (Some(_), None) => return Err(Rejection::missing_claim("aud")),
            // RFC 7519, section 4.1.3: a token that names other recipients must be rejected. This service is the client's own.
            (None, Some(named)) if !named.contains(&found) => {
                return Err(Rejection::Audience { found: excerpt(&named), expected: found.into() });
            }
            (None, _) => {}
        }
    }
    Ok(found)
}

/// Checks the audience of a token of an OpenID Connect issuer, and returns its client.
///
/// The client is `client_id` (RFC 9068), or `azp` (OpenID Connect Core 1.0, section 2); version 1.0 of Microsoft Entra calls it
/// `appid`, and Okta `cid`. An id token without any of them has its client as its audience.
fn openid_client<'a, M: ClaimSource>(
    claims: Claims<'a, M>,
    kind: Option<TokenKind>,
    config: &VerifierConfig,
) -> Result<Option<&'a str>, Rejection> {
    let named = claims.one_or_more("aud")?.ok_or_else(|| Rejection::missing_claim("aud"))?;
    check_audience(&named, config.audiences.as_deref().unwrap_or_default())?;
    let mut client = None;
    for claim in ["client_id", "azp", "appid", "cid"] {
        client = client.or(claims.optional(claim)?);
    }
    if client.is_none() && kind == Some(TokenKind::Id) {
        let accepted = named.iter().find(|audience| config.client_ids.contains(audience));
        client = accepted.or(named.first()).copied();
    }
    match (client, &config.client_ids) {
        (Some(found), _) => check_client(found, config)?,
        (None, ClientIds::Only(_)) => return Err(Rejection::missing_claim("azp")),
        (None, ClientIds::Any) => {}
    }
    Ok(client)
}

fn check_client(found: &str, config: &VerifierConfig) -> Result<(), Rejection> {
    if config.client_ids.contains(found) {
        Ok(())
    } else {
        let expected = alternatives(config.client_ids.listed());
        Err(Rejection::Client { found: Excerpt::new(found), expected })
    }
}

fn check_audience(named: &[&str], expected: &[Box<str>]) -> Result<(), Rejection> {
    if named.iter().any(|found| expected.iter().any(|one| one.as_ref() == *found)) {
        Ok(())
    } else {
        Err(Rejection::Audience { found: excerpt(named), expected: alternatives(expected) })
    }
}

impl VerifierConfig {
    /// Requires that one of the found groups is a [required](Self::with_required_groups) one. One match is enough.
    ///
    /// # Errors
    /// Returns [`Rejection::Groups`] if groups are required and none of them was found.
    pub fn require_groups(&self, found: &[&str]) -> Result<(), Rejection> {
        match lacking(found, self.required_groups.as_deref()) {
            None => Ok(()),
            Some(expected) => Err(Rejection::Groups { found: excerpt(found), expected }),
        }
    }

    /// Requires that one of the found scopes is a [required](Self::with_required_scopes) one. One match is enough.
    ///
    /// # Errors
    /// Returns [`Rejection::Scopes`] if scopes are required and none of them was found.
    pub fn require_scopes(&self, found: &[&str]) -> Result<(), Rejection> {
        match lacking(found, self.required_scopes.as_deref()) {
            None => Ok(()),
            Some(expected) => Err(Rejection::Scopes { found: excerpt(found), expected }),
        }
    }
}

/// Returns the required names if none of them was found.
fn lacking(found: &[&str], required: Option<&[Box<str>]>) -> Option<Box<str>> {
    let required = required?;
    let has_one = required.iter().any(|name| found.contains(&name.as_ref()));
    (!has_one).then(|| alternatives(required))
}

fn excerpt(names: &[&str]) -> Excerpt {
    Excerpt::of_list(names)
}

fn alternatives(names: &[Box<str>]) -> Box<str> {
    list(names).into()
}
