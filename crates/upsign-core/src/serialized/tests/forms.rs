//! The documented JSON of every type. A change of this file is a breaking change of the crate.

use serde_json::json;

use super::check;
use crate::identity::{Identity, Issuer, Subject};
use crate::issuer_name::IssuerName;
use crate::origin::Origin;
use crate::origin_pattern::OriginPattern;
use crate::post::condition::{Condition, LengthRange};
use crate::post::key::PostKey;
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::post::style::PostStyle;
use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::{Method, Operation};
use crate::request::part::{PartNumber, UploadId};
use crate::request::presigned::PresignedRequest;
use crate::request::query::Query;
use crate::target::Target;
use crate::target::access_point::AccessPoint;
use crate::target::addressing::Addressing;
use crate::target::bucket::Bucket;
use crate::target::endpoint::Endpoint;
use crate::target::region::Region;
use crate::target::signature_family::SignatureFamily;
use crate::time::Timestamp;

fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

fn request() -> PresignRequest {
    let mut headers = SignedHeaders::new();
    headers.insert("content-type", "image/jpeg").unwrap();
    headers.insert("if-none-match", "*").unwrap();
    let mut query = Query::new();
    query.insert("x-b", "2").unwrap();
    query.insert("x-a", "1").unwrap();
    let expires_in = ExpiresIn::from_secs(900).unwrap();
    PresignRequest::new(target(), Operation::PutObject, "a/b.jpg".parse().unwrap(), expires_in)
        .with_headers(headers)
        .with_query(query)
        .with_short_credentials(ShortCredentials::Refuse)
}

#[test]
fn texts_and_numbers() {
    check(&"2026-01-31T23:59:59Z".parse::<Timestamp>().unwrap(), json!("2026-01-31T23:59:59Z"));
    check(&ExpiresIn::MAX, json!(604_800));
    check(&PartNumber::MAX, json!(10_000));
    check(&"é/b.jpg".parse::<ObjectKey>().unwrap(), json!("é/b.jpg"));
    check(&"article-images-bucket".parse::<Bucket>().unwrap(), json!("article-images-bucket"));
    check(&"ap-southeast-1".parse::<Region>().unwrap(), json!("ap-southeast-1"));
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
    check(&arn.parse::<AccessPoint>().unwrap(), json!(arn));
    check(&"http://127.0.0.1:9000".parse::<Endpoint>().unwrap(), json!("http://127.0.0.1:9000"));
    check(&"https://app.example.com".parse::<Origin>().unwrap(), json!("https://app.example.com"));
    check(&"http://localhost:*".parse::<OriginPattern>().unwrap(), json!("http://localhost:*"));
    check(&"2~abc".parse::<UploadId>().unwrap(), json!("2~abc"));
    check(&"https://issuer.example".parse::<Issuer>().unwrap(), json!("https://issuer.example"));
    check(&"customers".parse::<IssuerName>().unwrap(), json!("customers"));
    check(&"alice".parse::<Subject>().unwrap(), json!("alice"));
}

#[test]
fn names() {
    check(&ExpiryPrecision::Exact, json!("exact"));
    check(&ExpiryPrecision::UpperBound, json!("upper-bound"));
    check(&ShortCredentials::Clamp, json!("clamp"));
    check(&ShortCredentials::Refuse, json!("refuse"));
    check(&PostStyle::Lower, json!("lower"));
    check(&PostStyle::Js, json!("js"));
    for method in [Method::Put, Method::Get, Method::Head, Method::Post, Method::Delete] {
        check(&method, json!(method.as_str()));
    }
}

