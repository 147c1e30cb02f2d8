//! Attacks of one issuer, and of anyone, on the callers of another issuer that the same service trusts. All issuers use one key
//! id, and each verifier allows every algorithm and caches verified tokens.

use std::sync::OnceLock;

use futures_util::FutureExt;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use upsign_jwt::{
    Algorithm, CacheLimits, TokenUse, TrustedIssuer, VerifiedClaims, Verifier, VerifierConfig, Verifiers,
    VerifyError,
};

use crate::signer::{ALGORITHMS, NOW, Signer, at};

/// An issuer, its own client and audience, and its key. The first one has the claims of Amazon Cognito.
struct Issuer {
    name: &'static str,
    url: &'static str,
    client: &'static str,
    algorithm: Algorithm,
}

const ISSUERS: [Issuer; 3] = [
    Issuer { name: "pool", url: "https://pool.example", client: "pool-client", algorithm: Algorithm::Rs256 },
    Issuer {
        name: "staff",
        url: "https://staff.example/t1",
        client: "staff-api",
        algorithm: Algorithm::Ps256,
    },
    Issuer { name: "shop", url: "https://staff.example/t2", client: "shop-api", algorithm: Algorithm::Es256 },
];

impl Issuer {
    fn signer(&self) -> &'static Signer {
        Signer::of(self.algorithm)
    }

    fn verifier(&self) -> Verifier<upsign_jwt::StaticKeys> {
        let issuer = TrustedIssuer::offline(self.url).unwrap();
        let config = if self.name == "pool" {
            VerifierConfig::new(issuer, [self.client], TokenUse::Access).unwrap()
        } else {
            VerifierConfig::oidc(issuer, [self.client], TokenUse::Access).unwrap()
        };
        let config = config.with_algorithms(ALGORITHMS).unwrap().with_issuer_name(self.name.parse().unwrap());
        let mut jwk = self.signer().jwk();
        jwk["kid"] = "same".into();
        let verifier = Verifier::with_static_keys(config, json!({ "keys": [jwk] }).to_string()).unwrap();
        verifier.with_token_cache(CacheLimits::default())
    }

    /// Claims that any of the issuers accepts for this client, apart from `iss`.
    fn claims(&self, issuer: &str) -> Value {
        json!({
            "iss": issuer, "sub": "alice", "aud": self.client, "client_id": self.client, "azp": self.client,
            "token_use": "access", "scope": "openid", "iat": NOW, "exp": NOW + 1_000
        })
    }

    fn sign(&self, claims: &Value) -> String {
        self.signer().sign_with(&json!({"kid": "same"}), claims)
    }

    fn token(&self) -> String {
        self.sign(&self.claims(self.url))
    }
}

/// Returns verifiers that have verified a token of each issuer, which is now in their caches.
fn verifiers() -> &'static Verifiers {
    static VERIFIERS: OnceLock<Verifiers> = OnceLock::new();
    VERIFIERS.get_or_init(|| {
        let verifiers = Verifiers::new(ISSUERS.each_ref().map(Issuer::verifier)).unwrap();
        for issuer in &ISSUERS {
            let token = issuer.token();
            for _ in 0..2 {
                let claims = verifiers.verify(&token, at(0)).now_or_never().unwrap().unwrap();
                assert_eq!(claims.issuer(), issuer.url);
                assert_eq!(*claims.identity().issuer_name().unwrap(), *issuer.name);
            }
        }
        verifiers
    })
}

fn verify(token: &str) -> Result<VerifiedClaims, VerifyError> {
    verifiers().verify(token, at(0)).now_or_never().unwrap()
}

fn code(token: &str) -> &'static str {
    verify(token).map_or_else(|error| error.code(), |_| "ok")
}

/// Every combination of who signs, which issuer the token names, and for whose client it is.
#[test]
fn token_is_accepted_only_if_signer_issuer_and_client_belong_together() {
    let mut accepted = 0;
    for (i, signer) in ISSUERS.iter().enumerate() {
        for (j, named) in ISSUERS.iter().enumerate() {
            for (k, client) in ISSUERS.iter().enumerate() {
                let found = code(&signer.sign(&client.claims(named.url)));
                assert_eq!(found == "ok", i == j && j == k, "{i} {j} {k}: {found}");
                accepted += usize::from(found == "ok");
                if i != j {
                    // The key of the named issuer decides, although the signer has a key with the same id.
                    assert_eq!(found, "key-mismatch", "{i} {j} {k}");
                }
            }
        }
    }
    assert_eq!(accepted, ISSUERS.len());
}

