//! Changes of a signed request: each changed field is rejected, and nothing is stored.

use upsign_core::{Credentials, Expiry};
use upsign_local::LocalS3;

use crate::support::{Fixture, REGION, bucket};

/// A request that the server accepts without changes.
#[derive(Clone)]
struct SignedRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl SignedRequest {
    fn replace_in_url(&mut self, from: &str, to: &str) {
        assert!(self.url.contains(from), "{from} in {}", self.url);
        self.url = self.url.replace(from, to);
    }

    fn set_header(&mut self, name: &str, value: &str) {
        let header = self.headers.iter_mut().find(|(given, _)| given == name).unwrap();
        value.clone_into(&mut header.1);
    }

    fn remove_header(&mut self, name: &str) {
        let before = self.headers.len();
        self.headers.retain(|(given, _)| given != name);
        assert_eq!(self.headers.len(), before - 1);
    }

    /// Returns the encoded value of a query parameter.
    fn parameter(&self, name: &str) -> String {
        let (_, rest) = self.url.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    }
}

/// Name of the changed field, the change, and the expected status and error code.
type Mutation = (&'static str, fn(&mut SignedRequest), u16, &'static str);

const MUTATIONS: [Mutation; 23] = [
    ("method", |request| request.method = "DELETE".into(), 403, "SignatureDoesNotMatch"),
    ("key", |request| request.replace_in_url("/raw/1.jpg", "/raw/2.jpg"), 403, "SignatureDoesNotMatch"),
    (
        "key in upper case",
        |request| request.replace_in_url("/raw/1.jpg", "/raw/1.JPG"),
        403,
        "SignatureDoesNotMatch",
    ),
    (
        "doubled slash",
        |request| request.replace_in_url("/raw/1.jpg", "/raw//1.jpg"),
        403,
        "SignatureDoesNotMatch",
    ),
    (
        "bucket",
        |request| request.replace_in_url("/article-images/", "/other-bucket/"),
        403,
        "SignatureDoesNotMatch",
    ),
    ("host", |request| request.replace_in_url("127.0.0.1", "localhost"), 403, "SignatureDoesNotMatch"),
    (
        "expiry",
        |request| request.replace_in_url("X-Amz-Expires=300", "X-Amz-Expires=301"),
        403,
        "SignatureDoesNotMatch",
    ),
    ("date", change_second, 403, "SignatureDoesNotMatch"),
    ("day of the scope", change_day_of_scope, 400, "AuthorizationQueryParametersError"),
    (
        "region",
        |request| request.replace_in_url(REGION, "eu-central-2"),
        400,
        "AuthorizationQueryParametersError",
    ),
    (
        "service",
        |request| request.replace_in_url("%2Fs3%2F", "%2Fs4%2F"),
        400,
        "AuthorizationQueryParametersError",
    ),
    ("access key", |request| request.replace_in_url("ASIALOCAL", "ASIAOTHER"), 403, "InvalidAccessKeyId"),
    ("session token", |request| request.replace_in_url("the-token", "the-taken"), 400, "InvalidToken"),
    ("session token removed", remove_token, 403, "InvalidAccessKeyId"),
    ("signature", change_last_digit, 403, "SignatureDoesNotMatch"),
    ("signature in upper case", uppercase_signature, 403, "SignatureDoesNotMatch"),
    ("signed headers", |request| request.replace_in_url("content-type%3B", ""), 403, "SignatureDoesNotMatch"),
    ("content type", |request| request.set_header("content-type", "text/html"), 403, "SignatureDoesNotMatch"),
    ("content type removed", |request| request.remove_header("content-type"), 403, "SignatureDoesNotMatch"),
    ("length", |request| request.body.push('!'), 403, "SignatureDoesNotMatch"),
    ("metadata", |request| request.set_header("x-amz-meta-by", "eve"), 403, "SignatureDoesNotMatch"),
    ("overwrite", |request| request.remove_header("if-none-match"), 403, "SignatureDoesNotMatch"),
    ("additional parameter", |request| request.url.push_str("&versionId=null"), 403, "SignatureDoesNotMatch"),
];

#[tokio::test]
async fn any_changed_field_is_rejected() {
    let credentials = Credentials::temporary("ASIALOCAL", "secret", "the-token", Expiry::Unknown).unwrap();
    let other = "other-bucket".parse().unwrap();
    let s3 = Fixture::with_builder(
        LocalS3::builder(credentials, REGION.parse().unwrap(), bucket()).additional_bucket(other),
    )
    .await;
    let key = "articles/1/raw/1.jpg";
    let request = s3
        .presign("PUT", key)
        .header("content-type", "image/jpeg")
        .header("content-length", 5)
        .header("x-amz-meta-by", "ada")
        .header("if-none-match", "*");
    let original = SignedRequest {
        method: "PUT".into(),
        url: request.url(),
        headers: request.signed_headers().to_vec(),
        body: "bytes".into(),
    };
    for (field, mutate, status, code) in MUTATIONS {
        let mut changed = original.clone();
        mutate(&mut changed);
        let response = s3.send_to(&changed.method, &changed.url, &changed.headers, changed.body).await;
        assert_eq!((response.status.as_u16(), response.element("Code").as_str()), (status, code), "{field}");
        assert!(s3.stored().await.is_empty(), "{field}");
    }
    s3.send_to(&original.method, &original.url, &original.headers, original.body).await.expect_status(200);
    assert_eq!(s3.get(key).await.body, b"bytes");
}

fn change_second(request: &mut SignedRequest) {
    let date = request.parameter("X-Amz-Date");
    let (rest, second) = date.split_at(14);
    let other = if second == "0Z" { "1Z" } else { "0Z" };
    request.replace_in_url(&format!("X-Amz-Date={date}"), &format!("X-Amz-Date={rest}{other}"));
}

fn change_day_of_scope(request: &mut SignedRequest) {
    let date = request.parameter("X-Amz-Date");
    let (day, _) = date.split_at(8);
    request.replace_in_url(&format!("%2F{day}%2F"), "%2F20200101%2F");
}

fn remove_token(request: &mut SignedRequest) {
    let token = request.parameter("X-Amz-Security-Token");
    request.replace_in_url(&format!("&X-Amz-Security-Token={token}"), "");
}

fn change_last_digit(request: &mut SignedRequest) {
    let signature = request.parameter("X-Amz-Signature");
    let (rest, last) = signature.split_at(63);
    request.replace_in_url(&signature, &format!("{rest}{}", if last == "0" { "1" } else { "0" }));
}

fn uppercase_signature(request: &mut SignedRequest) {
    let signature = request.parameter("X-Amz-Signature");
    request.replace_in_url(&signature, &signature.to_ascii_uppercase());
}
