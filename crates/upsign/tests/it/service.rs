//! Routes, application authorization, the rate limit and observers.

use std::num::NonZeroU32;

use upsign::policy::{ConfirmationOptions, Gate, UploadMethod};
use upsign::session::TokenKeys;
use upsign::{
    Access, Authorize, AuthorizeError, AuthorizeRequest, Bodyless, Decision, GrantEvent, Identity,
    InvalidUploadService, IssueError, RateLimit, RateLimitError, Route, Target, Timestamp, TooManyRequests,
    UploadObserver, UploadPolicy, UploadRequest, UploadService, async_trait,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{Log, OWN_ARTICLE, Signer, at, caller, described, issuer, policy, simple};

/// Allows new articles and [`OWN_ARTICLE`], fails for ids that start with `ffff`, and denies all others.
#[derive(Debug)]
struct Articles;

#[async_trait]
impl Authorize for Articles {
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        let id = request.id("articleId").unwrap();
        assert!(request.key.as_str().contains(&id.to_string()));
        match (request.client_supplied_ids, id.to_string().as_str()) {
            (false, _) | (true, OWN_ARTICLE) => Ok(Decision::Allow),
            (true, text) if text.starts_with("ffff") => {
                Err(AuthorizeError::new("the database is unreachable"))
            }
            (true, _) => Ok(Decision::Deny),
        }
    }
}

#[derive(Debug)]
struct AlwaysLimited;

#[async_trait]
impl RateLimit for AlwaysLimited {
    async fn count(&self, _caller: &Identity, _at: Timestamp) -> Result<(), RateLimitError> {
        Err(TooManyRequests::new(7).into())
    }
}

#[tokio::test]
async fn each_route_has_its_own_policy_and_access() {
    let log = Log::default();
    let service = UploadService::new([
        Route::unnamed(simple("articles")),
        Route::named("avatars".parse().unwrap(), issuer(policy("avatars", false, UploadMethod::Post))),
        Route::named("videos".parse().unwrap(), simple("videos"))
            .with_access(Access::unrestricted().with_groups(["crew", "staff"])),
        Route::named("drafts".parse().unwrap(), simple("drafts"))
            .with_access(Access::unrestricted().with_groups(["editors"]).with_scopes(["up/w"])),
    ]);
    let service = service.unwrap().with_observer(log.clone());
    let issue = async |route| service.issue(&caller(), route, &UploadRequest::bodyless(), at()).await;
    assert!(issue(None).await.unwrap().key.as_str().starts_with("articles/"));
    let avatar = issue(Some("avatars")).await.unwrap();
    let form = avatar.upload.post().unwrap();
    assert!(form.fields.iter().any(|(name, value)| **name == *"key" && **value == *avatar.key.as_str()));
    assert!(matches!(issue(Some("videos")).await, Err(IssueError::RouteForbidden)));
    assert!(matches!(issue(Some("film")).await, Err(IssueError::RouteUnknown)));
    assert!(issue(Some("drafts")).await.is_ok());
    assert_eq!(
        log.lines(),
        [
            r#"granted alice None articles"#,
            r#"granted alice Some("avatars") avatars"#,
            r#"refused Some("alice") Some("videos") route-forbidden service_fault=false"#,
            r#"refused Some("alice") None route-unknown service_fault=false"#,
            r#"granted alice Some("drafts") drafts"#,
        ]
    );
}

#[tokio::test]
async fn request_without_route_needs_an_unnamed_route() {
    let service = UploadService::new([Route::named("avatars".parse().unwrap(), simple("a"))]).unwrap();
    let refused = service.issue(&caller(), None, &UploadRequest::bodyless(), at()).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_service_fault()), ("route-required", false));
}

#[test]
fn refusals_of_forbidden_routes_name_what_the_caller_has_and_needs() {
    let reason = |access: Access, caller: Identity| {
        let route = Route::named("a".parse().unwrap(), simple("a")).with_access(access);
        let service = UploadService::new([route]).unwrap();
        let refusal = service.refusal(&IssueError::RouteForbidden, &caller, Some("a"), at());
        refusal.reason.unwrap().to_string()
    };
    let alice = || Identity::from_verified("https://issuer.example", "alice").unwrap();
    let access = || Access::unrestricted().with_groups(["crew", "staff"]).with_scopes(["up/w"]);
    assert_eq!(
        reason(access(), alice()),
        "the caller may not use this route: the caller has no group, expected one of crew, staff"
    );
    assert_eq!(
        reason(access(), alice().with_groups(["readers", "a\nb"]).with_scopes(["up/w"])),
        "the caller may not use this route: the caller has the groups readers, a\\nb, expected one of crew, staff"
    );
    assert_eq!(
        reason(access(), alice().with_groups(["crew"]).with_scopes(["up/r"])),
        "the caller may not use this route: the caller has the scopes up/r, expected one of up/w"
    );
    let many: Vec<String> = (0..1_000).map(|number| format!("group-{number}")).collect();
    let long = reason(access(), alice().with_groups(&many));
    assert!(long.len() < 1_300 && long.ends_with("…, expected one of crew, staff"), "{long}");
}

