//! A service: its routes, rate limit and observers.

use std::collections::BTreeMap;
use std::sync::Arc;

use upsign_core::{Identity, Presigner, Timestamp, error_chain};
use upsign_policy::UploadRequest;
use uuid::Uuid;

use crate::error::IssueError;
use crate::extensions::Extensions;
use crate::grant::UploadGrant;
use crate::invalid_service::{InvalidUploadService, check_pending};
use crate::issuer::UploadIssuer;
use crate::issuer::{Beginning, SignedGrant};
use crate::observe::{GrantEvent, LimitStep, Refusal, UploadObserver};
use crate::quota::Quota;
use crate::rate::RateLimit;
use crate::route::Route;
use crate::session::{NEEDED_TO_LOOK, StoreAccess, TokenKeys, is_hidden_object};
use crate::world::Stopwatch;

/// One or more routes with their rate limit and observers: what an adapter serves.
///
/// ```
/// use upsign::prelude::*;
/// use upsign::Access;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = |key: &str| {
/// #     UploadPolicy::builder(target.clone(), key.parse().unwrap(), Bodyless::Refuse)
/// #         .content_types(["image/jpeg"])
/// #         .max_size(10 << 20)
/// #         .build()
/// # };
/// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// // `policy(key)` builds an `UploadPolicy` for images with this key, and `credentials` are AWS keys.
/// let avatars = UploadIssuer::sigv4(policy("avatars/{sub}/{id}.{ext}")?, credentials.clone())?;
/// let covers = UploadIssuer::sigv4(policy("covers/{id}.{ext}")?, credentials)?;
/// let service = UploadService::new([
///     Route::unnamed(avatars),
///     Route::named("covers".parse()?, covers).with_access(Access::unrestricted().with_groups(["editors"])),
/// ])?;
///
/// let alice = Identity::from_verified("https://issuer.example", "alice")?;
/// let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// let grant = service.issue(&alice, None, &image, SystemClock.now()).await?;
/// assert!(grant.key.as_str().starts_with("avatars/alice/"));
/// let refused = service.issue(&alice, Some("covers"), &image, SystemClock.now()).await.unwrap_err();
/// assert_eq!(refused.code(), "route-forbidden");
/// # Ok(())
/// # }
/// ```
///
/// A single [`UploadIssuer`] converts into a service with one unnamed route (`issuer.into()`).
///
/// Applications call [`issue`](Self::issue). Adapters such as `upsign-http` call the steps one by one, because they have to
/// count the caller before they read the request's body; they report every refusal with [`report`](Self::report).
///
/// `P` is the presigner of every route. [`boxed`](Self::boxed) erases its type; routes with different presigners are boxed
/// one by one ([`Route::boxed`]).
///
/// Clones are cheap and share the routes, the rate limit and the observers: give one to the adapter, and keep another for
/// handlers of the application. Add the limit and the observers before cloning; afterwards they are added to one clone only.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use upsign::{PerCallerRateLimit, UploadIssuer, UploadService};
///
/// # fn services(issuer: UploadIssuer) -> (UploadService, UploadService) {
/// // 60 requests per minute, of which 10 may come at once.
/// let limit = PerCallerRateLimit::new(NonZeroU32::new(60).unwrap(), NonZeroU32::new(10).unwrap());
/// let service = UploadService::from(issuer).with_rate_limit(limit);
/// (service.clone(), service) // both count the same requests
/// # }
/// ```
#[derive(Debug)]
pub struct UploadService<P = Arc<dyn Presigner>> {
    routes: Arc<[Route<P>]>,
    positions: Arc<Positions>,
    limit: Option<Arc<dyn RateLimit>>,
    call_limit: Option<Arc<dyn RateLimit>>,
    quota: Option<Quota>,
    extensions: Extensions,
    observers: Arc<[Arc<dyn UploadObserver>]>,
    /// The different keys of the routes. A token says which route it is for only once a key has verified it.
    token_keys: Arc<[TokenKeys]>,
}

// Derived, it would require `P: Clone`.
impl<P> Clone for UploadService<P> {
    fn clone(&self) -> Self {
        Self {
            routes: Arc::clone(&self.routes),
            positions: Arc::clone(&self.positions),
            limit: self.limit.clone(),
            call_limit: self.call_limit.clone(),
            quota: self.quota.clone(),
            extensions: self.extensions.clone(),
            observers: Arc::clone(&self.observers),
            token_keys: Arc::clone(&self.token_keys),
        }
    }
}

