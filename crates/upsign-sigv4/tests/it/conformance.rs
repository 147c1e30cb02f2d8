use upsign_core::WithCredentials;
use upsign_sigv4::SigV4;

#[tokio::test]
async fn the_suite() {
    upsign_testing::conformance::run(&|credentials| {
        Box::new(WithCredentials::new(SigV4::new(), credentials))
    })
    .await;
}

#[tokio::test]
async fn the_suite_on_one_shared_signer() {
    let shared = std::sync::Arc::new(SigV4::new());
    upsign_testing::conformance::run(&|credentials| {
        Box::new(WithCredentials::new(std::sync::Arc::clone(&shared), credentials))
    })
    .await;
}