/// Header, payload and signature of tokens of different issuers.
#[test]
fn parts_of_tokens_of_several_issuers_do_not_make_a_token() {
    let tokens = ISSUERS.each_ref().map(Issuer::token);
    let parts: Vec<Vec<&str>> = tokens.iter().map(|token| token.split('.').collect()).collect();
    for i in 0..3 {
        for j in 0..3 {
            for k in 0..3 {
                let mixed = format!("{}.{}.{}", parts[i][0], parts[j][1], parts[k][2]);
                assert_eq!(verify(&mixed).is_ok(), i == j && j == k, "{i} {j} {k}");
            }
        }
    }
}

/// The token is signed with the right key, and names its issuer in another way.
#[test]
fn other_spellings_of_an_issuer_are_unknown() {
    let issuer = &ISSUERS[1];
    for spelling in [
        "https://staff.example/t1/",
        "https://staff.example//t1",
        "https://staff.example/T1",
        "https://STAFF.example/t1",
        "HTTPS://staff.example/t1",
        "http://staff.example/t1",
        "//staff.example/t1",
        "staff.example/t1",
        "https:/staff.example/t1",
        "https:\\\\staff.example\\t1",
        "https://staff.example:443/t1",
        "https://staff.example./t1",
        "https://staff.example/%74%31",
        "https://staff.example/t1?",
        "https://staff.example/t1#",
        "https://staff.example/t2/../t1",
        "https://staff.example/./t1",
        "https://user@staff.example/t1",
        "https://pool.example@staff.example/t1",
        " https://staff.example/t1",
        "https://staff.example/t1 ",
        "https://staff.example/t1\n",
        "https://staff.example/t1\0",
        "\u{feff}https://staff.example/t1",
        // Cyrillic, full-width and combining characters that look alike.
        "https://st\u{430}ff.example/t1",
        "https://staff.example/\u{ff54}1",
        "https://sta\u{301}ff.example/t1",
        "https://staff.example\u{2044}t1",
    ] {
        assert_eq!(code(&issuer.sign(&issuer.claims(spelling))), "unknown-issuer", "{spelling:?}");
    }
    // Other JSON of the same text is the same issuer.
    let payload = issuer.claims(issuer.url).to_string();
    for same in [r"https:\/\/staff.example\/t1", r"https://staff.example/\u00741"] {
        let payload = payload.replace(issuer.url, same);
        assert!(payload.contains(same));
        let header = json!({"alg": issuer.algorithm.name(), "kid": "same"}).to_string();
        let token = issuer.signer().sign_bytes(header.as_bytes(), payload.as_bytes());
        assert_eq!(verify(&token).unwrap().issuer(), issuer.url);
    }
}

proptest! {
    /// A payload that names two issuers, or an issuer in a nested object, in any order.
    #[test]
    fn issuer_of_another_place_of_the_payload_does_not_count(
        (signer, other) in (0..3_usize, 1..3_usize).prop_map(|(i, step)| (i, (i + step) % 3)),
        member in select(vec!["Iss", "iss ", "issuer", "ISS", "i\u{17f}s", "act", "cnf"]),
        nested in any::<bool>(),
        first in any::<bool>(),
    ) {
        let (signer, victim) = (&ISSUERS[signer], &ISSUERS[other]);
        let value = if nested { json!({"iss": victim.url}) } else { json!(victim.url) };
        let own = signer.claims(signer.url).to_string();
        let injected = json!({ member: value }).to_string();
        let [own, injected] = [&own, &injected].map(|object| object.trim_start_matches('{').strip_suffix('}').unwrap());
        let payload = if first { format!("{{{injected},{own}}}") } else { format!("{{{own},{injected}}}") };
        let header = json!({"alg": signer.algorithm.name(), "kid": "same"}).to_string();
        let token = signer.signer().sign_bytes(header.as_bytes(), payload.as_bytes());
        if let Ok(claims) = verify(&token) {
            prop_assert_eq!(claims.issuer(), signer.url);
        }
        let twice = payload.replacen('{', &format!("{{\"iss\":\"{}\",", victim.url), 1);
        let token = signer.signer().sign_bytes(header.as_bytes(), twice.as_bytes());
        prop_assert_eq!(code(&token), "claims-json");
    }

    /// Any byte of a token that is in the cache is changed.
    #[test]
    fn changed_token_is_rejected_although_the_original_is_cached(
        issuer in 0..3_usize,
        index in any::<prop::sample::Index>(),
        byte in select(b"ABCDwxyz0189-_.".to_vec()),
    ) {
        let issuer = &ISSUERS[issuer];
        let token = issuer.token();
        prop_assert!(verify(&token).is_ok());
        let mut changed = token.clone().into_bytes();
        let index = index.index(changed.len());
        changed[index] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(changed == token || verify(&changed).is_err(), "{changed}");
    }
}
