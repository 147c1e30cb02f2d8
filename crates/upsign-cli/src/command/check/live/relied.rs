//! What a route relies on of its store, by the names of `upsign probe`.

use std::collections::BTreeSet;

use upsign_config::RouteConfig;
use upsign_policy::UploadMethod;

/// Names of capabilities by the header that needs them.
const OF_HEADERS: [(&str, &str); 9] = [
    ("content-length", "signed_length"),
    ("content-type", "signed_type"),
    ("if-none-match", "if_none_match"),
    ("if-match", "if_match"),
    ("x-amz-tagging", "tags"),
    ("x-amz-acl", "acl"),
    ("x-amz-storage-class", "storage_class"),
    ("x-amz-expected-bucket-owner", "expected_bucket_owner"),
    ("x-amz-website-redirect-location", "website_redirect"),
];

/// Returns the names of the capabilities that the uploads of a route need.
pub(super) fn capabilities(route: &RouteConfig) -> BTreeSet<String> {
    let policy = &route.policy;
    let mut names: BTreeSet<String> =
        ["put", "signature_required", "signature_verified"].map(str::to_owned).into();
    let mut add = |name: &str| {
        names.insert(name.to_owned());
    };
    for header in policy.signed_header_names() {
        if let Some((_, name)) = OF_HEADERS.iter().find(|(known, _)| *known == header) {
            add(name);
        }
        if let Some(algorithm) = header.strip_prefix("x-amz-checksum-") {
            add(&format!("checksums.put.{algorithm}"));
        }
    }
    if policy.method() == UploadMethod::Post {
        add("post");
    }
    if policy.multipart().is_some() {
        add("multipart");
        for header in policy.part_header_names() {
            if let Some(algorithm) = header.strip_prefix("x-amz-checksum-") {
                add(&format!("checksums.part.{algorithm}"));
            }
        }
        if policy.completes_only_new() {
            add("complete_if_none_match");
        }
    }
    if policy.pending_template().is_some() {
        ["copy", "copy_source_if_match"].into_iter().for_each(&mut add);
        if policy.no_overwrite() {
            add("copy_if_none_match");
        }
    }
    names
}
