//! From a configuration to what a door serves.

use std::sync::Arc;

use upsign::{
    Authorize, InvalidService, PerCaller, RandomIds, Route, TimeOrderedIds, UploadIssuer, UploadService,
};
use upsign_core::{Presigner, Unsupported};

use crate::{Config, IdVersion, RouteConfig};

/// Why a configuration makes no service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoService {
    /// The signer cannot honour a policy.
    #[error("a policy cannot be signed")]
    Unsupported(#[from] Unsupported),
    /// The routes do not make a service.
    #[error(transparent)]
    Service(#[from] InvalidService),
}

impl Config {
    /// The service that the configuration describes, signing with `presigner`: its routes, and its limit.
    ///
    /// # Errors
    /// [`NoService`]; among others where clients may name ids, since only an application can say whose an id is. Such an
    /// application takes [`service_asking`](Config::service_asking).
    pub fn service<P: Presigner>(&self, presigner: P) -> Result<UploadService<Arc<P>>, NoService> {
        self.service_asking(presigner, |_| None)
    }

    /// The same, with each route's issuer asking what `authorize` gives for it.
    ///
    /// # Errors
    /// [`NoService`].
    pub fn service_asking<P: Presigner>(
        &self,
        presigner: P,
        authorize: impl Fn(&RouteConfig) -> Option<Arc<dyn Authorize>>,
    ) -> Result<UploadService<Arc<P>>, NoService> {
        let routes =
            self.routes.iter().zip(self.issuers(presigner)?).map(|(config, route)| match authorize(config) {
                Some(authorize) => route.with_authorize(authorize),
                None => route,
            });
        let service = UploadService::of(routes)?;
        Ok(match self.limit {
            Some(limit) => service.with_rate_limit(PerCaller::new(limit.per_minute, limit.burst)),
            None => service,
        })
    }

    /// The routes, each with its issuer.
    ///
    /// # Errors
    /// [`Unsupported`] when the presigner cannot honour a policy.
    pub fn issuers<P: Presigner>(&self, presigner: P) -> Result<Vec<Route<Arc<P>>>, Unsupported> {
        let presigner = Arc::new(presigner);
        let routes = self.routes.iter().map(|route| {
            let issuer = UploadIssuer::new(route.policy.clone(), Arc::clone(&presigner))?;
            let issuer = match route.id_version {
                IdVersion::V4 => issuer.with_ids(RandomIds),
                IdVersion::V7 => issuer.with_ids(TimeOrderedIds),
            };
            let made = match &route.name {
                Some(name) => Route::named(name.clone(), issuer),
                None => Route::unnamed(issuer),
            };
            Ok(made.for_callers(route.access.clone()))
        });
        routes.collect()
    }
}
