//! What a service needs in addition to its configuration and its presigner.

use std::fmt;
use std::sync::Arc;

use upsign::Authorize;
use upsign::confirm::Inspect;
use upsign::objects::ObjectCalls;
use upsign::quota::QuotaStore;
use upsign::session::TokenKeys;

use crate::config::RouteConfig;

/// Returns the authorizer of a route, or `None` if the policy alone decides.
type Authorizers<'a> = dyn Fn(&RouteConfig) -> Option<Arc<dyn Authorize>> + 'a;

/// Returns the inspector of a route with `inspect = "hook"`, or `None` if the application has no inspector for it.
type Inspectors<'a> = dyn Fn(&RouteConfig) -> Option<Arc<dyn Inspect>> + 'a;

/// Returns the calls to the store of a route.
type Objects<'a, P> = dyn FnMut(&RouteConfig, &Arc<P>) -> Arc<dyn ObjectCalls> + 'a;

/// What the application adds to a service that is built from a configuration; see
/// [`Config::service_with`](crate::Config::service_with).
///
/// `P` is the presigner of the service.
pub struct ServiceParts<'a, P> {
    pub(crate) authorize: Box<Authorizers<'a>>,
    pub(crate) inspect: Box<Inspectors<'a>>,
    pub(crate) store: Option<StoreParts<'a, P>>,
    pub(crate) quota: Option<Arc<dyn QuotaStore>>,
}

/// What routes with upload tokens need.
pub(crate) struct StoreParts<'a, P> {
    pub(crate) keys: TokenKeys,
    pub(crate) objects: Box<Objects<'a, P>>,
}

impl<'a, P> ServiceParts<'a, P> {
    /// Adds nothing: the policies alone decide, and no route has upload tokens.
    #[must_use]
    pub fn new() -> Self {
        Self { authorize: Box::new(|_| None), inspect: Box::new(|_| None), store: None, quota: None }
    }

    /// Sets the application-level authorizers. `authorize` returns that of a route, or `None` if the policy alone decides.
    #[must_use]
    pub fn with_authorizers(
        self,
        authorize: impl Fn(&RouteConfig) -> Option<Arc<dyn Authorize>> + 'a,
    ) -> Self {
        Self { authorize: Box::new(authorize), ..self }
    }

    /// Sets what inspects the objects of routes with `inspect = "hook"`. `inspect` is called with each of these routes. Routes with
    /// `inspect = "magic"` have their inspector already.
    #[must_use]
    pub fn with_inspectors(self, inspect: impl Fn(&RouteConfig) -> Option<Arc<dyn Inspect>> + 'a) -> Self {
        Self { inspect: Box::new(inspect), ..self }
    }

    /// Sets the store in which uploads per day are counted, usually that of
    /// [`Config::open_quota_store`](crate::Config::open_quota_store). Without it, only `store = "memory"` is possible.
    #[must_use]
    pub fn with_quota_store(self, store: Arc<dyn QuotaStore>) -> Self {
        Self { quota: Some(store), ..self }
    }

    /// Sets what the routes with upload tokens need, those with multipart uploads and those whose uploads are confirmed: the keys of upload tokens, usually those of
    /// [`Config::token_keys`](crate::Config::token_keys), and the calls to their stores.
    ///
    /// `objects` is called once for each of these routes, with the presigner of the service. It returns calls to the target of the
    /// route's policy. Routes with the same target should share one value, and with it its connections, as
    /// [`with_http_store`](Self::with_http_store) does.
    #[must_use]
    pub fn with_store(
        self,
        keys: TokenKeys,
        objects: impl FnMut(&RouteConfig, &Arc<P>) -> Arc<dyn ObjectCalls> + 'a,
    ) -> Self {
        Self { store: Some(StoreParts { keys, objects: Box::new(objects) }), ..self }
    }
}

impl<P> Default for ServiceParts<'_, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> fmt::Debug for ServiceParts<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceParts").field("has_store", &self.store.is_some()).finish_non_exhaustive()
    }
}
