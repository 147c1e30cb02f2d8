//! The embedded S3 server.

use upsign::{Bodyless, Clock, SystemClock, Upload, UploadIssuer, UploadPolicy, UploadRequest};
use upsign_core::Identity;
use upsign_testing::s3::TestS3;

#[tokio::test]
async fn granted_upload_is_stored_and_another_body_is_refused() {
    let s3 = TestS3::start().await;
    let policy = UploadPolicy::builder(s3.target(), "raw/{id}.{ext}".parse().unwrap(), Bodyless::Allow);
    let policy = policy.content_types(["image/png"]).max_size(100).build().unwrap();
    let issuer = UploadIssuer::new(policy, s3.presigner()).unwrap();
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let upload = UploadRequest::described().with_content_type("image/png").with_content_length(3);
    let grant = issuer.issue(&caller, &upload, SystemClock.now()).await.unwrap();
    let Upload::Put(put) = &grant.upload else { panic!("not a PUT: {grant:?}") };
    let send = async |body: &'static str| {
        let mut request = reqwest::Client::new().put(put.url.expose()).body(body);
        for (name, value) in put.headers.iter().filter(|(name, _)| *name != "content-length") {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("four").await, 403);
    assert_eq!(s3.object(grant.key.as_str()).await, None);
    assert_eq!(send("png").await, 200);
    let stored = s3.object(grant.key.as_str()).await.unwrap();
    assert_eq!((stored.bytes, stored.content_type.as_str(), s3.objects().await.len()), (3, "image/png", 1));
    assert_eq!(s3.server().credentials(), s3.credentials());
}

#[tokio::test]
async fn servers_of_several_tests_are_separate() {
    let (first, second) =
        (TestS3::start().await, TestS3::start_with(|builder| builder.max_object_bytes(10)).await);
    assert_ne!(first.target().endpoint_url(), second.target().endpoint_url());
}
