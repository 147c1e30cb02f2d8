//! Input that must not become a value: everything that the constructors reject, and what only a document can get wrong.

use serde_json::{Value, json};

use super::rejects;
use crate::identity::Identity;
use crate::post::condition::{Condition, LengthRange};
use crate::post::key::PostKey;
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision};
use crate::request::operation::{Method, Operation};
use crate::request::part::PartNumber;
use crate::request::presigned::PresignedRequest;
use crate::request::query::Query;
use crate::target::Target;
use crate::target::bucket::Bucket;
use crate::time::Timestamp;

#[test]
fn texts_and_numbers_are_validated() {
    rejects::<ObjectKey>(
        r#""a/../b""#,
        "the object key must not contain a segment `.` or `..`: URL parsers remove them",
    );
    rejects::<ObjectKey>("7", "invalid type: integer `7`, expected a string");
    rejects::<Bucket>(r#""ab""#, "a bucket name must have 3 to 63 characters, but this one has 2");
    // A bucket deserialized on its own is never the ARN that a target has in its place.
    let arn = r#""arn:aws:s3:us-west-2:123456789012:accesspoint/uploads""#;
    assert!(serde_json::from_str::<Bucket>(arn).is_err());
    rejects::<Timestamp>(
        r#""2026-02-30T00:00:00Z""#,
        "not a valid UTC time of the form 2026-01-31T23:59:59Z",
    );
    rejects::<Timestamp>("0", "invalid type: integer `0`, expected a string");
    let seconds = "the lifetime of a presigned request must be 1 to 604800 seconds (7 days), not";
    rejects::<ExpiresIn>("0", &format!("{seconds} 0"));
    rejects::<ExpiresIn>("604801", &format!("{seconds} 604801"));
    rejects::<ExpiresIn>("-1", "invalid value: integer `-1`, expected u64");
    rejects::<PartNumber>("10001", "a part number must be 1 to 10000, not 10001");
    rejects::<Method>(
        r#""put""#,
        "unknown variant `put`, expected one of `PUT`, `GET`, `HEAD`, `POST`, `DELETE`",
    );
    rejects::<ExpiryPrecision>(r#""Exact""#, "unknown variant `Exact`, expected `exact` or `upper-bound`");
}

#[test]
fn operations_with_other_members_are_rejected() {
    for (json, message) in [
        (
            r#"{"name": "RestoreObject"}"#,
            r#"no operation "RestoreObject" without partNumber and without uploadId"#,
        ),
        (r#"{"name": "putObject"}"#, r#"no operation "putObject" without partNumber and without uploadId"#),
        (
            r#"{"name": "UploadPart", "partNumber": 1}"#,
            r#"no operation "UploadPart" with partNumber and without uploadId"#,
        ),
        (
            r#"{"name": "PutObject", "uploadId": "u"}"#,
            r#"no operation "PutObject" without partNumber and with uploadId"#,
        ),
        (
            r#"{"name": "UploadPart", "partNumber": 0, "uploadId": "u"}"#,
            "a part number must be 1 to 10000, not 0",
        ),
        (r#"{"name": "ListParts", "uploadId": ""}"#, "the upload id must not be empty"),
        (r#"{"partNumber": 1}"#, "missing field `name`"),
        (
            r#"{"name": "PutObject", "acl": "x"}"#,
            "unknown field `acl`, expected one of `name`, `partNumber`, `uploadId`",
        ),
    ] {
        rejects::<Operation>(json, message);
    }
}

#[test]
fn headers_and_queries_are_validated() {
    rejects::<SignedHeaders>(r#"{"host": "x"}"#, "the header `host` is reserved for the signature");
    rejects::<SignedHeaders>(r#"{"a": "1", "A": "2"}"#, "the header `a` is given twice");
    rejects::<SignedHeaders>(
        r#"{"a": "x\r\ny: z"}"#,
        "the value of `a` must consist of visible ASCII, spaces and tabs: browsers change other characters",
    );
    rejects::<SignedHeaders>("[]", "invalid type: sequence, expected a map of header names and values");
    let acl =
        "the query parameter `acl` is reserved: it is part of the signature or selects another operation";
    rejects::<Query>(r#"[["ACL", ""]]"#, acl);
    rejects::<Query>(r#"[["a", "1"], ["a", "1"]]"#, "the query parameter `a` is given twice");
    rejects::<Query>(r#"[["a"]]"#, "invalid length 1, expected a tuple of size 2");
}

#[test]
fn contradictory_targets_are_rejected() {
    for (json, message) in [
        (r#"{"bucket": "abc"}"#, "missing field `region`"),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "host": "evil.example"}"#,
            "unknown field `host`, expected one of `bucket`, `region`, `endpoint`, `addressing`, `dualstack`, `fips`, `accelerate`, `signature`",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "signature": "google"}"#,
            "signatures of Google Cloud Storage need its endpoint and the name of a bucket",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "accelerate": true, "fips": true}"#,
            "transfer acceleration has no FIPS endpoint",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "endpoint": "http://127.0.0.1", "addressing": "virtual"}"#,
            "an IP address cannot have the bucket as a subdomain: use path addressing",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "endpoint": "http://h", "dualstack": true}"#,
            "dualstack applies only to AWS's own endpoints and cannot be combined with a custom endpoint",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "endpoint": "http://h/?x"}"#,
            "the endpoint must not contain a user name, a query or a fragment",
        ),
        (
            r#"{"bucket": "arn:aws:s3:::abc", "region": "us-east-1"}"#,
            "this is the ARN of a bucket: write the name of the bucket, which follows `:::`",
        ),
        (
            r#"{"bucket": "arn:aws:s3:us-east-1:123456789012:job/abc", "region": "us-east-1"}"#,
            "the resource of the ARN must be accesspoint/NAME, or outpost/ID/accesspoint/NAME on Outposts",
        ),
        (
            r#"{"bucket": "abc", "region": "us-east-1", "addressing": "auto"}"#,
            "unknown variant `auto`, expected one of `path`, `virtual`, `bucket-is-host`",
        ),
    ] {
        rejects::<Target>(json, message);
    }
}

fn request() -> Value {
    json!({
        "target": {"bucket": "abc", "region": "us-east-1"},
        "operation": {"name": "PutObject"},
        "key": "k",
        "headers": {},
        "query": [],
        "expiresIn": 900,
        "shortCredentials": "clamp",
    })
}

fn presigned() -> Value {
    json!({
        "method": "PUT",
        "url": "https://h/k?s",
        "headers": {},
        "expiresAt": "1970-01-01T00:15:00Z",
        "expiryPrecision": "exact",
    })
}

fn policy() -> Value {
    json!({
        "target": {"bucket": "abc", "region": "us-east-1"},
        "key": {"exact": "k"},
        "length": {"min": 1, "max": 10},
        "expiresIn": 60,
        "fields": [],
        "conditions": [],
        "style": "lower",
        "shortCredentials": "clamp",
    })
}

fn post() -> Value {
    json!({"url": "https://h/", "fields": [], "expiresAt": "1970-01-01T00:15:00Z", "expiryPrecision": "exact"})
}

fn identity() -> Value {
    json!({"issuer": "i", "subject": "s", "groups": [], "scopes": [], "claims": {}})
}

/// Asserts that every member of an object is mandatory, and that no other is allowed.
#[track_caller]
fn check_members<T: serde::de::DeserializeOwned + std::fmt::Debug>(valid: &Value) {
    assert!(serde_json::from_value::<T>(valid.clone()).is_ok(), "{valid}");
    let names: Vec<String> = valid.as_object().unwrap().keys().cloned().collect();
    for name in names {
        let mut less = valid.clone();
        less.as_object_mut().unwrap().remove(&name);
        let error = serde_json::from_value::<T>(less).unwrap_err().to_string();
        assert_eq!(error, format!("missing field `{name}`"));
    }
    let mut more = valid.clone();
    more["constraint"] = json!(true);
    let error = serde_json::from_value::<T>(more).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `constraint`"), "{error}");
}

#[test]
fn missing_and_unknown_members_are_rejected() {
    check_members::<PresignRequest>(&request());
    check_members::<PresignedRequest>(&presigned());
    check_members::<PostPolicy>(&policy());
    check_members::<PresignedPost>(&post());
    check_members::<Identity>(&identity());
    check_members::<LengthRange>(&json!({"min": 0, "max": 1}));
}

#[test]
fn repeated_members_are_rejected() {
    let text = request().to_string().replace(r#""key":"k""#, r#""key":"k","key":"l""#);
    rejects::<PresignRequest>(&text, "duplicate field `key`");
}

/// Sets a member and asserts that the result is rejected.
#[track_caller]
fn rejects_with<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    mut valid: Value,
    name: &str,
    value: Value,
    message: &str,
) {
    valid[name] = value;
    rejects::<T>(&valid.to_string(), message);
}

#[test]
fn urls_that_are_not_web_addresses_are_rejected() {
    let message = "the url must start with https:// or http:// and consist of visible ASCII";
    for url in [
        "",
        "javascript:alert(1)",
        "//h/k",
        "https://",
        "https:///k",
        "https://h/a b",
        "https://h/\n",
        "https://é/",
    ] {
        rejects_with::<PresignedRequest>(presigned(), "url", json!(url), message);
        rejects_with::<PresignedPost>(post(), "url", json!(url), message);
    }
}

#[test]
fn post_policies_are_validated() {
    let with = |name: &str, value: Value, message: &str| {
        rejects_with::<PostPolicy>(policy(), name, value, message);
    };
    with(
        "length",
        json!({"min": 2, "max": 1}),
        "invalid size range 2 to 1 bytes: the minimum must not exceed the maximum, and the maximum must not exceed 5 GiB",
    );
    with("fields", json!([["a", "1"], ["A", "2"]]), "the field `A` is given twice");
    with(
        "fields",
        json!([["acl", "a\nb"]]),
        "the value of `acl` must not contain a line break or a NUL character",
    );
    with(
        "conditions",
        json!([{"name": "key", "exact": "other"}]),
        "the conditions on `key` contradict each other or the value of the field",
    );
    let one = "a condition must have either `exact` or `startsWith`";
    with("conditions", json!([{"name": "acl"}]), one);
    with("conditions", json!([{"name": "acl", "exact": "a", "startsWith": "a"}]), one);
    rejects::<Condition>(
        r#"{"name": "acl", "endsWith": "a"}"#,
        "unknown field `endsWith`, expected one of `name`, `exact`, `startsWith`",
    );
}

/// `PostKey::exact` accepts such a key, and S3 rejects its form. It must not come back as a prefix, which allows more.
#[test]
fn exact_post_key_with_the_file_name_variable_does_not_become_a_prefix() {
    let message =
        "`${filename}` is allowed only at the end of a key: S3 replaces it before it checks the policy";
    for key in ["a/${filename}", "${filename}.jpg"] {
        rejects::<PostKey>(&json!({"exact": key}).to_string(), message);
        let unchecked = PostKey::exact(&key.parse().unwrap());
        rejects::<PostKey>(&serde_json::to_string(&unchecked).unwrap(), message);
    }
    rejects::<PostKey>(r#"{"startsWith": "a/${filename}"}"#, message);
    rejects::<PostKey>(
        r#"{"startsWith": "a//"}"#,
        "the object key must not start with `/` or contain `//`: some servers merge slashes",
    );
    assert!(serde_json::from_str::<PostKey>(r#"{"exact": "a", "startsWith": ""}"#).is_err());
    assert!(serde_json::from_str::<PostKey>(r#""a""#).is_err());
}

#[test]
fn presigned_posts_are_validated() {
    let with = |fields: Value, message: &str| {
        rejects_with::<PresignedPost>(post(), "fields", fields, message);
    };
    with(json!([["key", "a"], ["Key", "b"]]), "the field `Key` is given twice");
    with(json!([["key", "a\r\nb"]]), "the value of `key` must not contain a line break or a NUL character");
    assert!(serde_json::from_value::<PresignedPost>(json!({"fields": [["a\"b", "x"]]})).is_err());
}

#[test]
fn identities_are_validated() {
    let with = |name: &str, value: Value, message: &str| {
        rejects_with::<Identity>(identity(), name, value, message);
    };
    with("issuer", json!(""), "the issuer must have 1 to 2048 bytes");
    with(
        "issuerName",
        json!("https://issuer.example"),
        "the name of an issuer must have 1 to 32 characters of a-z, 0-9 and `-`, starting with a letter, for example `customers`",
    );
    with("subject", json!("s".repeat(2_049)), "the subject must have 1 to 2048 bytes");
    with("claims", json!({"a": 1}), "invalid type: integer `1`, expected a string");
    with("claims", json!([]), "invalid type: sequence, expected a map of claims with text values");
    let twice = identity().to_string().replace("{}", r#"{"tenant":"acme","tenant":"globex"}"#);
    rejects::<Identity>(&twice, "the claim \"tenant\" is given twice");
}
