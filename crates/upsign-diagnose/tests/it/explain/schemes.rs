//! The other schemes: what a URL of each says.

use upsign_diagnose::{AddressStyle, Bound, BoundPart, Provider, SignatureScheme, SignerKind, ValidityState};

use super::{NOW, assert_no_secret, codes, explain, explain_at};

#[test]
fn sigv2_urls_are_explained() {
    let explained = explain(
        "https://s3.amazonaws.com/examplebucket/a%20b?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1767226200&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D",
    );
    assert_eq!(explained.scheme, SignatureScheme::SigV2);
    assert_eq!(explained.key.as_ref().unwrap().as_str(), "a b");
    assert_eq!(explained.validity.state, ValidityState::Valid { seconds: 300 });
    assert_eq!(codes(&explained), ["sigv2"]);
    assert_no_secret(&explained, &["yPxybdZaNmGa"]);
}

#[test]
fn cloudfront_urls_are_explained() {
    let canned = explain(
        "https://d111111abcdef8.cloudfront.net/a/b.jpg?Expires=1767226200&Signature=nitfHRCrtziwO2HwPfWw~yYDhUF5EwRunQA-j19DzZrvDh6hQ73lDx~&Key-Pair-Id=K2JCJMDEHXQW5F",
    );
    assert_eq!(
        (canned.scheme, canned.signer.kind),
        (SignatureScheme::CloudFrontCanned, SignerKind::CloudFrontKey)
    );
    assert_eq!(canned.location.as_ref().unwrap().style, AddressStyle::Distribution);
    assert_eq!(canned.key.as_ref().unwrap().as_str(), "a/b.jpg");
    assert_eq!(canned.signer.id.as_ref().unwrap().as_str(), "K2JCJMDEHXQW5F");
    assert!(canned.bindings.is_empty());
    assert_no_secret(&canned, &["HRCrtziwO2HwPfWw"]);
}

#[test]
fn azure_signatures_are_explained() {
    let explained = explain_at(
        "https://account.blob.core.windows.net/images/a/b.jpg?sp=cw&st=2026-01-01T00:00:00Z&se=2026-01-01T08:00Z&spr=https&sv=2024-11-04&sr=b&sig=9fEFuZvYpdWNlE3tJ0IcFrxm6fBoPqYNk5y3kNBTi7E%3D",
        NOW,
    );
    assert_eq!((explained.scheme, explained.signer.kind), (SignatureScheme::AzureSas, SignerKind::Azure));
    assert_eq!(explained.bucket.as_ref().unwrap().as_str(), "images");
    assert_eq!(explained.key.as_ref().unwrap().as_str(), "a/b.jpg");
    assert_eq!(explained.validity.expires_at.unwrap().to_string(), "2026-01-01T08:00:00Z");
    assert_eq!((explained.bindings.len(), explained.method.as_deref()), (4, Some("PUT")));
    assert_eq!(codes(&explained), [""; 0]);
    assert_no_secret(&explained, &["ZvYpdWNlE3tJ0IcFrxm6"]);
}

/// Permissions, the kind of resource, and for creating alone that nothing is overwritten.
#[test]
fn permissions_of_azure_signatures_are_explained() {
    let explained = |permissions: &str| {
        explain(&format!(
            "https://account.blob.core.windows.net/images/b.jpg?sp={permissions}&se=2026-01-02T00:00Z&sip=168.1.5.60-168.1.5.70&spr=https&sv=2024-11-04&sr=c&sig=9fEFuZvYpdWNlE3tJ0IcFrxm6fBoPqYNk5y3kNBTi7E%3D"
        ))
    };
    let of = |permissions| {
        let explained = explained(permissions);
        let overwrite =
            explained.bindings.iter().find(|it| it.part == BoundPart::Overwrite).map(|it| it.bound);
        (explained.method.as_deref().map(str::to_owned), overwrite)
    };
    assert_eq!(of("c"), (Some("PUT".to_owned()), Some(Bound::Exactly)));
    assert_eq!(of("cw"), (Some("PUT".to_owned()), Some(Bound::No)));
    assert_eq!(of("rcw"), (None, Some(Bound::No)));
    assert_eq!(of("r"), (Some("GET".to_owned()), None));
    assert_eq!(of("d"), (Some("DELETE".to_owned()), None));
    let explained = explained("cw");
    let settings: Vec<(&str, &str)> =
        explained.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        settings,
        [
            ("sp", "cw (create, write)"),
            ("sr", "c (every blob of the container)"),
            ("sip", "168.1.5.60-168.1.5.70 (addresses of clients)"),
            ("spr", "https (protocols)"),
        ]
    );
    // The maximum of S3 is not that of Azure.
    assert!(!format!("{:?}", explained.bindings).contains("5 GB"));
}

