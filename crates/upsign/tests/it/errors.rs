//! Every error of an issuer or a service: its code, its HTTP status and when to retry.

use upsign::policy::ContentType;
use upsign::types::{CredentialsError, ExpiresIn, PresignError};
use upsign::{AuthorizeError, Denied, IssueError, NoEntropy, TooManyRequests};

fn every_error() -> Vec<(IssueError, &'static str, u16, Option<u32>)> {
    let png: ContentType = "image/png".parse().unwrap();
    let id: upsign::policy::IdName = "article_id".parse().unwrap();
    let short = PresignError::CredentialsTooShort { remaining: 10, requested: 900 };
    vec![
        (Denied::BodyRequired.into(), "body-required", 400, None),
        (Denied::GroupRequired.into(), "group-required", 403, None),
        (Denied::TooLarge { len: 2, max: 1 }.into(), "too-large", 413, None),
        (
            Denied::ContentTypeNotAllowed {
                content_type: png,
                allowed: "image/jpeg".into(),
                suggestion: None,
            }
            .into(),
            "content-type-not-allowed",
            415,
            None,
        ),
        (Denied::IdMissing(id.clone()).into(), "id-missing", 500, None),
        (IssueError::Forbidden, "forbidden", 403, None),
        (IssueError::IdConflict(id.clone()), "id-conflict", 400, None),
        (IssueError::RouteRequired, "route-required", 400, None),
        (IssueError::RouteUnknown, "route-unknown", 400, None),
        (IssueError::RouteForbidden, "route-forbidden", 403, None),
        (TooManyRequests::new(7).into(), "too-many-requests", 429, Some(7)),
        (AuthorizeError::new("unreachable").into(), "authorization-unavailable", 503, Some(10)),
        (IssueError::Presign(short), "credentials-too-short", 503, Some(30)),
        (
            IssueError::Presign(CredentialsError::Missing("none".into()).into()),
            "signing-unavailable",
            503,
            Some(10),
        ),
        (IssueError::MissingAuthorizer, "internal", 500, None),
        (IssueError::AuthorizerMustWait, "internal", 500, None),
        (IssueError::UndeclaredId { name: "x".into(), declared: [id].into() }, "internal", 500, None),
        (NoEntropy::new().into(), "internal", 500, None),
        (ExpiresIn::from_secs(0).unwrap_err().into(), "internal", 500, None),
    ]
}

#[test]
fn every_error_has_a_code_a_status_and_a_fault() {
    for (error, code, status, retry_after) in every_error() {
        assert_eq!(
            (error.code(), error.status(), error.retry_after()),
            (code, status, retry_after),
            "{error}"
        );
        assert_eq!(error.is_service_fault(), status >= 500, "{error}");
    }
}

#[test]
fn only_limits_and_passing_faults_can_be_retried() {
    for (error, _, status, retry_after) in every_error() {
        assert_eq!(retry_after.is_some(), [429, 503].contains(&status), "{error}");
    }
}

#[test]
fn undeclared_id_names_what_is_declared() {
    let error = IssueError::UndeclaredId { name: "articleId".into(), declared: [].into() };
    assert_eq!(
        error.to_string(),
        "the service chose a value for the id `articleId`, but the policy declares no ids"
    );
}