#[test]
fn operations() {
    let upload_id: UploadId = "u 1".parse().unwrap();
    let part_number = PartNumber::new(7).unwrap();
    check(&Operation::PutObject, json!({"name": "PutObject"}));
    check(&Operation::GetObject, json!({"name": "GetObject"}));
    check(&Operation::GetObjectPart { part_number }, json!({"name": "GetObject", "partNumber": 7}));
    check(&Operation::HeadObject, json!({"name": "HeadObject"}));
    check(&Operation::HeadObjectPart { part_number }, json!({"name": "HeadObject", "partNumber": 7}));
    check(&Operation::DeleteObject, json!({"name": "DeleteObject"}));
    check(&Operation::CopyObject, json!({"name": "CopyObject"}));
    check(&Operation::PutObjectTagging, json!({"name": "PutObjectTagging"}));
    check(&Operation::GetObjectTagging, json!({"name": "GetObjectTagging"}));
    check(&Operation::CreateMultipartUpload, json!({"name": "CreateMultipartUpload"}));
    check(&Operation::StartResumableUpload, json!({"name": "StartResumableUpload"}));
    check(
        &Operation::UploadPart { upload_id: upload_id.clone(), part_number },
        json!({"name": "UploadPart", "partNumber": 7, "uploadId": "u 1"}),
    );
    check(
        &Operation::CompleteMultipartUpload { upload_id: upload_id.clone() },
        json!({"name": "CompleteMultipartUpload", "uploadId": "u 1"}),
    );
    check(
        &Operation::AbortMultipartUpload { upload_id: upload_id.clone() },
        json!({"name": "AbortMultipartUpload", "uploadId": "u 1"}),
    );
    check(&Operation::ListParts { upload_id }, json!({"name": "ListParts", "uploadId": "u 1"}));
}

#[test]
fn targets_on_aws() {
    check(&target(), json!({"bucket": "article-images-bucket", "region": "ap-southeast-1"}));
    let build = |bucket: &str| {
        Target::builder(bucket.parse::<Bucket>().unwrap(), "us-east-1".parse::<Region>().unwrap())
    };
    check(
        &build("abc").dualstack(true).fips(true).build().unwrap(),
        json!({"bucket": "abc", "region": "us-east-1", "dualstack": true, "fips": true}),
    );
    check(
        &build("abc").accelerate(true).build().unwrap(),
        json!({"bucket": "abc", "region": "us-east-1", "accelerate": true}),
    );
    check(
        &build("abc").addressing(Addressing::Path).build().unwrap(),
        json!({"bucket": "abc", "region": "us-east-1", "addressing": "path"}),
    );
    let plain = json!({"bucket": "a.b.c", "region": "us-east-1"});
    check(&build("a.b.c").addressing(Addressing::Path).build().unwrap(), plain.clone());
    check(&build("a.b.c").addressing(Addressing::VirtualHosted).build().unwrap(), plain);
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
    let point = Target::builder(arn.parse::<AccessPoint>().unwrap(), "us-east-1".parse().unwrap());
    check(&point.fips(true).build().unwrap(), json!({"bucket": arn, "region": "us-west-2", "fips": true}));
}

#[test]
fn targets_at_custom_endpoints() {
    let at = |endpoint: &str, addressing| {
        let (bucket, region) = ("uploads".parse().unwrap(), "auto".parse().unwrap());
        Target::at(&endpoint.parse().unwrap(), addressing, bucket, region).unwrap()
    };
    check(
        &at("http://127.0.0.1:9000/base", Addressing::Auto),
        json!({"bucket": "uploads", "region": "auto", "endpoint": "http://127.0.0.1:9000/base", "addressing": "path"}),
    );
    check(
        &at("http://localhost:9000", Addressing::Auto),
        json!({"bucket": "uploads", "region": "auto", "endpoint": "http://localhost:9000", "addressing": "virtual"}),
    );
    let bucket: Bucket = "uploads".parse().unwrap();
    let google = Target::builder(bucket, "auto".parse::<Region>().unwrap())
        .endpoint("https://storage.googleapis.com".parse().unwrap())
        .addressing(Addressing::VirtualHosted)
        .signature_family(SignatureFamily::Google);
    check(
        &google.build().unwrap(),
        json!({
            "bucket": "uploads",
            "region": "auto",
            "endpoint": "https://storage.googleapis.com",
            "addressing": "virtual",
            "signature": "google",
        }),
    );
}

