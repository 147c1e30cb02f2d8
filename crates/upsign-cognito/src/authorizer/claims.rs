//! The claims that a gateway's own authorizer has checked.

use serde_json::{Map, Value};
use upsign_core::Timestamp;

use super::event::{Event, object};
use super::{EventUser, groups, java_date};
use crate::claims::{Claims, client, client_claim, identity, kind, require, subject, username, words};
use crate::{Excerpt, Rejection, VerifierConfig};

/// How one kind of event spells lists and times.
struct Spelling {
    groups: fn(&Value) -> Vec<&str>,
    time: fn(&Value) -> Option<u64>,
}

const REST_V1: Spelling = Spelling {
    groups: groups::comma_separated,
    time: |value| {
        value
            .as_str()
            .and_then(|text| java_date::parse(text).map(Timestamp::as_unix).or_else(|| number(text)))
    },
};

const HTTP_V2: Spelling = Spelling {
    groups: groups::bracketed,
    time: |value| value.as_u64().or_else(|| value.as_str().and_then(number)),
};

const APP_SYNC: Spelling = Spelling { groups: groups::listed, time: Value::as_u64 };

pub(crate) fn identify(
    event: &Event<'_>,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let (claims, spelling) = match event {
        Event::RestV1(context) => (object(context, "authorizer").and_then(claims_of), REST_V1),
        Event::HttpV2(context) => {
            let jwt = object(context, "authorizer").and_then(|authorizer| object(authorizer, "jwt"));
            (jwt.and_then(claims_of), HTTP_V2)
        }
        Event::AppSync(identity) => (identity.map(app_sync).transpose()?, APP_SYNC),
        Event::Alb(_) => return Err(Rejection::OtherEvent),
    };
    user(claims.ok_or(Rejection::NoClaims)?, &spelling, config, at)
}

fn claims_of(authorizer: &Map<String, Value>) -> Option<&Map<String, Value>> {
    object(authorizer, "claims")
}

/// AppSync tells subject and issuer twice; they must agree.
fn app_sync(identity: &Map<String, Value>) -> Result<&Map<String, Value>, Rejection> {
    let claims = object(identity, "claims").ok_or(Rejection::NoClaims)?;
    for (member, claim) in [("sub", "sub"), ("issuer", "iss")] {
        let told = Claims(claims).mandatory(claim)?;
        if identity.get(member).and_then(Value::as_str) != Some(told) {
            return Err(Rejection::InvalidClaim { claim });
        }
    }
    Ok(claims)
}

fn user(
    all: &Map<String, Value>,
    spelling: &Spelling,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let claims = Claims(all);
    let subject = subject(claims.mandatory("sub")?)?;
    let issuer = claims.mandatory("iss")?;
    if !config.issuer.is_named(issuer) {
        return Err(Rejection::Issuer { found: Excerpt::of(issuer) });
    }
    let kind = kind(claims.mandatory("token_use")?, config)?;
    let client_id = client(claims.mandatory(client_claim(kind))?, config)?;
    check_expiry(all, spelling, config.leeway, at)?;
    let groups = all.get("cognito:groups").map(spelling.groups).unwrap_or_default();
    let scopes: Vec<&str> = claims.optional("scope")?.map(words).unwrap_or_default();
    require(&groups, config.required_groups.as_deref(), Rejection::Groups)?;
    require(&scopes, config.required_scopes.as_deref(), Rejection::Scopes)?;
    let identity = identity(issuer, subject)?.with_groups(groups).with_scopes(scopes);
    Ok(EventUser {
        identity: claims.handed_on(identity, config),
        username: username(claims, kind)?,
        kind: Some(kind),
        client_id: Some(client_id),
        claims: all.clone(),
    })
}

/// The gateway has checked the time; an authorizer's answer may have been cached since. A time spelled in a way that is
/// not known is left to the gateway.
fn check_expiry(
    all: &Map<String, Value>,
    spelling: &Spelling,
    leeway: u32,
    at: Timestamp,
) -> Result<(), Rejection> {
    let expires_at = all.get("exp").and_then(spelling.time);
    match expires_at {
        Some(exp) if at.as_unix() >= exp.saturating_add(u64::from(leeway)) => {
            Err(Rejection::Expired { at: Timestamp::from_unix(exp).unwrap_or(Timestamp::MAX) })
        }
        _ => Ok(()),
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
