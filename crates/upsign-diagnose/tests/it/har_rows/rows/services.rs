//! CORS, the store itself, the API and its gateway.

use super::*;
use crate::evidence::{NOT_ALLOWED, cors_error, rules};

pub(super) fn cors() -> Vec<Row> {
    let not_allowed = cors_error(NOT_ALLOWED);
    let www =
        [("Access-Control-Allow-Origin", "https://www.example.com"), ("Access-Control-Allow-Methods", "PUT")];
    let get = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "GET")];
    let names = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "PUT"),
        ("Access-Control-Allow-Headers", "content-type, if-none-match"),
    ];
    let moved = [("Location", "https://my-bucket.s3.us-west-2.amazonaws.com/a")];
    let twice = [
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "PUT"),
    ];
    let all = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "PUT"),
        ("Access-Control-Allow-Headers", "content-type, if-none-match, x-amz-meta-owner"),
    ];
    let mut signed_in = of_page();
    signed_in.headers.push(("cookie".into(), "sid=1".into()));
    let asked = entry(&preflight(), "preflight", &Answer { headers: &all, ..with_status(200, "") });
    let with_cookie = vec![grant(&Request::put()), asked, entry(&signed_in, "xhr", &Answer::default())];
    let mut plain = of_page();
    plain.scheme = "http";
    let stored = Answer {
        headers: &[("ETag", "\"abc\""), ("Access-Control-Allow-Origin", "*")],
        ..with_status(200, "")
    };
    vec![
        row("cors-not-enabled", "bucket", "cors", preflight_refused(403, &[], &cors_error("CORSResponse: CORS is not enabled for this bucket."))),
        row("cors-origin", "origin", "cors", preflight_refused(200, &www, "")),
        row("cors-origin", "origin", "cors", preflight_refused(403, &[], &not_allowed)).with(|it| {
            it.with_cors(rules(r#"[{"AllowedOrigins":["https://www.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["*"]}]"#))
        }),
        row("cors-method", "method", "cors", preflight_refused(200, &get, "")),
        row("cors-header", "header:x-amz-meta-owner", "cors", preflight_refused(200, &names, "")),
        candidate("cors-refused", "origin", "cors", preflight_refused(403, &[], &not_allowed)),
        row("cors-no-bucket", "bucket", "configuration", preflight_refused(404, &[], &cors_error("CORSResponse: Bucket not found"))),
        row("cors-several-origins", "answer-header:access-control-allow-origin", "proxy", preflight_refused(200, &twice, "")),
        row("cors-credentials", "answer-header:access-control-allow-credentials", "client", with_cookie),
        row("cors-redirect", "host", "configuration", preflight_refused(307, &moved, &code("TemporaryRedirect"))),
        row("mixed-content", "scheme", "configuration", vec![entry(&plain, "xhr", &Answer::default())]),
        row("etag-hidden", "answer-header:access-control-expose-headers", "cors", vec![entry(&part(), "xhr", &stored)]),
        candidate("network-error", "origin", "cors", vec![grant(&Request::put()), entry(&of_page(), "xhr", &Answer::default())]),
    ]
}

pub(super) fn stores_and_services() -> Vec<Row> {
    let unauthorized = [
        (
            "www-authenticate",
            "Bearer scope=\"\" error=\"invalid_token\" error_description=\"the token does not have a valid audience\"",
        ),
        ("Access-Control-Allow-Origin", "*"),
    ];
    let token = Answer {
        status: 401,
        headers: &unauthorized,
        body: r#"{"message":"Unauthorized"}"#,
        is_base64: false,
    };
    let page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head></html>";
    let set = "configuration";
    vec![
        candidate("not-implemented", "method", set, by_code(501, "NotImplemented")),
        row("slow-down", "unknown", "client", by_code(503, "SlowDown")),
        row("store-error", "unknown", "store", by_code(500, "InternalError")),
        candidate("proxy-answer", "unknown", "proxy", answered(413, page)),
        candidate("other-refusal", "unknown", "store", by_code(507, "XMinioStorageFull")),
        row("api-unauthorized", "token", "client", problem(401, "unauthorized")),
        row("api-forbidden", "token", "client", problem(403, "route-forbidden")),
        row("api-origin", "origin", "cors", problem(403, "origin-not-allowed")),
        row("api-media-type", "header:content-type", "client", problem(415, "content-type-not-allowed")),
        row("api-refused", "body", "client", problem(413, "too-large")),
        row("api-unavailable", "unknown", set, problem(503, "signing-unavailable")),
        row("gateway-unauthorized", "claim:aud", "client", vec![api_call(&token)]),
        candidate("gateway-forbidden", "token", set, message(403, "Forbidden")),
        candidate("gateway-not-found", "path", "client", message(404, "Not Found")),
        candidate("gateway-refused", "body", "client", message(400, "Bad Request")),
        candidate("rate-limited", "unknown", "client", message(429, "Too Many Requests")),
        candidate("gateway-too-large", "body", "client", message(413, "Request Too Long")),
        candidate("lambda-failed", "unknown", set, message(502, "Internal server error")),
        candidate("lambda-timeout", "unknown", set, message(504, "Endpoint request timed out")),
    ]
}
