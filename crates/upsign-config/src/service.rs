//! Builds a service from a configuration.

use std::sync::Arc;

use upsign::confirm::Inspect;
use upsign::quota::{FailMode, QuotaStore, StoreRateLimit};
use upsign::{
    Authorize, InvalidUploadService, PerCallerRateLimit, RandomIds, Rate, Route, TimeOrderedIds,
    UploadIssuer, UploadService,
};
use upsign_core::{Presigner, Target, Unsupported};
use upsign_inspect::MagicInspect;
use upsign_policy::{Inspection, InvalidUploadPolicy, SizeBound};

use crate::build::section;
use crate::config::{Config, IdVersion, RateLimitConfig, RouteConfig};
use crate::service_parts::{ServiceParts, StoreParts};

/// The reason why no service can be built from a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildServiceError {
    /// The presigner does not support a requirement of a policy.
    #[error("the signer does not support a policy")]
    Unsupported(#[from] Unsupported),
    /// A route has upload tokens, and there are no keys to sign them. Holds its section, for example `route.videos`.
    #[error(
        "[{0}] has multipart or confirmed uploads, which need [token] keys: write keys = [\"env:UPSIGN_TOKEN_SECRET\"], and set the \
         variable to what `openssl rand -base64 32` prints"
    )]
    MissingTokenKeys(Box<str>),
    /// Uploads are counted in a server, and `parts` has no store that calls it.
    #[error("[quota] counts uploads in a server, which this program does not call")]
    MissingQuotaStore,
    /// The routes do not form a valid service.
    #[error(transparent)]
    Service(#[from] InvalidUploadService),
}

impl Config {
    /// Builds the service: every route, signed with `presigner`, and the rate limit.
    ///
    /// # Errors
    /// Returns [`BuildServiceError`] if the presigner does not support a policy, if clients may supply ids on a route, or if a
    /// route has multipart uploads. The first requires an application that checks who may use an id, and the second the calls to
    /// a store; use [`service_with`](Config::service_with).
    pub fn service<P: Presigner>(&self, presigner: P) -> Result<UploadService<Arc<P>>, BuildServiceError> {
        self.service_with(presigner, ServiceParts::new())
    }

    /// Builds the service with an application-level authorizer for each route. `authorize` returns the authorizer of a
    /// route, or `None` if the policy alone decides.
    ///
    /// # Errors
    /// Returns [`BuildServiceError`] if the presigner does not support a policy, if clients may supply ids on a route without an
    /// authorizer, or if a route has multipart uploads.
    pub fn service_with_authorizer<P: Presigner>(
        &self,
        presigner: P,
        authorize: impl Fn(&RouteConfig) -> Option<Arc<dyn Authorize>>,
    ) -> Result<UploadService<Arc<P>>, BuildServiceError> {
        self.service_with(presigner, ServiceParts::new().with_authorizers(authorize))
    }

    /// Builds the service with what the application adds to it: authorizers, and what multipart uploads need.
    ///
    /// ```
    /// use upsign::session::TokenKeys;
    /// use upsign_config::{Config, ServiceParts, StoreSigner, initial_file};
    /// use upsign_core::{Credentials, WithCredentials};
    ///
    /// let config = Config::read("upsign.toml", initial_file(), |_| None)?;
    /// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let presigner = WithCredentials::new(StoreSigner::new(), credentials);
    /// let mut parts = ServiceParts::new();
    /// # #[cfg(feature = "objects")]
    /// if config.needs_store() {
    ///     // A program passes `|name| std::env::var(name).ok()`.
    ///     let keys = config.token_keys(|source| source.read(|_| None))?;
    ///     parts = parts.with_http_store(keys, Default::default());
    /// }
    /// let service = config.service_with(presigner, parts)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`BuildServiceError`] if the presigner does not support a policy, if clients may supply ids on a route without an
    /// authorizer, if a route has upload tokens and `parts` has no keys for them, or if `parts` lacks an inspector or the store of
    /// quotas.
    pub fn service_with<P: Presigner>(
        &self,
        presigner: P,
        parts: ServiceParts<'_, P>,
    ) -> Result<UploadService<Arc<P>>, BuildServiceError> {
        let ServiceParts { authorize, inspect, mut store, quota } = parts;
        let presigner = Arc::new(presigner);
        let mut routes = Vec::with_capacity(self.routes.len());
        for config in &self.routes {
            let mut issuer = config.issuer(&presigner)?;
            if issuer.requires_store() {
                let missing = || BuildServiceError::MissingTokenKeys(section(config).into());
                let StoreParts { keys, objects } = store.as_mut().ok_or_else(missing)?;
                issuer = issuer.with_store(objects(config, &presigner), keys.clone());
            }
            let inspector: Option<Arc<dyn Inspect>> = match config.policy.confirmation().inspection() {
                Inspection::Magic => Some(Arc::new(MagicInspect::new())),
                Inspection::Hook => inspect(config),
                _ => None,
            };
            if let Some(inspector) = inspector {
                issuer = issuer.with_inspector(inspector);
            }
            let route = config.route(issuer);
            routes.push(match authorize(config) {
                Some(authorize) => route.with_authorizer(authorize),
                None => route,
            });
        }
        self.with_limits(UploadService::new(routes)?, quota)
    }

