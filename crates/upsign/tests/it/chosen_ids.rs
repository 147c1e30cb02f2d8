//! Ids that the service chooses (`issue_under`): they replace generated ids, and clients cannot change them.

use std::sync::{Arc, Mutex};

use upsign::policy::UploadMethod;
use upsign::{Decision, IssueError, Route, UploadIssuer, UploadRequest, UploadService, Uuid, authorize_fn};

use crate::fixture::{Log, OWN_ARTICLE, at, caller, described, issuer, policy, simple};

const ARTICLE: Uuid = Uuid::from_u128(0x5b5d819a_b077_4419_af90_f3ad76700929);

#[tokio::test]
async fn chosen_id_is_in_the_key_and_the_grant() {
    let grant =
        simple("a").issue_under(&caller(), &described(), [("articleId", ARTICLE)], at()).await.unwrap();
    assert!(grant.key.as_str().starts_with(&format!("a/{ARTICLE}/")), "{}", grant.key);
    assert_eq!((grant.id("articleId"), grant.id("article_id")), (Some(ARTICLE), None));
}

#[tokio::test]
async fn ids_that_are_not_chosen_are_generated() {
    let service = UploadService::from(simple("a"));
    let issue = async || service.issue_under(&caller(), None, &described(), [], at()).await.unwrap();
    let (first, second) = (issue().await, issue().await);
    assert_ne!(first.id("articleId"), second.id("articleId"));
}

#[tokio::test]
async fn last_value_of_a_repeated_name_is_used() {
    let ids = [("articleId", Uuid::nil()), ("articleId", ARTICLE)];
    let grant = simple("a").issue_under(&caller(), &described(), ids, at()).await.unwrap();
    assert_eq!(grant.id("articleId"), Some(ARTICLE));
}

#[tokio::test]
async fn undeclared_id_is_a_service_fault() {
    let error =
        simple("a").issue_under(&caller(), &described(), [("article_id", ARTICLE)], at()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service chose a value for the id `article_id`, but the policy declares only `articleId`"
    );
    assert_eq!((error.code(), error.status(), error.is_service_fault()), ("internal", 500, true));
}

/// What the authorization saw: whether the client supplied ids, and the id of the article.
type Seen = Arc<Mutex<Vec<(bool, Option<Uuid>)>>>;

/// An issuer whose clients may supply `articleId`, and what its authorization saw.
fn observed_issuer() -> (UploadIssuer, Seen) {
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let issuer = issuer(policy("a", true, UploadMethod::Put)).with_authorizer(authorize_fn(move |request| {
        log.lock().unwrap().push((request.client_supplied_ids, request.id("articleId")));
        async { Ok(Decision::Allow) }
    }));
    (issuer.boxed(), seen)
}

#[tokio::test]
async fn authorize_does_not_see_a_chosen_id_as_supplied_by_the_client() {
    let (issuer, seen) = observed_issuer();
    let issue = async |upload: &UploadRequest| {
        issuer.issue_under(&caller(), upload, [("articleId", ARTICLE)], at()).await.unwrap();
    };
    issue(&described()).await;
    // A client that repeats the id of the path has not chosen it either.
    issue(&described().with_id("articleId", ARTICLE.to_string())).await;
    assert_eq!(*seen.lock().unwrap(), [(false, Some(ARTICLE)), (false, Some(ARTICLE))]);
    issuer.issue(&caller(), &described().with_id("articleId", OWN_ARTICLE), at()).await.unwrap();
    assert_eq!(seen.lock().unwrap().last(), Some(&(true, OWN_ARTICLE.parse().ok())));
}

#[tokio::test]
async fn client_cannot_change_a_chosen_id() {
    let (issuer, seen) = observed_issuer();
    let log = Log::default();
    let service = UploadService::new([Route::unnamed(issuer)]).unwrap().with_observer(log.clone());
    let upload = described().with_id("articleId", OWN_ARTICLE);
    let error =
        service.issue_under(&caller(), None, &upload, [("articleId", ARTICLE)], at()).await.unwrap_err();
    assert!(matches!(&error, IssueError::IdConflict(name) if name.wire_name() == "articleId"));
    assert_eq!((error.code(), error.status(), error.is_service_fault()), ("id-conflict", 400, false));
    assert!(seen.lock().unwrap().is_empty(), "the application was called");
    assert_eq!(log.lines(), [r#"refused Some("alice") None id-conflict service_fault=false"#]);
}

#[tokio::test]
async fn client_cannot_supply_a_chosen_id_that_the_policy_keeps_to_the_service() {
    let upload = described().with_id("articleId", ARTICLE.to_string());
    let error =
        simple("a").issue_under(&caller(), &upload, [("articleId", ARTICLE)], at()).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("id-not-allowed", 400));
}

#[tokio::test]
async fn chosen_ids_need_no_authorizer() {
    // The issuer alone: a service refuses this policy at start, because its other requests would need an authorizer.
    let issuer = issuer(policy("a", true, UploadMethod::Put));
    let upload = described().with_id("articleId", ARTICLE.to_string());
    assert!(issuer.issue_under(&caller(), &upload, [("articleId", ARTICLE)], at()).await.is_ok());
    let error = issuer.issue(&caller(), &upload, at()).await.unwrap_err();
    assert!(matches!(error, IssueError::MissingAuthorizer));
}
