//! URLs of both kinds of keys.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use upsign::read::{ReadTarget, SignRead};
use upsign::{ExpiresIn, ObjectKey, Query, Target, Timestamp};
use upsign_cloudfront::{CloudFrontKey, CloudFrontSigner, InvalidDistribution};

use crate::{EC_PEM, rsa_key};

const DOMAIN: &str = "d111111abcdef8.cloudfront.net";
const ID: &str = "K2JCJMDEHXQW5F";

fn signer() -> CloudFrontSigner {
    CloudFrontSigner::new(DOMAIN, ID, rsa_key()).unwrap()
}

fn query_of(pairs: &serde_json::Value) -> Query {
    let mut query = Query::new();
    for pair in pairs.as_array().unwrap() {
        query.insert(pair[0].as_str().unwrap(), pair[1].as_str().unwrap()).unwrap();
    }
    query
}

#[test]
fn urls_are_those_of_botocore() {
    let cases: serde_json::Value = serde_json::from_str(include_str!("botocore.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let key: ObjectKey = case["key"].as_str().unwrap().parse().unwrap();
        let expires = Timestamp::from_unix(case["expires"].as_u64().unwrap()).unwrap();
        let url = signer().sign_url(&key, &query_of(&case["query"]), expires).unwrap();
        assert_eq!(url.expose(), case["url"].as_str().unwrap());
    }
}

/// Splits a URL into the text that CloudFront verifies and the signature.
fn policy_and_signature(url: &str) -> (String, Vec<u8>) {
    let at = url.find("Expires=").unwrap();
    let resource = &url[..at - 1];
    let parameters: Vec<&str> = url[at..].split('&').collect();
    let [expires, signature, id, hash] = parameters[..] else { panic!("{url}") };
    assert_eq!((id, hash), ("Key-Pair-Id=K2JCJMDEHXQW5F", "Hash-Algorithm=SHA256"));
    let expires = expires.trim_start_matches("Expires=");
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
    );
    let signature = signature.trim_start_matches("Signature=");
    let base64 = signature.replace('-', "+").replace('_', "=").replace('~', "/");
    (policy, STANDARD.decode(base64).unwrap())
}

proptest! {
    #[test]
    fn a_signature_of_ecdsa_covers_the_whole_url(
        key in "[a-zA-Z0-9äö €&?=\"\\\\*+~]{1,20}(/[a-z0-9 \"#%]{1,10}){0,2}",
        value in "\\PC{0,20}",
        expires in 1_u64..4_000_000_000,
    ) {
        let private = CloudFrontKey::from_pem(EC_PEM).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, private.public_key());
        let signer = CloudFrontSigner::new(DOMAIN, ID, private).unwrap();
        let Ok(key) = key.parse() else { return Ok(()) };
        let mut query = Query::new();
        prop_assume!(query.insert("response-content-disposition", &value).is_ok());
        let url = signer.sign_url(&key, &query, Timestamp::from_unix(expires).unwrap()).unwrap();
        let is_safe = |it: u8| it.is_ascii_alphanumeric() || b":/?&=-._~%".contains(&it);
        prop_assert!(url.expose().bytes().all(is_safe), "{}", url.expose());
        let (policy, signature) = policy_and_signature(url.expose());
        prop_assert!(public.verify(policy.as_bytes(), &signature).is_ok());
        let later = policy.replace(&expires.to_string(), &(expires + 1).to_string());
        prop_assert!(public.verify(later.as_bytes(), &signature).is_err());
        let policy = serde_json::from_str::<serde_json::Value>(&policy).unwrap();
        let resource = policy["Statement"][0]["Resource"].as_str().unwrap();
        prop_assert!(url.expose().starts_with(resource));
    }
}

#[test]
fn a_read_is_signed_until_its_lifetime_ends() {
    let target = Target::aws("images".parse().unwrap(), "eu-central-1".parse().unwrap());
    let key = "a.jpg".parse().unwrap();
    let mut query = Query::new();
    query.insert("versionId", "v1").unwrap();
    let at = Timestamp::from_unix(1_767_290_100).unwrap();
    let read = ReadTarget::new(&target, &key, &query);
    let url = signer().sign_read(&read, ExpiresIn::from_secs(300).unwrap(), at).unwrap();
    let start = "https://d111111abcdef8.cloudfront.net/a.jpg?versionId=v1&Expires=1767290400&Signature=";
    assert!(url.expose().starts_with(start), "{}", url.expose());
    let again = signer().sign_url(&key, &query, Timestamp::from_unix(1_767_290_400).unwrap()).unwrap();
    assert_eq!(url.expose(), again.expose());
    assert!(!format!("{url:?}").contains("Signature"));
}

#[test]
fn distributions_are_checked() {
    let new = |domain: &str, id: &str| CloudFrontSigner::new(domain, id, rsa_key()).map(drop);
    assert_eq!(new("Images.Example.org", ID), Ok(()));
    for domain in [
        "",
        "localhost",
        "https://images.example.org",
        "images.example.org/a",
        "images.example.org:443",
        "images..example.org",
        "-a.example.org",
        "images.example.org\"",
    ] {
        assert_eq!(new(domain, ID), Err(InvalidDistribution::Domain), "{domain}");
    }
    for id in ["", "k2jcjmdehxqw5f", "K2&Signature=x"] {
        assert_eq!(new(DOMAIN, id), Err(InvalidDistribution::KeyPairId), "{id}");
    }
}
