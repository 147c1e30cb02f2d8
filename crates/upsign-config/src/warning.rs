//! What an operator should know.

use std::fmt;

use upsign_policy::PolicyWarning;

use crate::{Config, RouteConfig};

/// Something a configuration allows that its operator should have meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Of one route's policy. The name is `upload` for the route without one.
    Policy(Box<str>, PolicyWarning),
    /// Two routes write into one folder of one bucket: what is said of one's objects (a lifecycle, a permission) is said of
    /// the other's too.
    Overlap(Box<str>, Box<str>),
    /// Clients may name ids on a route: an application must be asked whose they are. The command and the Lambda
    /// constructors that ask nobody refuse to serve.
    NeedsAuthorize(Box<str>),
    /// Nobody's tokens are named: good behind a gateway that checks them, and nowhere else.
    NoAuth,
}

impl Config {
    /// What the operator should know about this configuration.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for route in &self.routes {
            let of = |warning| Warning::Policy(name(route).into(), warning);
            warnings.extend(route.policy.warnings().into_iter().map(of));
        }
        let supplied = self.routes.iter().filter(|route| !route.policy.client_ids().is_empty());
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
    let one_bucket = one.policy.target().bucket() == other.policy.target().bucket()
        && one.policy.target().host() == other.policy.target().host();
    one_bucket && (a.starts_with(b) || b.starts_with(a))
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(route, warning) => write!(f, "{route}: {warning}"),
            Self::Overlap(one, other) => {
                write!(
                    f,
                    "{one} and {other} write into one folder of one bucket: begin their keys differently"
                )
            }
            Self::NeedsAuthorize(route) => {
                write!(
                    f,
                    "{route}: client_may_supply needs an application that says whose an id is: `upsign serve` has none and refuses"
                )
            }
            Self::NoAuth => {
                f.write_str("no [auth]: only for a function behind a gateway that checks the token")
            }
        }
    }
}
