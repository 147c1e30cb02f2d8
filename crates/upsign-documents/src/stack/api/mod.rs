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

use super::{InvalidDeployment, Resource};
use crate::deployment::{ApiKind, Deployment};

/// The description of the output with the URL.
const UPLOAD_URL: &str = "URL at which clients request uploads (POST)";

/// Returns the API and what belongs to it.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    check_path(&deployment.path)?;
    authorizer::check(deployment)?;
    Ok(match deployment.api {
        ApiKind::Rest => rest::resources(deployment),
        ApiKind::Http => http::resources(deployment),
        ApiKind::FunctionUrl => function_url::resources(deployment),
        ApiKind::LoadBalancer => load_balancer::resources(deployment),
    })
}

/// Checks that the path means the same as a route, as a pattern of a listener rule and in an ARN, where `*`, `?` and braces
/// would match other paths too.
fn check_path(path: &str) -> Result<(), InvalidDeployment> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let fits = path.starts_with('/') && path.bytes().all(is_plain);
    if fits { Ok(()) } else { Err(InvalidDeployment::Path(path.to_owned())) }
}
