//! An independent reference for signatures: both backends must agree with RustCrypto on every corpus and on random tokens.
//!
//! Both backends of `upsign-cognito` compute with AWS-LC, so their agreement is no evidence that AWS-LC is right. RustCrypto (the
//! crates `rsa` and `p256`) shares no code with it: its big-integer arithmetic and its check of the PKCS #1 padding are
//! separate implementations in Rust. It is used through the `rust_crypto` provider of `jsonwebtoken`, which this host builds
//! anyway to test the conflict of providers. As dev-dependencies of `upsign-cognito`, the same crates would be built a
//! second time, by every `cargo test --workspace`.
//!
//! The comparison is of the signature alone. A token that is rejected before its signature is verified is not compared;
//! one that is rejected for its claims has a valid signature.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use proptest::prelude::*;
use serde_json::{Value, json};
use upsign_cognito::authorizer::{Alb, IdentitySource};
use upsign_cognito::{Algorithm, KeySet, Rejection, TokenCheck, verify_signature};

use crate::corpus::{BACKENDS, cases, parse, text};
use crate::jwt_attack;
use crate::pool::{ISSUER, NOW, at, config, jwks, sign_text};

const WYCHEPROOF_JWS: &str = include_str!("../../../../../upsign-testing/vectors/wycheproof_jws.json");
const JWT_ATTACK: &str = include_str!("../../../../../upsign-testing/vectors/jwt_attack.json");
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Es256];

/// The number of signatures that were compared and found valid or invalid.
#[derive(Debug, Default)]
struct Compared {
    valid: usize,
    invalid: usize,
}

impl Compared {
    /// Compares the result of one token, if its signature was verified at all.
    #[track_caller]
    fn add(&mut self, jws: &str, jwks: &Value, result: Result<(), Rejection>) {
        let Some(expected) = signature_result(&result) else { return };
        assert_eq!(reference(jws, jwks), Some(expected), "{jws}: {result:?}");
        *if expected { &mut self.valid } else { &mut self.invalid } += 1;
    }
}

/// Returns whether a result means that the signature is valid, or `None` if the signature was not verified.
fn signature_result(result: &Result<(), Rejection>) -> Option<bool> {
    match result {
        Ok(()) => Some(true),
        Err(Rejection::Signature) => Some(false),
        Err(
            Rejection::ClaimsJson(_)
            | Rejection::MissingClaim { .. }
            | Rejection::InvalidClaim { .. }
            | Rejection::Issuer { .. }
            | Rejection::UnknownTokenUse { .. }
            | Rejection::TokenUse { .. }
            | Rejection::Client { .. }
            | Rejection::Expired { .. }
            | Rejection::NotYetValid { .. }
            | Rejection::IssuedLater { .. }
            | Rejection::Audience { .. }
            | Rejection::Groups { .. }
            | Rejection::Scopes { .. },
        ) => Some(true),
        Err(_) => None,
    }
}

/// Verifies a compact JWS with RustCrypto. Returns `None` if it cannot be read or its key is not in the set.
fn reference(jws: &str, jwks: &Value) -> Option<bool> {
    let decode = |segment: &str| BASE64_URL_SAFE_NO_PAD.decode(segment).ok();
    let (message, signature) = jws.rsplit_once('.')?;
    let header: Value = serde_json::from_slice(&decode(message.split_once('.')?.0)?).ok()?;
    let algorithm = match header["alg"].as_str()? {
        "RS256" => jsonwebtoken::Algorithm::RS256,
        "RS384" => jsonwebtoken::Algorithm::RS384,
        "RS512" => jsonwebtoken::Algorithm::RS512,
        "PS256" => jsonwebtoken::Algorithm::PS256,
        "ES256" => jsonwebtoken::Algorithm::ES256,
        _ => return None,
    };
    // A key set can list other keys under the same id.
    let kty = if header["alg"] == "ES256" { "EC" } else { "RSA" };
    let has_id = |jwk: &&Value| jwk["kid"] == header["kid"] && jwk["kty"] == kty;
    let jwk = jwks["keys"].as_array()?.iter().find(has_id)?;
    let key = if kty == "EC" {
        DecodingKey::from_ec_components(jwk["x"].as_str()?, jwk["y"].as_str()?).ok()?
    } else {
        DecodingKey::from_rsa_raw_components(&decode(jwk["n"].as_str()?)?, &decode(jwk["e"].as_str()?)?)
    };
    let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &key).ok()?;
    Some(verifier.verify(message.as_bytes(), &decode(signature)?).is_ok())
}

#[test]
fn backends_agree_with_rustcrypto_on_wycheproof() {
    let corpus = parse(WYCHEPROOF_JWS);
    for backend in BACKENDS {
        let mut compared = Compared::default();
        for case in cases(&corpus) {
            let jwk = &case["jwk"];
            let jwks = if jwk.get("keys").is_some() { jwk.clone() } else { json!({"keys": [jwk]}) };
            let keys = KeySet::parse_for(jwks.to_string().as_bytes(), &ALGORITHMS, backend).unwrap();
            let jws = text(&case["jws"]);
            compared.add(jws, &jwks, verify_signature(jws, &keys, &ALGORITHMS).map(|_| ()));
        }
        assert!(compared.valid >= 13 && compared.invalid >= 40, "{compared:?}");
    }
}