#[test]
fn hmac_keys_of_google_belong_to_a_service_account() {
    let mut url = super::url();
    url.base = "https://storage.googleapis.com/examplebucket/a.jpg".to_owned();
    url.credential = "GOOG1EXAMPLEEXAMPLEEXAMPLE%2F20260101%2Fauto%2Fs3%2Faws4_request".to_owned();
    let explained = explain(&url.text());
    assert_eq!(
        (explained.scheme, explained.signer.kind),
        (SignatureScheme::SigV4, SignerKind::ServiceAccount)
    );
}

/// The URL of the end of a multipart upload sends no object.
#[test]
fn urls_that_end_a_multipart_upload_bind_nothing_of_an_upload() {
    let with = |rest: &str| {
        let mut url = super::url();
        (url.headers, url.rest) = ("host".to_owned(), rest.to_owned());
        explain(&url.text())
    };
    let end = with("&uploadId=abc");
    assert_eq!((end.method.as_deref(), end.bindings.len()), (None, 0));
    let part = with("&uploadId=abc&partNumber=1");
    assert_eq!((part.method.as_deref(), part.bindings.len()), (Some("PUT"), 4));
}

#[test]
fn sigv4a_urls_are_explained() {
    let explained = explain(
        "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-Region-Set=%2A&X-Amz-SignedHeaders=host&X-Amz-Signature=3045022100d0efc86b87b1e8c6f2a6f0f95d3a5b5bfe5b8fb5b2d6d38f6a3aa2eb6cbdd3f302201fa2",
    );
    assert_eq!(
        (explained.scheme, explained.signing_region.as_ref().unwrap().as_str()),
        (SignatureScheme::SigV4a, "*")
    );
    assert_eq!(explained.location.as_ref().unwrap().style, AddressStyle::MultiRegionAccessPoint);
    assert_eq!(codes(&explained), [""; 0]);
    assert_no_secret(&explained, &["d0efc86b87b1"]);
}

#[track_caller]
fn check(
    host_and_path: &str,
    store: Option<Provider>,
    style: AddressStyle,
    region: Option<&str>,
    bucket: &str,
    key: &str,
) {
    let explained = explain(&format!(
        "https://{host_and_path}?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1767226200&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D"
    ));
    let location = explained.location.unwrap();
    assert_eq!((location.provider, location.style), (store, style), "{host_and_path}");
    assert_eq!(location.region.as_deref(), region, "{host_and_path}");
    assert_eq!(
        (location.bucket.as_deref(), location.key.as_deref()),
        (Some(bucket), Some(key)),
        "{host_and_path}"
    );
}

#[test]
fn places_of_stores_are_recognized() {
    use AddressStyle::*;
    use Provider::*;
    check("a.b.s3.eu-west-1.amazonaws.com/k", Some(Aws), VirtualHosted, Some("eu-west-1"), "a.b", "k");
    check("s3-eu-west-1.amazonaws.com/abc/k/", Some(Aws), Path, Some("eu-west-1"), "abc", "k/");
    check("abc.s3.cn-north-1.amazonaws.com.cn/k", Some(Aws), VirtualHosted, Some("cn-north-1"), "abc", "k");
    check("abc.s3-accelerate.dualstack.amazonaws.com/k", Some(Aws), Accelerate, None, "abc", "k");
    check(
        "ap-123456789012.s3-accesspoint-fips.dualstack.us-west-2.amazonaws.com/k",
        Some(Aws),
        AccessPoint,
        Some("us-west-2"),
        "ap-123456789012",
        "k",
    );
    check(
        "m.mrap.accesspoint.s3-global.amazonaws.com/k",
        Some(Aws),
        MultiRegionAccessPoint,
        None,
        "m.mrap",
        "k",
    );
    check(
        "b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/k",
        Some(Aws),
        DirectoryBucket,
        Some("us-west-2"),
        "b--usw2-az1--x-s3",
        "k",
    );
    check(
        "ap-1.op-0123.s3-outposts.us-west-2.amazonaws.com/k",
        Some(Aws),
        Outposts,
        Some("us-west-2"),
        "ap-1.op-0123",
        "k",
    );
    check(
        "ol-1.s3-object-lambda.us-west-2.amazonaws.com/k",
        Some(Aws),
        ObjectLambda,
        Some("us-west-2"),
        "ol-1",
        "k",
    );
    check("acct.eu.r2.cloudflarestorage.com/uploads/k", Some(R2), Path, None, "uploads", "k");
    check("uploads.acct.r2.cloudflarestorage.com/k", Some(R2), VirtualHosted, None, "uploads", "k");
    check("u.s3.us-west-004.backblazeb2.com/k", Some(B2), VirtualHosted, Some("us-west-004"), "u", "k");
    check("u.nyc3.digitaloceanspaces.com/k", Some(DigitalOcean), VirtualHosted, Some("nyc3"), "u", "k");
    check("s3.eu-central-1.wasabisys.com/u/k", Some(Wasabi), Path, Some("eu-central-1"), "u", "k");
    check("u.storage.googleapis.com/k", Some(Gcs), VirtualHosted, None, "u", "k");
    check("minio.example.com/u/k", Some(Custom), Path, None, "u", "k");
    check("u.localhost:9000/k", Some(Custom), VirtualHosted, None, "u", "k");
}
