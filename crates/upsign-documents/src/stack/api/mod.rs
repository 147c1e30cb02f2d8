//! What invokes the function: an API of API Gateway, a function URL, or a load balancer.

mod access_log;
mod account_log_role;
mod cors;
mod function_url;
mod gateway;
mod http;
mod load_balancer;
mod permission;
mod rest;

use super::{InvalidDeployment, Resource};
use crate::deployment::{ApiAuthorizer, ApiKind, Deployment};

/// The description of the output with the URL.
const UPLOAD_URL: &str = "URL at which clients request uploads (POST)";

/// Returns the API and what belongs to it.
pub(super) fn resources(deployment: &Deployment) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    check_path(&deployment.path)?;
    check_authorizer(deployment)?;
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

/// Checks that the kind of API has such an authorizer, and that the authorizer is complete.
fn check_authorizer(deployment: &Deployment) -> Result<(), InvalidDeployment> {
    let is_blank = |text: &String| text.trim().is_empty();
    let problem = match (deployment.api, &deployment.authorizer) {
        (_, ApiAuthorizer::None) => return Ok(()),
        (ApiKind::Rest, ApiAuthorizer::Cognito { user_pool, .. }) if is_blank(user_pool) => {
            "the Cognito authorizer has no user pool"
        }
        (ApiKind::Rest, ApiAuthorizer::Cognito { .. }) => return Ok(()),
        (ApiKind::Rest, ApiAuthorizer::Jwt { .. }) => {
            "a REST API has no JWT authorizer: use an HTTP API, a Cognito authorizer, or none, so that the function verifies tokens"
        }
        (ApiKind::Http, ApiAuthorizer::Jwt { issuer, .. }) if is_blank(issuer) => {
            "the JWT authorizer has no issuer"
        }
        (ApiKind::Http, ApiAuthorizer::Jwt { audiences, .. }) if audiences.iter().all(is_blank) => {
            "the JWT authorizer has no audience, so it would reject every token"
        }
        (ApiKind::Http, ApiAuthorizer::Jwt { .. }) => return Ok(()),
        (ApiKind::Http, ApiAuthorizer::Cognito { .. }) => {
            "an HTTP API has no Cognito authorizer: use a REST API, a JWT authorizer, or none, so that the function verifies tokens"
        }
        (ApiKind::FunctionUrl, _) => {
            "a function URL has no authorizer that verifies tokens: use none, so that the function verifies them"
        }
        (ApiKind::LoadBalancer, _) => {
            "a listener rule of a load balancer gets no authorizer: use none, so that the function verifies tokens"
        }
    };
    Err(InvalidDeployment::Authorizer(problem))
}
