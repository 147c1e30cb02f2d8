//! Answers to preflights in recordings: those of stores, of proxies in front of them, and of servers that are none.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use crate::evidence::*;
use crate::fixture::{Request, har};

/// The causes with their certainty, of a HAR whose preflight was answered by a host.
fn of(host: &str, status: u16, headers: &[(&str, &str)], body: &str, with_rules: bool) -> Vec<Diagnosis> {
    let (mut preflight, mut upload) = (preflight(), of_page());
    host.clone_into(&mut preflight.host);
    host.clone_into(&mut upload.host);
    let entries = [preflight.har_entry(status, headers, body), upload.har_entry(0, &[], "")];
    let evidence = Evidence::read(har(&entries).as_bytes()).unwrap();
    let others = r#"[{"AllowedOrigins":["https://www.example.com"],"AllowedMethods":["PUT"]}]"#;
    diagnose(&if with_rules { evidence.with_cors(rules(others)) } else { evidence })
}

fn codes(found: &[Diagnosis]) -> Vec<(&str, bool)> {
    found.iter().map(|it| (it.cause.code, it.certain)).collect()
}

const S3: &str = "my-bucket.s3.eu-central-1.amazonaws.com";
const OWN: &str = "minio.example.com";
const HTML: &str = "<!DOCTYPE html>\n<html><body>blocked</body></html>";

/// The fix for the region is that of Amazon S3.
#[test]
fn redirects_are_explained_by_where_they_lead() {
    for (host, to, sentence, fix) in [
        (S3, "https://my-bucket.s3.us-west-2.amazonaws.com/a", "the store answers", "BUCKET.s3.REGION"),
        (
            S3,
            "https://sso.example.com/login?next=a",
            "redirect to https://sso.example.com,",
            "without a login",
        ),
        (OWN, "https://sso.example.com/login", "minio.example.com answers", "without a login"),
        (
            OWN,
            "https://minio.example.com/a",
            "redirect to https://minio.example.com,",
            "https in place of http",
        ),
    ] {
        let found = of(host, 307, &[("Location", to)], "", false);
        check(&found, &expected("cors-redirect", "host", "configuration", true));
        assert!(found[0].sentence.contains(sentence) && found[0].fix.contains(fix), "{found:#?}");
        assert!(found[0].diff.is_empty(), "{found:#?}");
    }
}

/// Rules in a file refuse the request, and do not show that it was rules that refused it.
#[test]
fn rules_in_a_file_explain_only_refusals_by_rules() {
    let not_allowed = cors_error(NOT_ALLOWED);
    for (status, body, code, certain) in [
        (403, &*not_allowed, "cors-origin", true),
        (403, "", "cors-origin", true),
        (200, "", "cors-origin", true),
        (403, HTML, "proxy-answer", false),
        (200, HTML, "proxy-answer", false),
        (404, "", "cors-origin", false),
        (401, "", "cors-refused", true),
        (405, "", "not-implemented", true),
        (502, HTML, "store-error", true),
        (503, "", "slow-down", true),
    ] {
        let found = of(S3, status, &[], body, true);
        assert_eq!(codes(&found)[0], (code, certain), "{status} {body}: {found:#?}");
        assert!(certain || found.iter().all(|it| !it.certain), "{status} {body}: {found:#?}");
    }
}

#[test]
fn pages_and_statuses_are_not_those_of_rules() {
    let found = of(OWN, 200, &[("Server", "nginx")], HTML, false);
    assert_eq!(codes(&found)[..2], [("proxy-answer", false), ("cors-refused", false)], "{found:#?}");
    assert!(found[0].sentence.starts_with("nginx answered the preflight"), "{found:#?}");
    let found = of(S3, 401, &[("WWW-Authenticate", "Basic")], "", false);
    check(&found, &expected("cors-refused", "credentials", "proxy", true));
    let found = of(S3, 404, &[], "", false);
    assert!(found[0].sentence.contains("no route for OPTIONS"), "{found:#?}");
}

#[test]
fn methods_are_compared_with_their_case() {
    let headers = |methods| {
        [
            ("access-control-allow-origin", ORIGIN),
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", "content-type, if-none-match, x-amz-meta-owner"),
        ]
    };
    check(&of(S3, 200, &headers("put"), "", false), &expected("cors-method", "method", "cors", true));
    assert_eq!(of(S3, 200, &headers("PUT"), "", false)[0].cause.code, "network-error");
}

/// Chromium asks the user before it sends a request to a private network, also one of http.
#[test]
fn mixed_content_is_certain_for_public_hosts_only() {
    for (host, expected) in [
        ("store.example.com", &[("mixed-content", true)][..]),
        ("192.168.1.5:9000", &[("mixed-content", false), ("local-network", false), ("network-error", false)]),
        ("nas.local", &[("mixed-content", false), ("local-network", false), ("network-error", false)]),
        ("127.0.0.1:9000", &[("network-error", false)]),
    ] {
        let mut request = of_page();
        request.scheme = "http";
        host.clone_into(&mut request.host);
        let found = diagnose(&Evidence::read(har(&[request.har_entry(0, &[], "")]).as_bytes()).unwrap());
        assert_eq!(codes(&found)[..expected.len()], *expected, "{host}: {found:#?}");
    }
}

/// A page that reports the status has read the answer.
#[test]
fn answers_that_a_page_reports_are_not_hidden() {
    let request = of_page();
    let headers: serde_json::Map<_, _> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let report = serde_json::json!({"request": {"method": "PUT", "url": Request::put().url(), "headers": headers},
        "response": {"status": 403, "headers": {}, "body": code("AccessDenied")}});
    let found = diagnose(&Evidence::read(report.to_string().as_bytes()).unwrap());
    assert!(found.iter().all(|it| it.cause.code != "cors-hidden"), "{found:#?}");
    let recorded = har(&[request.har_entry(403, &[], &code("AccessDenied"))]);
    check_candidate(&diagnose(&Evidence::read(recorded.as_bytes()).unwrap()), "cors-hidden");
}