#[test]
fn backends_agree_with_rustcrypto_on_attacks() {
    let corpus = parse(JWT_ATTACK);
    for backend in BACKENDS {
        let mut compared = Compared::default();
        for case in cases(&corpus) {
            let result = jwt_attack::check_case(case, &corpus, backend).map(|_| ());
            compared.add(text(&case["token"]), &corpus["jwks_sets"][text(&case["jwks"])], result);
        }
        assert!(compared.valid >= 80 && compared.invalid >= 10, "{compared:?}");
    }
}

/// Every character of a valid signature is altered.
#[test]
fn backends_agree_with_rustcrypto_on_altered_signatures() {
    let document = jwks(&["old"]);
    let set: Value = serde_json::from_str(&document).unwrap();
    let jws = sign_text(r#"{"alg":"RS256","kid":"old"}"#, "payload", "old");
    let (message, signature) = jws.rsplit_once('.').unwrap();
    for backend in BACKENDS {
        let keys = KeySet::parse_for(document.as_bytes(), &[Algorithm::Rs256], backend).unwrap();
        let mut compared = Compared::default();
        for index in 0..signature.len() {
            let other = if signature.as_bytes()[index] == b'A' { "B" } else { "A" };
            let mut altered = signature.to_owned();
            altered.replace_range(index..=index, other);
            let altered = format!("{message}.{altered}");
            compared.add(&altered, &set, verify_signature(&altered, &keys, &[Algorithm::Rs256]).map(|_| ()));
        }
        compared.add(&jws, &set, verify_signature(&jws, &keys, &[Algorithm::Rs256]).map(|_| ()));
        // The last character of 256 bytes has two bits that must be zero; altering those is no longer base64url.
        assert!(compared.valid == 1 && compared.invalid >= signature.len() - 1, "{compared:?}");
    }
}

/// The header of a load balancer is signed with ES256.
#[test]
fn backends_agree_with_rustcrypto_on_es256() {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = key.public_key().as_ref();
    let prefix = BASE64_STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
    let der = BASE64_STANDARD.encode([&prefix[..26], point].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----");
    let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/50dc6c495c0c9188";
    let kid = "3f2504e0-aaaa-4bbb-8ccc-0305e82c3301";
    let header =
        json!({"alg": "ES256", "kid": kid, "signer": arn, "iss": ISSUER, "client": "client", "exp": NOW + 9});
    let reference_key = DecodingKey::from_ec_der(point);
    let reference = |message: &str, signature: &[u8]| {
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&jsonwebtoken::Algorithm::ES256, &reference_key);
        verifier.unwrap().verify(message.as_bytes(), &signature.to_vec()).is_ok()
    };
    for n in 0..50 {
        let encode = |json: &Value| BASE64_URL_SAFE.encode(json.to_string());
        let message = format!("{}.{}", encode(&header), encode(&json!({"sub": format!("user{n}")})));
        let mut signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec();
        let valid = n % 2 == 0;
        if !valid {
            signature[n] ^= 1 << (n % 8);
        }
        assert_eq!(reference(&message, &signature), valid, "RustCrypto, signature {n}");
        let data = format!("{message}.{}", BASE64_URL_SAFE.encode(&signature));
        let event = json!({"requestContext": {"elb": {}}, "headers": {"x-amzn-oidc-data": data}});
        for backend in BACKENDS {
            let alb = Alb::new(arn, ISSUER, "client").unwrap().with_backend(backend);
            let source = IdentitySource::Alb(alb.with_only_key(&pem).unwrap());
            assert_eq!(source.identify(&event, at(0)).is_ok(), valid, "{backend:?}, signature {n}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn backends_agree_with_rustcrypto_on_random_tokens(
        payload in ".{0,200}",
        signer in prop::sample::select(vec!["old", "new"]),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 0..3),
    ) {
        let document = jwks(&["old"]);
        let set: Value = serde_json::from_str(&document).unwrap();
        // A token that names the key `old`, signed by that key or by another one, with some bits of the signature flipped.
        let jws = sign_text(r#"{"alg":"RS256","kid":"old"}"#, &payload, signer);
        let (message, signature) = jws.rsplit_once('.').unwrap();
        let mut signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        for (index, bit) in flips {
            let index = index.index(signature.len());
            signature[index] ^= 1 << bit;
        }
        let jws = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        let expected = reference(&jws, &set);
        prop_assert!(expected.is_some());
        for backend in BACKENDS {
            let check = TokenCheck::new(config().with_backend(backend));
            let keys = check.key_set(document.as_bytes()).unwrap();
            let result = verify_signature(&jws, &keys, &[Algorithm::Rs256]).map(|_| ());
            prop_assert_eq!(signature_result(&result), expected, "{:?}: {:?}", backend, result);
            let result = check.check(&keys, &jws, at(0)).map(|_| ());
            prop_assert_eq!(signature_result(&result), expected, "{:?}: {:?}", backend, result);
        }
    }
}
