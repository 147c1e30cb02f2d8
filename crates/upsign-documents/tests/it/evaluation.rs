//! Evaluation of CORS rules as S3 does it, case by case.

use proptest::prelude::*;
use upsign_documents::{CorsAnswer, CorsDocument, CorsRefusal, CorsRefusalReason, CorsRequest};

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/// Five overlapping rules. The first one that matches decides.
const RULES: &str = r#"{"CORSRules":[
  {"ID":"put","AllowedOrigins":["https://app.example.com","http://localhost:5173"],"AllowedMethods":["PUT"],
   "AllowedHeaders":["content-type","If-None-Match","x-amz-meta-*"],"ExposeHeaders":["ETag","x-amz-version-id"],
   "MaxAgeSeconds":3600},
  {"ID":"bare","AllowedOrigins":["https://app.example.com"],"AllowedMethods":["PUT","POST"]},
  {"ID":"sub","AllowedOrigins":["https://*.example.org"],"AllowedMethods":["GET","HEAD"],"AllowedHeaders":["*"],
   "MaxAgeSeconds":0},
  {"ID":"post","AllowedOrigins":["https://app.example.com"],"AllowedMethods":["POST"],"AllowedHeaders":["*"]},
  {"ID":"any","AllowedOrigins":["*"],"AllowedMethods":["GET"],"ExposeHeaders":["ETag"]}
]}"#;

fn rules() -> CorsDocument {
    CorsDocument::from_json(RULES).unwrap()
}

fn preflight<'a>(origin: &'a str, method: &'a str, headers: &'a str) -> CorsRequest<'a> {
    CorsRequest::preflight(Some(origin), Some(method), Some(headers).filter(|headers| !headers.is_empty()))
}

/// Checks that the rule with the index `rule` allows the request and answers with `headers`.
#[track_caller]
fn allowed(request: CorsRequest<'_>, rule: usize, headers: &[(&str, &str)]) {
    let headers = headers.iter().chain(&[("vary", VARY)]);
    let CorsAnswer::Allowed { rule: matched, headers: found } = rules().evaluate(&request) else {
        panic!("{request:?} is refused")
    };
    assert_eq!(matched, rule, "{request:?}");
    assert!(
        found.iter().map(|(name, value)| (*name, value.as_str())).eq(headers.copied()),
        "{request:?}: {found:?}"
    );
}

#[track_caller]
fn refused(request: CorsRequest<'_>, status: u16, reason: &CorsRefusalReason) {
    match rules().evaluate(&request) {
        CorsAnswer::Refused(refusal) => {
            assert_eq!(&refusal.reason, reason, "{request:?}");
            assert_eq!(refusal.status(), status, "{request:?}");
        }
        other => panic!("{request:?}: {other:?}"),
    }
}

const APP: &str = "https://app.example.com";

#[test]
fn allowed_preflights_get_the_headers_of_the_rule() {
    let put = |headers: &'static str| {
        let mut all = vec![("access-control-allow-origin", APP), ("access-control-allow-methods", "PUT")];
        all.extend(
            Some(("access-control-allow-headers", headers)).filter(|(_, headers)| !headers.is_empty()),
        );
        all.extend([
            ("access-control-expose-headers", "ETag, x-amz-version-id"),
            ("access-control-max-age", "3600"),
            ("access-control-allow-credentials", "true"),
        ]);
        all
    };
    // Header names match in any case, order and spacing. A wildcard matches the rest of a name.
    allowed(preflight(APP, "PUT", "content-type"), 0, &put("content-type"));
    allowed(preflight(APP, "PUT", "Content-Type"), 0, &put("content-type"));
    allowed(preflight(APP, "PUT", "if-none-match,content-type"), 0, &put("if-none-match, content-type"));
    allowed(preflight(APP, "PUT", " content-type ,\tif-none-match"), 0, &put("content-type, if-none-match"));
    allowed(preflight(APP, "PUT", "x-amz-meta-owner"), 0, &put("x-amz-meta-owner"));
    allowed(preflight(APP, "PUT", "x-amz-meta-"), 0, &put("x-amz-meta-"));
    allowed(preflight(APP, "PUT", "content-type,,"), 0, &put("content-type"));
    allowed(preflight(APP, "PUT", ""), 0, &put(""));
    allowed(CorsRequest::preflight(Some(APP), Some("PUT"), Some("")), 0, &put(""));
}

