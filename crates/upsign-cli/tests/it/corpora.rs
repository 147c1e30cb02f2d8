//! What the SDKs of two languages signed, signed again by `upsign presign --batch` and `upsign post --batch`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use upsign_sigv4::stages::SigningKey;

use crate::run::upsign;

const BOTO_URLS: &str = include_str!("../../../upsign-testing/vectors/boto3_presigned_url.jsonl");
const JS_URLS: &str = include_str!("../../../upsign-testing/vectors/js_presigned_url.jsonl");
const BOTO_FORMS: &str = include_str!("../../../upsign-testing/vectors/boto3_presigned_post.jsonl");
const JS_FORMS: &str = include_str!("../../../upsign-testing/vectors/js_presigned_post.jsonl");

/// Rows whose answer differs on purpose. boto3 puts a dotted bucket before an IPv6 literal, which is no URL; and the
/// JavaScript SDK's form goes to the global endpoint, which redirects.
const ON_PURPOSE: [&str; 2] = ["boto3-0303-endpoint", "jspost-33-addr"];

/// Inputs that may be refused though the SDK signs them.
const REFUSABLE: [&str; 8] = [
    "dot-segment-key",
    "empty-segment-key",
    "control-char-key",
    "expires-out-of-range",
    "boto3-drops-this-content-type",
    "boto3-fips-host-region-mismatch",
    "boto3-mrap-signed-with-v4-not-v4a",
    "header-value-needs-trim-or-collapse",
];

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The answers by id.
fn answers(command: &[&str], requests: &[Value]) -> BTreeMap<String, Value> {
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let run = upsign(command).given(&lines);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(
        ids,
        requests.iter().map(|request| &request["id"]).collect::<Vec<_>>(),
        "one answer a line, in order"
    );
    let some_refused = answers.iter().any(|answer| answer.get("error").is_some());
    run.exits(if some_refused { 3 } else { 0 });
    answers.into_iter().map(|answer| (answer["id"].as_str().unwrap().to_owned(), answer)).collect()
}

fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

fn endpoint(client: &Value) -> Value {
    let s3 = &client["s3"];
    let either = |a: &str, b: &str| flag(&client[a]) || flag(&client[b]);
    let url = if client["endpoint_url"].is_null() { &client["endpoint"] } else { &client["endpoint_url"] };
    let style = s3["addressing_style"].as_str().unwrap_or("auto");
    let mut made = json!({
        "url": url,
        "addressing": if flag(&client["forcePathStyle"]) { "path" } else { style },
        "dualstack": either("dualstack", "useDualstackEndpoint"),
        "fips": either("fips", "useFipsEndpoint"),
        "accelerate": flag(&s3["use_accelerate_endpoint"]) || flag(&client["useAccelerateEndpoint"]),
    });
    for named in [&s3["use_arn_region"], &client["useArnRegion"]] {
        if !named.is_null() {
            made["use_arn_region"] = named.clone();
        }
    }
    made
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let list = value.as_array().cloned().unwrap_or_default();
    let text = |pair: &Value, at: usize| pair[at].as_str().unwrap().to_owned();
    list.iter().map(|pair| (text(pair, 0), text(pair, 1))).collect()
}

/// `put_object` is `PutObject` to us.
fn operation(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    if name.contains('_') { name.split('_').map(capital).collect() } else { name.to_owned() }
}

