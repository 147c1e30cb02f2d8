//! The other schemes: what a URL of each says.

use upsign_diagnose::{AddressStyle, Provider, SignatureScheme, SignerKind, ValidityState};

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
    assert_eq!(explained.bindings.len(), 4);
    assert_eq!(codes(&explained), [""; 0]);
    assert_no_secret(&explained, &["ZvYpdWNlE3tJ0IcFrxm6"]);
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
