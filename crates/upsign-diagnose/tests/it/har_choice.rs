//! Which request of a HAR is the failed upload, and what its entries can look like.

use serde_json::{Value, json};
use upsign_diagnose::{Evidence, diagnose};

use crate::evidence::{check, code, expected};
use crate::fixture::{Request, har};

/// A request without a signature.
fn plain(method: &str, host: &str, path: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = Request::new(method, path, headers);
    request.host = host.to_owned();
    request.query.clear();
    request
}

fn put(path: &str) -> Request {
    let mut request = Request::put();
    request.path = path.to_owned();
    request
}

#[track_caller]
fn chosen(entries: &[Value]) -> (String, Option<u16>) {
    let request = Evidence::read(har(entries).as_bytes()).unwrap().request().unwrap();
    assert_eq!(request.among, entries.len());
    (
        format!("{} {}{}", request.method, request.host, request.path),
        request.later_success.map(|it| it.status),
    )
}

#[test]
fn the_upload_comes_before_other_failures() {
    let analytics = plain("POST", "stats.example.net", "/e", &[("content-type", "multipart/form-data")])
        .har_entry(500, &[], "");
    let blocked = plain("POST", "stats.example.net", "/e", &[("content-type", "application/json")])
        .har_entry(0, &[], "");
    let refusal = r#"{"status":401,"code":"unauthorized"}"#;
    let api = plain("POST", "app.example.com", "/upload-url", &[]).har_entry(401, &[], refusal);
    let own = plain("POST", "app.example.com", "/log", &[]).har_entry(500, &[], "");
    let unsigned =
        plain("PUT", "my-bucket.s3.eu-central-1.amazonaws.com", "/a.jpg", &[]).har_entry(403, &[], "");
    let upload = put("/a.jpg").har_entry(403, &[], "");
    let read = Request::new("GET", "/b.jpg", &[]).har_entry(403, &[], "");
    // Each is chosen if those behind it are not in the HAR.
    let order = [
        (upload, "PUT my-bucket.s3.eu-central-1.amazonaws.com/a.jpg"),
        (unsigned, "PUT my-bucket.s3.eu-central-1.amazonaws.com/a.jpg"),
        (api, "POST app.example.com/upload-url"),
        (own, "POST app.example.com/log"),
        (blocked, "POST stats.example.net/e"),
        (analytics, "POST stats.example.net/e"),
        (read, "GET my-bucket.s3.eu-central-1.amazonaws.com/b.jpg"),
    ];
    for (index, (_, expected)) in order.iter().enumerate() {
        let mut entries: Vec<Value> = order[index..].iter().map(|(entry, _)| entry.clone()).collect();
        assert_eq!(chosen(&entries).0, *expected, "{index}");
        entries.reverse();
        assert_eq!(chosen(&entries).0, *expected, "{index}, reversed");
    }
}

#[test]
fn a_failure_that_was_repaired_is_said_so_and_comes_last() {
    let (failed, stored) = (put("/a.jpg").har_entry(403, &[], ""), put("/a.jpg").har_entry(200, &[], ""));
    let key = |path: &str| format!("PUT my-bucket.s3.eu-central-1.amazonaws.com{path}");
    assert_eq!(chosen(&[failed.clone(), stored.clone()]), (key("/a.jpg"), Some(200)));
    // A success before it repairs nothing.
    assert_eq!(chosen(&[stored.clone(), failed.clone()]), (key("/a.jpg"), None));
    let other = put("/b.jpg").har_entry(403, &[], "");
    assert_eq!(chosen(&[other.clone(), failed.clone(), stored.clone()]), (key("/b.jpg"), None));
    assert_eq!(chosen(&[failed.clone(), other, failed.clone()]), (key("/a.jpg"), None));
    // The answer to the preflight is no upload.
    let preflight = Request { method: "OPTIONS".to_owned(), ..put("/a.jpg") }.har_entry(200, &[], "");
    assert_eq!(chosen(&[failed, preflight]), (key("/a.jpg"), None));
}

/// Browsers follow a redirect after a preflight that was in order.
#[test]
fn a_redirect_that_was_followed_is_repaired() {
    let mut elsewhere = put("/a.jpg");
    elsewhere.host = "my-bucket.s3-eu-central-1.amazonaws.com".to_owned();
    let mut redirected = put("/a.jpg").har_entry(307, &[], "");
    redirected["response"]["redirectURL"] = elsewhere.url().into();
    let first = "PUT my-bucket.s3.eu-central-1.amazonaws.com/a.jpg".to_owned();
    assert_eq!(chosen(&[redirected.clone(), elsewhere.har_entry(200, &[], "")]), (first, Some(200)));
    let last = "PUT my-bucket.s3-eu-central-1.amazonaws.com/a.jpg".to_owned();
    assert_eq!(chosen(&[redirected, elsewhere.har_entry(403, &[], "")]), (last, None));
}

