//! Which keys of a key set are usable.

use serde_json::{Value, json};
use upsign_jwt::{Algorithm, Backend, KeySet};

use crate::pool::jwks;

fn jwk() -> Value {
    let document: Value = serde_json::from_str(&jwks(&["k"])).unwrap();
    document["keys"][0].clone()
}

fn kids(keys: &[Value]) -> Vec<String> {
    let set = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    set.kids().into_iter().map(str::to_owned).collect()
}

/// Checks whether a valid key with this member changed is usable; `null` removes the member.
#[track_caller]
fn check(member: &str, value: Value, usable: bool) {
    let mut jwk = jwk();
    jwk[member] = value;
    if jwk[member].is_null() {
        jwk.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(!kids(&[jwk]).is_empty(), usable, "{member}");
}

#[test]
fn members_of_a_key() {
    check("kid", json!("other"), true);
    check("kid", Value::Null, false);
    check("kid", json!(""), false);
    check("kid", json!(7), false);
    check("kid", json!("k".repeat(256)), true);
    check("kid", json!("k".repeat(257)), false);
    check("kty", json!("oct"), false);
    check("kty", json!("EC"), false);
    check("use", Value::Null, true);
    check("use", json!("enc"), false);
    check("use", json!(["sig"]), false);
    check("key_ops", json!(["verify"]), true);
    check("key_ops", json!(["encrypt"]), false);
    check("key_ops", json!([]), false);
    check("key_ops", json!("verify"), false);
    check("alg", Value::Null, true);
    check("alg", json!("RS512"), false);
    check("alg", json!("RSA-OAEP"), false);
    check("alg", json!(1), false);
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        check(private, json!("AQAB"), false);
    }
    check("x5c", json!(["anything"]), true);
    check("e", json!("AAEAAQ"), true);
    check("e", json!("AQAB="), false);
    check("e", json!("AQ"), false);
    check("e", json!("Aw"), false);
    check("e", json!("AQAA"), false);
    check("e", json!("AQAAAAE"), false);
    check("e", json!(""), false);
    check("n", json!(""), false);
    check("n", json!("AQAB"), false);
}

#[test]
fn modulus_and_its_size() {
    let n = jwk()["n"].as_str().unwrap().to_owned();
    let even = format!("{}A", n.split_at(n.len() - 1).0); // The last character encodes the two lowest bits of the modulus.
    check("n", json!(even), false);
    check("n", json!(format!("{n}=")), false);
    check("n", json!(n.replacen(['-', '_'], "+", 1)), !n.contains(['-', '_']));
    check("n", json!("_".repeat(1_366)), false); // 8,196 bits.
}

#[test]
fn ambiguous_key_ids_are_not_used() {
    let (a, mut b) = (jwk(), jwk());
    assert!(kids(&[a.clone(), b.clone()]).is_empty(), "also if the keys are equal");
    assert!(kids(&[a.clone(), b.clone(), b.clone()]).is_empty());
    b["kid"] = json!("b");
    assert_eq!(kids(&[a.clone(), b.clone(), a.clone()]), ["b"]);
    b["kid"] = json!("k");
    b["use"] = json!("enc");
    assert_eq!(kids(&[a, b]), ["k"], "an unusable key does not count");
}

#[test]
fn invalid_documents_are_refused() {
    let good = jwk().to_string();
    for (document, code) in [
        (String::new(), "key-set-not-json"),
        ("[]".into(), "key-set-not-json"),
        (format!("[{good}]"), "key-set-not-json"),
        (format!("{{\"keys\":[{good}],\"keys\":[]}}"), "key-set-not-json"),
        (format!("{{\"keys\":[{}]}}", good.replacen('{', "{\"kid\":\"x\",", 1)), "key-set-not-json"),
        (format!("{{\"keys\":{good}}}"), "key-set-without-keys"),
        (format!("{{\"Keys\":[{good}]}}"), "key-set-without-keys"),
        ("{\"keys\":[]}".into(), "key-set-empty"),
        (format!("{{\"keys\":[{}]}}", vec!["1"; 101].join(",")), "key-set-too-many-keys"),
        (" ".repeat(KeySet::MAX_BYTES + 1), "key-set-too-long"),
    ] {
        let found = KeySet::parse(document.as_bytes()).map_err(|error| error.code());
        assert_eq!(found, Err(code), "{}", document.split_at(document.len().min(80)).0);
    }
    let odd = format!("{{\"keys\":[null,1,[],{good}],\"x\":{{}}}}");
    assert_eq!(KeySet::parse(odd.as_bytes()).unwrap().kids(), ["k"]);
}

#[test]
fn sets_are_equal_when_their_keys_are() {
    let parse = |kids: &[&str]| KeySet::parse(jwks(kids).as_bytes()).unwrap();
    assert_eq!(parse(&["a", "b"]), parse(&["b", "a"]));
    assert_ne!(parse(&["a"]), parse(&["a", "b"]));
    assert_ne!(parse(&["a"]), parse(&["b"]));
    let swapped = jwks(&["old"]).replace("\"old\"", "\"a\"");
    assert_ne!(parse(&["a"]), KeySet::parse(swapped.as_bytes()).unwrap());
    let wider = KeySet::parse_for(
        jwks(&["a"]).replace(",\"alg\":\"RS256\"", "").replace("\"alg\":\"RS256\",", "").as_bytes(),
        &[Algorithm::Rs256, Algorithm::Rs512],
        Backend::AwsLc,
    );
    assert_ne!(parse(&["a"]), wider.unwrap());
    assert_eq!(format!("{:?}", parse(&["b", "a"])), "KeySet([\"a\", \"b\"])");
}
