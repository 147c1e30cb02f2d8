//! Upload tokens, and their payloads as if the signature were valid: what is accepted is the only encoding of its session.

use std::sync::LazyLock;

use upsign::session::{TokenKeys, fuzzing};
use upsign::types::{Identity, Target, Timestamp};

use crate::within_time_limit;

/// The secret and the deployment of `upload_tokens.json`, so that its tokens have valid signatures.
static KEYS: LazyLock<TokenKeys> = LazyLock::new(|| {
    let secret: Vec<u8> = (0..32).collect();
    TokenKeys::new("production", [secret]).unwrap()
});

/// The caller of most of its tokens.
static CALLER: LazyLock<Identity> = LazyLock::new(|| {
    let issuer = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_AbCdEf123";
    Identity::from_verified(issuer, "3f2504e0-4f89-41d3-9a0c-0305e82c3301").unwrap()
});

/// The bucket of most of its tokens.
static TARGET: LazyLock<Target> = LazyLock::new(|| {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
});

pub(super) fn run(data: &[u8]) {
    if let Some(payload) = within_time_limit(|| fuzzing::payload(data)) {
        assert_eq!(payload, data, "two payloads of one session");
    }
    let Ok(token) = str::from_utf8(data) else { return };
    let target_of = |_: Option<&_>| Some(TARGET.clone());
    let verified = within_time_limit(|| KEYS.verify(token, &CALLER, Timestamp::UNIX_EPOCH, target_of));
    match verified {
        Ok(session) => assert_eq!(KEYS.sign(&session).unwrap().expose(), token, "two tokens of one session"),
        Err(error) => {
            assert_eq!(error.to_string(), "the upload token is not valid for this request");
            assert!(error.reason().to_string().len() < 100, "a long message: {}", error.reason());
        }
    }
}
