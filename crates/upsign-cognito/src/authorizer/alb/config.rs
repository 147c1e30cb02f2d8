//! A load balancer that authenticates users, and the keys that are known for it.

use std::collections::HashMap;

use upsign_core::{Endpoint, InvalidEndpoint};
use upsign_jwt::claims::CallerClaims;
use upsign_jwt::{Backend, DEFAULT_MAX_TOKEN_BYTES, ListClaim, ListForm, MAX_TOKEN_BYTES_RANGE};

use super::key::{AlbKey, is_uuid};

/// An Application Load Balancer that authenticates users, and the issuer and client for which it does.
#[derive(Clone, Debug)]
pub struct Alb {
    pub(super) signer: Box<str>,
    pub(super) issuer: Box<str>,
    pub(super) client: Box<str>,
    pub(super) leeway: u32,
    pub(super) claims: CallerClaims,
    pub(super) max_token_bytes: usize,
    key_host: Box<str>,
    backend: Backend,
    keys: HashMap<Box<str>, AlbKey>,
    only_key: Option<AlbKey>,
}

/// The reason the configuration of a load balancer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAlb {
    /// The signer is not the ARN of an Application Load Balancer.
    #[error("the signer is not the ARN of an application load balancer (arn:…:loadbalancer/app/…)")]
    Signer,
    /// The issuer or the client is empty.
    #[error("the issuer and the client must not be empty")]
    Empty,
    /// The key host is not a valid URL, or is neither `https` nor this machine.
    #[error("the key host is not a valid https URL")]
    KeyHost(#[source] InvalidEndpoint),
    /// The key id is not a UUID.
    #[error("the key id is not a UUID")]
    KeyId,
    /// The maximum length of the signed header is not in [`MAX_TOKEN_BYTES_RANGE`].
    #[error("the maximum length of a token must be from 1024 to 65536 bytes")]
    MaxTokenBytes,
    /// The key is not a P-256 public key in PEM.
    #[error("the key is not a P-256 public key in PEM (BEGIN PUBLIC KEY)")]
    Key,
}

impl Alb {
    /// Accepts users of `issuer` that the load balancer with this ARN has authenticated for the client id `client`.
    ///
    /// # Errors
    /// Returns [`InvalidAlb::Signer`] if `signer_arn` is not the ARN of an Application Load Balancer, and
    /// [`InvalidAlb::Empty`] if `issuer` or `client` is empty.
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
            claims: CallerClaims::new("sub").with_groups(ListClaim::new("cognito:groups", ListForm::Json)),
            max_token_bytes: DEFAULT_MAX_TOKEN_BYTES,
            backend: Backend::default(),
            keys: HashMap::new(),
            only_key: None,
        })
    }

    /// Fetches keys from this URL instead of that of the load balancer's region. The key id is appended as the last segment.
    ///
    /// # Errors
    /// Returns [`InvalidAlb::KeyHost`] if `uri` is not a valid URL, or is `http` and its host is not this machine.
    pub fn with_key_host(mut self, uri: &str) -> Result<Self, InvalidAlb> {
        let host: Endpoint = uri.parse().map_err(InvalidAlb::KeyHost)?;
        if host.scheme() != upsign_core::Scheme::Https && !host.is_loopback() {
            return Err(InvalidAlb::KeyHost(InvalidEndpoint::Scheme));
        }
        self.key_host = host.to_string().into();
        Ok(self)
    }

    /// Adds a key, so that it is not fetched: its key id and its PEM.
    ///
    /// # Errors
    /// Returns [`InvalidAlb::KeyId`] if `kid` is not a UUID, and [`InvalidAlb::Key`] if `pem` is not a P-256 public key.
    pub fn with_key(mut self, kid: &str, pem: &str) -> Result<Self, InvalidAlb> {
        if !is_uuid(kid) {
            return Err(InvalidAlb::KeyId);
        }
        let key = AlbKey::from_pem(pem.as_bytes(), self.backend).ok_or(InvalidAlb::Key)?;
        self.keys.insert(kid.into(), key);
        Ok(self)
    }

    /// Uses this key, in PEM, for every key id that the load balancer sends. No key is fetched.
    ///
    /// # Errors
    /// Returns [`InvalidAlb::Key`] if `pem` is not a P-256 public key.
    pub fn with_only_key(mut self, pem: &str) -> Result<Self, InvalidAlb> {
        self.only_key = Some(AlbKey::from_pem(pem.as_bytes(), self.backend).ok_or(InvalidAlb::Key)?);
        Ok(self)
    }

    /// Sets by how many seconds the clocks of this host and of the load balancer may differ. Default: 0, because the load
    /// balancer signs the header for each request.
    #[must_use]
    pub const fn with_leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Sets the maximum length of the signed header in bytes. Default: [`DEFAULT_MAX_TOKEN_BYTES`], 8 KiB.
    ///
    /// The header of a user with many groups can be longer.
    ///
    /// # Errors
    /// Returns [`InvalidAlb::MaxTokenBytes`] if `bytes` is not in [`MAX_TOKEN_BYTES_RANGE`].
    pub fn with_max_token_bytes(mut self, bytes: usize) -> Result<Self, InvalidAlb> {
        if !MAX_TOKEN_BYTES_RANGE.contains(&bytes) {
            return Err(InvalidAlb::MaxTokenBytes);
        }
        self.max_token_bytes = bytes;
        Ok(self)
    }

    /// Sets which claims describe a user. Default: the subject is `sub`, and the groups are the list `cognito:groups`.
    ///
    /// A load balancer passes on what the user info endpoint of the issuer returns, with its types; that of Amazon Cognito
    /// returns no groups and no scopes. The issuer's own names decide: `groups` and `roles` are usual ones.
    #[must_use]
    pub fn with_claims(mut self, claims: CallerClaims) -> Self {
        self.claims = claims;
        self
    }

    /// Sets the library that verifies signatures. It applies to keys that are added or fetched after this call.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    pub(crate) fn key_host(&self) -> &str {
        &self.key_host
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&AlbKey> {
        self.only_key.as_ref().or_else(|| self.keys.get(kid))
    }

    /// Returns the URL of a key. `kid` must be a UUID, which [`AlbToken::read`] guarantees.
    pub(crate) fn key_uri(&self, kid: &str) -> String {
        format!("{}/{kid}", self.key_host)
    }
}

/// Source: Elastic Load Balancing user guide, "Authenticate users using an Application Load Balancer", signature
/// verification.
fn key_host(partition: &str, region: &str) -> String {
    match partition {
        "aws-us-gov" => format!("https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}"),
        "aws-cn" => format!("https://s3.{region}.amazonaws.com.cn/aws-elb-public-keys-prod-{region}"),
        _ => format!("https://public-keys.auth.elb.{region}.amazonaws.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188";

    #[test]
    fn key_hosts_by_partition() {
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
}
