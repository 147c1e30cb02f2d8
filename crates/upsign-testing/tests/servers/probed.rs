//! The experiments of `upsign-probe`: they find exactly the deviations of `probed.txt`, among them every one that the suites know, and
//! leave the bucket empty.

use std::collections::BTreeSet;

use upsign::fill_random;
use upsign_probe::{Holds, HttpTransport, Plan, PlanOptions, ProbePrefix, ProbedStore, Report, Stop, probe};

use crate::server::{Server, ServerName, now};
use crate::{admin, deviations, route_headers};

/// One line for each finding that is not `yes`: server, in which buckets, capability, finding, evidence.
const TABLE: &str = include_str!("probed.txt");
/// The deviations of the suite of `upsign-objects`.
const OF_OBJECTS: &str = include_str!("../../../upsign-objects/tests/stores/deviations.rs");

/// The deviations that other suites know, by their description, and the capability that an experiment finds missing.
const KNOWN: [(ServerName, &str, &str); 11] = [
    (
        ServerName::SeaweedFs,
        "checks when a URL expires, but not whether its date is in the future",
        "future_refused",
    ),
    (
        ServerName::SeaweedFs,
        "treats application/octet-stream as a missing type and derives one from the key",
        "content_type_kept",
    ),
    (
        ServerName::SeaweedFs,
        "answers If-Match for a key without an object with 412 instead of 404",
        "if_match_without_object",
    ),
    (
        ServerName::Ministack,
        "treats a URL without X-Amz-Signature as not presigned, and trusts its access key",
        "signature_required",
    ),
    (
        ServerName::Ministack,
        "verifies AWS4-HMAC-SHA256 only, and trusts the access key for every other algorithm",
        "algorithm_verified",
    ),
    (ServerName::Ministack, "does not require x-amz-* headers to be signed", "unsigned_headers_refused"),
    (
        ServerName::Ministack,
        "does not require x-amz-* headers to be signed; PUT and CreateMultipartUpload refuse the ACL itself",
        "unsigned_acl_refused",
    ),
    (
        ServerName::Ministack,
        "sends the value of a response-* parameter in Latin-1 instead of UTF-8",
        "response_overrides",
    ),
    (ServerName::Ministack, "ignores the field of forms", "form_website_redirect"),
    (ServerName::Ministack, "does not say whether an object has a bucket key", "bucket_key"),
    (ServerName::Ministack, "does not compare the owner of the bucket", "expected_bucket_owner"),
];

/// Those of the suite of `upsign-objects`, by the names of its cases.
const KNOWN_OF_OBJECTS: [(ServerName, &str, &str); 9] = [
    (ServerName::SeaweedFs, "upload_that_is_gone_is_no_such_upload", "aborted_upload_is_gone"),
    (ServerName::SeaweedFs, "wrong_object_size_is_refused", "object_size"),
    (ServerName::Ministack, "get_returns_the_range_of_a_version", "range_of_version"),
    (ServerName::Ministack, "small_part_is_entity_too_small", "small_parts_refused"),
    (ServerName::Ministack, "copy_if_absent_keeps_the_object", "copy_if_none_match"),
    (ServerName::Ministack, "one_of_sixteen_copies_if_absent_wins", "copy_if_none_match"),
    (ServerName::Ministack, "full_object_crc64nvme_is_compared", "full_object_checksums.crc64nvme"),
    (ServerName::Ministack, "full_object_crc32_is_compared", "full_object_checksums.crc32"),
    (ServerName::Ministack, "wrong_secret_is_signature_does_not_match", "header_signature_verified"),
];