#[test]
fn another_part_does_not_repair_a_part() {
    let part = |number: &str, status| {
        let mut part = put("/a.jpg");
        part.query.extend([("partNumber".into(), number.into()), ("uploadId".into(), "u".into())]);
        part.har_entry(status, &[], "")
    };
    assert_eq!(chosen(&[part("1", 503), part("2", 200)]).1, None);
    assert_eq!(chosen(&[part("1", 503), part("2", 200), part("1", 200)]).1, Some(200));
}

/// HAR 1.2 allows fields in place of a text, and some programs write the text in base64.
#[test]
fn forms_are_read_in_every_notation() {
    let boundary = "multipart/form-data; boundary=X";
    let policy = "eyJleHBpcmF0aW9uIjoiMjAzMC0wMS0wMVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbWyJzdGFydHMtd2l0aCIsIiRrZXkiLCJhLyJdXX0=";
    let fields = [
        ("key", "b/1.jpg"),
        ("policy", policy),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-ignore-note", "x"),
        ("x-amz-signature", "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
    ];
    let parts = fields.iter().map(|(name, value)| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let body = parts.collect::<String>() + "--X--\r\n";
    let encoded = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&body)
    };
    let params: Vec<Value> =
        fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    for data in [
        json!({"mimeType": boundary, "text": body}),
        json!({"mimeType": boundary, "text": encoded, "encoding": "base64"}),
        json!({"mimeType": boundary, "params": params}),
        json!({"mimeType": "multipart/form-data", "text": "", "params": params}),
    ] {
        let request =
            plain("POST", "my-bucket.s3.eu-central-1.amazonaws.com", "/", &[("content-type", boundary)]);
        let mut entry = request.har_entry(403, &[], "");
        entry["request"]["postData"] = data.clone();
        let found = diagnose(&Evidence::read(har(&[entry]).as_bytes()).unwrap());
        assert!(
            found.iter().any(|it| it.certain && it.field.to_string() == "form-field:key"),
            "{data}: {found:#?}"
        );
        assert!(found.iter().all(|it| it.field.to_string() != "form-field:x-ignore-note"), "{found:#?}");
    }
}

/// Chrome names the error of a request without an answer.
#[test]
fn errors_of_the_network_are_named() {
    let failed = |name: &str| {
        let mut entry = put("/a.jpg").har_entry(0, &[], "");
        entry["response"]["_error"] = name.into();
        diagnose(&Evidence::read(har(&[entry]).as_bytes()).unwrap()).remove(0)
    };
    let blocked = failed("net::ERR_BLOCKED_BY_CLIENT");
    assert_eq!((blocked.cause.code, blocked.certain), ("network-error", false));
    assert!(blocked.sentence.contains("ad blocker"), "{blocked:#?}");
    assert!(failed("net::ERR_CONNECTION_RESET").sentence.contains("ERR_CONNECTION_RESET"));
    // The browser blocked it itself, and does not say why.
    for name in ["net::ERR_FAILED", "net::ERR_ABORTED", ""] {
        assert!(!failed(name).sentence.contains("ERR_"), "{name}");
    }
}

/// The answer to a form can be a redirect to a page.
#[test]
fn a_form_that_leads_to_a_page_has_not_failed() {
    let form = plain(
        "POST",
        "my-bucket.s3.eu-central-1.amazonaws.com",
        "/",
        &[("content-type", "multipart/form-data")],
    );
    let entry = form.har_entry(303, &[("Location", "https://app.example.com/done")], "");
    assert_eq!(Evidence::read(har(&[entry]).as_bytes()).unwrap_err().code(), "no-failure");
}

#[test]
fn rows_of_web_sockets_are_no_requests() {
    let mut socket = plain("GET", "app.example.com", "/live", &[]).har_entry(0, &[], "");
    socket["_resourceType"] = "websocket".into();
    socket["request"]["url"] = "wss://app.example.com/live".into();
    let mut upload = put("/a.jpg").har_entry(403, &[], &code("ExpiredToken"));
    upload["response"]["_error"] = Value::Null;
    let found = diagnose(&Evidence::read(har(&[upload, socket.clone()]).as_bytes()).unwrap());
    check(&found, &expected("credentials-expired", "credentials", "configuration", true));
    assert_eq!(Evidence::read(har(&[socket]).as_bytes()).unwrap_err().code(), "no-failure");
}

/// S3 begins the answer to CompleteMultipartUpload with 200, and may end it with an error.
#[test]
fn an_error_with_the_status_200_is_a_failure() {
    let complete = Request::new("POST", "/a.jpg", &[]);
    let error = code("InternalError").replace("<Error>", "\n\n<Error>");
    let failed = complete.har_entry(200, &[], &error);
    let stored = complete.har_entry(200, &[], "<CompleteMultipartUploadResult/>");
    let read = |entries: &[Value]| Evidence::read(har(entries).as_bytes());
    let evidence = read(std::slice::from_ref(&failed)).unwrap();
    assert_eq!(diagnose(&evidence)[0].cause.code, "store-error");
    // The same failure is no repair.
    assert!(read(&[failed.clone(), failed.clone()]).unwrap().request().unwrap().later_success.is_none());
    assert!(read(&[failed, stored.clone()]).unwrap().request().unwrap().later_success.is_some());
    assert_eq!(read(&[stored]).unwrap_err().code(), "no-failure");
}