#[test]
fn refusals_of_missing_and_unknown_routes_name_the_routes_to_the_operator() {
    let named = |name: &str| Route::named(name.parse().unwrap(), simple(name));
    let reason = |routes: Vec<Route<Signer>>, error: IssueError, route| {
        let service = UploadService::new(routes).unwrap();
        // What the client reads is the error, which names none.
        assert!(!error.to_string().contains("avatars"));
        service.refusal(&error, &caller(), route, at()).reason.unwrap().to_string()
    };
    assert_eq!(
        reason(vec![named("avatars"), named("videos")], IssueError::RouteRequired, None),
        "the request must name a route: the routes are avatars, videos"
    );
    assert_eq!(
        reason(vec![Route::unnamed(simple("a")), named("avatars")], IssueError::RouteUnknown, Some("film")),
        "the requested route does not exist: the routes are avatars, and the one without a name"
    );
    assert_eq!(
        reason(vec![Route::unnamed(simple("a"))], IssueError::RouteUnknown, Some("film")),
        "the requested route does not exist: the only route has no name"
    );
}

#[test]
fn invalid_services_are_refused() {
    let none: [Route<Signer>; 0] = [];
    assert_eq!(UploadService::new(none).err(), Some(InvalidUploadService::NoRoute));
    let twice = UploadService::new([Route::unnamed(simple("a")), Route::unnamed(simple("b"))]);
    assert_eq!(twice.err(), Some(InvalidUploadService::DuplicateRoute(None)));
    let unauthorized = Route::named("a".parse().unwrap(), issuer(policy("a", true, UploadMethod::Put)));
    let error = UploadService::new([unauthorized]).unwrap_err();
    assert_eq!(error, InvalidUploadService::MissingAuthorizer(Some("a".into())));
    assert!(error.to_string().starts_with("the route `a` lets clients supply ids"), "{error}");
    for name in ["", "A", "1", "a b", "é", &"a".repeat(65)] {
        assert!(name.parse::<upsign::RouteName>().is_err(), "{name}");
    }
}

#[tokio::test]
async fn client_supplied_ids_need_authorization() {
    let with_ids = || issuer(policy("a", true, UploadMethod::Put));
    let upload = |id: &str| described().with_id("articleId", id);
    let alone = with_ids();
    let missing = alone.issue(&caller(), &upload(OWN_ARTICLE), at()).await.unwrap_err();
    assert!(matches!(missing, IssueError::MissingAuthorizer) && missing.is_service_fault());
    let service = UploadService::new([Route::unnamed(with_ids().with_authorizer(Articles))]).unwrap();
    let issue = async |upload: &UploadRequest| service.issue(&caller(), None, upload, at()).await;
    assert!(issue(&described()).await.is_ok());
    assert!(
        issue(&upload(OWN_ARTICLE)).await.unwrap().key.as_str().starts_with(&format!("a/{OWN_ARTICLE}/"))
    );
    let other = issue(&upload("00000000-0000-4000-8000-000000000000")).await.unwrap_err();
    assert_eq!((other.code(), other.is_service_fault()), ("forbidden", false));
    let unavailable = issue(&upload("ffffffff-0000-4000-8000-000000000000")).await.unwrap_err();
    assert_eq!((unavailable.code(), unavailable.is_service_fault()), ("authorization-unavailable", true));
}

