//! Error codes of `presign --batch` and `post --batch`, and `upsign post` for one form.

use serde_json::{Value, json};

use crate::run::upsign;

fn request() -> Value {
    json!({
        "id": "r", "operation": "PutObject", "bucket": "abc", "key": "k", "region": "us-east-1", "expires_in": 60,
        "at": "2026-01-01T00:00:00Z",
        "credentials": {"access_key_id": "AKID", "secret_access_key": "s3cret", "session_token": null},
    })
}

fn form() -> Value {
    let mut form = request();
    form.as_object_mut().unwrap().remove("operation");
    form
}

/// Returns the answer to a request with one member changed.
fn answer(command: &str, mut request: Value, member: &str, value: Value) -> Value {
    let mut target = &mut request;
    for name in member.split('.') {
        target = &mut target[name];
    }
    *target = value;
    let run = upsign(&[command, "--batch"]).output_for_input(&format!("{request}\n"));
    let answer: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(answer["id"], request["id"]);
    run.exits(if answer.get("error").is_some() { 3 } else { 0 });
    assert!(!run.stdout().contains("s3cret") && !run.stderr().contains("s3cret"));
    answer
}

#[track_caller]
fn check_presign(member: &str, value: Value, code: &str) {
    assert_eq!(answer("presign", request(), member, value)["error"]["code"], code, "{member}");
}

#[track_caller]
fn check_post(member: &str, value: Value, code: &str) {
    assert_eq!(answer("post", form(), member, value)["error"]["code"], code, "{member}");
}

#[test]
fn presign_lines_have_stable_error_codes() {
    check_presign("bucket", json!("Bad_Bucket"), "invalid-bucket");
    check_presign("bucket", json!("logs--use1-az4--xa-s3"), "invalid-bucket");
    check_presign(
        "bucket",
        json!("arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/banner"),
        "invalid-arn",
    );
    check_presign("bucket", Value::Null, "invalid-request");
    check_presign("region", json!("US"), "invalid-region");
    check_presign("region", json!("aws-global"), "invalid-region");
    check_presign("key", json!("a/../b"), "invalid-key");
    check_presign("operation", json!("PutBucketPolicy"), "unknown-operation");
    check_presign("operation", json!("UploadPart"), "invalid-operation");
    check_presign("upload_id", json!("x"), "invalid-operation");
    check_presign("upload_id", json!(""), "invalid-upload-id");
    check_presign("part_number", json!(10_001), "invalid-part-number");
    check_presign("part_number", json!(-1), "invalid-part-number");
    check_presign("endpoint", json!({"url": "ftp://example.com"}), "invalid-endpoint");
    check_presign("endpoint", json!({"addressing": "sideways"}), "invalid-addressing");
    let doubled = "https://acct.r2.cloudflarestorage.com/abc";
    check_presign("endpoint", json!({"url": doubled}), "invalid-endpoint");
    check_presign("endpoint", json!({"accelerate": true, "fips": true}), "invalid-endpoint");
    check_presign("endpoint", json!({"dualstack": true, "url": "https://example.com"}), "invalid-endpoint");
    check_presign("endpoint", json!({"adressing": "path"}), "invalid-request");
    check_presign("headers", json!([["host", "evil"]]), "invalid-header");
    check_presign("headers", json!([["a", "b\r\nc: d"]]), "invalid-header");
    check_presign("headers", json!([["a", "1"], ["A", "2"]]), "invalid-header");
    check_presign("headers", json!({"a": "b"}), "invalid-request");
    check_presign("query", json!([["x-amz-SIGNATURE", "0"]]), "invalid-query");
    check_presign("query", json!([["acl", ""]]), "invalid-query");
    check_presign("expires_in", json!(0), "invalid-expires-in");
    check_presign("expires_in", json!(604_801), "invalid-expires-in");
    check_presign("expires_in", json!(1.5), "invalid-expires-in");
    check_presign("at", json!("yesterday"), "invalid-time");
    check_presign("credentials.access_key_id", json!("a/b"), "invalid-credentials");
    check_presign("credentials.secret_access_key", json!(7), "invalid-request");
    check_presign("backend", json!("minio"), "unknown-backend");
    check_presign("hedaers", json!([]), "invalid-request");
}