#[test]
fn the_first_matching_rule_decides() {
    // The second rule allows POST without headers; with one it does not match, and the fourth does.
    let bare = [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "PUT, POST"),
        ("access-control-allow-credentials", "true"),
    ];
    allowed(preflight(APP, "POST", ""), 1, &bare);
    let post = [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "x-anything"),
        ("access-control-allow-credentials", "true"),
    ];
    allowed(preflight(APP, "POST", "X-Anything"), 3, &post);
    // GET from the same origin matches only the last rule, with the origin `*` and without credentials.
    let any = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("access-control-expose-headers", "ETag"),
    ];
    allowed(preflight(APP, "GET", ""), 4, &any);
    allowed(preflight("null", "GET", ""), 4, &any);
    allowed(preflight("https://anywhere.example", "GET", ""), 4, &any);
}

#[test]
fn wildcard_in_an_allowed_origin() {
    let sub = |origin| {
        [
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", "GET, HEAD"),
            ("access-control-allow-headers", "range"),
            ("access-control-max-age", "0"),
            ("access-control-allow-credentials", "true"),
        ]
    };
    allowed(preflight("https://a.example.org", "HEAD", "range"), 2, &sub("https://a.example.org"));
    allowed(preflight("https://a.b.example.org", "GET", "Range"), 2, &sub("https://a.b.example.org"));
    for origin in [
        "https://example.org",
        "http://a.example.org",
        "https://a.example.org:8443",
        "https://a.example.org.evil",
    ] {
        refused(preflight(origin, "HEAD", "range"), 403, &CorsRefusalReason::Method);
    }
}

#[test]
fn refused_preflights_name_the_part_that_fails() {
    let header = |name: &str| CorsRefusalReason::Header(name.into());
    refused(preflight("https://app.example.com:443", "PUT", "content-type"), 403, &CorsRefusalReason::Method);
    for origin in [
        "https://APP.example.com",
        "http://app.example.com",
        "https://app.example.com/",
        "https://evil.example",
        "null",
    ] {
        // The last rule allows any origin, so the method is what fails.
        refused(preflight(origin, "PUT", "content-type"), 403, &CorsRefusalReason::Method);
    }
    refused(preflight(APP, "DELETE", ""), 403, &CorsRefusalReason::Method);
    refused(preflight("http://localhost:5173", "POST", ""), 403, &CorsRefusalReason::Method);
    refused(preflight("http://localhost:5174", "PUT", ""), 403, &CorsRefusalReason::Method);
    refused(preflight(APP, "PUT", "x-amz-acl"), 403, &header("x-amz-acl"));
    refused(preflight(APP, "PUT", "content-type,X-Amz-Acl"), 403, &header("x-amz-acl"));
    refused(preflight(APP, "PUT", "content-type x"), 403, &header("content-type_x"));
    refused(preflight(APP, "PUT", "x-amz-met"), 403, &header("x-amz-met"));
    refused(preflight("https://anywhere.example", "GET", "range"), 403, &header("range"));
}

#[test]
fn incomplete_preflights_are_answered_400() {
    refused(CorsRequest::preflight(None, Some("PUT"), None), 400, &CorsRefusalReason::NoOrigin);
    refused(CorsRequest::preflight(Some(""), Some("PUT"), None), 400, &CorsRefusalReason::NoOrigin);
    refused(CorsRequest::preflight(Some(APP), None, None), 400, &CorsRefusalReason::BadMethod(None));
    for method in ["OPTIONS", "PATCH", "put", ""] {
        let reason = CorsRefusalReason::BadMethod(Some(method.into()));
        refused(CorsRequest::preflight(Some(APP), Some(method), None), 400, &reason);
    }
}

