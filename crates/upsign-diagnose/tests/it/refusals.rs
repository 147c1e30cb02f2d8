//! Input that is no evidence is refused with a code and with what to do, in bounded time.

use std::time::Instant;

use upsign_diagnose::{Evidence, EvidenceKind};

use crate::fixture::{Request, har};

#[track_caller]
fn check(input: &[u8], code: &str) {
    let error = Evidence::read(input).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(!error.to_string().ends_with('.') && error.to_string().len() < 250, "{error}");
}

#[test]
fn other_input_is_refused() {
    let whole = har(&[Request::put().har_entry(403, &[], "")]);
    check(b"", "empty");
    check(b"  \r\n\t ", "empty");
    check(b"\x89PNG\r\n\x1a\n\0\0", "binary");
    check(b"text with a \0 in it", "binary");
    check(b"\xff\xfeh\0t\0t\0p\0", "utf-16");
    check(&whole.as_bytes()[..whole.len() / 2], "truncated");
    check(&whole.as_bytes()[..whole.len() - 1], "truncated");
    check(b"{\"log\":{\"entries\":[]}}", "no-requests");
    check(b"{\"log\":{\"version\":\"1.2\"}}", "other-json");
    check(b"{\"log\": nonsense}", "invalid-json");
    check(b"{\"a\":1}", "other-json");
    check(b"[1,2,3]", "other-json");
    check(Request::put().grant().as_bytes(), "grant");
    check(b"<ListBucketResult><Name>b</Name></ListBucketResult>", "other-xml");
    check(b"curl -X PUT", "no-url");
    check(b"curl 'https://b/k", "unclosed-quote");
    check(b"fetch(url, options)", "fetch");
    check("Grüße, es geht nicht".as_bytes(), "unrecognized");
    check(b"https://example.com/not-signed", "unrecognized");
}

#[test]
fn a_har_without_a_failed_upload_is_refused() {
    let mut get = Request::new("GET", "/a.jpg", &[]);
    get.host = "www.example.com".to_owned();
    get.query.clear();
    check(
        har(&[Request::put().har_entry(200, &[], ""), get.har_entry(404, &[], "")]).as_bytes(),
        "no-failure",
    );
}

/// A record of one request that succeeded is no refusal, if its answer is not hidden from a page and reports no error.
#[test]
fn an_upload_that_succeeded_is_refused() {
    let request = Request::put();
    let report = |status: u16, origin: &str| {
        let sent = serde_json::json!({"method": "PUT", "url": request.url(), "origin": origin});
        serde_json::json!({"request": sent, "response": {"status": status}}).to_string()
    };
    check(request.curl_verbose(200, "").as_bytes(), "no-failure");
    check(report(200, "https://app.example.com").as_bytes(), "no-failure");
    check(b"HTTP/1.1 204 No Content\r\n\r\n", "no-failure");
    let mut of_page = request.clone();
    of_page.headers.push(("origin".to_owned(), "https://app.example.com".to_owned()));
    let preflight = Request { method: "OPTIONS".to_owned(), ..of_page.clone() };
    for text in [
        request.curl_verbose(403, ""),
        request.curl_verbose(200, "<Error><Code>InternalError</Code></Error>"),
        request.curl_verbose(200, "<!doctype html><html></html>"),
        of_page.curl_verbose(200, ""),
        preflight.curl_verbose(200, ""),
        report(0, "https://app.example.com"),
        r#"HTTP/1.1 200 OK

{"errorMessage":"Task timed out after 3.00 seconds"}"#
            .to_owned(),
    ] {
        let found = upsign_diagnose::diagnose(&Evidence::read(text.as_bytes()).unwrap());
        assert_eq!(found[0].cause.code == "proxy-answer", text.contains("<html>"), "{text}: {found:#?}");
    }
}

#[test]
fn input_that_is_too_large_is_refused_at_once() {
    let start = Instant::now();
    check(&vec![b'x'; Evidence::MAX_BYTES + 1], "too-large");
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn a_har_of_many_requests_is_read_within_a_second() {
    let mut other = Request::new("GET", "/page.html", &[("accept", "*/*")]);
    other.host = "www.example.com".to_owned();
    other.query.clear();
    let mut entries = vec![other.har_entry(200, &[], &"<p>text</p>".repeat(200)); 2_000];
    entries.push(Request::put().har_entry(403, &[], &Request::put().echo()));
    let text = har(&entries);
    assert!(text.len() > 5 << 20);
    let start = Instant::now();
    let evidence = Evidence::read(text.as_bytes()).unwrap();
    assert!(!upsign_diagnose::diagnose(&evidence).is_empty());
    assert!(start.elapsed().as_millis() < 1_000, "{:?}", start.elapsed());
}

#[test]
fn kinds_are_detected() {
    let request = Request::put();
    for (text, kind) in [
        (request.echo(), EvidenceKind::StoreError),
        (format!("\u{feff}{}", request.echo()), EvidenceKind::StoreError),
        ("<!DOCTYPE html><html></html>".to_owned(), EvidenceKind::Page),
        ("{\"message\":\"Forbidden\"}".to_owned(), EvidenceKind::ApiError),
        ("HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>X</Code></Error>".to_owned(), EvidenceKind::HttpAnswer),
        (har(&[request.har_entry(403, &[], "")]), EvidenceKind::Har),
        (request.curl_verbose(403, ""), EvidenceKind::CurlVerbose),
        (request.curl_command(), EvidenceKind::CurlCommand),
        (format!("$ {}", request.curl_command()), EvidenceKind::CurlCommand),
        (request.fetch_call(), EvidenceKind::FetchCall),
        (format!("await {}", request.fetch_call()), EvidenceKind::FetchCall),
        ("Uncaught (in promise) TypeError: Failed to fetch".to_owned(), EvidenceKind::Console),
        (
            "error: a.jpg: the store refused the file: status 403, AccessDenied".to_owned(),
            EvidenceKind::ClientReport,
        ),
        (request.url(), EvidenceKind::Nothing),
    ] {
        assert_eq!(Evidence::read(text.as_bytes()).unwrap().kind(), kind, "{text}");
    }
}
