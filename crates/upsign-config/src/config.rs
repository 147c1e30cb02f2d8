//! The configuration and its parts.

use std::num::NonZeroU32;

use upsign::{Access, RouteName};
use upsign_cognito::VerifierConfig;
use upsign_core::CorsOrigins;
use upsign_policy::UploadPolicy;

use crate::error::InvalidConfig;
use crate::keys::{KEYS, ROUTE};
use crate::source::raw::Raw;

/// A valid configuration: `upsign.toml` and the environment variables that override it.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) routes: Vec<RouteConfig>,
    pub(crate) auth: Option<Auth>,
    pub(crate) origins: CorsOrigins,
    pub(crate) unknown_expiry: Option<UnknownExpiry>,
    pub(crate) limit: Option<RateLimit>,
    pub(crate) effective: Box<str>,
}

/// One route: `[upload]`, or `[route.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteConfig {
    /// The name that a request uses to select the route, or `None` for `[upload]`.
    pub name: Option<RouteName>,
    /// The upload policy of the route.
    pub policy: UploadPolicy,
    /// The groups and scopes to which the route is restricted.
    pub access: Access,
    /// The version of generated UUIDs.
    pub id_version: IdVersion,
}

/// The version of generated UUIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdVersion {
    /// Random UUIDs (version 4).
    #[default]
    V4,
    /// UUIDs that sort by time (version 7). An id reveals when it was created.
    V7,
}

/// The rate limit per caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Maximum number of requests per minute.
    pub per_minute: NonZeroU32,
    /// Maximum number of requests that a caller may send at once. Equals `per_minute` if the file does not set it.
    pub burst: NonZeroU32,
}

/// The handling of temporary credentials with an unknown expiry, such as those in the environment of a Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownExpiry {
    /// Refuses to sign with them.
    Refuse,
    /// Assumes that they are valid for this number of seconds after they were first seen. A grant then states that its expiry
    /// is an upper bound.
    Assume(u64),
}

/// The requirements for tokens, from the section `[auth]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Auth {
    /// The requirements for a token: issuer, client, use, groups and scopes.
    pub verifier: VerifierConfig,
    /// Whether a token is accepted without the word `Bearer`. Default: `false`.
    pub accept_raw_authorization: bool,
}

/// Conventional environment variables: the name, the key, and whether the variable overrides the file. `UPSIGN_…` variables
/// override all of them.
const FALLBACKS: [(&str, &str, bool); 4] = [
    ("ARTICLE_IMAGES_BUCKET", "bucket.name", true),
    ("AWS_REGION", "bucket.region", false),
    ("AWS_DEFAULT_REGION", "bucket.region", false),
    ("AWS_ENDPOINT_URL_S3", "bucket.endpoint", false),
];

impl Config {
    /// Reads a configuration.
    ///
    /// `file` is the name of the file, for messages. `text` is its content, or empty if there is no file. `variable` returns
    /// the value of an environment variable. Neither the file system nor the environment is accessed.
    ///
    /// # Errors
    /// Returns [`InvalidConfig`] with every problem: unknown, missing, malformed and contradictory values.
    pub fn read(
        file: &str,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidConfig> {
        let mut raw = Raw::default();
        raw.read(file, text);
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        for (name, path, overrides) in FALLBACKS {
            let Some(key) = KEYS.iter().find(|key| key.path() == path) else { continue };
            if let Some(value) = variable(name)
                && (overrides || !raw.values.contains_key(path))
            {
                raw.variable(path, key, name, &value);
            }
        }
        for key in KEYS {
            if let Some(value) = variable(key.variable) {
                raw.variable(&key.path(), key, key.variable, &value);
            }
        }
        for (route, _) in raw.routes.clone() {
            for (key, name) in KEYS.iter().filter_map(|key| Some((key, key.name_in_route()?))) {
                let overriding = format!("UPSIGN_ROUTE_{route}_{name}").to_uppercase().replace('-', "_");
                if let Some(value) = variable(&overriding) {
                    raw.variable(&format!("{ROUTE}.{route}.{name}"), key, &overriding, &value);
                }
            }
        }
        crate::build::build(file, raw)
    }

    /// Returns the routes: `[upload]` first, then the others in alphabetical order. There is at least one.
    #[must_use]
    pub fn routes(&self) -> &[RouteConfig] {
        &self.routes
    }

    /// Returns the policies of all routes.
    #[must_use]
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &UploadPolicy> + Clone {
        self.routes.iter().map(|route| &route.policy)
    }

    /// Returns the rate limit per caller, if there is one.
    #[must_use]
    pub const fn limit(&self) -> Option<RateLimit> {
        self.limit
    }

    /// Returns the requirements for tokens, or `None` if the file has no section `[auth]`. An API gateway in front of the
    /// service must then verify the tokens.
    #[must_use]
    pub const fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// Returns the handling of temporary credentials with an unknown expiry. There is no default: a program that receives
    /// such credentials must refuse to start without the setting.
    #[must_use]
    pub const fn unknown_expiry(&self) -> Option<UnknownExpiry> {
        self.unknown_expiry
    }

    /// Returns every value that is set, in the format of the file. A comment after each value names its source. Keys that
    /// are not listed have their defaults.
    #[must_use]
    pub fn effective(&self) -> &str {
        &self.effective
    }

    /// Returns the origins of the pages that may upload from a browser.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }
}
