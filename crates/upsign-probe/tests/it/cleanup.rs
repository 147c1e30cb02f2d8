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
    assert!(report.left_over.keys.is_empty() && report.left_over.removal_command().is_none());
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
    assert!(!report.left_over.is_certain && report.left_over.keys.is_empty());
    let command = "aws s3 rm --recursive s3://uploads-bucket/upsign-probe-0102030405060708/";
    assert_eq!(report.left_over.removal_command(), Some(command));
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
    assert_eq!(report.left_over.keys, [format!("{PREFIX}put/a")]);
    assert!(report.left_over.removal_command().is_some());
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
    let ProbeError::Refused { status, code, evidence, left_over } = error else { panic!("{error}") };
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert_eq!(evidence, "PutObject a: 403 AccessDenied instead of 2xx");
    assert_eq!((left_over.keys.len(), left_over.removal_command()), (0, None));
    assert!(script.sent.lock().unwrap().len() < 10);
}

#[tokio::test]
async fn unreachable_store_ends_the_run() {
    let script = script(Box::new(|_| Some(Err(NoAnswer::unsent("Connection refused")))));
    let error = script.run(&[]).await.unwrap_err();
    assert_eq!(error.to_string(), "the store cannot be reached: Connection refused");
    assert_eq!(error.left_over().removal_command(), None);
}

/// Runs against a store that accepts objects, and permits or answers nothing else. Returns the error and the number of requests.
async fn run_and_fail(put: Option<NoAnswer>, other: Result<u16, NoAnswer>) -> (ProbeError, usize) {
    let script = script(Box::new(move |request| match (request.method, &put, &other) {
        ("PUT", Some(error), _) => Some(Err(error.clone())),
        ("PUT", None, _) => None,
        (_, _, Ok(status)) => Some(Ok(error(*status, "AccessDenied"))),
        (_, _, Err(error)) => Some(Err(error.clone())),
    }));
    let error = script.run(&[]).await.unwrap_err();
    let requests = script.sent.lock().unwrap().len();
    (error, requests)
}

/// A role that may only put objects is what this project recommends for signers.
#[tokio::test]
async fn objects_that_a_failed_run_cannot_remove_are_named_with_the_command() {
    let command = "aws s3 rm --recursive s3://uploads-bucket/upsign-probe-0102030405060708/";
    let silent = || NoAnswer::new("no answer in time");
    let (refused, _) = run_and_fail(None, Ok(403)).await;
    assert_eq!(
        refused.to_string(),
        "the store refused a request that every experiment needs: GetObject a: 403 AccessDenied instead of 2xx with \
         123456789 in the body"
    );
    // An upload without an answer may have been stored. A store that answers nothing gets one DELETE.
    let (unreachable, requests) = run_and_fail(Some(silent()), Err(silent())).await;
    assert_eq!(requests, 2);
    let (unremoved, _) = run_and_fail(Some(silent()), Ok(403)).await;
    for error in [refused, unreachable, unremoved] {
        assert_eq!(error.left_over().keys, [format!("{PREFIX}put/a")], "{error}");
        assert_eq!(error.left_over().removal_command(), Some(command), "{error}");
    }
}

#[tokio::test]
async fn stores_that_stop_answering_get_no_more_experiments() {
    let script = script(Box::new(|request| {
        let is_first = request.url.contains("/put/") && request.method != "DELETE";
        (!is_first).then(|| Err(NoAnswer::new("no answer in time")))
    }));
    let report = script.run(&["put", "if_match", "checksums.put"]).await.unwrap();
    let untried = report.findings.iter().filter(|finding| finding.evidence.contains("stopped answering"));
    assert_eq!((report.findings.len(), untried.count()), (13, 9));
    assert!(report.left_over.keys.contains(&format!("{PREFIX}put/a")), "{:?}", report.left_over);
    assert_eq!(script.sent.lock().unwrap().len(), 6, "two of `put`, three of experiments, one DELETE");
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
