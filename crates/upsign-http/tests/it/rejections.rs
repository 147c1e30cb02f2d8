//! Rejected tokens: one 401 for every reason, and the reason for the log and the observers only.

use http::Response;
use upsign::UploadService;
use upsign_core::{CorsOrigins, Identity};
use upsign_http::{Api, Authenticate, AuthenticateError, authenticate_fn};
use upsign_policy::Bodyless;
use upsign_testing::RecordingObserver;

use crate::fixture::{at, issuer, post};

/// Sends a request and returns the response and the one reason that the observer received.
async fn send(headers: &[(&str, &str)], authenticate: &dyn Authenticate) -> (Response<String>, String) {
    let observer = RecordingObserver::new();
    let service = UploadService::from(issuer(Bodyless::Allow)).with_observer(observer.clone());
    let response =
        Api::new(service, CorsOrigins::listed([])).handle(&post(headers, "{"), at(), authenticate).await;
    assert_eq!(observer.codes(), ["unauthorized"]);
    let refusal = observer.refusals().remove(0);
    assert!(!refusal.service_fault && refusal.caller.is_none(), "{refusal:?}");
    (response, refusal.reason.unwrap().into())
}

/// Everything of a response that the client can see.
fn visible(response: &Response<String>) -> String {
    assert_eq!(response.status(), 401);
    format!("{:?} {}", response.headers(), response.body())
}

#[tokio::test]
async fn reason_of_a_rejection_reaches_observers_and_not_the_client() {
    let rejecting = authenticate_fn(|_, _| async {
        let reason = "the session ended yesterday".to_owned();
        Err::<Identity, _>(AuthenticateError::Rejected { code: "session-ended", reason })
    });
    let (response, reason) = send(&[], &rejecting).await;
    assert_eq!(reason, "session-ended: the session ended yesterday");
    assert!(!visible(&response).contains("session"), "{response:?}");
}

#[cfg(feature = "cognito")]
mod tokens {
    use std::collections::BTreeSet;

    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use upsign_cognito::{Rejection, StaticKeys, TokenUse, UserPool, Verifier, VerifierConfig, Verifiers};
    use upsign_http::BearerToken;

    use super::*;

    const JWKS: &str = include_str!("golden/jwks.json");

    fn verifier() -> Verifier<StaticKeys> {
        let pool = "ap-southeast-1_AbCdEf123".parse::<UserPool>().unwrap().trusted_issuer();
        let config = VerifierConfig::new(pool, ["client-1"], TokenUse::Access).unwrap();
        Verifier::with_static_keys(config, JWKS).unwrap()
    }

    /// The kinds of rejection are those that `upsign-cognito` lists; its own tests hold that the list is complete.
    #[tokio::test]
    async fn every_kind_of_rejected_token_gets_the_same_401() {
        let mut answers = BTreeSet::new();
        for code in Rejection::CODES.iter().copied() {
            let rejecting = authenticate_fn(move |_, _| async move {
                Err::<Identity, _>(AuthenticateError::InvalidToken {
                    code,
                    reason: format!("because of {code}"),
                })
            });
            let rejecting = rejecting.with_challenge(BearerToken::new(verifier()).challenge().unwrap());
            let (response, reason) = send(&[], &rejecting).await;
            assert_eq!(reason, format!("{code}: because of {code}"));
            assert!(answers.len() <= 1 && response.headers()["www-authenticate"] == INVALID_TOKEN);
            answers.insert(visible(&response));
        }
        assert_eq!(answers.len(), 1, "{answers:?}");
    }

    const INVALID_TOKEN: &str = r#"Bearer error="invalid_token""#;

    /// RFC 6750 section 3.1: a request without a bearer token gets no error code.
    #[tokio::test]
    async fn challenge_says_whether_a_token_was_sent() {
        for (values, challenge) in [
            (&[][..], "Bearer"),
            (&["Basic YTpi"], "Bearer"),
            (&["Bearer a.b.c", "Bearer a.b.c"], "Bearer"),
            (&["Bearer a.b.c"], INVALID_TOKEN),
            (&["Bearer x"], INVALID_TOKEN),
        ] {
            let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
            let (response, _) = send(&headers, &BearerToken::new(verifier())).await;
            assert_eq!(response.headers()["www-authenticate"], challenge, "{values:?}");
        }
    }