#[test]
fn bucket_without_cors_refuses_preflights() {
    let none = CorsDocument::empty();
    let CorsAnswer::Refused(refusal) = none.evaluate(&preflight(APP, "PUT", "")) else { panic!() };
    assert_eq!(refusal.reason, CorsRefusalReason::NotEnabled);
    assert_eq!(
        (refusal.status(), refusal.code(), refusal.resource_type()),
        (403, "AccessForbidden", "BUCKET")
    );
    assert_eq!(refusal.message(), "CORSResponse: CORS is not enabled for this bucket.");
    // An incomplete preflight is reported before the missing configuration.
    let CorsAnswer::Refused(refusal) = none.evaluate(&CorsRequest::preflight(Some(APP), None, None)) else {
        panic!()
    };
    assert_eq!(refusal.message(), "Invalid Access-Control-Request-Method: null");
}

#[test]
fn actual_requests_get_the_headers_of_the_rule() {
    let put = [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "PUT"),
        ("access-control-expose-headers", "ETag, x-amz-version-id"),
        ("access-control-max-age", "3600"),
        ("access-control-allow-credentials", "true"),
    ];
    allowed(CorsRequest::actual(Some(APP), "PUT"), 0, &put);
    refused(CorsRequest::actual(Some(APP), "DELETE"), 403, &CorsRefusalReason::Method);
    refused(CorsRequest::actual(Some("https://evil.example"), "PUT"), 403, &CorsRefusalReason::Method);
    let any = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("access-control-expose-headers", "ETag"),
    ];
    allowed(CorsRequest::actual(Some("https://evil.example"), "GET"), 4, &any);
    assert_eq!(rules().evaluate(&CorsRequest::actual(None, "PUT")), CorsAnswer::NotCrossOrigin);
    assert_eq!(rules().evaluate(&CorsRequest::actual(Some(""), "PUT")), CorsAnswer::NotCrossOrigin);
}

#[test]
fn unlisted_origin_is_refused() {
    let json = r#"[{"AllowedOrigins":["https://app.example.com"],"AllowedMethods":["PUT"]}]"#;
    let document = CorsDocument::from_json(json).unwrap();
    for origin in [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "https://app.example.com/",
        "HTTPS://app.example.com",
        "null",
    ] {
        let CorsAnswer::Refused(CorsRefusal { reason, .. }) =
            document.evaluate(&preflight(origin, "PUT", ""))
        else {
            panic!("{origin}")
        };
        assert_eq!(reason, CorsRefusalReason::Origin, "{origin}");
    }
}

#[test]
fn refusal_messages_are_sanitized_and_bounded() {
    let CorsAnswer::Refused(refusal) =
        rules().evaluate(&preflight(APP, "PUT", "</Message><script>\r\n\u{202e}x"))
    else {
        panic!()
    };
    assert_eq!(
        refusal.to_string(),
        "the rule for this origin and method does not allow the header `_/message__script____x`"
    );
    assert!(refusal.message().starts_with("CORSResponse: This CORS request is not allowed."));
    let long = "a".repeat(1 << 20);
    let CorsAnswer::Refused(refusal) =
        rules().evaluate(&CorsRequest::preflight(Some(APP), Some(&long), None))
    else {
        panic!()
    };
    assert!(refusal.message().len() < 120);
}

proptest! {
    #[test]
    fn arbitrary_requests_yield_printable_answers(
        origin in "(https://)?\\PC{0,9}(\\.example\\.org)?",
        method in "(PUT|GET|\\PC{0,5})",
        headers in "[ -~\t]{0,40}",
    ) {
        let requests = [
            CorsRequest::preflight(Some(&origin), Some(&method), Some(&headers)),
            CorsRequest::actual(Some(&origin), &method),
        ];
        for request in requests {
            match rules().evaluate(&request) {
                CorsAnswer::Refused(refusal) => {
                    prop_assert!(refusal.message().bytes().chain(refusal.to_string().bytes()).all(|b| matches!(b, b' '..=b'~')));
                }
                CorsAnswer::Allowed { headers, .. } => {
                    prop_assert!(headers.iter().all(|(_, value)| value.bytes().all(|b| matches!(b, b' '..=b'~'))));
                }
                _ => {}
            }
        }
    }
}
