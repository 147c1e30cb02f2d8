//! `x-amzn-oidc-data`: what an Application Load Balancer says of the user it has authenticated.
//!
//! A JWS with ES256, but padded, with its expiry and its signer in the header. Source: Elastic Load Balancing user guide,
//! "Authenticate users using an Application Load Balancer", user claims encoding and signature verification.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use upsign_core::{Endpoint, InvalidEndpoint, Timestamp};

use super::EventUser;
use super::event::{Event, header};
use crate::claims::{Claims, identity, subject};
use crate::signature::{self, Material, VerifySignature};
use crate::{Backend, Excerpt, MAX_TOKEN_BYTES, Rejection, json};

/// A load balancer that authenticates users, and whom it does that for.
#[derive(Clone, Debug)]
pub struct Alb {
    signer: Box<str>,
    issuer: Box<str>,
    client: Box<str>,
    key_host: Box<str>,
    leeway: u32,
    backend: Backend,
    keys: HashMap<Box<str>, AlbKey>,
    only_key: Option<AlbKey>,
}

/// A public key of a load balancer.
#[derive(Clone)]
pub(crate) struct AlbKey(Arc<dyn VerifySignature>);

/// Why a load balancer cannot be configured so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAlb {
    /// Not the ARN of an Application Load Balancer.
    #[error("not the ARN of an application load balancer")]
    Signer,
    /// An empty issuer or client.
    #[error("issuer and client may not be empty")]
    Empty,
    /// Not where keys could be.
    #[error("the key host is not a usable URL")]
    KeyHost(#[source] InvalidEndpoint),
    /// Not a UUID.
    #[error("a key id is a UUID")]
    KeyId,
    /// Not a P-256 public key in PEM.
    #[error("not a P-256 public key in PEM")]
    Key,
}

const HEADER: &str = "x-amzn-oidc-data";
const DEPTH: u8 = 16;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Alb {
    /// The load balancer with this ARN, which authenticates users of `issuer` for `client`.
    ///
    /// # Errors
    /// [`InvalidAlb::Signer`], [`InvalidAlb::Empty`].
    pub fn new(signer_arn: &str, issuer: &str, client: &str) -> Result<Self, InvalidAlb> {
        let parts: Vec<&str> = signer_arn.splitn(6, ':').collect();
        let ["arn", partition, "elasticloadbalancing", region, account, resource] = parts.as_slice() else {
            return Err(InvalidAlb::Signer);
        };
        let region: upsign_core::Region = region.parse().map_err(|_| InvalidAlb::Signer)?;
        if account.is_empty() || !resource.starts_with("loadbalancer/app/") {
            return Err(InvalidAlb::Signer);
        }
        if issuer.is_empty() || client.is_empty() {
            return Err(InvalidAlb::Empty);
        }
        Ok(Self {
            signer: signer_arn.into(),
            issuer: issuer.into(),
            client: client.into(),
            key_host: key_host(partition, region.as_str()).into(),
            leeway: 0,
            backend: Backend::default(),
            keys: HashMap::new(),
            only_key: None,
        })
    }

    /// Takes keys from this `https` address instead of that of the load balancer's region; the key id is appended as its
    /// last segment.
    ///
    /// # Errors
    /// [`InvalidAlb::KeyHost`].
    pub fn with_key_host(mut self, uri: &str) -> Result<Self, InvalidAlb> {
        let host: Endpoint = uri.parse().map_err(InvalidAlb::KeyHost)?;
        if host.scheme() != upsign_core::Scheme::Https && !host.is_loopback() {
            return Err(InvalidAlb::KeyHost(InvalidEndpoint::Scheme));
        }
        self.key_host = host.to_string().into();
        Ok(self)
    }

    /// Knows this key without fetching it: its id and its PEM.
    ///
    /// # Errors
    /// [`InvalidAlb::KeyId`], [`InvalidAlb::Key`].
    pub fn with_key(mut self, kid: &str, pem: &str) -> Result<Self, InvalidAlb> {
        if !is_uuid(kid) {
            return Err(InvalidAlb::KeyId);
        }
        let key = AlbKey::from_pem(pem.as_bytes(), self.backend).ok_or(InvalidAlb::Key)?;
        self.keys.insert(kid.into(), key);
        Ok(self)
    }

    /// Takes this key, whatever key id the load balancer names: its PEM.
    ///
    /// # Errors
    /// [`InvalidAlb::Key`].
    pub fn with_only_key(mut self, pem: &str) -> Result<Self, InvalidAlb> {
        self.only_key = Some(AlbKey::from_pem(pem.as_bytes(), self.backend).ok_or(InvalidAlb::Key)?);
        Ok(self)
    }

    /// How many seconds clocks may differ: none unless set, because what the load balancer signs lives for one request.
    #[must_use]
    pub const fn with_leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Lets `backend` check the signatures of keys that are added from now on.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&AlbKey> {
        self.only_key.as_ref().or_else(|| self.keys.get(kid))
    }

    pub(crate) fn key_uri(&self, kid: &str) -> String {
        format!("{}/{kid}", self.key_host)
    }

    pub(crate) fn identify_event(&self, event: &Event<'_>, at: Timestamp) -> Result<EventUser, Rejection> {
        let token = self.token(event)?;
        let unknown = || Rejection::UnknownKid { kid: Excerpt::of(&token.kid) };
        token.verify(self, self.key(&token.kid).ok_or_else(unknown)?, at)
    }

    /// What the load balancer says in this event, unchecked but for what needs no key.
    pub(crate) fn token<'a>(&self, event: &Event<'a>) -> Result<AlbToken<'a>, Rejection> {
        let Event::Alb(root) = event else { return Err(Rejection::OtherEvent) };
        let malformed = |()| Rejection::MalformedEvent { part: "header x-amzn-oidc-data" };
        let data = header(root, HEADER).map_err(malformed)?.ok_or(Rejection::NoClaims)?;
        AlbToken::read(data)
    }
}

