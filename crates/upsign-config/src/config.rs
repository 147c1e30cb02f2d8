//! The configuration.

use std::num::NonZeroU32;

use upsign::{Access, RouteName};
use upsign_cognito::VerifierConfig;
use upsign_documents::CorsOrigins;
use upsign_policy::UploadPolicy;

use crate::error::InvalidConfig;
use crate::keys::{KEYS, ROUTE};
use crate::raw::Raw;

/// What `upsign.toml` and the variables over it say.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) routes: Vec<RouteConfig>,
    pub(crate) auth: Option<Auth>,
    pub(crate) origins: CorsOrigins,
    pub(crate) unknown_expiry: Option<UnknownExpiry>,
    pub(crate) limit: Option<Limit>,
    pub(crate) effective: Box<str>,
}

/// One route: `[upload]`, or `[route.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteConfig {
    /// The name by which a request chooses it; none for `[upload]`.
    pub name: Option<RouteName>,
    /// What may be uploaded, and where.
    pub policy: UploadPolicy,
    /// Who may use it.
    pub access: Access,
    /// The version of generated ids.
    pub id_version: IdVersion,
}

/// The version of generated UUIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdVersion {
    /// Random.
    #[default]
    V4,
    /// Sorted by time, which it tells.
    V7,
}

/// How often one caller may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// Requests a minute.
    pub per_minute: NonZeroU32,
    /// How many of them may come at once.
    pub burst: NonZeroU32,
}

/// What to do with temporary credentials whose end nobody states, as in a Lambda function's environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownExpiry {
    /// Sign nothing with them.
    Refuse,
    /// Take them to live this many seconds from when they were first seen; a grant then says that its end is an upper
    /// bound.
    Assume(u64),
}

/// Whose tokens count.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Auth {
    /// What a token must say and who must have signed it.
    pub verifier: VerifierConfig,
    /// Whether a token may come without the word `Bearer`.
    pub accept_raw_authorization: bool,
}

/// Variables that name a value in words of their own: they count below `UPSIGN_…` and, where marked, below the file.
const FALLBACKS: [(&str, &str, bool); 4] = [
    ("ARTICLE_IMAGES_BUCKET", "bucket.name", true),
    ("AWS_REGION", "bucket.region", false),
    ("AWS_DEFAULT_REGION", "bucket.region", false),
    ("AWS_ENDPOINT_URL_S3", "bucket.endpoint", false),
];

impl Config {
    /// Reads a configuration: `text` is the file's (empty when there is none), `file` its name for messages, `variable`
    /// gives an environment variable's value.
    ///
    /// # Errors
    /// [`InvalidConfig`] with everything that is wrong.
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

    /// The routes, `[upload]` first, then in alphabetical order. There is at least one.
    #[must_use]
    pub fn routes(&self) -> &[RouteConfig] {
        &self.routes
    }

    /// The policies of all routes.
    #[must_use]
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &UploadPolicy> + Clone {
        self.routes.iter().map(|route| &route.policy)
    }

    /// How often one caller may ask, if that is limited.
    #[must_use]
    pub const fn limit(&self) -> Option<Limit> {
        self.limit
    }

    /// Whose tokens count. Absent where something before the service checks them, as an API gateway does.
    #[must_use]
    pub const fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// What to do with temporary credentials whose end nobody states. There is no default: whoever is given such
    /// credentials has to say.
    #[must_use]
    pub const fn unknown_expiry(&self) -> Option<UnknownExpiry> {
        self.unknown_expiry
    }

    /// Every value that was given, as a file would say it, with the place it comes from. What is not there has its default.
    #[must_use]
    pub fn effective(&self) -> &str {
        &self.effective
    }

    /// The pages that may upload from a browser.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }
}
