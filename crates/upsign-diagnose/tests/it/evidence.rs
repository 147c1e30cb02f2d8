//! Evidence of refused uploads, in the forms that users have of it, and checks of its diagnosis.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};
use upsign_documents::{CorsDocument, FoundDocuments};
use zeroize::Zeroizing;

use crate::fixture::{KEY_ID, Mistake, Request, SECRET, error, har};

/// What a cause is recognized by.
pub(crate) struct Expected {
    pub(crate) code: &'static str,
    pub(crate) field: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) certain: bool,
}

pub(crate) const fn expected(
    code: &'static str,
    field: &'static str,
    owner: &'static str,
    certain: bool,
) -> Expected {
    Expected { code, field, owner, certain }
}

#[track_caller]
pub(crate) fn check(found: &[Diagnosis], expected: &Expected) {
    let first = &found[0];
    let is = (first.cause.code, first.field.to_string(), first.owner.as_str(), first.certain);
    let Expected { code, field, owner, certain } = *expected;
    assert_eq!(is, (code, field.to_owned(), owner, certain), "{found:#?}");
    for text in [&first.sentence, &first.fix, &first.proof] {
        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
    }
}

/// Checks that a cause is one of the candidates.
#[track_caller]
pub(crate) fn check_candidate(found: &[Diagnosis], code: &str) {
    let candidate = found.iter().find(|it| it.cause.code == code);
    assert!(candidate.is_some_and(|it| !it.certain), "{code}: {found:#?}");
}

/// The error of a store, with the URL.
pub(crate) fn store(body: &str) -> Vec<Diagnosis> {
    let evidence = Evidence::read(body.as_bytes()).unwrap();
    diagnose(&evidence.with_url(Request::put().signed_url()).unwrap())
}

/// The error of a store in the output of `curl -v`.
pub(crate) fn recorded(status: u16, body: &str) -> Vec<Diagnosis> {
    diagnose(&Evidence::read(Request::put().curl_verbose(status, body).as_bytes()).unwrap())
}

pub(crate) fn code(code: &str) -> String {
    error(code, "", &[])
}

/// Checks that the code alone is a candidate, and certain together with the request.
#[track_caller]
pub(crate) fn by_code(status: u16, body: &str, code: &'static str, field: &'static str, owner: &'static str) {
    check(&store(body), &expected(code, field, owner, false));
    check(&recorded(status, body), &expected(code, field, owner, true));
}

/// A request in whose signature a mistake is.
pub(crate) fn mistaken(mistake: &Mistake) -> Vec<Diagnosis> {
    let mut request = Request::put();
    request.sign(mistake);
    let evidence = Evidence::read(request.echo().as_bytes()).unwrap();
    let evidence = evidence.with_url(request.signed_url()).unwrap();
    diagnose(&evidence.with_secret(Some(KEY_ID), Zeroizing::new(SECRET.to_owned())))
}

/// The echo of a request that was changed after signing.
pub(crate) fn changed(change: fn(&mut Request)) -> Vec<Diagnosis> {
    let signed = Request::put();
    let mut arrived = signed.clone();
    change(&mut arrived);
    let evidence = Evidence::read(arrived.echo().as_bytes()).unwrap();
    diagnose(&evidence.with_grant(&signed.grant()).unwrap())
}

/// A request that was changed, as the client sent it.
pub(crate) fn sent(change: fn(&mut Request), status: u16, body: &str) -> Vec<Diagnosis> {
    let signed = Request::put();
    let mut sent = signed.clone();
    change(&mut sent);
    let evidence = Evidence::read(sent.curl_verbose(status, body).as_bytes()).unwrap();
    diagnose(&evidence.with_url(signed.signed_url()).unwrap())
}

pub(crate) const ORIGIN: &str = "https://app.example.com";

pub(crate) fn of_page() -> Request {
    let mut request = Request::put();
    request.headers.push(("origin".into(), ORIGIN.into()));
    request
}

pub(crate) fn preflight() -> Request {
    let mut request = of_page();
    request.method = "OPTIONS".to_owned();
    request.headers = vec![
        ("origin".into(), ORIGIN.into()),
        ("access-control-request-method".into(), "PUT".into()),
        ("access-control-request-headers".into(), "content-type,if-none-match,x-amz-meta-owner".into()),
    ];
    request
}

