//! What `upsign presign --batch` and `upsign post --batch` answer to lines that are not right.

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

/// The answer to a request with one member changed.
fn answer(command: &str, mut request: Value, member: &str, value: Value) -> Value {
    let mut place = &mut request;
    for name in member.split('.') {
        place = &mut place[name];
    }
    *place = value;
    let run = upsign(&[command, "--batch"]).given(&format!("{request}\n"));
    let answer: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(answer["id"], request["id"]);
    run.exits(if answer.get("error").is_some() { 3 } else { 0 });
    assert!(!run.stdout().contains("s3cret") && !run.stderr().contains("s3cret"));
    answer
}

#[track_caller]
fn url(member: &str, value: Value, code: &str) {
    assert_eq!(answer("presign", request(), member, value)["error"]["code"], code, "{member}");
}

#[track_caller]
fn post(member: &str, value: Value, code: &str) {
    assert_eq!(answer("post", form(), member, value)["error"]["code"], code, "{member}");
}

#[test]
fn every_refusal_of_a_url_has_its_code() {
    url("bucket", json!("Bad_Bucket"), "invalid-bucket");
    url("bucket", json!("logs--use1-az4--x-s3"), "invalid-bucket");
    url("bucket", json!("arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/banner"), "invalid-arn");
    url("bucket", Value::Null, "invalid-request");
    url("region", json!("US"), "invalid-region");
    url("region", json!("aws-global"), "invalid-region");
    url("key", json!("a/../b"), "invalid-key");
    url("operation", json!("PutBucketPolicy"), "unknown-operation");
    url("operation", json!("UploadPart"), "invalid-operation");
    url("upload_id", json!("x"), "invalid-operation");
    url("upload_id", json!(""), "invalid-upload-id");
    url("part_number", json!(10_001), "invalid-part-number");
    url("part_number", json!(-1), "invalid-part-number");
    url("endpoint", json!({"url": "ftp://example.com"}), "invalid-endpoint");
    url("endpoint", json!({"addressing": "sideways"}), "invalid-addressing");
    url("endpoint", json!({"accelerate": true, "fips": true}), "invalid-endpoint");
    url("endpoint", json!({"dualstack": true, "url": "https://example.com"}), "invalid-endpoint");
    url("endpoint", json!({"adressing": "path"}), "invalid-request");
    url("headers", json!([["host", "evil"]]), "invalid-header");
    url("headers", json!([["a", "b\r\nc: d"]]), "invalid-header");
    url("headers", json!([["a", "1"], ["A", "2"]]), "invalid-header");
    url("headers", json!({"a": "b"}), "invalid-request");
    url("query", json!([["x-amz-SIGNATURE", "0"]]), "invalid-query");
    url("query", json!([["acl", ""]]), "invalid-query");
    url("expires_in", json!(0), "invalid-expires-in");
    url("expires_in", json!(604_801), "invalid-expires-in");
    url("expires_in", json!(1.5), "invalid-expires-in");
    url("at", json!("yesterday"), "invalid-time");
    url("credentials.access_key_id", json!("a/b"), "invalid-credentials");
    url("credentials.secret_access_key", json!(7), "invalid-request");
    url("backend", json!("minio"), "unknown-backend");
    url("hedaers", json!([]), "invalid-request");
}

#[test]
fn what_is_not_needed_may_be_left_out() {
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
fn every_refusal_of_a_form_has_its_code() {
    post("key", json!("../x"), "invalid-key");
    post("key", json!("${filename}${filename}"), "invalid-key");
    post("bucket", json!("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"), "unsupported");
    post("fields", json!({"x-amz-signature": "0"}), "invalid-field");
    post("fields", json!({"success_action_status": "302"}), "invalid-field");
    post("fields", json!({"acl": "private", "ACL": "private"}), "invalid-field");
    post("fields", json!({"acl": 7}), "invalid-request");
    post("conditions", json!([{"x-amz-date": "0"}]), "invalid-condition");
    post("conditions", json!([["ends-with", "$key", "x"]]), "invalid-condition");
    post("conditions", json!([["starts-with", "key", "x"]]), "invalid-condition");
    post("conditions", json!([["content-length-range", 2, 1]]), "invalid-condition");
    post("conditions", json!([["content-length-range", 1]]), "invalid-condition");
    post("conditions", json!([{"acl": "private"}, {"acl": "public-read"}]), "invalid-condition");
    post("style", json!("java"), "unknown-style");
    post("operation", json!("PutObject"), "invalid-request");
}

#[test]
fn a_form_has_a_size_whatever_was_asked() {
    let answer = answer("post", form(), "fields", json!({"acl": "private"}));
    assert_eq!(answer["url"], "https://abc.s3.us-east-1.amazonaws.com/");
    let names: Vec<&String> = answer["fields"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
}

/// A bad line is answered in its place, and the rest goes on.
#[test]
fn a_bad_line_stops_nothing() {
    let run = upsign(&["presign", "--batch"]).given(&format!("not json\n{}\n{{\"id\":7}}\n", request()));
    run.exits(3);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["id"], &answers[0]["error"]["code"]), (&Value::Null, &json!("invalid-json")));
    assert!(answers[1]["url"].is_string());
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"]), (&json!(7), &json!("invalid-request")));
}

#[test]
fn one_form_by_hand() {
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
    let told = json.exits(0).json();
    assert_eq!(told["url"], "https://abc.s3.us-east-1.amazonaws.com/");
    assert_eq!(told["fields"]["key"], "raw/${filename}");
    assert_eq!(told["expires_at"], "2026-01-01T00:15:00Z");
    let command = upsign(&arguments).credentials().output().exits(0).stdout();
    assert!(
        command.starts_with(
            "curl --form-string 'success_action_status=201' --form-string 'key=raw/${filename}' "
        )
    );
    assert!(command.trim_end().ends_with(" -F file=@FILE 'https://abc.s3.us-east-1.amazonaws.com/'"));
    upsign(&["post", "a${filename}b", "--bucket=abc", "--region=us-east-1"]).credentials().output().exits(2);
    upsign(&["post", "k", "--bucket=abc", "--region=us-east-1", "-Fkey=x"]).credentials().output().exits(2);
    upsign(&["post", "k", "--bucket=abc"]).credentials().output().exits(2).says("--region");
}

#[test]
fn access_points_by_hand() {
    let arn = "--bucket=arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
    let run = upsign(&["presign", "k", arn, "--region=us-west-2", "--json"]).credentials().output();
    let url = run.exits(0).json()["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("https://uploads-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k?"),
        "{url}"
    );
}
