//! Which routes serve the dialects of upsign.toml, as `check` and `serve` print them.

use serde_json::{Value, json};
use upsign_config::{Config, ProblemCode, RouteConfig};
use upsign_core::Dialect;
use upsign_http::dialect_lacks;

use crate::exit::Diagnostic;
use crate::multipart_summary::at_key;
use crate::output::Printer;

/// A route, with what it lacks to serve a dialect: `None` if it serves it.
type Judged<'a> = (&'a RouteConfig, Option<Box<str>>);

/// Returns every dialect with all routes.
fn judged(config: &Config) -> impl Iterator<Item = (Dialect, Vec<Judged<'_>>)> {
    config.dialects().iter().map(|dialect| {
        let routes = config.routes().iter();
        (*dialect, routes.map(|route| (route, dialect_lacks(*dialect, &route.policy))).collect())
    })
}

/// Returns the heading of a route's section.
fn section(route: &RouteConfig) -> String {
    route.name.as_ref().map_or_else(|| "[upload]".to_owned(), |name| format!("[route.{name}]"))
}

/// Prints for each dialect which routes serve it, and why the others do not.
pub(crate) fn print(to: Printer, config: &Config) {
    for (dialect, routes) in judged(config) {
        let serving: Vec<String> =
            routes.iter().filter(|(_, lacks)| lacks.is_none()).map(|(route, _)| section(route)).collect();
        to.detail("dialect", &format!("{dialect} for {}", serving.join(", ")));
        for (route, lacks) in &routes {
            if let Some(lacks) = lacks {
                to.detail("", &format!("not for {}: {lacks}", section(route)));
            }
        }
    }
}

/// Returns what [`print`] prints, as the member `dialects` of the report.
pub(crate) fn json(config: &Config) -> Value {
    let name = |route: &RouteConfig| route.name.as_ref().map(ToString::to_string);
    let of = |(dialect, routes): (Dialect, Vec<Judged<'_>>)| {
        let routes = routes.into_iter().map(|(route, lacks)| match lacks {
            None => json!({"route": name(route), "serves": true}),
            Some(lacks) => json!({"route": name(route), "serves": false, "lacks": lacks}),
        });
        json!({"name": dialect.name(), "routes": routes.collect::<Vec<_>>()})
    };
    judged(config).map(of).collect()
}

/// Returns why the API could not start: no route serves a dialect, or a repository of Git LFS has the path of another one.
pub(crate) fn not_started(config: &Config) -> Option<Diagnostic> {
    unserved(config).or_else(|| repository_at_base_path(config))
}

/// Finds a route with the name of the base path, if a client of the base path alone would expect another route there:
/// `Api::with_dialects` refuses it.
fn repository_at_base_path(config: &Config) -> Option<Diagnostic> {
    let (_, routes) = judged(config).find(|(dialect, _)| *dialect == Dialect::GitLfs)?;
    let base = config.base_path().as_str().strip_prefix('/')?;
    let is_base = |route: &RouteConfig| route.name.as_ref().is_some_and(|name| name.as_str() == base);
    let mut serving = routes.iter().filter(|(_, lacks)| lacks.is_none()).map(|(route, _)| *route);
    let expected = match routes.iter().find(|(route, _)| route.name.is_none()) {
        Some((unnamed, lacks)) => lacks.is_none().then_some(*unnamed),
        None => serving.next().filter(|_| serving.next().is_none()),
    };
    expected.filter(|route| !is_base(route))?;
    let (repository, _) = routes.iter().find(|(route, _)| is_base(route))?;
    let message = format!(
        "`/{base}/info/lfs` would be the path of {} and, below the base path, that of another route that serves \"git-lfs\"",
        section(repository)
    );
    let found =
        at_key(config, "server.base_path", Diagnostic::new(ProblemCode::Contradiction.as_str(), message));
    Some(Diagnostic { help: Some("rename the route, or choose another base path".to_owned()), ..found })
}

/// Returns why the API could not start: no route serves a dialect.
fn unserved(config: &Config) -> Option<Diagnostic> {
    let (dialect, routes) =
        judged(config).find(|(_, routes)| routes.iter().all(|(_, lacks)| lacks.is_some()))?;
    let reasons: Vec<String> = routes
        .iter()
        .filter_map(|(route, lacks)| Some(format!("{}: {}", section(route), lacks.as_deref()?)))
        .collect();
    let message = format!("no route serves \"{dialect}\": {}", reasons.join("; "));
    let found = at_key(config, "dialects", Diagnostic::new(ProblemCode::Contradiction.as_str(), message));
    let help = format!("change one of the routes, or remove \"{dialect}\" from dialects");
    Some(Diagnostic { help: Some(help), ..found })
}
