//! Buckets for which no POST form is signed, although URLs are.

use upsign_core::{
    Credentials, ExpiresIn, LengthRange, Operation, PostPolicy, PresignRequest, Resource, Sign, SignPost,
    Target, Timestamp,
};
use upsign_sigv4::SigV4;

#[test]
fn forms_for_directory_buckets_and_buckets_of_tenants_are_refused() {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let at = Timestamp::from_unix(1_800_000_000).unwrap();
    for (bucket, endpoint, reason) in [
        ("uploads--usw2-az1--x-s3", None, "for a directory bucket, which needs a session"),
        ("press:uploads", Some("https://rgw.example.com"), "for the bucket of a tenant"),
    ] {
        let mut builder = Target::builder(bucket.parse::<Resource>().unwrap(), "us-west-2".parse().unwrap());
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint(endpoint.parse().unwrap());
        }
        let target = builder.build().unwrap();
        let lifetime = ExpiresIn::from_secs(60).unwrap();
        let length = LengthRange::new(1, 1_000).unwrap();
        let policy = PostPolicy::new(target.clone(), "k".parse().unwrap(), length, lifetime);
        let refused = SigV4::new().check_post(&policy).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
        assert!(SigV4::new().sign_post(&policy, &credentials, at).is_err(), "{bucket}");
        let request = PresignRequest::new(target, Operation::PutObject, "k".parse().unwrap(), lifetime);
        assert!(SigV4::new().sign(&request, &credentials, at).is_ok(), "{bucket}");
    }
}
