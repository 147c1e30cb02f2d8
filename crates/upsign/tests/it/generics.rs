//! Types that name no signer, routes with different signers, and extension points behind pointers.

use std::sync::Arc;

use upsign::policy::UploadMethod;
use upsign::types::{PresignError, PresignRequest};
use upsign::{
    Authorize, AuthorizeError, AuthorizeRequest, Clock, Decision, IdSource, Identity, NoEntropy,
    PresignedRequest, Presigner, RateLimit, Route, Timestamp, TooManyRequests, Unsupported, UploadIssuer,
    UploadObserver, UploadService, Uuid, async_trait, authorize_fn, clock_fn, ids_fn, rate_limit_fn,
};

use crate::fixture::{Log, Signer, at, caller, described, issuer, policy, signer, simple};

/// The state of an application: no type of it names a signer.
struct AppState {
    avatars: UploadIssuer,
    articles: Arc<UploadService>,
    routes: Vec<Route>,
}

const fn assert_send_sync<T: Send + Sync + 'static>() {}

#[tokio::test]
async fn application_state_names_no_signer() {
    const { assert_send_sync::<AppState>() };
    let state = AppState {
        avatars: simple("avatars").boxed(),
        articles: Arc::new(UploadService::from(simple("articles")).boxed()),
        routes: vec![Route::unnamed(simple("a")).boxed()],
    };
    assert!(state.avatars.issue(&caller(), &described(), at()).await.is_ok());
    assert!(state.articles.issue(&caller(), None, &described(), at()).await.is_ok());
    assert_eq!(state.routes.len(), 1);
}

#[tokio::test]
async fn boxed_service_keeps_its_limit_observers_and_authorization() {
    let log = Log::default();
    let service = UploadService::new([
        Route::unnamed(simple("a")).with_authorizer(authorize_fn(|_| async { Ok(Decision::Deny) }))
    ]);
    let service = service.unwrap().with_observer(log.clone()).boxed();
    assert_eq!(service.issue(&caller(), None, &described(), at()).await.unwrap_err().code(), "forbidden");
    let limited = rate_limit_fn(|_, _| async { Err(TooManyRequests::new(1)) });
    let service = service.with_rate_limit(limited).boxed();
    assert_eq!(
        service.issue(&caller(), None, &described(), at()).await.unwrap_err().code(),
        "too-many-requests"
    );
    assert_eq!(log.lines().len(), 2);
}

/// A presigner of another type: it sends clients to a proxy, under the signature of the presigner that it wraps.
#[derive(Debug)]
struct ThroughProxy(Signer);

#[async_trait]
impl Presigner for ThroughProxy {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        let mut signed = self.0.presign(request, at).await?;
        signed
            .headers
            .insert("x-proxied", "1")
            .map_err(|error| PresignError::Backend { backend: "proxy", source: error.into() })?;
        Ok(signed)
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        self.0.check(request)
    }
}

#[tokio::test]
async fn routes_of_one_service_may_have_different_signers() {
    let presigner = ThroughProxy(signer());
    let videos = UploadIssuer::new(policy("videos", false, UploadMethod::Put), presigner).unwrap();
    let service: UploadService = UploadService::new([
        Route::unnamed(simple("articles")).boxed(),
        Route::named("videos".parse().unwrap(), videos.boxed()),
    ])
    .unwrap();
    for (route, proxied) in [(None, false), (Some("videos"), true)] {
        let grant = service.issue(&caller(), route, &described(), at()).await.unwrap();
        let put = grant.upload.put().unwrap();
        assert_eq!(put.headers.get("x-proxied").is_some(), proxied);
    }
}

#[tokio::test]
async fn sigv4_issuer_equals_an_issuer_built_by_hand() {
    let source = signer().source().clone();
    let fixed = || ids_fn(|_| Ok(Uuid::from_u128(7)));
    let short = UploadIssuer::sigv4(policy("a", false, UploadMethod::Put), source).unwrap().with_ids(fixed());
    let long = simple("a").with_ids(fixed());
    assert_eq!(
        short.issue(&caller(), &described(), at()).await.unwrap(),
        long.issue(&caller(), &described(), at()).await.unwrap()
    );
}

/// Calls every method of every extension point.
async fn call_all(
    authorize: impl Authorize,
    limit: impl RateLimit,
    observer: impl UploadObserver,
    clock: impl Clock,
    ids: impl IdSource,
) -> (UploadIssuer, Timestamp) {
    let now = clock.now();
    assert_eq!(ids.next(now), Err(NoEntropy::new()));
    assert_eq!(limit.count(&caller(), now).await.unwrap_err().too_many(), Some(TooManyRequests::new(7)));
    let _: &dyn Authorize = &authorize;
    observer.refused(&upsign::Refusal::new("code", false, now));
    (simple("a").boxed(), now)
}

#[tokio::test]
async fn every_extension_point_works_behind_every_pointer() {
    #[derive(Debug)]
    struct DenyAll;

    #[async_trait]
    impl Authorize for DenyAll {
        async fn authorize(&self, _: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
            Ok(Decision::Deny)
        }
    }

    async fn denied(authorize: impl Authorize + 'static) -> bool {
        let issuer = issuer(policy("a", false, UploadMethod::Put)).with_authorizer(authorize);
        issuer.issue(&caller(), &described(), at()).await.is_err_and(|error| error.code() == "forbidden")
    }

    static DENY_ALL: DenyAll = DenyAll;
    assert!(denied(DenyAll).await && denied(&DENY_ALL).await);
    assert!(denied(Arc::new(DenyAll) as Arc<dyn Authorize>).await);
    assert!(denied(Box::new(DenyAll) as Box<dyn Authorize>).await);

    let limit = rate_limit_fn(|_: &Identity, _| async { Err(TooManyRequests::new(7)) });
    let clock = clock_fn(at);
    let ids = ids_fn(|_| Err(NoEntropy::new()));
    let log = Log::default();
    call_all(&DENY_ALL, &limit, &log, &clock, &ids).await;
    call_all(Arc::new(DenyAll), Arc::new(limit), Arc::new(log.clone()), Arc::new(clock), Arc::new(ids)).await;
    let limit: Box<dyn RateLimit> = Box::new(limit);
    let (log_box, clock): (Box<dyn UploadObserver>, Box<dyn Clock>) =
        (Box::new(log.clone()), Box::new(clock));
    let ids: Box<dyn IdSource> = Box::new(ids);
    let (_, now) = call_all(Box::new(DenyAll), limit, log_box, clock, ids).await;
    assert_eq!(now, at());
    assert_eq!(log.lines().len(), 3);
}
