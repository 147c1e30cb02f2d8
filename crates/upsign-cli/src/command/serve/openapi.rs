//! The OpenAPI description of what the server answers.

use std::sync::Arc;

use upsign::quota::MemoryQuota;
use upsign::session::TokenKeys;
use upsign_config::{Config, ServiceParts, StoreSigner, TimeLimits};
use upsign_core::{Credentials, Presigner, WithCredentials};
use upsign_http::{Api, OpenApi, OpenApiVersion, SecurityScheme};

use crate::exit::CommandError;

/// Returns the description of the API of a server with this configuration.
pub(super) fn describe<P: Presigner>(api: &Api<P>, config: &Config) -> OpenApi {
    let security = SecurityScheme::bearer(&config.token_header());
    let client = config.serves_browser_client().then_some(upsign_browser::VERSION);
    api.openapi().with_security(security).with_health_check(true).with_browser_client(client)
}

/// Returns the description of the API that a server with this configuration would have, as JSON. It needs no credentials.
///
/// # Errors
/// The configuration does not describe a service that the command can run.
pub(super) fn of_config(config: &Config) -> Result<String, CommandError> {
    // The description depends on the routes, and neither on the signer nor on keys, but there is no API without them.
    let unused = Credentials::long_term("unused", "unused")
        .map_err(|error| CommandError::caused("cannot describe this configuration", &error))?;
    let keys = TokenKeys::new("unused", [[0; TokenKeys::MIN_SECRET_LEN]])
        .map_err(|error| CommandError::caused("cannot describe this configuration", &error))?;
    let parts = ServiceParts::new().with_http_store(keys, TimeLimits::default());
    let parts = parts.with_quota_store(Arc::new(MemoryQuota::new()));
    let service = config.service_with(WithCredentials::new(StoreSigner::new(), unused), parts);
    let service = service
        .map_err(|error| CommandError::caused("cannot serve this configuration", &error).into_usage())?;
    let api = Api::new(service, config.origins().clone()).with_base_path(config.base_path().clone());
    let api = api.with_read_urls(config.signs_reads()).with_dialects(config.dialects().iter().copied());
    let api =
        api.map_err(|error| CommandError::caused("cannot serve this configuration", &error).into_usage())?;
    Ok(describe(&api, config).to_json(OpenApiVersion::V3_1))
}