#[test]
fn requests_and_presigned_requests() {
    check(
        &request(),
        json!({
            "target": {"bucket": "article-images-bucket", "region": "ap-southeast-1"},
            "operation": {"name": "PutObject"},
            "key": "a/b.jpg",
            "headers": {"content-type": "image/jpeg", "if-none-match": "*"},
            "query": [["x-b", "2"], ["x-a", "1"]],
            "expiresIn": 900,
            "shortCredentials": "refuse",
        }),
    );
    let url = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/a/b.jpg?X-Amz-Signature=s3cret";
    let presigned = PresignedRequest::new(&request(), url.into(), Timestamp::UNIX_EPOCH);
    check(
        &presigned,
        json!({
            "method": "PUT",
            "url": url,
            "headers": {"content-type": "image/jpeg", "if-none-match": "*"},
            "expiresAt": "1970-01-01T00:15:00Z",
            "expiryPrecision": "exact",
        }),
    );
    let received: PresignedRequest =
        serde_json::from_str(&serde_json::to_string(&presigned).unwrap()).unwrap();
    assert!(!format!("{received:?} {}", received.url).contains("s3cret"));
}

#[test]
fn post_policies_and_presigned_posts() {
    check(&LengthRange::ANY, json!({"min": 0, "max": 5_368_709_120_u64}));
    check(&Condition::exact("acl", "private"), json!({"name": "acl", "exact": "private"}));
    let images = Condition::starts_with("Content-Type", "image/");
    check(&images, json!({"name": "Content-Type", "startsWith": "image/"}));
    check(&"a/b.jpg".parse::<PostKey>().unwrap(), json!({"exact": "a/b.jpg"}));
    check(&"a/${filename}".parse::<PostKey>().unwrap(), json!({"startsWith": "a/"}));
    check(&"${filename}".parse::<PostKey>().unwrap(), json!({"startsWith": ""}));
    let size = LengthRange::new(1, 10).unwrap();
    let key = "raw/${filename}".parse().unwrap();
    let policy = PostPolicy::new(target(), key, size, ExpiresIn::from_secs(60).unwrap())
        .with_condition(images)
        .and_then(|policy| policy.with_field("content-type", "image/png"))
        .and_then(|policy| policy.with_field("success_action_status", "201"))
        .unwrap()
        .with_style(PostStyle::Js)
        .with_short_credentials(ShortCredentials::Refuse);
    check(
        &policy,
        json!({
            "target": {"bucket": "article-images-bucket", "region": "ap-southeast-1"},
            "key": {"startsWith": "raw/"},
            "length": {"min": 1, "max": 10},
            "expiresIn": 60,
            "fields": [["content-type", "image/png"], ["success_action_status", "201"]],
            "conditions": [{"name": "Content-Type", "startsWith": "image/"}],
            "style": "js",
            "shortCredentials": "refuse",
        }),
    );
    let post = PresignedPost {
        url: "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/".into(),
        fields: vec![("key".into(), "a/b.jpg".into()), ("policy".into(), "s3cret".into())],
        expires_at: Timestamp::UNIX_EPOCH,
        expiry_precision: ExpiryPrecision::UpperBound,
    };
    check(
        &post,
        json!({
            "url": "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/",
            "fields": [["key", "a/b.jpg"], ["policy", "s3cret"]],
            "expiresAt": "1970-01-01T00:00:00Z",
            "expiryPrecision": "upper-bound",
        }),
    );
    assert!(!format!("{post:?}").contains("s3cret"));
}

#[test]
fn identities() {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    check(
        &caller,
        json!({"issuer": "https://issuer.example", "subject": "alice", "groups": [], "scopes": [], "claims": {}}),
    );
    check(
        &caller.clone().with_issuer_name("staff".parse().unwrap()),
        json!({
            "issuer": "https://issuer.example",
            "issuerName": "staff",
            "subject": "alice",
            "groups": [],
            "scopes": [],
            "claims": {},
        }),
    );
    check(
        &caller
            .with_groups(["editors", "authors"])
            .with_scopes(["uploads/write"])
            .with_claim("custom:tenant", "acme")
            .with_claim("b", "2"),
        json!({
            "issuer": "https://issuer.example",
            "subject": "alice",
            "groups": ["editors", "authors"],
            "scopes": ["uploads/write"],
            "claims": {"custom:tenant": "acme", "b": "2"},
        }),
    );
}
