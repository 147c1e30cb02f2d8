//! A token that is not signed yet.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use upsign_cognito::Algorithm;
use upsign_core::Timestamp;

use super::key::SigningKey;

/// A token that is not signed yet: the claims of a valid one, which the test can change in any way.
#[derive(Clone, Debug)]
#[must_use = "a token exists only after `sign`"]
pub struct TestToken {
    key: Arc<SigningKey>,
    algorithm: Algorithm,
    expires_in: u64,
    claims: Map<String, Value>,
    /// Changes by the test, which take precedence over everything else. `None` removes a member.
    claim_changes: Vec<(String, Option<Value>)>,
    header_changes: Vec<(String, Option<Value>)>,
}

impl TestToken {
    pub(super) fn new(key: Arc<SigningKey>, claims: Map<String, Value>) -> Self {
        Self {
            algorithm: key.algorithm,
            key,
            expires_in: 3_600,
            claims,
            claim_changes: Vec::new(),
            header_changes: Vec::new(),
        }
    }

    /// Sets a claim to any value, also one that Cognito would never issue.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claim_changes.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a claim.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claim_changes.push((name.to_owned(), None));
        self
    }

    /// Sets `cognito:groups`.
    pub fn groups<S: Into<String>>(self, groups: impl IntoIterator<Item = S>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        self.claim("cognito:groups", groups)
    }

    /// Sets `scope` to these scopes, separated by spaces.
    pub fn scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.claim("scope", scopes.join(" "))
    }

    /// Sets the lifetime in seconds, from the time of signing to `exp`. The default is 3600, as at Cognito.
    pub fn expires_in(mut self, seconds: u64) -> Self {
        self.expires_in = seconds;
        self
    }

    /// Signs with another algorithm than that of the key: the keys of an issuer sign with all algorithms of RSA. See
    /// [`TestIssuer::add_key_for`](super::TestIssuer::add_key_for) for others. A verifier accepts the token only if its
    /// configuration does.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets a header parameter to any value, for tests of verifiers. It does not change how the token is signed.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header_changes.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a header parameter.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header_changes.push((name.to_owned(), None));
        self
    }

    /// Returns the signed token. `iat`, `auth_time` and `exp` follow from `at`, unless the test has set them.
    #[must_use]
    pub fn sign(self, at: Timestamp) -> String {
        let header = json!({"alg": self.algorithm.name(), "kid": self.key.kid});
        let mut claims = self.claims;
        for name in ["iat", "auth_time"] {
            claims.insert(name.to_owned(), at.as_unix().into());
        }
        claims.insert("exp".to_owned(), at.saturating_add(self.expires_in).as_unix().into());
        let header = changed(header, self.header_changes);
        let claims = changed(Value::Object(claims), self.claim_changes);
        self.key.sign(self.algorithm, &header, &claims)
    }
}

fn changed(mut object: Value, changes: Vec<(String, Option<Value>)>) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Some(value) => members.insert(name, value),
            None => members.remove(&name),
        };
    }
    object
}
