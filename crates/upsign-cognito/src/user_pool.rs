//! Cognito user pools.

use std::str::FromStr;

use upsign_core::Region;
#[cfg(feature = "fetch")]
use upsign_jwt::{HttpFetch, Verifier};
use upsign_jwt::{IntoClientIds, InvalidVerifierConfig, TokenUse, TrustedIssuer, VerifierConfig};

/// A Cognito user pool, identified by its id, which begins with its region.
///
/// ```
/// use upsign_cognito::UserPool;
/// let pool: UserPool = "ap-southeast-1_AbCdEf".parse()?;
/// assert_eq!(pool.region().as_str(), "ap-southeast-1");
/// let [original, updated] = pool.issuers();
/// assert_eq!(original, "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf");
/// assert_eq!(updated, "https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf");
/// assert_eq!(pool.jwks_uri(), format!("{original}/.well-known/jwks.json"));
/// # Ok::<(), upsign_cognito::InvalidUserPool>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserPool {
    region: Region,
    id: Box<str>,
}

/// The text is not the id of a user pool: a region, `_` and ASCII letters or digits, at most 55 characters.
///
/// Source: `UserPoolId` in the Cognito user pools API reference, `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user pool id is a region, `_` and letters or digits, for example ap-southeast-1_AbCdEf")]
#[non_exhaustive]
pub struct InvalidUserPool;

const MAX_ID_CHARACTERS: usize = 55;

impl UserPool {
    /// Returns the id of the pool, including the region.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the id of the pool, as [`id`](Self::id) does.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.id
    }

    /// Returns the region of the pool.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Returns both values of `iss` that tokens of this pool can have: the original one, and the one that a pool uses after
    /// `IssuerConfigurationType` is set to `UPDATED`.
    ///
    /// Source: Amazon Cognito API reference, `IssuerConfigurationType`.
    #[must_use]
    pub fn issuers(&self) -> [String; 2] {
        ["cognito-idp", "issuer-cognito-idp"].map(|service| self.url(service))
    }

    /// Returns the URL where the pool publishes its keys.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        format!("{}/.well-known/jwks.json", self.url("cognito-idp"))
    }

    /// Returns the URL where a pool with the updated issuer publishes its keys in every region to which it is replicated.
    #[must_use]
    pub fn replicated_jwks_uri(&self) -> String {
        format!("{}/.well-known/jwks.json", self.url("issuer-cognito-idp"))
    }

    /// Returns the pool as an issuer whose tokens are accepted, in both forms of its name. Keys are fetched from
    /// [`jwks_uri`](Self::jwks_uri).
    #[must_use]
    pub fn trusted_issuer(&self) -> TrustedIssuer {
        TrustedIssuer::from_known_urls(self.issuers(), &self.jwks_uri())
    }

    /// Returns a pool that is replicated over regions as an issuer. The names are those of
    /// [`trusted_issuer`](Self::trusted_issuer); keys are fetched from [`replicated_jwks_uri`](Self::replicated_jwks_uri).
    #[must_use]
    pub fn replicated_issuer(&self) -> TrustedIssuer {
        TrustedIssuer::from_known_urls(self.issuers(), &self.replicated_jwks_uri())
    }

    /// Requires tokens of the kind `token_use` that this pool issued to one of `client_ids`.
    ///
    /// ```
    /// use upsign_cognito::{TokenUse, UserPool};
    /// let pool: UserPool = "us-east-1_AbCdEf".parse()?;
    /// let config = pool.verifier_config(["my-client-id"], TokenUse::Access)?
    ///     .with_leeway(30)
    ///     .with_required_groups(["uploaders"])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns the error of [`VerifierConfig::new`], which lists the defaults.
    pub fn verifier_config(
        &self,
        client_ids: impl IntoClientIds,
        token_use: TokenUse,
    ) -> Result<VerifierConfig, InvalidVerifierConfig> {
        VerifierConfig::new(self.trusted_issuer(), client_ids, token_use)
    }

    /// Creates a verifier of tokens of the pool with this id, which fetches the pool's keys over HTTPS.
    ///
    /// Short for [`verifier_config`](Self::verifier_config) and [`Verifier::https`].
    ///
    /// ```
    /// use upsign_cognito::{TokenUse, UserPool};
    /// let verifier = UserPool::verifier("ap-southeast-1_AbCdEf123", ["my-client-id"], TokenUse::Access)?;
    /// # Ok::<(), upsign_cognito::InvalidVerifierConfig>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::UserPool`] if `pool` is not the id of a user pool, or the error of
    /// [`VerifierConfig::new`].
    #[cfg(feature = "fetch")]
    pub fn verifier(
        pool: &str,
        client_ids: impl IntoClientIds,
        token_use: TokenUse,
    ) -> Result<Verifier<HttpFetch>, InvalidVerifierConfig> {
        let pool: Self = pool.parse().map_err(|InvalidUserPool| InvalidVerifierConfig::UserPool)?;
        Ok(Verifier::https(pool.verifier_config(client_ids, token_use)?))
    }

    fn url(&self, service: &str) -> String {
        let region = self.region.as_str();
        let suffix = match region {
            _ if region.starts_with("cn-") => "amazonaws.com.cn",
            _ if region.starts_with("eusc-") => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        format!("https://{service}.{region}.{suffix}/{}", self.id)
    }
}

impl FromStr for UserPool {
    type Err = InvalidUserPool;

    fn from_str(id: &str) -> Result<Self, InvalidUserPool> {
        let (region, name) = id.split_once('_').ok_or(InvalidUserPool)?;
        let fits = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && id.len() <= MAX_ID_CHARACTERS
            && region.split('-').count() >= 3
            && region.ends_with(|last: char| last.is_ascii_digit());
        let region = region.parse().map_err(|_| InvalidUserPool)?;
        if fits { Ok(Self { region, id: id.into() }) } else { Err(InvalidUserPool) }
    }
}

upsign_core::text_type!(UserPool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_pools_of_other_partitions() {
        for (id, issuer) in [
            ("cn-north-1_Ab1", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab1"),
            ("us-gov-west-1_Ab1", "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Ab1"),
        ] {
            let pool: UserPool = id.parse().unwrap();
            assert_eq!(pool.issuers()[0], issuer);
            assert_eq!(pool.to_string(), id);
        }
    }

    #[test]
    fn user_pool_is_a_text_type() {
        let pool = UserPool::try_from("us-east-1_AbCdEf").unwrap();
        assert_eq!(pool, "us-east-1_AbCdEf");
        assert_eq!((pool.as_ref(), String::from(pool.clone())), (pool.id(), pool.to_string()));
        assert_eq!(UserPool::try_from("AbCdEf"), Err(InvalidUserPool));
        assert!(pool < "us-east-1_Zz".parse().unwrap());
    }

    #[test]
    fn invalid_user_pool_ids_are_refused() {
        for id in [
            "",
            "AbCdEf",
            "us-east-1",
            "us-east-1_",
            "_AbCdEf",
            "us-east-1_a/../b",
            "us-east-1_a_b",
            "us-east-1_é",
            "US-EAST-1_a",
            "us-east_a",
            "us-east-x_a",
            "local_a",
            "us-east-1_a ",
            "evil.com#us-east-1_a",
            &format!("us-east-1_{}", "a".repeat(46)),
        ] {
            assert_eq!(id.parse::<UserPool>(), Err(InvalidUserPool), "{id}");
        }
    }
}