/// `x-amzn-oidc-data`, read as far as its key id.
pub(crate) struct AlbToken<'a> {
    pub(crate) kid: Box<str>,
    header: Map<String, Value>,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> AlbToken<'a> {
    fn read(data: &'a str) -> Result<Self, Rejection> {
        if data.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::TokenTooLong { bytes: data.len() });
        }
        let (message, signature) = data.rsplit_once('.').ok_or(Rejection::NotCompact)?;
        let (header, payload) = message.split_once('.').ok_or(Rejection::NotCompact)?;
        let header = json::object(&decoded(header)?, DEPTH).map_err(Rejection::HeaderJson)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("alg") != "ES256" {
            return Err(Rejection::Algorithm { alg: Excerpt::of(text("alg")) });
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

    pub(crate) fn verify(&self, alb: &Alb, key: &AlbKey, at: Timestamp) -> Result<EventUser, Rejection> {
        if !key.0.is_signed(self.message.as_bytes(), &decoded(self.signature)?) {
            return Err(Rejection::Signature);
        }
        let header = Claims(&self.header);
        let (signer, issuer) = (header.mandatory("signer")?, header.mandatory("iss")?);
        let client = header.mandatory("client")?;
        if signer != alb.signer.as_ref() {
            return Err(Rejection::Signer { found: Excerpt::of(signer) });
        }
        if issuer != alb.issuer.as_ref() {
            return Err(Rejection::Issuer { found: Excerpt::of(issuer) });
        }
        if client != alb.client.as_ref() {
            return Err(Rejection::Client { found: Excerpt::of(client) });
        }
        header.unexpired(alb.leeway, at)?.ok_or(Rejection::MissingClaim { claim: "exp" })?;
        self.user(alb, at)
    }

    fn user(&self, alb: &Alb, at: Timestamp) -> Result<EventUser, Rejection> {
        let all = json::object(&decoded(self.payload)?, DEPTH).map_err(Rejection::ClaimsJson)?;
        let claims = Claims(&all);
        claims.unexpired(alb.leeway, at)?;
        if let Some(issuer) = claims.optional("iss")?.filter(|issuer| *issuer != alb.issuer.as_ref()) {
            return Err(Rejection::Issuer { found: Excerpt::of(issuer) });
        }
        let identity = identity(&alb.issuer, subject(claims.mandatory("sub")?)?)?;
        let groups = claims.texts("cognito:groups")?;
        Ok(EventUser {
            username: claims.optional("username")?.map(Into::into),
            identity: identity.with_groups(groups),
            kind: None,
            client_id: Some(alb.client.clone()),
            claims: all,
        })
    }
}

impl AlbKey {
    /// RFC 7468 and RFC 5480: a `SubjectPublicKeyInfo` of a point on P-256 has one form, to the byte.
    pub(crate) fn from_pem(pem: &[u8], backend: Backend) -> Option<Self> {
        const P256: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let text = str::from_utf8(pem).ok()?.trim();
        let inner =
            text.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
        let base64: String = inner.split_ascii_whitespace().collect();
        let der = BASE64_STANDARD.decode(base64).ok()?;
        let point = der.strip_prefix(&P256).filter(|point| point.len() == 65)?;
        Some(Self(signature::key(backend, &Material::P256 { point })?.into()))
    }
}

impl fmt::Debug for AlbKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlbKey")
    }
}

/// With padding, as the load balancer writes it, or without.
fn decoded(segment: &str) -> Result<Vec<u8>, Rejection> {
    BASE64.decode(segment).map_err(|_| Rejection::NotCompact)
}

fn key_host(partition: &str, region: &str) -> String {
    match partition {
        "aws-us-gov" => format!("https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}"),
        "aws-cn" => format!("https://s3.{region}.amazonaws.com.cn/aws-elb-public-keys-prod-{region}"),
        _ => format!("https://public-keys.auth.elb.{region}.amazonaws.com"),
    }
}

/// The key id becomes a segment of a path, so it is a UUID and nothing else.
fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188";

    #[test]
    fn key_hosts() {
        let host = |arn: &str| Alb::new(arn, "i", "c").map(|alb| alb.key_uri("k"));
        let gov = ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1");
        assert_eq!(host(ARN).as_deref(), Ok("https://public-keys.auth.elb.us-east-1.amazonaws.com/k"));
        assert_eq!(
            host(&gov).as_deref(),
            Ok("https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/k")
        );
        for arn in
            ["", "arn:aws:s3:::b", &ARN.replace("us-east-1", "evil.com/#"), &ARN.replace("/app/", "/net/")]
        {
            assert_eq!(host(arn), Err(InvalidAlb::Signer), "{arn}");
        }
        let alb = || Alb::new(ARN, "i", "c").unwrap();
        assert!(alb().with_key_host("https://keys.example.com/alb").is_ok());
        assert!(alb().with_key_host("http://127.0.0.1:9000").is_ok());
        assert!(alb().with_key_host("http://keys.example.com").is_err());
    }

    #[test]
    fn key_ids() {
        assert!(is_uuid("3f2504e0-aaaa-4bbb-8ccc-0305e82c3301"));
        for kid in
            ["", "../../x", "3f2504e0-aaaa-4bbb-8ccc-0305e82c330/", "3f2504e0aaaa4bbb8ccc0305e82c33010000"]
        {
            assert!(!is_uuid(kid), "{kid}");
        }
    }
}