/// The position of each route in a list, by its name. A service may have thousands of routes.
#[derive(Debug, Default)]
struct Positions {
    unnamed: Option<usize>,
    named: BTreeMap<Box<str>, usize>,
}

impl Positions {
    fn get(&self, name: Option<&str>) -> Option<usize> {
        name.map_or(self.unnamed, |name| self.named.get(name).copied())
    }

    /// Adds a route and returns whether its name is new.
    fn insert(&mut self, name: Option<&str>, position: usize) -> bool {
        let previous = match name {
            None => self.unnamed.replace(position),
            Some(name) => self.named.insert(name.into(), position),
        };
        previous.is_none()
    }
}

impl<P: Presigner> From<UploadIssuer<P>> for UploadService<P> {
    fn from(issuer: UploadIssuer<P>) -> Self {
        let positions = Positions { unnamed: Some(0), ..Positions::default() };
        Self::from_parts(Arc::new([Route::unnamed(issuer)]), positions)
    }
}

impl<P: Presigner> UploadService<P> {
    /// Creates a service without a rate limit and without observers.
    ///
    /// # Errors
    /// Returns [`InvalidUploadService`] if there is no route, if two routes have the same name, if a route's policy lets clients
    /// supply ids while nothing can check who owns them, if it permits multipart uploads or confirms uploads without access to
    /// the store, if it has objects inspected without an inspector, or if a final key of one route could be among the objects of
    /// another one that are not confirmed.
    pub fn new(routes: impl IntoIterator<Item = Route<P>>) -> Result<Self, InvalidUploadService> {
        let routes: Arc<[Route<P>]> = routes.into_iter().collect();
        if routes.is_empty() {
            return Err(InvalidUploadService::NoRoute);
        }
        let mut positions = Positions::default();
        for (position, route) in routes.iter().enumerate() {
            let name = || route.name().map(Into::into);
            if !positions.insert(route.name(), position) {
                return Err(InvalidUploadService::DuplicateRoute(name()));
            }
            if route.issuer().requires_authorizer() {
                return Err(InvalidUploadService::MissingAuthorizer(name()));
            }
            if route.issuer().requires_store() {
                return Err(InvalidUploadService::MissingStore(name()));
            }
            if route.issuer().requires_inspector() {
                return Err(InvalidUploadService::MissingInspector(name()));
            }
        }
        check_pending(&routes)?;
        Ok(Self::from_parts(routes, positions))
    }

    fn from_parts(routes: Arc<[Route<P>]>, positions: Positions) -> Self {
        let token_keys = distinct_keys(&routes);
        let positions = Arc::new(positions);
        let observers = Arc::new([]);
        Self {
            routes,
            positions,
            limit: None,
            call_limit: None,
            quota: None,
            extensions: Extensions::default(),
            observers,
            token_keys,
        }
    }

    /// Erases the type of the presigner.
    #[must_use]
    pub fn boxed(self) -> UploadService
    where
        P: 'static,
    {
        let Self { routes, positions, limit, call_limit, quota, extensions, observers, token_keys } = self;
        let routes = routes.iter().cloned().map(Route::boxed).collect();
        UploadService { routes, positions, limit, call_limit, quota, extensions, observers, token_keys }
    }

    /// Limits how often each caller may request an upload.
    #[must_use]
    pub fn with_rate_limit(self, limit: impl RateLimit + 'static) -> Self {
        Self { limit: Some(Arc::new(limit)), ..self }
    }

    /// Limits how often each caller may continue uploads: ask for the URLs of parts or for the status, complete or abort.
    ///
    /// A single large file needs many of these requests, so they do not count against the limit of
    /// [`with_rate_limit`](Self::with_rate_limit). Ten times as many as that are a good start.
    #[must_use]
    pub fn with_call_rate_limit(self, limit: impl RateLimit + 'static) -> Self {
        Self { call_limit: Some(Arc::new(limit)), ..self }
    }

    /// Limits how many objects and bytes each caller uploads. [`quota`](crate::quota) has an example.
    ///
    /// Every key of a route that a limit counts must be unique, as with `{id}` in its template: uploads to the same key count
    /// once.
    #[must_use]
    pub fn with_quota(self, quota: Quota) -> Self {
        Self { quota: Some(quota), ..self }
    }

