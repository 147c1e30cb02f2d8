//! `upsign revoke`: the policy on standard output, its effects on standard error, and what is refused.

use crate::run::{CONFIG, Finished, upsign};

const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const AT: &str = "--at=2026-01-01T00:05:00Z";
const KEY: &str =
    "articles/6f1c2c1e-8a0b-4b1e-9c8e-0a4b1d2c3e4f/raw/0d9a2b4c-5e6f-4a1b-8c2d-3e4f5a6b7c8d.jpg";

fn url(key: &str) -> String {
    format!(
        "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAY34FZKBOKMUTVV7A%2F20260101%2Fap-southeast-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Security-Token=IQoJb3JpZ2luCanarySessionToken%2B%2F&X-Amz-Signature={SIGNATURE}"
    )
}

#[track_caller]
fn has_no_secret(run: &Finished) {
    for text in [run.stdout(), run.stderr()] {
        assert!(!text.contains(SIGNATURE.get(..8).unwrap()) && !text.contains("CanarySession"), "{text}");
    }
}

#[test]
fn policy_is_printed_to_standard_output_and_its_effects_to_standard_error() {
    for run in [
        upsign(&["revoke", &url("a.jpg"), AT]).output(),
        upsign(&["revoke", "-", AT]).output_for_input(&url("a.jpg")),
        upsign(&["revoke", "url.txt", AT]).file("url.txt", &url("a.jpg")).output(),
    ] {
        run.exits(0);
        let policy: serde_json::Value = serde_json::from_str(&run.stdout()).unwrap();
        assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:s3:::article-images-bucket/a.jpg");
        let notes = run.stderr();
        for line in [
            "   stops        the URL\n",
            "   leaves       a presigned URL for another key, as old\n",
            "   remove       the statement from 2026-01-01T00:15:00Z on\n",
            "aws s3api get-bucket-policy --bucket article-images-bucket",
            "aws s3api put-bucket-policy --bucket article-images-bucket --policy file://policy.json\n",
        ] {
            assert!(notes.contains(line), "{line} is not in:\n{notes}");
        }
        has_no_secret(&run);
    }
}

#[test]
fn statement_is_added_to_the_present_policy() {
    let present = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    let command = ["revoke", &url("a.jpg"), AT, "--bucket-policy", "present.json", "--json"];
    let run = upsign(&command).file("present.json", present).output();
    run.exits(0);
    let result = run.json();
    assert_eq!(result["policy"]["Statement"][0]["Sid"], "OnlyTls");
    assert_eq!(result["policy"]["Statement"][1], result["statement"]);
    assert_eq!(result["removableAt"], "2026-01-01T00:15:00Z");
    assert_eq!(result["apply"].as_array().unwrap().len(), 1);
    let manual = include_str!("../../../upsign/src/manual/howto/revoke.rs");
    for member in result.as_object().unwrap().keys() {
        assert!(manual.contains(&format!("`{member}`")), "the manual does not describe {member}");
    }
    has_no_secret(&run);
}

#[test]
fn callers_and_sessions_are_revoked_in_the_bucket_of_the_configuration() {
    let config = CONFIG.replace("{article_id}/raw/{id}", "{sub}/{article_id}/{id}");
    let run = upsign(&["revoke", "--caller", "alice", "--config", "upsign.toml", "--json"])
        .file("upsign.toml", &config)
        .output();
    run.exits(0);
    assert_eq!(
        run.json()["statement"]["Resource"],
        "arn:aws:s3:::article-images-bucket/articles/alice/*/*.*"
    );
    let run = upsign(&["revoke", "--issued-before", "now", "--config", "upsign.toml", "--json"])
        .file("upsign.toml", CONFIG)
        .output();
    run.exits(0);
    assert_eq!(run.json()["kind"], "issued-before");
    let run = upsign(&["revoke", "--user-id", "AROAIOSFODNN7EXAMPLE:a-b", "--bucket", "uploads", "--json"])
        .output();
    run.exits(0);
    assert_eq!(run.json()["bucket"], "uploads");
}

#[test]
fn url_of_a_route_is_accepted_with_its_configuration() {
    let run =
        upsign(&["revoke", &url(KEY), AT, "--config", "upsign.toml"]).file("upsign.toml", CONFIG).output();
    run.exits(0);
}

#[test]
fn what_cannot_be_revoked_ends_with_its_code() {
    let expired = url("a.jpg");
    let elsewhere =
        expired.replace("article-images-bucket.s3.ap-southeast-1.amazonaws.com", "localhost:9000/b");
    let cases: [(&[&str], i32, &str); 10] = [
        (
            &[&expired, "--at=2026-01-01T01:00:00Z"],
            1,
            "nothing to revoke: the URL expired at 2026-01-01T00:15:00Z",
        ),
        (&[&elsewhere, AT], 2, "does not lead to a bucket of Amazon S3"),
        (&[&expired, AT, "--config", "upsign.toml"], 2, "not one that a route of --config issues"),
        (&[&expired, AT, "--bucket", "other"], 2, "leads to the bucket article-images-bucket, not to other"),
        (&[&expired, AT, "--bucket-policy", "upsign.toml"], 2, "upsign.toml: the present policy is not"),
        (&["https://example.com/a.jpg"], 2, "signature"),
        (&["a.jpg?X-Amz-Signature=aeeed9bb"], 2, "neither a URL nor a file"),
        (&["--caller", "alice", "--config", "upsign.toml"], 2, "no route of this bucket has keys with {sub}"),
        (&["--issued-before", "now"], 2, "which bucket? pass --bucket, or --config"),
        (&["--user-id", "alice", "--bucket", "uploads"], 2, "not a unique id of IAM"),
    ];
    for (arguments, code, message) in cases {
        let command: Vec<&str> = std::iter::once("revoke").chain(arguments.iter().copied()).collect();
        let run = upsign(&command).file("upsign.toml", CONFIG).output();
        run.exits(code);
        assert!(
            run.stderr().replace("\n  ", " ").contains(message),
            "{message} is not in:\n{}",
            run.stderr()
        );
        assert_eq!(run.stdout(), "", "{arguments:?}");
        has_no_secret(&run);
    }
}
