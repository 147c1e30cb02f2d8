//! Everything under the prefix is removed, and nothing else.

use upsign_core::{Addressing, Credentials, Target};
use upsign_probe::{NoAnswer, ProbeError, ProbedStore, Stop};

use crate::script::{PREFIX, Script, answer, error, plan};

const FOREIGN: &str = "photos/cat.jpg";

/// Returns a store with an object that does not belong to the run.
fn script(rule: crate::script::Rule) -> Script {
    let script = Script::new(rule);
    script.objects.lock().unwrap().insert(FOREIGN.to_owned(), b"cat".to_vec());
    script
}

#[tokio::test]
async fn everything_is_removed_and_other_objects_stay() {
    let script = script(Box::new(|_| None));
    let report = script.run(&[]).await.unwrap();
    assert_eq!(script.keys(), [FOREIGN]);
    assert!(report.removed > 10, "{}", report.removed);
    assert!(report.left_over.is_empty() && report.is_empty_certain && report.removal_command().is_none());
    let sent = script.sent.lock().unwrap();
    assert_eq!(sent.len(), report.requests);
    let writes = sent.iter().filter(|line| !line.starts_with("GET ") && **line != "POST ");
    for line in writes {
        let (_, key) = line.split_once(' ').unwrap();
        assert!(key.starts_with(PREFIX), "{line}");
    }
}

#[tokio::test]
async fn keys_outside_of_the_prefix_are_never_removed_whatever_a_listing_says() {
    let script = script(Box::new(|request| {
        let is_listing = request.method == "GET" && request.url.contains("?versions=")
            || request.url.contains("list-type=2");
        let entry = "<Version><Key>photos/cat.jpg</Key><VersionId>1</VersionId></Version>\
                     <Version><Key>upsign-probe-0102030405060708/</Key><VersionId>1</VersionId></Version>\
                     <Contents><Key>upsign-probe-0000/a</Key></Contents>";
        is_listing.then(|| Ok(answer(200, &format!("<R>{entry}</R>"))))
    }));
    script.run(&["if_match"]).await.unwrap();
    assert!(script.keys().contains(&FOREIGN.to_owned()));
    let sent = script.sent.lock().unwrap();
    assert!(!sent.iter().any(|line| line.starts_with("DELETE ")), "{sent:?}");
}

#[tokio::test]
async fn without_permission_to_list_everything_that_was_sent_is_removed_and_the_command_is_named() {
    let script = script(Box::new(|request| {
        let is_listing = request.method == "GET" && request.address().ends_with(".com/");
        is_listing.then(|| Ok(error(403, "AccessDenied")))
    }));
    let report = script.run(&["if_match", "if_none_match"]).await.unwrap();
    assert_eq!(script.keys(), [FOREIGN]);
    assert!(!report.is_empty_certain && report.left_over.is_empty());
    let command = "aws s3 rm --recursive s3://uploads-bucket/upsign-probe-0102030405060708/";
    assert_eq!(report.removal_command().as_deref(), Some(command));
}

#[tokio::test]
async fn versions_are_removed_one_by_one() {
    let script = script(Box::new(|request| {
        if request.method == "GET" && request.url.contains("versions=") {
            let key = format!("<Key>{PREFIX}put/a</Key>");
            let page = format!(
                "<R><Version>{key}<VersionId>v1</VersionId></Version>\
                 <DeleteMarker>{key}<VersionId>v2</VersionId></DeleteMarker></R>"
            );
            return Some(Ok(answer(200, &page)));
        }
        let is_version = request.url.contains("versionId=v1&") || request.url.contains("versionId=v2&");
        (request.method == "DELETE" && is_version).then(|| Ok(answer(204, "")))
    }));
    let report = script.run(&["put"]).await.unwrap();
    // The listing of this store never changes, so the run says that they are still there.
    assert_eq!(report.left_over, [format!("{PREFIX}put/a")]);
    assert!(report.removal_command().is_some());
    assert_eq!(report.removed, 4, "two versions, in two passes");
}