    /// Adds an observer. Observers are called in the order in which they were added.
    #[must_use]
    pub fn with_observer(self, observer: impl UploadObserver + 'static) -> Self {
        let added: Arc<dyn UploadObserver> = Arc::new(observer);
        Self { observers: self.observers.iter().cloned().chain([added]).collect(), ..self }
    }

    /// Returns the routes.
    #[must_use]
    pub fn routes(&self) -> &[Route<P>] {
        &self.routes
    }

    /// Returns the route with this name; `None` selects the unnamed route.
    #[must_use]
    pub fn route(&self, name: Option<&str>) -> Option<&Route<P>> {
        self.routes.get(self.positions.get(name)?)
    }

    /// Issues a grant for `caller` to upload what `upload` describes on a route, valid from `at` on.
    ///
    /// The steps run in this order: rate limit, route and its access, policy, application, quota, signature. Observers receive
    /// the grant or the refusal.
    ///
    /// # Errors
    /// Returns [`IssueError`] if one of the steps refuses the request or fails.
    /// [`IssueError::is_service_fault`] distinguishes the two.
    pub async fn issue(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        self.issue_under(caller, route, upload, [], at).await
    }

    /// Issues a grant whose ids the service chooses, for example the id of the article in the path of the request.
    ///
    /// The steps are those of [`issue`](Self::issue). [`UploadIssuer::issue_under`] describes `ids`.
    ///
    /// # Errors
    /// Returns [`IssueError::UndeclaredId`] if the route's policy declares no id of such a name,
    /// [`IssueError::IdConflict`] if the client supplied another value for a chosen id, and the errors of
    /// [`issue`](Self::issue).
    pub async fn issue_under<'a>(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let ids: Vec<_> = ids.into_iter().collect();
        // The rate limit covers all routes, so its refusals belong to none.
        let (result, route) = match self.count(caller, at).await {
            Ok(()) => (self.issue_chosen(caller, route, upload, &ids, at).await, route),
            Err(error) => (Err(error), None),
        };
        result.inspect_err(|error| self.report(&self.refusal(error, caller, route, at)))
    }

    /// Counts one request of `caller` against the rate limit: the first half of [`issue`](Self::issue), for adapters.
    ///
    /// An adapter calls this as soon as the caller is verified, before it parses the request's body, so that requests with
    /// invalid bodies count too. The second half is [`issue_counted`](Self::issue_counted) or
    /// [`issue_under_counted`](Self::issue_under_counted). The adapter must [`report`](Self::report) an error itself.
    ///
    /// # Errors
    /// Returns [`IssueError::TooManyRequests`] if the caller is above the limit, and [`IssueError::RateLimitUnavailable`] if the
    /// limit fails closed and could not count the request.
    pub async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), IssueError> {
        let Some(limit) = &self.limit else { return Ok(()) };
        let counted = limit.count(caller, at).await;
        counted.or_else(|error| self.skip_or_refuse(LimitStep::Rate, error, at))
    }

    /// Issues a grant to a caller that was already counted: the second half of [`issue`](Self::issue), for adapters.
    ///
    /// Observers receive a grant. The adapter must [`report`](Self::report) an error itself;
    /// [`refusal`](Self::refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`issue`](Self::issue), except [`IssueError::TooManyRequests`].
    pub async fn issue_counted(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        self.issue_chosen(caller, route, upload, &[], at).await
    }

    /// Issues a grant with chosen ids to a caller that was already counted: the second half of
    /// [`issue_under`](Self::issue_under), for adapters and for handlers that count first.
    ///
    /// Observers receive a grant. The caller of this method must [`report`](Self::report) an error itself;
    /// [`refusal`](Self::refusal) converts it.
    ///
    /// # Errors
    /// Returns the same errors as [`issue_under`](Self::issue_under), except [`IssueError::TooManyRequests`].
    pub async fn issue_under_counted<'a>(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let ids: Vec<_> = ids.into_iter().collect();
        self.issue_chosen(caller, route, upload, &ids, at).await
    }

    async fn issue_chosen(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let route = self.usable_route(caller, route)?;
        let permit = route.issuer().permit(caller, route.name(), upload, ids, at).await?;
        let counted = self.reserve(caller, route, &permit, at).await?;
        let watch = Stopwatch::start();
        let account = counted.map(|counted| counted.account);
        let beginning = Beginning { caller, route: route.route_name(), at, account };
        let signed = route.issuer().sign(permit, beginning, &self.observers).await;
        if signed.is_err() {
            self.release_unsigned(counted, at).await;
        }
        let SignedGrant { grant, store } = signed?;
        let signing = watch.elapsed().saturating_sub(store);
        let event = GrantEvent::new(caller, &grant, at).with_route(route.name());
        let event = event.with_signing(signing).with_store(store);
        self.observers.iter().for_each(|observer| observer.granted(&event));
        Ok(grant)
    }

    /// Returns the route with this name if the caller may use it.
    pub(crate) fn usable_route(
        &self,
        caller: &Identity,
        route: Option<&str>,
    ) -> Result<&Route<P>, IssueError> {
        let missing = if route.is_some() { IssueError::RouteUnknown } else { IssueError::RouteRequired };
        let route = self.route(route).ok_or(missing)?;
        if route.access().allows(caller) { Ok(route) } else { Err(IssueError::RouteForbidden) }
    }

    /// Converts an error of [`count`](Self::count), [`issue_counted`](Self::issue_counted) or
    /// [`issue_under_counted`](Self::issue_under_counted) into the refusal to report.
    ///
    /// The route is set only if it exists, so the refusal contains no text that the client chose. If the request named no
    /// route or an unknown one, the reason, which is for the operator, lists the names of the routes. If the caller may not use the
    /// route, it lists the groups or scopes that the caller has, and those of which it needs one.
    #[must_use]
    pub fn refusal(
        &self,
        error: &IssueError,
        caller: &Identity,
        route: Option<&str>,
        at: Timestamp,
    ) -> Refusal {
        let route = self.route(route);
        let refusal = Refusal::from_error(error, at).with_caller(caller);
        let refusal = refusal.with_route(route.and_then(Route::name));
        match error {
            IssueError::RouteForbidden => match route.and_then(|route| route.access().unmet(caller)) {
                Some(unmet) => refusal.with_reason(format!("{error}: {unmet}")),
                None => refusal,
            },
            IssueError::RouteRequired | IssueError::RouteUnknown => {
                refusal.with_reason(format!("{error}: {}", self.route_names()))
            }
            IssueError::Look(failed) if is_hidden_object(failed) => {
                refusal.with_reason(format!("{}; {NEEDED_TO_LOOK}", error_chain(error)))
            }
            _ => refusal,
        }
    }

    /// Returns the names of the routes in words.
    fn route_names(&self) -> String {
        let names: Vec<&str> = self.routes.iter().filter_map(Route::name).collect();
        match (names.as_slice(), self.route(None).is_some()) {
            ([], _) => "the only route has no name".to_owned(),
            (names, false) => format!("the routes are {}", names.join(", ")),
            (names, true) => format!("the routes are {}, and the one without a name", names.join(", ")),
        }
    }

    pub(crate) fn call_limit(&self) -> Option<&dyn RateLimit> {
        self.call_limit.as_deref()
    }

    pub(crate) fn observers(&self) -> &[Arc<dyn UploadObserver>] {
        &self.observers
    }

    pub(crate) const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Changes the extensions, for their builder methods.
    pub(crate) fn with_extensions(self, change: impl FnOnce(&mut Extensions)) -> Self {
        let mut service = self;
        change(&mut service.extensions);
        service
    }

    /// Returns the quota of [`with_quota`](Self::with_quota), or `None` if uploads are not counted.
    #[must_use]
    pub const fn quota(&self) -> Option<&Quota> {
        self.quota.as_ref()
    }

    pub(crate) fn token_keys(&self) -> &[TokenKeys] {
        &self.token_keys
    }

    /// Notifies the observers of a refusal.
    ///
    /// [`issue`](Self::issue) calls this itself. Adapters call it once for every request that they refuse.
    pub fn report(&self, refusal: &Refusal) {
        self.observers.iter().for_each(|observer| observer.refused(refusal));
    }
}

/// Returns the keys of all routes, each once. Most services have one.
fn distinct_keys<P>(routes: &[Route<P>]) -> Arc<[TokenKeys]> {
    let mut distinct: Vec<TokenKeys> = Vec::new();
    for keys in routes.iter().filter_map(|route| route.issuer().store().map(StoreAccess::keys)) {
        if !distinct.iter().any(|known| known.are_same(keys)) {
            distinct.push(keys.clone());
        }
    }
    distinct.into()
}
