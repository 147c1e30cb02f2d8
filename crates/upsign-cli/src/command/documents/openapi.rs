//! `upsign documents openapi`: the description of the deployed API.

use upsign_config::Config;
use upsign_documents::{OpenApi, OpenApiVersion};

use super::args::OpenApiArgs;
use super::choices::OpenApiFormat;
use super::deployment;
use crate::exit::CommandError;

pub(super) fn openapi(args: &OpenApiArgs) -> Result<String, CommandError> {
    let config = deployment::configured(&args.deployment)?;
    let api = describe(&config);
    Ok(match args.format {
        OpenApiFormat::V3_1 => api.to_json(OpenApiVersion::V3_1),
        OpenApiFormat::V3_0 => api.to_json(OpenApiVersion::V3_0),
        OpenApiFormat::Markdown => api.to_markdown(),
    })
}

/// Returns the description, with the problems of settings that are not part of the deployment.
fn describe(config: &Config) -> OpenApi {
    let mut api = OpenApi::for_deployment(&config.deployment());
    let routes = config.routes();
    if routes.iter().any(|route| route.access.groups().is_some() || route.access.scopes().is_some()) {
        api = api.with_problem(403, "route-forbidden");
    }
    if routes.iter().any(|route| !route.policy.client_may_supply().is_empty()) {
        // Such a route needs an application that decides about each upload.
        api = api.with_problem(403, "forbidden").with_problem(503, "authorization-unavailable");
    }
    api
}
