//! CORS configurations in place of the store.

use upsign_diagnose::{CorsDocument, PreflightReport};

use super::{found, put, read, url};

fn judged(rules: &str, request: &upsign_diagnose::PageRequest) -> Vec<(String, String, bool)> {
    found(&PreflightReport::of_rules(request, &CorsDocument::from_json(rules).unwrap()))
}

#[test]
fn the_part_that_no_rule_allows_is_certain() {
    let rules = r#"[{"AllowedOrigins":["https://*.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["content-type","x-amz-meta-*"]},
        {"AllowedOrigins":["https://other.example.net"],"AllowedMethods":["GET"]}]"#;
    let one = |cause: &str, field: &str| vec![(cause.to_owned(), field.to_owned(), true)];
    for (request, expected) in [
        (put(&["content-type", "x-amz-meta-owner"]), vec![]),
        (put(&["content-type", "if-none-match"]), one("cors-header", "header:if-none-match")),
        (put(&[]).with_method("DELETE").unwrap(), one("cors-method", "method")),
        (put(&[]).with_method("PATCH").unwrap(), one("cors-method", "method")),
    ] {
        assert_eq!(judged(rules, &request), expected, "{request:?}");
    }
    assert_eq!(
        judged(&rules.replace("*.example.com", "*.example.org"), &put(&[])),
        one("cors-origin", "origin")
    );
    assert_eq!(judged("[]", &put(&[])), one("cors-not-enabled", "bucket"));
}

#[test]
fn headers_of_two_rules_are_not_allowed_together() {
    let rules = r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"AllowedHeaders":["x-a"]},
        {"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"AllowedHeaders":["x-b"]}]"#;
    let rules = CorsDocument::from_json(rules).unwrap();
    let report = PreflightReport::of_rules(&put(&["x-a", "x-b"]), &rules);
    assert_eq!(report.found().len(), 1);
    assert_eq!((report.found()[0].cause.code, report.found()[0].certain), ("cors-refused", true));
    assert!(report.found()[0].sentence.contains("no rule allows all of them"), "{report:?}");
}

#[test]
fn rules_for_parts_expose_the_etag() {
    let part = read(&url("host", "&partNumber=1&uploadId=abc"));
    let hidden = [("etag-hidden".to_owned(), "answer-header:access-control-expose-headers".to_owned(), true)];
    let rules = |exposed: &str| {
        format!(r#"[{{"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"ExposeHeaders":[{exposed}]}}]"#)
    };
    assert_eq!(judged(&rules(""), &part), hidden);
    assert_eq!(judged(&rules(r#""x-amz-version-id""#), &part), hidden);
    assert!(judged(&rules(r#""etag""#), &part).is_empty());
}

/// The answer to a form has the headers of the rule too, so that nothing stays open.
#[test]
fn forms_need_a_rule_to_read_the_answer() {
    let request = put(&[]).with_method("POST").unwrap();
    let report = |rules: &str| PreflightReport::of_rules(&request, &CorsDocument::from_json(rules).unwrap());
    let allowed = report(r#"[{"AllowedOrigins":["*"],"AllowedMethods":["POST"]}]"#);
    assert!(allowed.passes() && allowed.unchecked().is_empty());
    assert_eq!(found(&report(r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"]}]"#))[0].0, "cors-method");
}
