//! Documents of live buckets.

use upsign_aws::LiveBucket;
use upsign_core::{Target, error_chain};

/// Its configuration is behind another endpoint, and S3 has most of the documents not at all.
#[tokio::test]
async fn directory_bucket_is_refused_before_anything_is_sent() {
    let target = Target::aws("abc--euc1-az1--x-s3".parse().unwrap(), "eu-central-1".parse().unwrap());
    let error = LiveBucket::load(&target).await.documents().await.unwrap_err();
    assert_eq!(error.call, "GetBucketCors");
    let expected =
        "GetBucketCors failed: abc--euc1-az1--x-s3 is a directory bucket, which has no CORS configuration";
    assert_eq!(error_chain(&error).to_string(), expected);
}