#[test]
fn removal_commands_name_the_endpoint_and_versions() {
    let prefix = upsign_probe::ProbePrefix::new(&[0; 8]);
    let aws = crate::script::store();
    assert_eq!(
        aws.removal_command(&prefix, true),
        "aws s3api delete-objects --bucket uploads-bucket --delete \"$(aws s3api list-object-versions --bucket uploads-bucket \
         --prefix upsign-probe-0000000000000000/ \
         --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}')\""
    );
    let (bucket, region) = ("uploads".parse().unwrap(), "us-east-1".parse().unwrap());
    let endpoint = "http://127.0.0.1:9000".parse().unwrap();
    let target = Target::at(&endpoint, Addressing::Path, bucket, region).unwrap();
    let keys = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let other = ProbedStore::new(target, &keys).unwrap().removal_command(&prefix, false);
    let command = "aws --endpoint-url http://127.0.0.1:9000 s3 rm --recursive s3://uploads/upsign-probe-0000000000000000/";
    assert_eq!(other, command);
}

#[tokio::test]
async fn failures_in_the_middle_are_unknown_and_end_with_the_removal() {
    let script = script(Box::new(|request| {
        request
            .url
            .contains("/if_match/")
            .then(|| Err(NoAnswer::new("connection reset")))
            .filter(|_| request.method == "PUT")
    }));
    let report = script.run(&["if_match", "delete_if_match"]).await.unwrap();
    let finding = report.finding("if_match").unwrap();
    assert_eq!((finding.holds.as_str(), finding.requests), ("unknown", 1));
    assert!(finding.evidence.ends_with("connection reset instead of 2xx"), "{}", finding.evidence);
    assert_eq!(report.decided("delete_if_match"), Some(false));
    assert_eq!(script.keys(), [FOREIGN]);
}

#[tokio::test]
async fn stopped_runs_send_nothing_but_the_removal() {
    let stop = Stop::new();
    let given = stop.clone();
    let script = script(Box::new(move |request| {
        if request.method == "PUT" && request.url.contains("/if_match/") {
            given.stop();
        }
        None
    }));
    let report = script.run_until(&[], &stop).await.unwrap();
    assert!(report.is_interrupted);
    assert_eq!(script.keys(), [FOREIGN]);
    let sent = script.sent.lock().unwrap();
    let after = sent.iter().skip_while(|line| !line.contains("/if_match/")).skip(1);
    assert!(after.clone().all(|line| line.starts_with("GET ") || line.starts_with("DELETE ")), "{sent:?}");
    assert!(after.clone().any(|line| line.starts_with("DELETE ")));
}

#[tokio::test]
async fn refused_first_upload_ends_the_run() {
    let script =
        script(Box::new(|request| (request.method == "PUT").then(|| Ok(error(403, "AccessDenied")))));
    let error = script.run(&[]).await.unwrap_err();
    let ProbeError::Refused { status, code, evidence } = error else { panic!("{error}") };
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert_eq!(evidence, "PutObject a: 403 AccessDenied instead of 2xx");
    assert!(script.sent.lock().unwrap().len() < 10);
}

#[tokio::test]
async fn unreachable_store_ends_the_run() {
    let script = script(Box::new(|_| Some(Err(NoAnswer::new("Connection refused")))));
    let error = script.run(&[]).await.unwrap_err();
    assert_eq!(error.to_string(), "the store cannot be reached: Connection refused");
}

#[tokio::test]
async fn requests_are_those_of_the_plan() {
    let script = script(Box::new(|_| None));
    let report = script.run(&[]).await.unwrap();
    let plan = plan(&[]);
    let planned = plan.requests().count();
    let sent: usize = report.findings.iter().map(|finding| finding.requests).sum();
    assert!(sent <= planned, "{sent} of {planned}");
    for probe in plan.probes() {
        assert!(
            report.finding(probe.name()).is_some_and(|finding| finding.requests <= probe.request_count())
        );
    }
}
