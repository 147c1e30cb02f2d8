//! Requests that were damaged before they were sent, and statuses without a body.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use super::{check_row, read};
use crate::evidence::{check_candidate, code, of_page, preflight};
use crate::fixture::{Request, error, har};

/// A shell ends the command at the first `&`.
#[test]
fn a_url_that_a_shell_cut() {
    let url = Request::put().url();
    let cut = url.split('&').next().unwrap();
    let found = read(&format!("curl -T a.jpg {cut}"));
    check_row(cut, &found, ("query-incomplete", "query:X-Amz-Credential", "client", true));
    assert!(found[0].sentence.contains("X-Amz-Signature"), "{found:#?}");
    let mut request = Request::put();
    request.query.truncate(2);
    let verbose = |status, body: &str| request.curl_verbose(status, body);
    let text = verbose(400, "").replace(&format!("&X-Amz-Signature={}", request.signature), "");
    check_row(&text, &read(&text), ("query-incomplete", "query:X-Amz-Date", "client", false));
    // Another store says so of a missing signature, which is no proof of version 2.
    let body = error(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        &[],
    );
    let text = verbose(400, &body).replace(&format!("&X-Amz-Signature={}", request.signature), "");
    check_row(&text, &read(&text), ("query-incomplete", "query:X-Amz-Date", "client", true));
    let text =
        verbose(400, &code("MissingFields")).replace(&format!("&X-Amz-Signature={}", request.signature), "");
    check_row(&text, &read(&text), ("query-incomplete", "query:X-Amz-Date", "client", true));
    let body = code("AuthorizationQueryParametersError").replace(
        "<Message>",
        "<Message>Query-string authentication version 4 requires the X-Amz-Algorithm parameters",
    );
    let text = verbose(400, &body).replace(&format!("&X-Amz-Signature={}", request.signature), "");
    check_row(&text, &read(&text), ("query-incomplete", "query:X-Amz-Date", "client", true));
}

/// `url.split('?')[0]`, for example.
#[test]
fn a_url_without_its_query() {
    let signed = Request::put();
    let mut sent = signed.clone();
    sent.query.clear();
    let unsigned = |text: String| text.replace(&format!("?X-Amz-Signature={}", signed.signature), "");
    let found = read(&format!("curl -T a.jpg '{}'", signed.url().split('?').next().unwrap()));
    check_row("curl", &found, ("not-signed", "query:X-Amz-Signature", "client", false));
    for body in [code("AccessDenied"), String::new()] {
        let found = read(&unsigned(sent.curl_verbose(403, &body)));
        check_row(&body, &found, ("not-signed", "query:X-Amz-Signature", "client", false));
    }
    // With the URL as it was issued, one difference is shown and not seven.
    let evidence = Evidence::read(unsigned(sent.curl_verbose(403, "")).as_bytes()).unwrap();
    let found = diagnose(&evidence.with_url(signed.signed_url()).unwrap());
    check_row("url", &found, ("not-signed", "query:X-Amz-Signature", "client", true));
    assert!(!found.iter().any(|it| it.cause.code == "query-missing"), "{found:#?}");
}

/// A cookie shows that the page asked for credentials, which a wildcard does not permit.
#[test]
fn a_har_with_credentials() {
    let har_of = |answer: &[(&str, &str)], cookie: bool| {
        let mut upload = of_page();
        if cookie {
            upload.headers.push(("cookie".into(), "sid=0123456789abcdef".into()));
        }
        read(&har(&[preflight().har_entry(200, answer, ""), upload.har_entry(0, &[], "")]))
    };
    let wildcard = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "PUT"),
        ("Access-Control-Allow-Headers", "content-type, if-none-match, x-amz-meta-owner"),
    ];
    let row = ("cors-credentials", "answer-header:access-control-allow-credentials", "client", true);
    let found = har_of(&wildcard, true);
    check_row("cookie", &found, row);
    assert!(!format!("{found:?}").contains("0123456789abcdef"));
    check_row("none", &har_of(&wildcard, false), ("network-error", "origin", "cors", false));
    let twice = [("Access-Control-Allow-Origin", "https://app.example.com, *")];
    let row = ("cors-several-origins", "answer-header:access-control-allow-origin", "proxy", true);
    check_row("twice", &har_of(&twice, false), row);
}

/// Of a 403 without a body, a header and a permission are likelier than the secret key.
#[test]
fn a_status_without_a_body() {
    let of_url = |request: &Request, status| -> Vec<Diagnosis> {
        diagnose(&Evidence::of_url(request.signed_url()).with_status(status))
    };
    let found = of_url(&Request::put(), 403);
    let rank = |code: &str| found.iter().position(|it| it.cause.code == code).unwrap();
    assert!(
        rank("header-differs") < rank("access-denied") && rank("access-denied") < rank("wrong-secret"),
        "{found:#?}"
    );
    let recorded = read(&Request::put().curl_verbose(403, &code("SignatureDoesNotMatch")));
    check_candidate(&recorded, "wrong-secret");
    assert_eq!(recorded[0].field.to_string(), "header:content-length", "{recorded:#?}");
}

/// A page of a proxy is named once.
#[test]
fn a_page_is_one_cause() {
    let found = read(
        &Request::put()
            .curl_verbose(413, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
    );
    check_row("page", &found, ("proxy-answer", "unknown", "proxy", false));
    assert_eq!(found.iter().filter(|it| it.cause.code == "proxy-answer").count(), 1, "{found:#?}");
}

/// What differs in a header does not explain an error about something else.
#[test]
fn differences_do_not_explain_other_errors() {
    for (status, body) in [
        (400, code("XMinioStorageFull")),
        (400, code("AuthorizationQueryParametersError")),
        (400, String::new()),
        (404, code("NoSuchBucket")),
        (503, code("SlowDown")),
    ] {
        let mut sent = Request::put();
        sent.set_header("content-type", Some("text/plain"));
        let evidence = Evidence::read(sent.curl_verbose(status, &body).as_bytes()).unwrap();
        let found = diagnose(&evidence.with_grant(&Request::put().grant()).unwrap());
        assert!(
            !found.iter().any(|it| it.certain && it.cause.code == "header-differs"),
            "{body}: {found:#?}"
        );
    }
}
