//! Routes, the application's word, rates and observers.

use std::sync::{Arc, Mutex};

use upsign::core::{Credentials, Identity, Target, Timestamp, WithCredentials};
use upsign::policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadMethod, UploadRequest};
use upsign::{
    Access, Asked, Authorize, Granted, InvalidService, IssueError, RateLimit, Refused, Route, SigV4, TooMany,
    Undecided, Upload, UploadIssuer, UploadObserver, UploadPolicy, UploadService, Verdict,
};

type Signer = WithCredentials<SigV4, Credentials>;

const THEIRS: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn who() -> Identity {
    Identity::vouched("https://issuer.example", "alice")
        .unwrap()
        .with_groups(["editors"])
        .with_scopes(["up/w"])
}

fn policy(folder: &str, may_supply: bool, method: UploadMethod) -> UploadPolicy {
    let ids: [IdName; 1] = ["article_id".parse().unwrap()];
    let template = KeyTemplate::parse(&format!("{folder}/{{article_id}}/{{id}}.{{ext}}"), &ids).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::of(["image/jpeg"]).unwrap())
        .size(SizeLimit::up_to(1 << 20).unwrap())
        .client_may_supply(ids.into_iter().filter(|_| may_supply))
        .method(method)
        .build()
        .unwrap()
}

fn issuer(policy: UploadPolicy) -> UploadIssuer<Signer> {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap()
}

fn simple(folder: &str) -> UploadIssuer<Signer> {
    issuer(policy(folder, false, UploadMethod::Put))
}

/// Permits one article, refuses another, knows nothing of the rest.
#[derive(Debug)]
struct Articles;

#[async_trait::async_trait]
impl Authorize for Articles {
    async fn authorize(&self, asked: &Asked<'_>) -> Result<Verdict, Undecided> {
        let id = asked.ids.iter().find(|(name, _)| **name == *"articleId").unwrap().1;
        assert!(asked.key.as_str().contains(&id.to_string()));
        match (asked.names_existing_ids, id.to_string().as_str()) {
            (false, _) | (true, THEIRS) => Ok(Verdict::Yes),
            (true, text) if text.starts_with("ffff") => Err(Undecided::new("the database is away")),
            (true, _) => Ok(Verdict::No),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().drain(..).collect()
    }
}

impl UploadObserver for Log {
    fn granted(&self, told: &Granted<'_>) {
        let key = told.grant.key.as_str().split('/').next().unwrap();
        let line = format!("granted {} {:?} {key}", told.who.subject().as_str(), told.route);
        self.0.lock().unwrap().push(line);
    }

    fn refused(&self, told: &Refused) {
        let who = told.who.as_ref().map(|who| who.subject().as_str());
        let line = format!("refused {who:?} {:?} {} ours={}", told.route, told.code, told.ours);
        self.0.lock().unwrap().push(line);
    }
}

#[derive(Debug)]
struct NoMore;

#[async_trait::async_trait]
impl RateLimit for NoMore {
    async fn count(&self, _who: &Identity, _at: Timestamp) -> Result<(), TooMany> {
        Err(TooMany::until(7))
    }
}

fn described() -> UploadRequest {
    UploadRequest::described().with_content_type("image/jpeg").with_content_length(7)
}

#[tokio::test]
async fn each_route_has_its_policy_and_its_callers() {
    let log = Log::default();
    let service = UploadService::of([
        Route::unnamed(simple("articles")),
        Route::named("avatars".parse().unwrap(), issuer(policy("avatars", false, UploadMethod::Post))),
        Route::named("videos".parse().unwrap(), simple("videos"))
            .for_callers(Access::everybody().of_groups(["crew", "staff"])),
        Route::named("drafts".parse().unwrap(), simple("drafts"))
            .for_callers(Access::everybody().of_groups(["editors"]).of_scopes(["up/w"])),
    ]);
    let service = service.unwrap().with_observer(log.clone());
    let ask = async |route| service.issue(&who(), route, &UploadRequest::bodyless(), at()).await;
    assert!(ask(None).await.unwrap().key.as_str().starts_with("articles/"));
    let avatar = ask(Some("avatars")).await.unwrap();
    let Upload::Post(form) = &avatar.upload else { panic!("not a form") };
    assert!(form.fields.iter().any(|(name, value)| **name == *"key" && **value == *avatar.key.as_str()));
    assert!(matches!(ask(Some("videos")).await, Err(IssueError::RouteForbidden)));
    assert!(matches!(ask(Some("film")).await, Err(IssueError::RouteUnknown)));
    assert!(ask(Some("drafts")).await.is_ok());
    assert_eq!(
        log.lines(),
        [
            r#"granted alice None articles"#,
            r#"granted alice Some("avatars") avatars"#,
            r#"refused Some("alice") Some("videos") route-forbidden ours=false"#,
            r#"refused Some("alice") None route-unknown ours=false"#,
            r#"granted alice Some("drafts") drafts"#,
        ]
    );
}

#[tokio::test]
async fn without_an_unnamed_route_one_must_be_named() {
    let service = UploadService::of([Route::named("avatars".parse().unwrap(), simple("a"))]).unwrap();
    let refused = service.issue(&who(), None, &UploadRequest::bodyless(), at()).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_ours()), ("route-required", false));
}

