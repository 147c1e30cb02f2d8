//! Signed tokens of every kind, and the keys that verify them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use upsign_core::Timestamp;
use upsign_testing::tokens::TestIssuer;

use super::configuration::{ISSUER, POOL};

/// A signed token and its claims.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) claims: Map<String, Value>,
    /// Whose keys signed it.
    pub(super) issuer: &'static str,
}

/// Returns tokens of every kind: of this issuer and of others, of each use, client, scope and group, valid and expired.
pub(super) fn tokens(at: Timestamp) -> (Vec<Token>, BTreeMap<&'static str, String>) {
    let other_pool = "ap-southeast-1_Other1234";
    let issuers = [
        ("pool", TestIssuer::user_pool(POOL)),
        ("other-pool", TestIssuer::user_pool(other_pool)),
        ("custom", TestIssuer::custom(ISSUER)),
        ("other", TestIssuer::custom("https://id.example.com/other")),
    ];
    // A user pool can have a second name as an issuer.
    let updated = format!("https://issuer-cognito-idp.ap-southeast-1.amazonaws.com/{POOL}");
    let mut out = Vec::new();
    for (name, issuer) in &issuers {
        for client in ["client-1", "client-2", "client-3"] {
            for scopes in [&[][..], &["write"], &["admin", "openid"], &["openid"]] {
                for groups in [&[][..], &["editors"], &["readers", "editors"]] {
                    for expired in [false, true] {
                        let access = issuer.access_token("alice", client).scopes(scopes.iter().copied());
                        let both = [access, issuer.id_token("alice", client)];
                        for mut token in both {
                            if !groups.is_empty() {
                                token = token.groups(groups.iter().copied());
                            }
                            if *name == "pool" && client == "client-2" {
                                token = token.claim("iss", updated.as_str());
                            }
                            let signed_at = if expired { at.saturating_sub(7_200) } else { at };
                            let text = token.sign(signed_at);
                            let payload = text.split('.').nth(1).unwrap();
                            let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
                            out.push(Token {
                                text,
                                claims: serde_json::from_slice(&payload).unwrap(),
                                issuer: name,
                            });
                        }
                    }
                }
            }
        }
    }
    let keys = issuers.iter().map(|(name, issuer)| (*name, issuer.jwks())).collect();
    (out, keys)
}
