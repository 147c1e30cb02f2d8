//! What is decided, and what stays unknown.

use upsign_core::{Credentials, Provider, Resource, Target};
use upsign_probe::{Holds, Plan, PlanOptions, ProbePrefix, ProbedStore, UnsupportedStore};

use crate::script::{Script, answer, error};

/// A store that ignores every header: it has no feature, and checks no signature.
#[tokio::test]
async fn store_that_ignores_everything_has_no_feature() {
    let script = Script::new(Box::new(|_| None));
    let report = script.run(&[]).await.unwrap();
    let yes: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.holds == Holds::Yes)
        .map(|finding| finding.capability.as_str())
        .collect();
    // It answers 200 to everything, which shows no setting of the bucket.
    assert_eq!(yes, ["put"]);
    for name in ["cors_api", "lifecycle", "object_lock_enabled"] {
        assert_eq!(report.decided(name), None, "{name}");
    }
    assert_eq!(report.clock_skew, Some(90));
    let differences = report.differences(&Provider::Aws.capabilities());
    let is_different =
        |name: &str| differences.iter().any(|found| found.capability == name && found.expected);
    for name in ["signature_required", "if_none_match", "checksums.put.sha256", "post", "future_refused"] {
        assert!(is_different(name), "{name}");
    }
    let table = report.can_table(&Provider::Aws.capabilities());
    for line in ["post = false", "if_none_match = false", "full_object_checksums = false"] {
        assert!(table.lines().any(|own| own == line), "{line}: {table}");
    }
}

/// Errors of the server decide nothing.
#[tokio::test]
async fn store_with_errors_is_unknown_and_its_table_has_no_value() {
    let script = Script::new(Box::new(|request| {
        let is_first =
            request.url.contains("/put/") || request.address().ends_with(".com/") && request.method == "GET";
        (!is_first && request.method != "DELETE").then(|| Ok(error(503, "SlowDown")))
    }));
    let report = script.run(&[]).await.unwrap();
    let decided = report.findings.iter().filter(|finding| finding.holds != Holds::Unknown);
    let decided: Vec<&str> = decided.map(|finding| finding.capability.as_str()).collect();
    assert_eq!(decided[0], "put");
    assert!(decided.len() <= 6, "{decided:?}");
    let table = report.can_table(&Provider::Aws.capabilities());
    assert!(table.lines().skip(1).all(|line| line.starts_with("# ")), "{table}");
}

/// A refusal that can be a missing permission decides nothing, and the table keeps it as a comment.
#[tokio::test]
async fn denied_requests_are_unknown() {
    let script = Script::new(Box::new(|request| {
        request
            .headers
            .iter()
            .any(|(name, _)| name == "x-amz-tagging")
            .then(|| Ok(error(403, "AccessDenied")))
    }));
    let report = script.run(&["tags"]).await.unwrap();
    assert_eq!(report.decided("tags"), None);
    let table = report.can_table(&Provider::Aws.capabilities());
    let line = "# tags: unknown, PutObject a (x-amz-tagging: probe=1): 403 AccessDenied instead of 2xx";
    assert!(table.lines().any(|own| own == line), "{table}");
}

/// Text of the store appears nowhere, and neither do signatures.
#[tokio::test]
async fn evidence_and_debug_show_no_text_of_the_store_and_no_signature() {
    let script = Script::new(Box::new(|request| {
        assert!(!format!("{request:?}").contains("X-Amz-Signature"));
        request.url.contains("/if_match/").then(|| Ok(error(400, "InvalidRequest")))
    }));
    let report = script.run(&[]).await.unwrap();
    let json = report.to_json(&Provider::Aws.capabilities()).to_string();
    assert!(!json.contains("X-Amz-Signature") && !json.contains("secret text"), "{json}");
}

