//! A cache of verified tokens.

use std::collections::HashMap;
use std::fmt;

use upsign_core::Timestamp;

use crate::rejection::Rejection;
use crate::token::verified_claims::VerifiedClaims;

/// A bounded cache of verified tokens.
///
/// # Invariants
///
/// - The key is the whole token, so a token with another signature or payload never hits.
/// - `young` and `old` together hold at most [`CacheLimits::tokens`] tokens. New and used tokens go to `young`. When it holds
///   half of the limit, it becomes `old`, and the previous `old` is dropped. This approximates least recently used with
///   constant work per token and without an ordered list.
/// - All entries belong to one generation of the key set. Inserting an entry of another generation clears the cache.
/// - Expiry is checked on every hit by [`Entry::claims`]; nothing here depends on `exp`.
pub(crate) struct TokenCache {
    limits: CacheLimits,
    generation: u64,
    young: HashMap<Box<str>, Entry>,
    old: HashMap<Box<str>, Entry>,
}

/// Limits of the cache of verified tokens. Default: 1,024 tokens for 5 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheLimits {
    /// The maximum number of tokens; 0 disables the cache. A token of 1 KiB and its claims take about 4 KiB of memory, and a longer
    /// one proportionally more; the verifier limits their [length](crate::VerifierConfig::with_max_token_bytes).
    pub tokens: usize,
    /// The maximum age of a cached result in seconds, even if the token is valid for longer.
    pub seconds: u64,
}

/// The result of a verification.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) kid: Box<str>,
    pub(crate) claims: VerifiedClaims,
    pub(crate) verified_at: Timestamp,
    /// The generation of the key set that verified the token.
    pub(crate) generation: u64,
}

impl CacheLimits {
    /// Limits the cache to `tokens` tokens, each kept for at most `seconds` seconds.
    #[must_use]
    pub const fn new(tokens: usize, seconds: u64) -> Self {
        Self { tokens, seconds }
    }
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self::new(1_024, 300)
    }
}

impl TokenCache {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        Self { limits, generation: 0, young: HashMap::new(), old: HashMap::new() }
    }

    /// Returns the entry of `token`, unless it is older than [`CacheLimits::seconds`]. An entry from the future counts by its
    /// distance too, so that a clock set back does not keep it longer.
    pub(crate) fn find(&mut self, token: &str, at: Timestamp) -> Option<Entry> {
        let entry = match self.young.get(token) {
            Some(entry) => entry.clone(),
            None => {
                let (token, entry) = self.old.remove_entry(token)?;
                self.put(token, entry.clone());
                entry
            }
        };
        let age = entry.verified_at.as_unix().abs_diff(at.as_unix());
        (age <= self.limits.seconds).then_some(entry)
    }

    /// Adds an entry. If it was verified with another key set than the entries so far, those are dropped first.
    pub(crate) fn insert(&mut self, token: &str, entry: Entry) {
        if self.generation != entry.generation {
            (self.young, self.old) = (HashMap::new(), HashMap::new());
            self.generation = entry.generation;
        }
        if self.limits.tokens > 0 {
            self.put(token.into(), entry);
        }
    }

    /// Puts an entry into `young`. With a limit of one token, `old` must stay empty, because `young` holds that one.
    fn put(&mut self, token: Box<str>, entry: Entry) {
        if self.young.len() >= (self.limits.tokens / 2).max(1) {
            self.old = std::mem::take(&mut self.young);
            if self.limits.tokens == 1 {
                self.old.clear();
            }
        }
        self.young.insert(token, entry);
    }
}

impl Entry {
    /// Returns the claims, unless the token has expired since it was verified.
    pub(crate) fn claims(self, leeway: u32, at: Timestamp) -> Result<VerifiedClaims, Rejection> {
        self.claims.times().check(leeway, at)?;
        Ok(self.claims)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("limits", &self.limits)
            .field("tokens", &(self.young.len() + self.old.len()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::claims::kind::TokenType;
    use crate::config::issuer::TrustedIssuer;
    use crate::config::token_use::TokenUse;
    use crate::config::verifier::VerifierConfig;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_000_000 + seconds).unwrap()
    }

    fn entry(verified_at: u64, generation: u64) -> Entry {
        let issuer = TrustedIssuer::custom("https://i.example", "https://i.example/keys").unwrap();
        let config = VerifierConfig::new(issuer, ["c"], TokenUse::Id).unwrap();
        let claims =
            json!({"iss": "https://i.example", "aud": "c", "token_use": "id", "sub": "s", "exp": 2_000_000});
        let claims =
            VerifiedClaims::read(claims.to_string().into_bytes(), TokenType::Unspecified, &config, at(0))
                .unwrap();
        Entry { kid: "k".into(), claims, verified_at: at(verified_at), generation }
    }

    #[test]
    fn count_is_bounded_and_used_tokens_stay() {
        for max in [1, 2, 3, 8, 9] {
            let mut cache = TokenCache::new(CacheLimits::new(max, 60));
            for n in 0..100 {
                cache.insert(&format!("t{n}"), entry(0, 1));
                assert!(cache.young.len() + cache.old.len() <= max);
                assert!(cache.find(&format!("t{n}"), at(0)).is_some());
                assert!(max < 4 || n == 0 || cache.find("t0", at(0)).is_some(), "{max} {n}");
            }
        }
        let mut cache = TokenCache::new(CacheLimits::new(0, 60));
        cache.insert("t", entry(0, 1));
        assert!(cache.find("t", at(0)).is_none());
    }

    #[test]
    fn age_is_bounded() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("t", entry(100, 1));
        assert!(cache.find("t", at(160)).is_some());
        assert!(cache.find("t", at(161)).is_none());
        assert!(cache.find("t", at(39)).is_none(), "the clock was set back");
    }

    #[test]
    fn new_key_set_clears_the_cache() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("t", entry(0, 1));
        cache.insert("u", entry(0, 2));
        assert!(cache.find("t", at(0)).is_none() && cache.find("u", at(0)).is_some());
    }

    #[test]
    fn debug_output_has_no_token() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("secret", entry(0, 1));
        assert_eq!(
            format!("{cache:?}"),
            "TokenCache { limits: CacheLimits { tokens: 4, seconds: 60 }, tokens: 1, .. }"
        );
    }
}
