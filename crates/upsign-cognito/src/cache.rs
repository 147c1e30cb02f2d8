//! Tokens that were verified a moment ago.

use std::collections::HashMap;
use std::fmt;

use upsign_core::Timestamp;

use crate::{Rejection, VerifiedClaims};

/// A bounded memory of verified tokens. The whole token is compared; its times are checked again at every hit.
///
/// Two halves: what is used moves to the young one, and when that is full the old one is dropped. So both memory and
/// work per token are bounded, without a list to keep in order.
pub(crate) struct TokenCache {
    limits: CacheLimits,
    generation: u64,
    young: HashMap<Box<str>, Entry>,
    old: HashMap<Box<str>, Entry>,
}

/// How many verified tokens are remembered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheLimits {
    /// How many, at most. A token and its claims take about 4 KiB.
    pub tokens: usize,
    /// For how many seconds at most, whatever `exp` says.
    pub seconds: u64,
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) kid: Box<str>,
    pub(crate) claims: VerifiedClaims,
    pub(crate) verified_at: Timestamp,
    /// Of the key set that it was verified with.
    pub(crate) generation: u64,
}

impl CacheLimits {
    /// At most `tokens` tokens, each for at most `seconds` seconds.
    #[must_use]
    pub const fn new(tokens: usize, seconds: u64) -> Self {
        Self { tokens, seconds }
    }
}

impl Default for CacheLimits {
    /// 1,024 tokens for 5 minutes.
    fn default() -> Self {
        Self::new(1_024, 300)
    }
}

impl TokenCache {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        Self { limits, generation: 0, young: HashMap::new(), old: HashMap::new() }
    }

    /// What was found about this very token at most [`CacheLimits::seconds`] ago.
    pub(crate) fn find(&mut self, token: &str, at: Timestamp) -> Option<Entry> {
        let entry = match self.young.get(token) {
            Some(entry) => entry.clone(),
            None => {
                let (token, entry) = self.old.remove_entry(token)?;
                self.keep(token, entry.clone());
                entry
            }
        };
        let age = entry.verified_at.as_unix().abs_diff(at.as_unix());
        (age <= self.limits.seconds).then_some(entry)
    }

    /// Remembers a token, and forgets all that was verified with another key set.
    pub(crate) fn insert(&mut self, token: &str, entry: Entry) {
        if self.generation != entry.generation {
            (self.young, self.old) = (HashMap::new(), HashMap::new());
            self.generation = entry.generation;
        }
        if self.limits.tokens > 0 {
            self.keep(token.into(), entry);
        }
    }

    fn keep(&mut self, token: Box<str>, entry: Entry) {
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
    /// The claims, if they still hold.
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
    use crate::{TokenUse, TrustedIssuer, VerifierConfig};

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(1_000_000 + seconds).unwrap()
    }

    fn entry(verified_at: u64, generation: u64) -> Entry {
        let issuer = TrustedIssuer::other("https://i.example", "https://i.example/keys").unwrap();
        let config = VerifierConfig::new(issuer, ["c"], TokenUse::Id).unwrap();
        let claims =
            json!({"iss": "https://i.example", "aud": "c", "token_use": "id", "sub": "s", "exp": 2_000_000});
        let claims = VerifiedClaims::read(claims.to_string().into_bytes(), &config, at(0)).unwrap();
        Entry { kid: "k".into(), claims, verified_at: at(verified_at), generation }
    }

    #[test]
    fn count_is_bounded_and_what_is_used_stays() {
        for most in [1, 2, 3, 8, 9] {
            let mut cache = TokenCache::new(CacheLimits::new(most, 60));
            for n in 0..100 {
                cache.insert(&format!("t{n}"), entry(0, 1));
                assert!(cache.young.len() + cache.old.len() <= most);
                assert!(cache.find(&format!("t{n}"), at(0)).is_some());
                assert!(most < 4 || n == 0 || cache.find("t0", at(0)).is_some(), "{most} {n}");
            }
        }
        let mut cache = TokenCache::new(CacheLimits::new(0, 60));
        cache.insert("t", entry(0, 1));
        assert!(cache.find("t", at(0)).is_none());
    }

    #[test]
    fn time_is_bounded() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("t", entry(100, 1));
        assert!(cache.find("t", at(160)).is_some());
        assert!(cache.find("t", at(161)).is_none());
        assert!(cache.find("t", at(39)).is_none(), "a clock set back");
    }

    #[test]
    fn another_key_set_empties_it() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("t", entry(0, 1));
        cache.insert("u", entry(0, 2));
        assert!(cache.find("t", at(0)).is_none() && cache.find("u", at(0)).is_some());
    }

    #[test]
    fn no_token_is_shown() {
        let mut cache = TokenCache::new(CacheLimits::new(4, 60));
        cache.insert("secret", entry(0, 1));
        assert_eq!(
            format!("{cache:?}"),
            "TokenCache { limits: CacheLimits { tokens: 4, seconds: 60 }, tokens: 1, .. }"
        );
    }
}
