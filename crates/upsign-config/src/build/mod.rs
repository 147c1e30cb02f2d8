//! Builds the configuration from the values of the file and of the environment variables.

mod auth;
mod options;
mod policy;
mod route;
mod target;
mod values;

use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroU32;

use self::route::Scope;
use self::values::Reader;
use crate::config::{Config, RateLimitConfig, RouteConfig};
use crate::error::{InvalidConfig, Place};
use crate::keys::ROUTE;
use crate::source::raw::Raw;

/// Builds the configuration. It continues after a problem, so that one run reports all of them.
pub(crate) fn build(file: &str, raw: Raw) -> Result<Config, InvalidConfig> {
    let mut reader = Reader { file, raw };
    let scopes = reader.scopes();
    let route_count = scopes.len();
    let routes: Vec<RouteConfig> = scopes.iter().filter_map(|scope| reader.route(scope)).collect();
    let origins = reader.origins();
    // Each claim once: the verifier looks for all of them in every token.
    let claims: BTreeSet<_> =
        routes.iter().flat_map(|route| route.policy.claims()).map(str::to_owned).collect();
    let claims = Vec::from_iter(claims);
    let auth = reader.auth(&claims);
    let unknown_expiry = reader.unknown_expiry();
    let limit = reader.limit();
    match (origins, reader.raw.problems.is_empty() && routes.len() == route_count) {
        (Some(origins), true) => {
            let effective = crate::source::effective::text(&reader.raw).into();
            Ok(Config { routes, auth, origins, unknown_expiry, limit, effective })
        }
        _ => Err(InvalidConfig::new(reader.raw.problems)),
    }
}

impl Reader<'_> {
    /// Returns `[upload]` and every `[route.NAME]` with a valid name. `[upload]` is included if the file has no routes, so
    /// that its missing keys are reported.
    fn scopes(&mut self) -> Vec<Scope> {
        let mut scopes = Vec::new();
        if self.raw.routes.is_empty() || self.raw.values.keys().any(|key| key.starts_with("upload.")) {
            scopes.push(Scope::unnamed());
        }
        let mut variables = HashSet::new();
        for (name, place) in self.raw.routes.clone() {
            if !variables.insert(name.replace('-', "_")) {
                let message = "has the same environment variables as another route, because `-` and `_` are the same in their names";
                self.problem(place, &format!("{ROUTE}.{name}"), &message);
                continue;
            }
            match name.parse() {
                Ok(name) => scopes.push(Scope::named(name)),
                Err(error) => {
                    let name: String = name.chars().take(64).flat_map(char::escape_debug).collect();
                    self.problem(place, &format!("{ROUTE}.{name}"), &error);
                }
            }
        }
        scopes
    }

    fn problem(&mut self, place: Place, key: &str, message: &dyn std::fmt::Display) {
        self.raw.problem(place, key, &message.to_string(), "");
    }

    fn limit(&mut self) -> Option<RateLimitConfig> {
        let positive = |reader: &mut Self, key: &str| {
            let count = reader.count(key)?;
            let valid = u32::try_from(count).ok().and_then(NonZeroU32::new);
            if valid.is_none() {
                reader.report(key, &"must be from 1 to 4294967295", "");
            }
            valid
        };
        let (per_minute, burst) = (positive(self, "limit.per_minute"), positive(self, "limit.burst"));
        if self.has("limit.burst") && !self.has("limit.per_minute") {
            self.report_missing("limit.per_minute", "a burst is a part of the requests per minute");
        }
        let per_minute = per_minute?;
        Some(RateLimitConfig { per_minute, burst: burst.unwrap_or(per_minute) })
    }
}
