//! The conformance suite that every presigner passes.

use std::sync::Arc;

use upsign_core::WithCredentials;
use upsign_sigv4::SigV4;

#[tokio::test]
async fn conformance_suite_passes() {
    upsign_testing::conformance::check_presigner(&|credentials| {
        Box::new(SigV4::new().with_credentials(credentials))
    })
    .await;
}

/// One signer for all cases, so that its cache sees every change of credentials and target.
#[tokio::test]
async fn conformance_suite_passes_with_a_shared_signer() {
    let shared = Arc::new(SigV4::new());
    upsign_testing::conformance::check_presigner(&|credentials| {
        Box::new(WithCredentials::new(Arc::clone(&shared), credentials))
    })
    .await;
}