/// What an SDK puts into the query and S3 takes as a header is a header here.
fn url_request(row: &Value) -> Value {
    let (params, expected) = (&row["params"], &row["expected"]);
    let mut headers = pairs(&expected["required_headers"]);
    headers.retain(|(name, _)| name != "host");
    let mut query = Vec::new();
    for (name, value) in pairs(&expected["extra_query"]) {
        let lower = name.to_ascii_lowercase();
        if ["partnumber", "uploadid", "uploads", "x-id", "x-amz-content-sha256"].contains(&lower.as_str()) {
            continue;
        }
        if lower.starts_with("x-amz-") { headers.push((lower, value)) } else { query.push((name, value)) }
    }
    for (name, value) in pairs(&expected["unsigned_headers"]) {
        let parameter = name.replace('-', "");
        let given = params.as_object().unwrap().keys().any(|have| have.eq_ignore_ascii_case(&parameter));
        if ["content-type", "cache-control"].contains(&name.as_str()) && given {
            headers.push((name, value));
        }
    }
    let mut request = json!({
        "id": row["id"], "operation": operation(row["operation"].as_str().unwrap()), "bucket": params["Bucket"],
        "key": params["Key"], "region": row["client"]["region"], "endpoint": endpoint(&row["client"]),
        "headers": headers, "query": query, "expires_in": row["expires"], "at": row["now"],
        "credentials": row["credentials"], "backend": "sigv4",
    });
    for (from, to) in [("UploadId", "upload_id"), ("PartNumber", "part_number")] {
        if !params[from].is_null() {
            request[to] = params[from].clone();
        }
    }
    request
}

fn may_refuse(row: &Value) -> bool {
    let quirks = row["quirks"].as_array().cloned().unwrap_or_default();
    let bucket = row["params"]["Bucket"].as_str().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let bad_name = !bucket.starts_with("arn:")
        && (!bucket.chars().all(plain)
            || bucket.parse::<std::net::Ipv4Addr>().is_ok()
            || bucket.starts_with("xn--"));
    row.get("error").is_some()
        || quirks.iter().any(|quirk| REFUSABLE.contains(&quirk.as_str().unwrap()))
        || bad_name
        || bucket.contains(":s3-object-lambda:")
        || row["client"]["region"] == "aws-global"
}

/// The parameters of a URL by name, still encoded.
fn query(url: &str) -> BTreeMap<&str, &str> {
    let query = url.split_once('?').unwrap().1;
    query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))).collect()
}

fn check_urls(corpus: &str, least_identical: usize) {
    let rows = rows(corpus);
    let requests: Vec<Value> = rows.iter().map(url_request).collect();
    let answers = answers(&["presign", "--batch"], &requests);
    let (mut identical, mut wrong) = (0, BTreeSet::new());
    for row in &rows {
        let (id, expected) = (row["id"].as_str().unwrap(), &row["expected"]);
        let Some(url) = answers[id]["url"].as_str() else {
            assert!(may_refuse(row), "{id} is refused: {}", answers[id]);
            continue;
        };
        if row.get("error").is_some() {
            continue;
        }
        let (ours, theirs) = (query(url), query(expected["url"].as_str().unwrap()));
        let after_scheme = url.split_once("://").unwrap().1.split_once('?').unwrap().0;
        let (host, path) = after_scheme.split_at(after_scheme.find('/').unwrap());
        if path != expected["path"].as_str().unwrap() {
            wrong.insert(id.to_owned());
            continue;
        }
        assert_eq!(ours["X-Amz-Expires"], theirs["X-Amz-Expires"], "{id}");
        assert_eq!(ours.get("X-Amz-Security-Token"), theirs.get("X-Amz-Security-Token"), "{id}");
        let same = |name: &str| ours.get(name) == theirs.get(name);
        let names =
            |of: &BTreeMap<&str, &str>| of.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        if host == expected["canonical_host"].as_str().unwrap()
            && same("X-Amz-SignedHeaders")
            && names(&ours) == names(&theirs)
        {
            assert_eq!(ours["X-Amz-Signature"], expected["signature"].as_str().unwrap(), "{id}");
            identical += 1;
        }
    }
    assert!(identical >= least_identical, "only {identical} signatures could be compared");
    assert!(wrong.iter().all(|id| ON_PURPOSE.contains(&id.as_str())), "{wrong:?}");
}

#[test]
fn urls_of_boto3() {
    check_urls(BOTO_URLS, 230);
}

/// Most of this SDK's URLs carry `x-id` or hoist headers into the query, so that few can be compared to the letter.
#[test]
fn urls_of_the_javascript_sdk() {
    check_urls(JS_URLS, 0);
}

