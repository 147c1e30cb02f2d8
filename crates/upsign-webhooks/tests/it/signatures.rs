//! Signatures of Standard Webhooks, compared with the reference library.

use http::{HeaderMap, HeaderName};
use proptest::prelude::*;
use standardwebhooks::Webhook;
use upsign::{Clock, SystemClock, Timestamp};
use upsign_webhooks::{
    InvalidWebhook, InvalidWebhookSecret, WebhookHeaders, WebhookSecret, WebhookSigner, WebhookVerifier,
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
/// Of the test vector that the reference libraries share.
const AT: u64 = 1_614_265_330;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn secret(text: &str) -> WebhookSecret {
    text.parse().unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn headers<'a>(timestamp: &'a str, signature: &'a str) -> WebhookHeaders<'a> {
    WebhookHeaders { id: ID, timestamp, signature }
}

/// What the reference library says about a webhook. It reads the clock itself.
fn reference_accepts(secret: &str, id: &str, now: Timestamp, signature: &str, body: &[u8]) -> bool {
    let values = [("webhook-id", id.to_owned()), ("webhook-timestamp", now.as_unix().to_string())];
    let mut headers = HeaderMap::new();
    for (name, value) in values.into_iter().chain([("webhook-signature", signature.to_owned())]) {
        headers.insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    Webhook::new(secret).unwrap().verify(body, &headers).is_ok()
}

#[test]
fn the_vector_of_the_reference_libraries_is_signed_and_verified() {
    let signer = WebhookSigner::new([secret(SECRET)]).unwrap();
    assert_eq!(signer.sign(ID, at(AT), BODY), SIGNATURE);
    let verifier = WebhookVerifier::new([secret(SECRET)]).unwrap();
    assert_eq!(verifier.verify(headers("1614265330", SIGNATURE), BODY, at(AT)), Ok(()));
}

proptest! {
    #[test]
    fn the_reference_library_accepts_every_signature(
        key in prop::collection::vec(any::<u8>(), 24..=64),
        body in "\\PC{0,200}",
        id in "msg_[0-9a-f]{32}",
    ) {
        let now = SystemClock.now();
        let known = WebhookSecret::from_bytes(&key).unwrap();
        let text = known.expose();
        prop_assert_eq!(text.parse::<WebhookSecret>().unwrap(), known.clone());
        let signature = WebhookSigner::new([secret(OTHER), known]).unwrap().sign(&id, now, body.as_bytes());
        // During a rotation, receivers of either secret accept it.
        prop_assert!(reference_accepts(&text, &id, now, &signature, body.as_bytes()));
        prop_assert!(reference_accepts(OTHER, &id, now, &signature, body.as_bytes()));
        prop_assert!(!reference_accepts(SECRET, &id, now, &signature, body.as_bytes()));
    }

    #[test]
    fn the_verifier_accepts_what_the_reference_library_signs(body in "\\PC{0,200}", id in "[a-zA-Z0-9_]{1,40}") {
        let signature = Webhook::new(SECRET).unwrap().sign(&id, AT.cast_signed(), body.as_bytes()).unwrap();
        let verifier = WebhookVerifier::new([secret(OTHER), secret(SECRET)]).unwrap();
        let headers = WebhookHeaders { id: &id, timestamp: "1614265330", signature: &signature };
        prop_assert_eq!(verifier.verify(headers, body.as_bytes(), at(AT)), Ok(()));
        let changed = [body.as_bytes(), b" "].concat();
        prop_assert_eq!(verifier.verify(headers, &changed, at(AT)), Err(InvalidWebhook::Signature));
    }

    #[test]
    fn arbitrary_headers_are_refused(id in "\\PC*", timestamp in "\\PC*", signature in "(v1,[a-zA-Z0-9+/]{0,44}=? ?){0,3}") {
        let verifier = WebhookVerifier::new([secret(SECRET)]).unwrap();
        let headers = WebhookHeaders { id: &id, timestamp: &timestamp, signature: &signature };
        prop_assert!(verifier.verify(headers, BODY, at(AT)).is_err());
    }
}

#[test]
fn malformed_old_and_forged_webhooks_are_refused() {
    let verifier = WebhookVerifier::new([secret(SECRET)]).unwrap();
    let verify =
        |timestamp: &str, signature: &str, now| verifier.verify(headers(timestamp, signature), BODY, at(now));
    let several = format!("v1a,abc v1,AAAA {SIGNATURE} v2,x");
    assert_eq!(verify("1614265330", &several, AT), Ok(()));
    assert_eq!(verify("1614265330", SIGNATURE, AT + 300), Ok(()));
    assert_eq!(verify("1614265330", SIGNATURE, AT + 301), Err(InvalidWebhook::TooOld));
    assert_eq!(verify("1614265330", SIGNATURE, AT - 300), Ok(()));
    assert_eq!(verify("1614265330", SIGNATURE, AT - 301), Err(InvalidWebhook::TooNew));
    assert_eq!(verify("1614265331", SIGNATURE, AT), Err(InvalidWebhook::Signature));
    let without_version = SIGNATURE.trim_start_matches("v1,");
    for signature in
        ["", "v1,", "v1,AAAA", without_version, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1Oe="]
    {
        assert_eq!(verify("1614265330", signature, AT), Err(InvalidWebhook::Signature), "{signature}");
    }
    for timestamp in ["", "-1", "+1614265330", "1614265330.0", "99999999999999999999", "now"] {
        assert_eq!(verify(timestamp, SIGNATURE, AT), Err(InvalidWebhook::Timestamp), "{timestamp}");
    }
    // `a.1` with the time 2 and `a` with the time 1.2 would sign the same text.
    let dotted = WebhookHeaders { id: "a.1", timestamp: "1614265330", signature: SIGNATURE };
    assert_eq!(verifier.verify(dotted, BODY, at(AT)), Err(InvalidWebhook::Id));
    let strict = WebhookVerifier::new([secret(SECRET)]).unwrap().with_tolerance(0);
    assert_eq!(
        strict.verify(headers("1614265330", SIGNATURE), BODY, at(AT + 1)),
        Err(InvalidWebhook::TooOld)
    );
}

#[test]
fn secrets_are_checked_and_not_shown() {
    for (text, error) in [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", InvalidWebhookSecret::Prefix),
        ("whsec_!", InvalidWebhookSecret::Base64),
        ("whsec_AAAA", InvalidWebhookSecret::Length(3)),
    ] {
        assert_eq!(text.parse::<WebhookSecret>(), Err(error), "{text}");
    }
    assert_eq!(WebhookSecret::from_bytes(&[0; 65]), Err(InvalidWebhookSecret::Length(65)));
    let shown = format!("{:?}", WebhookSigner::new([secret(SECRET)]).unwrap());
    assert!(!shown.contains("MfKQ") && !shown.contains("49"), "{shown}");
    assert_eq!(WebhookSigner::new([]).unwrap_err().0, 0);
    assert_eq!(WebhookVerifier::new(vec![secret(SECRET); 9]).unwrap_err().0, 9);
}
