//! What invokes the function: an API of API Gateway, a function URL, or a load balancer.

mod access_log;
mod account_log_role;
mod authorizer;
mod cors;
mod function_url;
mod gateway;
mod http;
mod load_balancer;
mod permission;
mod rest;

use super::declared::Output;
use super::{InvalidDeployment, Resource};
use crate::deployment::{ApiKind, Deployment};

/// The description of the output with the URL.
const UPLOAD_URL: &str = "URL at which clients request uploads (POST)";
/// The description of the output with the URL of the calls for multipart uploads.
const UPLOADS_URL: &str =
    "URL below which clients continue multipart uploads: /parts, /status, /complete and /abort (POST)";

/// Returns the API and what belongs to it.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    check_path(&deployment.path)?;
    check_path(&deployment.uploads_path)?;
    authorizer::check(deployment)?;
    Ok(match deployment.api {
        ApiKind::Rest => rest::resources(deployment),
        ApiKind::Http => http::resources(deployment),
        ApiKind::FunctionUrl => function_url::resources(deployment),
        ApiKind::LoadBalancer => load_balancer::resources(deployment),
    })
}

/// Returns the output with the URL below which uploads continue, if a route uploads in parts. `base` is the URL of the API.
fn uploads_url(deployment: &Deployment, base: &str) -> Option<Output> {
    let url = || format!("{base}{}", deployment.uploads_path);
    deployment.has_tokens().then(|| Output::new("UploadsUrl", UPLOADS_URL, url()))
}

fn boxed(resource: impl Resource + 'static) -> Box<dyn Resource> {
    Box::new(resource)
}

/// Checks that the path means the same as a route, as a pattern of a listener rule and in an ARN, where `*`, `?` and braces
/// would match other paths too.
fn check_path(path: &str) -> Result<(), InvalidDeployment> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let fits = path.starts_with('/') && path.bytes().all(is_plain);
    if fits { Ok(()) } else { Err(InvalidDeployment::Path(path.to_owned())) }
}
