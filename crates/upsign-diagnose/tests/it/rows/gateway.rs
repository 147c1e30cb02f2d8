//! Answers of API Gateway, of Lambda and of APIs in JSON.

use super::{check_row, check_rows};
use crate::evidence::{api, problem};

#[test]
fn gateways() {
    for (status, body, row) in [
        (429, r#"{"message":"Too Many Requests"}"#, ("rate-limited", "unknown", "client", false)),
        (429, r#"{"message":"Limit Exceeded"}"#, ("rate-limited", "unknown", "client", false)),
        (
            429,
            r#"{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
            ("rate-limited", "unknown", "client", false),
        ),
        (401, r#"{"message":"Unauthorized"}"#, ("gateway-unauthorized", "token", "client", false)),
        (
            401,
            r#"{"message":"The incoming token has expired"}"#,
            ("gateway-unauthorized", "claim:exp", "client", true),
        ),
        (403, r#"{"message":"Forbidden"}"#, ("gateway-forbidden", "token", "configuration", false)),
        (
            403,
            r#"{"message":"Missing Authentication Token"}"#,
            ("gateway-forbidden", "path", "configuration", false),
        ),
        (
            403,
            r#"{"message":"You are not authorized to upload here"}"#,
            ("api-forbidden", "token", "client", false),
        ),
        (403, r#"{"message":"Uploads are forbidden"}"#, ("api-forbidden", "token", "client", false)),
        (
            403,
            r#"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#,
            ("gateway-forbidden", "token", "configuration", false),
        ),
        (404, r#"{"message":"Not Found"}"#, ("gateway-not-found", "path", "client", false)),
        (405, r#"{"message":"Method Not Allowed"}"#, ("gateway-not-found", "method", "client", false)),
        (400, r#"{"message":"Bad Request"}"#, ("gateway-refused", "body", "client", false)),
        (400, r#"{"message":"Invalid request body"}"#, ("gateway-refused", "body", "client", false)),
        (413, r#"{"message":"Request Too Long"}"#, ("gateway-too-large", "body", "client", false)),
        (
            415,
            r#"{"message":"Unsupported Media Type"}"#,
            ("api-media-type", "header:content-type", "client", false),
        ),
        (500, r#"{"message":null}"#, ("lambda-failed", "unknown", "configuration", false)),
        (500, r#"{"message":"Internal Server Error"}"#, ("lambda-failed", "unknown", "configuration", false)),
        (502, r#"{"message":"Internal server error"}"#, ("lambda-failed", "unknown", "configuration", false)),
        (503, r#"{"message":"Service Unavailable"}"#, ("lambda-timeout", "unknown", "configuration", false)),
        (
            504,
            r#"{"message":"Endpoint request timed out"}"#,
            ("lambda-timeout", "unknown", "configuration", false),
        ),
        (418, r#"{"message":"I am a teapot"}"#, ("other-refusal", "unknown", "configuration", false)),
    ] {
        check_row(body, &api(status, "", body), row);
    }
}

#[test]
fn bodies_alone() {
    check_rows(&[
        (
            r#"{"message":"The incoming token has expired"}"#,
            "gateway-unauthorized",
            "claim:exp",
            "client",
            true,
        ),
        (
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: Runtime exited with error: exit status 101"}"#,
            "lambda-failed",
            "unknown",
            "configuration",
            false,
        ),
        (
            r#"{"errorMessage":"RequestId: 1 Process exited before completing request"}"#,
            "lambda-failed",
            "unknown",
            "configuration",
            false,
        ),
        (
            r#"{"errorMessage":"2026-11-27T12:00:00Z 1 Task timed out after 3.00 seconds"}"#,
            "lambda-timeout",
            "unknown",
            "configuration",
            false,
        ),
        (r#"{"message":"Internal server error"}"#, "lambda-failed", "unknown", "configuration", false),
        (
            r#"{"statusCode":"403","error":"SignatureDoesNotMatch","message":"The request signature we calculated does not match"}"#,
            "signature-mismatch",
            "unknown",
            "client",
            false,
        ),
        (
            r#"{"code":"NoSuchBucket","message":"The bucket does not exist"}"#,
            "bucket-unknown",
            "bucket",
            "configuration",
            false,
        ),
    ]);
}

/// Why an authorizer of an HTTP API rejects a token is in a header.
#[test]
fn reasons_of_authorizers() {
    for (reason, field) in [
        ("the token does not have a valid audience", "claim:aud"),
        ("the token has expired", "claim:exp"),
        ("the token has an invalid issuer", "claim:iss"),
        ("the token is not valid yet", "claim:nbf"),
        ("the signing method is invalid", "token"),
    ] {
        let header = format!(
            "www-authenticate: Bearer scope=\"\" error=\"invalid_token\" error_description=\"{reason}\"\r\n"
        );
        for body in [r#"{"message":"Unauthorized"}"#, ""] {
            check_row(reason, &api(401, &header, body), ("gateway-unauthorized", field, "client", true));
        }
    }
}

/// Envoy, Keycloak and others refuse tokens with the same header.
#[test]
fn the_gateway_is_named_only_if_it_answered() {
    let reason = "www-authenticate: Bearer error=\"invalid_token\", error_description=\"Jwt is expired\"\r\n";
    let found = api(401, reason, "");
    assert_eq!(found[0].sentence, "the server rejected the token: Jwt is expired");
    let found = api(401, &format!("{reason}apigw-requestid: abc=\r\n"), "");
    assert!(found[0].sentence.starts_with("the authorizer of API Gateway rejected"), "{found:#?}");
    // The message of an application is what helps.
    let found = api(403, "", r#"{"message":"You are not authorized to upload here"}"#);
    assert!(found[0].sentence.contains("You are not authorized to upload here"), "{found:#?}");
}

#[test]
fn problems_of_the_api() {
    for (status, code, row) in [
        (401, "unauthorized", ("api-unauthorized", "token", "client", true)),
        (403, "insufficient-scope", ("api-forbidden", "token", "client", true)),
        (403, "route-forbidden", ("api-forbidden", "token", "client", true)),
        (403, "origin-not-allowed", ("api-origin", "origin", "cors", true)),
        (404, "not-found", ("gateway-not-found", "path", "client", true)),
        (405, "method-not-allowed", ("gateway-not-found", "method", "client", true)),
        (413, "too-large", ("api-refused", "body", "client", true)),
        (415, "body-not-json", ("api-media-type", "header:content-type", "client", true)),
        (415, "content-type-not-allowed", ("api-media-type", "header:content-type", "client", true)),
        (429, "too-many-requests", ("rate-limited", "unknown", "client", true)),
        (429, "quota-exceeded", ("api-refused", "body", "client", true)),
        (500, "internal", ("api-unavailable", "unknown", "configuration", true)),
        (503, "signing-unavailable", ("api-unavailable", "unknown", "configuration", true)),
    ] {
        check_row(code, &problem(status, code), row);
    }
}
