//! What a function with upload tokens needs: their keys, and calls to the store.

use std::fmt;
use std::sync::Arc;

use upsign::objects::ObjectCalls;
use upsign::session::TokenKeys;
use upsign_config::{Config, RouteConfig, ServiceParts};
use upsign_core::Presigner;

use crate::environment::variable;
use crate::start::StartError;

/// Creates the calls to the store of a route.
type CreateCalls = Arc<dyn Fn(&RouteConfig) -> Arc<dyn ObjectCalls> + Send + Sync>;

/// What the program has set in place of the defaults.
#[derive(Default)]
pub(crate) struct UploadSettings {
    pub(crate) keys: Option<TokenKeys>,
    pub(crate) objects: Option<CreateCalls>,
}

impl fmt::Debug for UploadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSettings").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl UploadSettings {
    /// Adds what the routes with upload tokens need, if there are any. Without keys, they come from the variables and files
    /// that `token.keys` names.
    pub(crate) fn add_to<'a, P: Presigner + 'static>(
        self,
        parts: ServiceParts<'a, P>,
        config: &Config,
    ) -> Result<ServiceParts<'a, P>, StartError> {
        if !config.needs_store() {
            return Ok(parts);
        }
        let keys = match self.keys {
            Some(keys) => keys,
            None => config.token_keys(|source| source.read(variable))?,
        };
        match self.objects {
            Some(objects) => Ok(parts.with_store(keys, move |route, _| objects(route))),
            None => over_http(parts, keys, config),
        }
    }
}

/// Calls the stores over HTTP. All calls of one request end after 24 s ([`TimeLimits`](upsign_config::TimeLimits), whose default
/// suits API Gateway), so that the function answers before the gateway does.
#[cfg(feature = "multipart")]
#[expect(clippy::unnecessary_wraps, reason = "the variant without the feature fails")]
fn over_http<'a, P: Presigner + 'static>(
    parts: ServiceParts<'a, P>,
    keys: TokenKeys,
    _: &Config,
) -> Result<ServiceParts<'a, P>, StartError> {
    Ok(parts.with_http_store(keys, upsign_config::TimeLimits::default()))
}

#[cfg(not(feature = "multipart"))]
fn over_http<'a, P: Presigner + 'static>(
    _: ServiceParts<'a, P>,
    _: TokenKeys,
    config: &Config,
) -> Result<ServiceParts<'a, P>, StartError> {
    let calls_store =
        |route: &&RouteConfig| route.policy.multipart().is_some() || route.policy.confirmation().confirm();
    let route = config.routes().iter().find(calls_store);
    let name = route.and_then(|route| route.name.as_ref()).map_or("upload", |name| name.as_str());
    Err(StartError::MultipartDisabled(name.into()))
}