#[tokio::test]
async fn authorizers_and_observers_can_be_tested_alone() {
    let (caller, upload) = (caller(), described());
    let decide = async |id: &str| {
        let (key, ids) =
            (format!("a/{id}/b.jpg").parse().unwrap(), [("articleId".into(), id.parse().unwrap())]);
        let request = AuthorizeRequest::new(&caller, &upload, &key, at()).with_ids(&ids, true);
        Articles.authorize(&request.with_route(Some("a"))).await
    };
    assert_eq!(decide(OWN_ARTICLE).await.unwrap(), Decision::Allow);
    assert_eq!(decide("00000000-0000-4000-8000-000000000000").await.unwrap(), Decision::Deny);
    assert!(decide("ffffffff-0000-4000-8000-000000000000").await.is_err());
    let log = Log::default();
    let grant = simple("a").issue(&caller, &upload, at()).await.unwrap();
    log.granted(&GrantEvent::new(&caller, &grant, at()).with_route(Some("a")));
    assert_eq!(log.lines(), [r#"granted alice Some("a") a"#]);
}

#[tokio::test]
async fn rate_limit_comes_before_the_route() {
    let service = UploadService::from(simple("a")).with_rate_limit(AlwaysLimited);
    let refused = service.issue(&caller(), Some("nowhere"), &described(), at()).await.unwrap_err();
    assert!(matches!(refused, IssueError::TooManyRequests(limit) if limit.retry_after == 7));
}

#[tokio::test]
async fn each_caller_has_its_own_limit() {
    let limit = upsign::PerCallerRateLimit::new(NonZeroU32::new(2).unwrap(), NonZeroU32::new(3).unwrap());
    let (alice, bob) = (caller(), Identity::from_verified("https://issuer.example", "bob").unwrap());
    let other_pool = Identity::from_verified("https://other.example", "alice").unwrap();
    for caller in [&alice, &bob, &other_pool] {
        let count = async |seconds| {
            let counted = limit.count(caller, at().saturating_add(seconds)).await;
            counted.map_err(|error| error.too_many().unwrap().retry_after)
        };
        for _ in 0..3 {
            assert_eq!(count(0).await, Ok(()));
        }
        assert_eq!(count(0).await, Err(30));
        assert_eq!(count(29).await, Err(1));
        assert_eq!(count(30).await, Ok(()));
    }
    assert_eq!(limit.tracked_callers(), 3);
}

#[tokio::test]
async fn clones_share_the_rate_limit_and_the_observers() {
    let (log, two) = (Log::default(), NonZeroU32::new(2).unwrap());
    let service = UploadService::from(simple("a"))
        .with_rate_limit(upsign::PerCallerRateLimit::new(two, two))
        .with_observer(log.clone());
    let (clone, boxed) = (service.clone(), service.clone().boxed());
    assert!(service.issue(&caller(), None, &described(), at()).await.is_ok());
    assert!(clone.issue(&caller(), None, &described(), at()).await.is_ok());
    let limited = boxed.issue(&caller(), None, &described(), at()).await;
    assert!(matches!(limited, Err(IssueError::TooManyRequests(_))));
    assert_eq!(log.lines().len(), 3);
}

#[tokio::test]
async fn observer_added_to_a_clone_is_added_to_that_clone_only() {
    let (all, one) = (Log::default(), Log::default());
    let service = UploadService::from(simple("a")).with_observer(all.clone());
    let clone = service.clone().with_observer(one.clone());
    service.issue(&caller(), None, &described(), at()).await.unwrap();
    clone.issue(&caller(), None, &described(), at()).await.unwrap();
    assert_eq!((all.lines().len(), one.lines().len()), (2, 1));
}

/// The presigner need not be `Clone`.
#[test]
fn issuers_and_routes_are_clone_for_every_presigner() {
    fn clones<T: Clone>() {}
    clones::<upsign::UploadIssuer<Box<dyn upsign::Presigner>>>();
    clones::<Route<Box<dyn upsign::Presigner>>>();
    clones::<UploadService<Box<dyn upsign::Presigner>>>();
}

#[tokio::test]
async fn counted_issue_under_chosen_ids_does_not_count_again() {
    let (log, one) = (Log::default(), NonZeroU32::MIN);
    let service = UploadService::from(simple("a"))
        .with_rate_limit(upsign::PerCallerRateLimit::new(one, one))
        .with_observer(log.clone());
    service.count(&caller(), at()).await.unwrap();
    let article = OWN_ARTICLE.parse().unwrap();
    let ids = [("articleId", article)];
    let grant = service.issue_under_counted(&caller(), None, &described(), ids, at()).await.unwrap();
    assert_eq!(grant.id("articleId"), Some(article));
    let error = service.issue_under_counted(&caller(), None, &described(), [("x", article)], at()).await;
    assert!(matches!(error, Err(IssueError::UndeclaredId { .. })));
    assert_eq!(log.lines(), ["granted alice None a"], "an error is reported by who called");
}

#[test]
fn route_with_final_keys_among_pending_ones_is_refused() {
    let route = |name: Option<&str>, key: &str, pending: Option<&str>| {
        let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
        let gate = pending.map_or(Gate::None, |pending| Gate::Pending(pending.parse().unwrap()));
        let policy = UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(1 << 20)
            .confirmation(ConfirmationOptions::new().with_confirm(true).with_gate(gate))
            .build()
            .unwrap();
        let keys = TokenKeys::new("production", [[7; 32]]).unwrap();
        let issuer = issuer(policy).with_store(MockObjectCalls::new(), keys);
        match name {
            None => Route::unnamed(issuer),
            Some(name) => Route::named(name.parse().unwrap(), issuer),
        }
    };
    let photos = || route(Some("photos"), "photos/{id}", Some("pending/{id}"));
    let expected =
        "the route `photos` keeps objects that are not confirmed under `pending/`, and the unnamed route has";
    for other in ["pending/{id}", "pending/done/{id}", "p{id}", "{id}"] {
        let error = UploadService::new([photos(), route(None, other, None)]).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, InvalidUploadService::PendingOverlaps { .. }), "{other}: {text}");
        assert!(text.starts_with(expected), "{text}");
    }
    let other = route(None, "avatars/{id}", Some("pending/avatars/{id}"));
    assert!(UploadService::new([photos(), other]).is_ok());
}
