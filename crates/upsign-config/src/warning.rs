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
        for (index, one) in self.routes.iter().enumerate() {
            let others = self.routes.iter().skip(index + 1).filter(|other| overlap(one, other));
            warnings.extend(others.map(|other| Warning::Overlap(name(one).into(), name(other).into())));
        }
        if self.auth.is_none() {
            warnings.push(Warning::NoAuth);
        }
        warnings
    }
}

fn name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

fn overlap(one: &RouteConfig, other: &RouteConfig) -> bool {
    let (a, b) = (one.policy.template().literal_prefix(), other.policy.template().literal_prefix());
    let same_bucket = one.policy.target().bucket() == other.policy.target().bucket()
        && one.policy.target().host() == other.policy.target().host();
    same_bucket && (a.starts_with(b) || b.starts_with(a))
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
