//! Issuing without waiting (`issue_now`): the same bytes as `issue`, and clear errors for what would have to wait.

use upsign::policy::UploadMethod;
use upsign::types::Expiry;
use upsign::{
    Credentials, Decision, IssueError, SigV4, UploadIssuer, UploadRequest, Uuid, WithCredentials,
    authorize_fn, ids_fn,
};

use crate::fixture::{OWN_ARTICLE, Signer, at, caller, described, issuer, policy};

fn predictable(method: UploadMethod) -> UploadIssuer<Signer> {
    issuer(policy("a", false, method)).with_ids(ids_fn(|_| Ok(Uuid::from_u128(7))))
}

#[tokio::test]
async fn issue_now_equals_issue_byte_for_byte() {
    for method in [UploadMethod::Put, UploadMethod::Post] {
        let issuer = predictable(method);
        for upload in [described(), UploadRequest::bodyless()] {
            let now = issuer.issue_now(&caller(), &upload, at()).unwrap();
            let waited = issuer.issue(&caller(), &upload, at()).await.unwrap();
            assert_eq!(now, waited);
        }
    }
}

#[test]
fn issue_now_shortens_the_lifetime_to_that_of_the_credentials() {
    let expiry = Expiry::At(at().saturating_add(330));
    let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).unwrap();
    let presigner = WithCredentials::new(SigV4::new(), credentials);
    let issuer = UploadIssuer::new(policy("a", false, UploadMethod::Put), presigner).unwrap();
    assert_eq!(issuer.issue_now(&caller(), &described(), at()).unwrap().expires_in.as_secs(), 300);
    let error = issuer.issue_now(&caller(), &described(), at().saturating_add(330)).unwrap_err();
    assert_eq!((error.code(), error.status(), error.retry_after()), ("credentials-too-short", 503, Some(30)));
}

#[test]
fn issue_now_refuses_what_the_policy_denies() {
    let error = predictable(UploadMethod::Put)
        .issue_now(&caller(), &described().with_content_type("text/html"), at())
        .unwrap_err();
    assert_eq!((error.code(), error.status()), ("content-type-not-allowed", 415));
}

#[test]
fn issue_now_does_not_skip_an_authorizer() {
    let issuer =
        predictable(UploadMethod::Put).with_authorizer(authorize_fn(|_| async { Ok(Decision::Allow) }));
    let error = issuer.issue_now(&caller(), &described(), at()).unwrap_err();
    assert!(matches!(error, IssueError::AuthorizerMustWait));
    assert_eq!((error.code(), error.status(), error.is_service_fault()), ("internal", 500, true));
}

#[test]
fn issue_now_refuses_ids_of_the_client() {
    let issuer = issuer(policy("a", true, UploadMethod::Put));
    let error =
        issuer.issue_now(&caller(), &described().with_id("articleId", OWN_ARTICLE), at()).unwrap_err();
    assert!(matches!(error, IssueError::MissingAuthorizer));
}