#[test]
fn optional_members_may_be_absent_or_empty() {
    for (member, value) in
        [("endpoint", json!({})), ("headers", Value::Null), ("query", json!([])), ("id", json!(7))]
    {
        let answer = answer("presign", request(), member, value);
        let url = answer["url"].as_str().unwrap();
        assert!(url.starts_with("https://abc.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm="), "{url}");
        assert_eq!(answer["expires_at"], "2026-01-01T00:01:00Z");
        assert_eq!((&answer["method"], &answer["headers"]), (&json!("PUT"), &json!([])));
    }
}

#[test]
fn post_lines_have_stable_error_codes() {
    check_post("key", json!("../x"), "invalid-key");
    check_post("key", json!("${filename}${filename}"), "invalid-key");
    check_post("bucket", json!("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"), "unsupported");
    check_post("fields", json!({"x-amz-signature": "0"}), "invalid-field");
    check_post("fields", json!({"success_action_status": "302"}), "invalid-field");
    check_post("fields", json!({"acl": "private", "ACL": "private"}), "invalid-field");
    check_post("fields", json!({"acl": 7}), "invalid-request");
    check_post("conditions", json!([{"x-amz-date": "0"}]), "invalid-condition");
    check_post("conditions", json!([["ends-with", "$key", "x"]]), "invalid-condition");
    check_post("conditions", json!([["starts-with", "key", "x"]]), "invalid-condition");
    check_post("conditions", json!([["content-length-range", 2, 1]]), "invalid-condition");
    check_post("conditions", json!([["content-length-range", 1]]), "invalid-condition");
    check_post("conditions", json!([{"acl": "private"}, {"acl": "public-read"}]), "invalid-condition");
    check_post("style", json!("java"), "unknown-style");
    check_post("operation", json!("PutObject"), "invalid-request");
}

#[test]
fn a_form_without_conditions_is_signed() {
    let answer = answer("post", form(), "fields", json!({"acl": "private"}));
    assert_eq!(answer["url"], "https://abc.s3.us-east-1.amazonaws.com/");
    let names: Vec<&String> = answer["fields"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
}

#[test]
fn an_invalid_line_does_not_stop_the_batch() {
    let run =
        upsign(&["presign", "--batch"]).output_for_input(&format!("not json\n{}\n{{\"id\":7}}\n", request()));
    run.exits(3);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["id"], &answers[0]["error"]["code"]), (&Value::Null, &json!("invalid-json")));
    assert!(answers[1]["url"].is_string());
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"]), (&json!(7), &json!("invalid-request")));
}

#[test]
fn post_prints_a_curl_command_or_json() {
    let arguments = [
        "post",
        "raw/${filename}",
        "--bucket=abc",
        "--region=us-east-1",
        "--max-size=1000",
        "--starts-with=Content-Type=image/",
        "-Fsuccess_action_status=201",
        "--at=2026-01-01T00:00:00Z",
    ];
    let json = upsign(&[&arguments[..], &["--json"]].concat()).credentials().output();
    let form = json.exits(0).json();
    assert_eq!(form["url"], "https://abc.s3.us-east-1.amazonaws.com/");
    assert_eq!(form["fields"]["key"], "raw/${filename}");
    assert_eq!(form["expires_at"], "2026-01-01T00:15:00Z");
    let command = upsign(&arguments).credentials().output().exits(0).stdout();
    assert!(
        command.starts_with(
            "curl --form-string 'success_action_status=201' --form-string 'key=raw/${filename}' "
        )
    );
    assert!(command.trim_end().ends_with(" -F file=@FILE 'https://abc.s3.us-east-1.amazonaws.com/'"));
    upsign(&["post", "a${filename}b", "--bucket=abc", "--region=us-east-1"]).credentials().output().exits(2);
    upsign(&["post", "k", "--bucket=abc", "--region=us-east-1", "-Fkey=x"]).credentials().output().exits(2);
    upsign(&["post", "k", "--bucket=abc"]).credentials().output().exits(2).has_message("--region");
}

#[test]
fn presign_accepts_an_access_point_arn() {
    let arn = "--bucket=arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
    let run = upsign(&["presign", "k", arn, "--region=us-west-2", "--json"]).credentials().output();
    let url = run.exits(0).json()["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("https://uploads-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k?"),
        "{url}"
    );
}
