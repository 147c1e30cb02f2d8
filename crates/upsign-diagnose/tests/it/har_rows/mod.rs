//! A HAR file of a failed upload, as a browser exports it, for every cause of the table.

mod recording;
mod rows;

use std::collections::BTreeSet;

use upsign_diagnose::{CAUSES, Evidence, EvidenceKind, diagnose};

/// Causes that no HAR file of a browser shows first, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "signature-mismatch",
        "a HAR file has the request, so the parts that agree are ruled out and other candidates come first",
    ),
    ("signature-too-old", "S3 answers as to any denial: it is a candidate after access-denied"),
    ("cors-hidden", "the HAR file has the answer that the page does not see, and its own cause comes first"),
    ("csp", "the browser sends nothing; its console has the directive"),
    ("local-network", "the browser sends nothing; `upsign preflight` tells from the address of the host"),
    ("cors-incomplete", "browsers send Origin with every preflight"),
];

#[test]
fn har_files_of_every_cause_are_diagnosed() {
    let mut wrong = Vec::new();
    for row in rows::all() {
        let text = recording::session(row.entries);
        let evidence = Evidence::read(text.as_bytes()).unwrap();
        assert_eq!(evidence.kind(), EvidenceKind::Har);
        let found = diagnose(&(row.with)(evidence));
        let first = &found[0];
        let is = (first.cause.code, first.field.to_string(), first.owner.as_str(), first.certain);
        let expected = row.expected;
        if is != (expected.code, expected.field.to_owned(), expected.owner, expected.certain) {
            wrong.push(format!(
                "{} ({}, {}, {}): {is:?}: {}",
                expected.code, expected.field, expected.owner, expected.certain, first.sentence
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_has_a_har_file_or_a_reason() {
    let shown: BTreeSet<&str> = rows::all().iter().map(|row| row.expected.code).collect();
    let reasons: BTreeSet<&str> = NOT_SHOWN.iter().map(|(code, _)| *code).collect();
    assert!(shown.is_disjoint(&reasons), "{:?}", shown.intersection(&reasons));
    let all: BTreeSet<&str> = CAUSES.iter().map(|cause| cause.code).collect();
    let listed: BTreeSet<&str> = shown.union(&reasons).copied().collect();
    let missing: Vec<&&str> = all.difference(&listed).collect();
    let unknown: Vec<&&str> = listed.difference(&all).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without a HAR file: {missing:?}; unknown: {unknown:?}"
    );
}
