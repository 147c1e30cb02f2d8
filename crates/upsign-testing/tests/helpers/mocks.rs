//! Every mock answers through its trait.

use std::sync::Arc;

use http::{HeaderValue, Request};
use mockall::predicate::eq;
use upsign::{
    Authorize, Clock, Decision, IdSource, NoEntropy, RateLimit, Refusal, TooManyRequests, UploadIssuer,
    UploadObserver, UploadPolicy, UploadRequest,
};
use upsign_cognito::{FetchError, Rejection, TokenUse, Verifier, VerifyToken};
use upsign_core::{
    Credentials, CredentialsError, CredentialsSource, ExpiresIn, Identity, LengthRange, PostKey, PostPolicy,
    PresignError, Presigner, SignPost, Target, Timestamp, Unsupported, WithCredentials,
};
use upsign_http::{Authenticate, AuthenticateError, AuthenticateRequest};
use upsign_objects::{CallFailure, HeadObject, ObjectCalls, ObjectError, StoreError};
use upsign_testing::mocks::{
    MockAuthenticate, MockAuthorize, MockClock, MockCredentialsSource, MockFetchKeys, MockIdSource,
    MockObjectCalls, MockPresigner, MockRateLimit, MockSign, MockSignPost, MockUploadObserver,
    MockVerifyToken, mockall,
};
use upsign_testing::tokens::TestIssuer;

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn policy() -> UploadPolicy {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, "raw/{id}.{ext}".parse().unwrap(), upsign::Bodyless::Allow);
    policy.content_types(["image/png"]).max_size(100).build().unwrap()
}

#[tokio::test]
async fn presigner_and_authorizer_of_an_issuer() {
    let mut presigner = MockPresigner::supporting_everything();
    let failure = || PresignError::Backend { backend: "mock", source: "out of order".into() };
    presigner.expect_presign().times(1).returning(move |_, _| Err(failure()));
    let mut authorize = MockAuthorize::new();
    authorize.expect_authorize().times(2).returning(|request| {
        let is_alice = request.caller.subject().as_str() == "alice";
        Ok(if is_alice { Decision::Allow } else { Decision::Deny })
    });
    let issuer = UploadIssuer::new(policy(), presigner).unwrap().with_authorizer(authorize);
    let error = issuer.issue(&alice(), &UploadRequest::bodyless(), at()).await.unwrap_err();
    assert_eq!(error.code(), "signing-unavailable");
    let bob = Identity::from_verified("https://issuer.example", "bob").unwrap();
    assert_eq!(issuer.issue(&bob, &UploadRequest::bodyless(), at()).await.unwrap_err().code(), "forbidden");
}

#[tokio::test]
async fn unsupported_requests_fail_at_construction() {
    let mut presigner = MockPresigner::new();
    presigner.expect_check().returning(|_| Err(Unsupported::new("mock", "anything")));
    assert_eq!(UploadIssuer::new(policy(), presigner).unwrap_err().to_string(), "mock cannot sign anything");
}

#[tokio::test]
async fn credentials_source_of_a_presigner() {
    let mut source = MockCredentialsSource::new();
    source.expect_credentials().with(eq(at())).returning(|_| Err(CredentialsError::load("no network")));
    let presigner: Arc<dyn Presigner> = Arc::new(WithCredentials::new(upsign::SigV4::new(), source));
    let issuer = UploadIssuer::new(policy(), presigner).unwrap();
    let error = issuer.issue(&alice(), &UploadRequest::bodyless(), at()).await.unwrap_err();
    assert!(error.is_service_fault(), "{error}");
    let mut source = MockCredentialsSource::new();
    source.expect_credentials().never();
    let _: &dyn CredentialsSource = &source;
}

