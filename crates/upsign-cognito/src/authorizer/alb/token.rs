//! The header `x-amzn-oidc-data`: the claims of a user that a load balancer has authenticated.
//!
//! It is a JWT signed with ES256, with two differences: its segments are padded, and its header contains the expiry and the
//! ARN of the load balancer. Source: Elastic Load Balancing user guide, "Authenticate users using an Application Load
//! Balancer", user claims encoding and signature verification.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use upsign_core::Timestamp;
use upsign_json::{InvalidJson, Limits, Object, read_object};
use upsign_jwt::claims::Claims;
use upsign_jwt::{Excerpt, MAX_TOKEN_BYTES_RANGE, Rejection};

use super::config::Alb;
use super::key::{AlbKey, is_uuid};
use crate::authorizer::EventUser;
use crate::authorizer::event::{Event, header};
use crate::authorizer::event_claims::{EventClaims, Source};

const LIMITS: Limits = Limits::new(*MAX_TOKEN_BYTES_RANGE.end(), 16);
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The signed header of a load balancer. Its signature has not been verified.
pub(crate) struct AlbToken<'a> {
    /// A UUID.
    pub(crate) kid: Box<str>,
    header: Map<String, Value>,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The header in which a load balancer passes the signed claims of the user.
const HEADER: &str = "x-amzn-oidc-data";

impl Alb {
    pub(crate) fn identify_event(&self, event: &Event<'_>, at: Timestamp) -> Result<EventUser, Rejection> {
        let token = self.token(event)?;
        let unknown = || Rejection::UnknownKid { kid: Excerpt::new(&token.kid) };
        token.verify(self, self.key(&token.kid).ok_or_else(unknown)?, at)
    }

    /// Reads the signed header of an event. Its signature is not verified.
    pub(crate) fn token<'a>(&self, event: &Event<'a>) -> Result<AlbToken<'a>, Rejection> {
        let Event::Alb(root) = event else { return Err(Rejection::OtherEvent) };
        let malformed = |()| Rejection::MalformedEvent { part: "header x-amzn-oidc-data" };
        let data = header(root, HEADER).map_err(malformed)?.ok_or(Rejection::NoClaims)?;
        AlbToken::read(data, self.max_token_bytes)
    }
}

impl<'a> AlbToken<'a> {
    pub(super) fn read(data: &'a str, max: usize) -> Result<Self, Rejection> {
        if data.len() > max {
            return Err(Rejection::TokenTooLong { bytes: data.len(), max });
        }
        let not_compact = || Rejection::NotCompact { parts: data.split('.').count() };
        let (message, signature) = data.rsplit_once('.').ok_or_else(not_compact)?;
        let (header, payload) = message.split_once('.').ok_or_else(not_compact)?;
        let header = object(header, Rejection::HeaderJson)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("alg") != "ES256" {
            return Err(Rejection::Algorithm { alg: Excerpt::new(text("alg")) });
        }
        if header.contains_key("crit") {
            return Err(Rejection::HeaderParameter { parameter: "crit" });
        }
        let kid = text("kid");
        if !is_uuid(kid) {
            return Err(Rejection::KeyId);
        }
        Ok(Self { kid: kid.into(), message, payload, signature, header })
    }

    /// Verifies the signature, then the header, then the claims, and returns the user.
    pub(crate) fn verify(&self, alb: &Alb, key: &AlbKey, at: Timestamp) -> Result<EventUser, Rejection> {
        if !key.is_signature_of(self.message.as_bytes(), &decode(self.signature)?) {
            return Err(Rejection::Signature);
        }
        self.check_header(alb, at)?;
        self.user(alb, at).map_err(|rejection| Source::LoadBalancer.locate(rejection))
    }

    /// Checks the header, which need not be verified yet, so that no key is fetched for the header of another load balancer.
    pub(super) fn check_header(&self, alb: &Alb, at: Timestamp) -> Result<(), Rejection> {
        let header = Claims(&self.header);
        let (signer, issuer) = (header.required("signer")?, header.required("iss")?);
        let client = header.required("client")?;
        if signer != alb.signer.as_ref() {
            return Err(Rejection::Signer { found: Excerpt::new(signer), expected: alb.signer.clone() });
        }
        check_issuer(issuer, alb)?;
        if client != alb.client.as_ref() {
            return Err(Rejection::Client { found: Excerpt::new(client), expected: alb.client.clone() });
        }
        header.unexpired(alb.leeway, at)?.ok_or_else(|| Rejection::missing_claim("exp"))?;
        Ok(())
    }

    fn user(&self, alb: &Alb, at: Timestamp) -> Result<EventUser, Rejection> {
        let all = object(self.payload, Rejection::ClaimsJson)?;
        let claims = Claims(&all);
        claims.unexpired(alb.leeway, at)?;
        if let Some(issuer) = claims.optional("iss")? {
            check_issuer(issuer, alb)?;
        }
        let username = claims.optional("username")?.map(Into::into);
        if alb.claims.subject_claim() == "sub" {
            claims.required("sub")?;
        }
        let source = EventClaims::new(&all, Source::LoadBalancer);
        let identity = alb.claims.read(Claims(&source), &alb.issuer)?;
        Ok(EventUser {
            identity,
            username,
            kind: None,
            client_id: Some(alb.client.clone()),
            claims: all,
            unreadable: Vec::new(),
        })
    }
}

fn check_issuer(issuer: &str, alb: &Alb) -> Result<(), Rejection> {
    if issuer == alb.issuer.as_ref() {
        Ok(())
    } else {
        Err(Rejection::Issuer { found: Excerpt::new(issuer), expected: alb.issuer.clone() })
    }
}

fn object(segment: &str, error: fn(InvalidJson) -> Rejection) -> Result<Map<String, Value>, Rejection> {
    read_object(&decode(segment)?, LIMITS).map(Object::into_map).map_err(error)
}

/// Accepts padding, which the load balancer writes, and its absence.
fn decode(segment: &str) -> Result<Vec<u8>, Rejection> {
    BASE64.decode(segment).map_err(|_| Rejection::NotCompact { parts: 3 })
}
