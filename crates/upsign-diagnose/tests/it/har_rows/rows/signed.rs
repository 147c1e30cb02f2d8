//! What was signed: requests that differ, mistakes of signers, times and credentials.

use super::*;
use crate::fixture::{KEY_ID, Mistake, error};

pub(super) fn signatures() -> Vec<Row> {
    let secret = |code, field, mistake: &Mistake| {
        row(code, field, "configuration", mistaken(mistake)).with(with_secret)
    };
    let default = Mistake::default;
    let of_hash =
        of_page().echo().replace("UNSIGNED-PAYLOAD", "e3b0c442").replace("CanonicalRequestBytes", "Other");
    let version_2 =
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    let empty = Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    vec![
        row("method-differs", "method", "client", changed(|it| it.method = "POST".into())),
        row("host-differs", "host", "client", changed(|it| it.host = "cdn.example.com".into())),
        row("path-differs", "path", "client", changed(|it| it.path = "/b.jpg".into())),
        row("path-encoding", "path", "client", changed(|it| it.path = it.path.replace("%20", "%2520"))),
        row(
            "query-added",
            "query:fbclid",
            "client",
            changed(|it| it.query.push(("fbclid".into(), "1".into()))),
        ),
        row(
            "query-missing",
            "query:X-Amz-Expires",
            "client",
            changed(|it| it.query.retain(|(name, _)| name != "X-Amz-Expires")),
        ),
        row(
            "query-differs",
            "query:X-Amz-Expires",
            "client",
            changed(|it| it.set_parameter("X-Amz-Expires", "9000")),
        ),
        row("signature-altered", "query:X-Amz-Signature", "client", changed(|it| it.signature.truncate(10))),
        row(
            "header-missing",
            "header:content-type",
            "client",
            changed(|it| it.set_header("content-type", None)),
        ),
        row(
            "header-differs",
            "header:content-type",
            "client",
            changed(|it| it.set_header("content-type", Some("text/plain;charset=UTF-8"))),
        ),
        row(
            "length-differs",
            "header:content-length",
            "client",
            changed(|it| it.set_header("content-length", Some("1"))),
        ),
        row(
            "header-unsigned",
            "header:x-amz-acl",
            "client",
            sent(
                |it| it.set_header("x-amz-acl", Some("private")),
                403,
                &error(
                    "AccessDenied",
                    "There were headers present in the request which were not signed",
                    &[("HeadersNotSigned", "x-amz-acl")],
                ),
            ),
        ),
        row(
            "payload-hash",
            "body",
            "client",
            sent(|it| it.set_header("x-amz-content-sha256", Some("e3b0c442")), 403, &of_hash),
        ),
        row(
            "two-signatures",
            "header:authorization",
            "client",
            sent(
                |it| it.set_header("authorization", Some("Bearer abc")),
                400,
                &error(
                    "InvalidArgument",
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter …",
                    &[],
                ),
            ),
        ),
        secret("signed-for-region", "region", &Mistake { region: Some("eu-west-1"), ..default() }),
        secret(
            "signed-for-service",
            "query:X-Amz-Credential",
            &Mistake { service: Some("s3-object-lambda"), ..default() },
        ),
        secret("signed-for-date", "clock", &Mistake { day_later: true, ..default() }),
        secret(
            "signed-without-token",
            "query:X-Amz-Security-Token",
            &Mistake { without_token: true, ..default() },
        ),
        secret("signed-payload", "body", &Mistake { payload: empty, ..default() }),
        secret("signed-path", "path", &Mistake { path: Some(|path| path.replace('%', "%25")), ..default() }),
        secret(
            "signed-secret",
            "credentials",
            &Mistake { secret: Some(" wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), ..default() },
        ),
        secret("wrong-secret", "credentials", &default()),
        candidate(
            "sigv2",
            "query:X-Amz-Algorithm",
            "configuration",
            detailed(400, "InvalidRequest", version_2, &[]),
        ),
        // The store names no part, and the request has none that differs: the secret key, or what a proxy changed.
        candidate("wrong-secret", "credentials", "configuration", by_code(403, "SignatureDoesNotMatch")),
    ]
}

pub(super) fn times_and_credentials() -> Vec<Row> {
    let expiry = [
        ("X-Amz-Expires", "900"),
        ("Expires", "2026-11-27T12:15:00Z"),
        ("ServerTime", "2026-11-27T13:00:00Z"),
    ];
    let skew = [
        ("RequestTime", "20261127T120000Z"),
        ("ServerTime", "2026-11-27T13:00:00Z"),
        ("MaxAllowedSkewMilliseconds", "900000"),
    ];
    let region = "Error parsing the X-Amz-Credential parameter; the region 'eu-central-1' is wrong; expecting 'us-west-2'";
    let service = "incorrect service \"execute-api\". This endpoint belongs to \"s3\".";
    let incomplete = "Query-string authentication version 4 requires the X-Amz-Algorithm, … parameters.";
    let mut without_token = of_page();
    without_token.query.retain(|(name, _)| name != "X-Amz-Security-Token");
    without_token.sign(&Mistake::default());
    let unknown = error("InvalidAccessKeyId", "", &[("AWSAccessKeyId", KEY_ID)]);
    let mut global = of_page();
    "my-bucket.s3.amazonaws.com".clone_into(&mut global.host);
    let moved = [("Endpoint", "my-bucket.s3.us-west-2.amazonaws.com"), ("Bucket", "my-bucket")];
    let set = "configuration";
    vec![
        row(
            "url-expired",
            "query:X-Amz-Expires",
            "client",
            detailed(403, "AccessDenied", "Request has expired", &expiry),
        ),
        row(
            "form-expired",
            "form-field:policy",
            "client",
            form(403, &error("AccessDenied", "Invalid according to Policy: Policy expired.", &[])),
        ),
        row("url-not-yet-valid", "clock", "clock", denied("Request is not valid yet")),
        row("clock-skew", "clock", "clock", detailed(403, "RequestTimeTooSkewed", "", &skew)),
        row(
            "expires-too-long",
            "query:X-Amz-Expires",
            set,
            parameters("X-Amz-Expires must be less than a week (in seconds)", &[]),
        ),
        row(
            "expires-not-a-number",
            "query:X-Amz-Expires",
            set,
            parameters("X-Amz-Expires should be a number", &[]),
        ),
        row("credentials-expired", "credentials", set, by_code(400, "ExpiredToken")),
        row(
            "token-missing",
            "query:X-Amz-Security-Token",
            set,
            vec![entry(&without_token, "xhr", &with_status(403, &unknown))],
        ),
        candidate(
            "access-key-unknown",
            "query:X-Amz-Credential",
            set,
            detailed(403, "InvalidAccessKeyId", "", &[("AWSAccessKeyId", "ASIADELETED")]),
        ),
        candidate("token-invalid", "query:X-Amz-Security-Token", set, by_code(400, "InvalidToken")),
        row("wrong-region", "query:X-Amz-Credential", set, parameters(region, &[("Region", "us-west-2")])),
        row("wrong-service", "query:X-Amz-Credential", set, parameters(service, &[])),
        candidate("query-incomplete", "unknown", "client", parameters(incomplete, &[])),
        row("query-malformed", "query:X-Amz-Credential", set, parameters("Invalid credential date", &[])),
        row("permanent-redirect", "region", set, detailed(301, "PermanentRedirect", "", &moved)),
        row(
            "temporary-redirect",
            "host",
            set,
            vec![entry(&global, "xhr", &with_status(307, &code("TemporaryRedirect")))],
        ),
        row("bucket-unknown", "bucket", set, by_code(404, "NoSuchBucket")),
    ]
}
