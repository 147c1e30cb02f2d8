//! The hint `diagnose` of problem documents, with the id of the request.

use http::HeaderMap;
use serde_json::json;
use upsign::policy::Bodyless;
use upsign_http::{Problem, RefusedRequest, RequestId};

use crate::fixture::{FakeAuthenticator, TOKEN, api, at, json, post};

fn id() -> RequestId {
    "Root=1-67891233-abcdef012345678912345678".parse().unwrap()
}

#[tokio::test]
async fn refusals_say_whose_hands_the_fix_is_in_and_name_the_request() {
    let mut request = post(&[("authorization", TOKEN), ("content-type", "text/plain")], "{}");
    request.extensions_mut().insert(id());
    let response = api(Bodyless::Allow).handle(&request, at(), &FakeAuthenticator).await;
    let expected = json!({
        "cause": "api-media-type", "owner": "client",
        "fix": "send the header Content-Type: application/json",
        "requestId": id().as_str(),
    });
    assert_eq!(json(&response)["diagnose"], expected);
}

/// A caller that sent JSON is not advised to send it.
#[tokio::test]
async fn refused_types_of_files_are_no_matter_of_the_header() {
    let request = post(
        &[("authorization", TOKEN), ("content-type", "application/json")],
        r#"{"contentType": "text/x-unlisted", "contentLength": 5}"#,
    );
    let response = api(Bodyless::Allow).handle(&request, at(), &FakeAuthenticator).await;
    let problem = json(&response);
    assert_eq!((&problem["code"], &problem["status"]), (&json!("content-type-not-allowed"), &json!(415)));
    assert_eq!(problem["diagnose"]["fix"], "send a contentType that the route lists");
}

/// A header of the request is not its id: any client can send one.
#[tokio::test]
async fn request_without_an_id_has_none_in_its_hint() {
    let request = post(&[("x-request-id", "chosen-by-the-client")], "");
    let response = api(Bodyless::Allow).handle(&request, at(), &FakeAuthenticator).await;
    assert_eq!(json(&response)["diagnose"]["cause"], "api-unauthorized");
    assert!(!response.body().contains("requestId"), "{}", response.body());
}

#[test]
fn adapters_add_the_id_to_what_they_refuse_themselves() {
    let refused = RefusedRequest::new(Problem::body_too_slow(), at());
    let response =
        api(Bodyless::Allow).refuse(&HeaderMap::new(), &refused.clone().with_request_id(Some(&id())));
    assert_eq!(json(&response)["diagnose"]["requestId"], id().as_str());
    let response = api(Bodyless::Allow).refuse(&HeaderMap::new(), &refused.with_request_id(None));
    assert!(!response.body().contains("requestId"));
}

/// An extension member of the application cannot replace the hint.
#[test]
fn hint_is_not_replaced_by_a_member() {
    let problem = Problem::internal().with_member("diagnose", "nothing").with_request_id(&id());
    assert_eq!(problem.diagnose().cause(), "api-unavailable");
    assert_eq!(problem.diagnose().request_id(), Some(&id()));
    assert!(problem.members().is_empty());
}
