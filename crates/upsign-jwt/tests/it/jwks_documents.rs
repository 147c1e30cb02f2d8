//! The corpus of responses of a key endpoint.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use upsign_jwt::{Algorithm, FetchError, FetchedKeys};

use crate::corpus::{BACKENDS, cases, corpus, text, texts};

fn response(case: &Value) -> FetchedKeys {
    let body = match case["body_b64"].as_str() {
        Some(base64) => BASE64_STANDARD.decode(base64).unwrap(),
        None => case["body"].as_str().unwrap_or_default().into(),
    };
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    let response = FetchedKeys::new(status, body);
    match case["headers"]["cache-control"].as_str() {
        Some(value) => response.with_cache_control(value),
        None => response,
    }
}

#[test]
fn corpus_of_key_sets() {
    let corpus = corpus!("jwks_documents.json");
    for case in cases(&corpus) {
        let id = text(&case["id"]);
        for backend in BACKENDS {
            let response = response(case);
            assert!((300..=86_400).contains(&response.fresh_for()), "{id}");
            let keys = response.key_set(&[Algorithm::Rs256], backend);
            let optional = case["optional_kids"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found = keys.as_ref().map(|keys| {
                let kids = keys.kids().into_iter().filter(|kid| !optional.iter().any(|name| name == kid));
                kids.map(str::to_owned).collect::<Vec<_>>()
            });
            match &case["usable_kids"] {
                _ if case["either"] == true => {}
                Value::Null => assert!(found.is_err(), "{id}: {found:?}"),
                kids => assert_eq!(found.expect(id), texts(kids), "{id}"),
            }
        }
    }
}

#[test]
fn reasons_for_refused_key_sets() {
    let corpus = corpus!("jwks_documents.json");
    for (id, code) in [
        ("jwks/empty-keys", "key-set-empty"),
        ("jwks/keys-null", "key-set-without-keys"),
        ("jwks/keys-missing", "key-set-without-keys"),
        ("jwks/empty-body", "key-set-not-json"),
        ("jwks/trailing", "key-set-not-json"),
        ("jwks/bom", "key-set-not-json"),
        ("jwks/deep", "key-set-not-json"),
        ("jwks/many-keys", "key-set-too-many-keys"),
        ("jwks/status-304", "key-set-status"),
        ("jwks/status-301", "key-set-status"),
    ] {
        let case = cases(&corpus).iter().find(|case| case["id"] == id).unwrap();
        let error: FetchError = response(case).key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap_err();
        assert_eq!(error.code(), code, "{id}");
    }
}
