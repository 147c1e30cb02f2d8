//! Authenticators of an application: from an extension, from a closure, behind pointers, and their challenges.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use upsign_core::Identity;
use upsign_http::{Authenticate, AuthenticateError, FromExtension, Problem, authenticate_fn};
use upsign_policy::Bodyless;

use crate::fixture::{api, at, json, post};

#[derive(Clone)]
struct User(&'static str);

fn from_extension() -> impl Authenticate {
    FromExtension::new(|user: &User| Identity::from_verified("https://app.example.com", user.0))
}

async fn send(request: &Request<Bytes>, authenticate: &dyn Authenticate) -> Response<String> {
    api(Bodyless::Allow).handle(request, at(), authenticate).await
}

fn with_user(name: &'static str) -> Request<Bytes> {
    let mut request = post(&[], "");
    request.extensions_mut().insert(User(name));
    request
}

#[tokio::test]
async fn user_of_a_middleware_is_the_caller() {
    let authenticate = from_extension();
    let identity = authenticate.authenticate(&(&with_user("alice")).into(), at()).await.unwrap();
    assert_eq!(
        (identity.issuer().as_str(), identity.subject().as_str()),
        ("https://app.example.com", "alice")
    );
    assert_eq!(send(&with_user("alice"), &authenticate).await.status(), 200);
    let (parts, _) = with_user("bob").into_parts();
    let identity = authenticate.authenticate(&(&parts).into(), at()).await.unwrap();
    assert_eq!(identity.subject().as_str(), "bob");
}

#[tokio::test]
async fn missing_extension_is_rejected_and_its_type_is_named_in_the_reason() {
    let authenticate = from_extension();
    let request = post(&[], "");
    let error = authenticate.authenticate(&(&request).into(), at()).await.unwrap_err();
    let AuthenticateError::Rejected { code, reason } = error else { panic!("{error}") };
    assert_eq!(code, "extension-missing");
    assert!(reason.contains("User"), "{reason}");
}

#[tokio::test]
async fn invalid_identity_of_an_extension_is_rejected() {
    let error = from_extension().authenticate(&(&with_user("")).into(), at()).await.unwrap_err();
    assert!(matches!(error, AuthenticateError::Rejected { code: "identity-invalid", .. }), "{error:?}");
}

/// A cookie application neither challenges for a bearer token nor speaks of one.
#[tokio::test]
async fn authenticator_without_a_challenge_does_not_mention_bearer_tokens() {
    let response = send(&post(&[], ""), &from_extension()).await;
    assert_eq!(response.status(), 401);
    assert!(!response.headers().contains_key("www-authenticate"));
    assert_eq!(json(&response)["code"], "unauthorized");
    assert!(!response.body().to_lowercase().contains("bearer") && !response.body().contains("token"));
}

#[tokio::test]
async fn challenge_of_the_authenticator_is_sent() {
    let rejecting = || {
        authenticate_fn(|_, _| async {
            Err::<Identity, _>(AuthenticateError::Rejected { code: "no", reason: "no".into() })
        })
    };
    for (challenge, is_bearer) in [("Bearer", true), ("bearer realm=\"app\"", true), ("Basic", false)] {
        let authenticate = rejecting().with_challenge(HeaderValue::from_static(challenge));
        let response = send(&post(&[], ""), &authenticate).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &challenge.parse().unwrap())
        );
        assert_eq!(response.body().contains("bearer token"), is_bearer, "{challenge}");
    }
    let extension = FromExtension::new(|user: &User| Identity::from_verified("https://a", user.0));
    let extension = extension.with_challenge(HeaderValue::from_static("Session"));
    assert_eq!(send(&post(&[], ""), &extension).await.headers()["www-authenticate"], "Session");
}

/// A caller without a required group or scope is forbidden; the answer speaks of tokens only if callers send them.
#[tokio::test]
async fn verified_caller_without_access_gets_403() {
    let forbidding = || {
        authenticate_fn(|_, _| async {
            let reason = "found `readers`, expected one of editors".to_owned();
            Err::<Identity, _>(AuthenticateError::Forbidden { code: "groups", reason })
        })
    };
    for (challenge, expected) in [
        (None, None),
        (Some("Basic realm=\"app\""), None),
        (Some("Bearer"), Some(r#"Bearer error="insufficient_scope""#)),
        (Some(r#"Bearer realm="app""#), Some(r#"Bearer realm="app", error="insufficient_scope""#)),
    ] {
        let response = match challenge {
            None => send(&post(&[], ""), &forbidding()).await,
            Some(challenge) => {
                let authenticate = forbidding().with_challenge(HeaderValue::from_static(challenge));
                send(&post(&[], ""), &authenticate).await
            }
        };
        assert_eq!(
            (response.status().as_u16(), &json(&response)["code"]),
            (403, &"insufficient-scope".into())
        );
        let sent = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap());
        assert_eq!(sent, expected, "{challenge:?}");
        assert!(!response.body().contains("editors") && !response.body().contains("readers"));
    }
}

#[tokio::test]
async fn closure_sees_method_uri_and_headers_and_may_wait() {
    let authenticate = authenticate_fn(|request, _| {
        let seen = format!("{} {}", request.method, request.uri);
        let session = request.headers.get("cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        async move {
            tokio::task::yield_now().await;
            match session.as_deref() {
                Some("session=alice") => Ok(Identity::from_verified("https://app.example.com", &seen)?),
                Some(_) => {
                    Err(AuthenticateError::Unavailable { reason: "the database is unreachable".into() })
                }
                None => Err(AuthenticateError::Rejected { code: "session", reason: "no session".into() }),
            }
        }
    });
    let request = post(&[("cookie", "session=alice")], "");
    let identity = authenticate.authenticate(&(&request).into(), at()).await.unwrap();
    assert_eq!(identity.subject().as_str(), "POST /upload-url");
    assert_eq!(send(&post(&[], ""), &authenticate).await.status(), 401);
    let unavailable = send(&post(&[("cookie", "session=bob")], ""), &authenticate).await;
    assert_eq!((unavailable.status().as_u16(), &unavailable.headers()["retry-after"]), (503, &10.into()));
    assert!(!unavailable.body().contains("token"), "{}", unavailable.body());
}

/// The challenge is a provided method, so a pointer that does not forward it would lose it.
#[tokio::test]
async fn pointers_forward_the_challenge() {
    let bearer = || crate::fixture::FakeAuthenticator;
    let pointers: [Box<dyn Authenticate>; 3] = [
        Box::new(Arc::new(bearer())),
        Box::new(Box::new(bearer())),
        Box::new(&crate::fixture::FakeAuthenticator),
    ];
    for pointer in pointers {
        let response = send(&post(&[], ""), &pointer).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
    }
}

#[test]
fn problem_of_an_authentication_error_has_no_challenge_of_its_own() {
    let rejected = AuthenticateError::Rejected { code: "no", reason: "no".into() };
    let problem = Problem::from(&rejected);
    assert_eq!((problem.status().as_u16(), problem.code(), problem.challenge()), (401, "unauthorized", None));
}
