//! Routes, limits and observers: what a door serves.

use std::fmt;

use upsign_core::{Identity, Presigner, Timestamp};
use upsign_policy::UploadRequest;

use crate::world::Stopwatch;
use crate::{Granted, IssueError, RateLimit, Refused, Route, UploadGrant, UploadIssuer, UploadObserver};

/// One or several routes with everything around them: what every door serves.
///
/// An [`UploadIssuer`] alone becomes a service with one route, by `into()`.
#[derive(Debug)]
pub struct UploadService<P> {
    routes: Vec<Route<P>>,
    limit: Option<Box<dyn RateLimit>>,
    observers: Vec<Box<dyn UploadObserver>>,
}

/// Why routes do not make a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidService {
    /// No route.
    #[error("a service needs a route")]
    NoRoute,
    /// Two routes of one name, or two without.
    #[error("two routes are called {}", Name(.0))]
    Repeated(Option<Box<str>>),
    /// Callers may name existing ids, and nobody says whether they may.
    #[error(
        "{} lets callers name ids (client_may_supply), and only an application can say whose an id is: give its issuer an Authorize",
        Name(.0)
    )]
    NobodyToAsk(Option<Box<str>>),
}

struct Name<'a>(&'a Option<Box<str>>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "the route `{name}`"),
            None => f.write_str("the route without a name"),
        }
    }
}

impl<P: Presigner> From<UploadIssuer<P>> for UploadService<P> {
    fn from(issuer: UploadIssuer<P>) -> Self {
        Self { routes: vec![Route::unnamed(issuer)], limit: None, observers: Vec::new() }
    }
}

impl<P: Presigner> UploadService<P> {
    /// A service of these routes.
    ///
    /// # Errors
    /// [`InvalidService`].
    pub fn of(routes: impl IntoIterator<Item = Route<P>>) -> Result<Self, InvalidService> {
        let routes: Vec<Route<P>> = routes.into_iter().collect();
        if routes.is_empty() {
            return Err(InvalidService::NoRoute);
        }
        for (index, route) in routes.iter().enumerate() {
            let name = || route.name().map(Into::into);
            if routes.iter().skip(index + 1).any(|other| other.name() == route.name()) {
                return Err(InvalidService::Repeated(name()));
            }
            if route.issuer().lacks_authorize() {
                return Err(InvalidService::NobodyToAsk(name()));
            }
        }
        Ok(Self { routes, limit: None, observers: Vec::new() })
    }

    /// The same, with callers held to a rate.
    #[must_use]
    pub fn with_rate_limit(self, limit: impl RateLimit + 'static) -> Self {
        Self { limit: Some(Box::new(limit)), ..self }
    }

    /// The same, telling one more observer.
    #[must_use]
    pub fn with_observer(mut self, observer: impl UploadObserver + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Its routes.
    #[must_use]
    pub fn routes(&self) -> &[Route<P>] {
        &self.routes
    }

    /// A grant for `who` to upload `what` on a route, valid from `at` on. Observers are told how it ended.
    ///
    /// Order: the rate, the route, the policy, the application, the signature.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn issue(
        &self,
        who: &Identity,
        route: Option<&str>,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        self.admit(who, at).await?;
        self.issue_to_admitted(who, route, what, at).await
    }

    /// Counts one request of `who`: the first half of [`issue`](UploadService::issue), for a door that has still to read
    /// what is asked for.
    ///
    /// # Errors
    /// [`IssueError::TooMany`].
    pub async fn admit(&self, who: &Identity, at: Timestamp) -> Result<(), IssueError> {
        let Some(limit) = &self.limit else { return Ok(()) };
        limit.count(who, at).await.map_err(|many| {
            let why = IssueError::TooMany(many);
            self.refused(&Refused::new(why.code(), why.is_ours(), at).of(who));
            why
        })
    }

    /// The second half: a caller who was [admitted](UploadService::admit) is not counted again.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn issue_to_admitted(
        &self,
        who: &Identity,
        route: Option<&str>,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let found = self.routes.iter().find(|have| have.name() == route);
        let issued = self.issue_on(found, who, route, what, at).await;
        if let Err(why) = &issued {
            let route = found.and_then(Route::name);
            self.refused(&Refused::new(why.code(), why.is_ours(), at).of(who).on(route));
        }
        issued
    }

    async fn issue_on(
        &self,
        route: Option<&Route<P>>,
        who: &Identity,
        named: Option<&str>,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let missing = if named.is_some() { IssueError::RouteUnknown } else { IssueError::RouteRequired };
        let route = route.ok_or(missing)?;
        if !route.access().admits(who) {
            return Err(IssueError::RouteForbidden);
        }
        let permit = route.issuer().permit(who, route.name(), what, at).await?;
        let watch = Stopwatch::start();
        let grant = route.issuer().sign(permit, at).await?;
        let signing = watch.elapsed();
        let told = Granted { who, route: route.name(), grant: &grant, signing, at };
        self.observers.iter().for_each(|observer| observer.granted(&told));
        Ok(grant)
    }

    /// Tells the observers of a refusal that a door made itself: of a token, of a body.
    pub fn refused(&self, told: &Refused) {
        self.observers.iter().for_each(|observer| observer.refused(told));
    }
}
