//! The preflights that browsers send. `crates/xtask/browser/preflights.mjs` compares those of the command with Chromium's.

use upsign_diagnose::{InvalidPageRequest, PageRequest, PreflightReason};

use super::{PAGE, put, read, url};

/// Returns method, headers and reason of a preflight.
fn preflight(request: &PageRequest) -> (String, String, Option<PreflightReason>) {
    let fields = request.preflight().header_fields();
    let field = |name: &str| fields.iter().find(|(it, _)| *it == name).map(|(_, value)| value.clone());
    assert_eq!(field("origin").as_deref(), Some(request.origin().as_str()));
    let headers = field("access-control-request-headers").unwrap_or_default();
    (field("access-control-request-method").unwrap(), headers, request.preflight_reason())
}

fn expected(
    method: &str,
    headers: &str,
    reason: PreflightReason,
) -> (String, String, Option<PreflightReason>) {
    (method.to_owned(), headers.to_owned(), Some(reason))
}

#[test]
fn signed_headers_are_asked_for_in_order_and_once() {
    let signed = "content-length;content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-meta-owner";
    let names = "content-type,if-none-match,x-amz-checksum-sha256,x-amz-meta-owner";
    assert_eq!(preflight(&read(&url(signed, ""))), expected("PUT", names, PreflightReason::Method));
    let request =
        read(&url("host;x-amz-meta-b;x-amz-meta-a", "")).with_header("X-Amz-Meta-A", Some("1")).unwrap();
    let names = "content-type,x-amz-meta-a,x-amz-meta-b";
    assert_eq!(preflight(&request), expected("PUT", names, PreflightReason::Method));
}

#[test]
fn type_of_a_file_is_sent_unless_it_is_removed_or_is_one_of_forms() {
    let request = read(&url("host", ""));
    assert_eq!(preflight(&request).1, "content-type");
    assert!(!request.is_method_known());
    assert_eq!(preflight(&request.clone().with_header("content-type", Some("")).unwrap()).1, "");
    assert_eq!(preflight(&request.with_header("Content-Type", Some("text/plain")).unwrap()).1, "");
}

#[test]
fn parts_have_no_type() {
    let request = read(&url("host;x-amz-checksum-crc32", "&partNumber=1&uploadId=abc"));
    assert_eq!(preflight(&request), expected("PUT", "x-amz-checksum-crc32", PreflightReason::Method));
    assert!(request.is_method_known());
}

#[test]
fn answers_of_services_state_method_and_headers() {
    let answer = serde_json::json!({"uploadUrl": url("content-length;content-type;host", ""), "method": "PUT",
        "headers": {"Content-Type": "text/plain", "x-amz-acl": "private"}});
    let request = read(&answer.to_string());
    assert_eq!(preflight(&request), expected("PUT", "x-amz-acl", PreflightReason::Method));
    let answer = serde_json::json!({"url": url("host", "&x-id=GetObject"), "method": "GET", "headers": []});
    let request = read(&answer.to_string());
    assert_eq!(preflight(&request), ("GET".to_owned(), String::new(), None));
    let request = request.with_header("if-match", Some("\"a\"")).unwrap();
    assert_eq!(preflight(&request), expected("GET", "if-match", PreflightReason::Headers));
}

#[test]
fn forms_need_a_preflight_for_progress_only() {
    let policy = "eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=";
    let form = serde_json::json!({"url": "https://my-bucket.s3.eu-central-1.amazonaws.com/", "fields": {"key": "a.jpg",
        "policy": policy, "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-signature": "5f1e5f1e5f1e5f1e",
        "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20260101/eu-central-1/s3/aws4_request", "x-amz-date": "20260101T000000Z"}});
    let request = read(&form.to_string());
    assert!(request.is_form());
    assert_eq!(preflight(&request), ("POST".to_owned(), String::new(), None));
    let request = request.with_upload_listener();
    assert_eq!(preflight(&request), expected("POST", "", PreflightReason::UploadListener));
    let fields = PageRequest::read(form["fields"].to_string().as_bytes(), PAGE.parse().unwrap());
    assert_eq!(fields.unwrap_err(), InvalidPageRequest::NoAddress);
}

#[test]
fn unsigned_urls_need_a_method() {
    let request = PageRequest::read(b"https://api.example.com/upload-url", PAGE.parse().unwrap()).unwrap();
    assert_eq!(request.check_method(), Err(InvalidPageRequest::NoMethod));
    let request = request.with_method("post").unwrap();
    let request = request.with_header("Authorization", None).unwrap();
    let request = request.with_header("content-type", Some("application/json")).unwrap();
    assert_eq!(request.check_method(), Ok(()));
    assert_eq!(preflight(&request), expected("POST", "authorization,content-type", PreflightReason::Headers));
}

#[test]
fn other_input_is_refused() {
    let code = |input: &[u8]| PageRequest::read(input, PAGE.parse().unwrap()).unwrap_err().code();
    assert_eq!(code(b"ftp://a/b"), "scheme");
    assert_eq!(code(b"\x89PNG"), "binary");
    assert_eq!(code(b"{}"), "other-json");
    assert_eq!(put(&[]).with_method("TRACE").unwrap_err().code(), "method");
    assert_eq!(put(&[]).with_method("P\u{1b}UT").unwrap_err(), InvalidPageRequest::Method("P_UT".into()));
    for name in ["", "a b", "a\r\nb: c", "é"] {
        assert_eq!(put(&[]).with_header(name, None).unwrap_err().code(), "header", "{name:?}");
    }
}

#[test]
fn nothing_shows_the_signature() {
    let request = read(&url("host", ""));
    let shown = format!("{request:?} {} {:?}", request.shown_url(), request.preflight());
    assert!(!shown.contains("5f1e5f1e") && !shown.contains("X-Amz-Credential"), "{shown}");
    assert!(request.url().ends_with("0a0b0c0d0e0f"));
}
