//! Presigners that cannot sign, or fail while they sign.

use upsign::policy::UploadRequest;
use upsign::types::{Identity, PresignError, ShortCredentials, Unsupported};
use upsign::{IssueError, UploadIssuer};
use upsign_testing::mocks::MockPresigner;

use crate::lifetimes::policy;

#[test]
fn unsupported_policy_fails_at_construction() {
    let mut presigner = MockPresigner::new();
    presigner.expect_check().returning(|_| Err(Unsupported::new("mock", "anything")));
    let refused = UploadIssuer::new(policy(ShortCredentials::Clamp), presigner).unwrap_err();
    assert_eq!(refused.to_string(), "mock cannot sign anything");
}

#[tokio::test]
async fn failing_backend_is_a_service_fault() {
    let mut presigner = MockPresigner::new();
    presigner.expect_check().returning(|_| Ok(()));
    presigner
        .expect_presign()
        .times(1)
        .returning(|_, _| Err(PresignError::Backend { backend: "mock", source: "out of order".into() }));
    let issuer = UploadIssuer::new(policy(ShortCredentials::Clamp), presigner).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let refused = issuer.issue(&caller, &UploadRequest::bodyless(), at).await.unwrap_err();
    assert!(
        matches!(refused, IssueError::Presign(PresignError::Backend { .. })) && refused.is_service_fault()
    );
}
