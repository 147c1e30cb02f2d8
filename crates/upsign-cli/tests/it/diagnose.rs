//! `upsign diagnose`: kinds of evidence, JSON, the text for people, and what is refused.

use serde_json::{Value, json};

use crate::run::upsign;

const URL: &str = "https://my-bucket.s3.eu-central-1.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
     &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900\
     &X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f";

fn har(headers: &Value) -> String {
    json!({"log": {"version": "1.2", "entries": [{"startedDateTime": "2026-01-01T00:01:00Z",
        "request": {"method": "PUT", "url": URL, "headers": headers, "bodySize": 5},
        "response": {"status": 403, "headers": [], "content": {"text": "<Error><Code>SignatureDoesNotMatch</Code></Error>"}}}]}})
    .to_string()
}

#[test]
fn a_har_is_diagnosed_in_one_object() {
    let headers = json!([{"name": "Host", "value": "my-bucket.s3.eu-central-1.amazonaws.com"}]);
    let run = upsign(&["diagnose", "upload.har", "--json"]).file("upload.har", &har(&headers)).output();
    assert_eq!(run.code(), 0);
    let found = run.json();
    assert_eq!((&found["cause"], &found["certain"]), (&json!("header-missing"), &json!(true)));
    assert_eq!((&found["field"], &found["owner"]), (&json!("header:content-type"), &json!("client")));
    assert_eq!(found["diff"], json!([{"field": "header:content-type", "signed": null, "sent": null}]));
    assert_eq!(found["sentence"], "the header content-type is signed and was not sent");
    let request = json!({"method": "PUT", "host": "my-bucket.s3.eu-central-1.amazonaws.com", "path": "/a.jpg",
        "at": "2026-01-01T00:01:00Z", "status": 403, "among": 1, "laterSuccess": null});
    assert_eq!(found["request"], request);
    let manual = include_str!("../../../upsign/src/manual/howto/diagnose.rs");
    for member in found.as_object().unwrap().keys().chain(request.as_object().unwrap().keys()) {
        assert!(manual.contains(&format!("`{member}`")), "the manual does not describe {member}");
    }
}

#[test]
fn a_person_reads_cause_fix_difference_and_proof() {
    let headers = json!([{"name": "Content-Type", "value": "text/plain"}, {"name": "Host", "value": "my-bucket.s3.eu-central-1.amazonaws.com"}]);
    let grant =
        json!({"uploadUrl": URL, "method": "PUT", "headers": {"content-type": "image/jpeg"}}).to_string();
    let run = upsign(&["diagnose", "upload.har", "--grant", "grant.json"])
        .file("upload.har", &har(&headers))
        .file("grant.json", &grant);
    let output = run.output();
    let text = output.stdout();
    for part in [
        "cause: the header content-type was sent with another value than was signed",
        "- signed  header:content-type  image/jpeg",
        "+ sent    header:content-type  text/plain",
        "fix: send the headers of the answer",
        "prove: ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("5f1e5f1e5f1e5f1e0a0b"), "{text}");
}

/// A HAR has many requests: the output says which one failed, and that a later one succeeded.
#[test]
fn the_request_of_a_har_is_named() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign-diagnose/tests/it/recorded/chromium");
    let output = upsign(&["diagnose", &format!("{folder}/retried.har")]).output();
    let chosen = "read a HAR file: PUT my-bucket.s3.eu-central-1.amazonaws.com/a/summer%202026.jpg at 2026-11-27T21:27:48Z, answered with 503 (one of 8 requests)";
    assert!(output.stderr().contains(chosen), "{}", output.stderr());
    let later =
        "later: the same request was answered with 200 at 2026-11-27T21:27:48Z: this failure was repaired";
    assert!(output.stdout().contains(later), "{}", output.stdout());
    let json = upsign(&["diagnose", &format!("{folder}/retried.har"), "--json"]).output().json();
    assert_eq!(json["request"]["laterSuccess"], json!({"at": "2026-11-27T21:27:48Z", "status": 200}));
    assert_eq!(json["request"]["among"], 8);
}

/// Each of several certain causes has a number, and each line that differs is printed once.
#[test]
fn several_causes_are_numbered_without_repetitions() {
    let grant =
        json!({"uploadUrl": URL, "method": "PUT", "headers": {"content-type": "image/jpeg"}}).to_string();
    let curl = format!("curl -X POST --data-binary @a.jpg -H 'content-type: text/plain' '{URL}'");
    let run = upsign(&["diagnose", "-", "--grant", "grant.json"]).file("grant.json", &grant);
    let output = run.output_for_input(&curl);
    let text = output.stdout();
    for part in [
        "cause 1 of 2: ",
        "cause 2 of 2: ",
        "+ sent    method  POST",
        "+ sent    header:content-type  text/plain",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{part}: {text}");
    }
}

/// A URL has the names of signed headers without their values.
#[test]
fn a_signed_header_is_not_called_unsigned() {
    let headers = json!([{"name": "Host", "value": "my-bucket.s3.eu-central-1.amazonaws.com"}]);
    let output = upsign(&["diagnose", "upload.har"]).file("upload.har", &har(&headers)).output();
    let line = "- signed  header:content-type  (signed; the value is not known)";
    assert!(output.stdout().contains(line), "{}", output.stdout());
}