/// A HAR in which the preflight got this answer.
pub(crate) fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> Evidence {
    let entries = [preflight().har_entry(status, headers, body), of_page().har_entry(0, &[], "")];
    Evidence::read(har(&entries).as_bytes()).unwrap()
}

pub(crate) fn cors_error(message: &str) -> String {
    error("AccessForbidden", message, &[("Method", "PUT"), ("ResourceType", "OBJECT")])
}

pub(crate) const NOT_ALLOWED: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
     method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

pub(crate) fn rules(json: &str) -> CorsDocument {
    FoundDocuments::read(json).unwrap().cors.unwrap()
}

pub(crate) fn console(text: &str) -> Vec<Diagnosis> {
    diagnose(&Evidence::read(text.as_bytes()).unwrap())
}

pub(crate) fn blocked(reason: &str) -> Vec<Diagnosis> {
    let url = Request::put().url();
    console(&format!(
        "Access to fetch at '{url}' from origin '{ORIGIN}' has been blocked by CORS policy: {reason}"
    ))
}

/// The answer of an API or a gateway as `curl -i` shows it.
pub(crate) fn api(status: u16, headers: &str, body: &str) -> Vec<Diagnosis> {
    console(&format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}\r\n{body}"))
}

pub(crate) fn problem(status: u16, code: &str) -> Vec<Diagnosis> {
    api(
        status,
        "",
        &format!(
            "{{\"type\":\"about:blank\",\"status\":{status},\"code\":\"{code}\",\"detail\":\"the reason\"}}"
        ),
    )
}

pub(crate) const ROLE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Others","Effect":"Allow","Action":"s3:PutObject",
    "Resource":"arn:aws:s3:::my-bucket/other/*"}]}"#;
pub(crate) const GUARD: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoUploads","Effect":"Deny","Principal":"*",
    "Action":"s3:PutObject","Resource":"arn:aws:s3:::my-bucket/a/*"}]}"#;

pub(crate) fn with_policies(role: Option<&str>, bucket: Option<&str>) -> Vec<Diagnosis> {
    let evidence = Evidence::read(code("AccessDenied").as_bytes()).unwrap();
    let role = role.map(|text| FoundDocuments::read(text).unwrap().role.unwrap());
    let bucket = bucket.map(|text| FoundDocuments::read(text).unwrap().bucket_policy.unwrap());
    diagnose(&evidence.with_url(Request::put().signed_url()).unwrap().with_policies(role, bucket))
}

/// The policy of a key that only another role may use.
pub(crate) const KEY_OF_OTHERS: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Reports","Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:role/reports"},"Action":"kms:*","Resource":"*"}]}"#;

/// A denial in which S3 names the role, with the policy of the KMS key.
pub(crate) fn with_key_policy(policy: &str) -> Vec<Diagnosis> {
    let message = "User: arn:aws:sts::111122223333:assumed-role/signer/s is not authorized to perform: kms:GenerateDataKey on resource: \
                   arn:aws:kms:eu-central-1:111122223333:key/1 because no resource-based policy allows the kms:GenerateDataKey action";
    let evidence = Evidence::read(error("AccessDenied", message, &[]).as_bytes()).unwrap();
    let policy = FoundDocuments::read(policy).unwrap().bucket_policy.unwrap();
    let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap().with_kms_policy(policy));
    found.into_iter().filter(|it| it.cause.code != "kms-denied").collect()
}

pub(crate) fn denied(message: &str, details: &[(&str, &str)]) -> Vec<Diagnosis> {
    store(&error("AccessDenied", message, details))
}

pub(crate) fn not_authorized(rest: &str) -> Vec<Diagnosis> {
    denied(
        &format!(
            "User: arn:aws:sts::111122223333:assumed-role/signer/s is not authorized to perform: {rest}"
        ),
        &[],
    )
}

pub(crate) fn parameters(message: &str, details: &[(&str, &str)]) -> Vec<Diagnosis> {
    store(&error("AuthorizationQueryParametersError", message, details))
}

pub(crate) fn part_that_hides_its_etag() -> String {
    let mut part = of_page();
    part.query.extend([("partNumber".into(), "1".into()), ("uploadId".into(), "u".into())]);
    har(&[part.har_entry(200, &[("ETag", "\"abc\""), ("Access-Control-Allow-Origin", "*")], "")])
}
