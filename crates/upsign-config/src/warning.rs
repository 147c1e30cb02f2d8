//! Warnings about settings that are valid but weaken a deployment.

use std::fmt;

use upsign_policy::PolicyWarning;

use crate::config::{Config, RouteConfig};

/// A setting that is valid but that an operator should have chosen deliberately.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A warning about the policy of a route. The name is `upload` for the route without a name.
    Policy(Box<str>, PolicyWarning),
    /// Two routes write to the same folder of the same bucket. A lifecycle rule or a permission for the objects of one route
    /// then also applies to those of the other.
    Overlap(Box<str>, Box<str>),
    /// Clients may supply ids on a route, so an application must check who may use them. The command, and Lambda constructors
    /// without an authorizer, refuse to serve such a configuration.
    NeedsAuthorize(Box<str>),
    /// There is no section `[auth]`. That is safe only behind a gateway that verifies the tokens.
    NoAuth,
}

impl Config {
    /// Returns the warnings about this configuration.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for route in &self.routes {
            let named = |warning| Warning::Policy(name(route).into(), warning);
            warnings.extend(route.policy.warnings().into_iter().map(named));
        }
        let supplied = self.routes.iter().filter(|route| !route.policy.client_may_supply().is_empty());
        warnings.extend(supplied.map(|route| Warning::NeedsAuthorize(name(route).into())));
        let overlaps = overlaps(&self.routes).into_iter();
        warnings.extend(overlaps.map(|(one, other)| Warning::Overlap(name(one).into(), name(other).into())));
        if self.auth.is_none() {
            warnings.push(Warning::NoAuth);
        }
        warnings
    }
}

fn name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

/// Returns pairs of routes that write to the same folder, so that every such route is in a pair.
///
/// Not every pair is listed: there may be millions. In the order of their prefixes, the routes below a folder follow the
/// route of that folder directly, so each is paired with the nearest route before it whose prefix begins its own.
fn overlaps(routes: &[RouteConfig]) -> Vec<(&RouteConfig, &RouteConfig)> {
    let place = |route: &RouteConfig| {
        let target = route.policy.target();
        (target.bucket().as_str().to_owned(), target.host().to_owned())
    };
    let prefix = |route: &RouteConfig| route.policy.template().literal_prefix().to_owned();
    let mut sorted: Vec<_> =
        routes.iter().enumerate().map(|(index, route)| (place(route), prefix(route), index)).collect();
    sorted.sort_unstable();
    let mut outer: Vec<&((String, String), String, usize)> = Vec::new();
    let mut pairs = Vec::new();
    for one in &sorted {
        while outer.pop_if(|outer| outer.0 != one.0 || !one.1.starts_with(&outer.1)).is_some() {}
        if let Some(outer) = outer.last() {
            pairs.push((outer.2.min(one.2), outer.2.max(one.2)));
        }
        outer.push(one);
    }
    pairs.sort_unstable();
    pairs.into_iter().filter_map(|(one, other)| Some((routes.get(one)?, routes.get(other)?))).collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(route, warning) => write!(f, "{route}: {warning}"),
            Self::Overlap(one, other) => {
                write!(
                    f,
                    "{one} and {other} write to the same folder of the same bucket: use different prefixes for their keys"
                )
            }
            Self::NeedsAuthorize(route) => {
                write!(
                    f,
                    "{route}: client_may_supply requires an application that checks who may use an id; `upsign serve` has none and refuses to start"
                )
            }
            Self::NoAuth => f.write_str("no [auth]: this is safe only behind a gateway that verifies tokens"),
        }
    }
}