fn form_request(row: &Value, style: &str) -> Value {
    json!({
        "id": row["id"], "bucket": row["bucket"], "key": row["key"], "fields": row["fields"].as_object().cloned().unwrap_or_default(),
        "conditions": row["conditions"].as_array().cloned().unwrap_or_default(), "region": row["client"]["region"],
        "endpoint": endpoint(&row["client"]), "expires_in": row["expires"], "at": row["now"],
        "credentials": row["credentials"], "style": style,
    })
}

/// The conditions of a policy in one form: operator, field, value.
fn conditions(policy: &Value) -> BTreeSet<String> {
    let mut flat = BTreeSet::new();
    for condition in policy["conditions"].as_array().unwrap() {
        match condition {
            Value::Object(exact) => {
                flat.extend(exact.iter().map(|(name, value)| format!("eq ${} {value}", name.to_lowercase())));
            }
            other => {
                let text =
                    |at: usize| other[at].as_str().map_or_else(|| other[at].to_string(), str::to_lowercase);
                flat.insert(format!("{} {} {}", text(0), text(1), other[2]));
            }
        }
    }
    flat
}

fn lower(fields: &Map<String, Value>) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned())).collect()
}

fn check_forms(corpus: &str, style: &str) {
    let rows = rows(corpus);
    let requests: Vec<Value> = rows.iter().map(|row| form_request(row, style)).collect();
    let answers = answers(&["post", "--batch"], &requests);
    let mut signed = 0;
    for row in rows.iter().filter(|row| row.get("error").is_none()) {
        let id = row["id"].as_str().unwrap();
        let Some(fields) = answers[id]["fields"].as_object() else { continue };
        let (expected, fields) = (&row["expected"], lower(fields));
        if !ON_PURPOSE.contains(&id) {
            let url = |value: &Value| value.as_str().unwrap().trim_end_matches('/').to_owned();
            assert_eq!(url(&answers[id]["url"]), url(&expected["url"]), "{id}");
        }
        let scope: Vec<&str> = fields["x-amz-credential"].split('/').collect();
        let secret = row["credentials"]["secret_access_key"].as_str().unwrap();
        let at = row["now"].as_str().unwrap().parse().unwrap();
        let key = SigningKey::derive(secret, at, scope[2], scope[3]);
        assert_eq!(key.sign(&fields["policy"]), fields["x-amz-signature"], "{id}");
        let document = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &fields["policy"]).unwrap();
        let ours = conditions(&serde_json::from_slice(&document).unwrap());
        let lost: Vec<_> = conditions(&expected["policy"]).difference(&ours).cloned().collect();
        assert!(lost.is_empty(), "{id} lost {lost:?}");
        for name in fields.keys().filter(|name| !["policy", "x-amz-signature"].contains(&name.as_str())) {
            let covered =
                ours.iter().any(|condition| condition.split(' ').nth(1) == Some(&format!("${name}")));
            assert!(covered, "{id}: no condition covers {name}");
        }
        signed += 1;
    }
    assert!(signed * 2 > rows.len(), "only {signed} of {} forms were signed", rows.len());
}

#[test]
fn forms_of_boto3() {
    check_forms(BOTO_FORMS, "boto3");
}

#[test]
fn forms_of_the_javascript_sdk() {
    check_forms(JS_FORMS, "js");
}

/// A bad line is answered in its place, and the rest goes on.
#[test]
fn a_bad_line_stops_nothing() {
    let good = json!({
        "id": "good", "operation": "PutObject", "bucket": "abc", "key": "k", "region": "us-east-1", "expires_in": 60,
        "at": "2026-01-01T00:00:00Z", "credentials": {"access_key_id": "AKID", "secret_access_key": "secret"},
    });
    let run = upsign(&["presign", "--batch"]).given(&format!("not json\n{good}\n{{\"id\":7}}\n"));
    run.exits(3);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0]["error"]["code"].is_string() && answers[2]["error"]["code"].is_string());
    assert!(answers[1]["url"].as_str().unwrap().starts_with("https://abc.s3.us-east-1.amazonaws.com/k?"));
    assert!(!run.stdout().contains("secret"));
}
