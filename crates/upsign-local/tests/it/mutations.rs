//! One field of a signed request changed: refused, nothing stored.

use upsign_core::{Credentials, Expiry};
use upsign_local::LocalS3;

use crate::support::{Fixture, REGION, bucket};

/// A request that would be taken.
#[derive(Clone)]
struct Sent {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sent {
    fn replace(&mut self, from: &str, to: &str) {
        assert!(self.url.contains(from), "{from} in {}", self.url);
        self.url = self.url.replace(from, to);
    }

    fn set(&mut self, name: &str, value: &str) {
        let header = self.headers.iter_mut().find(|(given, _)| given == name).unwrap();
        value.clone_into(&mut header.1);
    }

    fn drop(&mut self, name: &str) {
        let before = self.headers.len();
        self.headers.retain(|(given, _)| given != name);
        assert_eq!(self.headers.len(), before - 1);
    }

    /// A query parameter's value, encoded.
    fn parameter(&self, name: &str) -> String {
        let (_, rest) = self.url.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    }
}

type Mutation = (&'static str, fn(&mut Sent), u16, &'static str);

const MUTATIONS: [Mutation; 23] = [
    ("method", |sent| sent.method = "DELETE".into(), 403, "SignatureDoesNotMatch"),
    ("key", |sent| sent.replace("/raw/1.jpg", "/raw/2.jpg"), 403, "SignatureDoesNotMatch"),
    ("key in upper case", |sent| sent.replace("/raw/1.jpg", "/raw/1.JPG"), 403, "SignatureDoesNotMatch"),
    ("slash doubled", |sent| sent.replace("/raw/1.jpg", "/raw//1.jpg"), 403, "SignatureDoesNotMatch"),
    ("bucket", |sent| sent.replace("/article-images/", "/other-bucket/"), 403, "SignatureDoesNotMatch"),
    ("host", |sent| sent.replace("127.0.0.1", "localhost"), 403, "SignatureDoesNotMatch"),
    ("expiry", |sent| sent.replace("X-Amz-Expires=300", "X-Amz-Expires=301"), 403, "SignatureDoesNotMatch"),
    ("date", one_second_later, 403, "SignatureDoesNotMatch"),
    ("day of the scope", scope_of_another_day, 400, "AuthorizationQueryParametersError"),
    ("region", |sent| sent.replace(REGION, "eu-central-2"), 400, "AuthorizationQueryParametersError"),
    ("service", |sent| sent.replace("%2Fs3%2F", "%2Fs4%2F"), 400, "AuthorizationQueryParametersError"),
    ("access key", |sent| sent.replace("ASIALOCAL", "ASIAOTHER"), 403, "InvalidAccessKeyId"),
    ("session token", |sent| sent.replace("the-token", "the-taken"), 400, "InvalidToken"),
    ("session token left out", without_token, 403, "InvalidAccessKeyId"),
    ("signature", last_digit, 403, "SignatureDoesNotMatch"),
    ("signature in upper case", upper_signature, 403, "SignatureDoesNotMatch"),
    ("signed headers", |sent| sent.replace("content-type%3B", ""), 403, "SignatureDoesNotMatch"),
    ("content type", |sent| sent.set("content-type", "text/html"), 403, "SignatureDoesNotMatch"),
    ("content type left out", |sent| sent.drop("content-type"), 403, "SignatureDoesNotMatch"),
    ("length", |sent| sent.body.push('!'), 403, "SignatureDoesNotMatch"),
    ("metadata", |sent| sent.set("x-amz-meta-by", "eve"), 403, "SignatureDoesNotMatch"),
    ("overwrite", |sent| sent.drop("if-none-match"), 403, "SignatureDoesNotMatch"),
    ("a further parameter", |sent| sent.url.push_str("&versionId=null"), 403, "SignatureDoesNotMatch"),
];

#[tokio::test]
async fn any_changed_field_is_refused() {
    let credentials = Credentials::temporary("ASIALOCAL", "secret", "the-token", Expiry::Unknown).unwrap();
    let other = "other-bucket".parse().unwrap();
    let s3 = Fixture::of(
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
    let sent = Sent {
        method: "PUT".into(),
        url: request.url(),
        headers: request.signed_headers().to_vec(),
        body: "bytes".into(),
    };
    for (field, mutate, status, code) in MUTATIONS {
        let mut changed = sent.clone();
        mutate(&mut changed);
        let answer = s3.send_to(&changed.method, &changed.url, &changed.headers, changed.body).await;
        assert_eq!((answer.status.as_u16(), answer.element("Code").as_str()), (status, code), "{field}");
        assert!(s3.stored().await.is_empty(), "{field}");
    }
    s3.send_to(&sent.method, &sent.url, &sent.headers, sent.body).await.expect(200);
    assert_eq!(s3.get(key).await.body, b"bytes");
}

fn one_second_later(sent: &mut Sent) {
    let date = sent.parameter("X-Amz-Date");
    let (rest, second) = date.split_at(14);
    let other = if second == "0Z" { "1Z" } else { "0Z" };
    sent.replace(&format!("X-Amz-Date={date}"), &format!("X-Amz-Date={rest}{other}"));
}

fn scope_of_another_day(sent: &mut Sent) {
    let date = sent.parameter("X-Amz-Date");
    let (day, _) = date.split_at(8);
    sent.replace(&format!("%2F{day}%2F"), "%2F20200101%2F");
}

fn without_token(sent: &mut Sent) {
    let token = sent.parameter("X-Amz-Security-Token");
    sent.replace(&format!("&X-Amz-Security-Token={token}"), "");
}

fn last_digit(sent: &mut Sent) {
    let signature = sent.parameter("X-Amz-Signature");
    let (rest, last) = signature.split_at(63);
    sent.replace(&signature, &format!("{rest}{}", if last == "0" { "1" } else { "0" }));
}

fn upper_signature(sent: &mut Sent) {
    let signature = sent.parameter("X-Amz-Signature");
    sent.replace(&signature, &signature.to_ascii_uppercase());
}