    /// Returns whether a route has multipart uploads, confirms uploads or seals keys, so that the service needs the keys of upload
    /// tokens and calls to a store.
    #[must_use]
    pub fn needs_store(&self) -> bool {
        self.policies().any(|policy| {
            let is_sealed = policy.template().is_sealed() || policy.upload_template().is_sealed();
            policy.multipart().is_some() || policy.confirmation().confirm() || is_sealed
        })
    }

    fn with_limits<P: Presigner>(
        &self,
        service: UploadService<P>,
        store: Option<Arc<dyn QuotaStore>>,
    ) -> Result<UploadService<P>, BuildServiceError> {
        let Some(quota) = &self.quota else { return Ok(self.with_own_limits(service)) };
        let store = store.or_else(|| quota.memory()).ok_or(BuildServiceError::MissingQuotaStore)?;
        let service = match quota.shares_rate_limits {
            true => self.with_shared_limits(service, &store, quota.fail),
            false => self.with_own_limits(service),
        };
        Ok(match quota.limits.is_empty() {
            true => service,
            false => service.with_quota(quota.in_store(store, self.token_deployment())),
        })
    }

    /// Sets the limits of requests that each process counts by itself.
    fn with_own_limits<P: Presigner>(&self, service: UploadService<P>) -> UploadService<P> {
        let service = match self.limit {
            Some(limit) => service.with_rate_limit(PerCallerRateLimit::new(limit.per_minute, limit.burst)),
            None => service,
        };
        match self.calls_per_minute() {
            Some(calls) => service.with_call_rate_limit(PerCallerRateLimit::new(calls, calls)),
            None => service,
        }
    }

    /// Sets the limits of requests that all processes count together.
    fn with_shared_limits<P: Presigner>(
        &self,
        service: UploadService<P>,
        store: &Arc<dyn QuotaStore>,
        fail: FailMode,
    ) -> UploadService<P> {
        let limit = |kind, per_minute, burst| {
            let limit = StoreRateLimit::new(Arc::clone(store), kind, Rate::new(per_minute, burst), fail);
            limit.with_namespace(self.token_deployment())
        };
        let service = match self.limit {
            Some(RateLimitConfig { per_minute, burst }) => {
                service.with_rate_limit(limit("uploads", per_minute, burst))
            }
            None => service,
        };
        match self.calls_per_minute() {
            Some(calls) => service.with_call_rate_limit(limit("calls", calls, calls)),
            None => service,
        }
    }

    /// Returns the configuration with another target for each route, for example a bucket of a test environment or a store on this
    /// machine. [`effective`](Self::effective) still shows the file.
    ///
    /// ```
    /// use upsign_config::{Config, initial_file};
    /// use upsign_core::Target;
    ///
    /// let config = Config::read("upsign.toml", initial_file(), |_| None)?;
    /// let staging = Target::aws("images-of-staging".parse()?, "eu-central-1".parse()?);
    /// let config = config.with_targets(|_route| staging.clone())?;
    /// assert_eq!(config.routes()[0].policy.target().bucket(), "images-of-staging");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidUploadPolicy`] if a policy is not valid for its new target.
    pub fn with_targets(&self, target: impl Fn(&RouteConfig) -> Target) -> Result<Self, InvalidUploadPolicy> {
        self.with_targets_and_bounds(|route| (target(route), route.policy.size_bound()))
    }

    /// Returns the configuration with another target for each route, and with what its `PUT`s bind of the size there. A store that
    /// binds the maximum in another way, or not at all, needs another bound than the file says.
    ///
    /// # Errors
    /// Returns [`InvalidUploadPolicy`] if a policy is not valid for its new target.
    pub fn with_targets_and_bounds(
        &self,
        target: impl Fn(&RouteConfig) -> (Target, SizeBound),
    ) -> Result<Self, InvalidUploadPolicy> {
        let mut config = self.clone();
        for route in &mut config.routes {
            let (target, bound) = target(route);
            route.policy = route.policy.with_target_and_bound(target, bound)?;
        }
        Ok(config)
    }

    /// Returns the routes, each with its issuer. The issuer of a route with multipart uploads cannot create them yet: see
    /// [`UploadIssuer::with_store`].
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the presigner does not support a requirement of a policy.
    pub fn issuers<P: Presigner>(&self, presigner: P) -> Result<Vec<Route<Arc<P>>>, Unsupported> {
        let presigner = Arc::new(presigner);
        self.routes.iter().map(|config| Ok(config.route(config.issuer(&presigner)?))).collect()
    }
}

impl RouteConfig {
    /// Creates the issuer of the route, without what multipart uploads need.
    fn issuer<P: Presigner>(&self, presigner: &Arc<P>) -> Result<UploadIssuer<Arc<P>>, Unsupported> {
        let issuer = UploadIssuer::new(self.policy.clone(), Arc::clone(presigner))?;
        Ok(match self.id_version {
            IdVersion::V4 => issuer.with_ids(RandomIds),
            IdVersion::V7 => issuer.with_ids(TimeOrderedIds),
        })
    }

    /// Creates the route of an issuer.
    fn route<P: Presigner>(&self, issuer: UploadIssuer<P>) -> Route<P> {
        let route = match &self.name {
            Some(name) => Route::named(name.clone(), issuer),
            None => Route::unnamed(issuer),
        };
        route.with_access(self.access.clone())
    }
}