#[tokio::test]
async fn partial_checksums_are_a_comment() {
    let script = Script::new(Box::new(|request| {
        let wrong = request
            .headers
            .iter()
            .any(|(name, value)| name == "x-amz-checksum-sha256" && value.starts_with("AAAA"));
        wrong.then(|| Ok(error(400, "BadDigest")))
    }));
    let report = script.run(&["checksums.put"]).await.unwrap();
    assert_eq!(report.decided("checksums.put.sha256"), Some(true));
    assert_eq!(report.decided("checksums.put.crc32"), Some(false));
    let table = report.can_table(&Provider::Minio.capabilities());
    assert!(table.contains("# checksums: PUT yes sha256, no sha1, crc32, crc32c"), "{table}");
    let different: Vec<String> = report
        .differences(&Provider::Minio.capabilities())
        .into_iter()
        .map(|found| found.capability)
        .collect();
    let expected =
        ["sha1", "crc32", "crc32c", "crc64nvme", "md5"].map(|name| format!("checksums.put.{name}"));
    assert_eq!(different, expected);
}

/// The two answers with status 200 that are refusals.
#[tokio::test]
async fn error_documents_after_status_200_are_refusals() {
    let script = Script::new(Box::new(|request| {
        let is_second = request.headers.iter().any(|(name, _)| name == "if-none-match");
        (is_second && request.url.contains("/if_none_match/")).then(|| {
            let document = "<Error><Code>PreconditionFailed</Code></Error>";
            Ok(answer(200, document))
        })
    }));
    let report = script.run(&["if_none_match"]).await.unwrap();
    assert_eq!(report.decided("if_none_match"), Some(false));
}

#[test]
fn stores_whose_requests_differ_are_refused() {
    let refused = |resource: &str, region: &str| {
        let builder = Target::builder(resource.parse::<Resource>().unwrap(), region.parse().unwrap());
        let keys = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        ProbedStore::new(builder.build().unwrap(), &keys).unwrap_err()
    };
    let point = "arn:aws:s3:eu-central-1:123456789012:accesspoint/uploads";
    assert_eq!(refused(point, "eu-central-1"), UnsupportedStore::AccessPoint);
    assert_eq!(refused("uploads--euc1-az1--x-s3", "eu-central-1"), UnsupportedStore::DirectoryBucket);
}

#[test]
fn planned_requests_name_their_keys() {
    let plan = Plan::new(ProbePrefix::new(&[0; 8]), &PlanOptions::default());
    let all: Vec<String> = plan.requests().map(|request| request.to_string()).collect();
    for expected in [
        "PostObject upsign-probe-0000000000000000/post/a (at most 9 bytes) → 2xx",
        "UploadPart 1 upsign-probe-0000000000000000/multipart/a → 2xx",
        "PutObject upsign-probe-0000000000000000/future_refused/a (signed for 3600 s ahead) → 400 or 401 or 403",
        "bucket?versioning (with another signature) → 400 or 401 or 403",
    ] {
        assert!(all.iter().any(|request| request == expected), "{expected}: {all:#?}");
    }
}

#[test]
fn names_of_a_plan_are_unique_and_can_be_chosen() {
    let plan = |options: &PlanOptions| Plan::new(ProbePrefix::new(&[0; 8]), options);
    let all = plan(&PlanOptions::default());
    let mut names: Vec<&str> = all.probes().iter().map(upsign_probe::Probe::name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let mut options = PlanOptions::default();
    options.only = vec!["checksums.put".to_owned(), "post".to_owned()];
    options.kms_key = Some("alias/uploads".to_owned());
    let names: Vec<String> = plan(&options).probes().iter().map(|probe| probe.name().to_owned()).collect();
    assert_eq!((names.len(), names[0].as_str(), names.last().unwrap().as_str()), (13, "put", "post"));
    options.only.clear();
    assert!(plan(&options).probes().iter().any(|probe| probe.name() == "kms"));
    assert!(all.probes().iter().all(|probe| probe.name() != "kms" && !probe.statement().is_empty()));
}
