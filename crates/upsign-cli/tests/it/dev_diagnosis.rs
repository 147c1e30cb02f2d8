//! `upsign dev`: the diagnosis of the page's failed uploads.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::dev::client;
use crate::run::{Serving, upsign};

fn dev() -> Serving {
    upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving()
}

/// Returns an upload of five bytes that the API granted, with its length.
fn grant(server: &Serving) -> Value {
    let token = client().get(server.url("token")).send().unwrap().text().unwrap();
    let body = json!({"contentType": "image/jpeg", "contentLength": 5});
    let asked = client().post(format!("{}upload-url", server.url("page"))).bearer_auth(token).json(&body);
    let mut grant: Value = asked.send().unwrap().json().unwrap();
    grant["contentLength"] = 5.into();
    grant
}

/// Sends an upload as the page does, and returns the page's report of it.
fn refused(grant: &Value, url: &str, content_type: &str, body: &'static str) -> Value {
    let mut put = client().put(url).body(body);
    let mut headers = grant["headers"].as_object().unwrap().clone();
    headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).for_each(
        |(_, value)| {
            *value = content_type.into();
        },
    );
    for (name, value) in &headers {
        put = put.header(name, value.as_str().unwrap());
    }
    let answer = put.send().unwrap();
    let status = answer.status().as_u16();
    json!({
        "request": {"method": "PUT", "url": url, "headers": headers, "bodySize": body.len(), "origin": "http://127.0.0.1:1"},
        "response": {"status": status, "headers": {}, "body": answer.text().unwrap()},
        "grant": grant,
    })
}

fn post(server: &Serving, report: &Value) -> Response {
    client().post(format!("{}dev/diagnose", server.url("page"))).json(report).send().unwrap()
}

/// Sends a report, and returns the answer and its first diagnosis.
#[track_caller]
fn diagnosed(server: &Serving, report: &Value) -> (Value, Value) {
    let answer = post(server, report);
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().unwrap();
    let first = answer["diagnoses"][0].clone();
    (answer, first)
}

/// The rules of the embedded server allow the page, so they are not what is to be checked.
#[test]
fn uploads_without_an_answer_are_a_matter_of_the_connection() {
    let server = dev();
    let grant = grant(&server);
    let page = server.url("page").trim_end_matches('/').to_owned();
    for (origin, cause, field) in
        [(&*page, "network-error", "host"), ("https://elsewhere.example", "cors-origin", "origin")]
    {
        let request = json!({
            "method": "PUT", "url": grant["uploadUrl"], "headers": grant["headers"], "bodySize": 5, "origin": origin,
        });
        let report = json!({"request": request, "response": {"status": 0}, "grant": grant});
        let (answer, first) = diagnosed(&server, &report);
        assert_eq!((&first["cause"], &first["field"]), (&cause.into(), &field.into()), "{answer}");
        let fix = first["fix"].as_str().unwrap();
        assert!(
            !fix.contains("check the CORS rules") && (origin != page || fix.contains("127.0.0.1")),
            "{fix}"
        );
    }
}

#[test]
fn failed_uploads_are_diagnosed() {
    let server = dev();
    let grant = grant(&server);
    let url = grant["uploadUrl"].as_str().unwrap();
    let other = url.replacen(".jpg", ".png", 1);
    for (url, content_type, body, cause, field) in [
        (url, "text/html", "hello", "header-differs", "header:content-type"),
        (url, "image/jpeg", "hello!", "length-differs", "header:content-length"),
        (&other, "image/jpeg", "hello", "path-differs", "path"),
    ] {
        let report = refused(&grant, url, content_type, body);
        assert_eq!(report["response"]["status"], 403);
        let (answer, first) = diagnosed(&server, &report);
        assert_eq!(
            (&first["cause"], &first["field"], &first["certain"]),
            (&cause.into(), &field.into(), &true.into()),
            "{answer}"
        );
        assert_eq!(first["hands"], "the program that uploads");
        let shown = answer.to_string();
        let (_, signature) = url.split_once("X-Amz-Signature=").unwrap();
        let command = answer["command"].as_str().unwrap();
        assert!(command.starts_with("upsign diagnose - <<'REPORT'\n{"), "{command}");
        assert!(!shown.contains(signature.split('&').next().unwrap()), "{shown}");
        assert!(!shown.contains(grant["uploadToken"].as_str().unwrap_or("uploadToken")), "{shown}");
        // The command gives the same diagnosis without what only this server knows.
        let report =
            command.trim_start_matches("upsign diagnose - <<'REPORT'\n").trim_end_matches("\nREPORT");
        let run = upsign(&["diagnose", "-", "--json"]).output_for_input(report);
        let found = run.exits(0).json();
        assert_eq!(found.get(0).unwrap_or(&found)["cause"], cause, "{found}");
    }
    assert_eq!(server.terminate(), 0);
}

/// Nothing but the secret key shows that the method is wrong: the answer is empty, and the URL does not contain the method.
#[test]
fn what_this_server_knows_makes_a_diagnosis_certain() {
    let server = dev();
    let grant = grant(&server);
    let report = |method: &str, origin: &str| {
        json!({
            "request": {"method": method, "url": grant["uploadUrl"], "headers": grant["headers"], "bodySize": 5, "origin": origin},
            "response": {"status": 0},
            "grant": {"uploadUrl": grant["uploadUrl"], "headers": grant["headers"], "contentLength": 5},
        })
    };
    let (_, first) = diagnosed(&server, &report("PATCH", "http://127.0.0.1:1"));
    assert_eq!((&first["cause"], &first["certain"]), (&"method-differs".into(), &true.into()), "{first}");
    // The CORS rules of the embedded server do not list this page.
    let (_, first) = diagnosed(&server, &report("PUT", "http://127.0.0.1:1"));
    assert_eq!((&first["cause"], &first["owner"]), (&"cors-origin".into(), &"cors".into()), "{first}");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn other_pages_and_unusable_reports_are_rejected() {
    let server = dev();
    let url = format!("{}dev/diagnose", server.url("page"));
    let report = json!({"request": {"method": "PUT", "url": "https://b.s3.amazonaws.com/k"}, "response": {"status": 403}});
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = client().post(&url).json(&report).header("origin", origin).send().unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
    }
    let text =
        client().post(&url).header("content-type", "text/plain").body(report.to_string()).send().unwrap();
    assert_eq!(text.status(), 415);
    assert_eq!(client().get(&url).send().unwrap().status(), 405);
    let large = json!({"request": {"method": "PUT", "url": "https://b/k"}, "response": {"body": "a".repeat(200_000)}});
    assert_eq!(post(&server, &large).status(), 413);
    for unusable in [json!({}), json!({"request": {"method": "PUT", "url": "ftp://b/k"}}), json!([1])] {
        let answer = post(&server, &unusable);
        assert_eq!(answer.status(), 400, "{unusable}");
        let problem: Value = answer.json().unwrap();
        assert_eq!(problem["code"], "request-malformed");
    }
    assert_eq!(server.terminate(), 0);
}
