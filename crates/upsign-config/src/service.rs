//! Builds a service from a configuration.

use std::sync::Arc;

use upsign::{
    Authorize, InvalidUploadService, PerCallerRateLimit, RandomIds, Route, TimeOrderedIds, UploadIssuer,
    UploadService,
};
use upsign_core::{Presigner, Target, Unsupported};
use upsign_policy::{InvalidUploadPolicy, SizeBound};

use crate::config::{Config, IdVersion, RouteConfig};

/// The reason why no service can be built from a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildServiceError {
    /// The presigner does not support a requirement of a policy.
    #[error("the signer does not support a policy")]
    Unsupported(#[from] Unsupported),
    /// The routes do not form a valid service.
    #[error(transparent)]
    Service(#[from] InvalidUploadService),
}

impl Config {
    /// Builds the service: every route, signed with `presigner`, and the rate limit.
    ///
    /// # Errors
    /// Returns [`BuildServiceError`] if the presigner does not support a policy, or if clients may supply ids on a route.
    /// Such a route requires an application that checks who may use an id; use
    /// [`service_with_authorizer`](Config::service_with_authorizer).
    pub fn service<P: Presigner>(&self, presigner: P) -> Result<UploadService<Arc<P>>, BuildServiceError> {
        self.service_with_authorizer(presigner, |_| None)
    }

    /// Builds the service with an application-level authorizer for each route. `authorize` returns the authorizer of a
    /// route, or `None` if the policy alone decides.
    ///
    /// # Errors
    /// Returns [`BuildServiceError`] if the presigner does not support a policy, or if clients may supply ids on a route
    /// without an authorizer.
    pub fn service_with_authorizer<P: Presigner>(
        &self,
        presigner: P,
        authorize: impl Fn(&RouteConfig) -> Option<Arc<dyn Authorize>>,
    ) -> Result<UploadService<Arc<P>>, BuildServiceError> {
        let routes =
            self.routes.iter().zip(self.issuers(presigner)?).map(|(config, route)| match authorize(config) {
                Some(authorize) => route.with_authorizer(authorize),
                None => route,
            });
        let service = UploadService::new(routes)?;
        Ok(match self.limit {
            Some(limit) => service.with_rate_limit(PerCallerRateLimit::new(limit.per_minute, limit.burst)),
            None => service,
        })
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

    /// Returns the routes, each with its issuer.
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the presigner does not support a requirement of a policy.
    pub fn issuers<P: Presigner>(&self, presigner: P) -> Result<Vec<Route<Arc<P>>>, Unsupported> {
        let presigner = Arc::new(presigner);
        let routes = self.routes.iter().map(|route| {
            let issuer = UploadIssuer::new(route.policy.clone(), Arc::clone(&presigner))?;
            let issuer = match route.id_version {
                IdVersion::V4 => issuer.with_ids(RandomIds),
                IdVersion::V7 => issuer.with_ids(TimeOrderedIds),
            };
            let built = match &route.name {
                Some(name) => Route::named(name.clone(), issuer),
                None => Route::unnamed(issuer),
            };
            Ok(built.with_access(route.access.clone()))
        });
        routes.collect()
    }
}
