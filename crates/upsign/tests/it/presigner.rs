//! What the issuer does when its presigner cannot.

use mockall::mock;
use upsign::core::{
    Identity, PresignError, PresignRequest, PresignedRequest, Presigner, Timestamp, Unsupported, WhenShort,
};
use upsign::policy::UploadRequest;
use upsign::{IssueError, UploadIssuer};

use crate::lifetimes::policy;

mock! {
    #[derive(Debug)]
    Failing {}

    #[async_trait::async_trait]
    impl Presigner for Failing {
        async fn presign(&self, request: &PresignRequest, at: Timestamp) -> Result<PresignedRequest, PresignError>;
        fn check(&self, request: &PresignRequest) -> Result<(), Unsupported>;
    }
}

#[test]
fn an_impossible_policy_fails_when_the_issuer_is_made() {
    let mut presigner = MockFailing::new();
    presigner.expect_check().returning(|_| Err(Unsupported::new("mock", "anything")));
    let refused = UploadIssuer::new(policy(WhenShort::Clamp), presigner).unwrap_err();
    assert_eq!(refused.to_string(), "mock cannot sign anything");
}

#[tokio::test]
async fn a_backend_that_fails_is_not_the_callers_fault() {
    let mut presigner = MockFailing::new();
    presigner.expect_check().returning(|_| Ok(()));
    presigner
        .expect_presign()
        .times(1)
        .returning(|_, _| Err(PresignError::Backend { backend: "mock", source: "out of order".into() }));
    let issuer = UploadIssuer::new(policy(WhenShort::Clamp), presigner).unwrap();
    let who = Identity::vouched("https://issuer.example", "alice").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let refused = issuer.issue(&who, &UploadRequest::bodyless(), at).await.unwrap_err();
    assert!(matches!(refused, IssueError::Presign(PresignError::Backend { .. })));
}
