//! Directory buckets of S3 Express One Zone: the same hosts, service and region as by the endpoint rules of the AWS SDK.

use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use upsign_core::Target;

/// Returns URL, signing name and signing region by the rules of the SDK, without a session.
async fn by_the_sdk(bucket: &str, region: &str, dualstack: bool, fips: bool) -> (String, String, String) {
    let params = Params::builder()
        .bucket(bucket.to_owned())
        .region(region.to_owned())
        .use_dual_stack(dualstack)
        .use_fips(fips)
        .disable_s3_express_session_auth(true)
        .build()
        .unwrap();
    let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.unwrap();
    let scheme = endpoint.auth_schemes().first().unwrap();
    let member = |name: &str| scheme.get(name).and_then(|value| value.as_string()).unwrap().to_owned();
    assert_eq!(scheme.name(), "sigv4");
    (endpoint.url().to_owned(), member("signingName"), member("signingRegion"))
}

#[tokio::test]
async fn directory_buckets_have_the_hosts_of_the_sdk() {
    for (bucket, region) in [
        ("uploads--usw2-az1--x-s3", "us-west-2"),
        ("a--b--use1-az4--x-s3", "us-east-1"),
        ("uploads--usw2-lax1-az1--x-s3", "us-west-2"),
        ("uploads--cnn1-az1--x-s3", "cn-north-1"),
        ("uploads--usgw1-az1--x-s3", "us-gov-west-1"),
    ] {
        for (dualstack, fips) in [(false, false), (true, false), (false, true), (true, true)] {
            let builder =
                Target::builder(bucket.parse::<upsign_core::Bucket>().unwrap(), region.parse().unwrap());
            let Ok(target) = builder.dualstack(dualstack).fips(fips).build() else {
                assert!(fips && region.starts_with("cn-"), "{bucket}");
                continue;
            };
            let own = (
                format!("https://{}", target.host()),
                target.signing_service().to_owned(),
                target.region().to_string(),
            );
            assert_eq!(own, by_the_sdk(bucket, region, dualstack, fips).await, "{bucket}");
        }
    }
}
