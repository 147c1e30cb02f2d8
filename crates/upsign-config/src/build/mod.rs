//! From values to meaning.

mod auth;
mod policy;
mod route;
mod target;
mod values;

use std::num::NonZeroU32;

use self::route::Scope;
use self::values::Reader;
use crate::config::{Config, Limit, RouteConfig};
use crate::error::{InvalidConfig, Place};
use crate::keys::ROUTE;
use crate::raw::Raw;

/// Builds what it can, so that one look finds every problem.
pub(crate) fn build(file: &str, raw: Raw) -> Result<Config, InvalidConfig> {
    let mut reader = Reader { file, raw };
    let scopes = reader.scopes();
    let wanted = scopes.len();
    let routes: Vec<RouteConfig> = scopes.iter().filter_map(|scope| reader.route(scope)).collect();
    let origins = reader.origins();
    let claims = routes.iter().flat_map(|route| route.policy.claims()).map(str::to_owned).collect::<Vec<_>>();
    let auth = reader.auth(&claims);
    let unknown_expiry = reader.unknown_expiry();
    let limit = reader.limit();
    match (origins, reader.raw.problems.is_empty() && routes.len() == wanted) {
        (Some(origins), true) => {
            let effective = crate::effective::text(&reader.raw).into();
            Ok(Config { routes, auth, origins, unknown_expiry, limit, effective })
        }
        _ => Err(InvalidConfig::of(reader.raw.problems)),
    }
}

impl Reader<'_> {
    /// `[upload]` and every `[route.…]`. Without any route there has to be `[upload]`, so that what it lacks is named.
    fn scopes(&mut self) -> Vec<Scope> {
        let mut scopes = Vec::new();
        if self.raw.routes.is_empty() || self.raw.values.keys().any(|key| key.starts_with("upload.")) {
            scopes.push(Scope::unnamed());
        }
        for (name, place) in self.raw.routes.clone() {
            match name.parse() {
                Ok(name) => scopes.push(Scope::named(name)),
                Err(error) => {
                    let name = name.escape_debug().to_string();
                    self.problem(place, &format!("{ROUTE}.{name}"), &error);
                }
            }
        }
        scopes
    }

    fn problem(&mut self, place: Place, key: &str, what: &dyn std::fmt::Display) {
        self.raw.problem(place, key, &what.to_string(), "");
    }

    fn limit(&mut self) -> Option<Limit> {
        let positive = |reader: &mut Self, key: &str| {
            let count = reader.count(key)?;
            let fits = u32::try_from(count).ok().and_then(NonZeroU32::new);
            if fits.is_none() {
                reader.wrong(key, &"must be from 1 to 4294967295", "");
            }
            fits
        };
        let (per_minute, burst) = (positive(self, "limit.per_minute"), positive(self, "limit.burst"));
        if self.has("limit.burst") && !self.has("limit.per_minute") {
            self.missing("limit.per_minute", "a burst is a part of so many requests a minute");
        }
        let per_minute = per_minute?;
        Some(Limit { per_minute, burst: burst.unwrap_or(per_minute) })
    }
}
