//! Calls that prepare a server: buckets and temporary credentials. They are signed in the `Authorization` header.

use reqwest::{Client, StatusCode};
use sha2::{Digest, Sha256};
use upsign_core::{Credentials, Expiry};
use upsign_documents::CorsDocument;
use upsign_sigv4::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};

use crate::server::{Account, now};
use crate::wire::element;

/// Creates a bucket. An existing bucket is a failure, because it may hold objects of an earlier run.
pub(crate) async fn create_bucket(http: &Client, account: &Account, bucket: &str) {
    let (status, body) = call(http, account, "s3", "PUT", (&format!("/{bucket}"), &[]), "").await;
    assert!(status.is_success(), "{status} {body}");
}

/// Creates a bucket with Object Lock.
pub(crate) async fn create_locking_bucket(http: &Client, account: &Account, bucket: &str) {
    let lock = Some(("x-amz-bucket-object-lock-enabled", "true"));
    let (status, body) = call_with(http, account, "s3", "PUT", (&format!("/{bucket}"), &[]), "", lock).await;
    assert!(status.is_success(), "{status} {body}");
}

/// Sets the CORS configuration of a bucket.
pub(crate) async fn put_cors(http: &Client, account: &Account, bucket: &str, rules: &CorsDocument) {
    let path = format!("/{bucket}");
    let (status, body) = call(http, account, "s3", "PUT", (&path, &[("cors", "")]), &rules.to_xml()).await;
    assert!(status.is_success(), "{status} {body}");
}

/// Lets a bucket keep versions.
pub(crate) async fn enable_versioning(http: &Client, account: &Account, bucket: &str) {
    let body = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status>\
                </VersioningConfiguration>";
    let path = format!("/{bucket}");
    let (status, body) = call(http, account, "s3", "PUT", (&path, &[("versioning", "")]), body).await;
    assert!(status.is_success(), "{status} {body}");
}

/// Requests temporary credentials with the STS call `action`. They are valid for an hour or more.
pub(crate) async fn temporary_credentials(http: &Client, account: &Account, action: &str) -> Credentials {
    let action = format!("{action}&Version=2011-06-15");
    let (status, body) = call(http, account, "sts", "POST", ("/", &[]), &action).await;
    assert!(status.is_success(), "{status} {body}");
    let member = |name| element(&body, name);
    let (id, secret) = (member("AccessKeyId"), member("SecretAccessKey"));
    Credentials::temporary(&id, &secret, &member("SessionToken"), Expiry::Unknown).unwrap()
}

/// Returns the keys of the bucket's objects that start with `prefix`, which needs no encoding. There may be up to 1,000.
pub(crate) async fn keys(http: &Client, account: &Account, prefix: &str) -> Vec<String> {
    let path = format!("/{}", account.target.bucket());
    let (status, body) =
        call(http, account, "s3", "GET", (&path, &[("list-type", "2"), ("prefix", prefix)]), "").await;
    assert!(status.is_success(), "{status} {body}");
    body.split("<Contents>").skip(1).map(|object| element(object, "Key")).collect()
}

/// Parameters of a query, which need no encoding.
type Parameters<'a> = &'a [(&'a str, &'a str)];

async fn call(
    http: &Client,
    account: &Account,
    service: &str,
    method: &str,
    path_and_query: (&str, Parameters<'_>),
    body: &str,
) -> (StatusCode, String) {
    call_with(http, account, service, method, path_and_query, body, None).await
}

/// A further header of a call.
type ExtraHeader = Option<(&'static str, &'static str)>;

async fn call_with(
    http: &Client,
    account: &Account,
    service: &str,
    method: &str,
    (path, query): (&str, Parameters<'_>),
    body: &str,
    extra: ExtraHeader,
) -> (StatusCode, String) {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let url = format!("{}{path}?{}", account.target.endpoint_url(), pairs.join("&"));
    let mut request = http.request(method.parse().unwrap(), url).body(body.to_owned());
    for (name, value) in signed_headers(account, service, method, (path, query), body, extra) {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Returns the headers of a call, including `authorization`.
fn signed_headers(
    account: &Account,
    service: &str,
    method: &str,
    (path, query): (&str, Parameters<'_>),
    body: &str,
    extra: ExtraHeader,
) -> Vec<(&'static str, String)> {
    let at = now();
    let (credentials, region) = (&account.credentials, account.target.region().as_str());
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = vec![("x-amz-content-sha256", hash.clone()), ("x-amz-date", amz_date(at))];
    headers.extend(extra.map(|(name, value)| (name, value.to_owned())));
    if !body.is_empty() {
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    }
    let mut pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    pairs.push(("host", account.target.host()));
    pairs.sort_unstable();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let scope = scope(at, region, service);
    let text = string_to_sign(at, &scope, &canonical_request(method, path, query, &pairs, &hash));
    let signature = SigningKey::derive(credentials.secret_access_key(), at, region, service).sign(&text);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
        credentials.access_key_id(),
        names.join(";")
    );
    headers.push(("authorization", authorization));
    headers
}
