//! Requests that boto3 and the SDK for JavaScript signed, signed again by `presign --batch` and `post --batch`, and the
//! corpus of upload requests of `key --batch`.

use serde_json::{Value, json};
use upsign_testing::corpora::{self, Answer, Comparison, PostRow, UrlRow};

use crate::run::upsign;

/// Runs a batch. Checks that there is one answer per line, in order, and that the exit code is 3 if a line has an error.
#[track_caller]
fn answers(command: &str, requests: &[Value]) -> Vec<Value> {
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let run = upsign(&[command, "--batch"]).output_for_input(&lines);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids = |lines: &[Value]| lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&answers), ids(requests));
    run.exits(if answers.iter().any(|answer| answer.get("error").is_some()) { 3 } else { 0 });
    for answer in &answers {
        let error = answer.get("error");
        let code = error.and_then(|error| error["code"].as_str());
        assert!(
            error.is_none()
                || code.is_some_and(|code| code.bytes().all(|b| b == b'-' || b.is_ascii_lowercase()))
        );
        assert!(error.is_none() || error.unwrap()["message"].is_string());
    }
    answers
}

fn urls(rows: &[UrlRow], backend: &str) -> Vec<(String, Comparison)> {
    let requests: Vec<Value> = rows.iter().map(|row| row.line(backend)).collect();
    let answers = answers("presign", &requests);
    let compare = |(row, answer): (&UrlRow, &Value)| {
        (row.id.clone(), row.compare(&Answer::of_line(answer), |_, _, _| true))
    };
    rows.iter().zip(&answers).map(compare).collect()
}

fn tally(comparisons: &[(String, Comparison)]) -> (usize, usize, usize) {
    corpora::tally(comparisons.iter().map(|(id, comparison)| (id.as_str(), comparison.clone())))
}

#[test]
fn urls_agree_with_boto3() {
    let (identical, equivalent, refused) = tally(&urls(&corpora::boto3_urls(), "sigv4"));
    assert_eq!(identical + equivalent + refused, 330);
    assert!(identical >= 237 && refused <= 83, "{identical} {equivalent} {refused}");
}

#[test]
fn urls_agree_with_the_javascript_sdk() {
    assert_eq!(tally(&urls(&corpora::js_urls(), "sigv4")), (0, 78, 13));
}

fn forms(rows: &[PostRow]) -> (usize, usize, usize) {
    let requests: Vec<Value> = rows.iter().map(PostRow::line).collect();
    let answers = answers("post", &requests);
    corpora::tally(rows.iter().zip(&answers).map(|(row, answer)| (row.id.as_str(), row.compare(answer))))
}

#[test]
fn forms_agree_with_boto3() {
    assert_eq!(forms(&corpora::boto3_posts()), (0, 45, 11));
}

#[test]
fn forms_agree_with_the_javascript_sdk() {
    let (identical, equivalent, refused) = forms(&corpora::js_posts());
    assert_eq!((identical + equivalent, refused), (17, 4));
}

/// aws-sigv4 cannot sign `x-amz-checksum-mode` in presigned URLs; everything else agrees.
#[test]
fn urls_signed_by_aws_sigv4() {
    let mut rows = corpora::boto3_urls();
    rows.extend(corpora::js_urls());
    let unsupported = |(_, comparison): &(String, Comparison)| matches!(comparison, Comparison::Wrong(reason) if reason.contains("x-amz-checksum-mode"));
    let (unsigned, signed): (Vec<_>, Vec<_>) = urls(&rows, "aws-sigv4").into_iter().partition(unsupported);
    assert_eq!((unsigned.len(), tally(&signed).0), (3, 236));
}

/// The backend `sigv4` leaves SigV4a to the aws-sigv4 crate.
#[test]
fn multi_region_access_points_are_signed_with_sigv4a() {
    for backend in ["sigv4", "aws-sigv4"] {
        assert_eq!(tally(&urls(&corpora::boto3_v4a_urls(), backend)), (0, 10, 2));
    }
}

#[cfg(not(feature = "sdk"))]
#[test]
fn a_backend_missing_from_the_build_is_an_error_of_the_line() {
    let requests: Vec<Value> = corpora::boto3_urls().iter().take(3).map(|row| row.line("aws-sdk")).collect();
    for answer in answers("presign", &requests) {
        assert_eq!(answer["error"]["code"], "backend-absent");
        assert!(answer["error"]["message"].as_str().unwrap().contains("--features sdk"), "{answer}");
    }
}

/// The tests of upsign-policy check the invariants of `key_policy.json`; this one checks what the command prints.
#[test]
fn key_batch_answers_valid_and_hostile_requests() {
    let corpus: Value =
        serde_json::from_str(include_str!("../../../upsign-testing/vectors/key_policy.json")).unwrap();
    let cases = corpus["cases"].as_array().unwrap();
    let fields = [
        "template",
        "sub",
        "uuid",
        "filename",
        "content_type",
        "content_disposition",
        "metadata",
        "tags",
        "content_length",
        "max_content_length",
        "max_filename_bytes",
        "allowed",
    ];
    let lines = cases.iter().map(|case| {
        let mut line = json!({"id": case["id"]});
        for field in fields {
            line[field] = case["input"].get(field).unwrap_or(&corpus["defaults"][field]).clone();
        }
        line
    });
    let lines: Vec<Value> = lines.collect();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let run = upsign(&["key", "--batch"]).output_for_input(&text);
    run.exits(0);
    let answers: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    for ((case, line), answer) in cases.iter().zip(&lines).zip(&answers) {
        assert_eq!(answer["id"], case["id"]);
        let result = answer["result"].as_str().unwrap();
        match case["expect"].as_str().unwrap() {
            "reject-or-sanitise" => {}
            expect => assert_eq!(result, expect, "{answer}"),
        }
        if let Some(suffix) = case["key_suffix"].as_str().filter(|_| result == "accept") {
            assert!(answer["key"].as_str().unwrap().ends_with(suffix), "{answer}");
            assert!(
                answer["headers"]
                    .as_array()
                    .unwrap()
                    .contains(&json!(["content-type", line["content_type"]]))
            );
        }
        if result == "reject" {
            assert!([400, 403, 413, 415].contains(&answer["http"].as_u64().unwrap()), "{answer}");
        }
    }
}
