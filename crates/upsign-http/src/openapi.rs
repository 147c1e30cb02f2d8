//! The description of the API in OpenAPI.

use upsign::quota::{
    FailMode, Limits, QuotaCounter, QuotaDenied, QuotaKind, QuotaScope, QuotaStoreError, Window,
};
use upsign::{AuthorizeError, IssueError, RateLimitError, Route, TooManyRequests};
use upsign_core::{Presigner, Timestamp};
use upsign_documents::{DeploymentRoute, OpenApi};

use crate::api::Api;
use crate::endpoint::Endpoint;
use crate::problem::Problem;

impl<P: Presigner> Api<P> {
    /// Returns the description of this API in OpenAPI, with its paths below the base path, its maximum size of bodies, the origins of its pages,
    /// and what the policies of its routes accept, grant and refuse.
    ///
    /// How clients authenticate is set with [`OpenApi::with_security`], because the API does not know it: each call of
    /// [`handle`](Self::handle) receives its own [`Authenticate`](crate::Authenticate). The default is a bearer token in the header
    /// `Authorization`; [`SecurityScheme::BearerIn`](crate::SecurityScheme::BearerIn) is for another header.
    ///
    /// The description contains the names of the routes, which the API itself does not reveal.
    ///
    /// ```
    /// use upsign_http::{Api, OpenApiVersion, SecurityScheme};
    ///
    /// fn describe(api: &Api) -> String {
    ///     api.openapi().with_security(SecurityScheme::Cookie("session".into())).to_json(OpenApiVersion::V3_1)
    /// }
    /// ```
    #[must_use]
    pub fn openapi(&self) -> OpenApi {
        let routes = self.service().routes();
        let description = OpenApi::for_routes(routes.iter().map(described))
            .with_path(&self.public_path())
            .with_uploads_path(&self.public_uploads_path())
            .with_max_body(self.max_body())
            .with_origins(self.origins().clone())
            .with_read_urls(self.endpoints().contains(&Endpoint::ReadUrl))
            .with_grant_members(self.has_grant_members())
            .with_dialects(self.dialects().iter().copied(), self.paths.base());
        let is_restricted = |route: &Route<P>| route.access().groups().or(route.access().scopes()).is_some();
        let restricted = routes.iter().any(is_restricted).then(|| Problem::from(&IssueError::RouteForbidden));
        let quota = self.service().quota().map(|_| quota_problems()).into_iter().flatten();
        with_problems(description, problems().into_iter().chain(restricted).chain(quota))
    }
}

fn described<P: Presigner>(route: &Route<P>) -> DeploymentRoute {
    let described = DeploymentRoute::new(route.issuer().policy().clone());
    match route.name() {
        Some(name) => described.with_name(name),
        None => described,
    }
}

fn with_problems(description: OpenApi, problems: impl Iterator<Item = Problem>) -> OpenApi {
    problems.fold(description, |description, problem| {
        description.with_problem(problem.status().as_u16(), problem.code())
    })
}

/// Returns one problem of every kind that comes from an extension of the application or from an adapter, neither of which the
/// API knows.
fn problems() -> Vec<Problem> {
    vec![
        Problem::from(&IssueError::Forbidden),
        Problem::from(&IssueError::AuthorizerUnavailable(AuthorizeError::new("unavailable"))),
        Problem::from(&IssueError::TooManyRequests(TooManyRequests::new(1))),
        rate_limit_unavailable(),
        Problem::body_unreadable(),
        Problem::body_too_slow(),
        Problem::headers_too_large(0),
        Problem::overloaded(),
        Problem::took_too_long(),
    ]
}

fn rate_limit_unavailable() -> Problem {
    match RateLimitError::unavailable("unavailable", FailMode::Closed) {
        RateLimitError::Unavailable(error) => Problem::from(&IssueError::RateLimitUnavailable(error)),
        _ => Problem::internal(),
    }
}

fn quota_problems() -> [Problem; 2] {
    let counter = QuotaCounter::new(QuotaScope::AllRoutes, Window::DAY, 0, Limits::default());
    let denied = QuotaDenied::new(&counter, QuotaKind::Objects, 0, Timestamp::UNIX_EPOCH);
    [
        Problem::from(&IssueError::QuotaExceeded(denied)),
        Problem::from(&IssueError::QuotaUnavailable(QuotaStoreError::new("unavailable"))),
    ]
}
