//! Problem documents of errors: one table of statuses and `Retry-After`, that of `IssueError`.

use std::collections::BTreeSet;

use upsign::quota::{
    FailMode, Limits, QuotaCounter, QuotaDenied, QuotaKind, QuotaScope, QuotaStoreError, Window,
};
use upsign::types::{CredentialsError, ExpiresIn, InvalidHeader, PresignError};
use upsign::{
    AuthorizeError, FilesDenied, IssueError, NoEntropy, RateLimitError, RateLimitUnavailable, TooManyRequests,
};
use upsign_http::{InvalidBody, Problem};
use upsign_policy::{ChecksumAlgorithm, Denied};

use crate::session_problems::{store_error, token_too_long};

/// Errors of every variant of `IssueError`.
fn issue_errors() -> Vec<IssueError> {
    let id = || "article_id".parse().unwrap();
    vec![
        Denied::GroupRequired.into(),
        Denied::TooLarge { len: 2, max: 1 }.into(),
        Denied::ContentTypeNotAllowed {
            content_type: "image/png".parse().unwrap(),
            allowed: "image/jpeg".into(),
            suggestion: None,
        }
        .into(),
        Denied::BodyRequired.into(),
        Denied::HeaderUnsignable(InvalidHeader::Name).into(),
        IssueError::Forbidden,
        AuthorizeError::new("the database is unreachable").into(),
        IssueError::MissingAuthorizer,
        IssueError::IdConflict(id()),
        IssueError::UndeclaredId { name: "other".into(), declared: [id()].into() },
        IssueError::AuthorizerMustWait,
        IssueError::MissingStore,
        IssueError::MultipartMustWait,
        IssueError::Store(store_error(503, "SlowDown")),
        IssueError::Store(store_error(403, "AccessDenied")),
        IssueError::Look(store_error(503, "SlowDown")),
        IssueError::TokenTooLong(token_too_long()),
        IssueError::RouteRequired,
        IssueError::RouteUnknown,
        IssueError::RouteForbidden,
        TooManyRequests::new(7).into(),
        rate_limit_unavailable().into(),
        quota_denied().into(),
        FilesDenied::NotOffered.into(),
        FilesDenied::Count { files: 0, max: 2 }.into(),
        FilesDenied::TooLarge { total: 2, max: 1 }.into(),
        QuotaStoreError::new("redis://:password@db").into(),
        PresignError::CredentialsTooShort { remaining: 1, requested: 2 }.into(),
        PresignError::from(CredentialsError::Missing("no source".into())).into(),
        NoEntropy::new().into(),
        ExpiresIn::from_secs(0).unwrap_err().into(),
    ]
}

/// The denial of the 21st upload of a day.
pub(crate) fn quota_denied() -> QuotaDenied {
    let at = "2026-01-01T23:00:00Z".parse().unwrap();
    let counter = QuotaCounter::new(
        QuotaScope::AllRoutes,
        Window::DAY,
        Window::DAY.number(at),
        Limits::new(Some(20), None),
    );
    QuotaDenied::new(&counter, QuotaKind::Objects, 20, at)
}

pub(crate) fn rate_limit_unavailable() -> RateLimitUnavailable {
    let error = RateLimitError::unavailable("redis://:password@db", FailMode::Closed);
    if let RateLimitError::Unavailable(error) = error { Some(error) } else { None }.unwrap()
}

#[test]
fn problem_of_a_quota_states_the_limit_and_its_end() {
    let problem = Problem::from(&IssueError::from(quota_denied()));
    assert_eq!((problem.status().as_u16(), problem.retry_after()), (429, Some(3_600)));
    let members = serde_json::json!({ "kind": "objects", "limit": 20, "resetsAt": "2026-01-02T00:00:00Z" });
    assert_eq!(serde_json::Value::from(problem.members().clone()), members);
}

#[test]
fn status_and_retry_after_of_a_problem_equal_those_of_its_error() {
    for error in issue_errors() {
        let problem = Problem::from(&error);
        assert_eq!(
            (problem.status().as_u16(), problem.retry_after(), problem.code()),
            (error.status(), error.retry_after(), error.code()),
            "{error:?}"
        );
        assert_eq!(problem.status().is_server_error(), error.is_service_fault(), "{error:?}");
        let retry = problem.response().headers().get("retry-after").cloned();
        assert_eq!(retry, error.retry_after().map(Into::into));
        assert_eq!(Problem::from(error), problem);
    }
}

/// Fails if a variant is added to `IssueError` and not to the list of this test.
#[test]
fn list_of_issue_errors_is_complete() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign/src/error.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let (_, variants) = source.split_once("pub enum IssueError {\n").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let name = |line: &str| line.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
    let declared = variants.lines().filter_map(|line| line.strip_prefix("    "));
    let declared: BTreeSet<String> =
        declared.filter(|line| line.starts_with(char::is_uppercase)).map(name).collect();
    let listed: BTreeSet<String> = issue_errors().iter().map(|error| name(&format!("{error:?}"))).collect();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(listed, declared);
}

/// What the operator has to correct is not described to clients.
#[test]
fn problems_of_service_faults_do_not_contain_their_cause() {
    for error in issue_errors().into_iter().filter(|error| error.code() == "internal") {
        assert_eq!(Problem::from(&error), Problem::internal(), "{error:?}");
    }
    let unavailable = Problem::from(IssueError::from(AuthorizeError::new("postgres://user:password@db")));
    assert!(!unavailable.response().body().contains("postgres"));
}

#[test]
fn denials_and_bodies_convert_like_the_errors_that_contain_them() {
    let denied = Denied::TooLarge { len: 2, max: 1 };
    assert_eq!(Problem::from(&denied), Problem::from(IssueError::from(denied.clone())));
    let problem = Problem::from(InvalidBody::TooLarge(7));
    assert_eq!((problem.status().as_u16(), problem.code()), (413, "body-too-large"));
    assert_eq!(problem, Problem::body_too_large(7));
}

#[test]
fn missing_checksum_names_the_algorithms() {
    let denied = Denied::ChecksumRequired([ChecksumAlgorithm::Crc64nvme, ChecksumAlgorithm::Sha256].into());
    assert_eq!(Problem::from(&denied).members()["algorithms"], serde_json::json!(["crc64nvme", "sha256"]));
}

/// Handlers of an application know the challenge of their callers, and add it where a route demands a group or scope.
#[test]
fn challenge_is_added_to_forbidden_routes_only() {
    let bearer = http::HeaderValue::from_static("Bearer header=\"x-upload-token\"");
    let forbidden = || Problem::from(IssueError::RouteForbidden);
    let problem = forbidden().with_insufficient_scope(Some(&bearer));
    let challenge = problem.response().headers()["www-authenticate"].clone();
    assert_eq!(challenge, "Bearer header=\"x-upload-token\", error=\"insufficient_scope\"");
    for other in [None, Some(http::HeaderValue::from_static("Basic realm=\"app\""))] {
        assert_eq!(forbidden().with_insufficient_scope(other.as_ref()).challenge(), None);
    }
    let denied = Problem::from(IssueError::RouteUnknown).with_insufficient_scope(Some(&bearer));
    assert_eq!(denied.challenge(), None);
}
