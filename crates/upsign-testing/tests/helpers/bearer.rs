//! Bearer tokens of one issuer and of several, through the authenticator of the HTTP API.

use http::Request;
use upsign_cognito::{TokenUse, Verifiers, VerifyToken};
use upsign_core::Timestamp;
use upsign_http::{Authenticate, AuthenticateRequest, BearerToken};
use upsign_testing::tokens::TestIssuer;

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Returns the subject and the issuer of the caller, or the error.
async fn caller(verifier: impl VerifyToken, token: &str) -> Result<(String, String), String> {
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
    let authenticate = BearerToken::new(verifier);
    let caller = authenticate.authenticate(&AuthenticateRequest::from(&request), at()).await;
    let caller = caller.map_err(|error| error.to_string())?;
    Ok((caller.subject().to_string(), caller.issuer().to_string()))
}

#[tokio::test]
async fn callers_of_several_issuers_are_identified() {
    let issuers = ["us-east-1_Customers", "us-east-1_Staff"].map(TestIssuer::user_pool);
    let verifiers = issuers.each_ref().map(|issuer| issuer.verifier("client", TokenUse::Access));
    let verifiers = Verifiers::new(verifiers).unwrap();
    for issuer in &issuers {
        let token = issuer.access_token("alice", "client").sign(at());
        let expected = ("alice".to_owned(), issuer.name().to_owned());
        assert_eq!(caller(verifiers.clone(), &token).await, Ok(expected.clone()));
        assert_eq!(caller(issuer.verifier("client", TokenUse::Access), &token).await, Ok(expected));
    }
    let other = TestIssuer::custom("https://issuer.example").access_token("alice", "client").sign(at());
    assert_eq!(
        caller(&verifiers, &other).await.unwrap_err(),
        format!(
            "token rejected: the token names the issuer `https://issuer.example`, which is not configured; configured: {}, {}",
            issuers[0].name(),
            issuers[1].name()
        )
    );
}

#[tokio::test]
async fn verifier_can_be_chosen_at_run_time() {
    let issuer = TestIssuer::custom("https://issuer.example");
    let verifier: Box<dyn VerifyToken> = Box::new(issuer.verifier("client", TokenUse::Id));
    let token = issuer.id_token("alice", "client").sign(at());
    assert_eq!(caller(verifier, &token).await.unwrap().0, "alice");
}