#[test]
fn signers_without_a_source_of_credentials() {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let mut sign = MockSign::new();
    sign.expect_check().returning(|_| Ok(()));
    sign.expect_sign().times(1).returning(|_, _, _| Err(PresignError::UnknownExpiry));
    let issuer = UploadIssuer::new(policy(), WithCredentials::new(sign, credentials)).unwrap();
    let error = issuer.issue_now(&alice(), &UploadRequest::bodyless(), at()).unwrap_err();
    assert_eq!(error.code(), "signing-unavailable");

    let mut sign_post = MockSignPost::new();
    sign_post.expect_check_post().returning(|_| Err(Unsupported::new("mock", "forms")));
    let form = PostPolicy::new(
        policy().target().clone(),
        PostKey::exact(&"a".parse().unwrap()),
        LengthRange::ANY,
        ExpiresIn::MAX,
    );
    assert_eq!(SignPost::check_post(&sign_post, &form).unwrap_err().to_string(), "mock cannot sign forms");
}

#[tokio::test]
async fn small_traits_of_the_service() {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(at());
    assert_eq!(Clock::now(&clock), at());
    let mut ids = MockIdSource::new();
    ids.expect_next().returning(|_| Err(NoEntropy::new()));
    assert_eq!(IdSource::next(&ids, at()), Err(NoEntropy::new()));
    let mut limit = MockRateLimit::new();
    limit.expect_count().returning(|_, _| Err(TooManyRequests::new(7).into()));
    let refused = RateLimit::count(&limit, &alice(), at()).await.unwrap_err();
    assert_eq!(refused.too_many(), Some(TooManyRequests::new(7)));
    let mut observer = MockUploadObserver::new();
    observer.expect_refused().withf(|refusal| refusal.code == "too-large").times(1).return_const(());
    observer.refused(&Refusal::new("too-large", false, at()));
    let mut authorize = MockAuthorize::new();
    authorize.expect_authorize().never();
    let _: &dyn Authorize = &authorize;
}

#[tokio::test]
async fn fetcher_and_verifier_of_tokens() {
    let issuer = TestIssuer::user_pool("us-east-1_Mocks");
    let mut fetcher = MockFetchKeys::new();
    fetcher.expect_fetch().times(1).returning(|_| Err(FetchError::Timeout));
    let verifier = Verifier::new(issuer.config("client", TokenUse::Access), fetcher);
    let token = issuer.access_token("alice", "client").sign(at());
    assert_eq!(verifier.verify(&token, at()).await.unwrap_err().code(), "keys-unavailable");
    let mut verifier = MockVerifyToken::new();
    verifier.expect_verify().returning(|_, _| Err(Rejection::Signature.into()));
    assert_eq!(VerifyToken::verify(&verifier, &token, at()).await.unwrap_err().code(), "signature");
}

#[tokio::test]
async fn authenticator_of_an_api() {
    let mut authenticate = MockAuthenticate::new();
    authenticate.expect_authenticate().returning(|request, _| {
        let reason = format!("no session at {}", request.uri);
        Err(AuthenticateError::Rejected { code: "no-session", reason })
    });
    authenticate.expect_challenge().return_const(HeaderValue::from_static("Custom"));
    let authenticate: &dyn Authenticate = &authenticate;
    let request = Request::get("/me").body(()).unwrap();
    let error = authenticate.authenticate(&AuthenticateRequest::from(&request), at()).await.unwrap_err();
    assert_eq!(error.to_string(), "authentication rejected: no session at /me");
    assert_eq!(authenticate.challenge().unwrap(), "Custom");
}

#[tokio::test]
async fn calls_to_a_store() {
    let mut store = MockObjectCalls::new();
    store.expect_head_object().times(1).returning(|call, _| {
        assert_eq!(call.key(), "raw/a.png");
        Err(ObjectError::new("HeadObject", CallFailure::Store(StoreError::new(404))))
    });
    let store: Arc<dyn ObjectCalls> = Arc::new(store);
    let call = HeadObject::new("raw/a.png".parse().unwrap());
    assert!(store.head_object(&call, at()).await.unwrap_err().is_not_found());
}