#[test]
fn services_that_are_none() {
    let none: [Route<Signer>; 0] = [];
    assert_eq!(UploadService::of(none).err(), Some(InvalidService::NoRoute));
    let twice = UploadService::of([Route::unnamed(simple("a")), Route::unnamed(simple("b"))]);
    assert_eq!(twice.err(), Some(InvalidService::Repeated(None)));
    let nobody = Route::named("a".parse().unwrap(), issuer(policy("a", true, UploadMethod::Put)));
    let nobody = UploadService::of([nobody]).unwrap_err();
    assert_eq!(nobody, InvalidService::NobodyToAsk(Some("a".into())));
    assert!(nobody.to_string().starts_with("the route `a` lets callers name ids"), "{nobody}");
    for name in ["", "A", "1", "a b", "é", &"a".repeat(65)] {
        assert!(name.parse::<upsign::RouteName>().is_err(), "{name}");
    }
}

#[tokio::test]
async fn the_application_says_whose_an_existing_id_is() {
    let made = || issuer(policy("a", true, UploadMethod::Put));
    let what = |id: &str| described().with_id("articleId", id);
    let alone = made();
    let unasked = alone.issue(&who(), &what(THEIRS), at()).await.unwrap_err();
    assert!(matches!(unasked, IssueError::NobodyToAsk) && unasked.is_ours());
    let service = UploadService::of([Route::unnamed(made().with_authorize(Articles))]).unwrap();
    let ask = async |what: &UploadRequest| service.issue(&who(), None, what, at()).await;
    assert!(ask(&described()).await.is_ok());
    assert!(ask(&what(THEIRS)).await.unwrap().key.as_str().starts_with(&format!("a/{THEIRS}/")));
    let other = ask(&what("00000000-0000-4000-8000-000000000000")).await.unwrap_err();
    assert_eq!((other.code(), other.is_ours()), ("forbidden", false));
    let undecided = ask(&what("ffffffff-0000-4000-8000-000000000000")).await.unwrap_err();
    assert_eq!((undecided.code(), undecided.is_ours()), ("authorization-unavailable", true));
}

#[tokio::test]
async fn a_rate_is_counted_before_anything_else() {
    let service = UploadService::from(simple("a")).with_rate_limit(NoMore);
    let refused = service.issue(&who(), Some("nowhere"), &described(), at()).await.unwrap_err();
    assert!(matches!(refused, IssueError::TooMany(many) if many.retry_after == 7));
}

#[cfg(feature = "rate-limit")]
#[tokio::test]
async fn each_caller_has_a_rate_of_their_own() {
    use std::num::NonZeroU32;
    let limit = upsign::PerCaller::new(NonZeroU32::new(2).unwrap(), NonZeroU32::new(3).unwrap());
    let (alice, bob) = (who(), Identity::vouched("https://issuer.example", "bob").unwrap());
    let elsewhere = Identity::vouched("https://other.example", "alice").unwrap();
    for caller in [&alice, &bob, &elsewhere] {
        for _ in 0..3 {
            assert_eq!(limit.count(caller, at()).await, Ok(()));
        }
        let wait = limit.count(caller, at()).await.unwrap_err().retry_after;
        assert!((1..=30).contains(&wait), "{wait}");
    }
    assert_eq!(limit.remembered(), 3);
}
