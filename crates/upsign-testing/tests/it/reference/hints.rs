//! The hint of every problem document is what `upsign diagnose` finds for the document.

use http::HeaderValue;
use upsign_diagnose::{CAUSES, Evidence, diagnose};
use upsign_http::{AuthenticateError, Problem, RequestId};

use super::statuses::problems;

#[test]
fn hints_are_those_of_the_table_of_causes() {
    let unauthenticated = AuthenticateError::Rejected { code: "expired", reason: String::new() };
    let bearer = Problem::unauthenticated(&unauthenticated, Some(&HeaderValue::from_static("Bearer")));
    for problem in problems().into_iter().chain([bearer.clone()]) {
        let hint = problem.diagnose();
        let (code, status) = (problem.code(), problem.status());
        let cause = CAUSES.get(hint.cause()).unwrap_or_else(|| panic!("{code}: {}", hint.cause()));
        assert_eq!(hint.owner(), cause.owner.as_str(), "{code}");
        let body = problem.response().into_body();
        let found = diagnose(&Evidence::read(body.as_bytes()).unwrap());
        assert_eq!((found[0].cause.code, found[0].certain), (hint.cause(), true), "{code} {status}");
        assert_eq!(found[0].owner.as_str(), hint.owner(), "{code}");
        // Services whose callers send no bearer token in `Authorization` do not mention it.
        if code != "unauthorized" || problem.challenge().is_some() {
            assert_eq!(found[0].fix, hint.fix(), "{code}");
        }
    }
    assert!(bearer.diagnose().fix().contains("Authorization: Bearer"));
}

/// The hint follows from code and status: two reasons for one code have the same.
#[test]
fn hints_reveal_no_reason() {
    let of = |code, reason: &str| {
        let error = AuthenticateError::Rejected { code, reason: reason.to_owned() };
        Problem::unauthenticated(&error, None).response().into_body()
    };
    assert_eq!(of("expired", "it expired 7 minutes ago"), of("signature", "the signature is wrong"));
}

#[test]
fn diagnoses_of_documents_name_the_request() {
    let id: RequestId = "5f0c7c1b2d9e4a6f8b3d1e7a9c2f4b60".parse().unwrap();
    let body = Problem::internal().with_request_id(&id).response().into_body();
    let found = diagnose(&Evidence::read(body.as_bytes()).unwrap());
    assert!(found[0].proof.contains(id.as_str()), "{}", found[0].proof);
}