/// Examines a bucket that keeps versions, and one that does not. Returns what differs from the tables, and what is left in the
/// buckets.
///
/// Also returns a summary of each run.
pub(crate) async fn run(with_versions: &Server, without: &Server) -> (Vec<String>, Vec<String>) {
    let name = with_versions.name;
    let reports = [report(with_versions).await, report(without).await];
    let (mut failures, mut summaries) = (Vec::new(), Vec::new());
    for (server, report) in [with_versions, without].into_iter().zip(&reports) {
        let left = admin::keys(&server.http, &server.long_term, ProbePrefix::START).await;
        // The embedded server lists no versions.
        let is_certain = report.left_over.is_certain || name == ServerName::Local;
        if !left.is_empty() || !report.left_over.keys.is_empty() || !is_certain {
            failures.push(format!("{name}: left over: {left:?}, {:?}", report.left_over.keys));
        }
        let [yes, no, unknown] = report.counts();
        let (requests, removed) = (report.requests, report.removed);
        summaries.push(format!(
            "{name}: {yes} yes, {no} no, {unknown} unknown; {requests} requests, {removed} removed"
        ));
    }
    // The releases of RustFS differ.
    if name != ServerName::RustFs {
        failures.extend(differences_from_table(name, &reports));
        failures.extend(unfound(name, &reports));
    }
    (failures, summaries)
}

async fn report(server: &Server) -> Report {
    let mut random = [0; 8];
    fill_random(&mut random).unwrap();
    let mut options = PlanOptions::default();
    options.kms_key = Some("alias/uploads".to_owned());
    let plan = Plan::new(ProbePrefix::new(&random), &options);
    let target = server.long_term.target.clone();
    let transport = HttpTransport::new(&target, false).unwrap();
    let store = ProbedStore::new(target, &server.long_term.credentials).unwrap();
    let report = probe(&store, &plan, &transport, &now, &Stop::new()).await.unwrap();
    assert!(report.clock_skew.is_some_and(|seconds| seconds.abs() <= 2), "{:?}", report.clock_skew);
    report
}

/// Returns the findings other than `yes`, in the form of the table.
fn lines(name: ServerName, [with_versions, without]: &[Report; 2]) -> BTreeSet<String> {
    let lines = |report: &Report| -> BTreeSet<String> {
        let found = report.findings.iter().filter(|finding| finding.holds != Holds::Yes);
        found.map(|one| format!("{} | {} | {}", one.capability, one.holds, one.evidence)).collect()
    };
    let (with_versions, without) = (lines(with_versions), lines(without));
    let line = |line: &String| {
        let place = match (with_versions.contains(line), without.contains(line)) {
            (true, true) => "always",
            (true, false) => "with versions",
            _ => "without versions",
        };
        format!("{name} | {place} | {line}")
    };
    with_versions.union(&without).map(line).collect()
}

fn differences_from_table(name: ServerName, reports: &[Report; 2]) -> Vec<String> {
    let start = format!("{name} | ");
    let expected: BTreeSet<String> =
        TABLE.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect();
    let found = lines(name, reports);
    let new = found.difference(&expected).map(|line| format!("not in probed.txt: {line}"));
    let gone = expected.difference(&found).map(|line| format!("only in probed.txt: {line}"));
    new.chain(gone).collect()
}

/// Returns the deviations of the other suites that no experiment found, and those that [`KNOWN`] does not name.
fn unfound(name: ServerName, reports: &[Report; 2]) -> Vec<String> {
    let of_suite = deviations::KNOWN.iter().map(|row| (row.server, row.behavior));
    let of_files = deviations::OF_FILES.iter().map(|row| (row.server, row.behavior));
    let of_headers = route_headers::KNOWN.iter().map(|row| (row.server, row.behavior));
    let mut unfound = Vec::new();
    let mut check = |description: &str, capability: Option<&str>| {
        let is_found = |capability| reports.iter().any(|report| report.decided(capability) == Some(false));
        if !capability.is_some_and(is_found) {
            unfound.push(format!("{name}: {description}: no experiment finds it ({capability:?})"));
        }
    };
    for (server, behavior) in of_suite.chain(of_files).chain(of_headers).filter(|row| row.0 == name) {
        let row = KNOWN.iter().find(|row| row.0 == server && row.1 == behavior);
        check(behavior, row.map(|row| row.2));
    }
    for (_, case, capability) in KNOWN_OF_OBJECTS.iter().filter(|row| row.0 == name) {
        assert!(OF_OBJECTS.contains(&format!("\"{case}\"")), "{case}");
        check(case, Some(*capability));
    }
    let rows = OF_OBJECTS.split("pub(crate) const KNOWN").nth(1).unwrap().matches("row(").count();
    assert_eq!(rows, KNOWN_OF_OBJECTS.len());
    unfound
}