    #[test]
    fn verified_caller_without_a_group_or_scope_is_forbidden() {
        let config = verifier().config().clone().with_required_groups(["editors"]).unwrap();
        let config = config.with_required_scopes(["uploads/write"]).unwrap();
        for rejection in
            [config.require_groups(&["readers"]).unwrap_err(), config.require_scopes(&[]).unwrap_err()]
        {
            let code = rejection.code();
            let of_several = Rejection::ByIssuer {
                issuer: "https://id.example".into(),
                rejection: Box::new(rejection.clone()),
            };
            for rejection in [rejection, of_several] {
                let error = AuthenticateError::from(rejection);
                let found =
                    matches!(error, AuthenticateError::Forbidden { code: found, .. } if found == code);
                assert!(found, "{error:?}");
            }
        }
    }

    /// The largest maximum that can be configured has no such hint.
    #[tokio::test]
    async fn token_that_is_too_long_names_the_setting_that_raises_the_maximum() {
        for (max, hint) in [(1 << 10, "; auth.max_token_size raises it"), (64 << 10, "")] {
            let config = verifier().config().clone().with_max_token_bytes(max).unwrap();
            let bearer = BearerToken::new(Verifier::with_static_keys(config, JWKS).unwrap());
            let token = format!("Bearer {}", "x".repeat(max + 1));
            let (_, reason) = send(&[("authorization", &token)], &bearer).await;
            let found = max + 1;
            let expected =
                format!("token-too-long: the token has {found} bytes, more than the maximum of {max}{hint}");
            assert_eq!(reason, expected);
        }
    }

    /// Only the beginning of the header is read: the signature is not a token, and not for the log.
    #[tokio::test]
    async fn aws_signature_in_place_of_a_token_is_named() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=5d67";
        for bearer in [BearerToken::new(verifier()), BearerToken::new(verifier()).accept_raw_authorization()]
        {
            let (response, reason) = send(&[("authorization", header)], &bearer).await;
            assert!(
                reason.starts_with("not-bearer: the authorization header is an AWS signature (SigV4)"),
                "{reason}"
            );
            assert!(reason.contains("CloudFront") && !reason.contains("AKIDEXAMPLE"), "{reason}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
        }
    }

    fn token(header: &str, payload: &str) -> String {
        let [header, payload] = [header, payload].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        format!("Bearer {header}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode([7; 256]))
    }

    /// Real tokens, as far as a rejection needs no valid signature.
    #[tokio::test]
    async fn rejected_tokens_get_the_same_401_and_their_own_reason() {
        let rs256 = r#"{"alg":"RS256","kid":"example"}"#;
        let long = format!("Bearer {}", "x".repeat(9_000));
        let mut answers = BTreeSet::new();
        for (values, code) in [
            (vec![], "authorization-header"),
            (vec!["Bearer a.b.c".to_owned(), "Bearer a.b.c".to_owned()], "authorization-header"),
            (vec!["Basic YTpi".to_owned()], "not-bearer"),
            (vec![long], "token-too-long"),
            (vec!["Bearer x".to_owned()], "not-compact"),
            (vec![token("[]", "{}")], "header-json"),
            (vec![token(r#"{"alg":"RS256","kid":"example","crit":["b64"]}"#, "{}")], "header-parameter"),
            (vec![token(r#"{"alg":"none","kid":"example"}"#, "{}")], "algorithm"),
            (vec![token(r#"{"alg":"RS256"}"#, "{}")], "no-kid"),
            (vec![token(r#"{"alg":"RS256","kid":"other"}"#, "{}")], "unknown-kid"),
            (vec![token(rs256, "{}")], "signature"),
        ] {
            let headers: Vec<_> = values.iter().map(|value| ("authorization", value.as_str())).collect();
            let (response, reason) = send(&headers, &BearerToken::new(verifier())).await;
            assert!(reason.starts_with(&format!("{code}: ")), "{code}: {reason}");
            assert!(values.iter().all(|value| !reason.contains(value.as_str())), "{reason}");
            let is_token = !["authorization-header", "not-bearer"].contains(&code);
            assert_eq!(response.headers()["www-authenticate"] == INVALID_TOKEN, is_token, "{code}");
            answers.insert((is_token, visible(&response)));
        }
        assert_eq!(answers.len(), 2, "{answers:?}");
    }

    #[tokio::test]
    async fn token_of_an_untrusted_issuer_gets_the_same_401() {
        let several = BearerToken::new(Verifiers::new([verifier()]).unwrap());
        let token = token(r#"{"alg":"RS256","kid":"example"}"#, r#"{"iss":"https://evil.example"}"#);
        let (unknown, reason) = send(&[("authorization", &token)], &several).await;
        assert!(reason.starts_with("unknown-issuer: "), "{reason}");
        let (malformed, _) = send(&[("authorization", "Bearer a.b.c")], &several).await;
        assert_eq!(visible(&unknown), visible(&malformed));
    }
}