#[test]
fn a_status_alone_yields_candidates() {
    let output =
        upsign(&["diagnose", "--url", URL, "--status", "403", "--at", "2026-01-02T00:00:00Z", "--json"])
            .output();
    let found = output.json();
    assert_eq!((&found["cause"], &found["certain"]), (&json!("url-expired"), &json!(false)));
    let others = found["others"].as_array().unwrap();
    assert!(others.len() > 1 && others.iter().all(|it| it["certain"] == false), "{found:#?}");
    assert!(others.iter().all(|it| it["cause"].is_string() && it.get("others").is_none()), "{found:#?}");
}

#[test]
fn the_policy_of_a_key_in_a_file_names_the_missing_permission() {
    let message = "User: arn:aws:sts::111122223333:assumed-role/signer/s is not authorized to perform: kms:GenerateDataKey on resource: \
                   arn:aws:kms:us-east-1:111122223333:key/1 because no resource-based policy allows the kms:GenerateDataKey action";
    let key = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Reports", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/reports"}, "Action": "kms:*", "Resource": "*"}]});
    // As `aws kms get-key-policy` prints it.
    for policy in [key.to_string(), json!({"Policy": key.to_string()}).to_string()] {
        let run = upsign(&["diagnose", "answer.xml", "--url", URL, "--kms-policy", "key.json", "--json"])
            .file(
                "answer.xml",
                &format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"),
            )
            .file("key.json", &policy);
        let found = run.output().json();
        assert_eq!((&found["cause"], &found["certain"]), (&json!("kms-denied"), &json!(true)), "{found:#}");
        let other = &found["others"][0];
        assert_eq!(
            (&other["cause"], &other["certain"]),
            (&json!("kms-statement"), &json!(false)),
            "{found:#}"
        );
        assert!(
            other["sentence"]
                .as_str()
                .unwrap()
                .starts_with("no statement of the policy of the KMS key permits"),
            "{other:#}"
        );
    }
}

#[test]
fn rules_of_cors_in_a_file_name_the_header() {
    let preflight = json!([{"name": "Origin", "value": "https://app.example.com"}, {"name": "Access-Control-Request-Method", "value": "PUT"},
        {"name": "Access-Control-Request-Headers", "value": "content-type"}]);
    let har = json!({"log": {"entries": [{"request": {"method": "OPTIONS", "url": URL, "headers": preflight}, "response": {"status": 403,
        "content": {"text": "<Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed.</Message></Error>"}}}]}});
    let rules = r#"[{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"]}]"#;
    let run = upsign(&["diagnose", "a.har", "--cors", "cors.json", "--json"])
        .file("a.har", &har.to_string())
        .file("cors.json", rules);
    let found = run.output().json();
    assert_eq!(
        (&found["cause"], &found["certain"], &found["field"]),
        (&json!("cors-header"), &json!(true), &json!("header:content-type"))
    );
}

#[test]
fn other_input_is_refused_with_a_code() {
    for (text, code) in [
        ("", "empty"),
        ("{\"log\":{\"entries\":[", "truncated"),
        ("<a/>", "other-xml"),
        ("hello", "unrecognized"),
    ] {
        let output = upsign(&["diagnose", "input", "--json"]).file("input", text).output();
        let error = output.json();
        assert_eq!((output.code(), &error["error"]["code"]), (2, &json!(code)), "{error}");
    }
    let output = upsign(&["diagnose", "--url", "https://example.com/x"]).output();
    assert_eq!(output.code(), 2);
    assert_eq!(upsign(&["diagnose"]).output().code(), 2);
}

/// The policy of a form is one of the fields that were sent.
#[test]
fn the_answer_with_a_form_is_no_grant() {
    let place = ["post", "a.jpg", "--bucket=abc", "--region=us-east-1", "--json"];
    let form = upsign(&place).credentials().output().stdout();
    let har = har(&json!([]));
    let run =
        upsign(&["diagnose", "a.har", "--grant", "form.json"]).file("a.har", &har).file("form.json", &form);
    run.output().exits(2).has_message("this is the answer with a form");
}

#[test]
fn a_file_of_200_mb_is_refused_at_once() {
    let run = upsign(&["diagnose", "large.har"]).file("large.har", "");
    let large = std::fs::File::create(run.folder.path().join("large.har")).unwrap();
    large.set_len(200 << 20).unwrap();
    let start = std::time::Instant::now();
    let output = run.output();
    assert!(start.elapsed().as_secs() < 5);
    assert_eq!(output.code(), 2);
    assert!(output.stderr().contains("larger than 32 MiB"));
}

/// Of a pipe, the length is not known before.
#[test]
fn standard_input_is_read_up_to_the_limit() {
    let output = upsign(&["diagnose", "-"]).output_for_input(&" ".repeat((32 << 20) + 1));
    assert_eq!(output.code(), 2);
    assert!(
        output.stderr().contains("standard input: the input is larger than 32 MiB"),
        "{}",
        output.stderr()
    );
}
