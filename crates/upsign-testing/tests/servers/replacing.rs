//! Objects that uploads replace, or do not, and a bucket behind a host of its own.

use upsign::policy::{Replace, UploadPolicy, UploadRequest};
use upsign_core::{Addressing, Target};

use crate::admin;
use crate::files::{Difference, builder, described, grant, send};
use crate::server::Server;
use crate::wire::Answer;

/// The check of an upload with `If-Match` to a key without an object.
pub(crate) const MISSING: &str = "if-match: no object";

/// Uploads to one key again and again. The conditions of [`Replace`] decide which upload the server accepts. Returns the
/// answers that differ from those of S3.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
pub(crate) async fn replace(server: &Server) -> Vec<(String, Difference)> {
    let mut differences = Vec::new();
    let mut check = |what: &str, expected: u16, answer: &Answer| {
        if answer.status != expected {
            let (expected, found) = (expected.to_string(), answer.status.to_string());
            differences.push(("replace".to_owned(), Difference { what: what.to_owned(), expected, found }));
        }
    };
    let never = grant(server, policy(server, "never/{id}", Replace::Never), &text()).await;
    check("never: first upload", 200, &send(server, &never).await);
    check("never: second upload", 412, &send(server, &never).await);

    let seen = async |etag: Option<&str>| {
        let request = etag.map_or_else(text, |etag| text().with_if_match(etag));
        let grant = grant(server, policy(server, "seen/{sub}", Replace::IfMatch), &request).await;
        send(server, &grant).await
    };
    let other = "9b2cf535f27731c974343645a3985328";
    check(MISSING, 404, &seen(Some(other)).await);
    let first = seen(None).await;
    check("if-match: first upload", 200, &first);
    check("if-match: without the ETag", 412, &seen(None).await);
    check("if-match: ETag of another content", 412, &seen(Some(other)).await);
    check("if-match: ETag of the object", 200, &seen(Some(first.header("etag"))).await);

    for upload in ["allow: first upload", "allow: second upload"] {
        let allow = grant(server, policy(server, "allow/{sub}", Replace::Allow), &text()).await;
        check(upload, 200, &send(server, &allow).await);
        assert_eq!(allow.key.as_str(), "allow/alice");
    }
    assert_eq!(admin::keys(&server.http, &server.long_term, "allow/").await, ["allow/alice"]);
    differences
}

/// Uploads to an endpoint that is the bucket's own host. The object is stored under exactly the key of the answer, and not below
/// the name of the bucket.
pub(crate) async fn bucket_is_host(server: &Server) {
    let hosted = &server.long_term.virtual_hosted;
    let endpoint = format!("http://{}", hosted.host()).parse().unwrap();
    let (bucket, region) = (hosted.bucket().clone(), hosted.region().clone());
    let target = Target::at(&endpoint, Addressing::BucketHost, bucket, region).unwrap();
    assert_eq!(target.host(), hosted.host());
    let policy = builder(target, "own-host/{id}").content_types(["text/plain"]).build().unwrap();
    let granted = grant(server, policy, &text()).await;
    let answer = send(server, &granted).await;
    assert_eq!(answer.status, 200, "{}: {}", server.name, answer.text());
    let keys = admin::keys(&server.http, &server.long_term, "").await;
    let stored: Vec<&String> = keys.iter().filter(|key| key.contains("own-host/")).collect();
    assert_eq!(stored, [granted.key.as_str()], "{}", server.name);
}

fn policy(server: &Server, template: &str, replace: Replace) -> UploadPolicy {
    let policy = builder(server.long_term.target.clone(), template).content_types(["text/plain"]);
    policy.replace(replace).build().unwrap()
}

fn text() -> UploadRequest {
    described().with_content_type("text/plain")
}
